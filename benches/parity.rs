//! How far each engine is from the golden file, and what is imported from what its own library makes of it: the largest
//! max |Δ| / max |x| of the tensors.
#![allow(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the files of the tests are there and sound"
)]
#![allow(unreachable_pub, dead_code, reason = "shared with the test of the same name")]

#[path = "../tests/parity/engines.rs"]
mod engines;
mod figures;
#[path = "../tests/parity/golden.rs"]
mod golden;

#[path = "../tests/import/parity.rs"]
mod import;

use std::collections::BTreeMap;
use std::io;

use engines::Engine;
use figures::Figure;

fn main() -> io::Result<()> {
    println!("{:<8} {:>12}   largest at", "engine", "max |Δ|/max |x|");
    for engine in [Engine::Burn, Engine::Cpu, Engine::gpu()] {
        let differences = golden::differences(&engine);
        let largest = differences.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let &(output, value) = largest.expect("the golden file has tensors");
        println!("{:<8} {value:>12.1e}   {output:?}", engine.name());
        assert!(value <= golden::TOLERANCE, "above {:e}", golden::TOLERANCE);
        let name = format!("parity.native.{}", engine.name());
        let n = differences.len();
        Figure { name: &name, value, unit: "of max |x|", peer: Some("float64"), n }.record()?;
    }
    let mut libraries: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for import::Compared { library, difference, .. } in import::differences() {
        let (largest, tensors) = libraries.entry(library).or_default();
        *largest = largest.max(difference);
        *tensors += 1;
    }
    for (library, &(value, n)) in &libraries {
        println!("{library:<20} {value:>12.1e}");
        assert!(value <= import::TOLERANCE, "above {:e}", import::TOLERANCE);
        let name = format!("parity.{}", library.to_lowercase());
        Figure { name: &name, value, unit: "of max |x|", peer: Some("its own code"), n }.record()?;
    }
    Ok(())
}
