//! What was done to the mail function: only that can explain a second email.
//!
//! Best is what the function says itself about a card. A process that was killed says nothing, so
//! its end counts. A call to the mail service that met a fault counts once; a write counts only if
//! so many faults came together that none of its tries can have been answered.

use cardwright_aws::limits::{AWS_ATTEMPT, AWS_OPERATION, AWS_TRIES, MAILS_IN_FLIGHT};
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;
use jiff::SignedDuration;
use serde::Deserialize;

use super::evidence::Disturbance;
use super::proxy::Fired;
use super::striker::Hit;
use super::strikes::Blow;
use crate::error::{Context, Error};
use crate::workspace::StackFolder;

const MAIL_FUNCTION: &str = "send-card-ordered-email";

/// What the mail function writes when it did not learn whether an email is out.
const NOT_KNOWN: &str = "it is not known whether the mail service took the email";

/// What it writes when a write failed, perhaps the one that an email is out. It names no card.
const NOT_WRITTEN: &str = "the message comes again";

/// The best evidence comes first.
pub(super) fn of_emails(
    folder: &StackFolder,
    hits: &[Hit],
    fired: &[Fired],
) -> Result<Vec<Disturbance>, Error> {
    let log = folder.log_file("ministack");
    let text = std::fs::read(&log).doing(format!("read {}", log.display()))?;
    let mut disturbances = said(&String::from_utf8_lossy(&text));
    disturbances.extend(done(hits));
    let lost: Vec<_> = fired
        .iter()
        .filter(|fired| fired.of_emails && loses(fired))
        .collect();
    let (sends, writes): (Vec<&Fired>, Vec<&Fired>) =
        lost.into_iter().partition(|fired| fired.service == "ses");
    disturbances.extend(sends.into_iter().map(|fired| of_call(fired.at, fired)));
    disturbances.extend(failed_writes(&writes));
    Ok(disturbances)
}

/// The lines of the mail function in the log of the local AWS.
fn said(log: &str) -> Vec<Disturbance> {
    #[derive(Deserialize)]
    struct Line {
        timestamp: Time,
        message: String,
        #[serde(rename = "card.id", default)]
        card_id: Option<CardId>,
        error: String,
    }
    let lines = log
        .lines()
        .filter(|line| line.starts_with('{') && line.contains(MAIL_FUNCTION));
    let lines = lines.filter_map(|line| serde_json::from_str::<Line>(line).ok());
    let lines = lines.filter(|line| [NOT_KNOWN, NOT_WRITTEN].contains(&line.message.as_str()));
    let disturbances = lines.map(|line| Disturbance {
        card_id: line.card_id,
        from: line.timestamp,
        until: line.timestamp,
        what: format!("the function did not learn of it ({})", line.error),
        emails: 1,
    });
    disturbances.collect()
}

fn done(hits: &[Hit]) -> impl Iterator<Item = Disturbance> {
    let hits = hits.iter().filter(|hit| hit.function == MAIL_FUNCTION);
    hits.map(|hit| {
        let (time, what) = match hit.blow {
            Blow::Kill => (SignedDuration::ZERO, "killed"),
            Blow::Stop(time) => (
                SignedDuration::try_from(time).unwrap_or_default(),
                "stopped",
            ),
        };
        Disturbance {
            card_id: None,
            from: hit.at,
            until: hit.at.plus(time),
            what: format!("its process was {what}"),
            emails: MAILS_IN_FLIGHT,
        }
    })
}

/// A delay that is shorter than the caller's patience loses nothing.
fn loses(fired: &Fired) -> bool {
    let delay_ms = fired
        .action
        .strip_prefix("latency:")
        .and_then(|rest| rest.strip_suffix("ms"));
    let delay_ms = delay_ms.and_then(|delay_ms| delay_ms.parse::<u128>().ok());
    delay_ms.is_none_or(|delay_ms| delay_ms >= AWS_ATTEMPT.as_millis())
}

fn of_call(from: Time, last: &Fired) -> Disturbance {
    Disturbance {
        card_id: None,
        from,
        until: last.at,
        what: format!("{} of {}", last.action, last.operation),
        emails: 1,
    }
}

fn failed_writes(writes: &[&Fired]) -> Vec<Disturbance> {
    let tries = usize::try_from(AWS_TRIES).unwrap_or(usize::MAX);
    let together = |tries: &&[&Fired]| match tries {
        [first, .., last] => {
            last.at.since(first.at) <= SignedDuration::try_from(AWS_OPERATION).unwrap_or_default()
        }
        _ => false,
    };
    let failed = writes.windows(tries).filter(together);
    failed
        .filter_map(|tries| Some(of_call(tries.first()?.at, tries.last()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(at_ms: i64, action: &str) -> Fired {
        let start: Time = "2026-11-22T08:00:00Z".parse().unwrap();
        Fired::sample(
            start.plus(SignedDuration::from_millis(at_ms)),
            "UpdateItem",
            action,
        )
    }

    #[test]
    fn the_functions_own_word_about_a_card_is_read() {
        let log = format!(
            "2026-11-22 08:00:00 INFO [lambda] output:\n\
             {{\"timestamp\":\"2026-11-22T08:00:00.250Z\",\"message\":\"{NOT_KNOWN}\",\
             \"function\":\"{MAIL_FUNCTION}\",\
             \"card.id\":\"260e4468-4eb5-5ca6-a250-088199d7c8e0\",\"error\":\"timed out\"}}\n\
             {{\"other\":1}}"
        );
        let said = said(&log);
        let card = said.first().and_then(|said| said.card_id).unwrap();
        assert_eq!(card.to_string(), "260e4468-4eb5-5ca6-a250-088199d7c8e0");
        assert_eq!(said.len(), 1);
    }

    #[test]
    fn a_write_fails_only_when_all_its_tries_met_a_fault() {
        let faults = [0, 500, 20_000, 21_000, 22_000].map(|at_ms| fired(at_ms, "reset"));
        let failed = failed_writes(&faults.iter().collect::<Vec<_>>());
        let [only] = failed.as_slice() else {
            panic!("{failed:?}");
        };
        assert_eq!((only.from, only.until), (faults[2].at, faults[4].at));
    }

    #[test]
    fn a_short_delay_explains_nothing() {
        assert!(!loses(&fired(0, "latency:1189ms")));
        assert!(loses(&fired(0, "latency:4233ms")) && loses(&fired(0, "response:abort")));
    }
}
