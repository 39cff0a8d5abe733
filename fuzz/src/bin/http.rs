//! libFuzzer's program for the target `http`; built by `cargo xtask fuzz`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::http(input));

/// Without libFuzzer: runs the target once over each file named.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        targets::http(&std::fs::read(path)?);
    }
    Ok(())
}
