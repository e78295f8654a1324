//! The rules that the end is held against. Each finding is a promise that was broken.

mod emails;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::CardId;

use super::evidence::{BureauOrder, Evidence};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    Kept,
    Ended,
    OneCard,
    OneOpenOrder,
    AtBureau,
    NotAtBureau,
    StopStands,
    OneEmail,
    NoEmail,
    NothingLeft,
}

impl Rule {
    pub(super) const ALL: [Self; 10] = [
        Self::Kept,
        Self::Ended,
        Self::OneCard,
        Self::OneOpenOrder,
        Self::AtBureau,
        Self::NotAtBureau,
        Self::StopStands,
        Self::OneEmail,
        Self::NoEmail,
        Self::NothingLeft,
    ];

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Kept => "a card that was answered 201 is in the table",
            Self::Ended => {
                "every card ended ordered, failed, aborted or rejected, and nothing is due"
            }
            Self::OneCard => "one key was never answered with two cards",
            Self::OneOpenOrder => "no user has two open orders",
            Self::AtBureau => "an ordered card has one order at the bureau, the one it names",
            Self::NotAtBureau => "the bureau has no order of a card that is not ordered",
            Self::StopStands => "an abort or rejection that was answered 200 stands",
            Self::OneEmail => "an ordered card has one email, a second one only with a cause",
            Self::NoEmail => "no email is about a card that is not ordered",
            Self::NothingLeft => "every queue is empty",
        }
    }
}

/// Whether something is gone, or there twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Lost,
    Doubled,
}

#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: Rule,
    pub(super) wrong: Wrong,
    pub(super) card_id: Option<CardId>,
    pub(super) what: String,
}

#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// How many things each rule was asked about.
    pub(super) checked: BTreeMap<Rule, usize>,
    pub(super) findings: Vec<Finding>,
    /// Second emails, each with its cause.
    pub(super) second_emails: Vec<(CardId, String)>,
}

impl Judgement {
    fn check(&mut self, rule: Rule, number: usize) {
        *self.checked.entry(rule).or_default() += number;
    }

    fn find(&mut self, rule: Rule, wrong: Wrong, card_id: Option<CardId>, what: String) {
        self.findings.push(Finding {
            rule,
            wrong,
            card_id,
            what,
        });
    }

    pub(super) fn number(&self, wrong: Wrong) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.wrong == wrong)
            .count()
    }
}

pub(super) fn judge(evidence: &Evidence) -> Judgement {
    let mut judgement = Judgement::default();
    answers(evidence, &mut judgement);
    ends(evidence, &mut judgement);
    open_orders(evidence, &mut judgement);
    at_bureau(evidence, &mut judgement);
    stops(evidence, &mut judgement);
    emails::judge(evidence, &mut judgement);
    for (queue, messages) in &evidence.queues {
        judgement.check(Rule::NothingLeft, 1);
        if *messages > 0 {
            let what = format!("{messages} messages in the {queue}");
            judgement.find(Rule::NothingLeft, Wrong::Lost, None, what);
        }
    }
    judgement
}

fn answers(evidence: &Evidence, judgement: &mut Judgement) {
    let mut of_keys: BTreeMap<&str, BTreeSet<CardId>> = BTreeMap::new();
    for answer in &evidence.answers {
        of_keys
            .entry(&answer.key)
            .or_default()
            .insert(answer.card_id);
    }
    judgement.check(Rule::OneCard, of_keys.len());
    judgement.check(Rule::Kept, of_keys.len());
    for (key, cards) in of_keys {
        if cards.len() > 1 {
            let what = format!("the key {key} was answered with {} cards", cards.len());
            judgement.find(Rule::OneCard, Wrong::Doubled, cards.first().copied(), what);
        }
        for card_id in cards
            .into_iter()
            .filter(|id| !evidence.cards.contains_key(id))
        {
            let what = format!("the key {key} was answered with a card that is not there");
            judgement.find(Rule::Kept, Wrong::Lost, Some(card_id), what);
        }
    }
}

fn ends(evidence: &Evidence, judgement: &mut Judgement) {
    judgement.check(Rule::Ended, evidence.cards.len());
    for card in evidence.cards.values() {
        let state = card.state.kind();
        let ended = matches!(
            state,
            StateKind::Ordered | StateKind::Failed | StateKind::Aborted | StateKind::Rejected
        );
        if !ended || card.due_at.is_some() {
            let what = format!("it is {}, due {:?}", state.as_str(), card.due_at);
            judgement.find(Rule::Ended, Wrong::Lost, Some(card.card_id), what);
        }
    }
}

fn open_orders(evidence: &Evidence, judgement: &mut Judgement) {
    let mut of_users: BTreeMap<&str, Vec<CardId>> = BTreeMap::new();
    let open = evidence.cards.values().filter(|card| card.is_open_order());
    for card in open {
        if let Some(holder) = &card.holder {
            let cards = of_users.entry(holder.user_id.as_str()).or_default();
            cards.push(card.card_id);
        }
    }
    judgement.check(Rule::OneOpenOrder, of_users.len());
    for (user, cards) in of_users.into_iter().filter(|(_, cards)| cards.len() > 1) {
        let what = format!("{user} has {} open orders", cards.len());
        judgement.find(
            Rule::OneOpenOrder,
            Wrong::Doubled,
            cards.first().copied(),
            what,
        );
    }
}

pub(super) fn is_ordered(card: &Card) -> bool {
    card.state.kind() == StateKind::Ordered
}

fn at_bureau(evidence: &Evidence, judgement: &mut Judgement) {
    let mut orders: BTreeMap<CardId, Vec<&BureauOrder>> = BTreeMap::new();
    for order in &evidence.bureau {
        orders
            .entry(order.order_id.card_id)
            .or_default()
            .push(order);
    }
    for card in evidence.cards.values() {
        let id = Some(card.card_id);
        let has = orders.remove(&card.card_id).unwrap_or_default();
        let rule = if is_ordered(card) {
            Rule::AtBureau
        } else {
            Rule::NotAtBureau
        };
        judgement.check(rule, 1);
        let named = card.producer_order_id.as_ref().map(|id| id.as_str());
        match has.as_slice() {
            [] if is_ordered(card) => {
                judgement.find(
                    rule,
                    Wrong::Lost,
                    id,
                    "the bureau has no order of it".into(),
                );
            }
            [order] if is_ordered(card) && named != Some(&order.producer_order_id) => {
                let what = format!("the bureau has {}", order.producer_order_id);
                judgement.find(rule, Wrong::Doubled, id, what);
            }
            [_, _, ..] => {
                let what = format!("the bureau has {} orders of it", has.len());
                judgement.find(rule, Wrong::Doubled, id, what);
            }
            [_] if !is_ordered(card) => {
                let what = format!("it is {}, and ordered", card.state.kind().as_str());
                judgement.find(rule, Wrong::Doubled, id, what);
            }
            _ => {}
        }
    }
    for card_id in orders.into_keys() {
        let what = "the bureau has an order of a card that is not there".into();
        judgement.find(Rule::NotAtBureau, Wrong::Lost, Some(card_id), what);
    }
}

fn stops(evidence: &Evidence, judgement: &mut Judgement) {
    judgement.check(Rule::StopStands, evidence.stopped.len());
    for card_id in &evidence.stopped {
        let state = evidence.cards.get(card_id).map(|card| card.state.kind());
        if !matches!(state, Some(StateKind::Aborted | StateKind::Rejected)) {
            let what = format!("that it was stopped was answered 200, and it is {state:?}");
            judgement.find(Rule::StopStands, Wrong::Doubled, Some(*card_id), what);
        }
    }
}
