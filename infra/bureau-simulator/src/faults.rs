//! Faults that a test sets, and which of them hit a call: to `POST /orders`, or to the customer
//! with an event.
//!
//! A fault with `key` or `match` hits the calls that hold such an order, until it is cleared, or
//! for `calls` of them when that is given. A fault with neither hits the next `calls` calls; of
//! those of one kind only the oldest hits, so that several of them work off one after the other.
//! While a call is `unavailable` nothing else is used up by it. An event is one call, however often
//! it is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::protocol::{Order, Reason};

const MAX_DELAY_MS: u64 = 60_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    fields: Option<BTreeMap<String, String>>,
    /// How many calls it still hits; until cleared if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<u32>,
    /// Only with [`Kind::Slow`], and always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// Only with [`Kind::Reject`].
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Reject,
    Unavailable,
    Slow,
    DropAnswer,
    Defer,
    DuplicateEvent,
    HoldEvent,
    ForgeEvent,
}

/// Which calls a kind of fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Submission,
    Event,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActiveFault {
    id: u64,
    #[serde(flatten)]
    fault: Fault,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    set: u64,
    active: Vec<ActiveFault>,
}

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) -> Result<ActiveFault, Problem> {
        let fault = fault.checked()?;
        self.set += 1;
        let active = ActiveFault {
            id: self.set,
            fault,
        };
        self.active.push(active.clone());
        Ok(active)
    }

    pub(crate) fn active(&self) -> &[ActiveFault] {
        &self.active
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    /// The faults that hit a call with these orders, oldest first. Counts them as used.
    pub(crate) fn hit(&mut self, call: Call, orders: &[Order]) -> Vec<Fault> {
        let mut hits: Vec<usize> = Vec::new();
        for (index, ActiveFault { fault, .. }) in self.active.iter().enumerate() {
            let waits = !fault.selects()
                && hits
                    .iter()
                    .map(|&hit| &self.active[hit].fault)
                    .any(|other| !other.selects() && other.kind == fault.kind);
            let is_meant =
                fault.kind.hits() == call && orders.iter().any(|order| fault.concerns(order));
            if is_meant && !waits {
                hits.push(index);
            }
        }
        let is_unavailable = |&&hit: &&usize| self.active[hit].fault.kind == Kind::Unavailable;
        if let Some(&first) = hits.iter().find(is_unavailable) {
            hits = vec![first];
        }
        let faults = hits
            .iter()
            .map(|&hit| self.active[hit].fault.clone())
            .collect();
        hits.iter()
            .for_each(|&hit| self.active[hit].fault.use_up_one_call());
        self.active.retain(|active| active.fault.calls != Some(0));
        faults
    }
}

impl Kind {
    fn hits(self) -> Call {
        match self {
            Self::Reject | Self::Unavailable | Self::Slow | Self::DropAnswer | Self::Defer => {
                Call::Submission
            }
            Self::DuplicateEvent | Self::HoldEvent | Self::ForgeEvent => Call::Event,
        }
    }
}

impl Fault {
    pub(crate) fn concerns(&self, order: &Order) -> bool {
        self.key.as_ref().is_none_or(|key| *key == order.key)
            && self
                .fields
                .iter()
                .flatten()
                .all(|(name, value)| order.data.get(name) == Some(value))
    }

    pub(crate) fn rejection(&self) -> Reason {
        self.reason.clone().unwrap_or_else(|| {
            Reason::new(
                "refused-by-simulator",
                "A fault makes the bureau refuse this order.",
            )
        })
    }

    fn selects(&self) -> bool {
        self.key.is_some() || self.fields.is_some()
    }

    fn checked(self) -> Result<Self, Problem> {
        if self.calls == Some(0) {
            return Err(Problem::malformed("calls must be at least 1."));
        }
        if self.delay_ms.is_some() != (self.kind == Kind::Slow) {
            return Err(Problem::malformed(
                "slow needs delayMs, and only slow may have it.",
            ));
        }
        if self
            .delay_ms
            .is_some_and(|delay_ms| delay_ms > MAX_DELAY_MS)
        {
            return Err(Problem::malformed(format!(
                "delayMs must be at most {MAX_DELAY_MS}."
            )));
        }
        if self.reason.is_some() && self.kind != Kind::Reject {
            return Err(Problem::malformed("Only reject may have a reason."));
        }
        let calls = self.calls.or((!self.selects()).then_some(1));
        Ok(Self { calls, ..self })
    }

    fn use_up_one_call(&mut self) {
        self.calls = self.calls.map(|calls| calls.saturating_sub(1));
    }
}
