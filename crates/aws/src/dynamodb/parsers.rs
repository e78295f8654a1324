//! Whatever stands in an item, it is read or refused, and what was written reads back.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_domain::card::{Card, EventKind, StateKind, sample};
use cardwright_domain::options::Options;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::item::Item;
use super::{card_item, keys, options};

fn cards() -> impl Strategy<Value = Card> {
    let states = select(StateKind::ALL.to_vec());
    let events = select(EventKind::ALL.to_vec());
    (states, events, "[!-~]{1,20}").prop_map(|(state, event, key)| {
        let mut card = sample::card(state, &key);
        card.timeline
            .extend(sample::event(event).entry(sample::now()));
        card
    })
}

fn attribute() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(AttributeValue::S),
        "[-+]?[0-9]{0,40}(\\.[0-9]{0,3})?(e[0-9]{1,3})?".prop_map(AttributeValue::N),
        any::<i64>().prop_map(|number| AttributeValue::N(number.to_string())),
        any::<bool>().prop_map(AttributeValue::Bool),
        any::<bool>().prop_map(AttributeValue::Null),
        prop::collection::vec(any::<String>(), 0..3).prop_map(AttributeValue::Ss),
        prop::collection::vec("[0-9]{1,3}", 0..3).prop_map(AttributeValue::Ns),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4).prop_map(AttributeValue::M),
        ]
    })
}

proptest! {
    #[test]
    fn a_card_reads_back_as_it_was_written(card in cards()) {
        let item = card_item::to_item(&card).unwrap();
        prop_assert_eq!(card_item::from_item(item).unwrap(), card);
    }

    #[test]
    fn an_item_with_one_attribute_changed_is_a_card_or_an_error_that_repeats_nothing(
        card in cards(),
        at in any::<Index>(),
        text in "kanarie.{0,20}",
        changed in attribute(),
        is_text in any::<bool>(),
    ) {
        let mut item = card_item::to_item(&card).unwrap();
        let mut names: Vec<_> = item.keys().cloned().collect();
        names.sort();
        let changed = if is_text { AttributeValue::S(text) } else { changed };
        item.insert(at.get(&names).clone(), changed);
        match card_item::from_item(item) {
            // What was read as a card can be written as one.
            Ok(read) => drop(card_item::to_item(&read).unwrap()),
            Err(error) => {
                let shown = format!("{error:?} {error}");
                prop_assert!(!shown.contains("kanarie"));
            }
        }
    }

    #[test]
    fn an_item_of_anything_is_no_panic(
        item in prop::collection::hash_map("[a-z_]{1,12}", attribute(), 0..8),
        body in any::<String>(),
    ) {
        drop(card_item::from_item(item.clone()));
        drop(card_item::readable(item.clone()));
        drop(options::from_record(item));
        let stored = Item::from([("body".to_owned(), AttributeValue::S(body))]);
        drop(options::from_item(Some(stored)));
    }

    #[test]
    fn a_sort_key_gives_back_the_text_of_its_entry(text in "[^\\t]{0,60}", id in "[a-z0-9-]{1,64}") {
        let sort_key = format!("{text}\t{id}");
        prop_assert_eq!(keys::text_of_entry(&sort_key), &text);
        prop_assert_eq!(keys::text_of_entry(&text), &text);
    }
}

#[test]
fn options_that_were_never_stored_are_the_defaults() {
    assert_eq!(options::from_item(None).unwrap(), Options::default());
}
