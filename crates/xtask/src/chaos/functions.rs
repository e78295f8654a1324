//! The processes of the functions: children of the local AWS, found by `/proc`, hit by a handle
//! that can't mean another process.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::StackFolder;

/// Less work than this is no request: nanoseconds on a processor.
const WORK_NS: u64 = 50_000;

/// A process that does not work for so many looks waits for something.
const REST: u32 = 8;

/// What the local AWS writes when a process dies on it.
const DEATHS: [&str; 2] = [
    "Runtime exited before returning a response",
    "bootstrap exited during init",
];

#[derive(Debug)]
pub(super) struct Function {
    pub(super) pid: u32,
    pub(super) name: String,
    handle: OwnedFd,
    /// How long it has been on a processor, when it was last looked at.
    ran_ns: u64,
    /// Looks in a row in which it did not work.
    rest: u32,
    /// It has started: it has waited for something since.
    pub(super) started: bool,
}

impl Function {
    /// Whether it has worked since the last look.
    pub(super) fn works(&mut self) -> bool {
        let ran_ns = ran_ns(self.pid).unwrap_or(self.ran_ns);
        let works = ran_ns > self.ran_ns + WORK_NS;
        self.ran_ns = ran_ns;
        self.rest = if works { 0 } else { self.rest + 1 };
        self.started |= self.rest >= REST;
        works
    }

    /// Sends the signal, if the process is alive.
    pub(super) fn signal(&self, signal: Signal) -> bool {
        is_alive(self.pid) && pidfd_send_signal(&self.handle, signal).is_ok()
    }

    pub(super) fn into_handle(self) -> OwnedFd {
        self.handle
    }
}

/// The processes of the functions that are alive.
#[derive(Debug)]
pub(super) struct Functions {
    emulator: u32,
    /// Deployed name -> name in the workspace.
    names: BTreeMap<String, String>,
    alive: BTreeMap<u32, Function>,
}

impl Functions {
    pub(super) fn of(emulator: u32, stack: &Stack) -> Self {
        let names = stack.functions.iter();
        Self {
            emulator,
            names: names
                .map(|(name, deployed)| (deployed.clone(), name.clone()))
                .collect(),
            alive: BTreeMap::new(),
        }
    }

    /// Looks for processes that came and went.
    pub(super) fn refresh(&mut self) -> Result<(), Error> {
        self.alive.retain(|pid, _| is_alive(*pid));
        for entry in fs::read_dir("/proc").doing("list the processes")?.flatten() {
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let Some(pid) = pid.filter(|pid| !self.alive.contains_key(pid)) else {
                continue;
            };
            if let Some(function) = self.function(pid) {
                self.alive.insert(pid, function);
            }
        }
        Ok(())
    }

    /// `None` for every process but those of functions.
    fn function(&self, pid: u32) -> Option<Function> {
        if parent(pid)? != self.emulator {
            return None;
        }
        let handle = pidfd_open(
            Pid::from_raw(i32::try_from(pid).ok()?)?,
            PidfdFlags::empty(),
        );
        let handle = handle.ok()?;
        // Read after the handle was opened, so that both are of the same process.
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let name = self.names.get(deployed_name(&environment)?)?;
        (parent(pid)? == self.emulator).then_some(Function {
            pid,
            name: name.clone(),
            handle,
            ran_ns: 0,
            rest: 0,
            started: false,
        })
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Function> {
        self.alive.values_mut()
    }

    /// Takes a process out, because it is about to die.
    pub(super) fn take(&mut self, pid: u32) -> Option<Function> {
        self.alive.remove(&pid)
    }
}

/// How many processes the local AWS has lost while it waited for their answer.
pub(super) fn deaths_in_a_request(folder: &StackFolder) -> Result<usize, Error> {
    let log = folder.log_file("ministack");
    let text = fs::read(&log).doing(format!("read {}", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    // One death may stand in several lines of what called the function; this is the first of them.
    let died = |line: &&str| line.contains("WARNING") && line.contains(DEATHS[0]);
    let first = |line: &&str| died(line) && !line.contains("ESM:");
    let unborn = |line: &&str| line.contains("ERROR") && line.contains(DEATHS[1]);
    Ok(text
        .lines()
        .filter(|line| first(line) || unborn(line))
        .count())
}

fn deployed_name(environment: &[u8]) -> Option<&str> {
    let mut variables = environment.split(|byte| *byte == 0);
    let value = variables.find_map(|variable| variable.strip_prefix(b"AWS_LAMBDA_FUNCTION_NAME="));
    std::str::from_utf8(value?).ok()
}

/// State and parent, fields 3 and 4 of `/proc/<pid>/stat`.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold spaces and brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid).map(|(_, parent)| parent)
}

/// A dead process stays in the table until its parent has looked at it.
fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// Time on a processor, of all threads: field 1 of each `schedstat`.
fn ran_ns(pid: u32) -> Option<u64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let ran = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse::<u64>().ok()
    });
    Some(ran.sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_parent_and_that_it_lives() {
        let this = std::process::id();
        assert!(is_alive(this) && parent(this).is_some() && ran_ns(this).is_some());
        assert!(!is_alive(u32::MAX));
    }

    #[test]
    fn the_name_of_a_function_stands_in_its_environment() {
        let environment = b"PATH=/bin\0AWS_LAMBDA_FUNCTION_NAME=local-order-card\0HOME=/";
        assert_eq!(deployed_name(environment), Some("local-order-card"));
        assert_eq!(deployed_name(b"PATH=/bin\0"), None);
    }
}
