//! What happens to the world between requests, so that more than the first refusal is met.

use cardwright_app::ports::{Answer, Status};
use cardwright_domain::card::{Card, CardKind, EventKind, Failure, State, sample};
use cardwright_domain::ids::{ProducerOrderId, ProductionTypeId};
use cardwright_domain::order_status::{Progress, Shipment};
use cardwright_domain::production_type::Delivery;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::contract::cases::{
    active, failed, first_card, inactive, limit_names, ordered, produced, producer_says, requested,
};
use crate::support::gateway::OPERATOR;
use crate::support::memory::{Memory, accepted};
use crate::support::webhook::{KEY, OTHER_KEY};

/// What happens to the world before a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) name: &'static str,
    pub(super) apply: fn(&Memory),
}

/// Mostly nothing; before what is about one card more often what decides about it.
pub(super) fn change(operation: &str) -> BoxedStrategy<Change> {
    let nothing = Change {
        name: "nothing",
        apply: |_| {},
    };
    let its_own = match operation {
        "repeatOrder" => repeat_changes(),
        "refreshOrder" => refresh_changes(),
        "receiveProducerEvent" => event_changes(),
        "activateCard" | "deactivateCard" | "reactivateCard" | "lockCard" => command_changes(),
        _ => return prop_oneof![8 => Just(nothing), 1 => select(any_changes())].boxed(),
    };
    prop_oneof![
        3 => Just(nothing),
        1 => select(any_changes()),
        6 => select(its_own),
    ]
    .boxed()
}

fn any_changes() -> Vec<Change> {
    vec![
        Change {
            name: "ordering was disabled",
            apply: |memory| enable(memory, false),
        },
        Change {
            name: "ordering was enabled",
            apply: |memory| enable(memory, true),
        },
        Change {
            name: "the first card was claimed",
            apply: claim_first,
        },
        Change {
            name: "the first card was ordered",
            apply: |m| move_first(m, State::Ordered),
        },
        Change {
            name: "the first card failed",
            apply: |m| move_first(m, State::Failed { failure: why() }),
        },
        Change {
            name: "the first card waits for approval",
            apply: |m| move_first(m, State::Requested),
        },
        Change {
            name: "an approver asked for the other card",
            apply: |m| {
                m.put_card(Card {
                    barred_approvers: vec![OPERATOR.to_owned()],
                    ..requested()
                });
            },
        },
        Change {
            name: "the other card waits for approval",
            apply: |m| m.put_card(requested()),
        },
        Change {
            name: "the producer accepts",
            apply: |m| direct(m, accepted()),
        },
        Change {
            name: "the producer rejects",
            apply: |m| direct(m, Answer::Rejected(why())),
        },
        Change {
            name: "names have one character at most",
            apply: limit_names,
        },
        Change {
            name: "holders may help themselves",
            apply: |memory| memory.change_options(|options| options.self_service = true),
        },
        Change {
            name: "holders may not help themselves",
            apply: |memory| memory.change_options(|options| options.self_service = false),
        },
        Change {
            name: "several orders are allowed",
            apply: |memory| memory.change_options(|options| options.multiple_orders = true),
        },
    ]
}

/// What happens to the card that failed, to its holder and to the options.
fn repeat_changes() -> Vec<Change> {
    vec![
        Change {
            name: "the failed card can be repeated",
            apply: repeatable,
        },
        Change {
            name: "repeating was disabled",
            apply: |m| m.change_options(|options| options.use_cases.repeat_order.enabled = false),
        },
        Change {
            name: "what is repeated is approved again",
            apply: |m| m.change_options(|options| options.approval.single = true),
        },
        Change {
            name: "the failed card is delivered directly",
            apply: |m| put_failed(m, |card| card.delivery = Delivery::Direct),
        },
        Change {
            name: "the failed card is of a type that there is not",
            apply: |m| {
                put_failed(m, |card| {
                    card.production_type = ProductionTypeId::parse("old").unwrap()
                })
            },
        },
        Change {
            name: "the failed card is for somebody with an open order",
            apply: |m| m.put_card(failed("ada")),
        },
        Change {
            name: "its holder is inactive",
            apply: |m| m.put_user("bea", json!({"state": "inactive"})),
        },
        Change {
            name: "its holder has no UPN",
            apply: |m| m.put_user("bea", json!({"upn": null})),
        },
        Change {
            name: "its holder has gone",
            apply: |m| m.users.lock().unwrap().retain(|id, _| id.as_str() != "bea"),
        },
        Change {
            name: "names have one character at most, and repeating is enabled",
            apply: |memory| {
                repeatable(memory);
                limit_names(memory);
            },
        },
    ]
}

