//! What the operations of the demo cost in requests to AWS.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Tally {
    operations: BTreeMap<String, Vec<u64>>,
}

/// One line of the last table.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) operation: String,
    pub(super) count: usize,
    pub(super) requests: u64,
    /// For one of them: a number, or the least and the most.
    pub(super) each: String,
}

impl Tally {
    pub(super) fn add(&mut self, operation: String, requests: u64) {
        self.operations.entry(operation).or_default().push(requests);
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let lines = self.operations.iter().map(|(operation, requests)| {
            let least = requests.iter().min().copied().unwrap_or_default();
            let most = requests.iter().max().copied().unwrap_or_default();
            let each = if least == most {
                least.to_string()
            } else {
                format!("{least} to {most}")
            };
            Line {
                operation: operation.clone(),
                count: requests.len(),
                requests: requests.iter().sum(),
                each,
            }
        });
        lines.collect()
    }

    pub(super) fn total(&self) -> u64 {
        self.operations.values().flatten().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_counted_and_their_cost_is_shown_for_each() {
        let mut tally = Tally::default();
        for (operation, requests) in [("b", 3), ("a", 1), ("b", 5), ("a", 1)] {
            tally.add(operation.into(), requests);
        }
        let line = |operation: &str, count, requests, each: &str| Line {
            operation: operation.into(),
            count,
            requests,
            each: each.into(),
        };
        assert_eq!(
            tally.lines(),
            [line("a", 2, 2, "1"), line("b", 2, 8, "3 to 5")]
        );
        assert_eq!(tally.total(), 10);
    }
}
