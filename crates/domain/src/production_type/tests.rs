use super::*;
use crate::ids::UserId;
use crate::limits::{MAX_CHARACTER_SET_CHARS, MAX_FIELD_CHARS, MAX_VALUES};
use crate::user::UserFields;

fn production_type(more: &str) -> ProductionType {
    let json = format!(r#"{{"id":"gold","name":"Gold","fields":["commonName"]{more}}}"#);
    serde_json::from_str(&json).unwrap()
}

fn pointers(production_type: &ProductionType) -> Vec<String> {
    let errors = production_type.errors(&Mapping::default()).into_iter();
    errors.map(|error| error.pointer).collect()
}

/// The card data for this user under these rules, or the slug and what does not fit.
fn card_data(rules: &str, user: &str) -> Result<String, (&'static str, String)> {
    let fields: UserFields = serde_json::from_str(user).unwrap();
    let user = User::parse(fields, &UserId::parse("u1").unwrap()).unwrap();
    let production_type = production_type(&format!(r#","rules":{rules}"#));
    match production_type.card_data(&Mapping::default(), &user) {
        Ok(data) => Ok(serde_json::to_string(&data).unwrap()),
        Err(refusal) => {
            let slug = refusal.slug();
            let (Refusal::UserAttributeMissing { errors } | Refusal::CardDataInvalid { errors }) =
                refusal
            else {
                panic!("{refusal:?}");
            };
            let told = errors
                .into_iter()
                .map(|e| format!("{} {}", e.pointer, e.detail));
            Err((slug, told.collect::<Vec<_>>().join("; ")))
        }
    }
}

const ADA: &str = r#"{"commonName":"Ada Lovelace","upn":"ada@example.com"}"#;

#[test]
fn a_field_that_may_be_absent_is_left_out() {
    let nameless = r#"{"commonName":"Ada"}"#;
    let missing = card_data("{}", nameless).unwrap_err();
    assert_eq!(
        missing,
        (
            "user-attribute-missing",
            "/data/upn the user has no upn".into()
        )
    );
    let rule = r#"{"upn":{"required":false,"maxLength":3}}"#;
    assert_eq!(
        card_data(rule, nameless).unwrap(),
        r#"{"commonName":"Ada"}"#
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
        let told = format!("/data/commonName {detail}; /data/upn {detail}");
        assert_eq!(
            card_data(&both, ADA),
            Err(("card-data-invalid", told)),
            "{rule}"
        );
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
