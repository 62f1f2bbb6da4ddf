//! `zonke inspect`.

use std::process::ExitCode;

use zonke_home::Project;
use zonke_project::{Backend, Edit, Findings, Frontend, InspectOptions};

use crate::args::{Folder, Inspect};
use crate::failure::Failure;
use crate::print;

pub(crate) fn run(arguments: &Inspect) -> Result<ExitCode, Failure> {
    let findings = project(&arguments.folder)?.findings;
    if arguments.json {
        print::json(&findings)?;
    } else {
        text(&findings);
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder with what is set for it, now and before.
pub(crate) fn project(folder: &Folder) -> Result<Project, Failure> {
    let projects = zonke_home::projects()?;
    let options = InspectOptions::default();
    let unset = folder.known.unset.iter().map(|field| Edit {
        field: *field,
        value: None,
    });
    let edits: Vec<Edit> = unset.chain(folder.known.set.iter().cloned()).collect();
    let forgotten = if folder.known.forget {
        Some(projects.forget(&folder.dir, &options)?)
    } else {
        None
    };
    match forgotten {
        _ if !edits.is_empty() => Ok(projects.change(&folder.dir, &edits, &options)?),
        Some(project) => Ok(project),
        None => Ok(projects.inspect(&folder.dir, &options)?),
    }
}

fn text(findings: &Findings) {
    print::line(format!("{} — {}", findings.name, findings.reason));
    for frontend in &findings.frontends {
        print_frontend(frontend, findings.chosen.frontend.as_deref());
    }
    for backend in &findings.backends {
        print_backend(backend, findings.chosen.backend.as_deref());
    }
    if let Some(lockfile) = &findings.package_manager.lockfile {
        print::line(format!(
            "\nInstalled from {lockfile}; Node.js {}",
            findings.node.wanted.as_deref().unwrap_or("not stated")
        ));
    }
    for question in &findings.questions {
        print::line(format!("? {}", question.text));
        for answer in &question.answers {
            let value = if answer.value.is_empty() {
                "(none)"
            } else {
                answer.value.as_str()
            };
            print::line(format!("    {value}: {}", answer.reason));
        }
    }
    for warning in &findings.warnings {
        let place = warning.file.as_deref().map_or_else(String::new, |file| format!(" ({file})"));
        print::line(format!("! {}{place}", warning.message));
    }
}

fn mark(path: &str, chosen: Option<&str>) -> &'static str {
    if chosen == Some(path) { "*" } else { " " }
}

fn print_frontend(frontend: &Frontend, chosen: Option<&str>) {
    print::line(format!(
        "\n{} Front end  {} ({})",
        mark(&frontend.path, chosen),
        frontend.path,
        frontend.bundler
    ));
    print::line(format!("    build    {}", frontend.build_command));
    print::line(format!("    output   {}", frontend.output_dir));
}

fn print_backend(backend: &Backend, chosen: Option<&str>) {
    let or_none = |value: Option<&str>| value.unwrap_or("none").to_owned();
    print::line(format!("\n{} API        {}", mark(&backend.path, chosen), backend.path));
    print::line(format!("    build    {}", backend.build_command));
    print::line(format!("    start    {}", backend.start_command));
    let port = backend
        .port
        .default
        .map_or_else(|| "no default".to_owned(), |port| port.to_string());
    print::line(format!(
        "    port     {port}{}",
        backend
            .port
            .env
            .as_deref()
            .map_or_else(String::new, |name| format!(" or ${name}"))
    ));
    print::line(format!("    prefix   {}", or_none(backend.global_prefix.as_deref())));
    print::line(format!("    health   {}", or_none(backend.health_path.as_deref())));
    print::line(format!(
        "    database {} through {}",
        or_none(backend.database.as_deref()),
        backend.orm
    ));
    let required: Vec<&str> = backend
        .env_vars
        .iter()
        .filter(|v| v.required)
        .map(|v| v.name.as_str())
        .collect();
    if !required.is_empty() {
        print::line(format!("    needs    {}", required.join(", ")));
    }
}
