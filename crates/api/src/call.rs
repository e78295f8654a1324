//! One call of the API, as a route reads it.

use std::fmt;

use cardwright_app::apply::Seen;
use cardwright_app::self_service::Reach;
use cardwright_domain::ids::{CardId, IdempotencyKey, UserId};
use cardwright_domain::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::body::{self, Comment, Reason};
use crate::caller::Caller;
use crate::event::Event;
use crate::parameters::Parameters;
use crate::problem::Problem;

/// A request of a known caller.
pub struct Call {
    pub(crate) caller: Caller,
    /// What the logs know the request by.
    pub(crate) request_id: String,
    event: Event,
}

impl Call {
    pub(crate) fn new(caller: Caller, request_id: String, event: Event) -> Self {
        Self {
            caller,
            request_id,
            event,
        }
    }

    /// Method and path template. The gateway has matched them, so no path is taken apart here.
    pub(crate) fn route(&self) -> &str {
        &self.event.route_key
    }

    /// # Errors
    /// Nobody can have this id, so there is no such user.
    fn user_id(&self) -> Result<UserId, Problem> {
        let id = UserId::parse(self.path_parameter("userId"));
        id.map_err(|_| Refusal::UserNotFound.into())
    }

    /// # Errors
    /// For the caller there is no such user.
    pub(crate) fn user_id_within(&self, reach: &Reach) -> Result<UserId, Problem> {
        let user_id = self.user_id()?;
        reach.user(&user_id)?;
        Ok(user_id)
    }

    /// # Errors
    /// No card can have this id, so there is no such card.
    pub(crate) fn card_id(&self) -> Result<CardId, Problem> {
        let id = self.path_parameter("cardId").parse::<CardId>();
        let id = id.map_err(|_| Refusal::CardNotFound)?;
        tracing::Span::current().record("card.id", tracing::field::display(id));
        Ok(id)
    }

    fn path_parameter(&self, name: &str) -> &str {
        let parameters = self.event.path_parameters.as_ref();
        parameters
            .and_then(|all| all.get(name))
            .map_or("", String::as_str)
    }

