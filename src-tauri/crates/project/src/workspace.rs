//! What holds the packages together: package manager, lockfile, install roots, monorepo tool.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifest::Manifest;
use crate::trail::{Source, Trail};
use crate::tree::Tree;
use crate::tsconfig::glob;
use crate::{Confidence, MonorepoTool, PackageManager, PackageManagerName, json, place};

const LOCKFILES: [(&str, PackageManagerName); 6] = [
    ("pnpm-lock.yaml", PackageManagerName::Pnpm),
    ("yarn.lock", PackageManagerName::YarnClassic),
    ("package-lock.json", PackageManagerName::Npm),
    ("npm-shrinkwrap.json", PackageManagerName::Npm),
    ("bun.lock", PackageManagerName::Bun),
    ("bun.lockb", PackageManagerName::Bun),
];

/// Patterns of workspace members, as the root states them.
pub(crate) fn patterns(tree: &Tree, root: &Manifest) -> Vec<String> {
    let mut out = Vec::new();
    let list = match &root.json["workspaces"] {
        Value::Object(o) => o.get("packages").cloned().unwrap_or(Value::Null),
        other => other.clone(),
    };
    out.extend(
        list.as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned),
    );
    for name in ["pnpm-workspace.yaml", "pnpm-workspace.yml"] {
        let file = place::join(&root.folder, name).unwrap_or_default();
        if let Some(text) = tree.text(&file)
            && let Ok(yaml) = serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text)
        {
            out.extend(
                yaml["packages"]
                    .as_sequence()
                    .into_iter()
                    .flatten()
                    .filter_map(|v| v.as_str())
                    .map(str::to_owned),
            );
        }
    }
    if out.is_empty() && tree.has(&place::join(&root.folder, "lerna.json").unwrap_or_default()) {
        let file = place::join(&root.folder, "lerna.json").unwrap_or_default();
        let lerna = tree.text(&file).and_then(|t| json::parse(&t)).unwrap_or(Value::Null);
        out.extend(
            lerna["packages"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
    }
    out
}

/// The root whose install also installs a folder: a workspace root above it, else the nearest package.
pub(crate) fn install_root(tree: &Tree, manifests: &[Manifest], folder: &str) -> Option<String> {
    let own = place::ancestors(folder)
        .into_iter()
        .find(|at| manifests.iter().any(|m| m.folder == *at))?;
    for at in place::ancestors(&own).into_iter().skip(1) {
        let Some(root) = manifests.iter().find(|m| m.folder == at) else {
            continue;
        };
        let inner = place::relative(&own, &at);
        let segments: Vec<&str> = inner.split('/').collect();
        let (mut member, mut excluded) = (false, false);
        for pattern in patterns(tree, root) {
            let (negative, pattern) = pattern.strip_prefix('!').map_or((false, pattern.as_str()), |p| (true, p));
            let pattern: Vec<&str> = pattern.trim_start_matches("./").trim_end_matches('/').split('/').collect();
            if glob(&pattern, &segments) {
                if negative {
                    excluded = true;
                } else {
                    member = true;
                }
            }
        }
        // A root that never locked anything is not where the project is installed when the member has a lockfile.
        let unused = lockfiles(tree, &at).is_empty() && !lockfiles(tree, &own).is_empty();
        if member && !excluded && !unused {
            return Some(at);
        }
    }
    Some(own)
}

/// What ties the packages together.
pub(crate) fn tool(tree: &Tree, manifests: &[Manifest], trail: &mut Trail) -> MonorepoTool {
    let root = manifests.iter().find(|m| m.folder == ".");
    let depends = |name: &str| root.is_some_and(|r| r.has(name));
    let mut found = |tool, name: &str, file: &str, why: &str| {
        trail.saw("monorepoTool", name, Source::new(file, None), Confidence::High, why);
        tool
    };
    if tree.has("nx.json") && !tree.has("lerna.json") {
        return found(MonorepoTool::Nx, "nx", "nx.json", "Nx keeps its settings in this file.");
    }
    if tree.has("turbo.json") {
        return found(
            MonorepoTool::Turborepo,
            "turborepo",
            "turbo.json",
            "Turborepo keeps its tasks in this file.",
        );
    }
    if tree.has("lerna.json") && (depends("lerna") || root.is_some()) {
        return found(
            MonorepoTool::Lerna,
            "lerna",
            "lerna.json",
            "Lerna keeps its settings in this file.",
        );
    }
    if depends("turbo") && root.is_some_and(|r| r.scripts().any(|(_, s)| s.contains("turbo "))) {
        return found(MonorepoTool::Turborepo, "turborepo", "package.json", "The scripts run turbo.");
    }
    if let Some(root) = root
        && !patterns(tree, root).is_empty()
    {
        return found(
            MonorepoTool::Workspaces,
            "workspaces",
            "package.json",
            "The root package names workspaces.",
        );
    }
    MonorepoTool::None
}

/// The package manager of the deployed halves.
pub(crate) fn package_manager(tree: &Tree, manifests: &[Manifest], halves: &[String], trail: &mut Trail) -> PackageManager {
    let mut roots: Vec<String> = Vec::new();
    for half in halves {
        if let Some(root) = install_root(tree, manifests, half)
            && !roots.contains(&root)
        {
            roots.push(root);
        }
    }
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let mut name = None;
    let mut version = None;
    // What the project pins counts most, above the install root only where its lockfile is. A root that pins nothing but
    // has a lockfile decides as well: then the pins of other roots are not about the server.
    'roots: for root in &roots {
        for at in place::ancestors(root) {
            let Some(manifest) = manifests.iter().find(|m| m.folder == at) else {
                continue;
            };
            let Some((found, exact)) = manifest.json["packageManager"].as_str().and_then(pinned_manager) else {
                continue;
            };
            let fits = |folder: &str| lockfiles(tree, folder).iter().any(|(_, m)| same_family(*m, found));
            if at != *root && !lockfiles(tree, root).is_empty() && !fits(root) {
                continue;
            }
            trail.saw(
                "packageManager.name",
                exact.as_deref().unwrap_or("pinned"),
                Source::new(manifest.file(), manifest.line(tree, &["packageManager"])),
                Confidence::High,
                "The package pins its package manager.",
            );
            name = Some(found);
            version = exact;
            break 'roots;
        }
        if !lockfiles(tree, root).is_empty() {
            break;
        }
    }
    let lockfile = governing(tree, &roots, name, trail);
    let found = lockfile.as_ref().map(|(file, kind)| match kind {
        PackageManagerName::YarnClassic if is_berry(tree, file) => PackageManagerName::YarnBerry,
        other => *other,
    });
    let by_scripts = || roots.iter().find_map(|r| by_habit(tree, manifests, r));
    let pinned = name.is_some();
    let name = name.or(found).or_else(by_scripts).unwrap_or(PackageManagerName::Npm);
    if let Some((file, _)) = &lockfile {
        if !pinned {
            trail.saw(
                "packageManager.name",
                place::file_name(file),
                Source::new(file, None),
                Confidence::High,
                "Its lockfile is there.",
            );
        }
        trail.saw(
            "packageManager.lockfile",
            file,
            Source::new(file, None),
            Confidence::High,
            "This lockfile governs the installation.",
        );
    } else {
        if !pinned {
            let manifest = place::join(&roots[0], "package.json").unwrap_or_default();
            trail.saw(
                "packageManager.name",
                "no lockfile",
                Source::new(manifest, None),
                Confidence::Low,
                "There is no lockfile; this is what scripts and settings call, or npm.",
            );
        }
        trail.warn(
            "no-lockfile",
            None,
            "There is no lockfile, so every build may install other versions. Commit one to get the same build every time.",
        );
    }
    if name == PackageManagerName::Pnpm
        && version.is_none()
        && let Some((file, _)) = &lockfile
    {
        version = pnpm_of(tree, file).map(str::to_owned);
        if let Some(major) = &version {
            trail.saw(
                "packageManager.version",
                major.as_str(),
                Source::new(file, Some(1)),
                Confidence::High,
                "Later versions of pnpm refuse a lockfile of this format.",
            );
        }
    }
    PackageManager {
        name,
        version,
        lockfile: lockfile.map(|(file, _)| file),
        install_roots: roots,
    }
}

