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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{check_counts, counted};

    /// A report whose numbers all differ.
    fn from(first: u64) -> Report {
        Report {
            swept_orders: first,
            swept_emails: first + 1,
            received: first + 2,
            quarantined: first + 3,
            claimed: first + 4,
            taken_over: first + 5,
            dropped: first + 6,
            accepted: first + 7,
            refused: first + 8,
            holder_inactive: first + 9,
            unknown: first + 10,
            mismatched: first + 11,
            failed: first + 12,
        }
    }

    #[test]
    fn reports_of_lanes_add_up() {
        let mut sum = from(100);
        sum.add(&from(10));
        let expected = Report {
            swept_orders: 110,
            swept_emails: 112,
            received: 114,
            quarantined: 116,
            claimed: 118,
            taken_over: 120,
            dropped: 122,
            accepted: 124,
            refused: 126,
            holder_inactive: 128,
            unknown: 130,
            mismatched: 132,
            failed: 134,
        };
        assert_eq!(sum, expected);
    }

    #[test]
    fn a_tick_counts_what_no_other_place_counts() {
        let ((), counts) = counted(async { from(1).record() });
        check_counts(
            &counts,
            &[
                ("ClaimsTakenOver", 6),
                ("DrainFailures", 13),
                ("MessagesQuarantined", 4),
                ("OrdersHolderInactive", 10),
                ("OrdersRepaired", 3),
            ],
        );
    }

    #[test]
    fn a_first_wave_shows_the_way_if_it_worked_and_was_not_met_with_silence() {
        let nothing = Report::default;
        for (report, goes_on) in [
            (nothing(), false),
            (
                Report {
                    received: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    claimed: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    dropped: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    claimed: 1,
                    unknown: 1,
                    ..nothing()
                },
                false,
            ),
            (
                Report {
                    claimed: 2,
                    unknown: 1,
                    accepted: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    claimed: 2,
                    unknown: 1,
                    refused: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    claimed: 3,
                    unknown: 1,
                    accepted: 1,
                    refused: 1,
                    ..nothing()
                },
                true,
            ),
            (
                Report {
                    claimed: 1,
                    holder_inactive: 1,
                    ..nothing()
                },
                true,
            ),
        ] {
            assert_eq!(report.shows_the_way(), goes_on, "{report:?}");
        }
    }
}
