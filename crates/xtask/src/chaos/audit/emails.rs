//! One email for each ordered card. A second one is right only in the named window: the mail
//! service took the first, and nobody lived to write it down. Then something was done to the mail
//! function at that moment, and the second one was sent after the first one's lease.

use std::collections::BTreeMap;

use cardwright_app::limits::EMAIL_LEASE;
use cardwright_domain::card::Email;
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;
use jiff::SignedDuration;

use super::{Judgement, Rule, Wrong, is_ordered};
use crate::chaos::evidence::{Disturbance, Evidence};

/// How long after a disturbance the mail service may take an email that was on the wire: the
/// longest delay of the proxy, and some for a busy machine.
const WIRE: SignedDuration = SignedDuration::from_secs(8);

/// How long it may take to write down that an email is out: a call with all its tries, and some.
const RECORD: SignedDuration = SignedDuration::from_secs(12);

/// How long the mail function may run (infra/template.yaml).
const FUNCTION: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn judge(evidence: &Evidence, judgement: &mut Judgement) {
    let mut of_cards: BTreeMap<CardId, Vec<Time>> = BTreeMap::new();
    for mail in &evidence.mails {
        match evidence.card_of(mail) {
            Some(card_id) => of_cards.entry(card_id).or_default().push(mail.at),
            None => {
                let what = format!("an email about {:?}", mail.producer_order_id);
                judgement.find(Rule::NoEmail, Wrong::Doubled, None, what);
            }
        }
    }
    let mut second = Vec::new();
    for card in evidence.cards.values() {
        let mut mails = of_cards.remove(&card.card_id).unwrap_or_default();
        mails.sort();
        let id = Some(card.card_id);
        if !is_ordered(card) {
            judgement.check(Rule::NoEmail, 1);
            if !mails.is_empty() {
                let what = format!("{} emails, and it is not ordered", mails.len());
                judgement.find(Rule::NoEmail, Wrong::Doubled, id, what);
            }
            continue;
        }
        judgement.check(Rule::OneEmail, 1);
        if mails.is_empty() {
            let what = format!("no email was sent; the card says {:?}", card.email);
            judgement.find(Rule::OneEmail, Wrong::Lost, id, what);
        } else if matches!(
            card.email,
            Email::Pending | Email::Sending { .. } | Email::Off
        ) {
            let what = format!("an email was sent, and the card says {:?}", card.email);
            judgement.find(Rule::OneEmail, Wrong::Lost, id, what);
        }
        let pairs = mails
            .windows(2)
            .filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
        second.extend(pairs.map(|(first, second)| (first, second, card.card_id)));
    }
    explain(second, &evidence.disturbances, judgement);
}

/// Finds a cause for each second email. A cause explains only as many as it can have doubled.
fn explain(
    mut second: Vec<(Time, Time, CardId)>,
    disturbances: &[Disturbance],
    judgement: &mut Judgement,
) {
    second.sort();
    let mut left: Vec<_> = disturbances
        .iter()
        .map(|cause| (cause.emails, cause))
        .collect();
    let least = EMAIL_LEASE.saturating_sub(FUNCTION).saturating_sub(WIRE);
    for (first, second, card_id) in second {
        let apart = second.since(first);
        let cause = left.iter_mut().find(|(emails, cause)| {
            let concerns = cause.card_id.is_none_or(|concerned| concerned == card_id);
            let begun = cause.from.since(first) <= RECORD;
            *emails > 0 && concerns && begun && first.since(cause.until) <= WIRE
        });
        match cause {
            Some((emails, cause)) if apart >= least => {
                *emails -= 1;
                judgement.second_emails.push((card_id, cause.what.clone()));
            }
            _ => {
                let known = if cause.is_some() { "a" } else { "no" };
                let what = format!("a second email after {apart:#}, with {known} cause");
                judgement.find(Rule::OneEmail, Wrong::Doubled, Some(card_id), what);
            }
        }
    }
}
