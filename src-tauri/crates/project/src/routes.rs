//! Routes that answer without a login.

use crate::context::Context;
use crate::eval::Interpreter;
use crate::eval::value::Value;
use crate::script::syntax::{Class, Expr, ExprKind, MemberKind, Module, Stmt};
use crate::trail::Source;

/// A route that says whether the server is well.
pub(crate) struct Health {
    pub(crate) path: String,
    pub(crate) source: Source,
}

/// The best health route among the controllers of a program.
pub(crate) fn health(
    context: &Context<'_>,
    cwd: &str,
    modules: &[std::rc::Rc<Module>],
    prefix: Option<&str>,
    versioning: Option<&Value>,
) -> Option<Health> {
    let mut best: Option<(i32, Health)> = None;
    let mut it = Interpreter::new(context.modules, cwd);
    for module in modules {
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
            if guarded(&class.decorators) {
                continue;
            }
            let (mut at, mut version) = (String::new(), None);
            match arguments.first().map(|a| it.eval(a, &scope)) {
                Some(Value::Str(path)) => at = path.to_string(),
                Some(Value::Object(object)) => {
                    if let Some(Value::Str(path)) = object.get("path") {
                        at = path.to_string();
                    }
                    version = object.get("version");
                }
                _ => {}
            }
            for member in &class.members {
                let MemberKind::Method(_) = &member.kind else { continue };
                let Some(arguments) = decorator(&member.decorators, "Get") else {
                    continue;
                };
                if guarded(&member.decorators) {
                    continue;
                }
                let own = match arguments.first().map(|a| it.eval(a, &scope)) {
                    Some(Value::Str(path)) => path.to_string(),
                    None => String::new(),
                    Some(_) => continue,
                };
                let terminus = decorator(&member.decorators, "HealthCheck").is_some();
                let rank = score(&at, &own, terminus);
                if rank <= 0 || own.contains(':') || at.contains(':') {
                    continue;
                }
                let path = full_path(prefix, versioning, version.as_ref(), &at, &own);
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
    best.map(|(_, health)| health)
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
            ExprKind::Ident(n) if &**n == name => Some(arguments.as_slice()),
            _ => None,
        },
        _ => None,
    })
}

fn guarded(all: &[Expr]) -> bool {
    decorator(all, "UseGuards").is_some() && decorator(all, "Public").is_none()
}
