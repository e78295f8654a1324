//! What a tick did, in numbers.

use serde::Serialize;

use crate::count::count;

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Orders that were due: their message was lost or late, or a claim's lease was over.
    pub swept_orders: u64,
    /// Emails that were due and reminded of again.
    pub swept_emails: u64,
    pub received: u64,
    pub quarantined: u64,
    pub claimed: u64,
    /// Of these, how many another worker had claimed before.
    pub taken_over: u64,
    /// Messages of cards that need nothing from this worker.
    pub dropped: u64,
    pub accepted: u64,
    pub refused: u64,
    pub holder_inactive: u64,
    pub unknown: u64,
    pub mismatched: u64,
    /// Cards or calls that a failing service left for the next tick.
    pub failed: u64,
}

impl Report {
    /// Whether a first wave that went like this shows that more can follow: there was something to do,
    /// and the producer gave a clear answer to some of it, if it was asked at all.
    pub(super) fn shows_the_way(&self) -> bool {
        let worked = self.received + self.claimed + self.dropped > 0;
        let silent = self.unknown > 0 && self.accepted + self.refused == 0;
        worked && !silent
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.swept_orders += other.swept_orders;
        self.swept_emails += other.swept_emails;
        self.received += other.received;
        self.quarantined += other.quarantined;
        self.claimed += other.claimed;
        self.taken_over += other.taken_over;
        self.dropped += other.dropped;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.holder_inactive += other.holder_inactive;
        self.unknown += other.unknown;
        self.mismatched += other.mismatched;
        self.failed += other.failed;
    }

    /// Counts what no other place counts.
    pub(super) fn record(&self) {
        count("OrdersRepaired", self.swept_orders + self.swept_emails);
        count("ClaimsTakenOver", self.taken_over);
        count("MessagesQuarantined", self.quarantined);
        count("OrdersHolderInactive", self.holder_inactive);
        count("DrainFailures", self.failed);
    }
}
