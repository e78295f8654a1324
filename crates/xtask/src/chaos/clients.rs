//! The clients: each orders for one user after another, repeats what was not answered under the
//! same key, decides about it if it waits for approval, and aborts some of the orders. They write down what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cardwright_domain::ids::CardId;

use super::CLIENTS;
use super::evidence::Answered;
use super::site::{Answer, Site, user_id};
use crate::error::Error;

/// How often a client asks again under the same key. After that it does not know.
const TRIES: usize = 12;
const PAUSE: Duration = Duration::from_millis(150);

/// The longest that a client waits who gives up the answer: about the time that an answer takes.
const SHORT_PATIENCE_MS: u64 = 250;

/// The longest pause between two users.
const LONGEST_PAUSE_MS: u64 = 300;

/// The longest time until an order is aborted. A drain has it by then, or not.
const LONGEST_REGRET_MS: u64 = 1_500;

/// What the clients were told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Every 201.
    pub(super) answers: Vec<Answered>,
    /// Cards whose abort or rejection was answered 200.
    pub(super) stopped: Vec<CardId>,
    pub(super) orders: usize,
    /// Answers that a client did not wait for.
    pub(super) given_up: usize,
    /// Answers with a status of the 5xx kind, and connections that broke.
    pub(super) failed: usize,
    /// Orders and aborts that were refused.
    pub(super) refused: usize,
    /// Orders that no try was answered.
    pub(super) unknown: usize,
    /// Users who were made inactive while their order was on its way.
    pub(super) deactivated: usize,
}

impl Seen {
    pub(super) fn add(&mut self, other: Self) {
        self.answers.extend(other.answers);
        self.stopped.extend(other.stopped);
        self.orders += other.orders;
        self.given_up += other.given_up;
        self.failed += other.failed;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.deactivated += other.deactivated;
    }
}

#[derive(Debug)]
pub(super) struct Client {
    site: Arc<Site>,
    chance: fastrand::Rng,
    number: u64,
    seen: Seen,
}

impl Client {
    pub(super) fn new(site: Arc<Site>, seed: u64, number: u64) -> Self {
        Self {
            site,
            chance: fastrand::Rng::with_seed(seed ^ ((number + 1) << 32)),
            number,
            seen: Seen::default(),
        }
    }

    /// Works until it is over, or until there are no more users.
    pub(super) async fn order_and_abort(mut self, over: Arc<AtomicBool>) -> Seen {
        let (first, step) = (self.number as usize, CLIENTS as usize);
        for index in (first..self.site.users).step_by(step) {
            if over.load(Ordering::Relaxed) {
                break;
            }
            self.serve(index).await;
            self.pause(LONGEST_PAUSE_MS).await;
        }
        self.seen
    }

    async fn serve(&mut self, index: usize) {
        let user_id = user_id(index);
        let key = format!("{user_id}-1");
        self.seen.orders += 1;
        let Some(card_id) = self.order(&user_id, &key).await else {
            return;
        };
        if self.happens(5) && self.site.deactivate(&user_id).await.is_ok() {
            self.seen.deactivated += 1;
        }
        if self.happens(10) {
            // A second order while one is open: refused, unless the first was settled in between.
            self.order(&user_id, &format!("{user_id}-2")).await;
        }
        if self.happens(30) {
            self.pause(LONGEST_REGRET_MS).await;
            if self.abort(&card_id).await && self.happens(50) {
                self.order(&user_id, &format!("{user_id}-3")).await;
            }
        }
        if self.happens(20) {
            self.order(&user_id, &key).await;
        }
        if self.happens(10) {
            let _ = self.site.get(&format!("/cards/{card_id}")).await;
            let _ = self.site.get(&format!("/users/{user_id}")).await;
        }
    }

    /// Orders until the answer is known; sometimes twice at once.
    async fn order(&mut self, user_id: &str, key: &str) -> Option<String> {
        let mut known = None;
        for _ in 0..TRIES {
            let site = Arc::clone(&self.site);
            let order = || site.order(user_id, key);
            let twice = self.happens(10);
            if twice {
                let (one, other) = tokio::join!(order(), order());
                known = self.ordered(key, one).or(known);
                known = self.ordered(key, other).or(known);
            } else if let Some(answer) = self.wait(order()).await {
                known = self.ordered(key, answer);
            }
            match known {
                Some(card_id) => {
                    if let Some(card_id) = &card_id {
                        self.decide(card_id).await;
                    }
                    return card_id;
                }
                None => tokio::time::sleep(PAUSE).await,
            }
        }
        self.seen.unknown += 1;
        None
    }

    /// The card's id, `Some(None)` for a refusal, `None` if the answer says nothing.
    fn ordered(&mut self, key: &str, answer: Result<Answer, Error>) -> Option<Option<String>> {
        match answer {
            Ok(answer) if answer.status == 201 => {
                let card_id = answer.body["cardId"].as_str()?.to_owned();
                self.seen.answers.push(Answered {
                    key: key.to_owned(),
                    card_id: card_id.parse().ok()?,
                });
                Some(Some(card_id))
            }
            Ok(answer) if answer.status < 500 => {
                self.seen.refused += 1;
                Some(None)
            }
            _ => {
                self.seen.failed += 1;
                None
            }
        }
    }

    /// Approves the order as it was seen, or rejects it, until that is answered. What is left waiting is
    /// approved in the end.
    async fn decide(&mut self, card_id: &str) {
        let Ok(seen) = self.site.get(&format!("/cards/{card_id}")).await else {
            return;
        };
        if seen.body["state"] != "requested" {
            return;
        }
        let approves = !self.happens(15);
        for _ in 0..TRIES {
            let site = Arc::clone(&self.site);
            match self.wait(site.decide(card_id, &seen, approves)).await {
                Some(Ok(answer)) if answer.status == 200 => {
                    if !approves {
                        self.seen.stopped.extend(card_id.parse::<CardId>());
                    }
                    return;
                }
                Some(Ok(answer)) if answer.status < 500 => {
                    self.seen.refused += 1;
                    return;
                }
                Some(_) => self.seen.failed += 1,
                None => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether the card was aborted.
    async fn abort(&mut self, card_id: &str) -> bool {
        for _ in 0..TRIES {
            let site = Arc::clone(&self.site);
            match self.wait(site.abort(card_id)).await {
                Some(Ok(answer)) if answer.status == 200 => {
                    self.seen.stopped.extend(card_id.parse::<CardId>());
                    return true;
                }
                Some(Ok(answer)) if answer.status < 500 => {
                    self.seen.refused += 1;
                    return false;
                }
                Some(_) => self.seen.failed += 1,
                None => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    /// `None` if the client hangs up before the answer comes. The function goes on.
    async fn wait<T>(&mut self, answer: impl Future<Output = T>) -> Option<T> {
        if !self.happens(15) {
            return Some(answer.await);
        }
        let patience = Duration::from_millis(self.chance.u64(0..=SHORT_PATIENCE_MS));
        let answer = tokio::time::timeout(patience, answer).await.ok();
        self.seen.given_up += usize::from(answer.is_none());
        answer
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.chance.u64(0..100) < percent
    }

    async fn pause(&mut self, longest_ms: u64) {
        let pause = Duration::from_millis(self.chance.u64(0..=longest_ms));
        tokio::time::sleep(pause).await;
    }
}
