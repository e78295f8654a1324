//! Whatever a text says, each parser of this crate reads it or refuses it: it never panics, what it
//! accepts keeps the promises of its type, and what has a writer reads back as it was.

use std::str::FromStr;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ids::{
    Actor, CardId, IdempotencyKey, OrderId, ProducerOrderId, ProductionTypeId, UserId,
};
use crate::limits::{MAX_ATTRIBUTE_CHARS, MAX_EMAIL_CHARS, MAX_FIELDS, MAX_NAME_CHARS};
use crate::mapping::Template;
use crate::options::Options;
use crate::search::{Query, entries};
use crate::time::Time;
use crate::user::{EmailAddress, User, UserFields, UserState};

/// Any text, and texts that are nearly what the parsers want.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[A-Za-z0-9._-]{0,66}",
        "[0-9a-fA-F-]{30,40}",
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-[0-9+]{0,11})?",
        "[!-~]{0,260}",
        "[a-zé\u{202e} .\"<]{0,70}@[a-zé.@ -]{0,40}",
        "([{}]{1,3}|upn|email|commonName| |ö){0,12}",
        "[a-zåßŁİﷺ0-9@._'’ \u{301}-]{0,105}",
    ]
}

/// Texts that are mostly times, of the years that the library knows and of those that it does not.
fn time_text() -> impl Strategy<Value = String> {
    let year = prop_oneof!["[0-9]{4}", "-00[0-9]{4}", "\\+00[0-9]{4}", "[0-9]{5}"];
    let day = "-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])T([01][0-9]|2[0-4]):[0-5][0-9]:[0-6][0-9]";
    let end = "(\\.[0-9]{1,9})?(Z|z|[+-][01][0-9]:[0-5][0-9]|)";
    prop_oneof![
        9 => (year, day, end).prop_map(|(year, day, end)| format!("{year}{day}{end}")),
        1 => text(),
    ]
}

fn reads_back<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
}

fn user(
    name: String,
    upn: Option<String>,
    email: Option<String>,
    id: Option<String>,
) -> UserFields {
    UserFields {
        user_id: id,
        state: UserState::Active,
        common_name: name,
        given_name: None,
        family_name: upn.clone(),
        upn,
        email,
        employee_number: None,
        department: None,
    }
}

/// The options with one of their members replaced.
fn changed_options() -> impl Strategy<Value = String> {
    let pointers = [
        "/version",
        "/useCases/orderCard/enabled",
        "/multipleOrders",
        "/approval/batch",
        "/cardOrderedEmail/language",
        "/productionTypes",
        "/productionTypes/0",
        "/productionTypes/0/id",
        "/productionTypes/0/name",
        "/productionTypes/0/delivery",
        "/productionTypes/0/fields",
        "/productionTypes/0/fields/1",
        "/productionTypes/0/holdMinutes",
        "/productionTypes/0/validityDays",
        "/productionTypes/0/rules",
        "/productionTypes/0/rules/upn/allowed",
        "/productionTypes/0/rules/upn/maxLength",
        "/mapping",
        "/mapping/upn",
    ];
    let value = prop_oneof![
        text().prop_map(serde_json::Value::from),
        "[ a]{95,105}".prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        Just(serde_json::json!(true)),
        Just(serde_json::json!([])),
        Just(serde_json::json!({"a": "{upn}"})),
        Just(serde_json::Value::Null),
    ];
    (prop::sample::select(pointers.to_vec()), value).prop_map(|(pointer, value)| {
        let mut options = serde_json::to_value(Options::default()).unwrap();
        options["productionTypes"][0]["rules"] = serde_json::json!({
            "upn": {"required": false, "maxLength": 64, "allowed": "a-z@.", "values": null}
        });
        *options.pointer_mut(pointer).unwrap() = value;
        options.to_string()
    })
}

