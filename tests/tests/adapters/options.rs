//! The options are replaced as a whole, and only over the version that was seen.

use cardwright_app::ports::{ReadOptions, StoreOptions};
use cardwright_domain::options::Options;
use futures_util::future::join_all;

use crate::support::dynamo::Database;

#[tokio::test]
async fn a_version_is_stored_only_over_the_one_before_it() {
    let tables = Database::start().await.tables();
    let version = |version| Options {
        version,
        ..Options::default()
    };
    assert!(
        !tables.store_options(&version(2)).await.unwrap(),
        "nothing is there yet"
    );
    assert!(tables.store_options(&version(1)).await.unwrap());
    assert!(tables.store_options(&version(2)).await.unwrap());
    let other = Options {
        multiple_orders: true,
        ..version(2)
    };
    assert!(
        !tables.store_options(&other).await.unwrap(),
        "version 2 is there already"
    );
    assert!(
        !tables.store_options(&version(4)).await.unwrap(),
        "version 3 is not there yet"
    );
    assert_eq!(tables.options().await.unwrap(), version(2));
}

#[tokio::test]
async fn the_same_document_from_another_caller_is_a_change_that_comes_too_late() {
    let tables = Database::start().await.tables();
    let options = Options {
        version: 1,
        multiple_orders: true,
        ..Options::default()
    };
    assert!(tables.store_options(&options).await.unwrap());
    assert!(!tables.store_options(&options).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_at_once_one_wins() {
    let db = Database::start().await;
    for version in 1..=50 {
        let tries = [false, true].map(|multiple_orders| {
            let tables = db.tables();
            let options = Options {
                version,
                multiple_orders,
                ..Options::default()
            };
            tokio::spawn(async move { tables.store_options(&options).await.unwrap() })
        });
        let won = join_all(tries)
            .await
            .into_iter()
            .map(Result::unwrap)
            .filter(|won| *won);
        assert_eq!(won.count(), 1, "version {version}");
    }
}
