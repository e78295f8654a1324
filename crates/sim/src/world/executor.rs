//! Runs processes one step at a time, in an order that somebody else chooses. A step is one poll of the
//! process's future: everything up to its next pause. Dropping the future is the process's death.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::state::{Worker, WorkerId, World};

pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Task {
    pub(crate) worker: WorkerId,
    work: Work,
}

/// What one step did to a task. A task that is over is gone from the executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stepped {
    GoesOn,
    Done,
    Died,
}

pub(crate) struct Executor {
    pub(crate) world: World,
    pub(crate) tasks: Vec<Task>,
}

impl Executor {
    pub(crate) fn new(world: World) -> Self {
        let tasks = Vec::new();
        Self { world, tasks }
    }

    /// The work tells its own result to the world; see `work`.
    pub(crate) fn spawn(
        &mut self,
        worker: &Worker,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let work = Box::pin(work);
        self.tasks.push(Task {
            worker: worker.id,
            work,
        });
    }

    pub(crate) fn step(&mut self, task: usize) -> Stepped {
        let worker = self.tasks[task].worker;
        let mut context = Context::from_waker(Waker::noop());
        let polled = self.tasks[task].work.as_mut().poll(&mut context);
        let mut state = self.world.state();
        let stepped = match polled {
            // A process that died during this step has told nobody anything.
            _ if !state.process(worker).alive => {
                let name = state.name(worker);
                state.note(|_| format!("{name} dies"));
                Stepped::Died
            }
            Poll::Ready(()) => Stepped::Done,
            Poll::Pending => return Stepped::GoesOn,
        };
        if stepped == Stepped::Done {
            state.process_mut(worker).alive = false;
        }
        drop(state);
        drop(self.tasks.swap_remove(task));
        stepped
    }

    /// The process is gone at once, whatever it was doing.
    pub(crate) fn kill(&mut self, task: usize) {
        let task = self.tasks.swap_remove(task);
        let mut state = self.world.state();
        state.kill(task.worker);
        let name = state.name(task.worker);
        state.note(|_| format!("{name} is killed"));
        drop(state);
    }

    /// Lets all tasks take turns until none is left.
    pub(crate) fn run(&mut self) {
        while !self.tasks.is_empty() {
            for task in (0..self.tasks.len()).rev() {
                self.step(task);
            }
        }
    }

    /// Time passes. Whoever has run longer than its function may is stopped.
    pub(crate) fn pass(&mut self, time: jiff::SignedDuration) {
        let mut state = self.world.state();
        state.now = state.now.plus(time);
        state.note(|_| format!("{} s pass", time.as_secs()));
        let over = |task: &Task| {
            let process = state.process(task.worker);
            state.now.since(process.started) >= process.role.limit()
        };
        let over: Vec<_> = self.tasks.iter().map(over).collect();
        drop(state);
        for task in (0..over.len()).rev().filter(|task| over[*task]) {
            self.kill(task);
        }
    }
}
