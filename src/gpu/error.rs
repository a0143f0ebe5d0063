use crate::plan::{Buffer, PassError};

/// What can go wrong on a GPU.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GpuError {
    /// There is no WebGPU here, or it has no adapter for us.
    #[error("no GPU adapter: {reason}")]
    NoAdapter {
        /// What the browser or the driver said.
        reason: String,
    },
    /// The adapter gives no device with the limits that are needed.
    #[error("the adapter {adapter:?} gives no device: {reason}")]
    NoDevice {
        /// Its name.
        adapter: String,
        /// What the browser or the driver said.
        reason: String,
    },
    /// The device is gone, and with it whatever was in its memory: a driver that was reset or updated,
    /// a GPU that was unplugged, a browser that took it away. Only a new [`super::Gpu`] helps.
    #[error("the GPU device was lost: {reason}")]
    DeviceLost {
        /// What the browser or the driver said.
        reason: String,
    },
    /// The memory of the GPU does not suffice.
    #[error("the GPU is out of memory: {doing}")]
    OutOfMemory {
        /// What was being done.
        doing: &'static str,
    },
    /// The device refused a kernel or a command: a fault of this library or of the driver.
    #[error("the GPU refused a command, {doing}: {message}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// What the browser or the driver said.
        message: String,
    },
    /// A buffer beyond what the device can bind.
    #[error("{what} takes {bytes} bytes; the most that this GPU can bind is {most}")]
    TooLarge {
        /// Its name.
        what: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// A plan with more rows than a dispatch can count.
    #[error("the plan has {rows} rows; the most that this GPU can dispatch is {most}")]
    TooManyRows {
        /// Of the plan.
        rows: usize,
        /// The limit.
        most: usize,
    },
    /// Rows or tokens that the plan or the model does not have.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// A buffer that the plan does not have.
    #[error("{buffer:?} was asked for; the plan does not leave it")]
    NoSuchBuffer {
        /// As asked for.
        buffer: Buffer,
    },
}
