//! Background processes: started in a process group of their own, written down, and ended only
//! when they are surely the ones that were written down.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::error::{Context, Error};
use crate::workspace::StackFolder;

/// How long an ended process may take to leave the process table.
const END_TIMEOUT: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A process id means nothing after the process has ended and the number was given to another.
/// With the time of its start it names one process for as long as the machine runs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Process {
    name: String,
    pid: u32,
    /// In clock ticks since boot, as in field 22 of `/proc/<pid>/stat`.
    start_ticks: u64,
}

impl Process {
    fn of(name: &str, pid: u32) -> Option<Self> {
        let start_ticks = start_ticks(pid)?;
        Some(Self {
            name: name.to_owned(),
            pid,
            start_ticks,
        })
    }

    fn is_alive(&self) -> bool {
        start_ticks(self.pid) == Some(self.start_ticks)
    }

    /// Ends the process and its whole group: nothing in it has anything to save.
    async fn end(&self) -> Result<(), Error> {
        if !self.is_alive() {
            return Ok(());
        }
        // Every shell has `kill` built in, which not every machine has as a program.
        let command = format!("kill -s KILL -- -{}", self.pid);
        std::process::Command::new("sh")
            .args(["-c", &command])
            .stderr(Stdio::null())
            .status()
            .doing(format!("end {}", self.name))?;
        let gone = async {
            while self.is_alive() {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        tokio::time::timeout(END_TIMEOUT, gone)
            .await
            .doing(format!("see {} (process {}) end", self.name, self.pid))
    }
}

/// When the process started, or nothing if it has ended (a zombie has).
fn start_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold spaces and brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    // The state was field 3.
    fields.nth(22 - 4)?.parse().ok()
}

/// What is written down about a local stack's processes.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Processes {
    /// The command that ends the stack when it ends itself; none when the stack was detached.
    owner: Option<Process>,
    processes: Vec<Process>,
}

impl Processes {
    pub(crate) fn read(folder: &StackFolder) -> Result<Self, Error> {
        let file = folder.processes_file();
        match std::fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).doing(format!("read {}", file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).doing(format!("read {}", file.display())),
        }
    }

    fn write(&self, folder: &StackFolder) -> Result<(), Error> {
        let file = folder.processes_file();
        let text = serde_json::to_vec_pretty(self).doing("write processes as JSON")?;
        std::fs::write(&file, text).doing(format!("write {}", file.display()))
    }

    /// Makes this very process the one that the stack lives and dies with.
    pub(crate) fn owned(folder: &StackFolder) -> Result<Self, Error> {
        let owner = Process::of("cargo xtask", std::process::id());
        let processes = Self {
            owner,
            processes: Vec::new(),
        };
        processes.write(folder)?;
        Ok(processes)
    }

    /// Lets the stack live on after this process.
    pub(crate) fn detach(&mut self, folder: &StackFolder) -> Result<(), Error> {
        self.owner = None;
        self.write(folder)
    }

    /// False also for what a killed owner left behind.
    pub(crate) fn in_use(&self) -> bool {
        match &self.owner {
            Some(owner) => owner.is_alive(),
            None => self.processes.iter().any(Process::is_alive),
        }
    }

    /// The process id of a running process of the stack.
    pub(crate) fn pid(&self, name: &str) -> Option<u32> {
        let named = self.processes.iter().filter(|process| process.name == name);
        let mut alive = named.filter(|process| process.is_alive());
        alive.next().map(|process| process.pid)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.processes.is_empty()
    }

    /// Starts a process in a group of its own, its output in the stack's folder, and writes it
    /// down. `command` says its whole environment.
    pub(crate) fn start(
        &mut self,
        folder: &StackFolder,
        name: &str,
        command: &mut Command,
    ) -> Result<Child, Error> {
        let log = log(&folder.log_file(name))?;
        let errors = log.try_clone().doing("share a log file")?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .doing(format!("start {name}"))?;
        let process = child.id().and_then(|pid| Process::of(name, pid));
        self.processes.extend(process);
        self.write(folder)?;
        Ok(child)
    }

    pub(crate) async fn end(&self) -> Result<(), Error> {
        for process in &self.processes {
            process.end().await?;
        }
        Ok(())
    }
}

fn log(file: &Path) -> Result<File, Error> {
    File::create(file).doing(format!("write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep")
            .arg("60")
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    #[tokio::test]
    async fn a_process_that_was_written_down_is_ended() {
        let mut child = sleeper();
        let process = Process::of("sleep", child.id().unwrap()).unwrap();
        process.end().await.unwrap();
        assert!(!child.wait().await.unwrap().success());
        process.end().await.unwrap();
    }

    #[tokio::test]
    async fn another_process_under_the_same_number_is_left_alone() {
        let mut child = sleeper();
        let mut process = Process::of("sleep", child.id().unwrap()).unwrap();
        process.start_ticks -= 1;
        process.end().await.unwrap();
        assert_eq!(child.try_wait().unwrap(), None);
    }

    #[test]
    fn a_stack_is_in_use_while_its_owner_lives_or_while_it_is_detached() {
        let this = Process::of("this test", std::process::id());
        let gone = Process {
            name: "gone".into(),
            pid: std::process::id(),
            start_ticks: 0,
        };
        let running = |owner| Processes {
            owner,
            processes: this.clone().into_iter().collect(),
        };
        assert!(running(this.clone()).in_use());
        assert!(running(None).in_use());
        assert!(!running(Some(gone)).in_use());
    }
}
