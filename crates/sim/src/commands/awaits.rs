//! Dies at every await, and is aborted at every await.

use crate::commands::row;
use crate::harness::cuts::{self, Cuts, cut};
use crate::harness::races::{self, Races, race};
use crate::harness::script::Gait;
use crate::harness::{scenarios, threads};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

const CUTS: cuts::Reach = cuts::Reach {
    gaits: &Gait::ALL,
    pairs: true,
};

const RACES: races::Reach = races::Reach {
    every_way: true,
    faults: true,
};

pub(crate) fn run(args: &Args) -> bool {
    let cuts = cut_all(args.threads);
    let races = race_all(args.threads);
    for failure in cuts.failures.iter().chain(&races.failures) {
        failure.print();
    }
    let rows = [aborts_row(&races), marks_row(&cuts), steps_row(&cuts)];
    rows == [true; 3]
}

fn aborts_row(races: &Races) -> bool {
    let Races {
        pairs,
        schedules,
        aborted,
        made,
        violations,
        ..
    } = races;
    let figure = format!(
        "{pairs} abort x await pairs in {schedules} schedules \
         ({aborted} answered aborted, {made} made), {violations} violations"
    );
    let holds = *violations == 0 && *aborted > 0 && *made > 0;
    row("R3", holds, &figure, "every pair, 0")
}

fn marks_row(cuts: &Cuts) -> bool {
    let Cuts { unmarked, late, .. } = cuts;
    let marked = unmarked - late;
    let figure = format!("{marked} of {unmarked} deaths between answer and mark");
    row("R4", *late == 0 && *unmarked > 0, &figure, "100%")
}

fn steps_row(cuts: &Cuts) -> bool {
    let Cuts {
        calls,
        singles,
        pairs,
        second_emails,
        violations,
        ..
    } = cuts;
    let figure = format!(
        "{calls} calls, {singles} single cuts, {pairs} pairs, {violations} violations \
         ({second_emails} second emails, all in the window)"
    );
    row("R10", *violations == 0 && *pairs > 0, &figure, "all, 0")
}

fn cut_all(threads: usize) -> Cuts {
    let scenarios: Vec<_> = scenarios::all().collect();
    let each = threads::each(threads, &scenarios, |scenario| {
        (scenario.name, cut(scenario, CUTS, None))
    });
    let mut sum = Cuts::default();
    println!(
        "{:>6} {:>8} {:>8} {:>9}  cuts of",
        "calls", "single", "pairs", "violated"
    );
    for (name, cuts) in each {
        let Cuts {
            calls,
            singles,
            pairs,
            violations,
            ..
        } = cuts;
        println!("{calls:>6} {singles:>8} {pairs:>8} {violations:>9}  {name}");
        sum.add(cuts);
    }
    sum
}

fn race_all(threads: usize) -> Races {
    let each = threads::each(threads, &races::all(), |scenario| {
        (scenario.name, race(scenario, RACES, None))
    });
    let mut sum = Races::default();
    let (aborted, made) = ("aborted", "made");
    println!(
        "\n{:>6} {:>9} {aborted:>8} {made:>8} {:>9}  abort against",
        "pairs", "schedules", "violated"
    );
    for (name, races) in each {
        let Races {
            pairs,
            schedules,
            aborted,
            made,
            violations,
            ..
        } = races;
        println!("{pairs:>6} {schedules:>9} {aborted:>8} {made:>8} {violations:>9}  {name}");
        sum.add(races);
    }
    sum
}
