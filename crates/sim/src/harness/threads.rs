//! The same for many things, on as many threads as are asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The results come in any order.
pub(crate) fn each<Item: Sync, Output: Send>(
    threads: usize,
    items: &[Item],
    act: impl Fn(&Item) -> Output + Sync,
) -> Vec<Output> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut outputs = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            outputs.push(act(item));
        }
        outputs
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let outputs = workers.into_iter().map(|worker| match worker.join() {
            Ok(outputs) => outputs,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        outputs.flatten().collect()
    })
}
