use cardwright_domain::card::{Failure, sample};
use cardwright_domain::ids::{OrderAttempt, ProducerOrderId};
use cardwright_domain::order_status::Shipment;

use super::*;
use crate::memory::{Memory, answer, check_counts, counted};

fn id() -> ProducerOrderId {
    sample::producer_order_id()
}

/// A card in this state of whose order the producer knows.
fn card(state: StateKind) -> Card {
    Card {
        producer_order_id: Some(id()),
        ..sample::card(state, "k")
    }
}

fn by_post() -> Progress {
    Progress::Produced(Shipment {
        carrier: Some("Northern Post".into()),
        tracking: None,
    })
}

fn broken() -> Progress {
    Progress::Failed(Failure::producer_rejected("the chip is broken".into()))
}

fn says(card: &Card, progress: Progress) -> OrderStatus {
    OrderStatus {
        order_id: card.order_id(),
        producer_order_id: id(),
        progress,
    }
}

/// Where the card is then; `None` if it contradicts.
fn take(card: &Card, status: &OrderStatus) -> Option<Card> {
    let memory = Memory::with([card.clone()]);
    let by = Actor::system("refresh-order");
    let (taken, counts) = counted(take_status(&memory, &memory, &by, card.clone(), status));
    match taken.unwrap() {
        Taken::Card(after) => {
            assert_eq!(memory.things().cards[&card.card_id], *after);
            check_counts(&counts, &[]);
            Some(*after)
        }
        Taken::Contradicted => {
            assert_eq!(memory.things().cards[&card.card_id], *card);
            check_counts(&counts, &[("ProducerOrderMismatch", 1)]);
            None
        }
    }
}

#[test]
fn a_card_follows_the_producer_and_never_goes_back() {
    use StateKind as S;
    for (state, accepted, in_production, produced, failed) in [
        (S::Registered, None, None, None, None),
        (S::Requested, None, None, None, None),
        (S::Aborted, None, None, None, None),
        (S::Rejected, None, None, None, None),
        (
            S::Processing,
            Some(S::Ordered),
            Some(S::InProduction),
            Some(S::Produced),
            Some(S::Failed),
        ),
        (
            S::Ordered,
            Some(S::Ordered),
            Some(S::InProduction),
            Some(S::Produced),
            Some(S::Failed),
        ),
        (
            S::InProduction,
            Some(S::InProduction),
            Some(S::InProduction),
            Some(S::Produced),
            Some(S::Failed),
        ),
        (
            S::Failed,
            Some(S::Failed),
            Some(S::Failed),
            None,
            Some(S::Failed),
        ),
        (
            S::Produced,
            Some(S::Produced),
            Some(S::Produced),
            Some(S::Produced),
            None,
        ),
        (
            S::Active,
            Some(S::Active),
            Some(S::Active),
            Some(S::Active),
            None,
        ),
        (
            S::Inactive,
            Some(S::Inactive),
            Some(S::Inactive),
            Some(S::Inactive),
            None,
        ),
        (
            S::Locked,
            Some(S::Locked),
            Some(S::Locked),
            Some(S::Locked),
            None,
        ),
        (
            S::Expired,
            Some(S::Expired),
            Some(S::Expired),
            Some(S::Expired),
            None,
        ),
        (
            S::Unassigned,
            Some(S::Unassigned),
            Some(S::Unassigned),
            Some(S::Unassigned),
            None,
        ),
        (
            S::Assigned,
            Some(S::Assigned),
            Some(S::Assigned),
            Some(S::Assigned),
            None,
        ),
    ] {
        let card = card(state);
        for (progress, expected) in [
            (Progress::Accepted, accepted),
            (Progress::InProduction, in_production),
            (by_post(), produced),
            (broken(), failed),
        ] {
            let after = take(&card, &says(&card, progress.clone()));
            let after = after.map(|card| card.state.kind());
            assert_eq!(after, expected, "{state:?} {progress:?}");
        }
    }
}