proptest! {
    #[test]
    fn an_id_in_words_is_short_and_fits_a_url_and_a_key(text in text()) {
        for accepted in [
            UserId::parse(&text).map(|id| id.to_string()),
            ProductionTypeId::parse(&text).map(|id| id.to_string()),
            ProducerOrderId::parse(&text).map(|id| id.to_string()),
        ].into_iter().flatten() {
            prop_assert_eq!(&accepted, &text);
            prop_assert!((1..=64).contains(&text.len()) && text != "." && text != "..");
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
        }
    }

    #[test]
    fn a_card_id_is_the_uuid_that_it_was_read_from(text in text()) {
        if let Ok(id) = CardId::from_str(&text) {
            prop_assert_eq!(id.to_string(), text.to_lowercase());
            reads_back(&id);
        }
    }

    #[test]
    fn an_order_id_names_a_card_and_an_attempt_from_one(text in text(), card: u128, attempt: u32) {
        let whole = format!("{}-{attempt}", uuid::Uuid::from_u128(card));
        prop_assert_eq!(OrderId::from_str(&whole).is_ok(), attempt > 0);
        for id in [OrderId::from_str(&text), OrderId::from_str(&whole)].into_iter().flatten() {
            prop_assert!(id.attempt.0 > 0);
            prop_assert_eq!(OrderId::from_str(&id.to_string()), Ok(id));
            reads_back(&id);
        }
    }

    #[test]
    fn a_caller_is_one_line_of_bounded_length(text in text()) {
        if let Ok(actor) = Actor::parse(&text) {
            prop_assert_eq!(actor.as_str(), &text);
            prop_assert!((1..=256).contains(&text.chars().count()));
            prop_assert!(!text.chars().any(char::is_control));
            reads_back(&actor);
        }
    }

    #[test]
    fn a_key_leads_to_one_card_of_its_caller(text in text(), other in text()) {
        let (Ok(key), Ok(caller)) = (IdempotencyKey::parse(&text), Actor::parse("omar")) else {
            return Ok(());
        };
        prop_assert!(text.bytes().all(|b| b.is_ascii_graphic()) && text.len() <= 255);
        let card = CardId::derive(&caller, &key);
        prop_assert_eq!(card, CardId::derive(&caller, &key));
        if let Ok(other_key) = IdempotencyKey::parse(&other) {
            prop_assert_eq!(card == CardId::derive(&caller, &other_key), text == other);
        }
    }

    #[test]
    fn an_address_is_one_mailbox_that_bends_no_header(text in text()) {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert_eq!(address.as_str(), &text);
            prop_assert!((3..=MAX_EMAIL_CHARS).contains(&text.chars().count()));
            prop_assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert_eq!(text.matches('@').count(), 1);
            prop_assert!(!text.contains(['<', '>', ',', ';', '"']));
            reads_back(&address);
        }
    }

    #[test]
    fn a_user_that_is_taken_has_only_attributes_that_fit(
        name in text(),
        upn in prop::option::of(text()),
        email in prop::option::of(text()),
        id in prop::option::of(text()),
    ) {
        let fresh = UserId::parse("fresh").unwrap();
        let Ok(taken) = User::parse(user(name, upn, email, id), &fresh) else {
            return Ok(());
        };
        for text in [Some(&taken.common_name), taken.upn.as_ref(), taken.family_name.as_ref()]
            .into_iter()
            .flatten()
        {
            prop_assert!((1..=MAX_ATTRIBUTE_CHARS).contains(&text.chars().count()));
            prop_assert!(text.trim() == text && !text.chars().any(char::is_control));
        }
        reads_back(&taken);
        // Taken again, it is the same: an import may be repeated.
        let fields = UserFields {
            user_id: Some(taken.user_id.to_string()),
            email: taken.email.as_ref().map(|email| email.as_str().to_owned()),
            ..user(taken.common_name.clone(), taken.upn.clone(), None, None)
        };
        prop_assert_eq!(User::parse(fields, &fresh), Ok(taken));
    }

    #[test]
    fn a_template_shows_what_it_was_read_from(text in text()) {
        if let Ok(template) = Template::parse(&text) {
            prop_assert_eq!(template.to_string(), text);
            reads_back(&template);
        }
    }

    #[test]
    fn options_that_have_no_errors_can_make_orders_and_be_shown(json in changed_options()) {
        let Ok(options) = serde_json::from_str::<Options>(&json) else {
            return Ok(());
        };
        reads_back(&options);
        if !options.errors().is_empty() {
            return Ok(());
        }
        let only = options.production_type(None);
        prop_assert!(only.is_some());
        let only = only.unwrap();
        prop_assert!((1..=MAX_NAME_CHARS).contains(&only.name.chars().count()));
        prop_assert!((1..=MAX_FIELDS).contains(&only.fields.len()));
        prop_assert!(only.fields.iter().all(|field| options.mapping.has(field)));
    }

    #[test]
    fn a_query_reads_a_range_that_holds_only_what_it_looks_for(text in text(), name in text()) {
        let Ok(query) = Query::parse(&text) else {
            return Ok(());
        };
        prop_assert!(query.prefix.chars().count() >= 2);
        let start: String = query.prefix.chars().take(2).collect();
        prop_assert!(query.bucket.ends_with(&start));
        prop_assert!(!query.text().chars().any(char::is_control));
        let fresh = UserId::parse("fresh").unwrap();
        let Ok(user) = User::parse(user(name, Some(text), None, None), &fresh) else {
            return Ok(());
        };
        let in_range = |text: &str| text.starts_with(&query.prefix);
        for entry in entries(&user).into_iter().filter(|entry| in_range(&entry.text)) {
            let _ = query.matches(&entry.text, entry.shared_chars);
        }
    }

    #[test]
    fn times_sort_as_their_texts_do(one in time_text(), other in time_text()) {
        let (Ok(one), Ok(other)) = (one.parse::<Time>(), other.parse::<Time>()) else {
            return Ok(());
        };
        let (first, second) = (one.to_string(), other.to_string());
        prop_assert_eq!(first.len(), "2026-11-22T08:00:00.000Z".len());
        prop_assert_eq!(one.cmp(&other), first.cmp(&second));
        prop_assert_eq!(first.parse::<Time>().unwrap(), one);
    }
}
