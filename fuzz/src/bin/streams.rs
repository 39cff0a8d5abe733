//! libFuzzer's program for the target `streams`; built by `cargo xtask fuzz`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| targets::streams(input));

/// Without libFuzzer: runs the target once over each file named.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        targets::streams(&std::fs::read(path)?);
    }
    Ok(())
}
