#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| othello_lens_fuzz::files(bytes));
