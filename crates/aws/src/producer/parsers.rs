//! What settings and answers of the producer say is used only where it is safe to use.

use std::time::Duration;

use proptest::prelude::*;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use super::http::base_url;
use super::token::bearer;
use super::wire::retry_after;
use crate::config::Secret;
use crate::limits::PRODUCER_RETRY_AFTER;

fn url() -> impl Strategy<Value = String> {
    let scheme = prop_oneof!["https", "http", "HTTPS", "file", "[a-z]{0,4}"];
    let host = prop_oneof![
        "localhost",
        "127\\.0\\.0\\.[0-9]",
        "\\[::1\\]",
        "[a-z.]{0,12}",
        "2130706433",
        "0x7f\\.1",
        "user:word@localhost",
        "\\PC{0,8}",
    ];
    let rest = "(:[0-9]{0,6})?(/[a-z./]{0,8})?([?#][a-z]{0,3})?";
    prop_oneof![
        6 => (scheme, host, rest).prop_map(|(scheme, host, rest)| format!("{scheme}://{host}{rest}")),
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn card_data_and_token_go_by_tls_or_stay_on_this_machine(text in url()) {
        if let Ok(base) = base_url(&text) {
            let url = Url::parse(&format!("{base}/orders")).unwrap();
            let host = url.host_str().unwrap().trim_matches(['[', ']']).to_owned();
            let is_here = host == "localhost"
                || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
            prop_assert!(url.scheme() == "https" || (url.scheme() == "http" && is_here), "{url}");
            prop_assert!(url.username().is_empty() && url.password().is_none());
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            prop_assert!(url.path().ends_with("/orders") && !base.ends_with('/'));
        }
    }

    #[test]
    fn a_token_is_one_visible_word(text in prop_oneof!["[!-~]{0,40}", "\\s?[!-~]{1,9}\\s?", ".{0,20}"]) {
        let header = bearer(&Secret::new(text.clone()));
        let word = text.trim();
        let fits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
        prop_assert_eq!(header.is_some(), fits);
        let expected = format!("Bearer {word}");
        prop_assert!(header.is_none_or(|h| h.is_sensitive() && h == expected));
    }

    #[test]
    fn a_wish_to_wait_is_whole_seconds_and_never_longer_than_our_limit(
        text in prop_oneof!["[0-9]{0,25}", "[ -~]{0,30}", "-?[0-9]{1,3}(\\.[0-9])?"],
        bytes in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        for bytes in [text.clone().into_bytes(), bytes] {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else {
                continue;
            };
            let wish = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]));
            prop_assert!(wish.is_none_or(|wish| wish <= PRODUCER_RETRY_AFTER));
        }
        if let Ok(seconds) = text.parse::<u64>() {
            let value = HeaderValue::from_str(&text).unwrap();
            let wish = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]));
            prop_assert_eq!(wish, Some(Duration::from_secs(seconds).min(PRODUCER_RETRY_AFTER)));
        }
        prop_assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
