//! What happens to the world between requests, so that more than the first refusal is met.

use cardwright_app::ports::Answer;
use cardwright_domain::card::{Card, EventKind, Failure, State, sample};
use cardwright_domain::production_type::Delivery;
use proptest::prelude::*;
use proptest::sample::select;

use crate::contract::cases::{first_card, limit_names, requested};
use crate::support::gateway::OPERATOR;
use crate::support::memory::{Memory, accepted};

/// What happens to the world before a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) name: &'static str,
    pub(super) apply: fn(&Memory),
}

pub(super) fn change() -> BoxedStrategy<Change> {
    let nothing = Change {
        name: "nothing",
        apply: |_| {},
    };
    let changes = vec![
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
            apply: |m| move_first(m, failed()),
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
            name: "several orders are allowed",
            apply: |memory| memory.change_options(|options| options.multiple_orders = true),
        },
    ];
    prop_oneof![8 => Just(nothing), 1 => select(changes)].boxed()
}

fn enable(memory: &Memory, enabled: bool) {
    memory.change_options(|options| options.use_cases.order_card.enabled = enabled);
}

fn why() -> Failure {
    Failure::producer_rejected("unknown article".into())
}

fn failed() -> State {
    State::Failed { failure: why() }
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
