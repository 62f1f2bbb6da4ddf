//! What the controllers answer: where routes begin, and which one answers without a login.

use std::collections::{BTreeSet, HashMap};

use crate::context::Context;
use crate::eval::value::Value;
use crate::eval::{Effect, EffectKind, Interpreter};
use crate::script::outline::Outline;
use crate::script::syntax::{Class, Expr, ExprKind, MemberKind, Prop, Stmt};
use crate::trail::Source;

/// A route that says whether the server is well.
pub(crate) struct Health {
    pub(crate) path: String,
    pub(crate) source: Source,
}

/// What the controllers of a program answer.
#[derive(Default)]
pub(crate) struct Routes {
    /// The best route that says whether the server is well.
    pub(crate) health: Option<Health>,
    /// First segments of all routes, sorted.
    pub(crate) roots: Vec<String>,
    /// A controller that they were read from.
    pub(crate) source: Option<Source>,
    /// Endpoints that the prefix of all routes does not reach, with the place that opens them.
    pub(crate) apart: Vec<(String, Source)>,
}

/// What stands in front of the routes.
pub(crate) struct Front<'b> {
    pub(crate) prefix: Option<&'b str>,
    /// Arguments of `enableVersioning`.
    pub(crate) versioning: Option<&'b Value>,
    pub(crate) effects: &'b [Effect],
}

/// Reads the controllers of a program.
pub(crate) fn read(context: &Context<'_>, cwd: &str, modules: &[&Outline], front: &Front<'_>) -> Routes {
    let mut best: Option<(i32, Health)> = None;
    let mut source: Option<Source> = None;
    let mut roots: BTreeSet<String> = BTreeSet::new();
    let mut it = Interpreter::new(context.modules, cwd);
    let homes = homes(context, modules);
    let below = registered(front.effects);
    for outline in modules.iter().filter(|m| m.words.controller) {
        let Some(module) = context.modules.get(&outline.path) else {
            continue;
        };
        let classes: Vec<&Class> = module
            .body
            .iter()
            .filter_map(|s| match s {
                Stmt::Class(class) => Some(&**class),
                _ => None,
            })
            .collect();
        if !classes.iter().any(|c| decorator(&c.decorators, "Controller").is_some()) {
            continue;
        }
        let Some(scope) = it.run_module(&module.path) else { continue };
        for class in classes {
            let Some(arguments) = decorator(&class.decorators, "Controller") else {
                continue;
            };
            let (mut at, mut version) = (String::new(), None);
            match arguments.first().map(|a| it.eval(a, &scope)) {
                Some(Value::Str(path)) => at = path.to_string(),
                Some(list @ Value::Array(_)) => {
                    at = list
                        .elements()
                        .first()
                        .and_then(|v| v.as_str().map(str::to_owned))
                        .unwrap_or_default();
                }
                Some(Value::Object(object)) => {
                    if let Some(Value::Str(path)) = object.get("path") {
                        at = path.to_string();
                    }
                    version = object.get("version");
                }
                _ => {}
            }
            // RouterModule puts the controllers of a module below a path.
            let name = class.name.as_deref().unwrap_or_default();
            if let Some(path) = homes.get(name).and_then(|home| below.get(home)) {
                at = format!("{path}/{at}");
            }
            let closed = guarded(&class.decorators);
            for member in &class.members {
                let MemberKind::Method(_) = &member.kind else { continue };
                let Some((verb, arguments)) = VERBS.iter().find_map(|v| Some((*v, decorator(&member.decorators, v)?))) else {
                    continue;
                };
                let own = match arguments.first().map(|a| it.eval(a, &scope)) {
                    Some(Value::Str(path)) => path.to_string(),
                    None => String::new(),
                    Some(_) => continue,
                };
                let path = full_path(front.prefix, front.versioning, version.as_ref(), &at, &own);
                let root = path.split('/').find(|p| !p.is_empty()).unwrap_or_default();
                if !root.is_empty() && !root.contains([':', '*', '{']) {
                    roots.insert(root.to_owned());
                    source.get_or_insert_with(|| Source::new(&module.path, member.line));
                }
                if verb != "Get" || closed || guarded(&member.decorators) {
                    continue;
                }
                let terminus = decorator(&member.decorators, "HealthCheck").is_some();
                let rank = score(&at, &own, terminus);
                if rank <= 0 || own.contains(':') || at.contains(':') {
                    continue;
                }
                if best
                    .as_ref()
                    .is_none_or(|(s, h)| rank > *s || (rank == *s && path.len() < h.path.len()))
                {
                    best = Some((
                        rank,
                        Health {
                            path,
                            source: Source::new(&module.path, member.line),
                        },
                    ));
                }
            }
        }
    }
    let apart = apart(context, modules, front);
    roots.extend(apart.iter().map(|(root, _)| root.clone()));
    let source = source.or_else(|| apart.first().map(|(_, source)| source.clone()));
    Routes {
        health: best.map(|(_, health)| health),
        roots: roots.into_iter().collect(),
        source,
        apart,
    }
}

