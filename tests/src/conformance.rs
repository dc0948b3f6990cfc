//! The conformance scripts of `tests/conformance`: what each binding has to answer, read, checked, and run in Rust.
//!
//! `read` makes a [`Script`] of a TOML file and refuses what the schema does not know; `json` writes the same for
//! runners in other languages; `run` plays it against a [`Binding`], of which `ours` is the one of the Rust API.
//! `tests/conformance/README.md` says what scripts and runners look like.

mod names;
mod script;
mod read;
mod json;
mod answer;
mod matching;
mod run;
mod ours;
mod coverage;

pub use answer::Answer;
pub use coverage::{CANNOT_FAIL, NOT_CALLED, gaps};
pub use json::to_json;
pub use matching::{Saved, mismatch};
pub use ours::Ours;
pub use read::{folder, read_folder, read_text};
pub use run::{Binding, run};
pub use script::{Action, Script, Step, Value};
