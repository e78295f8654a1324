use proptest::prelude::*;

use super::*;
use crate::ids::UserId;
use crate::user::UserFields;

fn user(common_name: &str, upn: Option<&str>, number: Option<&str>) -> User {
    let fields = UserFields {
        user_id: Some("u1".into()),
        state: crate::user::UserState::Active,
        common_name: common_name.into(),
        given_name: None,
        family_name: None,
        upn: upn.map(str::to_owned),
        email: upn.map(str::to_owned),
        employee_number: number.map(str::to_owned),
        department: None,
    };
    User::parse(fields, &UserId::parse("u1").unwrap()).unwrap()
}

/// How often a query finds the user, reading the index as the store does.
fn hits(user: &User, text: &str) -> usize {
    let query = Query::parse(text).unwrap();
    let in_range = |e: &&Entry| e.bucket == query.bucket && e.text.starts_with(&query.prefix);
    let entries = entries(user);
    let found = entries.iter().filter(in_range);
    found
        .filter(|e| query.matches(&e.text, e.shared_chars))
        .count()
}

#[test]
fn a_user_is_found_once_however_one_types() {
    let anna = user(
        "Anna Maria Lindqvist",
        Some("anna.l@example.com"),
        Some("E-1042"),
    );
    for text in [
        "an",
        "anna lin",
        "lindqvist an",
        "ANNA LINDQVIST",
        "maria lindqvist an",
        "lindqvist maria anna",
        "anna.l@",
        "e-10",
        "  Anna   Lindq ",
        "Ännä",
        "anna.l@example.com",
        "lindqvist",
    ] {
        assert_eq!(hits(&anna, text), 1, "{text}");
    }
    for text in [
        "anna x",
        "anna maria x",
        "na",
        "anna lindqvist anna",
        "1042",
        "linda",
    ] {
        assert_eq!(hits(&anna, text), 0, "{text}");
    }
}

#[test]
fn letters_of_many_languages_are_found_by_plain_ones_and_by_themselves() {
    for (name, texts) in [
        ("Øystein Ødegård", &["oystein", "ØYSTEIN", "odegard oy"][..]),
        ("Łukasz Wałęsa", &["lukasz walesa", "Wałęsa łu"]),
        ("Jürgen Groß", &["jurgen gross", "groß"]),
        ("İrem Işık", &["irem isik", "IŞIK"]),
        ("Νίκος Παπαδόπουλος", &["νικος", "ΠΑΠΑΔΌΠΟΥΛΟΣ ΝΊΚΟΣ"]),
        ("王小明", &["王小"]),
        (
            "Seán O’Brien-Smith",
            &["obrien", "O'Brien smith", "sean smith o"],
        ),
        ("Nguyễn Thị Hồng Nhung", &["nguyen nhung", "hong thi"]),
    ] {
        for text in texts {
            assert_eq!(hits(&user(name, None, None), text), 1, "{name} by {text}");
        }
    }
}

#[test]
fn every_word_beyond_the_second_is_held_against_the_name() {
    let anna = user("Anna Maria Sofia Lindqvist", None, None);
    for (text, found) in [
        ("anna lindqvist maria so", 1),
        ("anna lindqvist sofia maria", 1),
        ("anna lindqvist mar sofia", 0),
        ("anna lindqvist maria maria", 0),
    ] {
        assert_eq!(hits(&anna, text), found, "{text}");
    }
}

#[test]
fn given_and_family_name_add_only_the_words_that_the_common_name_lacks() {
    let known_as = |given: Option<&str>, family: Option<&str>| User {
        given_name: given.map(str::to_owned),
        family_name: family.map(str::to_owned),
        ..user("Countess Lovelace", None, None)
    };
    let augusta = known_as(Some("Ada"), Some("Lovelace"));
    for text in ["ada lovelace", "countess ada", "lovelace countess ada"] {
        assert_eq!(hits(&augusta, text), 1, "{text}");
    }
    let again = known_as(Some("Countess"), Some("Lovelace"));
    assert_eq!(entries(&again), entries(&known_as(None, None)));
}

