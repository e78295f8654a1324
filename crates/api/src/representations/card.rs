//! A card as its callers see it: claims, attempts and what is due stay inside. A holder does not see who
//! else has had to do with it, nor what they wrote for each other.

use std::collections::BTreeMap;

use cardwright_app::self_service::Reach;
use cardwright_domain::card::{
    Card, CardKind, Email, Entry, EventKind, Holder, State, StateKind, WaitingFor, Why,
};
use cardwright_domain::ids::{Actor, CardId, ProducerOrderId, ProductionTypeId, UserId};
use cardwright_domain::order_status::Shipment;
use cardwright_domain::production_type::Delivery;
use cardwright_domain::refusal::problem_type;
use cardwright_domain::time::Time;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CardView<'a> {
    card_id: CardId,
    process: &'static str,
    state: StateKind,
    version: u64,
    abortable: bool,
    /// Until then nothing goes to the producer, so that an abort is sure.
    abortable_until: Option<Time>,
    why: Option<WhyView>,
    holder: Option<HolderView<'a>>,
    production_type: &'a ProductionTypeId,
    delivery: Delivery,
    data: &'a BTreeMap<String, String>,
    requested_by: Option<&'a str>,
    producer_order_id: Option<&'a ProducerOrderId>,
    /// How it travels, from `produced` on.
    shipment: Option<ShipmentView<'a>>,
    /// The end of its validity, once it was activated.
    valid_until: Option<Time>,
    failure: Option<FailureView<'a>>,
    email: &'static str,
    created_at: Time,
    updated_at: Time,
    options_version: u64,
    timeline: Vec<EntryView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhyView {
    waiting_for: WaitingFor,
    since: Time,
    not_before: Option<Time>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HolderView<'a> {
    user_id: &'a UserId,
    common_name: &'a str,
    upn: Option<&'a str>,
}

#[derive(Serialize)]
struct ShipmentView<'a> {
    carrier: Option<&'a str>,
    tracking: Option<&'a str>,
}

#[derive(Serialize)]
struct FailureView<'a> {
    #[serde(rename = "type")]
    kind: String,
    detail: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView<'a> {
    at: Time,
    event: EventKind,
    from: Option<StateKind>,
    to: Option<StateKind>,
    by: Option<&'a str>,
    reason: Option<&'a str>,
    options_version: Option<u64>,
}

impl<'a> From<&'a Card> for CardView<'a> {
    fn from(card: &'a Card) -> Self {
        Self {
            card_id: card.card_id,
            process: process(card.kind),
            state: card.state.kind(),
            version: card.version,
            abortable: card.abortable(),
            abortable_until: card.held_until.filter(|_| card.abortable()),
            why: card.why().map(WhyView::from),
            holder: card.holder.as_ref().map(HolderView::from),
            production_type: &card.production_type,
            delivery: card.delivery,
            data: &card.data,
            requested_by: Some(card.requested_by.as_str()),
            producer_order_id: card.producer_order_id.as_ref(),
            shipment: shipment(&card.shipment),
            valid_until: card.valid_until,
            failure: failure(&card.state),
            email: email(&card.email),
            created_at: card.created_at,
            updated_at: card.updated_at,
            options_version: card.options_version,
            timeline: timeline(&card.timeline),
        }
    }
}

impl<'a> CardView<'a> {
    /// The card as this caller may see it.
    pub(crate) fn for_caller(card: &'a Card, reach: &Reach, caller: &Actor) -> Self {
        let shown = Self::from(card);
        match reach {
            Reach::Everybody => shown,
            Reach::Own(_) => shown.without_others(card, caller),
        }
    }

    /// Without the names of other people and without their comments. Why an order was rejected stays: it
    /// was said to whoever asked for the card.
    fn without_others(mut self, card: &Card, caller: &Actor) -> Self {
        let is_other = |by: &Actor| !by.is_system() && by.sign_in() != caller.sign_in();
        if is_other(&card.requested_by) {
            self.requested_by = None;
        }
        for (shown, entry) in self.timeline.iter_mut().zip(&card.timeline) {
            if is_other(&entry.by) {
                shown.by = None;
                shown.reason = shown.reason.filter(|_| entry.event == EventKind::Reject);
            }
        }
        self
    }
}

