//! Every situation of every use case.

mod decisions;
mod drains;
mod emails;
mod orders;
mod repeats;

pub(crate) use self::decisions::DECISIONS;
pub(crate) use self::drains::{DRAINS, STOPS};
pub(crate) use self::emails::EMAILS;
pub(crate) use self::orders::{ABORTS, ORDERS};
pub(crate) use self::repeats::REPEATS;
use super::scenario::Scenario;

const PLAIN: Scenario = Scenario::PLAIN;

pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [ORDERS, DECISIONS, REPEATS, ABORTS, DRAINS, STOPS, EMAILS]
        .into_iter()
        .flatten()
}
