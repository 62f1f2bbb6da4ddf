//! Whether a value that the user set fits the folder. The answer is the value in its normal spelling.
//!
//! More than 500 lines, because each of the 25 fields has its rule, and rules are compared best when they stand in one place.

use std::fs;

use crate::environment::looks_secret;
use crate::overrides::{Field, OverrideError};
use crate::tree::Tree;
use crate::{Findings, FrontendKind, PackageManagerName, place};

/// Longest value; commands of real projects stay far below.
const MAX_LENGTH: usize = 2000;

/// Mappers that the importer knows by name.
const MAPPERS: [&str; 13] = [
    "prisma",
    "typeorm",
    "drizzle",
    "mikro-orm",
    "sequelize",
    "objection",
    "kysely",
    "dynamoose",
    "typegoose",
    "mongoose",
    "knex",
    "mongodb",
    "none",
];

/// Engines that the importer knows by name.
const ENGINES: [&str; 10] = [
    "postgresql",
    "mysql",
    "mariadb",
    "sqlite",
    "mongodb",
    "sqlserver",
    "oracle",
    "cockroachdb",
    "dynamodb",
    "none",
];

/// Lockfiles and who writes them.
const LOCKFILES: [(&str, PackageManagerName); 6] = [
    ("package-lock.json", PackageManagerName::Npm),
    ("npm-shrinkwrap.json", PackageManagerName::Npm),
    ("yarn.lock", PackageManagerName::YarnClassic),
    ("pnpm-lock.yaml", PackageManagerName::Pnpm),
    ("bun.lock", PackageManagerName::Bun),
    ("bun.lockb", PackageManagerName::Bun),
];

/// Oldest and newest major version of Node.js that a container image exists for.
const NODE_VERSIONS: std::ops::RangeInclusive<u32> = 12..=26;

/// What values are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) findings: &'a Findings,
}

/// What is wrong and what to do instead.
type Wrong = (String, String);

/// The value in its normal spelling, or why it does not fit.
pub(crate) fn value(field: Field, text: &str, ground: Ground<'_>) -> Result<String, OverrideError> {
    let text = text.trim();
    normal(field, text, ground).map_err(|(reason, hint)| OverrideError { field, reason, hint })
}

fn normal(field: Field, text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    if text.len() > MAX_LENGTH {
        return wrong(format!("it is longer than {MAX_LENGTH} characters"), "Shorten it.");
    }
    if text.contains(['\n', '\r']) {
        return wrong("it has several lines", "Write it as one line; join commands with &&.");
    }
    if text.chars().any(char::is_control) {
        return wrong(
            "it has characters that cannot be seen",
            "Type it by hand instead of pasting it.",
        );
    }
    match field {
        Field::Frontend => candidate(
            text,
            ground
                .findings
                .frontends
                .iter()
                .filter(|f| f.kind != FrontendKind::Ssr)
                .map(|f| f.path.as_str()),
            "React application with a static build",
        ),
        Field::Backend => candidate(
            text,
            ground.findings.backends.iter().map(|b| b.path.as_str()),
            "NestJS application",
        ),
        Field::PackageManager => package_manager(text).map(|(name, _)| name.to_owned()),
        Field::Lockfile => lockfile(text, ground),
        Field::InstallRoots => install_roots(text, ground),
        Field::Node => node(text),
        Field::Branch => branch(text, ground),
        Field::FrontendBuild | Field::BackendBuild | Field::StartCommand => command(text),
        Field::OutputDir => output(text, ground),
        Field::EnvPrefix if text.is_empty() => Ok(String::new()),
        Field::EnvPrefix => variable(text, "VITE_"),
        Field::BuildVariables => names(text).map(|n| n.join(", ")),
        Field::ApiWiring => wiring(text),
        Field::EntryFile => entry(text, ground),
        Field::PortEnv | Field::PrismaUrlEnv if text.is_empty() => Ok(String::new()),
        Field::PortEnv => variable(text, "PORT"),
        Field::PrismaUrlEnv => prisma(ground).and_then(|()| variable(text, "DATABASE_URL")),
        Field::Port => port(text),
        Field::GlobalPrefix => route(text.trim_matches('/'), "api"),
        Field::HealthPath if text.is_empty() => Ok(String::new()),
        Field::HealthPath if !text.starts_with('/') => wrong(
            "a route begins with a slash",
            format!("Write /{}.", text.trim_start_matches('/')),
        ),
        Field::HealthPath => route(text, "/health"),
        Field::Orm => one_of(text, &MAPPERS),
        Field::Database if text.is_empty() => Ok("none".to_owned()),
        Field::Database => one_of(text, &ENGINES),
        Field::PrismaSchema => prisma(ground).and_then(|()| schema(text, ground)),
        Field::PrismaMigrations if text.is_empty() => Ok(String::new()),
        Field::PrismaMigrations => prisma(ground).and_then(|()| migrations(text, ground)),
        Field::Variables => roles(text).map(|all| {
            let all: Vec<String> = all
                .into_iter()
                .map(|(name, role)| format!("{name}={}", role.word()))
                .collect();
            all.join(", ")
        }),
    }
}

