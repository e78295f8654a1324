//! Carries the strikes out: waits until a process of the function that is meant works, and hits it
//! a little later, so that most blows fall into the middle of a request.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cardwright_app::ports::Clock;
use cardwright_aws::System;
use cardwright_domain::time::Time;
use jiff::SignedDuration;
use rustix::process::{Signal, pidfd_send_signal};

use super::functions::Functions;
use super::strikes::{Blow, Strike, Strikes};
use crate::error::Error;
use crate::process::Processes;
use crate::stack::Stack;
use crate::workspace::StackFolder;

/// How often it looks who works.
const LOOK: Duration = Duration::from_millis(1);
/// How many looks there are between two searches for new processes.
const LOOKS_PER_SEARCH: u32 = 12;
/// How long the function that is meant may have nothing to do before another one is meant.
const PATIENCE: SignedDuration = SignedDuration::from_millis(400);

/// A blow that fell on a living process.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) function: String,
    pub(super) blow: Blow,
    pub(super) at: Time,
}

#[derive(Debug)]
pub(super) struct Striker {
    functions: Functions,
    strikes: Strikes,
    /// Stopped processes, and when each goes on.
    stopped: Vec<(Time, OwnedFd)>,
    killed: Arc<AtomicUsize>,
    looks: u32,
}

impl Striker {
    pub(super) fn new(folder: &StackFolder, stack: &Stack, seed: u64) -> Result<Self, Error> {
        let emulator = Processes::read(folder)?.pid("ministack");
        let emulator =
            emulator.ok_or_else(|| Error::Refused("the local AWS is not running".into()))?;
        Ok(Self {
            functions: Functions::of(emulator, stack),
            strikes: Strikes::of_seed(seed),
            stopped: Vec::new(),
            killed: Arc::default(),
            looks: 0,
        })
    }

    /// Counts the kills, for whoever watches.
    pub(super) fn counter(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.killed)
    }

    /// Strikes until so many processes are killed. No process is left stopped.
    pub(super) fn strike(&mut self, kills: usize) -> Result<Vec<Hit>, Error> {
        let mut hits = Vec::new();
        while self.killed.load(Ordering::Relaxed) < kills {
            let Some(strike) = self.strikes.next() else {
                break;
            };
            self.pass(strike.pause)?;
            let Some(pid) = self.find(&strike)? else {
                continue;
            };
            self.pass(strike.aim)?;
            hits.extend(self.hit(pid, &strike));
        }
        for (_, process) in self.stopped.drain(..) {
            let _ = pidfd_send_signal(&process, Signal::CONT);
        }
        Ok(hits)
    }

    /// Waits, and lets go on whoever was stopped for long enough.
    fn pass(&mut self, time: Duration) -> Result<(), Error> {
        let end = System
            .now()
            .plus(SignedDuration::try_from(time).unwrap_or_default());
        loop {
            self.look()?;
            if System.now() >= end {
                return Ok(());
            }
        }
    }

    fn look(&mut self) -> Result<(), Error> {
        std::thread::sleep(LOOK);
        let now = System.now();
        self.stopped.retain(|(until, process)| {
            let waits = now < *until;
            if !waits {
                // A process that is gone needs no signal.
                let _ = pidfd_send_signal(process, Signal::CONT);
            }
            waits
        });
        self.looks += 1;
        if self.looks >= LOOKS_PER_SEARCH {
            self.looks = 0;
            self.functions.refresh()?;
        }
        Ok(())
    }

    /// A process of the function that works now; none if there is none for a while. One that has
    /// only just started is left alone unless the strike means those.
    fn find(&mut self, strike: &Strike) -> Result<Option<u32>, Error> {
        let begun = System.now();
        while System.now().since(begun) <= PATIENCE {
            self.look()?;
            let found = self.functions.all().filter_map(|function| {
                let meant = function.name == strike.target;
                let works = function.works();
                let ready = function.started || strike.starting;
                (meant && works && ready).then_some(function.pid)
            });
            // Every process has to be looked at, so that what it did before does not count later.
            if let Some(pid) = found.last() {
                return Ok(Some(pid));
            }
        }
        Ok(None)
    }

    fn hit(&mut self, pid: u32, strike: &Strike) -> Option<Hit> {
        let function = self.functions.take(pid)?;
        let at = System.now();
        let hit = Hit {
            function: function.name.clone(),
            blow: strike.blow,
            at,
        };
        match strike.blow {
            Blow::Kill => {
                if !function.signal(Signal::KILL) {
                    return None;
                }
                self.killed.fetch_add(1, Ordering::Relaxed);
            }
            Blow::Stop(time) => {
                if !function.signal(Signal::STOP) {
                    return None;
                }
                let until = at.plus(SignedDuration::try_from(time).unwrap_or_default());
                self.stopped.push((until, function.into_handle()));
            }
        }
        Some(hit)
    }
}
