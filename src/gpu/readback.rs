use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Whether a buffer has been mapped: a future for the callback of `map_async`.
pub(super) struct Mapped(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    done: Option<bool>,
    waker: Option<Waker>,
}

/// Asks for `buffer` to be mapped for reading; resolves to whether it was.
pub(super) fn map(buffer: &wgpu::Buffer, bytes: u64) -> Mapped {
    let state = Arc::new(Mutex::new(State::default()));
    let shared = Arc::clone(&state);
    buffer.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
        let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        state.done = Some(result.is_ok());
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    });
    Mapped(state)
}

impl Future for Mapped {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.done {
            Some(mapped) => Poll::Ready(mapped),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