fn wrong<T>(reason: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err((reason.into(), hint.into()))
}

/// A short value between backticks, for a message.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{dots}`", short.replace('`', "'"))
}

fn candidate<'f>(text: &str, known: impl Iterator<Item = &'f str>, what: &str) -> Result<String, Wrong> {
    let known: Vec<&str> = known.collect();
    let asked = place::join(".", text).filter(|_| !text.is_empty());
    if let Some(path) = asked.filter(|p| known.contains(&p.as_str())) {
        return Ok(path);
    }
    let hint = if known.is_empty() {
        "Pick another folder.".to_owned()
    } else {
        format!(
            "Take one of {}.",
            known.iter().map(|k| quoted(k)).collect::<Vec<_>>().join(", ")
        )
    };
    wrong(format!("there is no {what} in {}", quoted(text)), hint)
}

/// A path below the folder; absolute paths into the folder are taken too.
fn path(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let hint = "Write the path as seen from the project's folder, such as `apps/web/dist`.";
    if text.is_empty() {
        return wrong("it is empty", hint);
    }
    let root = ground.tree.root();
    let relative = match std::path::Path::new(text).strip_prefix(root) {
        Ok(rest) => rest.to_string_lossy().into_owned(),
        Err(_) if text.starts_with('/') || text.contains('\\') || text.get(1..2) == Some(":") => {
            return wrong(format!("{} is not a path inside the project's folder", quoted(text)), hint);
        }
        Err(_) => text.to_owned(),
    };
    let Some(normal) = place::join(".", &relative) else {
        return wrong(format!("{} leads out of the project's folder", quoted(text)), hint);
    };
    if normal.starts_with('-') || normal.contains(|c| "\"'`$*?[]{}!;&|<>".contains(c)) {
        return wrong(
            format!("{} has characters that a build script cannot carry", quoted(text)),
            "Rename the folder, or pick another one.",
        );
    }
    if normal.split('/').any(|part| part == "node_modules" || part == ".git") {
        return wrong(
            format!("{} belongs to installed packages or to git", quoted(text)),
            "Pick a path of the project's own.",
        );
    }
    for at in place::ancestors(&normal) {
        if fs::symlink_metadata(root.join(&at)).is_ok_and(|m| m.file_type().is_symlink()) {
            return wrong(
                format!("{} is a link", quoted(&at)),
                "Name the folder itself: links may lead out of the project.",
            );
        }
    }
    Ok(normal)
}

fn missing<T>(path: &str, what: &str) -> Result<T, Wrong> {
    wrong(
        format!("there is no {what} {}", quoted(path)),
        "Check the spelling, as seen from the project's folder.",
    )
}

/// The name of a package manager as it is kept, and which one it is.
pub(crate) fn package_manager(text: &str) -> Result<(&'static str, PackageManagerName), Wrong> {
    let plain = text.replace(['-', ' ', '_'], "").to_lowercase();
    Ok(match plain.as_str() {
        "npm" => ("npm", PackageManagerName::Npm),
        "yarnclassic" | "yarn1" => ("yarnClassic", PackageManagerName::YarnClassic),
        "yarnberry" | "yarn2" | "yarn3" | "yarn4" => ("yarnBerry", PackageManagerName::YarnBerry),
        "pnpm" => ("pnpm", PackageManagerName::Pnpm),
        "bun" => ("bun", PackageManagerName::Bun),
        _ => {
            return wrong(
                format!("{} is no package manager that can be driven", quoted(text)),
                "Take npm, yarnClassic (Yarn 1), yarnBerry (Yarn 2 and later), pnpm or bun.",
            );
        }
    })
}

/// Who writes a lockfile of this name.
pub(crate) fn writer(lockfile: &str) -> Option<PackageManagerName> {
    let name = place::file_name(lockfile);
    LOCKFILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, manager)| *manager)
}

/// The lockfile of a package manager in one of these folders.
pub(crate) fn lockfile_of(manager: PackageManagerName, folders: &[String], tree: &Tree) -> Option<String> {
    let writes = |by: PackageManagerName| {
        by == manager || (by == PackageManagerName::YarnClassic && manager == PackageManagerName::YarnBerry)
    };
    folders
        .iter()
        .flat_map(|folder| {
            LOCKFILES
                .iter()
                .filter(|(_, by)| writes(*by))
                .filter_map(|(name, _)| place::join(folder, name))
        })
        .find(|file| tree.has(file))
}

