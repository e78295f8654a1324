//! What happened, line by line, for a person who looks into one schedule.

use cardwright_domain::card::{Card, Email, State as CardState};
use cardwright_domain::time::Time;

use super::state::State;

/// Off unless somebody will read it: a million schedules write nothing.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    on: Option<(Time, Vec<String>)>,
}

impl Timeline {
    pub(crate) fn begin(&mut self, now: Time) {
        self.on = Some((now, Vec::new()));
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.is_some()
    }

    pub(crate) fn write(&mut self, now: Time, who: &str, line: &str) {
        if let Some((start, lines)) = &mut self.on {
            let seconds = now.since(*start).as_secs();
            lines.push(format!("{seconds:>6} s  {who:<10} {line}"));
        }
    }

    pub(crate) fn lines(&self) -> &[String] {
        self.on.as_ref().map_or(&[], |(_, lines)| lines)
    }
}

impl State {
    /// `card 2, attempt 1: processing (claimed until +90 s), email pending, due at +180 s`.
    pub(crate) fn shown(&self, card: &Card) -> String {
        let away = |time: Time| format!("in {} s", time.since(self.now).as_secs());
        let state = card.state.kind().as_str();
        let claim = match &card.state {
            CardState::Processing { claim: Some(claim) } => {
                format!(
                    " (claim {}, over {})",
                    claim.token.0.as_u128(),
                    away(claim.lease_until)
                )
            }
            _ => String::new(),
        };
        let email = match &card.email {
            Email::Off => "off".into(),
            Email::Pending => "pending".into(),
            Email::Sending { lease_until, .. } => format!("sending (over {})", away(*lease_until)),
            Email::Sent { .. } => "sent".into(),
            Email::Undeliverable { reason } => format!("undeliverable ({reason})"),
        };
        let due = card.due_at.map_or_else(|| "never".into(), away);
        let name = self.card_name(card.card_id);
        let attempt = card.attempt.0;
        format!("{name} attempt {attempt}: {state}{claim}, email {email}, due {due}")
    }

    pub(crate) fn card_name(&self, card_id: cardwright_domain::ids::CardId) -> String {
        let id = card_id.to_string();
        format!("card {}", &id[..4])
    }
}
