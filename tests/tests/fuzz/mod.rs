//! The real edge under requests that nobody would make: whatever comes in, the answer is one that
//! `infra/api.yaml` describes (scorecard R16).
//!
//! A *conversation* is a row of requests to one world: the real routes over ports in memory. Each
//! request begins as one that the operation takes; some of its parts are then replaced by what does
//! not belong there ([`requests`], [`bodies`]). Between them the world goes on ([`changes`]).
//! [`judge`] looks at every answer.
//!
//! `CARDWRIGHT_CASES` says how many requests are made, `CARDWRIGHT_SEED` which ones. The same
//! numbers always make the same requests, so that a failure can be run again.

mod bodies;
mod changes;
mod judge;
mod requests;
mod texts;

use std::cell::Cell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use self::judge::Judge;
use self::requests::{Sent, conversation};
use crate::contract::cases::world;
use crate::support::memory::Memory;

/// Requests in a test run that does not say otherwise: some seconds.
const DEFAULT_CASES: u64 = 4_000;

/// Requests in one conversation, at most: enough to order, abort and look again.
const LONGEST: usize = 8;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

/// Numbers that depend on nothing but the seed.
fn rng(seed: u64, round: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&round.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

#[test]
fn no_request_gets_an_answer_that_the_contract_does_not_describe() {
    let wanted = setting("CARDWRIGHT_CASES", DEFAULT_CASES);
    let seed = setting("CARDWRIGHT_SEED", 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let judge = Judge::new();
    let sent = Cell::new(0);
    for round in 0.. {
        let left = wanted.saturating_sub(sent.get());
        if left == 0 {
            break;
        }
        let config = Config {
            cases: u32::try_from(left.div_ceil(LONGEST as u64)).unwrap(),
            failure_persistence: None,
            max_shrink_iters: 4_000,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, rng(seed, round));
        let ran = runner.run(&conversation(LONGEST), |requests| {
            runtime.block_on(async {
                let memory = world().await;
                for request in requests {
                    sent.set(sent.get() + 1);
                    one(&judge, &memory, request).await?;
                }
                Ok(())
            })
        });
        ran.unwrap_or_else(|failure| panic!("seed {seed}, round {round}: {failure}"));
    }
    println!("edge: {} requests, seed {seed}", sent.get());
    println!("edge: {}", judge.summary());
    judge.check_reach(sent.get());
}

async fn one(judge: &Judge, memory: &Memory, sent: Sent) -> Result<(), TestCaseError> {
    (sent.change.apply)(memory);
    let sent = sent.with_the_tag_in_force(memory);
    let cards = memory.cards.lock().unwrap().clone();
    let options = memory.options.lock().unwrap().clone();
    let response = sent.request().send_to(sent.function, memory).await;
    let unchanged =
        cards == *memory.cards.lock().unwrap() && options == *memory.options.lock().unwrap();
    let wrong = judge.faults(&sent, &response, unchanged);
    if wrong.is_empty() {
        return Ok(());
    }
    let (status, body) = (response.status_code, &response.body);
    Err(TestCaseError::fail(format!(
        "{wrong:#?}\nanswered {status} {body}\nto {sent:?}"
    )))
}
