//! Variables of the environment that a program reads.

use std::collections::{BTreeMap, HashMap};

use crate::EnvVar;
use crate::bootstrap::Bootstrap;
use crate::context::Context;
use crate::eval::Interpreter;
use crate::script::outline::Outline;
use crate::script::syntax::{Expr, ExprKind, Logic, Module, Pattern};
use crate::script::walk;
use crate::trail::Source;

/// What is known about one variable.
#[derive(Clone, Debug, Default)]
struct Seen {
    source: Option<Source>,
    /// Someone gives a value when it is missing.
    default: bool,
    /// Someone cannot do without it.
    required: bool,
}

/// Variables with the place of their first mention.
pub(crate) struct Variables(BTreeMap<String, Seen>);

impl Variables {
    /// Reads them from the sources and from what was followed.
    pub(crate) fn read(context: &Context<'_>, modules: &[&Outline], bootstrap: &Bootstrap) -> Self {
        let mut all = Self(BTreeMap::new());
        let mut interpreter = Interpreter::new(context.modules, ".");
        for outline in modules.iter().filter(|m| m.words.environment) {
            if let Some(module) = context.modules.get(&outline.path) {
                all.module(&module, &mut interpreter);
            }
        }
        for read in &bootstrap.reads {
            if is_name(&read.name) {
                let seen = all.0.entry(read.name.to_string()).or_default();
                seen.source.get_or_insert_with(|| Source::from(&read.spot));
                seen.default |= read.default.is_some();
                seen.required |= read.required;
            }
        }
        for (name, field) in &bootstrap.schema {
            if is_name(name) {
                let seen = all.0.entry(name.clone()).or_default();
                seen.default |= field.default.is_some();
                seen.required |= field.required;
            }
        }
        for name in &bootstrap.required {
            all.0.entry(name.clone()).or_default().required = true;
        }
        all
    }

    /// Adds a variable that the server cannot do without.
    pub(crate) fn require(&mut self, name: &str, source: Option<Source>) {
        let seen = self.0.entry(name.to_owned()).or_default();
        seen.required = true;
        seen.default = false;
        if seen.source.is_none() {
            seen.source = source;
        }
    }

    /// As findings, in order of their names.
    pub(crate) fn findings(&self) -> Vec<EnvVar> {
        self.0
            .iter()
            .filter(|(name, _)| name.as_str() != "NODE_ENV")
            .map(|(name, seen)| EnvVar {
                name: name.clone(),
                required: seen.required && !seen.default,
                secret: looks_secret(name),
            })
            .collect()
    }

    /// First mention of each variable.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.0
            .iter()
            .filter_map(|(name, seen)| Some((name.as_str(), seen.source.as_ref()?)))
    }

    fn module(&mut self, module: &Module, interpreter: &mut Interpreter<'_>) {
        let mut named: Vec<(&Expr, bool, bool)> = Vec::new();
        let mut found: HashMap<String, Seen> = HashMap::new();
        let mut note = |name: &str, line: u32, default: bool, required: bool| {
            let seen = found.entry(name.to_owned()).or_default();
            seen.source.get_or_insert_with(|| Source::new(&module.path, line));
            seen.default |= default;
            seen.required |= required;
        };
        walk::module(module, &mut |e| match &e.kind {
            ExprKind::Logical(Logic::Or | Logic::Coalesce, left, _) => {
                if let Some(name) = env_read(peel(left)) {
                    note(name, left.line, true, false);
                }
            }
            ExprKind::NonNull(inner) => {
                if let Some(name) = env_read(inner) {
                    note(name, inner.line, false, true);
                }
            }
            ExprKind::Cond(test, _, _) => {
                if let Some(name) = env_read(test) {
                    note(name, test.line, true, false);
                }
            }
            ExprKind::Call(callee, arguments) => {
                if let ExprKind::Member(object, method) = &callee.kind
                    && method.starts_with("get")
                    && let Some(name) = arguments.first()
                    && says_config(object)
                {
                    let fallback = arguments.get(1).is_some_and(|a| !matches!(a.kind, ExprKind::Object(_)));
                    let required = method.ends_with("OrThrow") && !fallback;
                    match &name.kind {
                        ExprKind::Str(text) if is_name(text) => note(text, name.line, fallback, required),
                        ExprKind::Member(..) | ExprKind::Ident(_) => named.push((name, fallback, required)),
                        _ => {}
                    }
                }
            }
            ExprKind::Member(..) | ExprKind::Index(..) => {
                if let Some(name) = env_read(e) {
                    note(name, e.line, false, false);
                }
            }
            _ => {}
        });
        walk::patterns(module, &mut |pattern, init| {
            if let (Pattern::Object(fields, _), true) = (pattern, is_env(init)) {
                for field in fields {
                    note(&field.key, field.line, matches!(field.pattern, Pattern::Default(..)), false);
                }
            }
        });
        // Names kept elsewhere: `config.get(Variables.PORT)`.
        for (expr, fallback, required) in named {
            if let Some(name) = interpreter.text_in(&module.path, expr)
                && is_name(&name)
            {
                note(&name, expr.line, fallback, required);
            }
        }
        for (name, seen) in found {
            if !is_name(&name) {
                continue;
            }
            let all = self.0.entry(name).or_default();
            all.default |= seen.default;
            all.required |= seen.required;
            if all.source.is_none() {
                all.source = seen.source;
            }
        }
    }
}

