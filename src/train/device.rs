use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use super::TrainError;

/// What the arithmetic of training runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainDevice {
    /// The kernels of [`native`](crate::batch): every core, nothing to install.
    Cpu,
    /// burn's embedded CPU device, by automatic differentiation: what `cpu` is checked against.
    Flex,
    /// libtorch on the CPU (cargo feature `torch`).
    Torch,
    /// libtorch on the first CUDA GPU (cargo feature `torch`).
    TorchCuda,
    /// burn's wgpu device: Vulkan, Metal or DX12 (cargo feature `burn-wgpu`).
    Wgpu,
}

impl TrainDevice {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cpu, Self::Flex, Self::Torch, Self::TorchCuda, Self::Wgpu];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Flex => "flex",
            Self::Torch => "torch",
            Self::TorchCuda => "torch-cuda",
            Self::Wgpu => "wgpu",
        }
    }

    /// The burn device that parameters and optimiser live on; for [`Self::Cpu`] the embedded one.
    ///
    /// # Errors
    /// [`TrainError::DeviceNotBuilt`] if this build lacks the device's cargo feature,
    /// [`TrainError::DeviceMissing`] if the machine lacks the device or its driver.
    pub fn open(self) -> Result<Device, TrainError> {
        match self {
            Self::Cpu | Self::Flex => Ok(Device::flex()),
            Self::Torch => self.torch(),
            Self::TorchCuda => self.torch_cuda(),
            Self::Wgpu => self.wgpu(),
        }
    }

    #[cfg(feature = "torch")]
    #[expect(
        deprecated,
        reason = "burn means to drop it; until then it is how PyTorch's own kernels are used"
    )]
    fn torch(self) -> Result<Device, TrainError> {
        probe(self, Device::libtorch)
    }

    #[cfg(feature = "torch")]
    #[expect(
        deprecated,
        reason = "burn means to drop it; until then it is how PyTorch's own kernels are used"
    )]
    fn torch_cuda(self) -> Result<Device, TrainError> {
        probe(self, || Device::libtorch_cuda(0_usize))
    }

    #[cfg(feature = "burn-wgpu")]
    fn wgpu(self) -> Result<Device, TrainError> {
        probe(self, || Device::wgpu(burn::tensor::DeviceKind::DefaultDevice))
    }

    #[cfg(not(feature = "torch"))]
    fn torch(self) -> Result<Device, TrainError> {
        Err(TrainError::DeviceNotBuilt { device: self.name(), feature: "torch" })
    }

    #[cfg(not(feature = "torch"))]
    fn torch_cuda(self) -> Result<Device, TrainError> {
        Err(TrainError::DeviceNotBuilt { device: self.name(), feature: "torch" })
    }

    #[cfg(not(feature = "burn-wgpu"))]
    fn wgpu(self) -> Result<Device, TrainError> {
        Err(TrainError::DeviceNotBuilt { device: self.name(), feature: "burn-wgpu" })
    }
}

/// Opens a device and computes something on it: burn panics where a driver is missing.
#[cfg(any(feature = "torch", feature = "burn-wgpu"))]
fn probe(
    device: TrainDevice,
    open: impl FnOnce() -> Device + std::panic::UnwindSafe,
) -> Result<Device, TrainError> {
    use burn::tensor::Tensor;

    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let found = std::panic::catch_unwind(|| {
        let device = open();
        let sum = Tensor::<1>::ones([3], &device).sum().try_into_vec_as::<f32>();
        (device, sum)
    });
    std::panic::set_hook(hook);
    let missing = |reason: String| TrainError::DeviceMissing { device: device.name(), reason };
    match found {
        Ok((burn, Ok(sum))) if sum == [3.0] => Ok(burn),
        Ok((_, Ok(sum))) => Err(missing(format!("it computes 1 + 1 + 1 = {sum:?}"))),
        Ok((_, Err(error))) => Err(missing(error.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(missing(text.map_or_else(|| "it cannot be opened".to_owned(), |text| first_line(&text))))
        }
    }
}

/// What a panic of burn says, without the stack that libtorch appends: up to the first line's end, which is
/// escaped where the panic quotes an error.
#[cfg(any(test, feature = "torch", feature = "burn-wgpu"))]
fn first_line(text: &str) -> String {
    let said = text.split_once("Torch(\"").map_or(text, |(_, said)| said);
    let end = [said.find('\n'), said.find("\\n")].into_iter().flatten().min();
    said[..end.unwrap_or(said.len())].trim_end_matches("\")").to_owned()
}

impl fmt::Display for TrainDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TrainDevice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|device| device.name() == text)
            .ok_or_else(|| format!("no such device; there are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_panic_only_what_it_says_is_told() {
        let panic = "called `Result::unwrap()` on an `Err` value: Torch(\"Found no NVIDIA driver on your system. \
                     Please install one\\nException raised from device_count_impl\\nframe #0\")";
        assert_eq!(first_line(panic), "Found no NVIDIA driver on your system. Please install one");
        assert_eq!(first_line("no adapter\nat main.rs"), "no adapter");
        assert_eq!(first_line("no adapter"), "no adapter");
        assert_eq!(first_line("on an `Err` value: Torch(\"no such device\")"), "no such device");
    }
}
