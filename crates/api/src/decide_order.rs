//! `decide-order`: approves and rejects orders, one or many at once.

use std::collections::HashSet;
use std::num::NonZero;

use cardwright_app::apply::Seen;
use cardwright_app::decide_order::{Decision, decide_order, decide_orders};
use cardwright_app::error::Error;
use cardwright_app::limits::MAX_DECISIONS;
use cardwright_app::ports::{
    ActiveHolders, ChangeCard, Clock, Producer, ReadCard, RemindOfEmails, RemindOfOrders, Tokens,
};
use cardwright_app::settle_orders::Worker;
use cardwright_domain::card::Card;
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::FieldError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::{Comment, Reason};
use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Verdict {
    Approve,
    Reject,
}

/// The body of a decision about many cards.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionsBody {
    decision: Verdict,
    /// A comment, if it is an approval.
    #[serde(default)]
    reason: Comment,
    cards: Vec<SeenBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeenBody {
    card_id: CardId,
    version: NonZero<u64>,
}

#[derive(Serialize)]
struct ResultsView<'a> {
    results: Vec<ResultView<'a>>,
}

/// What became of one card: exactly one of card and problem is there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultView<'a> {
    card_id: CardId,
    card: Option<CardView<'a>>,
    problem: Option<&'a Value>,
}

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `approveOrder`, `rejectOrder` and `decideOrders`.
pub async fn route<Store, Queues, Bureau, Chance>(
    call: Call,
    store: &Store,
    queues: &Queues,
    producer: &Bureau,
    chance: &Chance,
) -> Result<Reply, Problem>
where
    Store: ChangeCard + ActiveHolders + ReadCard,
    Queues: RemindOfOrders + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    let (seen, decision) = match call.route() {
        "POST /cards/{cardId}/approve" => {
            call.caller.require(&[Role::Approver])?;
            let seen = call.seen()?;
            let comment = call.comment()?;
            (seen, Decision::Approve { comment })
        }
        "POST /cards/{cardId}/reject" => {
            call.caller.require(&[Role::Approver])?;
            let seen = call.seen()?;
            let reason = call.reason()?;
            (seen, Decision::Reject { reason })
        }
        "POST /card-decisions" => return many(&call, store, queues, chance).await,
        _ => return Err(Problem::RouteNotFound),
    };
    let worker = Worker {
        store,
        queues,
        producer,
        chance,
        by: Actor::system("decide-order"),
    };
    let card = decide_order(&worker, &call.caller.actor, &decision, seen).await?;
    Reply::versioned(card.version, &CardView::from(&card))
}

async fn many(
    call: &Call,
    store: &(impl ChangeCard + ReadCard),
    queues: &impl RemindOfOrders,
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Approver])?;
    let (decision, seen) = decisions(call.body()?).map_err(Problem::BodyInvalid)?;
    let by = &call.caller.actor;
    let mut answers = decide_orders(store, queues, clock, by, &decision, &seen).await;
    // If no card was answered for, the request as a whole was not.
    let unavailable = |answer: &Result<_, _>| matches!(answer, Err(Error::Unavailable(_)));
    if answers.iter().all(unavailable)
        && let Some(Err(error)) = answers.pop()
    {
        return Err(error.into());
    }
    let told = |card_id, answer: Result<Card, Error>| {
        answer.map_err(|error| refused(card_id, error).body(&call.request_id))
    };
    let answers = seen.iter().map(|seen| seen.card_id).zip(answers);
    let answers: Vec<_> = answers.map(|(id, answer)| (id, told(id, answer))).collect();
    let results = answers.iter().map(|(card_id, answer)| ResultView {
        card_id: *card_id,
        card: answer.as_ref().ok().map(CardView::from),
        problem: answer.as_ref().err(),
    });
    Reply::ok(&ResultsView {
        results: results.collect(),
    })
}

/// The edge logs why a request failed; here it is one card of many.
fn refused(card_id: CardId, error: Error) -> Problem {
    let problem = Problem::from(error);
    if let Some(error) = problem.fault() {
        tracing::error!(card.id = %card_id, error, "it is not known whether the decision was made");
    }
    problem
}