impl From<Why> for WhyView {
    fn from(why: Why) -> Self {
        Self {
            waiting_for: why.waiting_for,
            since: why.since,
            not_before: why.not_before,
        }
    }
}

impl<'a> From<&'a Holder> for HolderView<'a> {
    fn from(holder: &'a Holder) -> Self {
        Self {
            user_id: &holder.user_id,
            common_name: &holder.common_name,
            upn: holder.upn.as_deref(),
        }
    }
}

/// `None` while the producer has said nothing of how the card travels.
fn shipment(shipment: &Shipment) -> Option<ShipmentView<'_>> {
    let view = ShipmentView {
        carrier: shipment.carrier.as_deref(),
        tracking: shipment.tracking.as_deref(),
    };
    (*shipment != Shipment::default()).then_some(view)
}

/// The name that the process has had in the original product.
fn process(kind: CardKind) -> &'static str {
    match kind {
        CardKind::Personal => "CardsAddonExtProdProcOrder",
        CardKind::Temporary => "TempCardsAddonExtProdProcOrder",
    }
}

fn failure(state: &State) -> Option<FailureView<'_>> {
    match state {
        State::Failed { failure } => Some(FailureView {
            kind: problem_type(&failure.slug),
            detail: &failure.detail,
        }),
        _ => None,
    }
}

/// Whether a worker is sending it at this moment is of no use to a caller.
fn email(email: &Email) -> &'static str {
    match email {
        Email::Off => "off",
        Email::Pending | Email::Sending { .. } => "pending",
        Email::Sent { .. } => "sent",
        Email::Undeliverable { .. } => "undeliverable",
    }
}

