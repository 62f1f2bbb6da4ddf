//! What is part of the repository and should not be, and what a clone of it will lack. Names only, never a value.

use crate::context::Context;
use crate::environment::looks_secret;
use crate::place;
use crate::trail::{Source, Trail};

/// Tells about committed settings, keys, submodules and large files. The files with secrets come back.
pub(crate) fn warn(context: &Context<'_>, trail: &mut Trail) -> Vec<String> {
    let mut secrets: Vec<String> = Vec::new();
    for file in context.tree.files() {
        let name = place::file_name(file);
        let example = ["example", "sample", "template", "dist", "test", "schema"]
            .iter()
            .any(|w| name.contains(w));
        if (name == ".env" || name.starts_with(".env.")) && !example && settings(context, file, trail) {
            secrets.push(file.to_owned());
        }
        let key = matches!(name.rsplit('.').next(), Some("key" | "pem")) || name == "id_rsa";
        if key && context.tree.text(file).is_some_and(|t| t.contains("PRIVATE KEY-----")) {
            secrets.push(file.to_owned());
            trail.warn(
                "committed-key",
                Some(Source::new(file, None)),
                format!(
                    "{file} is a private key and part of the project folder. Take it out of the repository and make a new one."
                ),
            );
        }
    }
    if context.tree.has(".gitmodules") {
        trail.warn(
            "submodules",
            Some(Source::new(".gitmodules", None)),
            "The repository has submodules, which the pipeline does not fetch. Code in them is missing from the build.",
        );
    }
    if context.tree.text(".gitattributes").is_some_and(|t| t.contains("filter=lfs")) {
        trail.warn(
            "large-files",
            Some(Source::new(".gitattributes", None)),
            "Some files are kept in Git LFS. The pipeline sees pointers instead of them.",
        );
    }
    secrets
}

/// Whether a file of settings has values of secrets in it.
fn settings(context: &Context<'_>, file: &str, trail: &mut Trail) -> bool {
    let Some(text) = context.tree.text(file) else { return false };
    let mut names: Vec<&str> = Vec::new();
    let mut first = None;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches("export ");
        let Some((name, value)) = line.split_once('=') else { continue };
        let name = name.trim();
        if !line.starts_with('#') && looks_secret(name) && !value.trim().trim_matches(['"', '\'']).is_empty() {
            first.get_or_insert(i + 1);
            names.push(name);
        }
    }
    if let Some(line) = first.and_then(|l| u32::try_from(l).ok()) {
        let more = names.len().saturating_sub(3);
        let list = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let list = if more > 0 { format!("{list} and {more} more") } else { list };
        trail.warn(
            "committed-settings",
            Some(Source::new(file, line)),
            format!("{file} is not ignored by git and holds a value for {list}. Keep such values as secrets of the application instead."),
        );
    }
    !names.is_empty()
}

/// A script that the page loads from its own site to learn its settings when it starts.
pub(crate) fn run_time_settings(context: &Context<'_>, folder: &str, trail: &mut Trail) {
    for page in ["index.html", "public/index.html", "src/index.html"] {
        let Some(file) = place::join(folder, page).filter(|f| context.tree.has(f)) else {
            continue;
        };
        let Some(text) = context.tree.text(&file) else { continue };
        for (i, line) in text.lines().enumerate() {
            let Some(source) = line.split("src=").nth(1).filter(|_| line.contains("<script")) else {
                continue;
            };
            let path = source
                .trim_start_matches(['"', '\''])
                .split(['"', '\'', ' ', '>'])
                .next()
                .unwrap_or_default();
            let name = place::file_name(path);
            let own = !path.starts_with("http") && !path.starts_with("//");
            let settings = ["env", "config", "settings", "runtime"].iter().any(|w| name.contains(w))
                && name.rsplit('.').next() == Some("js");
            if own && settings {
                trail.warn(
                    "run-time-settings",
                    Some(Source::new(&file, u32::try_from(i + 1).ok())),
                    format!("The page reads its settings from {path} when it starts. Static hosting serves that file as the build left it; nothing writes it at start."),
                );
            }
        }
    }
}
