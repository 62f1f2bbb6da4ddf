//! How a user interface finds its API, and which variables its build bakes in.

use std::collections::BTreeSet;

use crate::bundling::Bundling;
use crate::context::Context;
use crate::environment::{env_read, is_env};
use crate::eval::value::Value;
use crate::script::outline::Outline;
use crate::script::syntax::{ExprKind, Pattern, Text};
use crate::script::walk;
use crate::trail::{Source, Trail};
use crate::{ApiWiring, Confidence, place};

/// What the sources say about the API.
pub(crate) struct Wired {
    pub(crate) wiring: ApiWiring,
    pub(crate) variables: Vec<String>,
}

/// Reads the sources of a user interface.
pub(crate) fn read(
    context: &Context<'_>,
    folder: &str,
    modules: &[&Outline],
    build: &Bundling,
    trail: &mut Trail,
    field: &str,
) -> Wired {
    let mut variables: BTreeSet<String> = BTreeSet::new();
    let mut by_variable: Option<(String, Source)> = None;
    let mut hard_coded: Option<(String, Source)> = None;
    let mut relative: Option<(String, Source)> = None;
    let mut graphql: Option<Source> = None;
    let mut settings: Option<(String, Source)> = None;
    for outline in modules
        .iter()
        .filter(|m| !m.path.contains("mock") && (m.words.environment || m.words.address))
    {
        let Some(module) = context.modules.get(&outline.path) else {
            continue;
        };
        let module = &*module;
        let mut note = |name: &str, line: u32| {
            let baked = build.env_prefix.as_deref().is_none_or(|p| name.starts_with(p))
                && !matches!(name, "NODE_ENV" | "MODE" | "DEV" | "PROD" | "SSR" | "BASE_URL" | "PUBLIC_URL");
            if baked {
                variables.insert(name.to_owned());
                if by_variable.is_none() && names_api(name) {
                    by_variable = Some((name.to_owned(), Source::new(&module.path, line)));
                }
            }
        };
        walk::module(module, &mut |e| {
            if let Some(name) = env_read(e) {
                note(name, e.line);
            }
        });
        walk::patterns(module, &mut |pattern, init| {
            if let (Pattern::Object(fields, _), true) = (pattern, is_env(init)) {
                for part in fields {
                    note(&part.key, part.line);
                }
            }
        });
        walk::module(module, &mut |e| {
            let first: Option<&Text> = match &e.kind {
                ExprKind::Str(s) => Some(s),
                ExprKind::Template(both) => both.0.first(),
                _ => None,
            };
            let Some(text) = first else { return };
            let source = || Source::new(&module.path, e.line);
            if hard_coded.is_none() && is_local_server(text) {
                hard_coded = Some((origin(text), source()));
            }
            if relative.is_none() && (text.starts_with("/api/") || &**text == "/api") {
                relative = Some(("/api".to_owned(), source()));
            }
            if &**text == "/graphql" {
                graphql.get_or_insert_with(source);
            }
            if is_settings_file(text) {
                settings.get_or_insert_with(|| (text.to_string(), source()));
            }
        });
    }
    if let Some((path, source)) = settings {
        trail.warn(
            "run-time-settings",
            Some(source),
            format!("The page loads its settings from {path} when it starts. Static hosting serves that file as the build left it; nothing writes it at start."),
        );
    }
    relative = relative
        .or_else(|| proxied(context, folder, build))
        .or_else(|| graphql.map(|source| ("/graphql".to_owned(), source)));
    strips(context, build, trail);
    let wiring_field = format!("{field}.apiWiring");
    let wiring = if let Some((name, source)) = by_variable {
        trail.saw(
            &wiring_field,
            &name,
            source,
            Confidence::High,
            "The build bakes the address of the API in from this variable.",
        );
        ApiWiring::Env(name)
    } else if let Some((address, source)) = hard_coded.clone() {
        trail.saw(
            &wiring_field,
            &address,
            source.clone(),
            Confidence::High,
            "The address of the API is written into the sources.",
        );
        trail.warn(
            "api-hard-coded",
            Some(source),
            format!("The user interface calls {address}, which visitors cannot reach. Use a relative path or a build variable."),
        );
        ApiWiring::HardCoded(address)
    } else if let Some((path, source)) = relative {
        trail.saw(
            &wiring_field,
            &path,
            source,
            Confidence::High,
            "The user interface calls the API on its own origin.",
        );
        ApiWiring::Relative(path)
    } else {
        ApiWiring::Unknown
    };
    Wired {
        wiring,
        variables: variables.into_iter().collect(),
    }
}

