//! How a server learns where its database is: one address, or host, port, user, password and name apart.

use std::rc::Rc;

use crate::context::Context;
use crate::environment::env_read;
use crate::eval::value::{Link, Value};
use crate::script::outline::Outline;
use crate::script::syntax::{Expr, ExprKind, Pattern, Prop, Text};
use crate::script::walk;
use crate::trail::{Source, Trail};
use crate::{Confidence, DatabaseConnection, bundler, place};

/// What mappers and drivers call the whole address.
const URL: [&str; 7] = [
    "url",
    "uri",
    "connectionString",
    "clientUrl",
    "databaseUrl",
    "datasourceUrl",
    "connectionUri",
];

/// What they call the parts, in the order of [`DatabaseConnection::Parts`].
const PARTS: [&[&str]; 5] = [
    &["host", "server", "hostname"],
    &["port"],
    &["username", "user", "userName"],
    &["password", "pass"],
    &["database", "dbName", "databaseName"],
];

/// Where options hide inside options.
const INNER: [&str; 13] = [
    "connection",
    "config",
    "default",
    "options",
    "dialect",
    "pool",
    "master",
    "replication",
    "authentication",
    "client",
    "dataSource",
    "pg",
    "mysql",
];

/// Calls that take options or an address of a database.
const OPENERS: [&str; 14] = [
    "Pool",
    "Client",
    "createPool",
    "createConnection",
    "postgres",
    "drizzle",
    "neon",
    "Sequelize",
    "DataSource",
    "connect",
    "PrismaPg",
    "PrismaMariaDb",
    "forRoot",
    "Kysely",
];

/// What connects Prisma 7 to a server.
pub(crate) const ADAPTERS: [&str; 3] = ["@prisma/adapter-pg", "@prisma/adapter-mariadb", "pg"];

/// Constants of a file and the variables they hold.
type Names = Vec<(Text, String)>;

/// What is known so far: an address in one variable, the five parts, and whether something is written down.
#[derive(Default)]
struct Seen {
    url: Option<String>,
    parts: [Option<String>; 5],
    written: bool,
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.url = self.url.take().or(other.url);
        for (mine, others) in self.parts.iter_mut().zip(other.parts) {
            *mine = mine.take().or(others);
        }
        self.written |= other.written;
    }

    fn settled(self) -> Option<DatabaseConnection> {
        if let Some(variable) = self.url {
            return Some(DatabaseConnection::Url { variable });
        }
        // A single name or password says nothing about where the database is.
        if self.parts[0].is_some() || self.parts.iter().flatten().count() > 1 {
            let [host, port, user, password, database] = self.parts;
            return Some(DatabaseConnection::Parts {
                host,
                port,
                user,
                password,
                database,
            });
        }
        self.written.then_some(DatabaseConnection::WrittenDown)
    }
}

/// What the arguments of a connecting call say.
pub(crate) fn of<'v>(arguments: impl IntoIterator<Item = &'v Value>) -> Option<DatabaseConnection> {
    let mut seen = Seen::default();
    for argument in arguments {
        seen.merge(value(argument, 0));
    }
    seen.settled()
}

fn value(at: &Value, depth: u32) -> Seen {
    let mut seen = Seen::default();
    if depth > 5 {
        return seen;
    }
    match at {
        Value::Env(read) => seen.url = Some(read.name.to_string()),
        Value::Str(text) => seen.written = text.contains("://"),
        Value::Joined(parts) => seen.merge(address(parts)),
        Value::Array(_) => at.elements().iter().for_each(|v| seen.merge(value(v, depth + 1))),
        Value::External(external) => {
            for link in &external.chain {
                if let Link::Call(arguments) | Link::New(arguments) = link {
                    arguments.iter().for_each(|v| seen.merge(value(v, depth + 1)));
                }
            }
        }
        Value::Object(object) => {
            for key in URL {
                match object.get(key) {
                    Some(Value::Env(read)) => seen.url = seen.url.or_else(|| Some(read.name.to_string())),
                    Some(Value::Str(text)) => seen.written |= text.contains("://"),
                    Some(Value::Joined(parts)) => seen.merge(address(&parts)),
                    _ => {}
                }
            }
            for (part, names) in seen.parts.iter_mut().zip(PARTS) {
                for name in names {
                    match object.get(name) {
                        Some(Value::Env(read)) => *part = part.take().or_else(|| Some(read.name.to_string())),
                        Some(Value::Str(_)) if names[0] == "host" => seen.written = true,
                        _ => {}
                    }
                }
            }
            for key in INNER {
                match object.get(key) {
                    // A plain text under these names is no address of a database.
                    Some(Value::Env(_)) if key != "connection" => {}
                    Some(inner) => seen.merge(value(&inner, depth + 1)),
                    None => {}
                }
            }
        }
        _ => {}
    }
    seen
}

