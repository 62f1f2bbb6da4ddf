//! Writes the ejected folders of many choice sets with their CDK app, for `scripts/check-cdk`.
//!
//! ```text
//! cargo run -p zonke-plan --example write_cdk -- <folder> [<at least>]
//! ```

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use zonke_plan::{Database, EjectOptions, Inputs, eject, plan};

#[path = "../tests/common/axes.rs"]
mod axes;
#[path = "../tests/common/mod.rs"]
mod common;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => fail(&reason),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line program")]
fn fail(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("Say where to write: cargo run -p zonke-plan --example write_cdk -- <folder> [<at least>]")?;
    let least = arguments
        .next()
        .map_or(Ok(60), |n| n.parse::<usize>().map_err(|e| e.to_string()))?;
    let projects = [
        ("workspaces".to_owned(), common::guestbook()),
        ("separate".to_owned(), common::separate()),
    ];
    for (name, mut inputs) in axes::pairwise(&projects, least) {
        inputs.choices.repository.get_or_insert_with(|| "octo/guestbook".to_owned());
        // The code of the projects fits one database, the choices go through all.
        let engine = match inputs.choices.database {
            Database::Mysql => "mysql",
            Database::None | Database::Postgres => "postgresql",
        };
        for backend in &mut inputs.findings.backends {
            backend.database = backend.database.as_ref().map(|_| engine.to_owned());
        }
        write(&Path::new(&folder).join(&name), &inputs).map_err(|reason| format!("{name}: {reason}"))?;
    }
    Ok(())
}

fn write(folder: &Path, inputs: &Inputs) -> Result<(), String> {
    let plan = plan(inputs).map_err(|e| e.to_string())?;
    for file in eject(&plan, EjectOptions { cdk: true }).map_err(|e| e.to_string())? {
        let path = folder.join(&file.path);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, &file.bytes))
            .map_err(|e| e.to_string())?;
    }
    Ok(())
}
