//! Measures the importer against listing the same folder with ripgrep, all as whole processes taking turns, and prints the ratios.
//!
//! `cargo run --release -p zonke-project --example speed -- FOLDER…` prints the table: a first look at the folder, another look at
//! it with the memory of the first, and the listing.
//! `… --example speed -- --inspect FOLDER [MEMORY]` inspects once and prints the findings as JSON, for comparing two builds.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on the terminal is all this program is for"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use zonke_project::InspectOptions;

/// Runs of each; the fastest counts, because everything else on the machine only ever adds.
const RUNS: u32 = 9;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [flag, folder] if flag == "--inspect" => inspect(folder, None),
        [flag, folder, memory] if flag == "--inspect" => inspect(folder, Some(memory.into())),
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
fn inspect(folder: &str, memory: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let options = InspectOptions {
        memory,
        ..InspectOptions::default()
    };
    let findings = zonke_project::inspect_with(Path::new(folder), &options)?;
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

/// The best of several runs.
#[derive(Default)]
struct Best {
    time: Option<Duration>,
    /// KiB, the most of all runs.
    peak: u32,
}

impl Best {
    fn take(&mut self, command: &mut Command) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        let output = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?
            .wait_with_output()?;
        let time = began.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(said.trim().into());
        }
        self.time = Some(self.time.map_or(time, |best| best.min(time)));
        self.peak = self.peak.max(said.trim().parse().unwrap_or(0));
        Ok(())
    }

    fn ms(&self) -> f64 {
        self.time.unwrap_or_default().as_secs_f64() * 1000.0
    }
}

fn compare(folder: &str) -> Result<(), Box<dyn Error>> {
    let this = std::env::current_exe()?;
    let memory = tempfile::tempdir()?;
    let (mut first, mut again, mut listing) = (Best::default(), Best::default(), Best::default());
    let look = |memory: Option<&Path>| {
        let mut command = Command::new(&this);
        command.args(["--inspect", folder]).args(memory);
        command
    };
    // Fills the memory.
    Best::default().take(&mut look(Some(memory.path())))?;
    let mut listed = Ok(());
    for _ in 0..RUNS {
        first.take(&mut look(None))?;
        again.take(&mut look(Some(memory.path())))?;
        listed = listed.and_then(|()| listing.take(Command::new("rg").arg("--files").current_dir(folder)));
    }
    let ratio = |one: &Best| match listed {
        Ok(()) => format!("{:.1} ×", one.ms() / listing.ms()),
        Err(_) => "no ratio without rg".to_owned(),
    };
    println!(
        "{folder}: rg --files {:.0} ms; first look {:.0} ms, {}, {} MB; another {:.0} ms, {}, {} MB",
        listing.ms(),
        first.ms(),
        ratio(&first),
        first.peak / 1024,
        again.ms(),
        ratio(&again),
        again.peak / 1024,
    );
    Ok(())
}
