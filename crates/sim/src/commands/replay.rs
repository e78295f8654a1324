//! The timeline of one schedule.

use crate::world::schedule::play;
use crate::world::tally::Tally;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The schedule's seed, as a failure names it.
    #[arg(long)]
    seed: u64,
}

pub(crate) fn run(args: &Args) -> bool {
    let played = play(args.seed, None, &mut Tally::default(), true);
    for line in &played.timeline {
        println!("{line}");
    }
    played.violations.is_empty()
}