/// The major version of pnpm that reads an older lockfile; nothing where today's does.
///
/// pnpm refuses what an earlier major version wrote when it may not rewrite it: <https://pnpm.io/errors>,
/// `ERR_PNPM_LOCKFILE_BREAKING_CHANGE`.
pub(crate) fn pnpm_of(tree: &Tree, lockfile: &str) -> Option<&'static str> {
    let text = tree.peek(lockfile)?;
    let line = text.lines().find(|line| line.starts_with("lockfileVersion:"))?;
    match line.split(':').nth(1)?.trim().trim_matches(['\'', '"']) {
        format if format.starts_with("5.4") => Some("7"),
        format if format.starts_with("5.") => Some("6"),
        format if format.starts_with("6.") => Some("8"),
        _ => None,
    }
}

fn pinned_manager(pinned: &str) -> Option<(PackageManagerName, Option<String>)> {
    let (name, version) = pinned.split_once('@')?;
    let exact = version.split('+').next().map(str::to_owned);
    let berry = !version.starts_with("1.") && version != "1";
    Some((
        match name {
            "npm" => PackageManagerName::Npm,
            "pnpm" => PackageManagerName::Pnpm,
            "bun" => PackageManagerName::Bun,
            "yarn" if berry => PackageManagerName::YarnBerry,
            "yarn" => PackageManagerName::YarnClassic,
            _ => return None,
        },
        exact,
    ))
}

