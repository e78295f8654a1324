//! The run on the terminal: what was done, what came of it, and everything about what is wrong.

use std::collections::BTreeMap;

use cardwright_domain::card::StateKind;
use cardwright_domain::ids::CardId;

use super::audit::{Finding, Judgement, Rule, Wrong};
use super::clients::Seen;
use super::evidence::Evidence;
use super::proxy::Fired;
use super::settle::Settled;
use super::striker::Hit;
use super::strikes::Blow;

/// Findings that are told at length.
const TOLD: usize = 10;

#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) seed: u64,
    pub(super) seconds: i64,
    /// Kills that the local AWS has seen as a death in the middle of a request.
    pub(super) in_request: usize,
    pub(super) settled: Settled,
    pub(super) hits: &'a [Hit],
    pub(super) fired: &'a [Fired],
    pub(super) seen: &'a Seen,
    pub(super) evidence: &'a Evidence,
    pub(super) judgement: &'a Judgement,
}

impl Report<'_> {
    pub(super) fn print(&self) {
        self.print_blows();
        self.print_load();
        self.print_audit();
        for finding in self.judgement.findings.iter().take(TOLD) {
            self.print_finding(finding);
        }
        self.print_row();
    }

    fn print_blows(&self) {
        let mut of_functions: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for hit in self.hits {
            let (kills, stops) = of_functions.entry(&hit.function).or_default();
            match hit.blow {
                Blow::Kill => *kills += 1,
                Blow::Stop(_) => *stops += 1,
            }
        }
        println!("\n{:<26} {:>7} {:>8}", "process of", "killed", "stopped");
        for (function, (kills, stops)) in &of_functions {
            println!("{function:<26} {kills:>7} {stops:>8}");
        }
        let in_request = grouped(self.in_request);
        // The local AWS ends the other processes of a function when one of them dies in its start.
        println!("The local AWS saw {in_request} processes die in a request or in their start.");

        let mut faults: BTreeMap<(&str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
        for fired in self.fired {
            let action = fired.action.split([':', '=']).next().unwrap_or_default();
            let call = faults
                .entry((&fired.service, &fired.operation))
                .or_default();
            *call.entry(action).or_default() += 1;
        }
        println!(
            "\nfaults between the functions and AWS: {}",
            grouped(self.fired.len())
        );
        for ((service, operation), actions) in faults {
            let actions = actions
                .iter()
                .map(|(action, count)| format!("{action} {count}"));
            let actions = actions.collect::<Vec<_>>().join(", ");
            println!("{:<35} {actions}", format!("{service}.{operation}"));
        }
    }

    fn print_load(&self) {
        let Seen {
            answers,
            stopped,
            orders,
            given_up,
            failed,
            refused,
            unknown,
            deactivated,
        } = self.seen;
        println!(
            "\nclients: {orders} users served, {} answers 201, {} aborts and rejections answered 200, \
             {refused} refusals,\n  {failed} answers failed, {given_up} not waited for, \
             {unknown} orders never answered, {deactivated} users made inactive",
            answers.len(),
            stopped.len(),
        );
        let state = |state| {
            let cards = self.evidence.cards.values();
            cards.filter(|card| card.state.kind() == state).count()
        };
        let taken_over = self
            .evidence
            .cards
            .values()
            .filter(|card| card.claims > 1)
            .count();
        let again = self
            .evidence
            .bureau
            .iter()
            .filter(|order| order.submits > 1)
            .count();
        println!(
            "cards: {} ordered, {} failed, {} aborted; {taken_over} taken over after a lease, \
             {again} submitted more than once, {} emails",
            state(StateKind::Ordered),
            state(StateKind::Failed),
            state(StateKind::Aborted),
            self.evidence.mails.len(),
        );
        let Settled {
            seconds,
            ticks,
            cut_short,
            in_time,
        } = self.settled;
        let end = if in_time { "settled" } else { "not settled" };
        println!(
            "{end} {seconds} s after the last fault, by {ticks} ticks and no other help; \
             {cut_short} waits of hours between tries of an email cut short"
        );
    }

    fn print_audit(&self) {
        println!("\n{:<70} {:>7} {:>6}", "audit", "checked", "wrong");
        for rule in Rule::ALL {
            let checked = self
                .judgement
                .checked
                .get(&rule)
                .copied()
                .unwrap_or_default();
            let findings = self.judgement.findings.iter();
            let wrong = findings.filter(|finding| finding.rule == rule).count();
            println!("{:<70} {checked:>7} {wrong:>6}", rule.text());
        }
        let second = &self.judgement.second_emails;
        println!("second emails in the named window: {}", second.len());
        let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, cause) in second {
            *causes.entry(cause).or_default() += 1;
        }
        for (cause, count) in causes {
            println!("{count:>6}  {cause}");
        }
    }

    fn print_finding(&self, finding: &Finding) {
        println!("\nWRONG: {}: {}", finding.rule.text(), finding.what);
        if let Some(card_id) = finding.card_id {
            self.print_card(card_id);
        }
    }

    fn print_card(&self, card_id: CardId) {
        println!("  card {card_id}");
        if let Some(card) = self.evidence.cards.get(&card_id) {
            println!(
                "  {:?}, email {:?}, claims {}",
                card.state, card.email, card.claims
            );
            for entry in &card.timeline {
                let (by, reason) = (entry.by.as_str(), entry.reason.as_deref());
                let reason = reason.unwrap_or_default();
                println!("  {}  {:?} by {by} {reason}", entry.at, entry.event);
            }
        }
        let answers = self.evidence.answers.iter();
        let keys = answers.filter(|answer| answer.card_id == card_id);
        for answer in keys {
            println!("  answered 201 to {}", answer.key);
        }
        for order in &self.evidence.bureau {
            if order.order_id.card_id == card_id {
                let (id, submits) = (&order.producer_order_id, order.submits);
                println!("  the bureau has {id}, submitted {submits} times");
            }
        }
        for mail in &self.evidence.mails {
            if self.evidence.card_of(mail) == Some(card_id) {
                println!("  {}  an email", mail.at);
            }
        }
    }

    fn print_row(&self) {
        let lost = self.judgement.number(Wrong::Lost);
        let doubled = self.judgement.number(Wrong::Doubled);
        let killed = self
            .hits
            .iter()
            .filter(|hit| hit.blow == Blow::Kill)
            .count();
        let (cards, seconds, seed) = (self.evidence.cards.len(), self.seconds, self.seed);
        let enough = killed >= KILLS && cards > 0;
        let ok = lost + doubled == 0 && enough;
        println!(
            "\nrow R12 | {} | {} kills, {} orders, {lost} lost, {doubled} doubled \
             (seed {seed}, {seconds} s) | 10^3 kills, 0 lost, 0 doubled",
            if ok { "ok" } else { "short" },
            grouped(killed),
            grouped(cards),
        );
    }
}

/// Kills that the promise asks for.
const KILLS: usize = 1_000;

/// 1,234,567.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345")] {
            assert_eq!(grouped(number), text);
        }
    }
}
