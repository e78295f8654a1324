//! The matrix of calls and faults.

use crate::commands::row;
use crate::harness::matrix::{CALLS, Cell, Column, Depth, Matrix, walk};
use crate::harness::reasons::{REASONS, why_not};
use crate::harness::{scenarios, threads};
use crate::world::fault::Call;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

const DEPTH: Depth = Depth {
    every_step: true,
    pairs: true,
};

pub(crate) fn run(args: &Args) -> bool {
    let scenarios: Vec<_> = scenarios::all().collect();
    let mut matrix = Matrix::default();
    for part in threads::each(args.threads, &scenarios, |scenario| {
        walk(scenario, DEPTH, None)
    }) {
        matrix.add(part);
    }
    show(&matrix);
    for failure in &matrix.failures {
        failure.print();
    }
    let missing = matrix.missing();
    for (call, column) in &missing {
        println!("never reached: {call:?}, {}", column.name());
    }
    let Cell { runs, violations } = matrix.sum();
    let (full, cells) = (matrix.cells.len(), matrix.cells.len() + missing.len());
    let second = matrix.second_emails;
    let pairs = matrix.pairs;
    let violations = violations + pairs.violations;
    let figure = format!(
        "{full} of {cells} cells, {runs} runs and {} pairs, {violations} violations \
         ({second} second emails, all in the window)",
        pairs.runs
    );
    let holds = missing.is_empty() && violations == 0;
    row("R11", holds, &figure, "matrix full, 0")
}

/// A line for each call; a column for each fault: how often it was reached, or why it can't exist.
fn show(matrix: &Matrix) {
    let columns: Vec<_> = Column::all().collect();
    for (number, column) in columns.iter().enumerate() {
        println!("{:>3} {}", number + 1, column.name());
    }
    let numbers = (1..=columns.len()).map(|number| format!("{number:>8}"));
    println!("\n{:<32}{}", "", numbers.collect::<String>());
    for call in CALLS {
        let cells = columns
            .iter()
            .map(|column| format!("{:>8}", shown(matrix, call, *column)));
        println!("{:<32}{}", format!("{call:?}"), cells.collect::<String>());
    }
    println!("\nReached so many times, !violated; - where it can't exist:");
    for (key, reason) in REASONS {
        println!("-{key}  {reason}");
    }
    println!();
}

fn shown(matrix: &Matrix, call: Call, column: Column) -> String {
    if let Some(key) = why_not(call, column.fault) {
        return format!("-{key}");
    }
    match matrix.cells.get(&(call, column)) {
        Some(Cell {
            runs,
            violations: 0,
        }) => runs.to_string(),
        Some(Cell { runs, violations }) => format!("{runs}!{violations}"),
        None => "0".into(),
    }
}
