//! What is made of a run's results: tables, a chart, the targets' verdicts, JSON.

mod chart;
mod page;
mod tables;
mod targets;

use std::path::{Path, PathBuf};

use crate::suite::results::Results;

const PAGE: &str = "docs/PERFORMANCE.md";
const CHART: &str = "docs/performance.svg";

/// Prints tables and verdicts, and writes the files. With `publish`, also the page in `docs/`.
pub(crate) fn write(results: &Results, output: &Path, publish: bool) -> Result<(), String> {
    println!("{}", tables::all(results));
    println!("{}", targets::table(results));
    let json = serde_json::to_string_pretty(results).map_err(|error| error.to_string())?;
    std::fs::create_dir_all(output).map_err(|error| format!("{}: {error}", output.display()))?;
    write_file(&output.join("results.json"), &json)?;
    write_file(&output.join("chart.svg"), &chart::svg(results))?;
    if publish {
        write_file(&root().join(PAGE), &page::page(results))?;
        write_file(&root().join(CHART), &chart::svg(results))?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

/// The root of the repository.
fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.parent().unwrap_or(folder).to_path_buf()
}
