//! What processes do: the use cases of `crates/app`, and the little that functions put around them.

use cardwright_app::abort_order::abort_order;
use cardwright_app::apply::Seen;
use cardwright_app::decide_order::{Decision, decide_order, decide_orders};
use cardwright_app::drain_orders::{Drain, Report};
use cardwright_app::error::Error;
use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{Clock, Quarantine};
use cardwright_app::repeat_order::{RepeatRequest, repeat_order};
use cardwright_app::self_service::Reach;
use cardwright_app::send_card_ordered_email::send_card_ordered_email;
use cardwright_app::settle_orders;
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::{Actor, CardId};
use jiff::SignedDuration;

use super::executor::Executor;
use super::fault::Call;
use super::queue::Message;
use super::setting::{approver, operator};
use super::state::{Role, Worker};

/// How long before the function's time limit the drain counts its time as over (crates/aws).
const DRAIN_MARGIN: SignedDuration = SignedDuration::from_secs(2);

impl Executor {
    pub(crate) fn order(&mut self, request: OrderRequest) -> Worker {
        let worker = self.world.worker(Role::Order);
        self.spawn(&worker, order(worker.clone(), request));
        worker
    }

    pub(crate) fn abort(&mut self, card_id: CardId, by: Actor) -> Worker {
        let worker = self.world.worker(Role::Abort);
        self.spawn(&worker, abort(worker.clone(), card_id, by));
        worker
    }

    pub(crate) fn tick(&mut self) -> Worker {
        let worker = self.world.worker(Role::Drain);
        self.spawn(&worker, tick(worker.clone()));
        worker
    }

    /// A function starts with a message of the mail queue.
    pub(crate) fn mail(&mut self, message: Message) -> Worker {
        let worker = self.world.worker(Role::Mail);
        self.spawn(&worker, mail(worker.clone(), message));
        worker
    }

    pub(crate) fn decide(&mut self, seen: Seen, decision: Decision) -> Worker {
        let worker = self.world.worker(Role::Decide);
        self.spawn(&worker, decide(worker.clone(), seen, decision));
        worker
    }

    /// One decision about several cards.
    pub(crate) fn decide_many(&mut self, seen: Vec<Seen>, decision: Decision) -> Worker {
        let worker = self.world.worker(Role::Decide);
        self.spawn(&worker, decide_many(worker.clone(), seen, decision));
        worker
    }

    /// An operator orders a failed card again, with data frozen anew if they want to.
    pub(crate) fn repeat(&mut self, seen: Seen, refresh: bool) -> Worker {
        let worker = self.world.worker(Role::Repeat);
        self.spawn(&worker, repeat(worker.clone(), seen, refresh));
        worker
    }
}

async fn order(worker: Worker, request: OrderRequest) {
    let expected = CardId::derive(&request.caller, &request.key);
    let body = format!("{} {:?}", request.user_id, request.comment);
    let known = worker.world.state().told.ordered.contains_key(&expected);
    let answer = order_card(&worker, &worker, &worker, &worker, request).await;
    worker.tells(|state| state.order_answered(expected, body, known, &answer));
}

async fn abort(worker: Worker, card_id: CardId, by: Actor) {
    let answer = abort_order(&worker, &worker, &Reach::Everybody, card_id, by, None).await;
    worker.tells(|state| match answer {
        Ok(card) => state.stop_answered(card.order_id()),
        Err(error) => state.note(|_| format!("is answered {error:?}")),
    });
}

async fn tick(worker: Worker) {
    let drain = Drain {
        worker: settler(&worker, "drain-orders"),
        deadline: worker.now().plus(Role::Drain.limit() - DRAIN_MARGIN),
    };
    let report = drain.tick().await;
    worker.tells(|state| {
        state.note(|_| match report {
            Ok(report) => format!("ends: {}", did(&report)),
            Err(error) => format!("ends: {error:?}"),
        });
    });
}

/// What is not nought in a report.
fn did(report: &Report) -> String {
    let shown = format!("{report:?}");
    let numbers = shown.trim_start_matches("Report { ").trim_end_matches(" }");
    let some = numbers
        .split(", ")
        .filter(|number| !number.ends_with(": 0"));
    some.collect::<Vec<_>>().join(", ")
}

async fn mail(worker: Worker, message: Message) {
    let done = match &message.body {
        Ok(order_id) => {
            let outcome = send_card_ordered_email(&worker, &worker, &worker, order_id.card_id);
            outcome.await.map(|_| ())
        }
        Err(body) => worker.quarantine(body.as_bytes()).await,
    };
    if done.is_ok() {
        let delete = |state: &mut super::state::State, fault: Option<_>| {
            if fault.is_none() {
                state.mails.delete(message.id);
            }
        };
        worker.at(Call::DeleteMail, delete).await;
    }
    worker.tells(|state| state.note(|_| "ends".into()));
}

async fn decide(worker: Worker, seen: Seen, decision: Decision) {
    let settler = settler(&worker, "decide-order");
    let answer = decide_order(&settler, &approver(), &decision, seen).await;
    worker.tells(|state| decision_answered(state, answer));
}

async fn decide_many(worker: Worker, seen: Vec<Seen>, decision: Decision) {
    let by = approver();
    let answers = decide_orders(&worker, &worker, &worker, &by, &decision, &seen).await;
    worker.tells(|state| {
        for answer in answers {
            decision_answered(state, answer);
        }
    });
}

fn decision_answered(state: &mut super::state::State, answer: Result<Card, Error>) {
    match answer {
        Ok(card) if card.state.kind() == StateKind::Rejected => {
            state.stop_answered(card.order_id());
        }
        Ok(card) => state.note(|state| format!("is answered {}", state.shown(&card))),
        Err(error) => state.note(|_| format!("is answered {error:?}")),
    }
}

async fn repeat(worker: Worker, seen: Seen, refresh: bool) {
    let request = RepeatRequest {
        by: operator(),
        seen,
        refresh,
        comment: None,
    };
    let repeated = (seen.card_id, seen.version);
    let known = worker.world.state().told.repeated.contains(&repeated);
    let answer = repeat_order(&settler(&worker, "repeat-order"), &request).await;
    worker.tells(|state| state.repeat_answered(seen, known, &answer));
}

fn settler<'a>(
    worker: &'a Worker,
    function: &'static str,
) -> settle_orders::Worker<'a, Worker, Worker, Worker, Worker> {
    settle_orders::Worker {
        store: worker,
        queues: worker,
        producer: worker,
        chance: worker,
        by: Actor::system(function),
    }
}

impl Worker {
    /// The process's last words, which nothing can come between.
    fn tells(&self, act: impl FnOnce(&mut super::state::State)) {
        let mut state = self.world.state();
        state.acting = Some(self.id);
        act(&mut state);
        state.acting = None;
    }
}
