//! The import: a user and the ways to find them change together, and only if something changed.

use std::slice;

use cardwright_app::ports::{ReadCallerContext, ReadOrderContext, SearchUsers};
use cardwright_aws::dynamodb::Imported;
use cardwright_domain::search::Query;
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::user::{User, UserState};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::dynamo::{Database, user, user_from, user_id};

async fn import(db: &Database, users: &[User]) -> Imported {
    db.tables().import_users(users).await.unwrap()
}

async fn stored(db: &Database, id: &str) -> User {
    db.tables()
        .order_context(&user_id(id), None)
        .await
        .unwrap()
        .user
        .unwrap()
}

async fn found(db: &Database, text: &str) -> Vec<User> {
    let query = Query::parse(text).unwrap();
    db.tables()
        .search_users(&query, None, 100)
        .await
        .unwrap()
        .users
}

#[tokio::test]
async fn a_user_who_is_stored_already_costs_no_write() {
    let db = Database::start().await;
    let users: Vec<_> = (0..100)
        .map(|n| user(&format!("u{n}"), "Ada Lovelace"))
        .collect();
    assert_eq!(
        import(&db, &users).await,
        Imported {
            written: 100,
            unchanged: 0,
            upn_shared: vec![],
        }
    );
    db.meter.take();
    assert_eq!(
        import(&db, &users).await,
        Imported {
            written: 0,
            unchanged: 100,
            upn_shared: vec![],
        }
    );
    assert_eq!(db.meter.take().requests, 1, "one batch read");
    assert_eq!(stored(&db, "u7").await.version, 1);
}

#[tokio::test]
async fn a_new_name_replaces_the_old_one_everywhere() {
    let db = Database::start().await;
    import(&db, &[user("u1", "Ada Augusta Byron")]).await;
    assert_eq!(db.user_items().await, 1 + 6);
    assert_eq!(import(&db, &[user("u1", "Ada Lovelace")]).await.written, 1);
    assert_eq!(db.user_items().await, 1 + 2);
    assert_eq!(found(&db, "byron").await, []);
    let now = User {
        version: 2,
        ..user("u1", "Ada Lovelace")
    };
    assert_eq!(found(&db, "lovelace").await, slice::from_ref(&now));
    assert_eq!(stored(&db, "u1").await, now);
}

#[tokio::test]
async fn a_search_shows_every_attribute_as_it_is_now() {
    let db = Database::start().await;
    import(&db, &[user("u1", "Ada Lovelace")]).await;
    let now = json!({"userId": "u1", "state": "inactive", "commonName": "Ada Lovelace",
        "givenName": "Ada", "familyName": "Lovelace", "upn": "ada@example.com",
        "email": "ada@mail.example", "employeeNumber": "1815", "department": "Engines"});
    import(&db, &[user_from(now.clone())]).await;
    let expected = User {
        version: 2,
        ..user_from(now)
    };
    for text in ["ada love", "lovelace", "ada@example", "ada@mail", "1815"] {
        assert_eq!(found(&db, text).await, slice::from_ref(&expected), "{text}");
    }
}

#[tokio::test]
async fn of_two_records_of_one_user_the_last_counts() {
    let db = Database::start().await;
    let users = [
        user("u1", "Ada Byron"),
        user("u2", "Bo Ek"),
        user("u1", "Ada Lovelace"),
    ];
    assert_eq!(import(&db, &users).await.written, 2);
    assert_eq!(stored(&db, "u1").await.common_name, "Ada Lovelace");
    assert_eq!(found(&db, "byron").await, []);
}

