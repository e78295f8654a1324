//! Every await, every answer: a scripted adversary on the world.
//!
//! A [`scenario::Scenario`] brings the world into a situation and starts the processes that are
//! under attack. A [`trial::Trial`] runs it with a *strike* at one call, lets time pass and ticks
//! run until nothing is due, and holds the outcome against all promises. Nothing is drawn by
//! chance: the harness first lets a scenario run through and counts its calls, then strikes each of
//! them in turn, and says of every strike whether it was reached.
//!
//! | file | what |
//! | --- | --- |
//! | `script` | the fault hook: counts calls, and strikes at one of them |
//! | `scenario`, `scenarios` | the situations |
//! | `stage` | how the world gets into them |
//! | `trial`, `audit` | one run, and what must be true after it |
//! | `cuts` | the process dies at call k, and its successor at call j (R10, R4) |
//! | `races` | an abort at every await of a drain and of an order (R3) |
//! | `matrix`, `reasons` | every fault at every call (R11), and why some can't be |
//! | `threads` | the same for many scenarios at once |

pub(crate) mod audit;
pub(crate) mod cuts;
pub(crate) mod matrix;
pub(crate) mod races;
pub(crate) mod reasons;
pub(crate) mod scenario;
pub(crate) mod scenarios;
pub(crate) mod script;
pub(crate) mod stage;
pub(crate) mod threads;
pub(crate) mod trial;

#[cfg(test)]
mod tests;
