//! The use cases of `crates/app` on ports in memory, with faults and a virtual clock.
//!
//! A *process* is one invocation of a function: a future of a real use case whose ports are a
//! [`state::Worker`]. The executor polls one process at a time; every method of a port is one point at
//! which the process gives way, a fault may strike, or the process may die. Nothing here reads a
//! clock or makes a random number of its own, so one seed is one schedule, for ever.
//!
//! | file | what |
//! | --- | --- |
//! | `fault` | calls, faults, and the hook that decides what happens at a point |
//! | `state` | everything there is, and the point itself |
//! | `store`, `queue`, `bureau`, `post` | the effects: tables, queues, producer, mail service |
//! | `ports`, `outside` | the ports on them, and what each fault does to each call |
//! | `late` | requests that arrive after their sender has given up |
//! | `executor`, `work` | processes, step by step |
//! | `promises` | what is held against every effect at once |
//! | `settle` | the time after the faults, and what must be true at the end |
//! | `setting` | users and options to begin with |
//! | `schedule`, `disturbance`, `chance` | one seed's scenario and all its choices |
//! | `flaw` | worlds that are broken on purpose |

pub(crate) mod bureau;
pub(crate) mod chance;
pub(crate) mod disturbance;
pub(crate) mod executor;
pub(crate) mod fault;
pub(crate) mod flaw;
pub(crate) mod late;
pub(crate) mod outside;
pub(crate) mod ports;
pub(crate) mod post;
pub(crate) mod promises;
pub(crate) mod queue;
pub(crate) mod schedule;
pub(crate) mod setting;
pub(crate) mod settle;
pub(crate) mod state;
pub(crate) mod store;
pub(crate) mod tally;
pub(crate) mod timeline;
pub(crate) mod work;

#[cfg(test)]
mod tests;
