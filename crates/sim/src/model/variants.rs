//! What is wrong on purpose, and which promise has to show it. A model that holds whatever one
//! does to it says nothing.

use super::config::{Config, Flaw, Role, Wish};
use super::explore::SETTLES;
use super::state::Person;

use Flaw as F;
use Role::{Abort, Approve, CloseByHand, Mailer, Reject, Repeat, Submit, Worker};

/// One broken protocol.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) config: Config,
    /// The promise that it breaks.
    pub(super) breaks: &'static str,
}

const OPERATOR: Role = Abort(Person::Other);

const MADE_ONCE: &str = "one producer order for an order id";
const ABORTED: &str = "an aborted card is never made";
const REJECTED: &str = "a rejected request is never made";
const FAILED: &str = "failed only if the producer never makes it";
const DUE: &str = "due if and only if work is left";
const SECOND_EMAIL: &str = "a second email only in the named window";
const APPROVED: &str = "what is made was approved as it is";
const OVERSTEPPED: &str = "nobody decides who may not";

fn order(name: &'static str, flaw: Flaw) -> Config {
    Config::new(name, &[Submit, Worker, OPERATOR]).with(&[flaw])
}

/// No sweep: messages alone bring a card on its way. They are neither lost nor doubled, and the
/// order function does not fail, so that what is shown is the flaw and nothing else.
pub(super) fn messages_only() -> Config {
    let name = "no sweep, but perfect queues and messages that stay until their card is settled";
    Config {
        producer_rejects: true,
        queues_lie: false,
        submit_fails: false,
        ..Config::new(name, &[Submit, Worker, Worker])
    }
    .with(&[F::NoSweep, F::KeepsMessages])
}

fn messages(name: &'static str, flaw: Flaw) -> Config {
    Config {
        name,
        ..messages_only().with(&[flaw])
    }
}

/// The table of the design: each of its rows that does not hold.
fn of_the_design() -> Vec<Variant> {
    let no_sweep = Config {
        submit_fails: true,
        queues_lie: true,
        ..messages("commit then send, no sweep", F::NoSweep)
    };
    let message_first = Config {
        submit_fails: true,
        ..messages(
            "message first, it matures before the commit",
            F::MessageFirst,
        )
    };
    let two_workers = Config {
        roles: vec![Submit, Worker, Worker],
        ..order(
            "producer key per worker instead of per order",
            F::KeyPerWorker,
        )
    };
    let by_hand = Config::new(
        "operator closes an unknown by hand after only a look-up",
        &[Submit, Worker, CloseByHand],
    );
    vec![
        caught(SETTLES, no_sweep),
        caught(SETTLES, message_first),
        caught(
            ABORTED,
            order("no conditional claim", F::ClaimWithoutCondition),
        ),
        caught(
            ABORTED,
            order(
                "claim given back when the answer is unknown",
                F::ClaimGivenBack,
            ),
        ),
        caught(MADE_ONCE, two_workers),
        caught(
            SETTLES,
            messages(
                "message deleted before the mark, no sweep",
                F::MessageDeletedFirst,
            ),
        ),
        caught(
            SETTLES,
            order("no take-over of an expired claim", F::NoTakeOver),
        ),
        caught(
            ABORTED,
            order("abort allowed while claimed", F::AbortWhileClaimed),
        ),
        caught(
            ABORTED,
            order("abort that reads, then writes", F::AbortReadsThenWrites),
        ),
        caught(
            SETTLES,
            messages(
                "a failed `refused` write still deletes the message, no sweep",
                F::FailedRefusalDeletesMessage,
            ),
        ),
        caught(ABORTED, by_hand),
    ]
}

/// What the code adds: orders and their ends.
fn of_orders() -> Vec<Variant> {
    let two_submits = Config {
        roles: vec![Submit, Submit],
        ..order(
            "a key is not looked up when the card is put",
            F::PlaceWithoutCondition,
        )
    };
    let email_waits = Config {
        wishes: vec![Wish::Email],
        ..order(
            "an accepted card forgets that its email waits",
            F::AcceptForgetsTheEmail,
        )
    };
    let accepted_again = Config {
        submit_fails: false,
        queues_lie: false,
        ..email("an acceptance is written in any state", F::AcceptInAnyState)
    };
    vec![
        caught("one card for a key", two_submits),
        caught(
            DUE,
            order("a claim does not set when it is due", F::ClaimSetsNoDue),
        ),
        caught(
            FAILED,
            order("an unknown answer is read as a no", F::UnknownIsRefused),
        ),
        caught(DUE, accepted_again),
        caught(DUE, email_waits),
        caught(
            FAILED,
            repeat(
                "a refusal is written without the claim's token",
                F::RefuseWithoutToken,
            ),
        ),
        caught(
            FAILED,
            leaves(
                "an inactive holder's card fails without a fence",
                F::InactiveWithoutFence,
            ),
        ),
        caught(
            FAILED,
            leaves(
                "an inactive holder's card fails without the token",
                F::InactiveWithoutToken,
            ),
        ),
        caught(
            FAILED,
            leaves("a cancel that only looks", F::CancelOnlyLooks),
        ),
        caught(
            FAILED,
            repeat("a repeat keeps the producer's key", F::RepeatKeepsKey),
        ),
        caught(
            FAILED,
            repeat("a claim of one attempt takes another", F::ClaimOfAnyAttempt),
        ),
        caught(
            "a repeat is of the attempt that was seen",
            Config {
                attempts: 3,
                ..repeat(
                    "a repeat of whatever stands there",
                    F::RepeatOfWhatWasNotSeen,
                )
            },
        ),
    ]
}