/// Decorators of routes.
const VERBS: [&str; 9] = ["Get", "Post", "Put", "Patch", "Delete", "All", "Options", "Head", "Sse"];

/// The module that declares each controller, both by name.
fn homes(context: &Context<'_>, modules: &[&Outline]) -> HashMap<String, String> {
    let mut out = HashMap::new();
    let parsed: Vec<_> = modules
        .iter()
        .filter(|m| m.words.acts)
        .filter_map(|m| context.modules.get(&m.path))
        .collect();
    for statement in parsed.iter().flat_map(|m| &m.body) {
        let Stmt::Class(class) = statement else { continue };
        let Some(ExprKind::Object(props)) = decorator(&class.decorators, "Module")
            .and_then(|a| a.first())
            .map(|a| &a.kind)
        else {
            continue;
        };
        for prop in props {
            if let Prop::Field { key, value } = prop
                && &**key == "controllers"
                && let ExprKind::Array(all) = &value.kind
            {
                for one in all {
                    if let (ExprKind::Ident(name), Some(home)) = (&one.kind, &class.name) {
                        out.insert(name.to_string(), home.to_string());
                    }
                }
            }
        }
    }
    out
}

/// Paths that `RouterModule.register` gives to modules, by their names.
fn registered(effects: &[Effect]) -> HashMap<String, String> {
    fn note(value: &Value, above: &str, out: &mut HashMap<String, String>) {
        match value {
            Value::Array(_) => value.elements().iter().for_each(|v| note(v, above, out)),
            Value::Class(class) => {
                if let Some(name) = &class.class.name {
                    out.entry(name.to_string()).or_insert_with(|| above.to_owned());
                }
            }
            Value::Object(object) => {
                let own = match object.get("path") {
                    Some(Value::Str(path)) => path.trim_matches('/').to_owned(),
                    _ => String::new(),
                };
                let path = format!("{above}/{own}").trim_matches('/').to_owned();
                for key in ["module", "children"] {
                    if let Some(inner) = object.get(key) {
                        note(&inner, &path, out);
                    }
                }
            }
            _ => {}
        }
    }
    let mut out = HashMap::new();
    for effect in effects {
        if let EffectKind::External { call } = &effect.kind
            && call.names().ends_with(&["RouterModule", "register"])
            && let Some(first) = call.arguments().and_then(|a| a.first().cloned())
        {
            note(&first, "", &mut out);
        }
    }
    out
}