fn same_family(a: PackageManagerName, b: PackageManagerName) -> bool {
    let yarn = |m| matches!(m, PackageManagerName::YarnClassic | PackageManagerName::YarnBerry);
    a == b || (yarn(a) && yarn(b))
}

/// Lockfiles in a folder.
fn lockfiles(tree: &Tree, folder: &str) -> Vec<(String, PackageManagerName)> {
    LOCKFILES
        .iter()
        .filter_map(|(n, m)| place::join(folder, n).filter(|f| tree.has(f)).map(|f| (f, *m)))
        .collect()
}

/// The lockfile that rules the first install root, with what it was written by.
fn governing(
    tree: &Tree,
    roots: &[String],
    pinned: Option<PackageManagerName>,
    trail: &mut Trail,
) -> Option<(String, PackageManagerName)> {
    let mut chosen = None;
    for root in roots {
        let all = lockfiles(tree, root);
        if all.is_empty() {
            continue;
        }
        let pick = pinned.and_then(|p| all.iter().find(|(_, m)| same_family(*m, p))).or_else(|| {
            // With several, the one that a second root has too, then npm's, which every Node.js image can install.
            all.iter()
                .find(|(f, m)| all.len() > 1 && agreed(tree, roots, place::file_name(f)) && *m != PackageManagerName::YarnClassic)
        });
        let pick = pick
            .or_else(|| {
                all.iter()
                    .find(|(_, m)| *m == PackageManagerName::Npm)
                    .filter(|_| all.len() > 1)
            })
            .or(all.first());
        if let Some(pick) = pick {
            if all.len() > 1 {
                let others: Vec<&str> = all.iter().filter(|a| a.0 != pick.0).map(|a| a.0.as_str()).collect();
                trail.warn(
                    "several-lockfiles",
                    Some(Source::new(&pick.0, None)),
                    format!(
                        "{} is used to install; {} would be ignored. Delete the stale one.",
                        pick.0,
                        others.join(" and ")
                    ),
                );
            }
            if chosen.is_none() {
                chosen = Some(pick.clone());
            }
        }
    }
    chosen
}

fn agreed(tree: &Tree, roots: &[String], name: &str) -> bool {
    roots.len() > 1 && roots.iter().all(|r| place::join(r, name).is_some_and(|f| tree.has(&f)))
}

/// Yarn 2 and later write a `__metadata` block.
fn is_berry(tree: &Tree, lockfile: &str) -> bool {
    tree.peek(lockfile)
        .is_some_and(|t| t.get(..2000.min(t.len())).unwrap_or(&t).contains("__metadata"))
        || tree.has(&place::join(place::parent(lockfile), ".yarnrc.yml").unwrap_or_default())
}

