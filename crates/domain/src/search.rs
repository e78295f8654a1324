//! Quick search over users: which index entries a user gets, and which range of them a query reads.
//!
//! An entry's key begins with what people type: two words of the name in either order and then the
//! rest, or the UPN, the email address or the employee number. All text is folded first, so that
//! case and diacritics do not matter. Entries lie in buckets by their first characters; a query
//! reads one range of one bucket, so it costs what the page costs, however many users there are.
//!
//! Names and identifiers lie apart, because most addresses begin like the name: "anna" would read
//! all Annas by their names and then all of them again by their addresses. A query that looks like
//! an identifier reads the identifiers; any other reads the names, and among them only such
//! identifiers as a name does not answer for.
//!
//! Entries of one user may still lie in the same range ("an" begins "andersson anna" and "anna
//! andersson"). Each entry therefore says how many characters it shares with the user's entry
//! before it: a query no longer than that would find the user twice, and skips it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::limits::{
    BUCKET_CHARS, MAX_KEY_CHARS, MAX_LEADING_WORDS, MAX_QUERY_CHARS, MIN_QUERY_CHARS,
};
use crate::user::User;

/// Begins the buckets of identifiers. No name does.
const IDENTIFIER: char = '@';

/// One way in which a user can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub bucket: String,
    /// The folded text. The store adds the user id, which makes the key unique and the order
    /// stable.
    pub text: String,
    /// Queries of at most this many characters find the user by an earlier entry already.
    pub shared_chars: usize,
}

/// A search text, folded, as the range of entries that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub bucket: String,
    pub prefix: String,
    /// Words beyond the first two. Every entry of the range is held against them.
    rest: Vec<String>,
}

/// The search text is too short or too long; the text is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the search text needs 2 to 100 characters")]
pub struct InvalidQuery;

impl Query {
    /// # Errors
    /// The text has too few or too many characters after folding.
    pub fn parse(text: &str) -> Result<Self, InvalidQuery> {
        if text.chars().count() > MAX_QUERY_CHARS {
            return Err(InvalidQuery);
        }
        let text = text.trim();
        let identifier = looks_like_identifier(text);
        let (prefix, rest) = if identifier {
            (fold(text), Vec::new())
        } else {
            let mut words = name_words(text);
            let rest = words.split_off(words.len().min(2));
            // With more words to come, the second one has been typed to its end.
            let end = if rest.is_empty() { "" } else { " " };
            (words.join(" ") + end, rest)
        };
        if prefix.chars().count() < MIN_QUERY_CHARS {
            return Err(InvalidQuery);
        }
        Ok(Self {
            bucket: bucket(&prefix, identifier),
            prefix,
            rest,
        })
    }

    /// Whether it reads UPNs, addresses and numbers. Most users have two of them that begin alike.
    #[must_use]
    pub fn is_identifier(&self) -> bool {
        self.bucket.starts_with(IDENTIFIER)
    }

    /// The folded text: equal for queries that find the same users.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.prefix, self.rest.join(" "))
    }

    /// Whether an entry of the range belongs into the answer.
    #[must_use]
    pub fn matches(&self, text: &str, shared_chars: usize) -> bool {
        if self.prefix.chars().count() <= shared_chars {
            return false;
        }
        let Some((last, whole)) = self.rest.split_last() else {
            return true;
        };
        let mut words: Vec<_> = text[self.prefix.len()..].split(' ').collect();
        let mut take = |wanted: &dyn Fn(&str) -> bool| {
            let found = words.iter().position(|word| wanted(word));
            found.map(|at| words.swap_remove(at)).is_some()
        };
        whole.iter().all(|word| take(&|w| w == word)) && take(&|w| w.starts_with(last.as_str()))
    }
}