#[test]
fn news_of_an_order_whose_answer_was_lost_make_it_ordered_first() {
    let claimed = Card {
        producer_order_id: None,
        ..card(StateKind::Processing)
    };
    let produced = take(&claimed, &says(&claimed, by_post())).unwrap();
    assert_eq!(produced.producer_order_id, Some(id()));
    assert_eq!(produced.shipment.carrier.as_deref(), Some("Northern Post"));
    assert!(produced.due_at.is_some(), "the email waits");
    let unclaimed = Card {
        state: State::QUEUED,
        ..claimed
    };
    assert_eq!(
        take(&unclaimed, &says(&unclaimed, Progress::Accepted)),
        None
    );
}

#[test]
fn news_are_of_one_attempt_and_one_order_of_the_producer() {
    let second = Card {
        attempt: OrderAttempt(2),
        ..card(StateKind::InProduction)
    };
    let of_attempt = |attempt, progress| {
        let mut status = says(&second, progress);
        status.order_id.attempt = OrderAttempt(attempt);
        take(&second, &status).map(|card| card.state.kind())
    };
    for progress in [Progress::InProduction, broken()] {
        assert_eq!(of_attempt(1, progress), Some(StateKind::InProduction));
    }
    assert_eq!(of_attempt(1, by_post()), None, "a card too many");
    assert_eq!(of_attempt(3, Progress::Accepted), None);
    let of_another_card = OrderStatus {
        order_id: sample::card(StateKind::Ordered, "other").order_id(),
        ..says(&second, by_post())
    };
    assert_eq!(take(&second, &of_another_card), None);
    let stranger = OrderStatus {
        producer_order_id: ProducerOrderId::parse("P-2").unwrap(),
        ..says(&second, by_post())
    };
    assert_eq!(take(&second, &stranger), None);
}

#[test]
fn a_card_that_changes_under_the_news_is_looked_at_again() {
    let ordered = card(StateKind::Ordered);
    let memory = Memory::with([card(StateKind::Produced)]);
    let by = Actor::system("refresh-order");
    let status = says(&ordered, Progress::InProduction);
    let taken = answer(take_status(&memory, &memory, &by, ordered.clone(), &status));
    let Ok(Taken::Card(after)) = taken else {
        panic!("{taken:?}");
    };
    assert_eq!(after.state.kind(), StateKind::Produced);
    memory.things().cards.clear();
    let taken = answer(take_status(&memory, &memory, &by, ordered, &status));
    assert!(matches!(taken, Ok(Taken::Contradicted)), "{taken:?}");
}

#[test]
fn how_a_card_travels_may_be_told_later_and_is_not_forgotten() {
    let shipment = |carrier: Option<&str>, tracking: Option<&str>| Shipment {
        carrier: carrier.map(str::to_owned),
        tracking: tracking.map(str::to_owned),
    };
    let (nothing, carrier) = (shipment(None, None), shipment(Some("Post"), None));
    let (both, other) = (
        shipment(Some("Post"), Some("NP1")),
        shipment(Some("Courier"), Some("NP2")),
    );
    let tracking = shipment(None, Some("NP1"));
    for (known, told, after) in [
        (&nothing, &carrier, &carrier),
        (&nothing, &tracking, &tracking),
        (&nothing, &both, &both),
        (&carrier, &both, &both),
        (&carrier, &tracking, &both),
        (&carrier, &nothing, &carrier),
        (&carrier, &carrier, &carrier),
        (&both, &carrier, &both),
        (&both, &other, &both),
    ] {
        let card = Card {
            shipment: known.clone(),
            ..card(StateKind::Produced)
        };
        let status = says(&card, Progress::Produced(told.clone()));
        let card = take(&card, &status).unwrap();
        assert_eq!(card.shipment, *after, "{known:?} {told:?}");
        assert_eq!(card.state.kind(), StateKind::Produced);
    }
}
