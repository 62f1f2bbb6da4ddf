//! The version of Node.js that a project asks for.

use crate::context::Context;
use crate::manifest::major;
use crate::trail::{Source, Trail};
use crate::{Confidence, NodeVersion, json, place};

/// From the usual places, nearest to the halves first; conflicts are told.
pub(crate) fn wanted(context: &Context<'_>, halves: &[String], trail: &mut Trail) -> NodeVersion {
    let mut folders: Vec<String> = Vec::new();
    for at in halves.iter().flat_map(|h| place::ancestors(h)).chain([".".to_owned()]) {
        if !folders.contains(&at) {
            folders.push(at);
        }
    }
    let mut found: Vec<(u32, Source)> = Vec::new();
    let mut note = |text: &str, file: String, line: Option<u32>| {
        if let Some(version) = major(text).filter(|v| (4..100).contains(v)) {
            found.push((version, Source::new(file, line)));
        }
    };
    for at in &folders {
        for name in [".nvmrc", ".node-version"] {
            let file = place::join(at, name).unwrap_or_default();
            if let Some(text) = context.tree.text(&file) {
                let text = text.lines().next().unwrap_or_default().trim().to_owned();
                let text = lts(&text).map_or(text.clone(), |v| v.to_string());
                note(&text, file, Some(1));
            }
        }
        let tools = place::join(at, ".tool-versions").unwrap_or_default();
        if let Some(line) = context.tree.text(&tools).and_then(|t| {
            t.lines()
                .find(|l| l.starts_with("nodejs") || l.starts_with("node "))
                .map(str::to_owned)
        }) {
            note(&line, tools, None);
        }
        if let Some(manifest) = context.manifests.iter().find(|m| m.folder == *at)
            && let Some(volta) = manifest.json["volta"]["node"].as_str()
        {
            note(volta, manifest.file(), manifest.line(context.tree, &["volta", "node"]));
        }
    }
    for at in &folders {
        for file in context
            .tree
            .below(at)
            .filter(|f| place::parent(f) == at && place::file_name(f).contains("Dockerfile"))
        {
            if let Some((tag, line)) = context.tree.text(file).and_then(|t| image_tag(&t)) {
                note(&tag, file.to_owned(), Some(line));
            }
        }
        if let Some(manifest) = context.manifests.iter().find(|m| m.folder == *at)
            && let Some(engines) = manifest.json["engines"]["node"].as_str()
            && !engines.contains(">=")
            && !engines.starts_with('>')
            && !engines.contains("||")
            && !engines.contains('*')
        {
            note(engines, manifest.file(), manifest.line(context.tree, &["engines", "node"]));
        }
    }
    let Some((version, source)) = found.first().cloned() else {
        return from_automation(context);
    };
    trail.saw(
        "node.wanted",
        version,
        source.clone(),
        Confidence::High,
        "The project names this version of Node.js.",
    );
    if let Some((other, conflict)) = found.iter().find(|(v, _)| *v != version) {
        trail.warn(
            "node-versions-differ",
            Some(conflict.clone()),
            format!(
                "{} asks for Node.js {version}, {} for {other}. {version} is used.",
                source.file, conflict.file
            ),
        );
    }
    NodeVersion {
        wanted: Some(version.to_string()),
        source: Some(source.file),
    }
}

/// The last resort: what builds the project elsewhere.
fn from_automation(context: &Context<'_>) -> NodeVersion {
    let mut versions: Vec<(u32, String)> = Vec::new();
    for file in context
        .tree
        .files()
        .filter(|f| f.starts_with(".github/workflows/") || matches!(*f, "app.yaml" | ".gitlab-ci.yml"))
    {
        let Some(text) = context.tree.text(file) else { continue };
        for line in text.lines() {
            let line = line.trim().trim_start_matches("- ");
            let value = ["node-version:", "node:", "runtime: nodejs", "image: node:"]
                .iter()
                .find_map(|k| line.strip_prefix(k));
            if let Some(version) = value.and_then(major) {
                versions.push((version, file.to_owned()));
            }
        }
    }
    match versions.first() {
        Some((version, file)) if versions.iter().all(|(v, _)| v == version) => NodeVersion {
            wanted: Some(version.to_string()),
            source: Some(file.clone()),
        },
        _ => NodeVersion {
            wanted: None,
            source: None,
        },
    }
}

/// Release names that `.nvmrc` may use. Source: the release schedule of Node.js.
fn lts(name: &str) -> Option<u32> {
    Some(match name.trim_start_matches("lts/").to_lowercase().as_str() {
        "fermium" => 14,
        "gallium" => 16,
        "hydrogen" => 18,
        "iron" => 20,
        "jod" => 22,
        "krypton" => 24,
        _ => return None,
    })
}

/// The version in `FROM node:20-alpine`, with variables of the file put in.
fn image_tag(text: &str) -> Option<(String, u32)> {
    let argument = |name: &str| {
        text.lines().find_map(|l| {
            l.trim()
                .strip_prefix("ARG ")?
                .trim()
                .strip_prefix(name)?
                .strip_prefix('=')
                .map(str::to_owned)
        })
    };
    for (i, line) in text.lines().enumerate() {
        let Some(image) = line.trim().strip_prefix("FROM ") else {
            continue;
        };
        let Some(tag) = image
            .split_whitespace()
            .find(|w| !w.starts_with("--"))
            .and_then(|w| w.rsplit('/').next()?.strip_prefix("node:"))
        else {
            continue;
        };
        let tag = match tag.strip_prefix('$') {
            Some(name) => {
                let name: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
                argument(&name)?
            }
            None => tag.to_owned(),
        };
        return Some((tag, u32::try_from(i + 1).ok()?));
    }
    None
}

/// Files of the project that could not be read as JSON.
pub(crate) fn broken_json(context: &Context<'_>, trail: &mut Trail) {
    for file in context.tree.files() {
        let name = place::file_name(file);
        if !matches!(
            name,
            "package.json" | "nest-cli.json" | "tsconfig.json" | "tsconfig.build.json" | "project.json"
        ) {
            continue;
        }
        if context.tree.text(file).is_some_and(|t| !json::is_valid(&t)) {
            trail.warn(
                "broken-json",
                Some(Source::new(file, None)),
                format!("{file} is no valid JSON, so what it says is missing here. Repair it."),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_names_the_version() {
        assert_eq!(
            image_tag("ARG NODE=20.1\nFROM --platform=x node:${NODE} AS a"),
            Some(("20.1".to_owned(), 2))
        );
        assert_eq!(image_tag("FROM node:24-alpine"), Some(("24-alpine".to_owned(), 1)));
        assert_eq!(image_tag("FROM nginx"), None);
    }
}
