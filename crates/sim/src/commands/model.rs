//! The model of the protocol: explores it, and breaks it.

use std::collections::BTreeSet;

use super::row;
use crate::model::{Explored, check_hard, explore_redundant, explore_whole, triples, try_variants};
use crate::transition::Triple;

/// States in which the backward pass has to find nothing stuck, at least.
const BACKWARD_STATES: usize = 1_500_000;

/// States with two crashes and two losses, at least.
const HARD_STATES: usize = 5_000_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Threads of the checker.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Only breaks the protocol, and prints how each flaw shows.
    #[arg(long)]
    variants: bool,
}

/// Whether the protocol holds and every broken one is caught.
pub(crate) fn run(args: &Args) -> bool {
    let caught = break_it(args.variants);
    if args.variants {
        return caught;
    }
    let (backward, stuck, seen) = explore();
    let complete = all_seen(&seen);
    let (hard, violations) = check(args.threads);
    let holds = stuck == 0
        && violations == 0
        && complete
        && backward >= BACKWARD_STATES
        && hard >= HARD_STATES;
    let figure = format!(
        "{stuck} stuck in {backward} states; 2 crashes + 2 losses: {violations} in {hard} states"
    );
    let target = "0 stuck in >= 1.5 M states; 0 in >= 5 M";
    row("R1", holds, &figure, target) && caught
}

fn break_it(with_steps: bool) -> bool {
    let (mut caught, mut all) = (0, 0);
    for tried in try_variants() {
        all += 1;
        caught += usize::from(tried.is_caught());
        let (promise, steps) = match &tried.fault {
            Some(fault) => (fault.promise, fault.steps.as_slice()),
            None => ("NOTHING", [].as_slice()),
        };
        println!(
            "{}: caught by \"{promise}\" after {} steps, {} states",
            tried.name,
            steps.len(),
            tried.states
        );
        if with_steps || !tried.is_caught() {
            steps.iter().for_each(|step| println!("    {step}"));
        }
    }
    for explored in explore_redundant() {
        let still = if explored.fault.is_none() {
            "still holds"
        } else {
            "does not hold"
        };
        println!(
            "{}: {still}, a guard that the others make redundant",
            explored.name
        );
    }
    let figure = format!("{caught} of {all} broken variants caught");
    row("R8", caught == all, &figure, "all")
}

/// States, stuck states or broken promises, and the changes that were seen.
fn explore() -> (usize, usize, BTreeSet<Triple>) {
    let (mut states, mut wrong, mut seen) = (0, 0, BTreeSet::new());
    for explored in explore_whole() {
        let Explored {
            name,
            depth,
            stuck,
            fault,
            time,
            ..
        } = &explored;
        println!(
            "{name} (1 crash, 1 loss): {} states, depth {depth}, {stuck} stuck, {:.0} s",
            explored.states,
            time.as_secs_f64()
        );
        if let Some(fault) = fault {
            println!("  broken: {}", fault.promise);
            fault.steps.iter().for_each(|step| println!("    {step}"));
            wrong += 1;
        }
        states += explored.states;
        wrong += stuck;
        seen.extend(explored.triples);
    }
    (states, wrong, seen)
}

/// Whether the small configurations, which the simulation is held against, make every change of
/// the large ones.
fn all_seen(seen: &BTreeSet<Triple>) -> bool {
    let known = triples();
    println!("{} kinds of changes of a card", known.len());
    let missing = seen.difference(&known);
    missing
        .inspect(|triple| println!("  not in the small configurations: {triple:?}"))
        .count()
        == 0
}

fn check(threads: usize) -> (usize, usize) {
    let (mut states, mut violations) = (0, 0);
    for checked in check_hard(threads) {
        println!(
            "{} (2 crashes, 2 losses): {} states, depth {}, broken: {}, {:.0} s",
            checked.name,
            checked.states,
            checked.depth,
            checked.broken.unwrap_or("nothing"),
            checked.time.as_secs_f64()
        );
        states += checked.states;
        violations += usize::from(checked.broken.is_some());
    }
    (states, violations)
}
