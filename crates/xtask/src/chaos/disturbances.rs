//! What was done to the mail function: only that can explain a second email.

use cardwright_aws::limits::MAILS_IN_FLIGHT;
use jiff::SignedDuration;

use super::evidence::Disturbance;
use super::proxy::Fired;
use super::striker::Hit;
use super::strikes::Blow;

const MAIL_FUNCTION: &str = "send-card-ordered-email";

pub(super) fn of_emails(hits: &[Hit], fired: &[Fired]) -> Vec<Disturbance> {
    let hits = hits.iter().filter(|hit| hit.function == MAIL_FUNCTION);
    let hits = hits.map(|hit| {
        let (time, what) = match hit.blow {
            Blow::Kill => (SignedDuration::ZERO, "killed"),
            Blow::Stop(time) => (
                SignedDuration::try_from(time).unwrap_or_default(),
                "stopped",
            ),
        };
        Disturbance {
            from: hit.at,
            until: hit.at.plus(time),
            what: format!("process {} {what}", hit.pid),
            emails: MAILS_IN_FLIGHT,
        }
    });
    let fired = fired.iter().filter(|fired| fired.of_emails);
    let fired = fired.map(|fired| Disturbance {
        from: fired.at,
        until: fired.at,
        what: format!("{} of {}", fired.action, fired.operation),
        emails: 1,
    });
    hits.chain(fired).collect()
}