#[test]
fn letters_that_no_decomposition_splits_have_a_usual_spelling() {
    for (letter, spelling) in [
        ("Æ", "ae"),
        ("Œ", "oe"),
        ("ẞ", "ss"),
        ("Þ", "th"),
        ("Ø", "o"),
        ("Đ", "d"),
        ("Ð", "d"),
        ("Ł", "l"),
        ("Ħ", "h"),
        ("ı", "i"),
        ("ς", "σ"),
    ] {
        assert_eq!(fold(letter), spelling, "{letter}");
    }
}

#[test]
fn queries_that_find_the_same_users_are_one_text_of_one_kind() {
    for (typed, text, identifier) in [
        (" Änna  LIN", "anna lin", false),
        ("Anna Lindqvist Maria So", "anna lindqvist maria so", false),
        ("Anna.L@Example", "anna.l@example", true),
        ("E-1042", "e-1042", true),
    ] {
        let query = Query::parse(typed).unwrap();
        assert_eq!(
            (query.text().as_str(), query.is_identifier()),
            (text, identifier)
        );
    }
}

#[test]
fn a_name_is_among_the_identifiers_only_if_it_begins_with_a_number() {
    for (name, among) in [("Unit 7B", &["7b unit"][..]), ("Anna Lindqvist", &[])] {
        let entries = entries(&user(name, None, None)).into_iter();
        let identifiers = entries.filter(|entry| entry.bucket.starts_with(IDENTIFIER));
        let texts: Vec<_> = identifiers.map(|entry| entry.text).collect();
        assert_eq!(texts, among, "{name}");
    }
}

#[test]
fn an_identifier_is_among_the_names_only_if_no_name_answers_for_it() {
    let texts = |upn: &str| {
        let entries = entries(&user("Anna Lindqvist", Some(upn), None)).into_iter();
        let names = entries.filter(|entry| !entry.bucket.starts_with(IDENTIFIER));
        names.map(|entry| entry.text).collect::<Vec<_>>()
    };
    let name = ["anna lindqvist", "lindqvist anna"];
    for answered in [
        "anna.l@b.cd",
        "lindqvist_a@b.cd",
        "anna7@b.cd",
        "anna@b.cd",
        "42@b.cd",
    ] {
        assert_eq!(texts(answered), name, "{answered}");
    }
    for alone in ["annalind@b.cd", "al@b.cd", "xa.anna@b.cd", "boss@b.cd"] {
        assert_eq!(texts(alone).len(), 3, "{alone}");
        let word = alone.split(['@', '.']).next().unwrap();
        let user = user("Anna Lindqvist", Some(alone), None);
        assert_eq!((hits(&user, word), hits(&user, alone)), (1, 1), "{alone}");
    }
}

#[test]
fn a_name_with_a_number_is_found_by_the_number() {
    let robot = user("Unit 7B", Some("unit.7b@example.com"), Some("Unit 9"));
    for text in ["7b", "7B uni", "unit 7", "unit.7", "unit 9", "unit"] {
        assert_eq!(hits(&robot, text), 1, "{text}");
    }
}

#[test]
fn a_query_needs_two_characters_and_at_most_a_hundred() {
    for bad in [
        "",
        " ",
        "a",
        " a ",
        "\u{301}\u{301}a",
        "--",
        &"a".repeat(101),
    ] {
        assert_eq!(Query::parse(bad), Err(InvalidQuery), "{bad}");
    }
    assert!(Query::parse(&"a".repeat(100)).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_refused(text in ".{0,120}") {
        drop(Query::parse(&text));
    }

    #[test]
    fn any_prefix_of_any_two_words_finds_the_user_exactly_once(
        words in proptest::collection::vec("[a-zåäöéüñ]{1,8}", 2..5),
        first in 0usize..4,
        second in 0usize..4,
        cut in 1usize..9,
    ) {
        let (first, second) = (first % words.len(), second % words.len());
        prop_assume!(first != second && !words[first].eq(&words[second]));
        let typed: String = words[second].chars().take(cut).collect();
        let text = format!("{} {typed}", words[first]);
        prop_assume!(text.chars().count() >= MIN_QUERY_CHARS);
        let ada = user(&words.join(" "), Some("aa.bb@example.com"), None);
        prop_assert_eq!(hits(&ada, &text), 1);
    }
}