    pub(crate) fn parameters(&self) -> Parameters<'_> {
        Parameters::new(&self.event.raw_query_string)
    }

    /// # Errors
    /// The header is missing or not a key.
    pub(crate) fn idempotency_key(&self) -> Result<IdempotencyKey, Problem> {
        let key = self.event.headers.get("idempotency-key");
        let key = key.ok_or(Problem::IdempotencyKeyMissing)?;
        IdempotencyKey::parse(key).map_err(|_| Problem::IdempotencyKeyMalformed)
    }

    /// The version that `If-Match` names; `None` if it names none that there could be.
    ///
    /// # Errors
    /// The header is missing.
    pub(crate) fn if_match(&self) -> Result<Option<u64>, Problem> {
        let tag = self
            .event
            .headers
            .get("if-match")
            .ok_or(Problem::PreconditionRequired)?;
        let version = tag
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let number = version.and_then(|version| version.parse::<u64>().ok());
        // The tag is compared as text, so another way to write the number is another tag.
        Ok(number.filter(|number| version == Some(number.to_string().as_str())))
    }

    /// The card of the path as `If-Match` names it. Versions begin at 1, so 0 is a tag that fits no card.
    ///
    /// # Errors
    /// There is no such card, or the header is missing.
    pub(crate) fn seen(&self) -> Result<Seen, Problem> {
        Ok(Seen {
            card_id: self.card_id()?,
            version: self.if_match()?.unwrap_or(0),
        })
    }

    /// # Errors
    /// There is no body, or it is too large, no JSON or no `T`.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::read(&self.event.body_bytes()?)
    }

    /// No body is the same as an empty one.
    ///
    /// # Errors
    /// The body is too large, no JSON or no `T`.
    pub(crate) fn optional_body<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        match self.event.body_bytes()?.as_slice() {
            [] => Ok(T::default()),
            bytes => body::read(bytes),
        }
    }

    /// Why the caller does it, where the body may say so and has nothing else.
    ///
    /// # Errors
    /// The body is too large, no JSON, or says more than that.
    pub(crate) fn comment(&self) -> Result<Option<String>, Problem> {
        Ok(self.optional_body::<CommentBody>()?.comment.0)
    }

    /// Why the caller does it, where the body has to say so and has nothing else.
    ///
    /// # Errors
    /// There is no body, or it is too large, no JSON, or says no reason, or more than that.
    pub(crate) fn reason(&self) -> Result<String, Problem> {
        Ok(self.body::<ReasonBody>()?.reason.0)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CommentBody {
    comment: Comment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    reason: Reason,
}

/// Nearly all of a request is personal, so none of it is shown.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::caller::ClaimNames;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Body {
        text: String,
    }

    fn call(event: Value) -> Call {
        let names = ClaimNames {
            groups: "groups".into(),
            user_name: "username".into(),
        };
        let claims = [("username".to_owned(), json!("omar"))].into();
        let event = serde_json::from_value(event).unwrap();
        Call::new(names.caller(Some(&claims)).unwrap(), "r1".into(), event)
    }

    #[test]
    fn an_id_that_is_not_well_formed_is_nobodys() {
        for id in ["a bcé", "a/b", "", "%41", "..", &"x".repeat(65)] {
            let call = call(json!({"pathParameters": {"userId": id, "cardId": id}}));
            assert_eq!(call.user_id().unwrap_err().slug(), "user-not-found", "{id}");
            assert_eq!(call.card_id().unwrap_err().slug(), "card-not-found", "{id}");
        }
        let none = call(json!({"pathParameters": null}));
        assert_eq!(none.user_id().unwrap_err().slug(), "user-not-found");
    }

    #[test]
    fn a_card_id_may_be_written_in_either_case_but_only_with_hyphens() {
        let id = "8D1F6A52-3C0B-5E47-9A64-0f2b7c915de3";
        let read = |id: &str| call(json!({"pathParameters": {"cardId": id}})).card_id();
        assert_eq!(read(id).unwrap().to_string(), id.to_lowercase());
        for bad in [
            id.replace('-', ""),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_is_missing_or_malformed_or_taken_as_it_is() {
        let key = |headers: Value| call(json!({"headers": headers})).idempotency_key();
        let slug = |headers: Value| key(headers).unwrap_err().slug();
        assert_eq!(slug(json!({})), "idempotency-key-missing");
        for bad in ["", " ", "a b", "a, b", "é", &"k".repeat(256)] {
            assert_eq!(
                slug(json!({"idempotency-key": bad})),
                "idempotency-key-malformed",
                "{bad}"
            );
        }
        let plain = key(json!({"idempotency-key": "k"})).unwrap();
        assert_ne!(plain, key(json!({"idempotency-key": "\"k\""})).unwrap());
    }

    #[test]
    fn a_tag_names_a_version_only_if_it_is_written_as_ours() {
        let seen = |tag: &str| {
            call(json!({"headers": {"if-match": tag}}))
                .if_match()
                .unwrap()
        };
        assert_eq!((seen("\"0\""), seen("\"12\"")), (Some(0), Some(12)));
        for other in [
            "*",
            "",
            "3",
            "\"\"",
            "\"03\"",
            "\"+3\"",
            "W/\"3\"",
            "\"3\", \"4\"",
            "\"3",
            "\"",
        ] {
            assert_eq!(seen(other), None, "{other}");
        }
        let missing = call(json!({})).if_match().unwrap_err();
        assert!(matches!(missing, Problem::PreconditionRequired));
    }

    #[test]
    fn a_body_is_read_plain_and_encoded() {
        let text = Body { text: "é".into() };
        for event in [
            json!({"body": "{\"text\":\"é\"}"}),
            json!({"body": "eyJ0ZXh0Ijoiw6kifQ==", "isBase64Encoded": true}),
        ] {
            assert_eq!(call(event.clone()).body::<Body>().unwrap(), text);
            assert_eq!(call(event).optional_body::<Body>().unwrap(), text);
        }
        for malformed in [
            json!({"body": "e30", "isBase64Encoded": true}),
            json!({"body": "/w==", "isBase64Encoded": true}),
            json!({"body": " "}),
        ] {
            let refused = call(malformed.clone()).optional_body::<Body>().unwrap_err();
            assert!(matches!(refused, Problem::BodyMalformed), "{malformed}");
        }
    }

    #[test]
    fn no_body_is_none_only_where_none_is_needed() {
        for event in [json!({}), json!({"body": null}), json!({"body": ""})] {
            let refused = call(event.clone()).body::<Body>().unwrap_err();
            assert!(matches!(refused, Problem::BodyMalformed));
            assert_eq!(
                call(event).optional_body::<Body>().unwrap(),
                Body::default()
            );
        }
    }
}
