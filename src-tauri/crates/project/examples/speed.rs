//! Measures the importer against listing the same folder with ripgrep and prints the ratio.
//!
//! `cargo run --release -p zonke-project --example speed -- FOLDER…`
#![expect(clippy::print_stdout, reason = "a table on the terminal is all this program is for")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each; the fastest counts, because everything else on the machine only ever adds.
const RUNS: u32 = 9;

fn main() {
    for folder in std::env::args().skip(1) {
        let ours = fastest(|| zonke_project::inspect(Path::new(&folder)).is_ok());
        let list = || {
            Command::new("rg")
                .arg("--files")
                .current_dir(&folder)
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
        };
        let Some(ours) = ours else {
            println!("{folder}: cannot be inspected");
            continue;
        };
        match fastest(list) {
            Some(theirs) => {
                let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
                println!(
                    "{folder}: {:.0} ms, rg --files {:.0} ms, ratio {ratio:.1}",
                    ms(ours),
                    ms(theirs)
                );
            }
            None => println!("{folder}: {:.0} ms; rg is not installed, so there is no ratio", ms(ours)),
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Time of the fastest run; `None` if one fails.
fn fastest(mut run: impl FnMut() -> bool) -> Option<Duration> {
    let mut best: Option<Duration> = None;
    for _ in 0..RUNS {
        let began = Instant::now();
        if !run() {
            return None;
        }
        let time = began.elapsed();
        best = Some(best.map_or(time, |b| b.min(time)));
    }
    best
}
