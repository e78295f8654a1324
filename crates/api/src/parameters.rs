//! Query parameters. Every fault is found before the first is answered, so that one answer names
//! all.

use cardwright_app::limits::{DEFAULT_PAGE, MAX_PAGE};
use cardwright_domain::card::StateKind;
use cardwright_domain::ids::ProductionTypeId;
use cardwright_domain::limits::{MAX_QUERY_CHARS, MIN_QUERY_CHARS};
use cardwright_domain::search::Query;
use percent_encoding::percent_decode_str;

use crate::problem::{ParameterError, Problem};

/// The query of a request. What is asked for and does not fit is noted; [`Parameters::check`] ends
/// the reading. Parameters that nobody asks for are ignored, since proxies and tools add them.
pub(crate) struct Parameters<'a> {
    query: &'a str,
    errors: Vec<ParameterError>,
}

impl<'a> Parameters<'a> {
    /// `query` is still percent-encoded.
    pub(crate) fn new(query: &'a str) -> Self {
        let errors = Vec::new();
        Self { query, errors }
    }

    /// `q`: text that a search can be made of.
    pub(crate) fn search_text(&mut self) -> String {
        let text = self.value("q").unwrap_or_default();
        let fits = |chars: usize| (MIN_QUERY_CHARS..=MAX_QUERY_CHARS).contains(&chars);
        let folded =
            Query::parse(&text).is_ok_and(|query| fits(query.text().trim().chars().count()));
        if !(folded && fits(text.chars().count())) {
            self.refuse("q", "needs 2 to 100 characters, accents not counted");
        }
        text
    }

    /// `state`: one of the states that can be listed.
    pub(crate) fn state(&mut self) -> StateKind {
        let word = self.value("state");
        let known = StateKind::ALL.into_iter().filter(|state| state.is_listed());
        let state = known
            .into_iter()
            .find(|state| word.as_deref() == Some(state.as_str()));
        state.unwrap_or_else(|| {
            let states =
                "needs one of requested, processing, ordered, in_production, produced, failed";
            self.refuse("state", states);
            StateKind::Requested
        })
    }

    pub(crate) fn limit(&mut self) -> usize {
        let Some(text) = self.value("limit") else {
            return DEFAULT_PAGE;
        };
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        let limit = number.filter(|number| (1..=MAX_PAGE).contains(number));
        limit.unwrap_or_else(|| {
            self.refuse("limit", "needs a whole number from 1 to 100");
            DEFAULT_PAGE
        })
    }

    /// `cursor`, as it is: only the list that it belongs to can tell whether it fits.
    pub(crate) fn cursor(&mut self) -> Option<String> {
        self.value("cursor")
    }

    pub(crate) fn production_type(&mut self) -> Option<ProductionTypeId> {
        let id = ProductionTypeId::parse(&self.value("productionType")?);
        if id.is_err() {
            self.refuse(
                "productionType",
                "needs 1 to 64 characters of A-Z a-z 0-9 . _ -",
            );
        }
        id.ok()
    }

    /// # Errors
    /// Everything that did not fit.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::ParameterInvalid(self.errors))
        }
    }

    /// The decoded value of a parameter, if it is there. Of two values nobody knows which was
    /// meant.
    fn value(&mut self, name: &'static str) -> Option<String> {
        let pairs = self.query.split('&');
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut values = pairs.filter(|pair| decode(pair.0).as_deref() == Some(name));
        let (_, value) = values.next()?;
        if values.next().is_some() {
            self.refuse(name, "is given twice");
            return None;
        }
        let decoded = decode(value);
        if decoded.is_none() {
            self.refuse(name, "needs percent-encoded UTF-8");
        }
        decoded
    }

    /// One fault of a parameter is enough: the second would only follow from the first.
    fn refuse(&mut self, parameter: &'static str, detail: &'static str) {
        if self.errors.iter().all(|error| error.parameter != parameter) {
            self.errors.push(ParameterError { parameter, detail });
        }
    }
}

