//! Every parser of the workspace, and what holds for whatever it is given (scorecard R16). Each
//! property runs on the same inputs every time; `PROPTEST_CASES` makes them more.
//!
//! | parser | holds for any input | where |
//! | --- | --- | --- |
//! | ids, callers, keys, addresses | accepted is bounded and bends nothing; reads back | `domain/parsers.rs` |
//! | user, template, options, query, time | keeps the type's promises; reads back | `domain/parsers.rs` |
//! | cursor | fits the list that it was made for and no other | here |
//! | API event, claims | a request or an error; only whole words are roles | here |
//! | query, headers, body of a request | an answer that the contract describes | `fuzz` |
//! | batch of the mail queue | what is no reminder is put aside, the rest is done | here |
//! | body of a reminder | reads exactly what is written | `aws/queues/reminder.rs` |
//! | item of a card, document of the options | a card or an error that repeats nothing; reads back | `aws/dynamodb/parsers.rs` |
//! | the producer's answers | definite or unknown, one order each | `aws/producer/answers.rs` |
//! | the producer's URL, token, `Retry-After` | only what is safe to use | `aws/producer/parsers.rs` |
//! | users as CSV and JSON Lines | a user or a fault for each record, in order; reads back | `xtask/users/parsers.rs` |
//! | orders, faults and progress at the bureau | within the contract's limits | `bureau-simulator/parsers.rs` |
//!
//! The schedule's event is not looked at, so there is nothing to parse.

use cardwright_api::event::Event;
use cardwright_app::page::{cursor, position};
use cardwright_aws::triggers::mail_queue;
use cardwright_domain::card::{Card, StateKind, sample};
use cardwright_domain::ids::{CardId, OrderAttempt, OrderId};
use lambda_runtime::{Context, LambdaEvent};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::gateway::Request;
use crate::support::memory::Memory;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(future)
}

/// JSON of any shape, some of whose members have the names that an event has.
fn event() -> impl Strategy<Value = Value> {
    let names = [
        "routeKey",
        "rawQueryString",
        "headers",
        "pathParameters",
        "body",
        "isBase64Encoded",
        "requestContext",
        "authorizer",
        "jwt",
        "claims",
        "requestId",
    ];
    let name = prop_oneof![
        6 => prop::sample::select(names.to_vec()).prop_map(str::to_owned),
        1 => "[a-zA-Z]{0,8}",
    ];
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 8, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            4 => prop::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The status of a request that needs the role of an operator or an approver.
fn status(groups: Value) -> u16 {
    let mut request = Request::new("GET /cards").query("state=failed");
    request.0["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups;
    block_on(request.send(&Memory::ready())).status_code
}

/// A body of a message, and whether it reminds of the order with this card.
fn message(card: u128) -> impl Strategy<Value = (String, bool)> {
    let order_id = OrderId {
        card_id: uuid::Uuid::from_u128(card).to_string().parse().unwrap(),
        attempt: OrderAttempt::FIRST,
    };
    let good = json!({"cardId": order_id.card_id, "orderId": order_id.to_string()}).to_string();
    prop_oneof![
        1 => Just((good.clone(), true)),
        1 => any::<String>().prop_map(|text| (text, false)),
        1 => (0..good.len()).prop_map(move |end| (good[..end].to_owned(), false)),
    ]
}

proptest! {
    #[test]
    fn a_cursor_fits_the_list_that_it_was_made_for_and_no_other(
        list in "[a-z@. åß]{0,30}",
        other in "[a-z@. åß]{0,30}",
        place in any::<String>(),
        anything in any::<String>(),
    ) {
        let made = cursor(&list, &place);
        let is_short = made.len() <= 2_048;
        prop_assert_eq!(position(&list, &made).ok(), is_short.then_some(place));
        prop_assert!(made.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
        prop_assert!(list == other || position(&other, &made).is_err());
        if let Ok(place) = position(&list, &anything) {
            prop_assert_eq!(cursor(&list, &place), anything);
        }
    }

    #[test]
    fn an_event_is_a_request_or_an_error(event in event()) {
        if serde_json::from_value::<Event>(event.clone()).is_ok() {
            let response = block_on(Request(event).send_to("view-cards", &Memory::ready()));
            prop_assert!((200..500).contains(&response.status_code), "{}", response.body);
        }
    }

    #[test]
    fn only_a_whole_word_of_the_groups_is_a_role(
        before in "[a-z]{0,3}",
        after in "[a-zA-Z0-9_-]{0,3}",
        anything in "[^a-z]{0,20}",
    ) {
        let is_role = before.is_empty() && after.is_empty();
        let expected = if is_role { 200 } else { 403 };
        let word = format!("{before}operator{after}");
        prop_assert_eq!(status(json!(word)), expected);
        prop_assert_eq!(status(json!(format!("[staff {word}]"))), expected);
        prop_assert_eq!(status(json!([word, "staff"])), expected);
        prop_assert_eq!(status(json!({"operator": word})), 403);
        prop_assert_eq!(status(json!(anything)), 403);
    }

    #[test]
    fn of_a_batch_what_is_no_reminder_is_put_aside_and_the_rest_is_done(
        messages in prop::collection::vec((1_u128..6).prop_flat_map(message), 0..6),
    ) {
        let memory = Memory::default();
        for card in 1..6 {
            let card_id: CardId = uuid::Uuid::from_u128(card).to_string().parse().unwrap();
            memory.put_card(Card { card_id, ..sample::card(StateKind::Ordered, "k") });
        }
        let record = |(at, (body, _)): (usize, &(String, bool))| json!({
            "messageId": at.to_string(), "receiptHandle": "r", "body": body, "attributes": {},
            "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:mail", "awsRegion": "eu-central-1",
        });
        let records: Vec<_> = messages.iter().enumerate().map(record).collect();
        let mut context = Context::default();
        context.deadline = u64::MAX;
        let event = serde_json::from_value(json!({"Records": records})).unwrap();
        let batch = LambdaEvent::new(event, context);
        let answer = block_on(mail_queue(&memory, &memory, &memory, batch)).unwrap();
        prop_assert!(answer.batch_item_failures.is_empty());
        let mut put_aside = memory.quarantined.lock().unwrap().clone();
        let garbage = messages.iter().filter(|(_, is_reminder)| !is_reminder);
        let mut garbage: Vec<_> = garbage.map(|(body, _)| body.clone()).collect();
        put_aside.sort();
        garbage.sort();
        prop_assert_eq!(put_aside, garbage);
        let mut reminded: Vec<_> = messages.iter().filter(|(_, r)| *r).map(|(b, _)| b).collect();
        reminded.sort();
        reminded.dedup();
        prop_assert_eq!(memory.mails.lock().unwrap().len(), reminded.len());
    }
}
