//! Bodies: how much is read, and as what. A body is refused as a whole; nothing in it is
//! overlooked.

mod member;
mod tree;

use cardwright_domain::limits::MAX_REASON_CHARS;
use cardwright_domain::refusal::FieldError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use self::member::Member;
use self::tree::Tree;
use crate::limits::MAX_BODY_BYTES;
use crate::problem::Problem;

/// Reads a body. No bytes are no JSON.
///
/// # Errors
/// The bytes are too many, no JSON, or have members or values that the type does not know.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    let tree: Tree = serde_json::from_slice(bytes).map_err(|_| Problem::BodyMalformed)?;
    serde_path_to_error::deserialize(Member(&tree)).map_err(|error| {
        let mut pointer = pointer(error.path());
        let fault = error.into_inner();
        pointer.extend(fault.member.as_deref().map(segment));
        Problem::BodyInvalid(FieldError::new(pointer, fault.detail))
    })
}

fn pointer(path: &Path) -> String {
    let segments = path.iter().map(|part| match part {
        Segment::Seq { index } => segment(&index.to_string()),
        Segment::Map { key } => segment(key),
        // A word of an enum has no members, and every key of JSON is a text.
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    });
    segments.collect()
}

/// One step of a JSON pointer (RFC 6901, section 3).
fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What a person gives as the reason of what they do. An empty comment says nothing, like none.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Option<String>")]
pub(crate) struct Comment(pub(crate) Option<String>);

impl TryFrom<Option<String>> for Comment {
    type Error = String;

    fn try_from(text: Option<String>) -> Result<Self, String> {
        let text = text.filter(|text| !text.is_empty());
        let chars = text.as_ref().map_or(0, |text| text.chars().count());
        let fits = chars <= MAX_REASON_CHARS;
        fits.then_some(Self(text))
            .ok_or_else(|| format!("needs at most {MAX_REASON_CHARS} characters"))
    }
}

/// A reason that has to be given.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Comment")]
pub(crate) struct Reason(pub(crate) String);

impl TryFrom<Comment> for Reason {
    type Error = &'static str;

    fn try_from(comment: Comment) -> Result<Self, Self::Error> {
        let said = comment.0.filter(|text| !text.chars().all(is_blank));
        said.map(Self).ok_or("needs a reason")
    }
}

/// What the contract's pattern `\S` leaves out: the white space of ECMA-262, section 12.2.
fn is_blank(c: char) -> bool {
    c == '\u{feff}' || c.is_whitespace() && c != '\u{85}'
}

#[cfg(test)]
mod tests {
    use cardwright_domain::options::Options;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct WithComment {
        comment: Comment,
    }

