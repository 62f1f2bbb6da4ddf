//! What the deployment is made from: the halves, the packages they need, and what belongs to the repository as a whole.
//!
//! Reads no program: dependencies and aliases name packages, and what belongs to no package counts as needed, because any code may
//! import it by its path. What is left out belongs to another package that nothing here needs, or is known to matter to no build.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::context::Context;
use crate::manifest::Manifest;
use crate::trail::{Source, Trail};
use crate::{Confidence, place};

/// Folders of a repository from which nothing is built.
const ASIDE: [&str; 34] = [
    ".changeset",
    ".circleci",
    ".claude",
    ".cursor",
    ".devcontainer",
    ".docker",
    ".github",
    ".gitlab",
    ".husky",
    ".idea",
    ".storybook",
    ".vscode",
    "__tests__",
    "cdk",
    "cypress",
    "deploy",
    "deployment",
    "doc",
    "docker",
    "docs",
    "documentation",
    "e2e",
    "examples",
    "helm",
    "infra",
    "infrastructure",
    "k8s",
    "kubernetes",
    "playwright",
    "screenshots",
    "terraform",
    "test",
    "tests",
    "test-results",
];

/// How names of files begin that matter to no build.
const ASIDE_FILES: [&str; 36] = [
    ".codecov",
    ".commitlint",
    ".cspell",
    ".czrc",
    ".dockerignore",
    ".editorconfig",
    ".env.example",
    ".env.sample",
    ".eslint",
    ".git",
    ".gitlab-ci",
    ".husky",
    ".lintstaged",
    ".lint-staged",
    ".prettier",
    ".stylelint",
    ".travis",
    "biome.",
    "codecov",
    "commitlint",
    "compose.",
    "cspell",
    "cypress.",
    "docker-compose",
    "eslint.config",
    "fly.toml",
    "jest.",
    "lint-staged",
    "netlify",
    "nodemon",
    "playwright.",
    "prettier.config",
    "render.yaml",
    "renovate",
    "vercel",
    "vitest.",
];

/// Ends of names of files that builds read.
const BUILT: [&str; 24] = [
    "cjs", "css", "cts", "graphql", "html", "js", "json", "json5", "jsonc", "jsx", "lock", "lockb", "mjs", "mts", "patch",
    "prisma", "proto", "scss", "sh", "sql", "toml", "ts", "tsx", "yaml",
];

/// A place that the deployment is made from.
struct Place {
    source: Source,
    why: String,
}

/// Paths that the deployment is made from: folders with `/` at their end, single files, or `.` for everything.
///
/// `halves` are deployed, `known` are all applications that were found, `imported` are files that the programs are known to read.
pub(crate) fn reach<'a>(
    context: &Context<'_>,
    halves: &[String],
    known: &[String],
    imported: impl IntoIterator<Item = &'a str>,
    trail: &mut Trail,
) -> Vec<String> {
    if let Some(half) = halves.iter().find(|h| *h == ".") {
        let source = Source::new(place::join(half, "package.json").unwrap_or_default(), None);
        let why = "One of the halves is the folder itself.";
        trail.saw("reach", ".", source, Confidence::High, why);
        return vec![".".to_owned()];
    }
    let units = units(context, halves, known);
    let mut found = needed(context, halves, &units, imported);
    shared(context, &units, &mut found);
    let folders: BTreeSet<String> = found.keys().filter(|p| p.ends_with('/')).cloned().collect();
    let covered = |path: &str| folders.iter().any(|f| path != f && path.starts_with(f.as_str()));
    let mut paths = Vec::new();
    for (path, at) in found {
        if !covered(&path) {
            trail.saw("reach", path.as_str(), at.source, Confidence::High, at.why);
            paths.push(path);
        }
    }
    paths
}

/// Folders of packages and applications that are something of their own; a root above a half is none.
fn units(context: &Context<'_>, halves: &[String], known: &[String]) -> BTreeSet<String> {
    let above = |folder: &str| halves.iter().any(|h| h != folder && place::inside(h, folder));
    context
        .manifests
        .iter()
        .map(|m| m.folder.clone())
        .chain(known.iter().cloned())
        .chain(
            context
                .tree
                .files()
                .filter(|f| place::file_name(f) == "project.json")
                .map(|f| place::parent(f).to_owned()),
        )
        .filter(|folder| folder != "." && !above(folder))
        .collect()
}

/// The unit a path lies in, the innermost.
fn unit_of(units: &BTreeSet<String>, path: &str) -> Option<String> {
    place::ancestors(path).into_iter().find(|at| units.contains(at))
}