fn decisions(body: DecisionsBody) -> Result<(Decision, Vec<Seen>), FieldError> {
    let DecisionsBody {
        decision,
        reason,
        cards,
    } = body;
    let decision = match decision {
        Verdict::Approve => Decision::Approve { comment: reason.0 },
        Verdict::Reject => {
            let reason = Reason::try_from(reason);
            let reason = reason.map_err(|detail| FieldError::new("/reason", detail))?;
            Decision::Reject { reason: reason.0 }
        }
    };
    if !(1..=MAX_DECISIONS).contains(&cards.len()) {
        let detail = format!("needs 1 to {MAX_DECISIONS} cards");
        return Err(FieldError::new("/cards", detail));
    }
    let mut known = HashSet::new();
    for (at, card) in cards.iter().enumerate() {
        if !known.insert(card.card_id) {
            let pointer = format!("/cards/{at}/cardId");
            return Err(FieldError::new(pointer, "is there twice"));
        }
    }
    let seen = cards.into_iter().map(|card| Seen {
        card_id: card.card_id,
        version: card.version.get(),
    });
    Ok((decision, seen.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::read;

    fn refused(body: &str) -> (String, String) {
        let refused = match read::<DecisionsBody>(body.as_bytes()) {
            Ok(body) => decisions(body).map(drop).map_err(Problem::BodyInvalid),
            Err(problem) => Err(problem),
        };
        match refused {
            Err(Problem::BodyInvalid(error)) => (error.pointer, error.detail),
            other => panic!("{body}: {other:?}"),
        }
    }

    fn cards(count: usize) -> String {
        let card = |at| format!(r#"{{"cardId":"{}","version":1}}"#, uuid(at));
        (0..count).map(card).collect::<Vec<_>>().join(",")
    }

    fn uuid(at: usize) -> String {
        format!("8d1f6a52-3c0b-5e47-9a64-{at:012}")
    }

    #[test]
    fn a_decision_names_what_is_decided_about_which_cards() {
        for (body, pointer) in [
            (r#"{"cards":[]}"#.to_owned(), "/decision"),
            (r#"{"decision":"approve"}"#.to_owned(), "/cards"),
            (r#"{"decision":"approve","cards":[]}"#.to_owned(), "/cards"),
            (
                format!(r#"{{"decision":"approve","cards":[{}]}}"#, cards(101)),
                "/cards",
            ),
            (
                format!(r#"{{"decision":"maybe","cards":[{}]}}"#, cards(1)),
                "/decision",
            ),
            (
                format!(r#"{{"decision":"reject","cards":[{}]}}"#, cards(1)),
                "/reason",
            ),
            (
                format!(
                    r#"{{"decision":"reject","reason":"","cards":[{}]}}"#,
                    cards(1)
                ),
                "/reason",
            ),
            (
                format!(
                    r#"{{"decision":"approve","cards":[{},{}]}}"#,
                    cards(1),
                    cards(1)
                ),
                "/cards/1/cardId",
            ),
            (
                format!(
                    r#"{{"decision":"approve","cards":[{{"cardId":"{}","version":1}}]}}"#,
                    uuid(1).replace('-', "")
                ),
                "/cards/0/cardId",
            ),
            (
                format!(
                    r#"{{"decision":"approve","cards":[{{"cardId":"{}","version":0}}]}}"#,
                    uuid(1)
                ),
                "/cards/0/version",
            ),
        ] {
            assert_eq!(refused(&body).0, pointer, "{body}");
        }
        let most = format!(r#"{{"decision":"approve","cards":[{}]}}"#, cards(100));
        let (_, seen) = decisions(read(most.as_bytes()).unwrap()).unwrap();
        assert_eq!(seen.len(), 100);
        let cards = cards(1);
        let reject = format!(r#"{{"decision":"reject","reason":"no","cards":[{cards}]}}"#);
        let (decision, _) = decisions(read(reject.as_bytes()).unwrap()).unwrap();
        assert!(matches!(decision, Decision::Reject { reason } if reason == "no"));
    }
}
