use super::*;
use crate::ids::UserId;
use crate::limits::{MAX_CHARACTER_SET_CHARS, MAX_FIELD_CHARS, MAX_VALUES};
use crate::user::UserFields;

fn production_type(more: &str) -> ProductionType {
    let json = format!(r#"{{"id":"gold","name":"Gold","fields":["commonName","upn"]{more}}}"#);
    serde_json::from_str(&json).unwrap()
}

fn pointers(production_type: &ProductionType) -> Vec<String> {
    let errors = production_type.errors(&Mapping::default()).into_iter();
    errors.map(|error| error.pointer).collect()
}

/// The card data for this user, or the slugs and what does not fit.
fn made(production_type: &ProductionType, user: &str) -> Result<String, Vec<String>> {
    let fields: UserFields = serde_json::from_str(user).unwrap();
    let user = User::parse(fields, &UserId::parse("u1").unwrap()).unwrap();
    let made = production_type.card_data(&Mapping::default(), &user);
    let told = |refusal: Refusal| {
        let slug = refusal.slug();
        let (Refusal::UserAttributeMissing { errors } | Refusal::CardDataInvalid { errors }) =
            refusal
        else {
            panic!("{refusal:?}");
        };
        let errors = errors.into_iter();
        errors.map(move |e| format!("{slug}: {} {}", e.pointer, e.detail))
    };
    made.map(|data| serde_json::to_string(&data).unwrap())
        .map_err(|refusals| refusals.into_iter().flat_map(told).collect())
}

fn card_data(rules: &str, user: &str) -> Result<String, Vec<String>> {
    made(&production_type(&format!(r#","rules":{rules}"#)), user)
}

const ADA: &str = r#"{"commonName":"Ada Lovelace","upn":"ada@example.com"}"#;

#[test]
fn a_field_that_may_be_absent_is_left_out() {
    let nameless = r#"{"commonName":"Ada"}"#;
    let missing = "user-attribute-missing: /data/upn the user has no upn";
    assert_eq!(card_data("{}", nameless).unwrap_err(), [missing]);
    let without = Ok(r#"{"commonName":"Ada"}"#.to_owned());
    let rule = r#"{"upn":{"required":false,"maxLength":3}}"#;
    assert_eq!(card_data(rule, nameless), without);
    // What the producer does not get is not needed, unless a rule says so.
    let mut gold = production_type("");
    gold.fields = vec!["commonName".into()];
    assert_eq!(made(&gold, nameless), without);
    gold.rules.insert("upn".into(), FieldRule::default());
    assert_eq!(made(&gold, nameless).unwrap_err(), [missing]);
}

#[test]
fn what_is_missing_and_what_does_not_fit_are_told_together() {
    assert_eq!(
        card_data(
            r#"{"commonName":{"maxLength":2}}"#,
            r#"{"commonName":"Ada"}"#
        )
        .unwrap_err(),
        [
            "user-attribute-missing: /data/upn the user has no upn",
            "card-data-invalid: /data/commonName needs at most 2 characters",
        ]
    );
}

#[test]
fn every_field_that_does_not_fit_is_named_with_its_rule() {
    for (rule, detail) in [
        (r#"{"maxLength":11}"#, "needs at most 11 characters"),
        (
            r#"{"allowed":"A-Za-z"}"#,
            "has characters other than A-Za-z",
        ),
        (
            r#"{"values":["Ada"]}"#,
            "needs one of the values that the production type lists",
        ),
    ] {
        let both = format!(r#"{{"commonName":{rule},"upn":{rule}}}"#);
        let told =
            ["commonName", "upn"].map(|at| format!("card-data-invalid: /data/{at} {detail}"));
        assert_eq!(card_data(&both, ADA), Err(told.to_vec()), "{rule}");
    }
    for rule in [
        r#"{"maxLength":12}"#,
        r#"{"allowed":"A-Za-z -"}"#,
        r#"{"values":["Ada Lovelace"],"required":true}"#,
    ] {
        let rules = format!(r#"{{"commonName":{rule}}}"#);
        assert!(card_data(&rules, ADA).is_ok(), "{rule}");
    }
}

#[test]
fn a_text_has_five_hundred_characters_at_most_whatever_the_rules_say() {
    let template = |chars: usize| -> Mapping {
        serde_json::from_str(&format!(
            r#"{{"commonName":"{{commonName}}{}"}}"#,
            "x".repeat(chars)
        ))
        .unwrap()
    };
    let fields: UserFields = serde_json::from_str(r#"{"commonName":"abc"}"#).unwrap();
    let user = User::parse(fields, &UserId::parse("u1").unwrap()).unwrap();
    let gold = production_type("");
    assert!(
        gold.card_data(&template(MAX_FIELD_CHARS - 3 - 12), &user)
            .is_ok()
    );
    let longest = user_with_name("a".repeat(256));
    let fits = template(MAX_FIELD_CHARS - 256);
    assert!(gold.card_data(&fits, &longest).is_ok());
    assert!(
        gold.card_data(&template(MAX_FIELD_CHARS - 255), &longest)
            .is_err()
    );
}

fn user_with_name(name: String) -> User {
    let fields = UserFields {
        common_name: name,
        ..serde_json::from_str(r#"{"commonName":"x"}"#).unwrap()
    };
    User::parse(fields, &UserId::parse("u1").unwrap()).unwrap()
}

#[test]
fn a_set_of_characters_is_read_as_in_brackets() {
    let has = |set: &str, c| Characters::from(set.to_owned()).has(c);
    for (set, inside, outside) in [
        ("A-C", 'B', 'D'),
        ("ac", 'c', 'b'),
        ("-a", '-', 'b'),
        ("a-", '-', 'b'),
        ("-", '-', 'a'),
        ("a-c-e", '-', 'd'),
        ("!--", '-', 'a'),
        ("å-ö", 'ö', 'a'),
    ] {
        assert!(has(set, inside) && !has(set, outside), "{set}");
    }
    let longest = "x".repeat(MAX_CHARACTER_SET_CHARS);
    for (set, fits) in [
        ("a", true),
        (&longest, true),
        ("", false),
        ("Z-A", false),
        (&format!("{longest}x"), false),
    ] {
        let rule = format!(r#","rules":{{"upn":{{"allowed":"{set}"}}}}"#);
        let wrong = pointers(&production_type(&rule));
        let expected: &[&str] = if fits { &[] } else { &["/rules/upn/allowed"] };
        assert_eq!(wrong, expected, "{set}");
    }
}

#[test]
fn every_wrong_part_is_named() {
    assert_eq!(pointers(&production_type("")), [""; 0]);
    let values = (0..=MAX_VALUES)
        .map(|at| format!("\"{at}\""))
        .collect::<Vec<_>>()
        .join(",");
    for (more, wrong) in [
        (r#","holdMinutes":10080"#.to_owned(), vec![]),
        (r#","holdMinutes":10081"#.to_owned(), vec!["/holdMinutes"]),
        (
            r#","holdMinutes":1,"delivery":"direct""#.to_owned(),
            vec!["/holdMinutes"],
        ),
        (r#","holdMinutes":0,"delivery":"direct""#.to_owned(), vec![]),
        (r#","rules":{"a/b":{}}"#.to_owned(), vec!["/rules/a~1b"]),
        (
            r#","rules":{"upn":{"maxLength":0}}"#.to_owned(),
            vec!["/rules/upn/maxLength"],
        ),
        (
            r#","rules":{"upn":{"maxLength":501}}"#.to_owned(),
            vec!["/rules/upn/maxLength"],
        ),
        (r#","rules":{"upn":{"maxLength":500}}"#.to_owned(), vec![]),
        (
            r#","rules":{"upn":{"values":[]}}"#.to_owned(),
            vec!["/rules/upn/values"],
        ),
        (
            format!(r#","rules":{{"upn":{{"values":[{values}]}}}}"#),
            vec!["/rules/upn/values"],
        ),
        (
            r#","rules":{"upn":{"values":["a","b","a"]}}"#.to_owned(),
            vec!["/rules/upn/values/2"],
        ),
    ] {
        assert_eq!(pointers(&production_type(&more)), wrong, "{more}");
    }
    let mut gold = production_type("");
    gold.fields = vec![];
    assert_eq!(pointers(&gold), ["/fields"]);
    gold.fields = ["upn", "photo", "upn"].map(str::to_owned).to_vec();
    assert_eq!(pointers(&gold), ["/fields/1", "/fields/2"]);
}

#[test]
fn a_name_has_one_to_a_hundred_printable_characters() {
    for (name, fits) in [
        ("å".repeat(MAX_NAME_CHARS), true),
        ("å".repeat(MAX_NAME_CHARS + 1), false),
        (" ".into(), false),
        ("a\tb".into(), false),
    ] {
        let mut gold = production_type("");
        gold.name = name.clone();
        assert_eq!(pointers(&gold).is_empty(), fits, "{name:?}");
    }
}

#[test]
fn a_card_is_valid_for_one_day_to_ten_years() {
    let mut gold = production_type("");
    assert_eq!(gold.validity_days, 1_825);
    for (days, fits) in [(0, false), (1, true), (3_650, true), (3_651, false)] {
        gold.validity_days = days;
        let wrong = pointers(&gold);
        assert_eq!(wrong.is_empty(), fits, "{days}");
        assert!(fits || wrong == ["/validityDays"], "{days}");
    }
}

#[test]
fn a_card_is_held_for_as_many_minutes_as_its_type_says() {
    let mut chosen = production_type("");
    for (minutes, hold) in [
        (0, None),
        (1, Some(SignedDuration::from_secs(60))),
        (90, Some(SignedDuration::from_secs(5_400))),
    ] {
        chosen.hold_minutes = minutes;
        assert_eq!(chosen.hold(), hold);
    }
}