fn lockfile(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let file = path(text, ground)?;
    if writer(&file).is_none() {
        return wrong(
            format!("{} is no lockfile", quoted(&file)),
            "Name a package-lock.json, yarn.lock, pnpm-lock.yaml or bun.lock.",
        );
    }
    if ground.tree.has(&file) {
        Ok(file)
    } else {
        missing(&file, "file")
    }
}

fn install_roots(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let mut roots = Vec::new();
    for part in list(text) {
        let root = path(part, ground)?;
        let manifest = place::join(&root, "package.json").filter(|m| ground.tree.has(m));
        if manifest.is_none() {
            return wrong(
                format!("there is no package.json in {}", quoted(&root)),
                "Name folders that have one, separated by commas; `.` is the project's folder.",
            );
        }
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    if roots.is_empty() {
        return wrong(
            "nothing would be installed",
            "Name at least one folder with a package.json; `.` is the project's folder.",
        );
    }
    Ok(roots.join(", "))
}

fn node(text: &str) -> Result<String, Wrong> {
    let major = text.trim_start_matches(['v', 'V']).split('.').next().unwrap_or_default();
    match major.parse::<u32>() {
        Ok(n) if NODE_VERSIONS.contains(&n) => Ok(n.to_string()),
        _ => wrong(
            format!("{} is no version of Node.js that can be built with", quoted(text)),
            format!(
                "Write its first number, from {} to {}, such as 22.",
                NODE_VERSIONS.start(),
                NODE_VERSIONS.end()
            ),
        ),
    }
}

fn branch(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    if ground.findings.git.is_none() {
        return wrong(
            "the folder is no git checkout",
            "Say the branch on the next screen, where the repository is named.",
        );
    }
    let fits = !text.is_empty()
        && text.len() <= 255
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !"*?[]{}!\\^~:,\"'$#".contains(c))
        && !text.starts_with(['/', '-'])
        && !text.ends_with(['/', '.'])
        && !text.contains("..");
    if fits {
        return Ok(text.to_owned());
    }
    wrong(
        format!("{} is not the name of a branch", quoted(text)),
        "Write it as `git branch` shows it, such as main.",
    )
}

/// Commands end up in a build script and in the app's own files, so they carry no secret.
fn command(text: &str) -> Result<String, Wrong> {
    if text.is_empty() {
        return wrong(
            "it is empty",
            "Write the command as you would type it, such as npm run build.",
        );
    }
    if text.ends_with('\\') {
        return wrong("it ends with a backslash", "Write the whole command on one line.");
    }
    let secret = text
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .find(|(name, value)| looks_secret(name) && !value.is_empty() && !value.starts_with('$'));
    match secret {
        Some((name, _)) => wrong(
            format!("it holds a value for {}", quoted(name)),
            "Leave it out here and keep it as a secret of the application.",
        ),
        None => Ok(text.to_owned()),
    }
}

fn output(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let folder = path(text, ground)?;
    let sources = folder == "." || place::join(&folder, "package.json").is_some_and(|m| ground.tree.has(&m));
    let code = || {
        ground
            .tree
            .below(&folder)
            .any(|f| matches!(f.rsplit('.').next(), Some("ts" | "tsx" | "jsx")) && !f.ends_with(".d.ts"))
    };
    if sources || code() {
        return wrong(
            format!("{} holds sources, not what a build writes", quoted(&folder)),
            "Name the folder that the build creates, such as `dist` or `build`.",
        );
    }
    if ground.tree.has(&folder) {
        return wrong(format!("{} is a file", quoted(&folder)), "Name the folder it lies in.");
    }
    Ok(folder)
}

/// The file need not exist before the build, but some source must be able to become it.
fn entry(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let file = path(text, ground)?;
    let name = place::file_name(&file);
    let stem = [".js", ".cjs", ".mjs"].iter().find_map(|end| name.strip_suffix(end));
    let Some(stem) = stem.filter(|s| !s.is_empty()) else {
        return wrong(
            format!("{} is no file that Node.js can start after a build", quoted(&file)),
            "Name the built file, such as `dist/main.js`: a build turns `main.ts` into it.",
        );
    };
    let made = ground.tree.has(&file)
        || ground.tree.files().any(|f| {
            let source = place::file_name(f);
            source
                .rsplit_once('.')
                .is_some_and(|(s, end)| s == stem && matches!(end, "ts" | "mts" | "cts" | "js" | "mjs" | "cjs"))
        })
        || named_by_configuration(name, ground.tree);
    if made {
        return Ok(file);
    }
    wrong(
        format!("no build can create {}: there is no {stem}.ts in the project", quoted(&file)),
        "Check the name against the sources: `src/main.ts` becomes `dist/main.js` or `dist/src/main.js`.",
    )
}

