//! The demo on the terminal: chapters, steps in columns, and what was shown beside them.

use std::io::IsTerminal;

use super::tally::Tally;

const WHO_WIDTH: usize = 13;
const WHAT_WIDTH: usize = 62;
const STATE_WIDTH: usize = 10;
const SHOWN_WIDTH: usize = 92;

/// What there is to say about a step. What a step does not have is left empty.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) who: &'a str,
    pub(super) what: &'a str,
    pub(super) status: Option<u16>,
    pub(super) state: &'a str,
    pub(super) aws_requests: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Printer {
    bold: bool,
    steps: usize,
}

impl Printer {
    pub(super) fn new() -> Self {
        Self {
            bold: std::io::stdout().is_terminal(),
            steps: 0,
        }
    }

    pub(super) fn chapter(&self, title: &str) {
        println!("\n{}", self.bold(title));
        if self.steps == 0 {
            println!(
                "{}",
                line("", "who", "what", "HTTP", "card", "AWS requests")
            );
        }
    }

    pub(super) fn step(&mut self, row: &Row<'_>) {
        self.steps += 1;
        let or_none = |number: Option<String>| number.unwrap_or_else(|| "-".into());
        println!(
            "{}",
            line(
                &self.steps.to_string(),
                row.who,
                row.what,
                &or_none(row.status.map(|status| status.to_string())),
                if row.state.is_empty() { "-" } else { row.state },
                &or_none(row.aws_requests.map(|count| count.to_string())),
            )
        );
    }

    /// Something that belongs to the last step, in as many lines as it needs.
    pub(super) fn show(&self, text: &str) {
        for line in text.lines().flat_map(wrapped) {
            println!("{}", format!("{:4}| {line}", "").trim_end());
        }
    }

    pub(super) fn costs(&self, tally: &Tally) {
        println!("\n{}", self.bold("What it cost"));
        let row = |operation: &str, count: &str, requests: &str, each: &str| {
            let line = format!("    {operation:<36} {count:>5}  {requests:>12}  {each:>8}");
            println!("{}", line.trim_end());
        };
        row("operation", "count", "AWS requests", "each");
        for line in tally.lines() {
            let (count, requests) = (line.count.to_string(), line.requests.to_string());
            row(&line.operation, &count, &requests, &line.each);
        }
        row("all", "", &tally.total().to_string(), "");
        println!();
    }

    fn bold(&self, text: &str) -> String {
        if self.bold {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The line, broken between words where it is too long.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        match lines.last_mut() {
            Some(line) if last == 0 || last + word.trim_end().chars().count() <= SHOWN_WIDTH => {
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn line(step: &str, who: &str, what: &str, status: &str, state: &str, aws: &str) -> String {
    let step = format!("{step:>3} {who:<WHO_WIDTH$} {what:<WHAT_WIDTH$}");
    let result = format!("{status:>4}  {state:<STATE_WIDTH$} {aws:>3}");
    format!("{step} {result}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_a_short_one_stays_as_it_is() {
        assert_eq!(wrapped("a  b"), ["a  b"]);
        assert_eq!(wrapped(""), [""]);
        let word = "x".repeat(SHOWN_WIDTH);
        let lines = wrapped(&format!("a b {word} c"));
        assert_eq!(lines, ["a b ".to_owned(), format!("{word} "), "c".into()]);
    }
}