/// An entry that moves the card comes from where the entry before it went; the first from
/// `registered`.
fn timeline(entries: &[Entry]) -> Vec<EntryView<'_>> {
    let mut state = StateKind::Registered;
    let views = entries.iter().map(|entry| {
        let from = entry.to.map(|to| std::mem::replace(&mut state, to));
        EntryView {
            at: entry.at,
            event: entry.event,
            from,
            to: entry.to,
            by: Some(entry.by.as_str()),
            reason: entry.reason.as_deref(),
            options_version: entry.options_version,
        }
    });
    views.collect()
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::sample::{
        approver, card, event, later, operator, registered, token,
    };
    use cardwright_domain::card::{Event, Failure};
    use serde_json::{Value, json};

    use super::*;

    fn shown(card: &Card) -> Value {
        serde_json::to_value(CardView::from(card)).unwrap()
    }

    #[test]
    fn the_timeline_says_from_where_each_event_moved_the_card() {
        let events = [EventKind::Order, EventKind::Claim, EventKind::Accept];
        let more = [
            EventKind::ClaimEmail,
            EventKind::EmailSent,
            EventKind::Produce,
        ];
        let lived = events
            .into_iter()
            .chain(more)
            .fold(registered("k"), |card, kind| {
                card.on(&event(kind), later()).unwrap()
            });
        let shown = shown(&lived);
        let entries = shown["timeline"].as_array().unwrap().iter();
        let moves: Value = entries
            .map(|e| json!([e["event"], e["from"], e["to"]]))
            .collect();
        assert_eq!(
            moves,
            json!([
                ["order", "registered", "processing"],
                ["accept", "processing", "ordered"],
                ["email_sent", null, null],
                ["produce", "ordered", "produced"],
            ])
        );
    }

    #[test]
    fn a_failure_is_shown_with_its_type_and_only_while_the_card_is_failed() {
        for kind in StateKind::ALL {
            let shown = shown(&card(kind, "k"));
            assert_eq!(shown["state"], kind.as_str());
            assert_eq!(
                shown["failure"].is_null(),
                kind != StateKind::Failed,
                "{kind:?}"
            );
        }
        let kind = &shown(&card(StateKind::Failed, "k"))["failure"]["type"];
        assert_eq!(kind, "https://cardwright.example/problems/holder-inactive");
    }

    #[test]
    fn a_card_is_valid_from_its_activation_on_and_says_until_when() {
        let produced = card(StateKind::Produced, "k");
        assert_eq!(shown(&produced)["validUntil"], Value::Null);
        let active = produced.on(&event(EventKind::Activate), later()).unwrap();
        assert_eq!(shown(&active)["validUntil"], json!(later()));
    }

    #[test]
    fn an_email_that_is_being_sent_is_still_pending() {
        let sending = registered("k");
        let sending = [
            EventKind::Order,
            EventKind::Claim,
            EventKind::Accept,
            EventKind::ClaimEmail,
        ]
        .into_iter()
        .fold(sending, |card, kind| {
            card.on(&event(kind), later()).unwrap()
        });
        assert!(matches!(sending.email, Email::Sending { .. }));
        assert_eq!(shown(&sending)["email"], "pending");
    }

    /// Ordered by a caller, then rejected or aborted by somebody else, with a reason each.
    fn ended(by: &Actor, end: EventKind) -> Card {
        let mut card = Card {
            requested_by: by.clone(),
            ..registered("k")
        };
        let request = Event::Request {
            by: by.clone(),
            reason: Some("lost it".into()),
            options_version: 1,
        };
        let abort = Event::Abort {
            by: operator(),
            reason: Some("a staff matter".into()),
            held_by: None,
        };
        card = card.on(&request, later()).unwrap();
        if end == EventKind::Abort {
            card.requested_by = operator();
            card.on(&abort, later()).unwrap()
        } else {
            let reject = Event::Reject {
                by: approver(),
                seen_version: card.version,
                reason: "not needed".into(),
            };
            card.on(&reject, later()).unwrap()
        }
    }

    #[test]
    fn a_holder_sees_no_other_people() {
        let ada = Actor::parse("ada@example.com").unwrap();
        let own = Reach::Own(UserId::parse("u1").unwrap());
        let for_caller = |card: &Card, reach: &Reach, caller: &Actor| {
            serde_json::to_value(CardView::for_caller(card, reach, caller)).unwrap()
        };
        let told = |shown: &Value| {
            let line = |entry: &Value| json!([entry["event"], entry["by"], entry["reason"]]);
            let lines = shown["timeline"].as_array().unwrap().iter().map(line);
            json!([shown["requestedBy"], lines.collect::<Value>()])
        };
        let rejected = ended(&ada, EventKind::Reject);
        let of_her = Actor::parse("Ada@example.com").unwrap();
        assert_eq!(
            told(&for_caller(&rejected, &own, &of_her)),
            json!([
                "ada@example.com",
                [
                    ["request", "ada@example.com", "lost it"],
                    ["reject", null, "not needed"],
                ]
            ])
        );
        let aborted = ended(&ada, EventKind::Abort);
        let lines = json!([
            ["request", "ada@example.com", "lost it"],
            ["abort", null, null]
        ]);
        assert_eq!(
            told(&for_caller(&aborted, &own, &ada)),
            json!([null, lines])
        );
        for card in [&rejected, &aborted] {
            assert_eq!(for_caller(card, &Reach::Everybody, &ada), shown(card));
        }
    }

    #[test]
    fn a_holder_sees_what_the_functions_did() {
        let own = Reach::Own(UserId::parse("u1").unwrap());
        let refuse = Event::Refuse {
            by: Actor::system("drain-orders"),
            token: token(),
            failure: Failure::producer_rejected("unknown article".into()),
        };
        let refused = card(StateKind::Processing, "k")
            .on(&refuse, later())
            .unwrap();
        let shown = CardView::for_caller(&refused, &own, &approver());
        let shown = serde_json::to_value(shown).unwrap();
        let entry = &shown["timeline"][0];
        assert_eq!(
            (&entry["by"], &entry["reason"], &shown["requestedBy"]),
            (
                &json!("system:drain-orders"),
                &json!("unknown article"),
                &Value::Null
            )
        );
    }

    #[test]
    fn nothing_of_the_inner_life_is_shown() {
        let claimed = shown(&card(StateKind::Processing, "k"));
        let text = claimed.to_string();
        for inner in [
            "claim", "token", "lease", "attempt", "due", "digest", "address",
        ] {
            assert!(!text.contains(inner), "{inner}: {text}");
        }
        assert_eq!(claimed["abortable"], false);
        assert_eq!(claimed["holder"].as_object().unwrap().len(), 3);
    }
}
