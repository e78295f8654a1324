//! A step in words, for counterexamples.

use super::actions::{Action, How};
use super::config::{Config, Role};
use super::process::{Source, request};
use super::state::{Card, Due, Email, Kind, Pc, Request, State};

/// Who does what, and the card after it.
pub(super) fn describe(config: &Config, before: &State, action: Action, after: &State) -> String {
    let what = match action {
        Action::Wake { who, source } => {
            let found = match (source, after.procs[usize::from(who)].pc) {
                (Source::Queue, _) => "receives a message",
                (Source::Sweep, Pc::SweepGiveUp) => "finds by the sweep an email without tries",
                (Source::Sweep, Pc::SweepRemind) => "finds by the sweep a late email",
                (Source::Sweep, _) => "finds by the sweep a late order",
            };
            format!("{} {found}", name(config, who))
        }
        Action::Call { who, how, .. } => {
            let request = request(config, before, usize::from(who));
            let fate = match how {
                How::Answered => "",
                How::AnswerLost => "; it took effect, the answer is lost",
                How::Failed => "; it had no effect, and no answer comes",
                How::Late => "; it is late on the wire, and no answer comes",
                How::AnsweredAgain => "; it took effect, the answer is lost, it asks again",
                How::LateAndAgain => "; it is late on the wire, it asks again",
            };
            format!("{} {}{fate}", name(config, who), asks(request))
        }
        Action::Die { who, request_lives } => {
            let request = request(config, before, usize::from(who));
            let when = if request_lives {
                "its last request lives on the wire:"
            } else {
                "before it could do this:"
            };
            format!("{} dies; {when} it {}", name(config, who), asks(request))
        }
        Action::Land { slot, .. } => {
            let request = before.wire[usize::from(slot)];
            format!("a late request arrives: somebody {}", asks(request))
        }
        Action::TimePasses => "time passes until the card is due".into(),
        Action::HolderLeaves => "the holder becomes inactive".into(),
        Action::OrderReminderLost => "the order queue loses a message".into(),
        Action::OrderReminderDoubled => "the order queue doubles a message".into(),
        Action::EmailReminderLost => "the mail queue loses a message".into(),
        Action::EmailReminderDoubled => "the mail queue doubles a message".into(),
    };
    format!("{what}  [{}]", picture(after))
}

fn name(config: &Config, who: u8) -> String {
    let role = config.role(usize::from(who));
    let before = config.roles.iter().take(usize::from(who));
    let alike = |other: &&Role| {
        role.is_some_and(|role| std::mem::discriminant(*other) == std::mem::discriminant(&role))
    };
    let number = before.filter(alike).count() + 1;
    match role {
        Some(Role::Submit) => format!("order function {number}"),
        Some(Role::Worker) => format!("worker {number}"),
        Some(Role::Mailer) => format!("mail worker {number}"),
        Some(Role::Abort(by)) => format!("abort {number} (by {by:?})"),
        Some(Role::Approve(by)) => format!("approver {number} ({by:?})"),
        Some(Role::Reject(by)) => format!("rejecter {number} ({by:?})"),
        Some(Role::Repeat) => format!("repeat {number}"),
        Some(Role::CloseByHand) => "somebody who closes by hand".into(),
        None => "nobody".into(),
    }
}

fn asks(request: Option<Request>) -> String {
    let text = match request {
        None => "waits",
        Some(Request::Place(_)) => "places the order",
        Some(Request::RemindOfOrder) => "reminds of the order",
        Some(Request::Claim { .. }) => "claims the card",
        Some(Request::Check) => "looks whether the holder is active",
        Some(Request::Delete) => "deletes its message",
        Some(Request::Ask { attempt, .. }) => {
            return format!("asks the producer for attempt {}", attempt + 1);
        }
        Some(Request::Cancel { attempt }) => {
            return format!("fences the key of attempt {}", attempt + 1);
        }
        Some(Request::Accept { .. }) => "marks the card ordered",
        Some(Request::Refuse(_)) => "marks the card failed: refused",
        Some(Request::Inactive(_)) => "marks the card failed: holder inactive",
        Some(Request::GiveBack(_)) => "gives the claim back",
        Some(Request::RemindOfEmail) => "reminds of the email",
        Some(Request::EmailIsLate) => "notes that it reminds of the late email",
        Some(Request::GiveUpEmail) => "gives the email up",
        Some(Request::ClaimEmail { .. }) => "claims the email",
        Some(Request::Mail) => "hands the email to the mail service",
        Some(Request::EmailSent(_)) => "records the email as sent",
        Some(Request::EmailRefused(_)) => "records the email as undeliverable",
        Some(Request::EmailDeferred(_)) => "records the email as deferred",
        Some(Request::Abort(_)) => "aborts the card",
        Some(Request::Approve { .. }) => "approves",
        Some(Request::Reject { .. }) => "rejects",
        Some(Request::Repeat { .. }) => "orders the failed card again",
        Some(Request::LookAtCard) => "looks at the card",
        Some(Request::LookAtProducer) => "looks at the producer, who knows nothing",
        Some(Request::AbortBlindly) => "writes `aborted` without a condition",
    };
    text.into()
}

fn picture(state: &State) -> String {
    let Card {
        kind, email, due, ..
    } = state.card;
    let card = match (kind, due) {
        (Kind::Claimed(_), Due::Now) => "claimed, lease over".to_owned(),
        (Kind::Claimed(_), _) => "claimed".to_owned(),
        (kind, _) => format!("{kind:?}").to_lowercase(),
    };
    let email = match email {
        Email::Off | Email::Undeliverable(super::state::NoMail::NoAddress) => String::new(),
        Email::Sending { over: true, .. } => ", email sending, lease over".into(),
        Email::Sending { .. } => ", email sending".into(),
        email => format!(", email {email:?}").to_lowercase(),
    };
    format!(
        "{card}{email}; made {}, emails {}",
        state.made_at_all(),
        state.taken
    )
}
