use std::sync::{Mutex, PoisonError};

/// What runs independent tasks: figures do not know of threads, their driver does.
pub trait Executor: Sync {
    /// Runs `task` once for each number below `count`, in any order, some of them at once.
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync));
}

/// Runs one task after the other in the thread that asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serial;

impl Executor for Serial {
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(task);
    }
}

/// Runs tasks on the threads of rayon.
#[cfg(feature = "train")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

#[cfg(feature = "train")]
impl Executor for Threads {
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        use rayon::prelude::*;
        (0..count).into_par_iter().for_each(task);
    }
}

impl dyn Executor + '_ {
    /// The results of `task` for each number below `count`, in their order.
    pub fn map<R: Send>(&self, count: usize, task: impl Fn(usize) -> R + Sync) -> Vec<R> {
        let slots: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.run(count, &|index| {
            *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(task(index));
        });
        let results = slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
        // An executor that left a task out would be caught up with here.
        results.enumerate().map(|(index, result)| result.unwrap_or_else(|| task(index))).collect()
    }
}
