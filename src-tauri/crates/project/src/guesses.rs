//! Answers to suggest where the sources leave a question open: weak evidence, the likeliest first.

use crate::context::Context;
use crate::place;

/// A value and why it could be the one.
type Guess = (String, String);

/// Ports that something beside the sources names.
pub(crate) fn ports(context: &Context<'_>, folder: &str) -> Vec<Guess> {
    let mut out = Vec::new();
    for at in place::ancestors(folder) {
        for name in [
            ".env.example",
            ".env.sample",
            "env.example",
            ".env-example",
            ".env.template",
            "example.env",
        ] {
            let Some(file) = place::join(&at, name).filter(|f| context.tree.has(f)) else {
                continue;
            };
            let text = context.tree.text(&file).unwrap_or_default();
            for line in text.lines() {
                let Some((variable, value)) = line.trim().split_once('=') else {
                    continue;
                };
                let variable = variable.trim();
                let listens = matches!(
                    variable,
                    "PORT" | "APP_PORT" | "API_PORT" | "SERVER_PORT" | "BACKEND_PORT" | "HTTP_PORT"
                );
                if listens && let Some(port) = number(value) {
                    out.push((port, format!("{file} gives it to {variable}.")));
                }
            }
        }
        for name in ["Dockerfile", "dockerfile", "Dockerfile.prod"] {
            let Some(file) = place::join(&at, name).filter(|f| context.tree.has(f)) else {
                continue;
            };
            let text = context.tree.text(&file).unwrap_or_default();
            let exposed = text.lines().filter_map(|l| l.trim().strip_prefix("EXPOSE "));
            for port in exposed.flat_map(str::split_whitespace).filter_map(number) {
                out.push((port, format!("{file} exposes it.")));
            }
        }
    }
    out.push(("3000".to_owned(), "It is the port that new NestJS projects use.".to_owned()));
    out
}

fn number(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['"', '\'']);
    let text = text.split('/').next().unwrap_or(text);
    text.parse::<u16>().ok().filter(|p| *p > 0).map(|p| p.to_string())
}

/// Files that could start the server: the one that was worked out, those that scripts run, and the usual ones.
pub(crate) fn entries(context: &Context<'_>, folder: &str, found: &str) -> Vec<Guess> {
    let mut out = vec![(found.to_owned(), "It is the likeliest from what is configured.".to_owned())];
    if let Some(package) = context.package_of(folder) {
        for name in ["start:prod", "start:production", "start"] {
            let Some(script) = package.script(name) else { continue };
            let words: Vec<&str> = script.split_whitespace().collect();
            let named = words
                .iter()
                .find(|w| matches!(w.rsplit('.').next(), Some("js" | "mjs")) || w.starts_with("dist/"));
            if let Some(file) = named.and_then(|w| place::join(&package.folder, w)) {
                let file = if place::file_name(&file).contains('.') {
                    file
                } else {
                    format!("{file}.js")
                };
                out.push((file, format!("The script {name} runs it.")));
            }
        }
    }
    for usual in ["dist/main.js", "dist/src/main.js"] {
        if let Some(file) = place::join(folder, usual) {
            out.push((file, "It is a usual place.".to_owned()));
        }
    }
    out
}
