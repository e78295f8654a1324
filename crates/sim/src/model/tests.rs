use super::actions::Action;
use super::*;

#[test]
fn every_broken_variant_breaks_its_promise() {
    for tried in try_variants() {
        assert!(tried.is_caught(), "{tried:#?}");
    }
}

#[test]
fn the_protocol_keeps_every_promise_and_is_never_stuck() {
    for config in scenarios::tiny() {
        let explored = explore::explore(&config);
        assert!(explored.fault.is_none(), "{:#?}", explored.fault);
    }
}

#[test]
fn messages_alone_are_enough_while_nothing_is_wrong_with_them() {
    let explored = explore::explore(&variants::messages_only());
    assert!(explored.fault.is_none(), "{:#?}", explored.fault);
}

#[test]
fn a_guard_that_is_called_redundant_is_redundant() {
    for config in variants::redundant() {
        let explored = explore::explore(&config.faults(1, 0));
        assert!(explored.fault.is_none(), "{:#?}", explored.fault);
    }
}

#[test]
fn the_checker_and_the_backward_pass_see_the_same_states() {
    for config in scenarios::tiny() {
        let (states, _, broken) = checker::check(&config, 1);
        assert_eq!(broken, None, "{}", config.name);
        assert_eq!(states, explore::explore(&config).states, "{}", config.name);
    }
}

#[test]
fn a_counterexample_is_a_list_of_steps_that_says_who_did_what() {
    let tried = try_variants().find(|tried| tried.name == "abort allowed while claimed");
    let fault = tried.and_then(|tried| tried.fault).unwrap();
    let last = fault.steps.last().unwrap();
    assert!(last.contains("made 1"), "{:#?}", fault.steps);
    let aborts = |step: &&String| step.starts_with("abort 1 (by Other) aborts the card");
    assert_eq!(fault.steps.iter().filter(aborts).count(), 1);
}

#[test]
fn states_that_differ_in_the_names_of_tokens_are_one() {
    let config = scenarios::tiny().remove(0);
    let mut state = config.first_states()[0];
    state.card.kind = state::Kind::Claimed(7);
    state.procs[1].token = 7;
    let mut other = state;
    other.card.kind = state::Kind::Claimed(4);
    other.procs[1].token = 4;
    assert_ne!(state, other);
    assert_eq!(state.normal(), other.normal());
    // A worker that lost the claim stays another worker.
    other.procs[1].token = 5;
    assert_ne!(state.normal(), other.normal());
}

#[test]
fn only_steps_that_nobody_has_to_want_count_for_the_backward_pass() {
    let config = scenarios::tiny().remove(0);
    let state = config.first_states()[0];
    let how = actions::How::Answered;
    let order = Action::Call {
        who: 0,
        how,
        way: 0,
    };
    let placed = config.after(&state, order).unwrap().state;
    assert!(!config.is_by_itself(&state, order));
    assert!(config.is_by_itself(&placed, order));
    assert!(config.is_by_itself(&placed, Action::TimePasses));
    for fault in [
        Action::HolderLeaves,
        Action::OrderReminderLost,
        Action::Land { slot: 0, way: 0 },
    ] {
        assert!(!config.is_by_itself(&placed, fault));
    }
}