    /// The problem of a body that is read as options, with pointer and detail where it has them.
    fn refused(body: &str) -> (&'static str, String, String) {
        let problem = read::<Options>(body.as_bytes()).unwrap_err();
        let slug = problem.slug();
        match problem {
            Problem::BodyInvalid(error) => (slug, error.pointer, error.detail),
            _ => (slug, String::new(), String::new()),
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in [
            "",
            " ",
            "{",
            "hello",
            "{}{}",
            "{\"a\":1,}",
            "{'a':1}",
            "\u{feff}{}",
            "nul",
        ] {
            assert_eq!(refused(body).0, "body-malformed", "{body}");
        }
        for bytes in [&b"{\"comment\":\"\xff\"}"[..], b"\"\\ud800\"", &[b'['; 200]] {
            let problem = read::<WithComment>(bytes).unwrap_err();
            assert!(matches!(problem, Problem::BodyMalformed), "{bytes:?}");
        }
    }

    #[test]
    fn a_body_is_read_up_to_its_limit_in_bytes() {
        let padded = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
        assert!(read::<WithComment>(padded(MAX_BODY_BYTES).as_bytes()).is_ok());
        let problem = read::<WithComment>(padded(MAX_BODY_BYTES + 1).as_bytes()).unwrap_err();
        assert!(matches!(problem, Problem::BodyTooLarge));
    }

    #[test]
    fn what_does_not_fit_is_named_by_a_pointer_and_not_repeated() {
        let secret = "s3cret";
        for (body, pointer, detail) in [
            ("[]", "", "needs an object"),
            ("7", "", "needs an object"),
            ("null", "", "needs an object"),
            (
                r#"{"s3cret":1}"#,
                "/s3cret",
                "is not a member; there is version",
            ),
            (r#"{"a/b~c":1}"#, "/a~1b~0c", "is not a member"),
            (
                r#"{"approval":{"single":"s3cret"}}"#,
                "/approval/single",
                "needs a boolean",
            ),
            (
                r#"{"approval":[true,true]}"#,
                "/approval",
                "needs an object",
            ),
            (r#"{"approval":null}"#, "/approval", "needs an object"),
            (
                r#"{"multipleOrders":null}"#,
                "/multipleOrders",
                "needs a boolean",
            ),
            (
                r#"{"version":-1}"#,
                "/version",
                "needs a whole number that is not negative",
            ),
            (
                r#"{"version":1.5}"#,
                "/version",
                "needs a whole number that is not negative",
            ),
            (
                r#"{"version":"s3cret"}"#,
                "/version",
                "needs a whole number that is not negative",
            ),
            (
                r#"{"cardOrderedEmail":{"language":"s3cret"}}"#,
                "/cardOrderedEmail/language",
                "needs one of en, sv",
            ),
            (
                r#"{"cardOrderedEmail":{"language":{"en":null}}}"#,
                "/cardOrderedEmail/language",
                "needs one of en, sv",
            ),
            (
                r#"{"productionTypes":{}}"#,
                "/productionTypes",
                "needs an array",
            ),
            (
                r#"{"productionTypes":["s3cret"]}"#,
                "/productionTypes/0",
                "needs an object",
            ),
            (
                r#"{"productionTypes":[{}]}"#,
                "/productionTypes/0/id",
                "is required",
            ),
            (
                r#"{"productionTypes":[{"id":"s3cret!"}]}"#,
                "/productionTypes/0/id",
                "production type: expected 1 to 64 characters",
            ),
            (
                r#"{"productionTypes":[{"id":"a","name":"b","fields":[7]}]}"#,
                "/productionTypes/0/fields/0",
                "needs a string",
            ),
            (r#"{"mapping":["s3cret"]}"#, "/mapping", "needs an object"),
            (
                r#"{"mapping":{"upn":"{s3cret}"}}"#,
                "/mapping/upn",
                "a template names something",
            ),
            (
                r#"{"mapping":{"upn":"a","upn":"b"}}"#,
                "/mapping/upn",
                "is there twice",
            ),
            (r#"{"version":1,"version":1}"#, "/version", "is there twice"),
            (
                r#"{"useCases":{"orderCard":{},"orderCard":{}}}"#,
                "/useCases/orderCard",
                "is there",
            ),
        ] {
            let (slug, at, said) = refused(body);
            assert_eq!((slug, at.as_str()), ("body-invalid", pointer), "{body}");
            assert!(
                said.starts_with(detail) && !said.contains(secret),
                "{body}: {said}"
            );
        }
    }

    #[test]
    fn options_are_read_as_they_are_shown() {
        let shown = serde_json::to_vec(&Options::default()).unwrap();
        assert_eq!(read::<Options>(&shown).unwrap(), Options::default());
        assert_eq!(read::<Options>(b" {} ").unwrap(), Options::default());
    }

    #[test]
    fn a_reason_is_more_than_white_space() {
        let reason = |text: &str| Reason::try_from(Comment(Some(text.to_owned())));
        for blank in ["", " ", "\n\t", "\u{a0}\u{3000}", "\u{feff}"] {
            assert!(reason(blank).is_err(), "{blank:?}");
        }
        for said in ["no", " no ", "\u{85}"] {
            assert_eq!(reason(said).unwrap().0, said);
        }
        assert!(Reason::try_from(Comment(None)).is_err());
    }

    #[test]
    fn an_empty_comment_is_none_and_a_long_one_is_refused() {
        let comment = |json: &str| read::<WithComment>(json.as_bytes()).map(|body| body.comment.0);
        for json in ["{}", r#"{"comment":null}"#, r#"{"comment":""}"#] {
            assert_eq!(comment(json).unwrap(), None, "{json}");
        }
        let fits = "é".repeat(500);
        let json = |text: &str| format!(r#"{{"comment":"{text}"}}"#);
        assert_eq!(comment(&json(&fits)).unwrap(), Some(fits.clone()));
        match comment(&json(&(fits + "é"))).unwrap_err() {
            Problem::BodyInvalid(error) => assert_eq!(error.pointer, "/comment"),
            other => panic!("{other:?}"),
        }
    }
}
