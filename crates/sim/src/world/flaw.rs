//! Worlds that are broken on purpose: a check that can't see one of these sees nothing.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Whoever wants a card's claim gets it.
    ClaimWithoutCondition,
    /// A claimed card can be aborted.
    AbortWithoutGuard,
    /// The producer is asked under a key of the worker instead of the order.
    KeyPerWorker,
    /// A mark is answered as done and not stored.
    MarkLost,
    /// Nothing is ever found to be due.
    SweepOff,
    /// An order is put whatever stands there.
    PutWithoutCondition,
    /// The open-order pointer is not looked at.
    PointerUnguarded,
    /// The open-order pointer is the same for every attempt of a card.
    PointerWithoutAttempt,
    /// What a repeat has frozen anew is not approved.
    RepeatUnapproved,
    /// Whoever wants to send an email may.
    EmailWithoutClaim,
    /// A cancelled key is not fenced.
    CancelWithoutFence,
    /// A mark clears the due time although the email waits.
    EmailNeverDue,
    /// A mark is answered as done; only its due time is stored.
    MarkLostForEver,
    /// A claim stays its owner's when its lease is over.
    ClaimForEver,
    /// Messages are deleted as they are received, and nothing is ever found to be due.
    DeletedOnReceive,
    /// A card is claimed before its hold is over.
    HoldIgnored,
    /// What became of an email is written down by whoever comes.
    EmailRecordedByAnyone,
}

impl Flaw {
    pub(crate) const ALL: [Self; 12] = [
        Self::ClaimWithoutCondition,
        Self::AbortWithoutGuard,
        Self::KeyPerWorker,
        Self::MarkLost,
        Self::SweepOff,
        Self::PutWithoutCondition,
        Self::PointerUnguarded,
        Self::RepeatUnapproved,
        Self::EmailWithoutClaim,
        Self::CancelWithoutFence,
        Self::EmailNeverDue,
        Self::HoldIgnored,
    ];
}
