//! libFuzzer's program for the target `manifest`; built by `cargo xtask fuzz`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::manifest(input));

/// Without libFuzzer: runs the target once over each file named.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        targets::manifest(&std::fs::read(path)?);
    }
    Ok(())
}
