//! SIGINT and SIGTERM as a wish that a training stop between two steps.

use std::sync::atomic::{AtomicI32, Ordering};

/// A signal that asks a process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// What Ctrl-C sends.
    Interrupt = 2,
    /// What `kill` and job schedulers send.
    Terminate = 15,
}

/// The number of the last such signal; 0 before the first.
static ASKED: AtomicI32 = AtomicI32::new(0);

/// The signal that has asked this process to stop, if one has since [`listen`].
pub(super) fn asked() -> Option<Signal> {
    let asked = ASKED.load(Ordering::SeqCst);
    [Signal::Interrupt, Signal::Terminate].into_iter().find(|&signal| signal as i32 == asked)
}

/// Takes signals from now on as a wish. A second one of the same kind ends the process at once.
#[cfg(unix)]
pub(super) fn listen() {
    extern "C" fn note(signal: libc::c_int) {
        ASKED.store(signal, Ordering::SeqCst);
        // SAFETY: POSIX lists `signal` among the functions that a handler may call.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: the handler does only what POSIX allows in one: it stores a lock-free atomic and calls
        // `signal`.
        unsafe { libc::signal(signal, note as extern "C" fn(libc::c_int) as libc::sighandler_t) };
    }
}

/// Elsewhere than on Unix, Ctrl-C ends the process as it always does: the last checkpoint stays.
#[cfg(not(unix))]
pub(super) fn listen() {}
