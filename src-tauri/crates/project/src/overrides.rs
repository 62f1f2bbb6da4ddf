//! What the user knows better replaces findings.

use crate::trail::{Source, Trail};
use crate::{Confidence, Findings, Overrides};

/// What the evidence of a value says that the user gave.
pub(crate) const TOLD: &str = "You set this.";

/// Puts the user's values in place of the findings of the chosen halves.
pub(crate) fn apply(findings: &mut Findings, overrides: &Overrides, trail: &mut Trail) {
    let mut told = |field: String, value: &str| {
        trail.evidence.retain(|e| e.field != field);
        trail.saw(&field, value, Source::new(".", None), Confidence::High, TOLD);
    };
    if let Some(node) = &overrides.node {
        told("node.wanted".to_owned(), node);
        findings.node.wanted = Some(node.clone());
        findings.node.source = None;
    }
    let chosen = findings.chosen.clone();
    if let Some((i, frontend)) = findings
        .frontends
        .iter_mut()
        .enumerate()
        .find(|(_, f)| Some(&f.path) == chosen.frontend.as_ref())
    {
        if let Some(command) = &overrides.frontend_build_command {
            told(format!("frontends[{i}].buildCommand"), command);
            frontend.build_command.clone_from(command);
        }
        if let Some(output) = &overrides.output_dir {
            told(format!("frontends[{i}].outputDir"), output);
            frontend.output_dir.clone_from(output);
        }
    }
    let Some((i, backend)) = findings
        .backends
        .iter_mut()
        .enumerate()
        .find(|(_, b)| Some(&b.path) == chosen.backend.as_ref())
    else {
        return;
    };
    let mut set = |field: &str, value: &Option<String>, target: &mut String| {
        if let Some(value) = value {
            told(format!("backends[{i}].{field}"), value);
            target.clone_from(value);
        }
    };
    set("buildCommand", &overrides.backend_build_command, &mut backend.build_command);
    set("entryFile", &overrides.entry_file, &mut backend.entry_file);
    if overrides.entry_file.is_some() {
        backend.start_command = format!("node {}", crate::place::relative(&backend.entry_file, &backend.path));
    }
    set("startCommand", &overrides.start_command, &mut backend.start_command);
    let mut optional = |field: &str, value: &Option<String>, target: &mut Option<String>| {
        if let Some(value) = value {
            told(format!("backends[{i}].{field}"), value);
            *target = Some(value.clone()).filter(|v| !v.is_empty());
        }
    };
    optional("port.env", &overrides.port_env, &mut backend.port.env);
    optional(
        "globalPrefix",
        &overrides.global_prefix.as_ref().map(|p| p.trim_matches('/').to_owned()),
        &mut backend.global_prefix,
    );
    optional("healthPath", &overrides.health_path, &mut backend.health_path);
    optional("database", &overrides.database, &mut backend.database);
    if let Some(port) = overrides.port {
        told(format!("backends[{i}].port.default"), &port.to_string());
        backend.port.default = Some(port);
    }
}
