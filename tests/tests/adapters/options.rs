//! The options are replaced as a whole, only over the version that was seen, and each change is
//! recorded with them.

use cardwright_app::ports::{
    OptionsChange, ReadOptions, ReadOptionsHistory, RecordedChange, StoreOptions,
};
use cardwright_domain::card::sample;
use cardwright_domain::options::Options;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::dynamo::{CARDS, Database, options_change};
use crate::support::dynamo_faults::Fault;

fn version(version: u64) -> Options {
    Options {
        version,
        ..Options::default()
    }
}

async fn store(db: &Database, options: Options) -> bool {
    let change = options_change(options);
    db.tables().store_options(&change).await.unwrap()
}

async fn recorded(db: &Database, newest: u64) -> Vec<RecordedChange> {
    db.tables().options_history(1..=newest).await.unwrap()
}

/// The versions of these records.
fn versions(records: &[RecordedChange]) -> Vec<u64> {
    records.iter().map(|record| record.version).collect()
}

#[tokio::test]
async fn a_version_is_stored_only_over_the_one_before_it() {
    let db = Database::start().await;
    assert!(!store(&db, version(2)).await, "nothing is there yet");
    assert!(store(&db, version(1)).await);
    assert!(store(&db, version(2)).await);
    let other = Options {
        multiple_orders: true,
        ..version(2)
    };
    assert!(!store(&db, other).await, "version 2 is there already");
    assert!(!store(&db, version(4)).await, "version 3 is not there yet");
    assert_eq!(db.tables().options().await.unwrap(), version(2));
    assert_eq!(versions(&recorded(&db, 9).await), [2, 1]);
}

#[tokio::test]
async fn a_change_is_recorded_with_its_author_its_time_and_the_whole_document() {
    let db = Database::start().await;
    assert!(store(&db, version(1)).await);
    let change = OptionsChange {
        options: Options {
            multiple_orders: true,
            ..version(2)
        },
        at: sample::later(),
        by: sample::approver(),
    };
    db.meter.take();
    assert!(db.tables().store_options(&change).await.unwrap());
    assert_eq!(db.meter.take().requests, 1);
    let records = recorded(&db, 2).await;
    assert_eq!(db.meter.take().requests, 1);
    let [second, first] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        (second.version, second.at, &second.by),
        (2, change.at, &change.by)
    );
    assert_eq!(second.document, json!(change.options));
    assert_eq!(
        (first.version, first.at, &first.by),
        (1, sample::now(), &sample::operator())
    );
    assert_eq!(first.document, json!(version(1)));
    assert_eq!(
        versions(&db.tables().options_history(2..=2).await.unwrap()),
        [2]
    );
}

#[tokio::test]
async fn more_than_a_hundred_records_are_read_newest_first() {
    let db = Database::start().await;
    for next in 1..=102 {
        assert!(store(&db, version(next)).await);
    }
    let records = db.tables().options_history(2..=102).await.unwrap();
    assert_eq!(versions(&records), (2..=102).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn no_versions_are_read_for_nothing() {
    let db = Database::start().await;
    assert_eq!(versions(&recorded(&db, 0).await), [0; 0]);
    assert_eq!(db.meter.take().requests, 0);
}

#[tokio::test]
async fn the_same_document_from_another_caller_is_a_change_that_comes_too_late() {
    let db = Database::start().await;
    let options = Options {
        multiple_orders: true,
        ..version(1)
    };
    assert!(store(&db, options.clone()).await);
    assert!(!store(&db, options).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_at_once_one_wins_and_is_the_one_who_is_recorded() {
    let db = Database::start().await;
    for next in 1..=50 {
        let tries = [(false, sample::operator()), (true, sample::approver())].map(
            |(multiple_orders, by)| {
                let tables = db.tables();
                let change = OptionsChange {
                    by,
                    ..options_change(Options {
                        multiple_orders,
                        ..version(next)
                    })
                };
                tokio::spawn(async move {
                    let won = tables.store_options(&change).await.unwrap();
                    won.then_some(change)
                })
            },
        );
        let won = join_all(tries).await.into_iter().filter_map(Result::unwrap);
        let won: Vec<_> = won.collect();
        assert_eq!(won.len(), 1, "version {next}");
        let records = db.tables().options_history(next..=next).await.unwrap();
        assert_eq!(records[0].by, won[0].by, "version {next}");
        assert_eq!(records[0].document, json!(won[0].options));
    }
    assert_eq!(recorded(&db, 50).await.len(), 50);
}

#[tokio::test]
async fn options_whose_answer_was_lost_are_stored_and_recorded_once() {
    let db = Database::start().await;
    db.faults.expect([Fault::Lost]);
    assert!(store(&db, version(1)).await);
    assert_eq!(db.meter.take().requests, 2);
    assert_eq!(db.tables().options().await.unwrap(), version(1));
    assert_eq!(versions(&recorded(&db, 1).await), [1]);
}

#[tokio::test]
async fn another_transaction_in_the_way_is_waited_for_and_may_have_been_the_winner() {
    let db = Database::start().await;
    db.faults
        .expect([Fault::cancelled(&["TransactionConflict", "None"])]);
    assert!(store(&db, version(1)).await);
    let late = ["TransactionConflict", "ConditionalCheckFailed"];
    db.faults.expect([Fault::cancelled(&late)]);
    assert!(!store(&db, version(2)).await);
}

#[tokio::test]
async fn a_record_is_never_written_over() {
    let db = Database::start().await;
    assert!(store(&db, version(1)).await);
    let before = db.card_item("options#1").await;
    let key = db.card_item("options").await["pk"].clone();
    let delete = db.client.delete_item().table_name(CARDS).key("pk", key);
    delete.send().await.unwrap();
    let change = OptionsChange {
        by: sample::approver(),
        ..options_change(version(1))
    };
    let error = db.tables().store_options(&change).await.unwrap_err();
    assert_eq!(error.operation, "dynamodb.TransactWriteItems");
    assert_eq!(db.card_item("options#1").await, before);
    assert_eq!(db.tables().options().await.unwrap(), Options::default());
}