/// As forms encode (WHATWG URL, section 5.1): a plus is a space. `None` if it is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reading of everything at once finds wrong, as `parameter: detail`.
    fn faults(query: &str) -> Vec<String> {
        let mut parameters = Parameters::new(query);
        parameters.search_text();
        parameters.state();
        parameters.limit();
        parameters.cursor();
        parameters.production_type();
        match parameters.check() {
            Ok(()) => Vec::new(),
            Err(Problem::ParameterInvalid(errors)) => errors
                .iter()
                .map(|error| format!("{}: {}", error.parameter, error.detail))
                .collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_fault_is_told_at_once_and_each_parameter_has_one() {
        let found = faults("q=a&state=aborted&limit=0&cursor=a&cursor=b&productionType=a%2Fb");
        let named: Vec<_> = found
            .iter()
            .filter_map(|fault| fault.split(':').next())
            .collect();
        assert_eq!(named, ["q", "state", "limit", "cursor", "productionType"]);
        assert_eq!(faults("q=ada&state=failed"), Vec::<String>::new());
    }

    #[test]
    fn a_parameter_given_twice_is_refused_whatever_its_values() {
        for twice in ["q=ada&q=ada", "q=ada&%71=bob", "q=ada&q"] {
            assert_eq!(
                faults(&format!("{twice}&state=failed")),
                ["q: is given twice"],
                "{twice}"
            );
        }
    }

    #[test]
    fn parameters_that_nobody_asks_for_are_ignored() {
        assert!(faults("utm=1&q=ada&&utm=2&=&%ff=1&state=failed&State=x").is_empty());
    }

    #[test]
    fn text_is_decoded_as_forms_encode_it() {
        for (query, text) in [
            ("q=asa+lind", "asa lind"),
            ("q=asa%20lind", "asa lind"),
            ("q=%C3%85sa", "Åsa"),
            ("q=Åsa", "Åsa"),
            ("q=a%2Bb%26c%3Dd", "a+b&c=d"),
            ("q=a=b", "a=b"),
            ("q=100%25", "100%"),
            ("q=<b>\"", "<b>\""),
        ] {
            assert_eq!(Parameters::new(query).search_text(), text, "{query}");
        }
        assert_eq!(
            faults("q=a%FFb&state=failed"),
            ["q: needs percent-encoded UTF-8"]
        );
    }

    #[test]
    fn a_search_text_is_counted_as_sent_and_as_folded() {
        let refused = |text: &str| !faults(&format!("state=failed&q={text}")).is_empty();
        let long = "a".repeat(101);
        let unfolds = "ß".repeat(51);
        for bad in ["", "a", "%20a%20", "ß", "--", "a%CC%81", &long, &unfolds] {
            assert!(refused(bad), "{bad}");
        }
        assert!(!faults("state=failed").is_empty());
        for good in ["an", "%C3%A5s", "王小", &"a".repeat(100), &"ß".repeat(50)] {
            assert!(!refused(good), "{good}");
        }
    }

    #[test]
    fn a_limit_is_a_whole_number_up_to_a_hundred() {
        for (query, limit) in [("", 25), ("limit=1", 1), ("limit=100", 100)] {
            let mut parameters = Parameters::new(query);
            assert_eq!(parameters.limit(), limit);
            assert!(parameters.check().is_ok());
        }
        for bad in [
            "",
            "0",
            "101",
            "-1",
            "%2B5",
            "1.0",
            "ten",
            "1e1",
            "99999999999999999999",
        ] {
            let query = format!("limit={bad}");
            let mut parameters = Parameters::new(&query);
            parameters.limit();
            assert!(parameters.check().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_states_that_somebody_waits_for_can_be_listed() {
        for state in StateKind::ALL {
            let query = format!("state={}", state.as_str());
            let mut parameters = Parameters::new(&query);
            let read = parameters.state();
            assert_eq!(parameters.check().is_ok(), state.is_listed(), "{state:?}");
            assert!(!state.is_listed() || read == state);
        }
    }
}
