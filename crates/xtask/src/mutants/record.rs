//! `docs/mutants.json`: what was seen of the mutants of each crate, and for which sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::Attempt;
use crate::error::{Context, Error};
use crate::workspace::Workspace;

/// Mutants of the adapters and the edge that tests must notice, in percent.
const CAUGHT_PERCENT: usize = 95;

/// Beside the lists of mutants.
const NOTED: &str = "sources.json";

#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) caught: usize,
    pub(super) missed: usize,
    pub(super) timeout: usize,
    /// Mutants that do not build; they count nowhere.
    pub(super) unviable: usize,
}

impl Outcome {
    fn noticed(&self) -> usize {
        self.caught + self.timeout
    }

    fn tried(&self) -> usize {
        self.noticed() + self.missed
    }
}

/// Each folder, and the hash that git has for what is in it.
pub(super) type Sources = BTreeMap<String, String>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    #[serde(flatten)]
    outcome: Outcome,
    sources: Sources,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    generated: String,
    crates: BTreeMap<String, Seen>,
}

/// What `verify` shows of promise R15.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    domain_and_app: Outcome,
    adapters: Outcome,
    /// Crates without an outcome for the present sources.
    unknown: Vec<&'static str>,
}

impl Record {
    pub(super) fn read(workspace: &Workspace) -> Result<Self, Error> {
        let file = file(workspace);
        match std::fs::read(&file) {
            Ok(json) => serde_json::from_slice(&json).doing(format!("read {}", file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::empty()),
            Err(error) => Err(error).doing(format!("read {}", file.display())),
        }
    }

    fn empty() -> Self {
        Self {
            generated: "by cargo xtask mutants".into(),
            crates: BTreeMap::new(),
        }
    }

    /// Notes what was seen of these sources.
    pub(super) fn put(
        &mut self,
        workspace: &Workspace,
        attempt: &Attempt,
        sources: Sources,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let seen = Seen { outcome, sources };
        self.crates.insert(attempt.name.into(), seen);
        let mut json = serde_json::to_string_pretty(self).doing("write the record as JSON")?;
        json.push('\n');
        let file = file(workspace);
        std::fs::write(&file, json).doing(format!("write {}", file.display()))
    }

    pub(super) fn row(
        &self,
        workspace: &Workspace,
        without_a_miss: [&Attempt; 2],
        adapters: [&Attempt; 2],
    ) -> Result<Row, Error> {
        let mut unknown = Vec::new();
        let mut sum = |attempts: [&Attempt; 2]| {
            let mut sum = Outcome::default();
            for attempt in attempts {
                let now = committed(workspace, attempt)?;
                let seen = self.crates.get(attempt.name);
                match seen.filter(|seen| now.as_ref() == Some(&seen.sources)) {
                    Some(seen) => sum = sum.and(&seen.outcome),
                    None => unknown.push(attempt.name),
                }
            }
            Ok::<_, Error>(sum)
        };
        let (domain_and_app, adapters) = (sum(without_a_miss)?, sum(adapters)?);
        Ok(Row {
            domain_and_app,
            adapters,
            unknown,
        })
    }
}

impl Outcome {
    fn and(&self, other: &Self) -> Self {
        Self {
            caught: self.caught + other.caught,
            missed: self.missed + other.missed,
            timeout: self.timeout + other.timeout,
            unviable: self.unviable + other.unviable,
        }
    }
}

impl Row {
    pub(super) fn holds(&self) -> bool {
        let (strict, adapters) = (self.domain_and_app, self.adapters);
        self.unknown.is_empty()
            && strict.tried() > 0
            && strict.missed == 0
            && adapters.tried() > 0
            && adapters.noticed() * 100 >= adapters.tried() * CAUGHT_PERCENT
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.holds() { "ok | " } else { "short | " })?;
        if !self.unknown.is_empty() {
            let crates = self.unknown.join(", ");
            write!(f, "no outcome for these sources of {crates}; ")?;
        }
        let (strict, adapters) = (self.domain_and_app, self.adapters);
        write!(
            f,
            "{} missed of {} in domain and app; {} of {} caught in aws and api",
            strict.missed,
            strict.tried(),
            adapters.noticed(),
            adapters.tried(),
        )?;
        write!(f, " | 0 missed; aws and api >= {CAUGHT_PERCENT}% caught")
    }
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs/mutants.json")
}

/// What git has for the folders; `None` if one is not as it was committed.
pub(super) fn committed(
    workspace: &Workspace,
    attempt: &Attempt,
) -> Result<Option<Sources>, Error> {
    let mut sources = Sources::new();
    for folder in attempt.sources {
        let hash = git(workspace, &["rev-parse", &format!("HEAD:{folder}")])?;
        let changes = git(workspace, &["status", "--porcelain", "--", folder])?;
        match (hash, changes) {
            (Some(hash), Some(changes)) if changes.is_empty() => {
                sources.insert((*folder).to_owned(), hash);
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(sources))
}

/// The sources that the lists of mutants in this folder are of.
pub(super) fn note(folder: &Path, sources: &Sources) -> Result<(), Error> {
    let json = serde_json::to_vec(sources).doing("write the sources as JSON")?;
    let file = folder.join(NOTED);
    std::fs::write(&file, json).doing(format!("write {}", file.display()))
}

/// The files that differ between the noted sources and these.
pub(super) fn changed(
    workspace: &Workspace,
    folder: &Path,
    sources: &Sources,
) -> Result<BTreeSet<String>, Error> {
    let file = folder.join(NOTED);
    let json = std::fs::read(&file).doing(format!("read {}, of the last run", file.display()))?;
    let noted: Sources = serde_json::from_slice(&json).doing("read the sources of the last run")?;
    let mut changed = BTreeSet::new();
    for (folder, hash) in sources {
        let before = noted.get(folder).map_or("", String::as_str);
        let differ = git(workspace, &["diff", "--name-only", before, hash])?;
        let differ = differ.ok_or_else(|| {
            Error::Refused(format!(
                "git no longer has {folder} of the last run; try all again"
            ))
        })?;
        changed.extend(differ.lines().map(|file| format!("{folder}/{file}")));
    }
    Ok(changed)
}

/// What git says; `None` if it says no.
fn git(workspace: &Workspace, args: &[&str]) -> Result<Option<String>, Error> {
    let mut command = Command::new("git");
    let output = command.current_dir(&workspace.root).args(args).output();
    let output = output.doing("start git, which knows whether sources have changed")?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(output.status.success().then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(caught: usize, missed: usize) -> Outcome {
        Outcome {
            caught,
            missed,
            ..Outcome::default()
        }
    }

    #[test]
    fn no_miss_below_and_nineteen_of_twenty_above_are_enough() {
        let row = |strict, adapters, unknown: &[&'static str]| Row {
            domain_and_app: strict,
            adapters,
            unknown: unknown.to_vec(),
        };
        assert!(row(outcome(9, 0), outcome(19, 1), &[]).holds());
        assert!(!row(outcome(9, 1), outcome(19, 1), &[]).holds());
        assert!(!row(outcome(9, 0), outcome(18, 1), &[]).holds());
        assert!(!row(outcome(0, 0), outcome(19, 1), &[]).holds());
        assert!(!row(outcome(9, 0), outcome(0, 0), &[]).holds());
        let unknown = row(outcome(9, 0), outcome(19, 1), &["app"]);
        assert_eq!(
            unknown.to_string(),
            "short | no outcome for these sources of app; 0 missed of 9 in domain and app; \
             19 of 20 caught in aws and api | 0 missed; aws and api >= 95% caught"
        );
    }
}