/// All entries of a user.
#[must_use]
pub fn entries(user: &User) -> Vec<Entry> {
    let email = user.email.as_ref().map(|email| email.as_str());
    let identifiers = [user.upn.as_deref(), email, user.employee_number.as_deref()];
    let mut identifiers = keys(identifiers.into_iter().flatten().map(fold).collect());
    let mut names = keys(name_texts(user));
    let unanswered = |text: &&String| reached_by_word(text, &names);
    let more: Vec<_> = identifiers.iter().filter(unanswered).cloned().collect();
    identifiers.extend(
        names
            .iter()
            .filter(|name| begins_with_number(name))
            .cloned(),
    );
    names.extend(more);
    let mut entries = in_order(names, false);
    entries.extend(in_order(identifiers, true));
    entries
}

/// Texts as they fit into a key.
fn keys(texts: Vec<String>) -> Vec<String> {
    let cut = |text: String| text.chars().take(MAX_KEY_CHARS).collect::<String>();
    let keys = texts.into_iter().map(cut);
    keys.filter(|text| text.chars().count() >= MIN_QUERY_CHARS)
        .collect()
}

/// Whether a name's words can find the identifier and none of the names. A single word has neither
/// digits nor signs, so "anna.l@b.c" needs no entry beside "anna lindqvist", and "annalind@b.c"
/// does.
fn reached_by_word(identifier: &str, names: &[String]) -> bool {
    let shared = names
        .iter()
        .map(|name| shared_chars(name, identifier))
        .max()
        .unwrap_or(0);
    let next = identifier.chars().nth(shared);
    let in_word = |c: char| c.is_alphanumeric() && !c.is_ascii_digit();
    next.is_some_and(|next| in_word(next) || identifier.contains(' '))
}

/// Whether the first word of a name makes a query for it look like an identifier.
fn begins_with_number(name: &str) -> bool {
    name.split(' ').next().is_some_and(looks_like_identifier)
}

/// The entries of one kind, each with what it shares with the one before it.
fn in_order(mut texts: Vec<String>, identifier: bool) -> Vec<Entry> {
    texts.sort();
    texts.dedup();
    let before = std::iter::once("").chain(texts.iter().map(String::as_str));
    let shared: Vec<_> = before
        .zip(&texts)
        .map(|(a, b)| shared_chars(a, b))
        .collect();
    let entries = texts.into_iter().zip(shared);
    let entry = |(text, shared_chars): (String, usize)| Entry {
        bucket: bucket(&text, identifier),
        text,
        shared_chars,
    };
    entries.map(entry).collect()
}

/// The name with each ordered pair of its words in front; a name of one word as it is.
fn name_texts(user: &User) -> Vec<String> {
    let mut words = name_words(&user.common_name);
    for part in [&user.given_name, &user.family_name].into_iter().flatten() {
        for word in name_words(part) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    let leading = words.len().min(MAX_LEADING_WORDS);
    let mut texts = Vec::new();
    for first in 0..leading {
        for second in (0..leading).filter(|second| *second != first) {
            let others = (0..words.len()).filter(|at| *at != first && *at != second);
            let order = [first, second].into_iter().chain(others);
            texts.push(
                order
                    .map(|at| words[at].as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        }
    }
    if texts.is_empty() { words } else { texts }
}

fn name_words(text: &str) -> Vec<String> {
    let text: String = fold(text)
        .chars()
        .filter(|c| !matches!(c, '\'' | '’' | '.'))
        .collect();
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// An address, a UPN or a number is typed without spaces and has what no name has.
fn looks_like_identifier(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.contains(|c: char| matches!(c, '@' | '.' | '_') || c.is_ascii_digit())
}

/// Lower case without diacritics; letters that no decomposition splits become their usual spelling.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let lower = text.nfkd().flat_map(char::to_lowercase).nfkd();
    for c in lower.filter(|c| !is_combining_mark(*c) && !c.is_control()) {
        match c {
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            _ => folded.push(c),
        }
    }
    folded
}

fn bucket(text: &str, identifier: bool) -> String {
    let kind = identifier.then_some(IDENTIFIER);
    kind.into_iter()
        .chain(text.chars().take(BUCKET_CHARS))
        .collect()
}

fn shared_chars(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests;
