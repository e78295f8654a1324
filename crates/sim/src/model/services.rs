//! The services: what becomes of a request at the moment when it takes effect.

use super::config::{Config, Flaw};
use super::process::Answer;
use super::repeats::Anew;
use super::rules::Written;
use super::state::{Decision, Due, Email, Kind, MANY, MESSAGES, Person, Request, State};
use super::triples::Change;

/// What came of a request.
pub(super) struct Landed {
    pub(super) state: State,
    pub(super) answer: Answer,
    pub(super) change: Option<Change>,
}

/// The request takes effect. `way` chooses where the service may choose; `None` if it has fewer
/// ways. `late` is a request whose sender does not wait for it any more.
pub(super) fn land(
    config: &Config,
    before: &State,
    request: Request,
    way: u8,
    late: bool,
) -> Option<Landed> {
    let mut state = *before;
    let ways = ways(config, before, request, late);
    if way >= ways {
        return None;
    }
    let (answer, change) = match request {
        Request::RemindOfOrder => {
            state.orders = (state.orders + 1).min(MESSAGES);
            (Answer::Yes, None)
        }
        Request::RemindOfEmail => {
            state.mails = (state.mails + 1).min(MESSAGES);
            (Answer::Yes, None)
        }
        Request::Delete => (Answer::Yes, None),
        Request::Check => (yes(state.holder_active), None),
        Request::LookAtCard => (yes(state.card.kind == Kind::Queued), None),
        Request::LookAtProducer => {
            let decision = state.decisions[usize::from(state.card.attempt)];
            let claimed = matches!(state.card.kind, Kind::Claimed(_));
            (yes(claimed && decision == Decision::Open), None)
        }
        Request::Ask { attempt, worker } => {
            (ask(config, &mut state, attempt, worker, way == 0), None)
        }
        Request::Cancel { attempt } => (cancel(config, &mut state, attempt), None),
        Request::Mail => (mail(config, &mut state, way, late), None),
        _ => write(config, &mut state, request, way),
    };
    // A lease may be over when the claim that began it arrives.
    if way == 1 && late && !matches!(request, Request::Repeat { .. }) {
        change?;
        state.time_passes()?;
    }
    Some(Landed {
        state,
        answer,
        change,
    })
}

pub(super) fn ways(config: &Config, state: &State, request: Request, late: bool) -> u8 {
    match request {
        Request::Ask { attempt, worker } => {
            let key = State::key(config, attempt, worker);
            let open = state.decisions[key] == Decision::Open;
            if open && config.producer_rejects {
                2
            } else {
                1
            }
        }
        Request::Mail if !late => 3,
        Request::Repeat { .. } => Anew::ways(config),
        Request::Claim { .. } | Request::ClaimEmail { .. } | Request::Place(_) if late => 2,
        _ => 1,
    }
}

fn yes(holds: bool) -> Answer {
    if holds { Answer::Yes } else { Answer::No }
}

fn ask(config: &Config, state: &mut State, attempt: u8, worker: u8, takes: bool) -> Answer {
    let key = State::key(config, attempt, worker);
    if state.decisions[key] == Decision::Open {
        let decision = if takes {
            Decision::Accepted
        } else {
            Decision::Rejected
        };
        state.decide(key, attempt, decision);
    }
    match state.decisions[key] {
        Decision::Accepted => Answer::Accepted,
        _ => Answer::Rejected,
    }
}

fn cancel(config: &Config, state: &mut State, attempt: u8) -> Answer {
    let key = State::key(config, attempt, 0);
    match state.decisions[key] {
        Decision::Open if config.has(Flaw::CancelOnlyLooks) => Answer::Cancelled,
        Decision::Open => {
            state.decide(key, attempt, Decision::Cancelled);
            Answer::Cancelled
        }
        Decision::Cancelled => Answer::Cancelled,
        Decision::Accepted => Answer::Accepted,
        Decision::Rejected => Answer::Rejected,
    }
}