/// Without a lockfile: what the scripts, the settings and the Dockerfiles call.
fn by_habit(tree: &Tree, manifests: &[Manifest], root: &str) -> Option<PackageManagerName> {
    let manifest = manifests.iter().find(|m| m.folder == root)?;
    let at = |name: &str| place::join(root, name).unwrap_or_default();
    if tree.has(&at("pnpm-workspace.yaml")) {
        return Some(PackageManagerName::Pnpm);
    }
    if tree.has(&at(".yarnrc.yml")) {
        return Some(PackageManagerName::YarnBerry);
    }
    if tree.has(&at(".yarnrc")) {
        return Some(PackageManagerName::YarnClassic);
    }
    let mut text: String = manifest.scripts().map(|(_, s)| s).collect::<Vec<_>>().join("\n");
    for name in [
        "Dockerfile",
        "dockerfile",
        ".travis.yml",
        "docker-compose.yml",
        "app.yaml",
        "README.md",
    ] {
        text.push_str(&tree.text(&at(name)).unwrap_or_default());
    }
    for file in tree
        .below(root)
        .filter(|f| f.contains(".github/workflows/") || f.rsplit('.').next() == Some("sh"))
    {
        text.push_str(&tree.text(file).unwrap_or_default());
    }
    let count = |needle: &str| text.matches(needle).count();
    let counts = [
        (count("pnpm "), PackageManagerName::Pnpm),
        (count("yarn"), PackageManagerName::YarnClassic),
        (
            count("npm run ") + count("npm i") + count("npm ci") - count("pnpm i").min(count("npm i")),
            PackageManagerName::Npm,
        ),
        (count("bun run ") + count("bun install"), PackageManagerName::Bun),
    ];
    counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .max_by_key(|(n, _)| *n)
        .map(|(_, m)| m)
}

/// Exact version of an installed package, from the lockfile that governs a folder.
pub(crate) fn locked_version(tree: &Tree, manifests: &[Manifest], folder: &str, package: &str) -> Option<String> {
    let mut places: BTreeSet<String> = BTreeSet::new();
    places.extend(install_root(tree, manifests, folder));
    places.insert(folder.to_owned());
    for root in places {
        for (name, _) in LOCKFILES {
            let Some(text) = place::join(&root, name).and_then(|f| tree.text(&f)) else {
                continue;
            };
            let inner = place::relative(folder, &root);
            let found = match name {
                "package-lock.json" | "npm-shrinkwrap.json" => {
                    let nested = format!("\"{inner}/node_modules/{package}\": {{");
                    let top = format!("\"node_modules/{package}\": {{");
                    after(&text, &nested, "\"version\": \"").or_else(|| after(&text, &top, "\"version\": \""))
                }
                "yarn.lock" => after(&text, &format!("\n{package}@"), "version \"")
                    .or_else(|| after(&text, &format!("\n\"{package}@"), "version \""))
                    .or_else(|| after(&text, &format!("\n\"{package}@"), "version: ")),
                "pnpm-lock.yaml" => {
                    let marks = [
                        format!("\n  {package}@"),
                        format!("\n  '{package}@"),
                        format!("\n  /{package}@"),
                        format!("\n  /{package}/"),
                    ];
                    marks
                        .iter()
                        .find_map(|m| find(&text, m).map(|at| version_at(&text[at + m.len()..])))
                }
                _ => after(&text, &format!("\"{package}\": [\"{package}@"), ""),
            };
            if let Some(found) = found.filter(|f| f.starts_with(|c: char| c.is_ascii_digit())) {
                return Some(found);
            }
        }
    }
    None
}

fn after(text: &str, mark: &str, label: &str) -> Option<String> {
    let rest = &text[find(text, mark)? + mark.len()..];
    let rest = &rest[find(rest, label)? + label.len()..];
    Some(version_at(rest))
}

/// Where a text has another one; lockfiles are megabytes long.
fn find(text: &str, mark: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), mark.as_bytes())
}

fn version_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
        .collect()
}
