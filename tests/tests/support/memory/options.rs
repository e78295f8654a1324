//! The options in memory, and the records of their changes.

use std::ops::RangeInclusive;

use cardwright_app::ports::{
    OptionsChange, ReadOptions, ReadOptionsHistory, RecordedChange, Result, StoreOptions,
};
use cardwright_domain::options::Options;

use super::Memory;

impl ReadOptions for Memory {
    async fn options(&self) -> Result<Options> {
        self.ask()?;
        Ok(self.options.lock().unwrap().clone())
    }
}

impl ReadOptionsHistory for Memory {
    async fn options_history(&self, versions: RangeInclusive<u64>) -> Result<Vec<RecordedChange>> {
        self.ask()?;
        let history = self.options_history.lock().unwrap();
        let newest_first = history.iter().rev();
        let wanted = newest_first.filter(|record| versions.contains(&record.version));
        Ok(wanted.cloned().collect())
    }
}

impl StoreOptions for Memory {
    async fn store_options(&self, change: &OptionsChange) -> Result<bool> {
        self.ask()?;
        let OptionsChange { options, at, by } = change.clone();
        let mut stored = self.options.lock().unwrap();
        let follows = stored.version + 1 == options.version;
        if follows {
            let record = RecordedChange {
                version: options.version,
                at,
                by,
                document: serde_json::to_value(&options).unwrap(),
            };
            self.options_history.lock().unwrap().push(record);
            *stored = options;
        }
        Ok(follows)
    }
}
