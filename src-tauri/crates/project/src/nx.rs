//! Nx: targets of `project.json` and the ones Nx derives by itself.

use serde_json::Value as Json;

use crate::context::Context;
use crate::entry::Build;
use crate::eval::value::Value;
use crate::trail::Source;
use crate::{Confidence, json, place};

/// A project of an Nx workspace.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) file: String,
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) json: Json,
}

/// The Nx project at a folder.
pub(crate) fn project(context: &Context<'_>, folder: &str) -> Option<Project> {
    if let Some(known) = context.projects.borrow().get(folder) {
        return known.clone();
    }
    let found = read(context, folder);
    context.projects.borrow_mut().insert(folder.to_owned(), found.clone());
    found
}

fn read(context: &Context<'_>, folder: &str) -> Option<Project> {
    let file = place::join(folder, "project.json")?;
    if let Some(json) = context.tree.text(&file).and_then(|t| json::parse(&t))
        && (json["targets"].is_object() || json["sourceRoot"].is_string() || json["projectType"].is_string())
    {
        let name = json["name"].as_str().unwrap_or_else(|| place::file_name(folder)).to_owned();
        return Some(Project {
            file,
            folder: folder.to_owned(),
            name,
            json,
        });
    }
    for file in ["workspace.json", "angular.json"] {
        let Some(all) = context.tree.text(file).and_then(|t| json::parse(&t)) else {
            continue;
        };
        for (name, one) in all["projects"].as_object().into_iter().flatten() {
            if one["root"].as_str().map(|r| r.trim_end_matches('/')) == Some(folder) {
                let mut one = one.clone();
                if one["targets"].is_null() {
                    one["targets"] = one["architect"].clone();
                }
                return Some(Project {
                    file: file.to_owned(),
                    folder: folder.to_owned(),
                    name: name.clone(),
                    json: one,
                });
            }
        }
    }
    None
}

/// What runs the build target.
pub(crate) fn executor(project: &Project) -> String {
    let target = &project.json["targets"]["build"];
    target["executor"]
        .as_str()
        .or_else(|| target["builder"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Output of the build target, from the inspected folder.
pub(crate) fn output_path(project: &Project) -> Option<String> {
    let target = &project.json["targets"]["build"];
    let stated = target["options"]["outputPath"]
        .as_str()
        .or_else(|| target["outputs"][0].as_str());
    let stated = stated.filter(|s| !s.contains("{options."));
    let path = stated?
        .replace("{workspaceRoot}/", "")
        .replace("{projectRoot}", &project.folder)
        .replace("{projectName}", &project.name);
    place::join(".", &path)
}

/// How Nx builds a server.
pub(crate) fn build(context: &Context<'_>, folder: &str, main: &str) -> Option<Build> {
    if !context.tree.has("nx.json") && !context.tree.has("workspace.json") {
        return None;
    }
    let project = project(context, folder)?;
    let target = &project.json["targets"]["build"];
    let executor = executor(&project);
    if let Some(command) = target["options"]["command"].as_str().or_else(|| target["command"].as_str())
        && command.contains("nest build")
    {
        return None;
    }
    let line = context.tree.text(&project.file).and_then(|t| json::line_of(&t, &["build"]));
    let made = |entry_file: String, confidence, why: &str| Build {
        command: format!("nx build {}", project.name),
        entry_file,
        confidence,
        source: Source::new(&project.file, line),
        why: why.to_owned(),
        steps: Vec::new(),
    };
    let stem = crate::program::script_name(place::file_name(main));
    let webpack = ["webpack.config.js", "webpack.config.ts", "webpack.config.cjs"];
    let config = target["options"]["webpackConfig"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| context.first_file(folder, &webpack));
    let by_config =
        config
            .and_then(|f| crate::bundler::evaluate(context, &f, "."))
            .and_then(|c| match c.field("output")?.field("path")? {
                Value::Path(p) => Some(p.to_string()),
                _ => None,
            });
    if executor.contains("tsc") || executor.contains("esbuild") || executor.contains("swc") {
        let out = output_path(&project).unwrap_or_else(|| format!("dist/{folder}"));
        let inner = if executor.contains("esbuild") {
            stem
        } else {
            crate::program::script_name(&place::relative(main, folder))
        };
        return Some(made(
            place::join(&out, &inner)?,
            Confidence::Medium,
            "The build target names its output folder.",
        ));
    }
    let out = output_path(&project)
        .or(by_config)
        .unwrap_or_else(|| format!("dist/{folder}"));
    let name = target["options"]["outputFileName"]
        .as_str()
        .map_or_else(|| "main.js".to_owned(), str::to_owned);
    Some(made(
        place::join(&out, &name)?,
        Confidence::High,
        "Nx bundles the server into one file in the output folder of the target.",
    ))
}