/// What the code adds: approvals and emails.
fn of_approvals_and_emails() -> Vec<Variant> {
    let doubled = Config {
        queues_lie: true,
        ..email("an email is sent without a claim", F::EmailWithoutClaim)
    };
    let lease = Config {
        queues_lie: true,
        ..email(
            "an email is claimed under a running lease",
            F::EmailClaimIgnoresLease,
        )
    };
    let unlimited = email(
        "an email of unknown fate is deferred",
        F::UnknownEmailIsDeferred,
    );
    vec![
        caught(
            OVERSTEPPED,
            approval("anybody approves", F::ApprovedByAnybody),
        ),
        caught(
            OVERSTEPPED,
            approval("anybody takes a request back", F::RequestAbortedByAnybody),
        ),
        caught(
            REJECTED,
            approval("a rejection after the approval", F::RejectInAnyState),
        ),
        caught(
            APPROVED,
            repeat_approved(
                "a repeat with other data is not approved again",
                F::RepeatOfOtherDataUnapproved,
            ),
        ),
        caught(
            APPROVED,
            repeat_approved(
                "a decision about whatever stands there",
                F::DecisionOnWhatWasNotSeen,
            ),
        ),
        caught(SECOND_EMAIL, doubled),
        caught(SECOND_EMAIL, lease),
        caught(
            "what is said of the email is true",
            email(
                "`undeliverable` without the token",
                F::EmailRefusedWithoutToken,
            ),
        ),
        caught(
            SECOND_EMAIL,
            email("`deferred` without the token", F::EmailDeferredWithoutToken).faults(1, 0),
        ),
        caught("no more emails than tries", unlimited.faults(0, 2)),
        caught(
            SETTLES,
            email(
                "an email without tries left is never given up",
                F::EmailNeverGivenUp,
            )
            .faults(2, 0),
        ),
    ]
}

pub(super) fn all() -> Vec<Variant> {
    let mut all = of_the_design();
    all.extend(of_orders());
    all.extend(of_approvals_and_emails());
    all
}

/// Guards that nothing needs as long as all the others hold: without them the model still holds.
/// They are kept in the code because they are free, and because the next change may need them.
pub(super) fn redundant() -> Vec<Config> {
    vec![
        repeat("an acceptance needs no claim", F::AcceptWithoutClaim),
        email("a sent email needs no token", F::EmailSentWithoutToken),
    ]
}

fn caught(breaks: &'static str, config: Config) -> Variant {
    Variant { config, breaks }
}

fn leaves(name: &'static str, flaw: Flaw) -> Config {
    Config {
        holder_leaves: true,
        queues_lie: false,
        submit_fails: false,
        ..Config::new(name, &[Submit, Worker, Worker]).with(&[flaw])
    }
}

fn repeat(name: &'static str, flaw: Flaw) -> Config {
    Config {
        producer_rejects: true,
        attempts: 2,
        queues_lie: false,
        submit_fails: false,
        ..Config::new(name, &[Submit, Worker, Repeat, Repeat]).with(&[flaw])
    }
}

fn repeat_approved(name: &'static str, flaw: Flaw) -> Config {
    Config {
        roles: vec![Submit, Worker, Repeat, Approve(Person::Other)],
        approval: true,
        ..repeat(name, flaw)
    }
}

fn approval(name: &'static str, flaw: Flaw) -> Config {
    let roles = [
        Submit,
        Worker,
        Approve(Person::Other),
        Approve(Person::Holder),
        Reject(Person::Other),
        OPERATOR,
    ];
    Config {
        approval: true,
        ..Config::new(name, &roles).with(&[flaw])
    }
}

fn email(name: &'static str, flaw: Flaw) -> Config {
    Config {
        wishes: vec![Wish::Email],
        mail_rejects: true,
        mail_defers: true,
        queues_lie: false,
        submit_fails: false,
        ..Config::new(name, &[Submit, Worker, Mailer, Mailer]).with(&[flaw])
    }
}
