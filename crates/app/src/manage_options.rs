//! The options, read and replaced as one document. Two administrators cannot overwrite each other.

use cardwright_domain::options::Options;
use cardwright_domain::refusal::Refusal;

use crate::error::Error;
use crate::ports::{ReadOptions, StoreOptions};

/// # Errors
/// The store does not answer.
pub async fn read_options(store: &impl ReadOptions) -> Result<Options, Error> {
    Ok(store.options().await?)
}

/// Replaces the options that stand at version `seen`; `None` if the caller named no version that exists.
///
/// # Errors
/// The options are not valid, somebody changed them since, or the store does not answer.
pub async fn replace_options(
    store: &(impl ReadOptions + StoreOptions),
    options: Options,
    seen: Option<u64>,
) -> Result<Options, Error> {
    let errors = options.errors();
    if !errors.is_empty() {
        return Err(Refusal::OptionsInvalid { errors }.into());
    }
    if let Some(seen) = seen {
        let next = Options {
            version: seen.saturating_add(1),
            ..options
        };
        if store.store_options(&next).await? {
            return Ok(next);
        }
    }
    let current = store.options().await?.version;
    Err(Refusal::OptionsChanged { current }.into())
}
