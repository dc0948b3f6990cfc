//! Inputs that once found a bug: `tests/fuzz/regressions/<target>/<file>`, run through the fuzz targets.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use gamesockets_tests::fuzzing::TARGETS;
use gamesockets_tests::sim::Rng;

fn fuzz_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

#[test]
fn inputs_that_once_failed_pass() {
    let mut failed = Vec::new();
    let mut folders = BTreeSet::new();
    for target in TARGETS {
        folders.insert(target.name.to_owned());
        let Ok(files) = fs::read_dir(fuzz_dir().join("regressions").join(target.name)) else { continue };
        for file in files {
            let path = file.expect("a directory entry").path();
            let input = fs::read(&path).expect("a readable regression");
            if catch_unwind(|| (target.run)(&input)).is_err() {
                failed.push(path);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
    for folder in fs::read_dir(fuzz_dir().join("regressions")).into_iter().flatten() {
        let name = folder.expect("a directory entry").file_name().into_string().expect("UTF-8");
        assert!(name.starts_with('.') || folders.contains(&name), "regressions/{name} belongs to no target");
    }
}

#[test]
fn every_target_has_its_program_and_every_program_its_target() {
    let programs: BTreeSet<String> = fs::read_dir(fuzz_dir().join("fuzz_targets"))
        .expect("the programs")
        .map(|entry| {
            entry.expect("a directory entry").path().file_stem().expect("a name").to_string_lossy().into_owned()
        })
        .collect();
    let targets: BTreeSet<String> = TARGETS.iter().map(|t| t.name.to_owned()).collect();
    assert_eq!(programs, targets);
}

/// A little of what the fuzzer does at length, so that a broken target is noticed by the ordinary tests.
#[test]
fn random_inputs_pass() {
    let mut rng = Rng::new(1);
    for target in TARGETS {
        for _ in 0..50 {
            let mut input = vec![0; rng.below(600) as usize];
            rng.fill(&mut input);
            (target.run)(&input);
        }
    }
}