/// GraphQL and web sockets have paths of their own, which the prefix of all routes leaves alone.
fn apart(context: &Context<'_>, modules: &[&Outline], front: &Front<'_>) -> Vec<(String, Source)> {
    let mut out: Vec<(String, Source)> = Vec::new();
    for effect in front.effects {
        let EffectKind::External { call } = &effect.kind else {
            continue;
        };
        let names = call.names();
        if !matches!(names.as_slice(), [.., "GraphQLModule", "forRoot" | "forRootAsync"]) {
            continue;
        }
        let options = call.arguments().and_then(|a| a.first().cloned());
        let option = |key: &str| options.as_ref().and_then(|o| o.field(key));
        let prefixed = matches!(option("useGlobalPrefix"), Some(Value::Bool(true)));
        let path = match option("path") {
            Some(Value::Str(path)) => path.trim_matches('/').to_owned(),
            _ => "graphql".to_owned(),
        };
        let root = path.split('/').next().unwrap_or_default().to_owned();
        let known = root.is_empty() || out.iter().any(|(r, _)| *r == root);
        let inside = prefixed && front.prefix.is_some();
        if !known && !inside {
            out.push((root, Source::from(&effect.spot)));
        }
    }
    for outline in modules.iter().filter(|m| m.words.gateway) {
        let Some(module) = context.modules.get(&outline.path) else {
            continue;
        };
        for statement in &module.body {
            let Stmt::Class(class) = statement else { continue };
            let Some(arguments) = decorator(&class.decorators, "WebSocketGateway") else {
                continue;
            };
            let own = arguments.iter().find_map(|a| match &a.kind {
                ExprKind::Object(props) => props.iter().find_map(|p| match p {
                    Prop::Field { key, value } if &**key == "path" => match &value.kind {
                        ExprKind::Str(path) => Some(path.trim_matches('/').to_owned()),
                        _ => None,
                    },
                    _ => None,
                }),
                _ => None,
            });
            let root = own.unwrap_or_else(|| "socket.io".to_owned());
            let root = root.split('/').next().unwrap_or_default().to_owned();
            if !root.is_empty() && !out.iter().any(|(r, _)| *r == root) {
                let line = class.decorators.first().map(|d| d.line);
                out.push((root, Source::new(&module.path, line)));
            }
        }
    }
    out
}

fn score(at: &str, own: &str, terminus: bool) -> i32 {
    let words: Vec<String> = [at, own].iter().flat_map(|p| p.split('/')).map(str::to_lowercase).collect();
    let has = |all: &[&str]| words.iter().any(|w| all.contains(&w.as_str()));
    let deep = i32::from(has(&["ready", "readiness", "db", "database", "memory", "disk", "deep"]));
    if has(&["health", "healthz", "healthcheck", "health-check", "_health"]) {
        return 100 + i32::from(terminus) * 5 - deep * 10;
    }
    if terminus {
        return 90 - deep * 10;
    }
    if has(&["livez", "live", "liveness", "alive", "ping", "readyz"]) {
        50
    } else {
        0
    }
}

fn full_path(prefix: Option<&str>, versioning: Option<&Value>, version: Option<&Value>, at: &str, own: &str) -> String {
    let mut parts: Vec<String> = prefix.into_iter().map(str::to_owned).collect();
    // Versions are part of the address unless another type is named.
    let by_address = versioning.is_some_and(|v| match v.field("type") {
        Some(Value::External(e)) => e.names().last() == Some(&"URI"),
        _ => true,
    });
    if by_address {
        let default = versioning.and_then(|v| v.field("defaultVersion"));
        if let Some(Value::Str(version)) = version.cloned().or(default) {
            let prefix = versioning.and_then(|v| v.field("prefix"));
            let prefix = match &prefix {
                Some(Value::Str(p)) => p.to_string(),
                Some(Value::Bool(false)) => String::new(),
                _ => "v".to_owned(),
            };
            parts.push(format!("{prefix}{version}"));
        }
    }
    parts.extend([at.to_owned(), own.to_owned()]);
    let path = parts
        .iter()
        .flat_map(|p| p.split('/'))
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join("/");
    format!("/{path}")
}

/// Arguments of a decorator by its name.
pub(crate) fn decorator<'d>(all: &'d [Expr], name: &str) -> Option<&'d [Expr]> {
    all.iter().find_map(|d| match &d.kind {
        ExprKind::Call(callee, arguments) => match &callee.kind {
            ExprKind::Ident(n) if &**n == name => Some(&**arguments),
            _ => None,
        },
        _ => None,
    })
}

fn guarded(all: &[Expr]) -> bool {
    decorator(all, "UseGuards").is_some() && decorator(all, "Public").is_none()
}
