//! What the user set takes the place of what was found.

use crate::overrides::check::{self, Ground, Role};
use crate::overrides::{Field, Scope};
use crate::trail::{Source, Trail};
use crate::tree::Tree;
use crate::{
    ApiWiring, Backend, Confidence, EnvVar, Findings, Frontend, Overrides, PackageManager, PackageManagerName, Prisma, place,
    workspace,
};

/// Puts the user's values in place of the findings. What does not fit the folder any more is left out and told. Returns the
/// findings that were set, as paths into them.
pub(crate) fn apply(findings: &mut Findings, overrides: &Overrides, tree: &Tree, trail: &mut Trail) -> Vec<String> {
    let mut told = Vec::new();
    for field in Field::ALL {
        let chosen = findings.chosen.clone();
        let Some(text) = overrides.get(field, &chosen) else { continue };
        let checked = check::value(field, text, Ground { tree, findings });
        let value = match checked {
            Ok(value) => value,
            // Halves that vanished are told where halves are chosen.
            Err(_) if matches!(field, Field::Frontend | Field::Backend) => continue,
            Err(error) => {
                let message = format!(
                    "What you set for {} is not used: {}. What was found is used instead.",
                    field.words(),
                    error.reason
                );
                trail.warn("override-unknown", None, message);
                continue;
            }
        };
        replace(findings, field, &value, overrides, tree);
        told.push(tell(findings, field, &value, trail));
    }
    told
}

/// The user's word stands before the sources'.
fn tell(findings: &Findings, field: Field, value: &str, trail: &mut Trail) -> String {
    let position = |path: Option<&String>, paths: Vec<&String>| path.and_then(|p| paths.iter().position(|x| *x == p));
    let path = field.spelled().2;
    let full = match field.scope() {
        Scope::Project => path.to_owned(),
        Scope::Frontend => {
            let all = findings.frontends.iter().map(|f| &f.path).collect();
            let i = position(findings.chosen.frontend.as_ref(), all).unwrap_or_default();
            format!("frontends[{i}].{path}")
        }
        Scope::Backend => {
            let all = findings.backends.iter().map(|b| &b.path).collect();
            let i = position(findings.chosen.backend.as_ref(), all).unwrap_or_default();
            format!("backends[{i}].{path}")
        }
    };
    let why = match trail.evidence.iter().find(|e| e.field == full) {
        Some(found) if found.value == value => "You set this; it is what was found.".to_owned(),
        Some(found) => format!("You set this. Found was `{}`.", found.value.replace('`', "'")),
        None => "You set this.".to_owned(),
    };
    let evidence = crate::Evidence {
        field: full.clone(),
        value: value.to_owned(),
        file: Source::new(".", None).file,
        line: None,
        why,
        confidence: Confidence::High,
    };
    trail.evidence.insert(0, evidence);
    full
}

fn replace(findings: &mut Findings, field: Field, value: &str, overrides: &Overrides, tree: &Tree) {
    let filled = || Some(value.to_owned()).filter(|v| !v.is_empty());
    match (field.scope(), field) {
        // Which halves are deployed was decided before.
        (_, Field::Frontend | Field::Backend) => {}
        (_, Field::PackageManager) => manager(findings, value, overrides, tree),
        (_, Field::Lockfile) => {
            let package_manager = &mut findings.package_manager;
            package_manager.lockfile = filled();
            let by = check::writer(value);
            let yarn = by == Some(PackageManagerName::YarnClassic) && package_manager.name == PackageManagerName::YarnBerry;
            if let Some(by) = by.filter(|by| *by != package_manager.name && !yarn) {
                package_manager.name = by;
                package_manager.version = None;
            }
            reads_its_lockfile(package_manager, tree);
        }
        (_, Field::InstallRoots) => findings.package_manager.install_roots = split(value),
        (_, Field::Node) => {
            findings.node.wanted = filled();
            findings.node.source = None;
        }
        (_, Field::Branch) => {
            if let Some(git) = &mut findings.git {
                git.branch = filled();
            }
        }
        (Scope::Frontend, _) => {
            let path = findings.chosen.frontend.clone();
            if let Some(frontend) = findings.frontends.iter_mut().find(|f| Some(&f.path) == path.as_ref()) {
                front(frontend, field, value);
            }
        }
        (Scope::Backend | Scope::Project, _) => {
            let path = findings.chosen.backend.clone();
            if let Some(backend) = findings.backends.iter_mut().find(|b| Some(&b.path) == path.as_ref()) {
                back(backend, field, value, tree);
            }
        }
    }
}

