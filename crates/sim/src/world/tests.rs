use cardwright_domain::card::{Email, StateKind};
use cardwright_domain::production_type::Delivery;

use super::executor::Executor;
use super::fault::Calm;
use super::flaw::Flaw;
use super::schedule::play;
use super::setting::{options, request, user};
use super::state::{Setting, World};
use super::tally::Tally;

fn world(delivery: Delivery) -> Executor {
    let setting = Setting {
        users: vec![user(0, true)],
        options: options(delivery),
        seed: 1,
    };
    Executor::new(World::new(setting, Box::new(Calm)))
}

#[test]
fn an_order_in_a_world_without_faults_ends_ordered_with_one_email() {
    for delivery in [Delivery::Queue, Delivery::Direct] {
        let mut executor = world(delivery);
        let user_id = executor.world.state().users[0].user_id.clone();
        executor.order(request(&user_id, 1, None));
        executor.run();
        executor.settle();
        let state = executor.world.state();
        assert_eq!(state.violations, []);
        let card = state.cards.values().next().unwrap();
        assert_eq!(card.state.kind(), StateKind::Ordered, "{delivery:?}");
        assert!(matches!(card.email, Email::Sent { .. }));
        assert_eq!(
            (state.bureau.made(card.order_id()), state.post.taken.len()),
            (1, 1)
        );
    }
}

#[test]
fn thousands_of_schedules_break_no_promise() {
    let mut tally = Tally::default();
    for seed in 1..=3_000 {
        let played = play(seed, None, &mut tally, false);
        assert_eq!(played.violations, [], "replay --seed {seed}");
    }
    // A world in which nothing happens breaks no promise either.
    assert!(
        tally.made > 1_000 && tally.stopped > 100 && tally.repeats > 1_000,
        "{tally:?}"
    );
    assert!(
        tally.crashes > 100 && tally.second_emails > 0 && tally.faults.len() == 12,
        "{tally:?}"
    );
}

#[test]
fn every_world_that_is_broken_on_purpose_is_seen() {
    for flaw in Flaw::ALL {
        let broken = |seed: &u64| {
            let played = play(*seed, Some(flaw), &mut Tally::default(), false);
            !played.violations.is_empty()
        };
        assert!((1..=3_000).find(broken).is_some(), "{flaw:?}");
    }
}

#[test]
fn a_seed_is_one_schedule() {
    for seed in 1..=20 {
        let told = || play(seed, None, &mut Tally::default(), true).timeline;
        assert_eq!(told(), told(), "seed {seed}");
    }
}
