use std::collections::BTreeSet;

use cardwright_domain::card::EventKind;

use super::cuts::{self, Cuts, Failure, REACHED, cut};
use super::matrix::{Depth, Matrix, walk};
use super::races::{self, Races, race};
use super::scenario::{Scenario, Start};
use super::scenarios::{self, ABORTS, DRAINS, EMAILS, ORDERS, REPEATS, STOPS};
use super::script::{At, Gait, Strike};
use super::trial::Trial;
use crate::world::fault::{Call, Death};
use crate::world::flaw::Flaw;
use crate::world::promises::{
    APPROVED, NEVER_ABORTED, NEVER_TWICE, ONE_OPEN_ORDER, ONLY_CLAIMED, TRUE_STATE,
};
use crate::world::settle::{NEVER_LOST, ONE_EMAIL};

const SINGLES: cuts::Reach = cuts::Reach {
    gaits: &Gait::ALL,
    pairs: false,
};

const PAIRS: cuts::Reach = cuts::Reach {
    gaits: &[Gait::Together],
    pairs: true,
};

const SHALLOW: Depth = Depth {
    every_step: false,
    pairs: false,
};

const EVERY_STEP: Depth = Depth {
    every_step: true,
    pairs: false,
};

const STOPS_ONLY: races::Reach = races::Reach {
    every_way: false,
    faults: false,
};

fn cut_all<'a>(scenarios: impl IntoIterator<Item = &'a Scenario>, reach: cuts::Reach) -> Cuts {
    let mut sum = Cuts::default();
    for scenario in scenarios {
        sum.add(cut(scenario, reach, None));
    }
    sum.failures.iter().for_each(Failure::print);
    sum
}

fn named(name: &str) -> &'static Scenario {
    let mut scenarios = scenarios::all();
    scenarios.find(|scenario| scenario.name == name).unwrap()
}

const WAVE: &str = "tick, a wave: three orders, an inactive holder, garbage, 13 messages";

#[test]
fn every_call_of_every_use_case_can_be_the_last() {
    let cuts = cut_all(scenarios::all(), SINGLES);
    assert_eq!(cuts.violations, 0);
    assert_eq!(
        cuts.singles,
        2 * cuts.calls,
        "one before and one after each call"
    );
    assert!(cuts.unmarked > 0);
}

#[test]
fn every_call_of_the_recovery_can_be_the_last_as_well() {
    let few = |scenarios: &'static [Scenario]| scenarios.iter().take(2);
    let scenarios = few(ORDERS).chain(few(ABORTS)).chain(few(DRAINS));
    let scenarios = scenarios.chain(few(STOPS)).chain(few(EMAILS));
    let cuts = cut_all(scenarios, PAIRS);
    assert_eq!(cuts.violations, 0);
    assert!(cuts.pairs > cuts.singles);
}

#[test]
fn a_card_answered_as_aborted_is_never_sent_whatever_the_turns() {
    let mut sum = Races::default();
    let drains = DRAINS
        .iter()
        .filter(|scenario| scenario.runs == [Start::Tick]);
    for scenario in ORDERS[..3].iter().chain(drains.take(6)).chain(&STOPS[..1]) {
        sum.add(race(scenario, STOPS_ONLY, None));
    }
    sum.failures.iter().for_each(Failure::print);
    assert_eq!(sum.violations, 0);
    assert!(sum.aborted > 0 && sum.made > 0, "both ends were seen");
}

#[test]
fn every_fault_at_every_call_is_reached_and_mended() {
    let mut matrix = Matrix::default();
    for scenario in scenarios::all() {
        matrix.add(walk(scenario, SHALLOW, None));
    }
    matrix.failures.iter().for_each(Failure::print);
    assert_eq!(matrix.missing(), []);
    assert_eq!(matrix.sum().violations, 0);
}

#[test]
fn a_strike_that_nothing_runs_into_is_a_failure() {
    let trial = Trial {
        first: Some(Strike::death(At::Number(1_000), Death::Before)),
        ..Trial::new(&ORDERS[0], Gait::Together, None)
    };
    let mut cuts = Cuts::default();
    cuts.once(&trial, 1);
    assert_eq!(cuts.failures[0].broken, [REACHED]);
}

#[test]
fn two_runs_of_one_trial_are_the_same() {
    let first = Some(Strike::death(At::First(Call::Submit), Death::After));
    let trial = Trial {
        first,
        shown: true,
        ..Trial::new(named(WAVE), Gait::Reversed, None)
    };
    let (one, other) = (trial.run(), trial.run());
    assert!(!one.timeline.is_empty());
    assert_eq!(one.timeline, other.timeline);
}

// ---- teeth ----

type Promises = BTreeSet<&'static str>;

const ONE_GAIT: cuts::Reach = cuts::Reach {
    gaits: &[Gait::Together],
    pairs: false,
};

fn broken(failures: Vec<Failure>) -> Promises {
    failures
        .into_iter()
        .flat_map(|failure| failure.broken)
        .collect()
}