/// What happens to the card that the producer has in hand, and what the producer says of it.
fn refresh_changes() -> Vec<Change> {
    vec![
        Change {
            name: "the ordered card is as it was, and being made",
            apply: |memory| {
                memory.put_card(ordered());
                producer_says(memory, &ordered(), Progress::InProduction);
            },
        },
        Change {
            name: "the ordered card is as it was, and on its way",
            apply: |memory| {
                memory.put_card(ordered());
                let carrier = Some("Northern Post".into());
                let shipment = Shipment {
                    carrier,
                    tracking: None,
                };
                producer_says(memory, &ordered(), Progress::Produced(shipment));
            },
        },
        Change {
            name: "the ordered card can't be made",
            apply: |memory| {
                let failure = Failure::production_failed("the chip is broken".into());
                producer_says(memory, &ordered(), Progress::Failed(failure));
            },
        },
        Change {
            name: "the producer has forgotten its orders",
            apply: |m| *m.producer_status.lock().unwrap() = Some(Status::Contradicts),
        },
        Change {
            name: "the ordered card has the id of another order",
            apply: |memory| {
                memory.put_card(Card {
                    producer_order_id: Some(ProducerOrderId::parse("P-2").unwrap()),
                    ..ordered()
                });
            },
        },
    ]
}

/// What happens to the cards that were made.
fn command_changes() -> Vec<Change> {
    vec![
        Change {
            name: "the cards that were made are as they were",
            apply: |memory| {
                for card in [produced(), active(), inactive()] {
                    memory.put_card(card);
                }
            },
        },
        Change {
            name: "the card that was made is a temporary one",
            apply: |memory| {
                memory.put_card(Card {
                    kind: CardKind::Temporary,
                    ..produced()
                });
            },
        },
        Change {
            name: "the active card has expired",
            apply: |memory| {
                memory.put_card(Card {
                    state: State::Expired,
                    ..active()
                });
            },
        },
    ]
}

/// What happens to the card that the producer tells of, to the keys and to what is remembered.
fn event_changes() -> Vec<Change> {
    let mut changes = refresh_changes();
    changes.extend([
        Change {
            name: "the events were forgotten",
            apply: |m| m.events.lock().unwrap().clear(),
        },
        Change {
            name: "the keys were changed",
            apply: |m| *m.signing_keys.lock().unwrap() = Some(OTHER_KEY.into()),
        },
        Change {
            name: "the right key is one of two",
            apply: |m| *m.signing_keys.lock().unwrap() = Some(format!("{OTHER_KEY} {KEY}")),
        },
    ]);
    changes
}

/// Whatever has become of the card that failed and of its holder, they are as they were.
fn repeatable(memory: &Memory) {
    memory.put_user("bea", json!({}));
    memory.put_card(failed("bea"));
    memory.change_options(|options| options.use_cases.repeat_order.enabled = true);
}

fn put_failed(memory: &Memory, change: fn(&mut Card)) {
    let mut card = failed("bea");
    change(&mut card);
    memory.put_card(card);
}

fn enable(memory: &Memory, enabled: bool) {
    memory.change_options(|options| options.use_cases.order_card.enabled = enabled);
}

fn why() -> Failure {
    Failure::producer_rejected("unknown article".into())
}

fn direct(memory: &Memory, says: Answer) {
    memory.change_options(|options| options.production_types[0].delivery = Delivery::Direct);
    *memory.producer_says.lock().unwrap() = Some(says);
}

fn move_first(memory: &Memory, state: State) {
    let card = memory.cards.lock().unwrap()[&first_card()].clone();
    memory.put_card(Card { state, ..card });
}

fn claim_first(memory: &Memory) {
    let card = memory.cards.lock().unwrap()[&first_card()].clone();
    if let Ok(claimed) = card.on(&sample::event(EventKind::Claim), sample::now()) {
        memory.put_card(claimed);
    }
}
