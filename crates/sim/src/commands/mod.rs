//! What can be run from the command line.

pub(crate) mod answers;
pub(crate) mod awaits;
pub(crate) mod model;
pub(crate) mod replay;
pub(crate) mod schedules;

/// One row of the scorecard, in the form that `cargo xtask verify` collects.
pub(crate) fn row(name: &str, ok: bool, figure: &str, target: &str) -> bool {
    let verdict = if ok { "ok" } else { "short" };
    println!("row {name} | {verdict} | {figure} | {target}");
    ok
}