/// An address put together from variables: `postgres://USER:PASSWORD@HOST:PORT/NAME`.
fn address(parts: &[Value]) -> Seen {
    let mut seen = Seen::default();
    let mut before = String::new();
    let mut names: Vec<(String, String)> = Vec::new();
    for part in parts {
        match part {
            Value::Str(text) => before = text.to_string(),
            Value::Env(read) => names.push((std::mem::take(&mut before), read.name.to_string())),
            _ => before.clear(),
        }
    }
    // One variable at the very beginning is the address, with something added to it.
    if let [(before, name), ..] = names.as_slice()
        && before.is_empty()
    {
        seen.url = Some(name.clone());
        return seen;
    }
    place_parts(&names, &mut seen);
    seen
}

/// What stands between two variables of an address says which part the second one is.
fn place_parts(names: &[(String, String)], seen: &mut Seen) {
    let mut behind_host = names.iter().all(|(before, _)| !before.ends_with('@'));
    for (before, name) in names {
        let part = if before.ends_with("://") && !behind_host {
            2
        } else if before.ends_with("://") || before.ends_with('@') {
            behind_host = true;
            0
        } else if before.ends_with(':') {
            if behind_host { 1 } else { 3 }
        } else if before.ends_with('/') && !before.ends_with("//") {
            4
        } else {
            continue;
        };
        seen.parts[part].get_or_insert_with(|| name.clone());
    }
}

