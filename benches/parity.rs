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

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use engines::Engine;
use figures::Figure;
use othello_lens::import::recognise;

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
    for import::Compared { library, difference, .. } in
        import::differences().into_iter().chain(import::figures())
    {
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
    let (families, files) = families();
    let value = families.len() as f64;
    println!("{value} families in {files} files: {}", Vec::from_iter(families).join(", "));
    Figure { name: "import.families", value, unit: "families", peer: None, n: files }.record()
}

/// The families of the files that other tools have written for the tests, and how many files were recognised.
fn families() -> (BTreeSet<String>, usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found = names.filter_map(|name| recognise(&import::given(&name)).ok());
    let families: Vec<String> = found.flatten().map(|found| found.family).collect();
    (families.iter().cloned().collect(), families.len())
}
