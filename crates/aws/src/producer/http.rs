//! The HTTPS client for the producer, and where it may be pointed at.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rustls::{ClientConfig, RootCertStore};

use super::Settings;
use crate::config::ConfigError;
use crate::limits::PRODUCER_IDLE;

const INVALID_URL: ConfigError = ConfigError::Invalid {
    name: "PRODUCER_URL",
    expected: "an https URL without user, query and fragment; http only to this machine",
};

/// The URL without a slash at its end. Plain HTTP would show card data and token to whoever
/// listens.
pub(super) fn base_url(text: &str) -> Result<String, ConfigError> {
    let url = Url::parse(text).map_err(|_| INVALID_URL)?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(is_this_machine),
        _ => false,
    };
    let base = url.as_str().trim_end_matches('/');
    (bare && safe).then(|| base.to_owned()).ok_or(INVALID_URL)
}

fn is_this_machine(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// TLS by ring, as for AWS, and given here, so that no other part of the process decides about it.
/// Trusted is what the operating system trusts: the same certificates that the AWS clients load,
/// and a bureau with certificates of its own can be added by `SSL_CERT_FILE`. No redirects and no
/// proxies: the token goes to the producer and nowhere else. `None` only if this code is wrong.
pub(super) fn client(settings: &Settings) -> Option<Client> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(settings.connect)
        .pool_idle_timeout(PRODUCER_IDLE)
        .user_agent(concat!("cardwright/", env!("CARGO_PKG_VERSION")))
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_https_or_on_this_machine() {
        for (text, base) in [
            ("https://bureau.example/v1", "https://bureau.example/v1"),
            ("https://bureau.example/", "https://bureau.example"),
            ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
            ("http://[::1]:8099/v1/", "http://[::1]:8099/v1"),
            ("http://localhost:8099", "http://localhost:8099"),
        ] {
            assert_eq!(base_url(text).unwrap(), base);
        }
        for bad in [
            "",
            "bureau.example",
            "http://bureau.example",
            "http://localhost.example",
            "ftp://127.0.0.1",
            "https://user:word@bureau.example",
            "https://bureau.example/?a=b",
            "https://bureau.example/#a",
        ] {
            assert_eq!(base_url(bad), Err(INVALID_URL), "{bad}");
        }
    }
}