/// The halves and the packages they need, however far away.
fn needed<'a>(
    context: &Context<'_>,
    halves: &[String],
    units: &BTreeSet<String>,
    imported: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<String, Place> {
    let mut found = BTreeMap::new();
    let mut queue: VecDeque<String> = VecDeque::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut add = |folder: String, at: Place, queue: &mut VecDeque<String>| {
        if let std::collections::btree_map::Entry::Vacant(entry) = found.entry(format!("{folder}/")) {
            entry.insert(at);
            queue.push_back(folder);
        }
    };
    for half in halves {
        let source = context.package_of(half).map_or_else(|| half.clone(), Manifest::file);
        let why = "This half is deployed.".to_owned();
        let source = Source::new(source, None);
        add(half.clone(), Place { source, why }, &mut queue);
    }
    for file in imported {
        if let Some(unit) = unit_of(units, file) {
            let source = Source::new(file, None);
            let why = "The API imports this file of it.".to_owned();
            add(unit, Place { source, why }, &mut queue);
        }
    }
    while let Some(folder) = queue.pop_front() {
        // Roots above install and configure what is below them.
        for at in place::ancestors(&folder) {
            if !seen.insert(at.clone()) {
                continue;
            }
            if let Some(manifest) = context.manifests.iter().find(|m| m.folder == at) {
                for (target, source) in dependencies(context, manifest) {
                    if let Some(unit) = unit_of(units, &target) {
                        let why = format!("{} depends on it.", named(&at));
                        add(unit, Place { source, why }, &mut queue);
                    }
                }
            }
            let Some(config) = context.modules.tsconfigs.nearest(context.tree, &at) else {
                continue;
            };
            let aliases = config.paths.iter().flat_map(|(_, targets)| targets);
            // A root lists every project there is, to check them all at once.
            let references = config.references.iter().filter(|_| units.contains(&at));
            for target in aliases.chain(&config.parents).chain(references) {
                let fixed = target.split('*').next().unwrap_or_default().trim_end_matches('/');
                if let Some(unit) = unit_of(units, fixed) {
                    let source = Source::new(&config.file, None);
                    let why = format!("The TypeScript settings of {} name it.", named(&at));
                    add(unit, Place { source, why }, &mut queue);
                }
            }
        }
    }
    found
}

fn named(folder: &str) -> &str {
    if folder == "." { "the repository" } else { folder }
}

/// Folders of this repository that a package depends on: by name, whatever the version says, and by path.
fn dependencies(context: &Context<'_>, manifest: &Manifest) -> Vec<(String, Source)> {
    let mut found = Vec::new();
    for list in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
        for (name, range) in manifest.json[list].as_object().into_iter().flatten() {
            let by_path = range
                .as_str()
                .and_then(|r| ["file:", "link:", "portal:"].iter().find_map(|p| r.strip_prefix(p)))
                .and_then(|path| place::join(&manifest.folder, path));
            let by_name = || {
                context
                    .manifests
                    .iter()
                    .find(|m| m.folder != manifest.folder && m.name() == Some(name))
                    .map(|m| m.folder.clone())
            };
            if let Some(folder) = by_path.or_else(by_name) {
                let line = manifest.line(context.tree, &[list, name]);
                found.push((folder, Source::new(manifest.file(), line)));
            }
        }
    }
    found
}

/// What belongs to no unit: settings and lockfiles beside the packages, and folders of code that anything may import.
fn shared(context: &Context<'_>, units: &BTreeSet<String>, found: &mut BTreeMap<String, Place>) {
    let mixed: BTreeSet<String> = units.iter().flat_map(|u| place::ancestors(u).into_iter().skip(1)).collect();
    for file in context.tree.files() {
        let folder = place::parent(file);
        let above = place::ancestors(folder);
        if above.iter().any(|at| units.contains(at)) {
            continue;
        }
        let name = place::file_name(file);
        // The outermost folder that holds no package.
        if let Some(group) = above.iter().rev().find(|at| !mixed.contains(*at)) {
            let aside = place::ancestors(group).iter().any(|at| ASIDE.contains(&place::file_name(at)));
            let read = [".md", ".mdx", ".txt", ".pdf"].iter().any(|end| name.ends_with(end));
            if !aside && !read {
                found.entry(format!("{group}/")).or_insert_with(|| Place {
                    source: Source::new(file, None),
                    why: "It belongs to no package, so any code may import from it.".to_owned(),
                });
            }
        } else if (is_built(name) || is_setting(name)) && !ASIDE_FILES.iter().any(|aside| name.starts_with(aside)) {
            found.entry(file.to_owned()).or_insert_with(|| Place {
                source: Source::new(file, None),
                why: "It belongs to the repository as a whole.".to_owned(),
            });
        }
    }
}

fn is_built(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| BUILT.contains(&end))
}

/// Settings without an end that says so, such as `.npmrc` and `.env`.
fn is_setting(name: &str) -> bool {
    name.ends_with("rc")
        || name.starts_with(".env")
        || name.starts_with("Dockerfile")
        || [
            ".node-version",
            ".nvmrc",
            ".tool-versions",
            ".yarnrc.yml",
            "pnpm-workspace.yml",
        ]
        .contains(&name)
}
