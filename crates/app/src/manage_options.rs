//! The options, read and replaced as one document. Two administrators cannot overwrite each other.

use cardwright_domain::ids::Actor;
use cardwright_domain::options::Options;
use cardwright_domain::refusal::Refusal;

use crate::error::Error;
use crate::ports::{Clock, OptionsChange, ReadOptions, StoreOptions};

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
    clock: &impl Clock,
    options: Options,
    seen: Option<u64>,
    by: Actor,
) -> Result<Options, Error> {
    let errors = options.errors();
    if !errors.is_empty() {
        return Err(Refusal::OptionsInvalid { errors }.into());
    }
    if let Some(seen) = seen {
        let change = OptionsChange {
            options: Options {
                version: seen.saturating_add(1),
                ..options
            },
            at: clock.now(),
            by,
        };
        if store.store_options(&change).await? {
            return Ok(change.options);
        }
    }
    let current = store.options().await?.version;
    Err(Refusal::OptionsChanged { current }.into())
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::sample;

    use super::*;
    use crate::memory::{Memory, answer};

    fn replace(memory: &Memory, options: Options, seen: Option<u64>) -> Result<u64, String> {
        let by = sample::operator();
        let replaced = answer(replace_options(memory, memory, options, seen, by));
        let version = replaced.map(|options| options.version);
        version.map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn each_replacement_is_the_next_version_of_what_was_seen() {
        let memory = Memory::with([]);
        let wanted = Options {
            multiple_orders: true,
            ..Options::default()
        };
        let changed = |current| Err(format!("Refused(OptionsChanged {{ current: {current} }})"));
        assert_eq!(replace(&memory, wanted.clone(), None), changed(0));
        assert_eq!(replace(&memory, wanted.clone(), Some(0)), Ok(1));
        assert_eq!(replace(&memory, wanted.clone(), Some(0)), changed(1));
        assert_eq!(replace(&memory, wanted.clone(), Some(1)), Ok(2));
        let stored = answer(read_options(&memory)).unwrap();
        assert!(stored.multiple_orders && stored.version == 2);
    }

    #[test]
    fn options_that_are_not_valid_are_never_stored() {
        let memory = Memory::with([]);
        let wanted = Options {
            production_types: Vec::new(),
            ..Options::default()
        };
        let refused = replace(&memory, wanted, Some(0)).unwrap_err();
        assert!(refused.contains("/productionTypes"), "{refused}");
        assert_eq!(answer(read_options(&memory)).unwrap().version, 0);
    }
}