/// `process.env`, `Bun.env` or `import.meta.env`.
pub(crate) fn is_env(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Member(object, name) if &**name == "env" => match &object.kind {
            ExprKind::Ident(process) => matches!(&**process, "process" | "Bun"),
            ExprKind::ImportMeta => true,
            _ => false,
        },
        _ => false,
    }
}

/// The variable an expression reads directly.
pub(crate) fn env_read(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Member(object, name) if is_env(object) => Some(name),
        ExprKind::Index(object, index) if is_env(object) => match &index.kind {
            ExprKind::Str(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// `Number(process.env.X)`, `parseInt(process.env.X, 10)`, `+process.env.X`.
fn peel(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Call(callee, arguments) if matches!(&callee.kind, ExprKind::Ident(n) if matches!(&**n, "Number" | "parseInt" | "parseFloat" | "String")) => {
            arguments.first().map_or(e, peel)
        }
        ExprKind::Unary("+", inner) | ExprKind::NonNull(inner) => peel(inner),
        _ => e,
    }
}

fn says_config(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Ident(name) | ExprKind::Member(_, name) => {
            let name = name.to_lowercase();
            name.contains("config") || name.contains("env")
        }
        ExprKind::Call(_, arguments) => arguments.iter().any(says_config),
        _ => false,
    }
}

/// Whether a text is spelled like a variable.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether the name of a variable suggests a value to hide.
pub(crate) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split('_').collect();
    let says = |all: &[&str]| parts.iter().any(|p| all.contains(p));
    if says(&[
        "PUBLIC",
        "EXPIRATION",
        "EXPIRES",
        "EXPIRE",
        "EXPIRY",
        "TTL",
        "PORT",
        "HOST",
        "ENABLED",
    ]) {
        return false;
    }
    says(&[
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASS",
        "PASSWD",
        "PWD",
        "TOKEN",
        "SALT",
        "CREDENTIALS",
        "DSN",
        "PASSPHRASE",
    ]) || name.ends_with("_KEY") && !name.ends_with("PUBLIC_KEY")
        || name.ends_with("APIKEY")
        || says(&[
            "DATABASE", "DB", "MONGO", "MONGODB", "REDIS", "POSTGRES", "MYSQL", "AMQP", "RABBITMQ",
        ]) && says(&["URL", "URI"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in ["JWT_SECRET", "DB_PASSWORD", "STRIPE_API_KEY", "DATABASE_URL", "SENTRY_DSN"] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "PORT",
            "JWT_EXPIRES_IN",
            "API_URL",
            "FRONTEND_URL",
            "AUTH_JWT_TOKEN_EXPIRES_IN",
            "JWT_PUBLIC_KEY",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
