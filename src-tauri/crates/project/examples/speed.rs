//! Measures the importer against listing the same folder with ripgrep, both as whole processes, and prints the ratio.
//!
//! `cargo run --release -p zonke-project --example speed -- FOLDER…` prints the table;
//! `… --example speed -- --inspect FOLDER` inspects once and prints the findings as JSON, for comparing two builds.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on the terminal is all this program is for"
)]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Runs of each, taking turns; the fastest counts, because everything else on the machine only ever adds.
const RUNS: u32 = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [flag, folder] if flag == "--inspect" => inspect(folder),
        folders => folders.iter().try_for_each(|f| compare(f)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One inspection: findings on the first stream, the peak of resident memory in KiB on the second.
fn inspect(folder: &str) -> Result<(), Box<dyn Error>> {
    let findings = zonke_project::inspect(Path::new(folder))?;
    println!("{}", serde_json::to_string_pretty(&findings)?);
    if let Some(peak) = std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(peak) {
        eprintln!("{peak}");
    }
    Ok(())
}

/// `VmHWM:    70000 kB` → 70000. Source: proc(5).
fn peak(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn compare(folder: &str) -> Result<(), Box<dyn Error>> {
    let this = std::env::current_exe()?;
    let (mut ours, mut theirs): (Option<Duration>, Option<Duration>) = (None, None);
    let mut memory = 0;
    for _ in 0..RUNS {
        let began = Instant::now();
        let output = Command::new(&this)
            .args(["--inspect", folder])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?
            .wait_with_output()?;
        let time = began.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("{folder}: {}", said.trim()).into());
        }
        ours = Some(ours.map_or(time, |best| best.min(time)));
        memory = memory.max(said.trim().parse().unwrap_or(0));
        let began = Instant::now();
        let listed = Command::new("rg")
            .arg("--files")
            .current_dir(folder)
            .stdout(Stdio::null())
            .status();
        if listed.is_ok_and(|s| s.success()) {
            let time = began.elapsed();
            theirs = Some(theirs.map_or(time, |best| best.min(time)));
        }
    }
    let ours = ours.unwrap_or_default();
    match theirs {
        Some(theirs) => println!(
            "{folder}: {:.0} ms, rg --files {:.0} ms, ratio {:.1}, peak {} MB",
            ms(ours),
            ms(theirs),
            ours.as_secs_f64() / theirs.as_secs_f64(),
            memory / 1024
        ),
        None => println!(
            "{folder}: {:.0} ms, peak {} MB; rg is not installed, so there is no ratio",
            ms(ours),
            memory / 1024
        ),
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
