//! A search page costs what the page costs, not what the directory costs.

use cardwright_app::ports::SearchUsers;
use cardwright_domain::search::Query;
use cardwright_domain::user::User;
use serde_json::json;

use crate::support::dynamo::{Database, user_from};
use crate::support::dynamo_meter::Reading;

const GIVEN_NAMES: [&str; 4] = ["Anna", "Bert", "Carl", "Dora"];

/// Users whose texts are all equally long, so that only their number differs.
fn users(count: usize) -> Vec<User> {
    let user = |n: usize| {
        let given = GIVEN_NAMES[n % GIVEN_NAMES.len()];
        user_from(json!({
            "userId": format!("u{n:05}"),
            "commonName": format!("{given} Family{n:05}"),
            "upn": format!("{}.{n:05}@example.com", given.to_lowercase()),
        }))
    };
    (0..count).map(user).collect()
}

/// What one page costs in a directory of so many users, for each query.
async fn page_costs(count: usize, queries: &[(&str, usize)]) -> Vec<Reading> {
    let db = Database::start().await;
    let imported = db.tables().import_users(&users(count)).await.unwrap();
    assert_eq!(imported.written, count);
    let mut costs = Vec::new();
    for (text, limit) in queries {
        db.meter.take();
        let query = Query::parse(text).unwrap();
        let page = db
            .tables()
            .search_users(&query, None, *limit)
            .await
            .unwrap();
        assert_eq!(page.users.len(), *limit, "{text}");
        costs.push(db.meter.take());
    }
    costs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reads_the_same_among_a_hundred_users_and_among_twenty_thousand() {
    let queries = [
        ("anna", 10),
        ("anna fam", 10),
        ("family", 20),
        ("anna.00", 8),
    ];
    let few = page_costs(100, &queries).await;
    let many = page_costs(20_000, &queries).await;
    assert_eq!(few, many);
    for ((text, limit), cost) in queries.into_iter().zip(many) {
        assert_eq!(cost.requests, 1, "{text}");
        let each = if Query::parse(text).unwrap().is_identifier() {
            2
        } else {
            1
        };
        assert_eq!(
            cost.scanned,
            each * i32::try_from(limit).unwrap() + 4,
            "{text}"
        );
        assert!(cost.capacity <= 1.5, "{text}: {cost:?}");
    }
}
