//! What time ends: a card whose validity is over expires, a temporary card whose assignment is over is nobody's again.
//! It runs on a schedule; two ticks at once are harmless.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | list the cards whose deadline is over | nothing happened |
//! | 2 | end the state of each, if its deadline is still over | the next tick goes on with the others |
//!
//! Promise: whatever has an end ends within one tick of it, and never before: that the deadline is over is a condition
//! of the write.

use cardwright_domain::card::{Card, EventKind};
use cardwright_domain::ids::Actor;
use cardwright_domain::time::Time;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::error::PortError;
use crate::limits::{DEADLINES_AT_ONCE, DEADLINES_TIME, WRITES_IN_FLIGHT};
use crate::ports::{ChangeCard, Clock, PassedDeadlines};

/// What a tick works with.
#[derive(Debug)]
pub struct Deadlines<'a, Store, Watch> {
    pub store: &'a Store,
    pub clock: &'a Watch,
    /// Its name in timelines.
    pub by: Actor,
    /// When the function is stopped.
    pub deadline: Time,
}

/// What a tick did, in numbers of cards.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub expired: u64,
    pub assignments_ended: u64,
    /// Somebody else was faster with these.
    pub left: u64,
    pub failed: u64,
}

impl<Store, Watch> Deadlines<'_, Store, Watch>
where
    Store: PassedDeadlines + ChangeCard,
    Watch: Clock,
{
    /// One tick.
    ///
    /// # Errors
    /// The cards could not be listed. What goes wrong with one of them stands in the report.
    pub async fn tick(&self) -> Result<Report, PortError> {
        let mut report = Report::default();
        while self.deadline.since(self.clock.now()) >= DEADLINES_TIME {
            let now = self.clock.now();
            let cards = self.store.passed_deadlines(now, DEADLINES_AT_ONCE).await?;
            let ends: Vec<_> = cards.iter().map(|card| self.end(card, now)).collect();
            let ended: Vec<_> = stream::iter(ends)
                .buffer_unordered(WRITES_IN_FLIGHT)
                .collect()
                .await;
            let before = report.expired + report.assignments_ended;
            for end in ended {
                report.add(end);
            }
            // A short list is no end: cards that can't be read are left out of it. One that brings nothing on
            // would only come again, and a card that fails now fails once more.
            if report.expired + report.assignments_ended == before || report.failed > 0 {
                break;
            }
        }
        report.record();
        Ok(report)
    }

    async fn end(&self, card: &Card, now: Time) -> Ended {
        let Some(event) = card.at_deadline(self.by.clone()) else {
            return Ended::Left;
        };
        match apply(self.store, card.card_id, &event, now).await {
            Ok(Applied::Done(_)) if event.kind() == EventKind::Expire => Ended::Expired,
            Ok(Applied::Done(_)) => Ended::Unassigned,
            Ok(Applied::Already(_) | Applied::Refused(..) | Applied::Missing) => Ended::Left,
            Err(error) => {
                tracing::error!(card.id = %card.card_id, error = &error as &dyn std::error::Error,
                    "a card whose deadline is over was not ended; the next tick tries again");
                Ended::Failed
            }
        }
    }
}

/// What came of one card.
enum Ended {
    Expired,
    Unassigned,
    Left,
    Failed,
}

impl Report {
    fn add(&mut self, ended: Ended) {
        *match ended {
            Ended::Expired => &mut self.expired,
            Ended::Unassigned => &mut self.assignments_ended,
            Ended::Left => &mut self.left,
            Ended::Failed => &mut self.failed,
        } += 1;
    }

    fn record(&self) {
        count("CardsExpired", self.expired);
        count("AssignmentsEnded", self.assignments_ended);
        count("DeadlineFailures", self.failed);
    }
}

#[cfg(test)]
mod tests;
