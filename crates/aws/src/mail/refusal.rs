//! Whether SES refused an email for good because of its recipient, or for a reason of our own that
//! somebody will repair: then it is tried again, and no holder loses an email by our mistake.
//!
//! The code alone does not tell, so this is the one place that looks at what SES says in words.
//!
//! | code | words | for good |
//! | --- | --- | --- |
//! | `MessageRejected` | "Email address is not verified. ..." | if it names only others than us |
//! | `MessageRejected` | "Sending paused for this account. ..." | no |
//! | `MessageRejected` | anything else, such as a virus or a blocked address | yes |
//! | `InvalidParameterValue` | about an address, a domain or a local name | yes |
//! | `InvalidParameterValue` | anything else | no |
//! | all others | our setup, our rate, or SES itself | no |
//!
//! *Not verified:* "The following identities failed the check in region EU-NORTH-1: A, B". The
//! sender always has to be verified; a recipient only while the account is in the sandbox. So the
//! refusal is ours as soon as the sender's address or domain is in that list. When SES can't name
//! all of them, the list ends in an ellipsis, and the sender may be one of those left out.
//!
//! *About an address:* "Local address contains control or whitespace", "Missing final '@domain'",
//! "Illegal address". It does not say whose; but our own was checked at init.
//!
//! Sources: <https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html> and
//! <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html>.

pub(super) fn is_for_good(code: Option<&str>, words: Option<&str>, sender: &str) -> bool {
    let words = words.unwrap_or_default().to_ascii_lowercase();
    match code {
        Some("MessageRejected") if words.contains("not verified") => {
            names_only_others(&words, &sender.to_ascii_lowercase())
        }
        Some("MessageRejected") => !words.contains("account"),
        Some("InvalidParameterValue") => ["address", "domain", "local name"]
            .iter()
            .any(|word| words.contains(word)),
        _ => false,
    }
}

/// Whether the identities at the end are all known and none of them stands for the sender: its
/// address, with or without a display name, or its domain.
fn names_only_others(words: &str, sender: &str) -> bool {
    let Some((_, identities)) = words.rsplit_once(": ") else {
        return false;
    };
    let domain = sender.rsplit_once('@').map_or(sender, |(_, domain)| domain);
    let is_sender = |identity: &str| {
        let address = identity
            .rsplit_once('<')
            .map_or(identity, |(_, address)| address);
        [sender, domain].contains(&address.trim_end_matches('>'))
    };
    let cut_off = identities.ends_with("...") || identities.ends_with('…');
    !cut_off
        && identities
            .split(", ")
            .all(|identity| !is_sender(identity.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: &str = "Cards@City.example";
    const UNVERIFIED: &str = "Email address is not verified. The following identities failed the \
                              check in region EU-NORTH-1: ";

    #[test]
    fn only_what_is_about_the_recipient_is_for_good() {
        let unverified = |identities: &str| format!("{UNVERIFIED}{identities}");
        for (code, words, for_good) in [
            ("MessageRejected", unverified("ada@city.example"), true),
            ("MessageRejected", unverified("scards@city.example"), true),
            ("MessageRejected", unverified("cards@city.example"), false),
            (
                "MessageRejected",
                unverified("Cards <cards@city.example>"),
                false,
            ),
            ("MessageRejected", unverified("city.example"), false),
            (
                "MessageRejected",
                unverified("ada@city.example, cards@city.example"),
                false,
            ),
            (
                "MessageRejected",
                unverified("ada@city.example, ..."),
                false,
            ),
            (
                "MessageRejected",
                "Email address is not verified.".into(),
                false,
            ),
            (
                "MessageRejected",
                "Sending paused for this account. Check your inbox.".into(),
                false,
            ),
            ("MessageRejected", "Address blacklisted.".into(), true),
            ("MessageRejected", String::new(), true),
            (
                "InvalidParameterValue",
                "Local address contains control or whitespace".into(),
                true,
            ),
            (
                "InvalidParameterValue",
                "Domain contains illegal character".into(),
                true,
            ),
            (
                "InvalidParameterValue",
                "Missing final '@domain'".into(),
                true,
            ),
            ("InvalidParameterValue", "Illegal address".into(), true),
            ("InvalidParameterValue", "Missing local name".into(), true),
            ("InvalidParameterValue", "Invalid charset".into(), false),
            ("InvalidParameterValue", String::new(), false),
            (
                "MailFromDomainNotVerified",
                "The domain's MX record ...".into(),
                false,
            ),
            ("ConfigurationSetDoesNotExist", "No such set".into(), false),
            ("AccountSendingPausedException", "Paused".into(), false),
            ("Throttling", "Maximum sending rate exceeded.".into(), false),
            ("AccessDenied", "No right to use this address".into(), false),
            ("ServiceUnavailable", String::new(), false),
        ] {
            assert_eq!(
                is_for_good(Some(code), Some(&words), SENDER),
                for_good,
                "{code}: {words}"
            );
        }
        assert!(!is_for_good(None, None, SENDER));
    }
}
