//! The configurations that must hold: everything at once has too many states, so each part meets
//! what it can meet. Each is explored to its end.

use super::config::{Config, Role, Wish};
use super::state::Person;

use Role::{Abort, Approve, Mailer, Reject, Repeat, Submit, Worker};

const OPERATOR: Role = Abort(Person::Other);

/// The order and its ways to the producer.
fn order(roles: &[Role]) -> Config {
    Config {
        producer_rejects: true,
        ..Config::new("order", roles)
    }
}

fn direct(roles: &[Role]) -> Config {
    Config {
        direct: true,
        holder_leaves: true,
        producer_rejects: true,
        ..Config::new("direct delivery", roles)
    }
}

fn leaves(roles: &[Role]) -> Config {
    Config {
        holder_leaves: true,
        producer_rejects: true,
        ..Config::new("holder leaves", roles)
    }
}

fn repeat(roles: &[Role], attempts: u8) -> Config {
    Config {
        producer_rejects: true,
        holder_leaves: true,
        attempts,
        ..Config::new("repeat", roles)
    }
}

/// A repeat with other data is approved once more.
fn repeat_approved(roles: &[Role]) -> Config {
    Config {
        approval: true,
        ..Config {
            name: "repeat with approval",
            ..repeat(roles, 2)
        }
    }
}

fn approval(roles: &[Role]) -> Config {
    Config {
        approval: true,
        holder_leaves: true,
        producer_rejects: true,
        ..Config::new("approval", roles)
    }
}

fn email(roles: &[Role]) -> Config {
    Config {
        wishes: vec![Wish::Email],
        mail_rejects: true,
        mail_defers: true,
        submit_fails: false,
        ..Config::new("email", roles)
    }
}

const TWO_WORKERS: [Role; 4] = [Submit, Worker, Worker, OPERATOR];
const TWO_SUBMITS: [Role; 5] = [Submit, Submit, Worker, Worker, OPERATOR];
const DELIVERS_DIRECTLY: [Role; 4] = [Submit, Submit, Worker, OPERATOR];
const REPEATED_TWICE: [Role; 5] = [Submit, Worker, Repeat, Repeat, OPERATOR];
const APPROVED_TWICE: [Role; 5] = [
    Submit,
    Worker,
    Repeat,
    Approve(Person::Other),
    Approve(Person::Other),
];
const TWO_MAILERS: [Role; 4] = [Submit, Worker, Mailer, Mailer];
const DECIDED: [Role; 7] = [
    Submit,
    Worker,
    Approve(Person::Other),
    Reject(Person::Other),
    Approve(Person::Requester),
    Abort(Person::Requester),
    OPERATOR,
];

/// Tiny ones with every kind of email: together they make every change that there is, and quickly.
/// The simulation holds what the code does against their changes.
pub(super) fn tiny() -> Vec<Config> {
    let all = [
        order(&[Submit, Worker, OPERATOR]),
        direct(&[Submit, Worker]),
        leaves(&[Submit, Worker]),
        repeat(&[Submit, Worker, Repeat], 2),
        repeat_approved(&APPROVED_TWICE),
        approval(&[
            Submit,
            Worker,
            Approve(Person::Other),
            Reject(Person::Other),
            Abort(Person::Requester),
        ]),
        email(&[Submit, Worker, Mailer]),
    ];
    let all = all.into_iter().map(|mut config| {
        config.wishes = Wish::ALL.to_vec();
        config.address_changes = true;
        if !config.roles.contains(&Mailer) {
            config.roles.push(Mailer);
        }
        // An email needs more to go wrong before it is given up.
        let crashes = if config.mail_rejects { 2 } else { 1 };
        config.faults(crashes, 0)
    });
    all.collect()
}

/// A crash and a loss in each: for the backward pass, and for safety with it.
pub(super) fn whole() -> Vec<Config> {
    vec![
        order(&TWO_SUBMITS),
        direct(&DELIVERS_DIRECTLY),
        leaves(&TWO_WORKERS),
        repeat(&REPEATED_TWICE, 3),
        repeat_approved(&APPROVED_TWICE),
        approval(&DECIDED),
        email(&TWO_MAILERS),
    ]
}

/// Two crashes and two losses: for safety.
pub(super) fn hard() -> Vec<Config> {
    let all = [
        leaves(&TWO_WORKERS),
        direct(&DELIVERS_DIRECTLY),
        repeat(&[Submit, Worker, Repeat, OPERATOR], 2),
        Config {
            holder_leaves: false,
            submit_fails: false,
            ..repeat_approved(&APPROVED_TWICE)
        },
        approval(&DECIDED),
        email(&TWO_MAILERS),
    ];
    all.into_iter().map(|config| config.faults(2, 2)).collect()
}
