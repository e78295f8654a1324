//! Races on the real tables: many clients at once, each on a connection of its own choice, and what
//! may have happened afterwards. The same races through HTTP are in `e2e/races.rs`.
//!
//! `CARDWRIGHT_ROUNDS` says how many rounds each race has; without it there are a few, so that all
//! of them take seconds. With as many as the scorecard asks for, a race prints its row.

mod drain;
mod orders;

use std::fmt::Display;

/// How many rounds a race has: what the environment says, or else so many.
pub(crate) fn rounds(few: usize) -> usize {
    match std::env::var("CARDWRIGHT_ROUNDS") {
        Ok(number) => number.parse().expect("CARDWRIGHT_ROUNDS is a number"),
        Err(_) => few,
    }
}

/// Prints a row of the scorecard. It is short unless as much was done as the target asks for; what
/// was done wrong has ended the test before.
pub(crate) fn row(name: &str, done: usize, wanted: usize, figure: impl Display, target: &str) {
    let verdict = if done >= wanted { "ok" } else { "short" };
    println!("row {name} | {verdict} | {figure} | {target}");
}

/// 1,000 instead of 1000.
pub(crate) fn grouped(number: usize) -> String {
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

#[test]
fn large_numbers_are_grouped() {
    for (number, text) in [
        (7, "7"),
        (999, "999"),
        (1_000, "1,000"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(grouped(number), text);
    }
}