fn split(value: &str) -> Vec<String> {
    value.split(", ").filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

/// Another package manager reads another lockfile.
fn manager(findings: &mut Findings, value: &str, overrides: &Overrides, tree: &Tree) {
    let Ok((_, name)) = check::package_manager(value) else {
        return;
    };
    let package_manager = &mut findings.package_manager;
    if package_manager.name == name {
        return;
    }
    package_manager.name = name;
    package_manager.version = None;
    if !overrides.project.contains_key(&Field::Lockfile) {
        package_manager.lockfile = check::lockfile_of(name, &package_manager.install_roots, tree);
    }
    reads_its_lockfile(package_manager, tree);
}

/// Takes the version that reads the lockfile, unless the project pins an exact one.
fn reads_its_lockfile(package_manager: &mut PackageManager, tree: &Tree) {
    let pinned = package_manager.version.as_ref().is_some_and(|version| version.contains('.'));
    if package_manager.name == PackageManagerName::Pnpm && !pinned {
        let lockfile = package_manager.lockfile.as_deref();
        package_manager.version = lockfile.and_then(|file| workspace::pnpm_of(tree, file)).map(str::to_owned);
    }
}

fn front(frontend: &mut Frontend, field: Field, value: &str) {
    let text = value.to_owned();
    match field {
        Field::FrontendBuild => frontend.build_command = text,
        Field::OutputDir => frontend.output_dir = text,
        Field::EnvPrefix => frontend.env_prefix = Some(text).filter(|v| !v.is_empty()),
        Field::BuildVariables => frontend.env_vars = split(value),
        Field::ApiWiring if value.starts_with('/') => frontend.api_wiring = ApiWiring::Relative(text),
        Field::ApiWiring => frontend.api_wiring = ApiWiring::Env(text),
        _ => {}
    }
}

fn back(backend: &mut Backend, field: Field, value: &str, tree: &Tree) {
    let text = value.to_owned();
    let filled = Some(text.clone()).filter(|v| !v.is_empty());
    match field {
        Field::BackendBuild => backend.build_command = text,
        Field::EntryFile => {
            backend.start_command = format!("node {}", place::relative(value, &backend.path));
            backend.entry_file = text;
        }
        Field::StartCommand => backend.start_command = text,
        Field::PortEnv => backend.port.env = filled,
        Field::Port => backend.port.default = value.parse().ok(),
        Field::GlobalPrefix => backend.global_prefix = filled,
        Field::HealthPath => backend.health_path = filled,
        Field::Orm => {
            if value != "prisma" {
                backend.prisma = None;
            }
            backend.orm = text;
        }
        Field::Database => backend.database = Some(text).filter(|v| v != "none"),
        Field::PrismaSchema => backend.prisma = Some(schema(backend.prisma.take(), text, tree)),
        Field::PrismaMigrations => {
            if let Some(prisma) = &mut backend.prisma {
                prisma.migrations = filled;
            }
        }
        Field::PrismaUrlEnv => {
            if let Some(prisma) = &mut backend.prisma {
                prisma.url_env = filled;
            }
        }
        Field::Variables => variables(&mut backend.env_vars, value),
        _ => {}
    }
}

/// Migrations lie beside the schema unless something else is said.
fn schema(before: Option<Prisma>, schema: String, tree: &Tree) -> Prisma {
    let home = if tree.has(&schema) { place::parent(&schema) } else { &schema };
    let beside = place::join(home, "migrations").filter(|m| tree.below(m).any(|f| f.ends_with("/migration.sql")));
    let address = tree.text(&schema).and_then(|text| {
        let at = text.split("env(").nth(1)?.trim_start_matches(['"', '\'', ' ']);
        let name = at.split(['"', '\'', ')']).next()?.trim();
        Some(name.to_owned()).filter(|n| !n.is_empty())
    });
    let (before_address, version) = before.map_or((None, None), |p| (p.url_env, p.version));
    Prisma {
        schema,
        migrations: beside,
        url_env: address.or(before_address),
        version,
    }
}

fn variables(all: &mut Vec<EnvVar>, value: &str) {
    for (name, role) in check::roles(value).unwrap_or_default() {
        let known = all.iter().position(|v| v.name == name);
        match (role, known) {
            (Role::Unused, Some(i)) => drop(all.remove(i)),
            (Role::Unused, None) => {}
            (_, Some(i)) => all[i].secret = role == Role::Secret,
            (_, None) => all.push(EnvVar {
                name,
                required: true,
                secret: role == Role::Secret,
            }),
        }
    }
}