#[tokio::test]
async fn the_longest_names_fit_as_well() {
    let db = Database::start().await;
    let name = |letter: char| {
        let words: Vec<_> = (0..6).map(|n| letter.to_string().repeat(30 + n)).collect();
        words.join(" ")
    };
    let users = |letter| (0..9).map(move |n| user(&format!("u{n}"), &name(letter)));
    import(&db, &users('ü').collect::<Vec<_>>()).await;
    import(&db, &users('é').collect::<Vec<_>>()).await;
    assert_eq!(db.user_items().await, 9 * (1 + 20));
    assert_eq!(found(&db, &"e".repeat(30)).await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_at_once_leave_a_user_whole() {
    let db = Database::start().await;
    let name = |n: usize| format!("Ada Name{n}");
    let imports = (0..8).map(|n| {
        let (tables, user) = (db.tables(), user("u1", &name(n)));
        let others: Vec<_> = (0..20)
            .map(|o| self::user(&format!("o{n}-{o}"), "Bo Ek"))
            .collect();
        tokio::spawn(async move {
            let users: Vec<_> = [user].into_iter().chain(others).collect();
            tables.import_users(&users).await
        })
    });
    let answers: Vec<_> = join_all(imports)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    let now = stored(&db, "u1").await;
    for n in 0..8 {
        let expected = if now.common_name == name(n) {
            vec![now.clone()]
        } else {
            vec![]
        };
        assert_eq!(found(&db, &name(n)).await, expected, "name {n}");
    }
}

#[tokio::test]
async fn a_repeat_after_a_half_done_import_does_the_rest_only() {
    let db = Database::start().await;
    let users: Vec<_> = (0..60)
        .map(|n| user(&format!("u{n}"), "Ada Lovelace"))
        .collect();
    import(&db, &users[..25]).await;
    assert_eq!(
        import(&db, &users).await,
        Imported {
            written: 35,
            unchanged: 25,
            upn_shared: vec![],
        }
    );
    assert_eq!(found(&db, "lovelace ada").await.len(), 60);
}

fn with_upn(id: &str, upn: &str) -> User {
    user_from(json!({"userId": id, "commonName": "Ada Lovelace", "upn": upn}))
}

/// Whose sign-in this is.
async fn signs_in(db: &Database, name: &str) -> Option<String> {
    let context = db.tables().caller_context(SignIn::of(name)).await.unwrap();
    context.user_id.map(|id| id.to_string())
}

#[tokio::test]
async fn a_user_signs_in_by_the_upn_that_they_have_now() {
    let db = Database::start().await;
    import(&db, &[with_upn("u1", "Ada.B@example.com")]).await;
    let found = signs_in(&db, "ada.b@EXAMPLE.com").await;
    assert_eq!(found.as_deref(), Some("u1"));
    assert_eq!(signs_in(&db, "ada.l@example.com").await, None);
    import(&db, &[with_upn("u1", "ada.l@example.com")]).await;
    assert_eq!(signs_in(&db, "ada.b@example.com").await, None);
    let found = signs_in(&db, "ada.l@example.com").await;
    assert_eq!(found.as_deref(), Some("u1"));
    import(&db, &[user("u1", "Ada Lovelace")]).await;
    assert_eq!(signs_in(&db, "ada.l@example.com").await, None);
    // Of the two UPNs nothing but their keys is left.
    assert_eq!(db.user_items().await, 1 + 2 + 2);
}

#[tokio::test]
async fn a_upn_of_two_users_lets_neither_sign_in_and_both_are_stored() {
    let db = Database::start().await;
    let ada = with_upn("u1", "ada@example.com");
    let first = import(&db, &[ada, user("u2", "Bo Ek")]).await;
    assert_eq!((first.written, first.upn_shared), (2, vec![]));
    let twin = with_upn("u2", "ADA@example.com");
    let second = import(&db, &[twin.clone(), user("u3", "Cy Ek")]).await;
    assert_eq!(
        (second.written, second.upn_shared),
        (2, vec![user_id("u2")])
    );
    assert_eq!(stored(&db, "u2").await.upn, twin.upn);
    assert_eq!(signs_in(&db, "ada@example.com").await, None);
    // Whoever is left with it signs in.
    import(&db, &[user("u1", "Ada Lovelace")]).await;
    let found = signs_in(&db, "ada@example.com").await;
    assert_eq!(found.as_deref(), Some("u2"));
}

#[tokio::test]
async fn two_new_users_with_one_upn_are_both_reported() {
    let db = Database::start().await;
    let twins = ["u1", "u2"].map(|id| with_upn(id, "ada@example.com"));
    let imported = import(&db, &twins).await;
    let both = vec![user_id("u1"), user_id("u2")];
    assert_eq!((imported.written, imported.upn_shared), (2, both));
    assert_eq!(signs_in(&db, "ada@example.com").await, None);
}

#[tokio::test]
async fn upns_move_between_users_within_one_import_even_in_a_ring() {
    let db = Database::start().await;
    let (ada, bea) = ("ada@example.com", "bea@example.com");
    import(&db, &[with_upn("u1", ada), with_upn("u2", bea)]).await;
    let swapped = [with_upn("u1", bea), with_upn("u2", ada)];
    let imported = import(&db, &swapped).await;
    assert_eq!((imported.written, imported.upn_shared), (2, vec![]));
    for (name, user_id) in [(ada, "u2"), (bea, "u1")] {
        assert_eq!(signs_in(&db, name).await.as_deref(), Some(user_id));
    }
}

#[tokio::test]
async fn who_leaves_signs_in_no_more_and_stands_in_nobodys_way() {
    let db = Database::start().await;
    let ada = with_upn("u1", "ada@example.com");
    import(&db, slice::from_ref(&ada)).await;
    let gone = User {
        state: UserState::Inactive,
        ..ada
    };
    import(&db, &[gone, with_upn("u2", "ada@example.com")]).await;
    assert_eq!(stored(&db, "u1").await.state, UserState::Inactive);
    let found = signs_in(&db, "ada@example.com").await;
    assert_eq!(found.as_deref(), Some("u2"));
}

#[tokio::test]
async fn users_of_an_older_release_sign_in_after_the_next_import() {
    let db = Database::start().await;
    let ada = with_upn("u1", "ada@example.com");
    import(&db, slice::from_ref(&ada)).await;
    for was_known in [false, true] {
        db.forget_sign_in("u1").await;
        if !was_known {
            db.delete_sign_in("ada@example.com").await;
            assert_eq!(signs_in(&db, "ada@example.com").await, None);
        }
        assert_eq!(import(&db, slice::from_ref(&ada)).await.written, 1);
        let found = signs_in(&db, "ada@example.com").await;
        assert_eq!(found.as_deref(), Some("u1"));
        assert_eq!(import(&db, slice::from_ref(&ada)).await.unchanged, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_imports_at_once_none_loses_a_user_of_a_upn() {
    let db = Database::start().await;
    let imports = (0..8).map(|n| {
        let (tables, user) = (db.tables(), with_upn(&format!("u{n}"), "ada@example.com"));
        tokio::spawn(async move { tables.import_users(&[user]).await })
    });
    let answers: Vec<_> = join_all(imports).await;
    let answers = answers.into_iter().map(|answer| answer.unwrap().unwrap());
    assert_eq!(answers.map(|imported| imported.written).sum::<usize>(), 8);
    for n in 0..7 {
        import(&db, &[user(&format!("u{n}"), "Bo Ek")]).await;
        let last = (n == 6).then_some("u7");
        assert_eq!(signs_in(&db, "ada@example.com").await.as_deref(), last);
    }
}