fn mail(config: &Config, state: &mut State, way: u8, late: bool) -> Answer {
    match way {
        1 if config.mail_rejects => Answer::Rejected,
        2 if config.mail_defers => Answer::Deferred,
        0 => {
            state.taken = (state.taken + 1).min(MANY);
            if late {
                state.is_uncertain();
            }
            Answer::Accepted
        }
        _ => Answer::Error,
    }
}

fn write(
    config: &Config,
    state: &mut State,
    request: Request,
    way: u8,
) -> (Answer, Option<Change>) {
    let card = state.card;
    let (written, change) = match request {
        Request::Place(token) => return state.place(config, token),
        Request::Claim {
            token,
            seen,
            attempt,
        } => (card.claim(config, token, seen, attempt), Change::Claim),
        Request::Accept { attempt } => (card.accept(config, attempt), Change::Accept),
        Request::Refuse(token) => (card.refuse(config, token), Change::Refuse),
        Request::Inactive(token) => (card.inactive(config, token), Change::Inactive),
        Request::GiveBack(token) => (card.give_back(token), Change::Foreign),
        Request::EmailIsLate => (card.email_is_late(), Change::RemindEmail),
        Request::GiveUpEmail => (card.give_up_email(config), Change::EmailGivenUp),
        Request::ClaimEmail { token, seen } => {
            (card.claim_email(config, token, seen), Change::ClaimEmail)
        }
        Request::EmailSent(token) => (card.email_sent(config, token), Change::EmailSent),
        Request::EmailRefused(token) => (card.email_refused(config, token), Change::EmailRefused),
        Request::EmailDeferred(token) => {
            (card.email_deferred(config, token), Change::EmailDeferred)
        }
        Request::Abort(by) => {
            let written = card.abort(config, by);
            let theirs = by == Person::Requester || card.kind != Kind::Requested;
            state.overstepped |= !theirs && matches!(written, Written::Done(_));
            (written, Change::Abort)
        }
        Request::Approve { by, attempt } => {
            let written = card.approve(config, by, attempt);
            let done = matches!(written, Written::Done(_));
            state.overstepped |= by != Person::Other && done;
            state.unapproved &= !(done && attempt == card.attempt);
            (written, Change::Approve)
        }
        Request::Reject { by, attempt } => (card.reject(config, by, attempt), Change::Reject),
        Request::Repeat { attempt } => {
            let anew = Anew::of(config, way);
            let written = card.repeat(config, attempt, anew);
            let done = matches!(written, Written::Done(_));
            state.repeated |= u8::from(done && attempt != card.attempt);
            state.unapproved |= done && anew.data;
            let change = written.change_of_repeat();
            (written, change)
        }
        // A write without a condition, on what was seen before.
        _ => {
            let aborted = super::state::Card {
                kind: Kind::Aborted(Person::Other),
                due: Due::No,
                ..card
            };
            (Written::Done(aborted), Change::Foreign)
        }
    };
    state.write(written, change)
}

impl State {
    /// The time comes at which the sweep looks at the card: a lease, or a period of grace, is over.
    pub(super) fn time_passes(&mut self) -> Option<()> {
        if self.card.due != Due::Later || self.mailer_is_alive() {
            return None;
        }
        self.card.due = Due::Now;
        if let Email::Sending { token, .. } = self.card.email {
            self.card.email = Email::Sending { token, over: true };
        }
        Some(())
    }

    /// Whether the email is in the hands of a worker that lives. Its time limit is half of the
    /// lease, so that the lease is never over under it.
    fn mailer_is_alive(&self) -> bool {
        match self.card.email {
            Email::Sending { token, over: false } => {
                self.procs.iter().any(|proc| proc.token == token)
            }
            _ => false,
        }
    }

    pub(super) fn key(config: &Config, attempt: u8, worker: u8) -> usize {
        if config.has(Flaw::RepeatKeepsKey) {
            0
        } else if config.has(Flaw::KeyPerWorker) {
            usize::from(worker) % 2
        } else {
            usize::from(attempt)
        }
    }

    pub(super) fn decide(&mut self, key: usize, attempt: u8, decision: Decision) {
        self.decisions[key] = decision;
        if decision == Decision::Accepted {
            let made = &mut self.made[usize::from(attempt)];
            *made = (*made + 1).min(MANY);
        }
    }
}
