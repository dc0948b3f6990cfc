//! `cargo xtask fuzz`: libFuzzer on stable Rust.
//!
//! What `cargo fuzz` gets from a nightly compiler is coverage instrumentation and a sanitizer. The instrumentation is an
//! ordinary LLVM pass, which stable Rust can be told to run; the address sanitizer is left out, since the engine forbids
//! `unsafe` code. On a nightly compiler, `cargo fuzz run <target>` in `tests/` works with the same programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::{TaskResult, root, target};

/// The compiler flags that make a program report its coverage to libFuzzer.
const COVERAGE: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Largest input, bytes.
const INPUT_LEN_MAX: u32 = 4_096;
/// Longest time for one input, seconds: beyond, it counts as a hang.
const INPUT_SECONDS_MAX: u32 = 10;

/// Fuzz the decoders and the engine; needs a C++ compiler.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long to run each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only this target; all of them by default.
    target: Option<String>,
}

/// Builds and runs the targets; the error names each input that failed.
pub(crate) fn run(args: &Args) -> TaskResult {
    let fuzz = root().join("tests/fuzz");
    let targets = chosen(&fuzz, args.target.as_deref())?;
    let programs = build(&fuzz)?;
    let mut failures = Vec::new();
    for target in &targets {
        println!("== {target}: {} s", args.seconds);
        if let Err(failure) = run_target(&programs, target, args.seconds) {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn chosen(fuzz: &Path, wanted: Option<&str>) -> Result<Vec<String>, String> {
    let folder = fuzz.join("fuzz_targets");
    let entries = folder.read_dir().map_err(|error| format!("{}: {error}", folder.display()))?;
    let names = entries.filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()));
    let mut targets: Vec<String> = names.collect();
    targets.sort();
    match wanted {
        None => Ok(targets),
        Some(name) if targets.iter().any(|target| target == name) => Ok(vec![name.to_owned()]),
        Some(name) => Err(format!("there is no fuzz target `{name}`; there are: {}", targets.join(", "))),
    }
}

/// Builds all programs; answers the folder they are in.
fn build(fuzz: &Path) -> Result<PathBuf, String> {
    let host = host()?;
    let target_dir = target().join("fuzz");
    // A named target keeps the flags away from build scripts and procedural macros.
    let status = Command::new("cargo")
        .args(["build", "--release", "--bins", "--target", &host])
        .current_dir(fuzz)
        .env("CARGO_TARGET_DIR", &target_dir)
        .env("RUSTFLAGS", COVERAGE.join(" "))
        .status()
        .map_err(|error| format!("cargo build: {error}"))?;
    if !status.success() {
        return Err("the fuzz targets do not build (they need a C++ compiler: `apt-get install g++`)".to_owned());
    }
    Ok(target_dir.join(host).join("release"))
}

fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc -vV: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("rustc -vV names no host:\n{text}"))
}

fn run_target(programs: &Path, target: &str, seconds: u32) -> TaskResult {
    // What the fuzzer finds interesting stays with the build products and is taken up again by the next run.
    let folder = programs.join("fuzz-data").join(target);
    let (corpus, crashes) = (folder.join("corpus"), folder.join("crashes"));
    for path in [&corpus, &crashes] {
        std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let output = Command::new(programs.join(target))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_LEN_MAX}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg("-print_final_stats=1")
        .args([&corpus, &root().join("tests/fuzz/regressions").join(target)].into_iter().filter(|p| p.is_dir()))
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("{target}: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    for line in log
        .lines()
        .filter(|line| line.starts_with("stat::number_of_executed") || line.starts_with("stat::average_exec"))
    {
        println!("{}", line.trim_start_matches("stat::"));
    }
    if output.status.success() {
        return Ok(());
    }
    let file =
        log.lines().find_map(|line| line.split("Test unit written to ").nth(1)).unwrap_or("(no input was written)");
    let tail: Vec<&str> = log.lines().filter(|line| line.contains("panicked") || line.contains("ERROR")).collect();
    Err(format!(
        "{target} failed: {}\n  input: {file}\n  once fixed, keep it in tests/fuzz/regressions/{target}/",
        tail.join("; ")
    ))
}
