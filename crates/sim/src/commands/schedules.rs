//! Many schedules, and what they show.

use std::collections::BTreeSet;
use std::thread;

use crate::commands::row;
use crate::model::triples;
use crate::transition::Triple;
use crate::world::flaw::Flaw;
use crate::world::schedule::play;
use crate::world::settle::OUTLASTED_SILENCE;
use crate::world::tally::Tally;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many schedules.
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// The seed of the first one; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

/// Failing seeds that are kept, at most.
const KEPT_FAILURES: usize = 20;

/// How many schedules a broken world may stay unseen.
const TEETH_SEEDS: u64 = 20_000;

#[derive(Debug, Default)]
struct Outcome {
    tally: Tally,
    /// Seeds with the promise that they broke.
    failures: Vec<(u64, &'static str)>,
}

pub(crate) fn run(args: &Args) -> bool {
    let outcome = play_all(args);
    show(&outcome.tally);
    for (seed, promise) in &outcome.failures {
        println!("seed {seed} broke: {promise}");
    }
    if let Some((seed, _)) = outcome.failures.first() {
        let played = play(*seed, None, &mut Tally::default(), true);
        println!("\n{}", played.timeline.join("\n"));
    }
    let agrees = held_against_the_model(&outcome.tally.transitions);
    let teeth = Flaw::ALL.into_iter().all(caught);
    rows(args, &outcome) && agrees && teeth
}

fn play_all(args: &Args) -> Outcome {
    let part = |thread: u64| {
        let mut outcome = Outcome::default();
        let seeds = (args.seed..args.seed + args.count).skip(thread as usize);
        for seed in seeds.step_by(args.threads as usize) {
            let played = play(seed, None, &mut outcome.tally, false);
            if let Some(violation) = played.violations.first() {
                outcome.failures.push((seed, violation.promise));
                if outcome.failures.len() == KEPT_FAILURES {
                    break;
                }
            }
        }
        outcome
    };
    let mut all = Outcome::default();
    thread::scope(|scope| {
        let parts: Vec<_> = (0..args.threads)
            .map(|thread| scope.spawn(move || part(thread)))
            .collect();
        for part in parts {
            // A part that panicked has told why; nothing it counted is known.
            let Ok(part) = part.join() else {
                all.failures.push((0, "no panic"));
                continue;
            };
            all.tally.add(&part.tally);
            all.failures.extend(part.failures);
        }
    });
    all.failures.sort_unstable();
    all
}

/// Whether the code makes the model's changes of a card, all of them and no others.
fn held_against_the_model(seen: &BTreeSet<Triple>) -> bool {
    let model = triples();
    let foreign: Vec<_> = seen.difference(&model).collect();
    let unseen: Vec<_> = model.difference(seen).collect();
    for (event, list) in [("foreign", &foreign), ("not seen", &unseen)] {
        for (before, kind, after) in list {
            println!("{event}: {kind:?} from {before:?} to {after:?}");
        }
    }
    let figure = format!(
        "{} foreign; {} of {} kinds of changes seen",
        foreign.len(),
        model.len() - unseen.len(),
        model.len()
    );
    row(
        "R9",
        foreign.is_empty() && unseen.is_empty(),
        &figure,
        "0 foreign; 100% seen",
    )
}

/// Whether the checks see a world that is broken on purpose, and how soon.
fn caught(flaw: Flaw) -> bool {
    let broken = |seed| {
        play(seed, Some(flaw), &mut Tally::default(), false)
            .violations
            .pop()
    };
    let found = (1..=TEETH_SEEDS).find_map(|seed| Some((seed, broken(seed)?)));
    match &found {
        Some((seed, violation)) => println!(
            "broken {flaw:?}: seen at seed {seed}: {}",
            violation.promise
        ),
        None => println!("broken {flaw:?}: not seen in {TEETH_SEEDS} schedules"),
    }
    found.is_some()
}

fn show(tally: &Tally) {
    println!("schedules            {}", tally.schedules);
    println!("steps                {}", tally.steps);
    println!("calls                {}", tally.points);
    println!("crashes              {}", tally.crashes);
    println!("orders placed        {}", tally.placed);
    println!("orders under a known key {}", tally.repeats);
    println!("repeats answered     {}", tally.repeated);
    println!("cards made           {}", tally.made);
    println!("answered as stopped  {}", tally.stopped);
    println!("emails               {}", tally.mailed);
    println!(
        "second emails        {} (each in the named window)",
        tally.second_emails
    );
    println!("lies of queues       {}", tally.lies);
    println!("crowds of 8 drains   {}", tally.crowds);
    for (fault, number) in &tally.faults {
        println!("fault: {:<14} {number}", fault.as_str());
    }
    println!("different transitions {}", tally.transitions.len());
}

fn rows(args: &Args, outcome: &Outcome) -> bool {
    let (tally, seed) = (&outcome.tally, args.seed);
    let broken = outcome.failures.len();
    let held = broken == 0;
    let all = tally.schedules;
    let rows = [
        row(
            "R2",
            held && all >= 1_000_000,
            &format!("{broken} in {all} schedules (seed {seed})"),
            "0 in 10^6",
        ),
        row(
            "R5",
            // An email that was given up and never sent is lost, even if the card says so.
            held && all >= 1_000_000 && tally.given_up_unsent == 0,
            &format!(
                "{broken} lost in {all} schedules, {} second emails in the named window, {} given up \
                 after all tries ({} of them lost in a silence of up to {} h)",
                tally.second_emails,
                tally.given_up,
                tally.given_up_unsent,
                OUTLASTED_SILENCE.as_hours()
            ),
            "0 lost in 10^6; duplicates only with the named fault; counted",
        ),
        row(
            "R6",
            held && tally.repeats >= 100_000,
            &format!("{broken} in {} repeats", tally.repeats),
            "0 in 10^5",
        ),
        row(
            "R13",
            held && tally.lies >= 100_000,
            &format!("{broken} in {} lies", tally.lies),
            "0 effect in 10^5; one tick",
        ),
        row(
            "R14",
            held && tally.crowds >= 10_000,
            &format!("{broken} in {} crowds of 8 drains", tally.crowds),
            "0 in 10^4",
        ),
    ];
    rows.into_iter().all(|ok| ok)
}