fn broken_by_cuts(scenarios: &[Scenario], flaw: Flaw) -> Promises {
    let cuts = scenarios
        .iter()
        .map(|scenario| cut(scenario, ONE_GAIT, Some(flaw)));
    broken(cuts.flat_map(|cuts| cuts.failures).collect())
}

fn broken_by_answers(scenarios: &[Scenario], depth: Depth, flaw: Flaw) -> Promises {
    let parts = scenarios
        .iter()
        .map(|scenario| walk(scenario, depth, Some(flaw)));
    broken(parts.flat_map(|part| part.failures).collect())
}

fn broken_by_aborts(scenario: &Scenario, flaw: Flaw) -> Promises {
    broken(race(scenario, STOPS_ONLY, Some(flaw)).failures)
}

/// An unhindered tick that finds an order's message.
const FRESH: &[Scenario] = DRAINS.split_at(1).0;

#[track_caller]
fn check(broken: &Promises, promise: &str) {
    assert!(broken.contains(promise), "seen: {broken:?}");
}

#[test]
fn a_mark_that_is_lost_is_caught() {
    check(&broken_by_cuts(FRESH, Flaw::MarkLost), NEVER_LOST);
    check(&broken_by_cuts(FRESH, Flaw::MarkLostForEver), NEVER_LOST);
}

#[test]
fn an_abort_without_its_guard_is_caught() {
    check(
        &broken_by_aborts(&FRESH[0], Flaw::AbortWithoutGuard),
        NEVER_ABORTED,
    );
    check(
        &broken_by_cuts(ABORTS, Flaw::AbortWithoutGuard),
        NEVER_ABORTED,
    );
}

#[test]
fn a_claim_without_its_condition_is_caught() {
    check(
        &broken_by_aborts(&FRESH[0], Flaw::ClaimWithoutCondition),
        NEVER_ABORTED,
    );
}

#[test]
fn a_claim_that_is_kept_for_ever_is_caught() {
    let cuts = cut(&FRESH[0], ONE_GAIT, Some(Flaw::ClaimForEver));
    assert!(cuts.late > 0 && cuts.late == cuts.unmarked);
    check(&broken(cuts.failures), NEVER_LOST);
}

#[test]
fn a_message_deleted_before_the_mark_without_a_sweep_is_caught() {
    check(&broken_by_cuts(FRESH, Flaw::DeletedOnReceive), NEVER_LOST);
}

#[test]
fn a_sweep_that_finds_nothing_is_caught() {
    check(
        &broken_by_answers(FRESH, SHALLOW, Flaw::SweepOff),
        NEVER_LOST,
    );
    check(&broken_by_cuts(&ORDERS[..1], Flaw::SweepOff), NEVER_LOST);
}

#[test]
fn an_email_recorded_without_its_token_is_caught() {
    let given = EMAILS.iter().filter(|email| !email.given.is_empty());
    let given: Vec<_> = given.copied().collect();
    check(
        &broken_by_answers(&given, EVERY_STEP, Flaw::EmailRecordedByAnyone),
        ONE_EMAIL,
    );
}

#[test]
fn an_email_sent_without_a_claim_is_caught() {
    check(&broken_by_cuts(EMAILS, Flaw::EmailWithoutClaim), ONE_EMAIL);
}

#[test]
fn an_email_that_is_never_due_is_caught() {
    check(&broken_by_cuts(FRESH, Flaw::EmailNeverDue), ONE_EMAIL);
}

#[test]
fn a_key_for_each_worker_is_caught() {
    check(&broken_by_cuts(FRESH, Flaw::KeyPerWorker), NEVER_TWICE);
}

#[test]
fn a_cancel_that_fences_nothing_is_caught() {
    check(&broken_by_cuts(STOPS, Flaw::CancelWithoutFence), TRUE_STATE);
}

#[test]
fn an_order_put_over_another_is_caught() {
    // Where multiple orders are not allowed, the pointer stands in its way as well.
    let asked_again = [*named("order, multiple orders allowed; asked again")];
    let flaw = Flaw::PutWithoutCondition;
    check(
        &broken_by_answers(&asked_again, EVERY_STEP, flaw),
        ONLY_CLAIMED,
    );
}

#[test]
fn an_order_beside_an_open_one_is_caught() {
    check(
        &broken_by_cuts(ORDERS, Flaw::PointerUnguarded),
        ONE_OPEN_ORDER,
    );
}

#[test]
fn a_repeat_beside_an_open_order_is_caught() {
    for flaw in [Flaw::PointerUnguarded, Flaw::PointerWithoutAttempt] {
        check(&broken_by_cuts(REPEATS, flaw), ONE_OPEN_ORDER);
    }
}

#[test]
fn a_repeat_with_other_data_that_nobody_approved_is_caught() {
    check(&broken_by_cuts(REPEATS, Flaw::RepeatUnapproved), APPROVED);
}

#[test]
fn the_email_of_a_mail_service_that_never_answers_is_given_up() {
    let trial = Trial::new(named("tick, email tried in vain"), Gait::Together, None);
    let calls = trial.run().first.calls;
    assert!(calls.contains(&Call::ChangeCard(EventKind::EmailGivenUp)));
}
