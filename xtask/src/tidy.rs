//! What the house keeps, as tests: walls between crates, no rings within them, whole documents.
//!
//! Where the present falls short of a rule, a list beside the rule says by how much; it may only get
//! shorter.

mod edges;
mod features;
mod files;
mod manifests;
mod prose;
mod rings;
mod sources;

/// Asserts that nothing was found.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
