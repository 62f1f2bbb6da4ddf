//! Where NestJS applications may be: files that start one, grouped by application.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::modules::is_script;
use crate::{entry, nx, place};

/// A NestJS application to look at.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Folder of the application.
    pub(crate) folder: String,
    /// Files that create a Nest application, the likeliest first.
    pub(crate) starts: Vec<String>,
}

/// Every application whose start file we can find.
pub(crate) fn nest(context: &Context<'_>) -> Vec<Candidate> {
    let roots: Vec<&str> = context
        .manifests
        .iter()
        .filter(|m| m.has("@nestjs/core"))
        .map(|m| m.folder.as_str())
        .collect();
    let mut starts: Vec<&str> = Vec::new();
    for file in context.tree.files() {
        let below = || roots.iter().any(|r| place::inside(file, r));
        if is_script(file)
            && !beside_the_product(file)
            && below()
            && context
                .tree
                .text(file)
                .is_some_and(|t| t.contains("NestFactory") && t.contains("@nestjs/core"))
        {
            starts.push(file);
        }
    }
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for start in starts {
        groups.entry(home(context, start)).or_default().push(start.to_owned());
    }
    groups
        .into_iter()
        .map(|(folder, mut starts)| {
            let cli = entry::nest_cli(context, &folder, &starts[0]);
            let stated = cli.entry.clone().unwrap_or_else(|| "main".to_owned());
            starts.sort_by_key(|s| {
                let name = place::file_name(s);
                let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                (
                    stem != place::file_name(&stated),
                    stem != "main",
                    !stem.contains("main"),
                    !matches!(stem, "index" | "server" | "app"),
                    s.matches('/').count(),
                    s.clone(),
                )
            });
            Candidate { folder, starts }
        })
        .collect()
}

/// Tests, templates, samples and scripts start applications that nobody deploys.
pub(crate) fn beside_the_product(file: &str) -> bool {
    let name = place::file_name(file);
    if name.contains(".spec.")
        || name.contains(".test.")
        || name.contains("-spec.")
        || name.contains(".e2e")
        || name.contains(".stories.")
    {
        return true;
    }
    place::parent(file).split('/').any(|part| {
        (part.starts_with('.') && part.len() > 1)
            || matches!(
                part,
                "test"
                    | "tests"
                    | "__tests__"
                    | "__mocks__"
                    | "e2e"
                    | "templates"
                    | "template"
                    | "examples"
                    | "example"
                    | "samples"
                    | "sample"
                    | "fixtures"
                    | "__fixtures__"
                    | "schematics"
                    | "cypress"
            )
            || part.ends_with("-e2e")
    })
}

/// The folder of the application a start file belongs to.
fn home(context: &Context<'_>, start: &str) -> String {
    let own = place::parent(start);
    let package = context.package_of(start).map_or(".", |m| m.folder.as_str());
    for at in place::ancestors(own) {
        if nx::project(context, &at).is_some() && at != "." {
            return at;
        }
        if at == package {
            break;
        }
    }
    let cli = entry::nest_cli(context, package, start);
    if cli.project.is_some() && !cli.root.is_empty() {
        return place::join(&cli.folder, &cli.root).unwrap_or_else(|| package.to_owned());
    }
    let manifest = context.package_of(start);
    let shared =
        manifest.is_some_and(|m| m.has("react-dom") && m.has("@nestjs/core")) || manifest.is_some_and(|m| !m.has("@nestjs/core"));
    let inner = place::relative(own, package);
    let first = inner.split('/').next().unwrap_or(".");
    if shared && !matches!(first, "." | "src" | "..") {
        // One package for both halves: the part of the path before the sources is the application.
        let mut parts: Vec<&str> = Vec::new();
        for part in own.split('/') {
            if part == "src" {
                break;
            }
            parts.push(part);
        }
        return if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
    }
    package.to_owned()
}