fn names_api(name: &str) -> bool {
    let parts: Vec<&str> = name.split('_').collect();
    let says = |all: &[&str]| parts.iter().any(|p| all.contains(p));
    let foreign = says(&[
        "SENTRY", "SUPABASE", "FIREBASE", "GOOGLE", "STRIPE", "MAPBOX", "KEY", "TOKEN", "SECRET", "UPLOAD", "CDN", "IMAGE", "WS",
        "SOCKET",
    ]);
    !foreign && (says(&["API", "BACKEND", "SERVER", "GRAPHQL", "ENDPOINT"]) || name.ends_with("_URL") || name.ends_with("_HOST"))
}

/// A file of the site itself that holds settings.
fn is_settings_file(text: &str) -> bool {
    let name = place::file_name(text);
    (text.starts_with('/') || text.starts_with("./"))
        && matches!(
            name,
            "env.json" | "config.json" | "settings.json" | "runtime-config.json" | "app-config.json" | "appsettings.json"
        )
}

fn is_local_server(text: &str) -> bool {
    [
        "http://localhost:",
        "http://127.0.0.1:",
        "https://localhost:",
        "ws://localhost:",
    ]
    .iter()
    .any(|p| text.starts_with(p))
}

fn origin(text: &str) -> String {
    text.splitn(4, '/')
        .take(3)
        .collect::<Vec<_>>()
        .join("/")
        .trim_end_matches('*')
        .to_owned()
}

/// A dev proxy says which paths belong to the API.
fn proxied(context: &Context<'_>, folder: &str, build: &Bundling) -> Option<(String, Source)> {
    if let Some(proxy) = proxy(build) {
        let fields = proxy.as_object()?.fields.borrow().clone();
        let (path, _) = fields.iter().find(|(k, _)| k.contains("api")).or_else(|| fields.first())?;
        let path = path.trim_start_matches('^').to_owned();
        return Some((path, Source::new(build.config_file.clone()?, None)));
    }
    let package = context.package_of(folder)?;
    package.json["proxy"].as_str()?;
    Some((
        "/".to_owned(),
        Source::new(package.file(), package.line(context.tree, &["proxy"])),
    ))
}

fn proxy(build: &Bundling) -> Option<Value> {
    let config = build.config.as_ref()?;
    let server = config.field("server").or_else(|| config.field("devServer"))?;
    server.field("proxy").filter(|p| matches!(p, Value::Object(_)))
}

/// A proxy that removes `/api` means that production must remove it as well.
fn strips(context: &Context<'_>, build: &Bundling, trail: &mut Trail) {
    let Some(proxy) = proxy(build) else { return };
    let Some(object) = proxy.as_object() else { return };
    for (path, rule) in object.fields.borrow().iter() {
        if rule.field("rewrite").is_some() || rule.field("pathRewrite").is_some() {
            let file = build.config_file.clone().unwrap_or_default();
            let line = context.tree.text(&file).and_then(|t| crate::bundling::line_of(&t, "ewrite"));
            trail.warn(
                "proxy-strips-prefix",
                Some(Source::new(file, line)),
                format!("In development {} is removed from requests before they reach the API. In production nothing removes it, so give the API that prefix.", place::file_name(path)),
            );
        }
    }
}
