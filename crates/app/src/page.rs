//! Pages of a list and the opaque cursors between them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardwright_domain::refusal::Refusal;

use crate::limits::MAX_CURSOR_CHARS;

/// One page, and the cursor of the next one if there is more.
#[derive(Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Wraps a position in a list, together with what the list is of, so that it fits no other list.
#[must_use]
pub fn cursor(list: &str, position: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}\n{position}"))
}

/// # Errors
/// The cursor was not made for this list.
pub fn position(list: &str, cursor: &str) -> Result<String, Refusal> {
    let short = (cursor.len() <= MAX_CURSOR_CHARS).then_some(cursor);
    let bytes = short.and_then(|cursor| URL_SAFE_NO_PAD.decode(cursor).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let position = text
        .as_deref()
        .and_then(|text| text.strip_prefix(list)?.strip_prefix('\n'));
    position.map(str::to_owned).ok_or(Refusal::CursorInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_the_longest_length_fits() {
        let made = |chars: usize| cursor("l", &"p".repeat(chars));
        let longest = MAX_CURSOR_CHARS / 4 * 3 - "l\n".len();
        assert_eq!(made(longest).len(), MAX_CURSOR_CHARS);
        assert!(position("l", &made(longest)).is_ok());
        assert!(position("l", &made(longest + 1)).is_err());
    }

    #[test]
    fn a_cursor_fits_its_own_list_only() {
        let made = cursor("users an", "anna lin#u1");
        assert_eq!(position("users an", &made).unwrap(), "anna lin#u1");
        for (list, cursor) in [
            ("users ann", made.as_str()),
            ("users a", &made),
            ("users an", "!"),
            ("users an", ""),
            ("users an", &"A".repeat(5_000)),
        ] {
            assert_eq!(
                position(list, cursor),
                Err(Refusal::CursorInvalid),
                "{list} {cursor}"
            );
        }
    }
}
