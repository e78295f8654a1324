//! The protocol as a model for `stateright`: one card, whoever works on it, and an adversary.
//!
//! **Who takes part** (`config`, `scenarios`): order functions under one Idempotency-Key, drain
//! workers, mail workers, operators who abort, approvers, people who order a failed card again, a
//! holder who becomes inactive. Each makes one call at a time, as the use cases of `crates/app` do
//! (`process`); the call takes effect in the table, the queues, the producer or the mail service
//! (`services`), the table under the conditions of the design (`rules`). `rules` is written from
//! the design and does not call the domain: the simulation holds the code's changes against the
//! model's ([`triples()`]), which would say nothing if both came from one source.
//!
//! **What the adversary does** (`actions`): a process dies between any two effects; an answer is
//! lost; a request fails; a request outlives its sender and takes effect at any later time, also
//! after the client library has asked again; a reminder is lost or doubled; a lease is over while
//! its worker still goes on. Crashes and losses are counted, time is not.
//!
//! **What must hold**: the promises in `properties`, in every state; and from every state the
//! system comes to rest by its own steps, without client, operator, fault or a request that
//! lingers on the wire (`explore`). What is broken on purpose has to be found (`variants`).
//!
//! **What is left out, and why nothing is lost by it**
//! - *Reading before the conditional write* (order, sweep): the write's condition decides, and
//!   what was read can be stale in the model as well, since everything may happen between a
//!   wake-up and the call that follows it.
//! - *Clocks*: a lease or a period of grace may end at any time. A request carries which claim was
//!   over by its sender's clock, as the real condition does. Only the lease of an email does not
//!   end under a mail worker that lives, because the function's time limit is half of the lease;
//!   the named window for a second email rests on that.
//! - *More than two reminders* in a queue, *more than two requests* that outlive their senders at
//!   once: reminders are all alike; the wire's places are a bound of the exploration.
//! - *Several cards, users and keys*: cards share only the open-order pointer, which is the
//!   simulation's to test, and waves, which treat each card by itself.
//! - *The version in a decision*: a card waits for one once in each order attempt, so the attempt
//!   says the same. Who repeats is the requester of both.
//! - *What follows `ordered`* besides the email: the producer's callbacks do not exist yet.
//!
//! Two guards came from here: a claim is for the attempt that its reminder named, and a repeat is
//! for the attempt that was seen. `variants` shows what happens without them.

mod actions;
mod checker;
mod config;
mod describe;
mod explore;
mod mailing;
mod process;
mod properties;
mod repeats;
mod rules;
mod scenarios;
mod services;
mod state;
#[cfg(test)]
mod tests;
mod triples;
mod variants;

use std::collections::BTreeSet;
use std::time::Duration;

pub(crate) use self::explore::{Explored, Fault};
use crate::transition::Triple;

/// Every change of a card that the model knows.
pub(crate) fn triples() -> BTreeSet<Triple> {
    let tiny = scenarios::tiny();
    tiny.iter()
        .flat_map(|config| explore::explore(config).triples)
        .collect()
}

/// Safety and the backward pass, with a crash and a loss in each configuration.
pub(crate) fn explore_whole() -> impl Iterator<Item = Explored> {
    scenarios::whole()
        .into_iter()
        .map(|config| explore::explore(&config))
}

/// The protocol without a guard that the others make redundant: it has to hold.
pub(crate) fn explore_redundant() -> impl Iterator<Item = Explored> {
    variants::redundant()
        .into_iter()
        .map(|config| explore::explore(&config))
}

/// What the checker of `stateright` says.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) name: &'static str,
    pub(crate) states: usize,
    pub(crate) depth: usize,
    pub(crate) broken: Option<&'static str>,
    pub(crate) time: Duration,
}

/// Safety with two crashes and two losses.
pub(crate) fn check_hard(threads: usize) -> impl Iterator<Item = Checked> {
    scenarios::hard().into_iter().map(move |config| {
        let begun = explore::stopwatch();
        let (states, depth, broken) = checker::check(&config, threads);
        Checked {
            name: config.name,
            states,
            depth,
            broken,
            time: begun.elapsed(),
        }
    })
}

/// What came of a broken protocol.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) name: &'static str,
    /// The promise that should have been broken.
    pub(crate) breaks: &'static str,
    pub(crate) states: usize,
    pub(crate) fault: Option<Fault>,
}

impl Tried {
    pub(crate) fn is_caught(&self) -> bool {
        let fault = self.fault.as_ref();
        fault.is_some_and(|fault| fault.promise == self.breaks)
    }
}

/// Breaks the protocol in every way that is known.
pub(crate) fn try_variants() -> impl Iterator<Item = Tried> {
    variants::all().into_iter().map(|variant| {
        let explored = explore::explore(&variant.config);
        Tried {
            name: explored.name,
            breaks: variant.breaks,
            states: explored.states,
            fault: explored.fault,
        }
    })
}