/// Bundlers may give a file any name; then it stands in their configuration.
fn named_by_configuration(name: &str, tree: &Tree) -> bool {
    let configures = |file: &&str| {
        let base = place::file_name(file);
        base == "package.json" || base == "project.json" || base == "nest-cli.json" || base.contains("config.")
    };
    tree.files()
        .filter(configures)
        .any(|file| tree.peek(file).is_some_and(|text| text.contains(name)))
}

fn port(text: &str) -> Result<String, Wrong> {
    match text.parse::<u16>() {
        Ok(port) if port > 0 => Ok(port.to_string()),
        _ => wrong(
            format!("{} is no port", quoted(text)),
            "Write a number from 1 to 65535, such as 3000.",
        ),
    }
}

fn route(text: &str, example: &str) -> Result<String, Wrong> {
    let fits = text.len() <= 200
        && !text.contains("//")
        && !text.split('/').any(|part| part == "..")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.~".contains(c));
    if fits {
        return Ok(text.to_owned());
    }
    wrong(
        format!("{} is not the path of a route", quoted(text)),
        format!("Use letters, digits, dashes and slashes only, such as {example}."),
    )
}

fn wiring(text: &str) -> Result<String, Wrong> {
    if text.contains("://") {
        return wrong(
            "an address in the sources cannot be changed from here",
            "Let the sources read a build variable and name it, or call a path such as /api.",
        );
    }
    if text.starts_with('/') {
        return route(text, "/api");
    }
    variable(text, "VITE_API_URL")
}

fn is_variable(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn variable(text: &str, example: &str) -> Result<String, Wrong> {
    if is_variable(text) {
        return Ok(text.to_owned());
    }
    // What stands behind an equals sign may be a secret: it is not repeated.
    wrong(
        format!(
            "{} is not the name of a variable",
            quoted(text.split('=').next().unwrap_or_default())
        ),
        format!("Use letters, digits and underscores, such as {example}."),
    )
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty())
}

/// Names of variables, separated by commas.
pub(crate) fn names(text: &str) -> Result<Vec<String>, Wrong> {
    list(text).map(|name| variable(name, "VITE_API_URL")).collect()
}

/// What a variable of the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Kept in Secrets Manager.
    Secret,
    /// Not worth hiding.
    Setting,
    /// Not read in production.
    Unused,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Setting => "setting",
            Self::Unused => "unused",
        }
    }
}

/// `JWT_SECRET=secret, LOG_LEVEL=setting, OLD=unused`; the last word about a name counts.
pub(crate) fn roles(text: &str) -> Result<Vec<(String, Role)>, Wrong> {
    let mut all: Vec<(String, Role)> = Vec::new();
    for part in list(text) {
        let (name, word) = part.split_once('=').unwrap_or((part, ""));
        let name = variable(name, "JWT_SECRET")?;
        let role = match word {
            "secret" => Role::Secret,
            "setting" => Role::Setting,
            "unused" => Role::Unused,
            // The word may be a value that somebody typed by mistake: it is not repeated.
            _ => {
                return wrong(
                    format!("what {} is must be secret, setting or unused", quoted(&name)),
                    "Write the kind, never the value: values are entered when the application runs.",
                );
            }
        };
        all.retain(|(known, _)| *known != name);
        all.push((name, role));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn one_of(text: &str, known: &[&str]) -> Result<String, Wrong> {
    let text = text.to_lowercase();
    let text = match text.as_str() {
        "postgres" => "postgresql",
        "mssql" => "sqlserver",
        other => other,
    };
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    wrong(
        format!("{} is not known", quoted(text)),
        format!("Take one of {}.", known.join(", ")),
    )
}

/// Fields of Prisma need Prisma.
fn prisma(ground: Ground<'_>) -> Result<(), Wrong> {
    match ground.findings.backend() {
        Some(backend) if backend.orm != "prisma" => wrong(
            "the API does not use Prisma",
            "Set the database library to prisma first, if it does.",
        ),
        _ => Ok(()),
    }
}

fn schema(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let at = path(text, ground)?;
    let inside = |file: &str| file.rsplit('.').next() == Some("prisma");
    if ground.tree.has(&at) && inside(&at) || ground.tree.below(&at).any(inside) {
        return Ok(at);
    }
    if ground.tree.has(&at) {
        return wrong(
            format!("{} is no Prisma schema", quoted(&at)),
            "Name the .prisma file, or the folder of a split schema.",
        );
    }
    missing(&at, "Prisma schema")
}

fn migrations(text: &str, ground: Ground<'_>) -> Result<String, Wrong> {
    let folder = path(text, ground)?;
    if ground.tree.below(&folder).any(|f| f.ends_with("/migration.sql")) {
        return Ok(folder);
    }
    if ground.tree.has_folder(&folder) {
        return wrong(
            format!("{} holds no migration", quoted(&folder)),
            "Name the folder whose folders have a migration.sql each, or leave it empty.",
        );
    }
    missing(&folder, "folder")
}
