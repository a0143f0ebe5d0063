//! Whether there is memory enough, asked before any is taken: the system may kill whoever takes too much.

use std::fs;

use super::TrainError;

/// Checks that `needed` bytes of memory are free, where the system says how many are (Linux).
pub(super) fn check(needed: u64) -> Result<(), TrainError> {
    let free = fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(available);
    match free {
        Some(free) if free < needed => Err(TrainError::Memory { needed, free }),
        _ => Ok(()),
    }
}

/// What `/proc/meminfo` says can be taken without swapping, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_off_the_line_that_says_what_is_available() {
        let meminfo =
            "MemTotal:       24683520 kB\nMemFree:          123 kB\nMemAvailable:   2048 kB\nBuffers: 1 kB\n";
        assert_eq!(available(meminfo), Some(2 << 20));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn too_much_is_refused_with_both_figures() {
        let error = TrainError::Memory { needed: 5 << 40, free: 3 << 29 };
        assert_eq!(error.to_string(), "this training needs at least 5120.0 GiB of memory; 1.5 GiB are free",);
        check(1 << 20).unwrap();
    }
}
