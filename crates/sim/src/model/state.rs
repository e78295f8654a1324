//! One state of the modelled world: the card, who works on it, what is on the way, and what has
//! come of it.

/// Processes in a configuration, at most.
pub(super) const PROCS: usize = 7;

/// Requests that outlive their senders at once, at most.
pub(super) const WIRE: usize = 2;

/// Order attempts of one card, at most.
pub(super) const ATTEMPTS: usize = 3;

/// Reminders in a queue, at most. They are all alike, so that more of them can do no more.
pub(super) const MESSAGES: u8 = 2;

/// Counts end here: what matters is whether there are none, one or several.
pub(super) const MANY: u8 = 3;

/// No token.
pub(super) const NOBODY: u8 = 0;

/// A token that nobody has had. [`State::normal`] gives it its number.
pub(super) const FRESH: u8 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Person {
    Requester,
    Holder,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Why {
    Refused,
    Inactive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Absent,
    Requested,
    Queued,
    /// The lease is over when the card is due.
    Claimed(u8),
    Ordered,
    Aborted(Person),
    Rejected,
    Failed(Why),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum NoMail {
    NoAddress,
    Refused,
    GivenUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Email {
    Off,
    Pending,
    Sending { token: u8, over: bool },
    Sent,
    Undeliverable(NoMail),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Due {
    No,
    Later,
    Now,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Card {
    pub(super) kind: Kind,
    pub(super) attempt: u8,
    /// 0, 1, or 2 for more than one.
    pub(super) claims: u8,
    pub(super) email: Email,
    pub(super) tries: u8,
    pub(super) due: Due,
}

/// Where a process stands: what it asks for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pc {
    Idle,
    // An order.
    RemindFirst,
    Place,
    Remind,
    Answered,
    Declined,
    // A worker, and the order function that delivers directly.
    Claim,
    Check,
    DeleteEarly,
    Ask,
    Cancel,
    MarkAccepted,
    StopAccepted,
    MarkRefused,
    MarkInactive,
    GiveBack,
    RemindEmail,
    Delete,
    SweepRemind,
    SweepGiveUp,
    // A mail worker.
    ClaimEmail,
    Send,
    RecordSent,
    RecordRefused,
    RecordDeferred,
    // A person's request.
    Look,
    Write,
    Yes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Proc {
    pub(super) pc: Pc,
    pub(super) token: u8,
    pub(super) attempt: u8,
    /// Its claim was the attempt's first.
    pub(super) first: bool,
    /// It holds a message that comes again unless it is deleted.
    pub(super) message: bool,
    /// It has asked for a claim before, and which claim was over by its clock then. It asks again
    /// with the same time, since the whole request is repeated.
    pub(super) asked: Option<u8>,
}

impl Proc {
    pub(super) fn at(pc: Pc) -> Self {
        Self {
            pc,
            token: NOBODY,
            attempt: 0,
            first: false,
            message: false,
            asked: None,
        }
    }
}

/// One request to a service, with all that the service sees of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Request {
    Place(u8),
    RemindOfOrder,
    /// `seen` is the claim whose lease is over by the sender's clock: only that one can be taken
    /// over.
    Claim {
        token: u8,
        seen: u8,
        attempt: u8,
    },
    /// Is the holder active?
    Check,
    Delete,
    Ask {
        attempt: u8,
        worker: u8,
    },
    Cancel {
        attempt: u8,
    },
    Accept {
        attempt: u8,
    },
    Refuse(u8),
    Inactive(u8),
    GiveBack(u8),
    RemindOfEmail,
    /// The sweep's write before it reminds again.
    EmailIsLate,
    GiveUpEmail,
    ClaimEmail {
        token: u8,
        seen: u8,
    },
    Mail,
    EmailSent(u8),
    EmailRefused(u8),
    EmailDeferred(u8),
    Abort(Person),
    Approve {
        by: Person,
        attempt: u8,
    },
    Reject {
        by: Person,
        attempt: u8,
    },
    Repeat {
        attempt: u8,
    },
    /// Broken variants only: look first, then write without a condition.
    LookAtCard,
    LookAtProducer,
    AbortBlindly,
}

impl Request {
    pub(super) fn claim_seen(self) -> Option<u8> {
        match self {
            Self::Claim { seen, .. } | Self::ClaimEmail { seen, .. } => Some(seen),
            _ => None,
        }
    }

    fn tokens_mut(&mut self) -> [Option<&mut u8>; 2] {
        match self {
            Self::Claim { token, seen, .. } | Self::ClaimEmail { token, seen } => {
                [Some(token), Some(seen)]
            }
            Self::Place(token)
            | Self::Refuse(token)
            | Self::Inactive(token)
            | Self::GiveBack(token)
            | Self::EmailSent(token)
            | Self::EmailRefused(token)
            | Self::EmailDeferred(token) => [Some(token), None],
            _ => [None, None],
        }
    }
}

/// What the producer has decided under a key, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Decision {
    Open,
    Accepted,
    Rejected,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) card: Card,
    pub(super) procs: [Proc; PROCS],
    pub(super) wire: [Option<Request>; WIRE],
    pub(super) orders: u8,
    pub(super) mails: u8,
    pub(super) decisions: [Decision; ATTEMPTS],
    pub(super) holder_active: bool,
    // What the adversary has left.
    pub(super) crashes: u8,
    pub(super) losses: u8,
    // What nobody in the world sees, but the properties do.
    /// Physical orders made for each order attempt.
    pub(super) made: [u8; ATTEMPTS],
    /// Cards that were put under the key.
    pub(super) placed: u8,
    /// Emails that the mail service took.
    pub(super) taken: u8,
    /// Those of them whose answer or record was lost: the named window.
    pub(super) uncertain: u8,
    /// A request was approved by its requester or the holder, or taken back by somebody else.
    pub(super) overstepped: bool,
    /// Somebody repeated the order more often than they asked.
    pub(super) repeated: u8,
    /// What is on the card has to be approved, and nobody who saw it has.
    pub(super) unapproved: bool,
}

impl State {
    /// Whether the request still fits on the wire; puts it there.
    pub(super) fn outlives(&mut self, request: Request) -> bool {
        match self.wire.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => {
                *slot = Some(request);
                true
            }
            None => false,
        }
    }

    pub(super) fn made_at_all(&self) -> u8 {
        self.made.iter().sum()
    }

    /// The same state with tokens numbered in the order of their places, so that states which
    /// differ in nothing but the names of tokens are one.
    pub(super) fn normal(mut self) -> Self {
        self.wire.sort_unstable_by(|one, other| other.cmp(one));
        let mut names = [NOBODY; 2 * (PROCS + WIRE + 1)];
        let mut known = 0;
        let mut rename = |token: &mut u8| {
            if *token == NOBODY {
                return;
            }
            let place = names.iter().take(known).position(|name| name == token);
            let place = place.unwrap_or_else(|| {
                names[known] = *token;
                known += 1;
                known - 1
            });
            *token = u8::try_from(place + 1).unwrap_or(FRESH);
        };
        if let Kind::Claimed(token) = &mut self.card.kind {
            rename(token);
        }
        if let Email::Sending { token, .. } = &mut self.card.email {
            rename(token);
        }
        for proc in &mut self.procs {
            rename(&mut proc.token);
            proc.asked.iter_mut().for_each(&mut rename);
        }
        let requests = self.wire.iter_mut().flatten();
        requests
            .flat_map(Request::tokens_mut)
            .flatten()
            .for_each(&mut rename);
        self.wire.sort_unstable_by(|one, other| other.cmp(one));
        self
    }
}