/// The same from the text of calls that nothing was seen to run.
pub(crate) fn in_sources(context: &Context<'_>, modules: &[&Outline], packages: &[&str]) -> Option<(DatabaseConnection, Source)> {
    for outline in modules {
        let concerned = outline.references.iter().any(|r| {
            packages
                .iter()
                .any(|p| &*r.specifier == *p || r.specifier.starts_with(&format!("{p}/")))
        });
        let Some(module) = context.modules.get(&outline.path).filter(|_| concerned) else {
            continue;
        };
        let module = &*module;
        let mut constants: Names = Vec::new();
        walk::patterns(module, &mut |pattern, init| {
            if let (Pattern::Name(name), Some(read)) = (pattern, variable(init, &[])) {
                constants.push((Rc::clone(name), read.to_owned()));
            }
        });
        let mut found = None;
        walk::module(module, &mut |e| {
            let (ExprKind::New(callee, arguments) | ExprKind::Call(callee, arguments)) = &e.kind else {
                return;
            };
            let (ExprKind::Ident(name) | ExprKind::Member(_, name)) = &callee.kind else {
                return;
            };
            if found.is_some() || !OPENERS.contains(&&**name) {
                return;
            }
            let mut seen = Seen::default();
            for argument in arguments {
                seen.merge(expression(argument, 0, &constants));
            }
            found = seen.settled().map(|c| (c, Source::new(&module.path, e.line)));
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

fn expression(e: &Expr, depth: u32, constants: &Names) -> Seen {
    let mut seen = Seen::default();
    if depth > 5 {
        return seen;
    }
    if let Some(name) = variable(e, constants) {
        seen.url = Some(name.to_owned());
        return seen;
    }
    match &e.kind {
        ExprKind::Str(text) => seen.written = text.contains("://"),
        ExprKind::New(_, arguments) | ExprKind::Call(_, arguments) => {
            for argument in arguments {
                seen.merge(expression(argument, depth + 1, constants));
            }
        }
        ExprKind::Template(both) => {
            let (texts, holes) = &**both;
            let names: Vec<(String, String)> = holes
                .iter()
                .zip(texts)
                .filter_map(|(hole, text)| Some((text.to_string(), variable(hole, constants)?.to_owned())))
                .collect();
            place_parts(&names, &mut seen);
        }
        ExprKind::Object(props) => {
            for prop in props {
                let Prop::Field { key, value } = prop else { continue };
                if URL.contains(&&**key) {
                    seen.merge(expression(value, depth + 1, constants));
                } else if let Some(part) = PARTS.iter().position(|names| names.contains(&&**key)) {
                    if let Some(name) = variable(value, constants) {
                        seen.parts[part].get_or_insert_with(|| name.to_owned());
                    } else if part == 0 && matches!(value.kind, ExprKind::Str(_)) {
                        seen.written = true;
                    }
                } else if INNER.contains(&&**key) && variable(value, constants).is_none() {
                    seen.merge(expression(value, depth + 1, constants));
                }
            }
        }
        _ => {}
    }
    seen
}

/// The variable behind an expression: read directly, through a configuration service, or with a default.
fn variable<'e>(e: &'e Expr, constants: &'e [(Text, String)]) -> Option<&'e str> {
    if let Some(name) = env_read(e) {
        return Some(name);
    }
    match &e.kind {
        ExprKind::NonNull(inner) | ExprKind::Unary("+", inner) | ExprKind::Logical(_, inner, _) => variable(inner, constants),
        ExprKind::Ident(name) => constants.iter().find(|(n, _)| n == name).map(|(_, read)| read.as_str()),
        ExprKind::Call(callee, arguments) => match (&callee.kind, arguments.first().map(|a| (&a.kind, a))) {
            (ExprKind::Member(_, method), Some((ExprKind::Str(name), _)))
                if method.starts_with("get") && crate::environment::is_name(name) =>
            {
                Some(name)
            }
            (ExprKind::Ident(wrap), Some((_, first)))
                if matches!(&**wrap, "Number" | "parseInt" | "String" | "encodeURIComponent") =>
            {
                variable(first, constants)
            }
            _ => None,
        },
        _ => None,
    }
}

/// `TypeORM` before 0.3 reads a file of its own when it is given no options.
pub(crate) fn from_options_file(context: &Context<'_>, folder: &str) -> Option<(DatabaseConnection, Source)> {
    let names = ["ormconfig.js", "ormconfig.ts", "ormconfig.json"];
    let file = context.first_file(folder, &names)?;
    let source = Source::new(&file, None);
    if place::file_name(&file) == "ormconfig.json" {
        let json = context.tree.text(&file).and_then(|t| crate::json::parse(&t))?;
        let first = json.as_array().and_then(|a| a.first()).unwrap_or(&json);
        let written = first["host"].is_string() || first["url"].is_string();
        return written.then_some((DatabaseConnection::WrittenDown, source));
    }
    let options = bundler::evaluate(context, &file, folder)?;
    of([&options]).map(|c| (c, source))
}

/// Tells what was found, and what follows from an address in the sources.
pub(crate) fn tell(found: &DatabaseConnection, source: Source, confidence: Confidence, trail: &mut Trail, field: &str) {
    let (value, why) = match found {
        DatabaseConnection::Url { variable } => (variable.clone(), "This variable holds the whole address of the database."),
        DatabaseConnection::Parts {
            host,
            port,
            user,
            password,
            database,
        } => {
            let all: Vec<&str> = [host, port, user, password, database]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            (all.join(", "), "These variables hold the parts of the database's address.")
        }
        DatabaseConnection::WrittenDown => {
            trail.warn(
                "database-written-down",
                Some(source.clone()),
                "The address of the database is written into the project, so a deployed server would look for the developer's own. Read it from variables instead.",
            );
            ("written down".to_owned(), "The address of the database is written here.")
        }
    };
    trail.saw(&format!("{field}.connection"), &value, source, confidence, why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_address_are_told_by_what_stands_before_them() {
        let names = [("postgres://", "U"), (":", "P"), ("@", "H"), (":", "N"), ("/", "D")];
        let names: Vec<(String, String)> = names.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let mut seen = Seen::default();
        place_parts(&names, &mut seen);
        let all: Vec<&str> = seen.parts.iter().flatten().map(String::as_str).collect();
        assert_eq!(all, ["H", "N", "U", "P", "D"]);
    }
}
