//! Quick search as people use it. What a query must find by itself is tested in the domain.

use std::slice;

use cardwright_app::ports::SearchUsers;
use cardwright_domain::search::Query;
use cardwright_domain::user::User;
use serde_json::json;

use crate::support::dynamo::{Database, user, user_from};

fn full_user(id: &str, name: &str, upn: &str, email: &str, number: &str) -> User {
    user_from(json!({
        "userId": id, "commonName": name, "upn": upn, "email": email, "employeeNumber": number,
        "department": "Operations",
    }))
}

async fn database_with(users: &[User]) -> Database {
    let db = Database::start().await;
    db.tables().import_users(users).await.unwrap();
    db
}

/// Reads all pages. One that is large enough to cover a crowd is only short if it is the last.
async fn find(db: &Database, text: &str, limit: usize) -> Vec<User> {
    let query = Query::parse(text).unwrap();
    let (mut all, mut position) = (Vec::new(), None::<String>);
    loop {
        let tables = db.tables();
        let page = tables
            .search_users(&query, position.as_deref(), limit)
            .await
            .unwrap();
        let full = page.users.len() == limit;
        assert!(
            full || page.next.is_none() || limit < 25,
            "{text}: {page:?}"
        );
        all.extend(page.users);
        position = page.next;
        if position.is_none() {
            return all;
        }
    }
}

async fn ids(db: &Database, text: &str, limit: usize) -> Vec<String> {
    let users = find(db, text, limit).await.into_iter();
    users.map(|user| user.user_id.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_user_is_found_by_name_in_any_order_upn_email_and_number() {
    let asa = full_user(
        "u1",
        "Åsa Maria Lindqvist",
        "asa.l@example.com",
        "al@mail.example",
        "E-1042",
    );
    let db = database_with(&[asa.clone(), user("u2", "Bo Ek")]).await;
    for text in [
        "åsa",
        "ASA",
        "Asa lindq",
        "lindqvist å",
        "maria lindqvist asa",
        "asa.l@",
        "AL@mail",
        "e-104",
    ] {
        assert_eq!(find(&db, text, 25).await, slice::from_ref(&asa), "{text}");
    }
    for text in ["åsa x", "sa", "1042", "nobody"] {
        assert_eq!(find(&db, text, 25).await, [], "{text}");
    }
}

/// Many users whose names, UPNs and addresses begin alike, some with the same name.
fn crowd() -> Vec<User> {
    let names = [
        "Anna Andersson",
        "Anders Annason",
        "Anna Maria Andersson",
        "Andrea Ann Andersen",
    ];
    let user = |n: usize| {
        let name = names[n % names.len()];
        full_user(
            &format!("u{n:02}"),
            name,
            &format!("an{n}@example.com"),
            &format!("anna{n}@b.c"),
            "",
        )
    };
    (0..60).map(user).collect()
}

#[tokio::test]
async fn pages_have_no_gaps_and_no_doubles_in_a_stable_order() {
    let db = database_with(&crowd()).await;
    for (text, count) in [
        ("an", 60),
        ("anna", 60),
        ("anna a", 30),
        ("anna andersson", 30),
        ("andersson anna m", 15),
        ("anna maria andersson", 15),
        ("an1", 11),
        ("u0", 0),
    ] {
        let whole = ids(&db, text, 100).await;
        assert_eq!(whole.len(), count, "{text}: {whole:?}");
        let mut different = whole.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), count, "{text}: somebody is there twice");
        for limit in [1, 7, 25] {
            assert_eq!(ids(&db, text, limit).await, whole, "{text}, {limit} a page");
        }
    }
}

#[tokio::test]
async fn a_position_of_another_query_is_only_another_place() {
    let db = database_with(&[user("u1", "Anna Ek"), user("u2", "Bo Berg")]).await;
    let anna = Query::parse("anna").unwrap();
    let long = format!("anna{}", "x".repeat(3_000));
    for (position, found) in [
        ("", 1),
        ("aaa\tu0", 1),
        ("anna", 1),
        ("anna ek\tu0", 1),
        ("anna ek\tu1", 0),
        ("bo berg\tu2", 0),
        (long.as_str(), 0),
        ("\u{10ffff}", 0),
    ] {
        let page = db
            .tables()
            .search_users(&anna, Some(position), 25)
            .await
            .unwrap();
        assert_eq!(page.users.len(), found, "{position:.20}");
        assert_eq!(page.next, None);
    }
}

#[tokio::test]
async fn a_text_longer_than_any_key_finds_nobody() {
    let db = database_with(&[user("u1", "Anna Ek")]).await;
    // One character that folds to eighteen.
    let query = Query::parse(&"\u{fdfa}".repeat(100)).unwrap();
    let page = db.tables().search_users(&query, None, 25).await.unwrap();
    assert!(page.users.is_empty() && page.next.is_none());
}

#[tokio::test]
async fn a_number_sign_in_a_upn_belongs_to_the_text() {
    let guest = full_user("u1", "Eva Ek", "eva#ext#@example.com", "eva@b.c", "");
    let db = database_with(&[
        guest,
        full_user("u2", "Eva Ek", "eva@example.com", "e@b.c", ""),
    ])
    .await;
    assert_eq!(ids(&db, "eva#ext#@", 25).await, ["u1"]);
    assert_eq!(
        ids(&db, "eva@example.com#u2", 25).await,
        Vec::<String>::new()
    );
}
