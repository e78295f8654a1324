//! How far an import has come, kept in a file until it is done.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Progress {
    /// Which file goes to which table: progress with one says nothing about another.
    import: String,
    /// Records from the start of the file that need no second look.
    pub(super) records: usize,
    pub(super) written: usize,
    pub(super) unchanged: usize,
    pub(super) refused: usize,
}

impl Progress {
    /// What an earlier run left, or the beginning.
    ///
    /// # Errors
    /// The file can't be read, or is of another import.
    pub(super) fn load(file: Option<&Path>, import: &str) -> Result<Self, Error> {
        let beginning = Self {
            import: import.to_owned(),
            ..Self::default()
        };
        let Some(file) = file else {
            return Ok(beginning);
        };
        let shown = file.display();
        let text = match std::fs::read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(beginning),
            text => text.doing(format!("read {shown}"))?,
        };
        let progress: Self = serde_json::from_slice(&text).doing(format!("understand {shown}"))?;
        if progress.import == import {
            return Ok(progress);
        }
        Err(Error::Refused(format!(
            "{shown} is the progress of another file, or of an import into another table"
        )))
    }

    /// Replaces the file in one step, so that a broken-off write leaves the earlier progress.
    pub(super) fn save(&self, file: Option<&Path>) -> Result<(), Error> {
        let Some(file) = file else {
            return Ok(());
        };
        let writing = || format!("write {}", file.display());
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).doing(writing())?;
        }
        let text = serde_json::to_vec(self).doing(writing())?;
        let new = beside(file);
        std::fs::write(&new, text).doing(writing())?;
        std::fs::rename(&new, file).doing(writing())
    }

    /// The import is done: the next one of the same file begins at the beginning.
    pub(super) fn forget(file: Option<&Path>) -> Result<(), Error> {
        let Some(file) = file else {
            return Ok(());
        };
        match std::fs::remove_file(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.doing(format!("remove {}", file.display())),
        }
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}
