use cardwright_domain::card::{StateKind, sample};

use super::*;
use crate::memory::{Memory, check_counts, counted};

fn request(key: &str) -> OrderRequest {
    OrderRequest {
        caller: sample::operator(),
        for_self: false,
        key: IdempotencyKey::parse(key).unwrap(),
        user_id: UserId::parse("u1").unwrap(),
        production_type: None,
        comment: Some("for the new office".into()),
    }
}

fn order(memory: &Memory, request: OrderRequest) -> (Result<Card, String>, Vec<(String, u64)>) {
    let (ordered, counts) = counted(order_card(memory, memory, memory, memory, request));
    (ordered.map_err(|error| format!("{error:?}")), counts)
}

#[test]
fn an_order_is_placed_and_counted_once_and_answered_alike_ever_after() {
    let memory = Memory::with([]);
    let (placed, counts) = order(&memory, request("k"));
    let placed = placed.unwrap();
    assert_eq!(placed.state.kind(), StateKind::Processing);
    assert_eq!(memory.things().reminded, [placed.order_id()]);
    check_counts(&counts, &[("OrdersPlaced", 1)]);
    let (again, counts) = order(&memory, request("k"));
    assert_eq!(again, Ok(placed));
    check_counts(&counts, &[]);
}

#[test]
fn a_key_is_good_for_one_request() {
    let memory = Memory::with([]);
    order(&memory, request("k")).0.unwrap();
    for other in [
        OrderRequest {
            comment: None,
            ..request("k")
        },
        OrderRequest {
            production_type: Some("standard".into()),
            ..request("k")
        },
        OrderRequest {
            user_id: UserId::parse("u2").unwrap(),
            ..request("k")
        },
    ] {
        let refused = order(&memory, other).0.unwrap_err();
        assert_eq!(refused, "Refused(IdempotencyKeyReused)");
    }
}

#[test]
fn a_card_that_is_held_is_left_to_the_sweep() {
    let memory = Memory::with([]);
    memory.things().options.production_types[0].hold_minutes = 30;
    let until = sample::now().plus(jiff::SignedDuration::from_mins(30));
    let held = order(&memory, request("k")).0.unwrap();
    assert_eq!((held.held_until, held.due_at), (Some(until), Some(until)));
    assert!(memory.things().reminded.is_empty());
}

#[test]
fn an_order_that_needs_approval_goes_nowhere_by_itself() {
    for delivery in [Delivery::Queue, Delivery::Direct] {
        let memory = Memory::with([]);
        memory.things().options.approval.single = true;
        memory.things().options.production_types[0].delivery = delivery;
        let asked = order(&memory, request("k")).0.unwrap();
        assert_eq!(asked.state.kind(), StateKind::Requested);
        assert_eq!(asked.due_at, None);
        assert_eq!(asked.barred_approvers.len(), 3);
        assert!(memory.things().reminded.is_empty() && memory.things().submitted.is_empty());
    }
}

#[test]
fn a_direct_order_is_answered_as_the_producer_answered_it() {
    let memory = Memory::with([]);
    memory.things().options.production_types[0].delivery = Delivery::Direct;
    let (placed, counts) = order(&memory, request("k"));
    assert_eq!(placed.unwrap().state.kind(), StateKind::Ordered);
    check_counts(&counts, &[("OrdersHandedOver", 1), ("OrdersPlaced", 1)]);
}

#[test]
fn the_first_thing_that_forbids_an_order_is_the_answer() {
    let memory = Memory::with([]);
    let inactive = OrderRequest {
        user_id: UserId::parse("u2").unwrap(),
        ..request("k")
    };
    let (refused, counts) = order(&memory, inactive);
    assert_eq!(refused.unwrap_err(), "Refused(UserInactive)");
    check_counts(&counts, &[]);
    assert!(memory.things().cards.is_empty());
}

#[test]
fn holders_order_for_themselves_and_for_nobody_else() {
    let memory = Memory::with([]);
    let own = |caller: &str, user_id: &str| OrderRequest {
        caller: Actor::parse(caller).unwrap(),
        for_self: true,
        user_id: UserId::parse(user_id).unwrap(),
        ..request("k")
    };
    memory.things().users[1].upn = None;
    for (caller, user_id) in [
        ("bea@example.com", "u1"),
        ("ada@example.com", "u2"),
        ("ada@example.com", "u9"),
    ] {
        let refused = order(&memory, own(caller, user_id)).0.unwrap_err();
        assert_eq!(refused, "Refused(UserNotFound)");
    }
    assert!(memory.things().cards.is_empty());
    let placed = order(&memory, own("Ada@Example.com", "u1")).0.unwrap();
    assert_eq!(placed.requested_by.as_str(), "Ada@Example.com");
}

#[test]
fn a_holder_who_ordered_for_themself_decides_nothing_about_it() {
    let memory = Memory::with([]);
    memory.things().options.approval.single = true;
    let own = OrderRequest {
        caller: Actor::parse("ada@example.com").unwrap(),
        for_self: true,
        ..request("k")
    };
    let asked = order(&memory, own).0.unwrap();
    assert_eq!(asked.barred_approvers, ["ada@example.com", "u1"]);
}
