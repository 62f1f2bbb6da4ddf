//! Where NestJS applications may be: files that start one, grouped by application.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::context::Context;
use crate::eval::Interpreter;
use crate::modules::is_script;
use crate::{entry, nx, place};

/// A NestJS application to look at.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Folder of the application.
    pub(crate) folder: String,
    /// Files that create a Nest application, the likeliest first.
    pub(crate) starts: Vec<String>,
}

/// Every application whose start file we can find.
pub(crate) fn nest(context: &Context<'_>) -> Vec<Candidate> {
    let roots: Vec<&str> = context
        .manifests
        .iter()
        .filter(|m| m.has("@nestjs/core"))
        .map(|m| m.folder.as_str())
        .collect();
    let below = |file: &str| roots.iter().any(|root| place::inside(file, root));
    let mut beside = beside_the_product();
    let scripts = (0..)
        .zip(context.tree.files())
        .filter(|(_, file)| is_script(file) && !beside(file) && below(file))
        .map(|(place, _)| place)
        .collect::<Vec<u32>>();
    let creators = context.modules.creators(&scripts);
    // Scripts that fill databases create applications too; they count only where there is nothing else.
    let main: Vec<&str> = creators.iter().copied().filter(|c| !is_chore(c)).collect();
    let starts = starts(context, if main.is_empty() { &creators } else { &main });
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for start in starts {
        groups.entry(home(context, &start)).or_default().push(start);
    }
    groups
        .into_iter()
        .map(|(folder, mut starts)| {
            let cli = entry::nest_cli(context, &folder, &starts[0]);
            let stated = cli.entry.clone().unwrap_or_else(|| "main".to_owned());
            starts.sort_by_key(|s| {
                let name = place::file_name(s);
                let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                (
                    stem != place::file_name(&stated),
                    stem != "main",
                    !stem.contains("main"),
                    !matches!(stem, "index" | "server" | "app"),
                    s.matches('/').count(),
                    s.clone(),
                )
            });
            Candidate { folder, starts }
        })
        .collect()
}

/// Files that are run: those that create an application by themselves, and those that call one that does.
fn starts(context: &Context<'_>, creators: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut passive: Vec<&str> = Vec::new();
    // One run for all: in a repository of plugins every plugin loads the whole framework.
    let mut it = Interpreter::new(context.modules, ".");
    for creator in creators {
        let plain = place::file_name(creator).starts_with("main.");
        if plain || it.creates(creator, creators) {
            out.push((*creator).to_owned());
        } else {
            passive.push(creator);
        }
    }
    if passive.is_empty() {
        return out;
    }
    let mut beside = beside_the_product();
    let callers: Vec<&str> = context
        .tree
        .files()
        .filter(|f| {
            is_script(f)
                && is_usual_start(context, f)
                && !beside(f)
                && !is_chore(f)
                && !out.iter().any(|o| o == f)
                && !for_browsers(context, f)
                // A library is started by the applications that use it.
                && !nx_library(context, f)
        })
        .collect();
    let mut called = vec![false; passive.len()];
    let importers = importers(context, &callers);
    for (i, creator) in passive.iter().enumerate() {
        let mut seen: BTreeSet<&str> = BTreeSet::from([*creator]);
        let mut queue = vec![*creator];
        while let Some(at) = queue.pop() {
            for importer in context.tree.place(at).and_then(|at| importers.get(&at)).into_iter().flatten() {
                if seen.insert(importer) {
                    queue.push(importer);
                }
            }
        }
        for caller in callers.iter().filter(|c| **c != *creator && seen.contains(**c)) {
            if out.iter().any(|o| o == caller) || it.creates(caller, creators) {
                called[i] = true;
                if !out.iter().any(|o| o == caller) {
                    out.push((*caller).to_owned());
                }
            }
        }
    }
    for (creator, called) in passive.iter().zip(called) {
        // Nothing we know calls it: a handler that a platform calls, unless it is a library.
        let library = nx_library(context, creator);
        if !called && !library {
            out.push((*creator).to_owned());
        }
    }
    out
}

/// Whether the file's package makes pages and uses nothing of the framework: no server starts there, and following a large user
/// interface takes long.
fn for_browsers(context: &Context<'_>, file: &str) -> bool {
    context.package_of(file).is_some_and(|package| {
        let uses = |name: &str| package.has(name) || package.expects(name);
        ["@angular/core", "react-dom", "vue", "svelte"].iter().any(|name| uses(name)) && !uses("@nestjs/core")
    })
}

/// Who imports each file that the callers can load, by the position of the file in the tree.
fn importers<'t>(context: &Context<'t>, callers: &[&str]) -> HashMap<u32, Vec<&'t str>> {
    let entries: Vec<String> = callers.iter().map(|c| (*c).to_owned()).collect();
    let mut out: HashMap<u32, Vec<&str>> = HashMap::new();
    for module in context.modules.reachable(&entries) {
        for place in context.modules.links(module).iter().flatten() {
            out.entry(*place).or_default().push(&module.path);
        }
    }
    out
}

fn is_usual_start(context: &Context<'_>, file: &str) -> bool {
    let name = place::file_name(file);
    let stem = name.split('.').next().unwrap_or(name);
    let top = || {
        let folder = place::parent(file);
        let base = if place::file_name(folder) == "src" {
            place::parent(folder)
        } else {
            folder
        };
        context.manifests.iter().any(|m| m.folder == base) || nx::project(context, base).is_some()
    };
    (matches!(stem, "main" | "server" | "start" | "www" | "bootstrap") || matches!(stem, "index" | "app") && top())
        && [".ts", ".js", ".mts", ".mjs", ".cjs"].iter().any(|e| name.ends_with(e))
        && !name.contains(".module.")
        && !name.contains(".config.")
}

fn nx_library(context: &Context<'_>, file: &str) -> bool {
    place::ancestors(place::parent(file))
        .iter()
        .find_map(|at| nx::project(context, at))
        .is_some_and(|p| p.json["projectType"] == "library")
}

/// Folders of scripts that people run by hand.
fn is_chore(file: &str) -> bool {
    place::parent(file).split('/').any(|part| {
        matches!(
            part,
            "scripts"
                | "script"
                | "tools"
                | "tooling"
                | "bin"
                | "cli"
                | "seed"
                | "seeds"
                | "seeders"
                | "seeding"
                | "migrations"
                | "commands"
                | "benchmark"
                | "benchmarks"
        )
    }) || place::file_name(file).starts_with("seed")
}

/// Tells what lies beside the product: tests, templates, samples and scripts start applications that nobody deploys. Asked about
/// files in their order, it looks at every folder once.
pub(crate) fn beside_the_product<'f>() -> impl FnMut(&'f str) -> bool {
    let mut last: Option<(&str, bool)> = None;
    move |file| {
        let folder = place::parent(file);
        let beside = match last {
            Some((known, beside)) if known == folder => beside,
            _ => aside(folder),
        };
        last = Some((folder, beside));
        beside || named_aside(place::file_name(file))
    }
}

/// `main.spec.ts`, `app.e2e-spec.ts`, `index.stories.tsx`
fn named_aside(name: &str) -> bool {
    let mut parts = name.split('.').peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        let inner = !first && parts.peek().is_some();
        let named = inner && matches!(part, "spec" | "test" | "stories" | "template");
        if named || !first && part.starts_with("e2e") || parts.peek().is_some() && part.ends_with("-spec") {
            return true;
        }
        first = false;
    }
    false
}

fn aside(folder: &str) -> bool {
    folder.split('/').any(|part| {
        (part.starts_with('.') && part.len() > 1)
            || matches!(
                part,
                "test"
                    | "tests"
                    | "__tests__"
                    | "__mocks__"
                    | "e2e"
                    | "templates"
                    | "template"
                    | "examples"
                    | "example"
                    | "samples"
                    | "sample"
                    | "fixtures"
                    | "__fixtures__"
                    | "schematics"
                    | "cypress"
                    | "docs"
                    | "playground"
                    | "playgrounds"
                    | "sandbox"
                    | "demo"
                    | "demos"
            )
            || part.ends_with("-e2e")
    })
}

/// The folder of the application a start file belongs to.
fn home(context: &Context<'_>, start: &str) -> String {
    let own = place::parent(start);
    let package = context.package_of(start).map_or(".", |m| m.folder.as_str());
    for at in place::ancestors(own) {
        if nx::project(context, &at).is_some() && at != "." {
            return at;
        }
        if at == package {
            break;
        }
    }
    let cli = entry::nest_cli(context, package, start);
    if cli.project.is_some() && !cli.root.is_empty() {
        return place::join(&cli.folder, &cli.root).unwrap_or_else(|| package.to_owned());
    }
    let manifest = context.package_of(start);
    let shared =
        manifest.is_some_and(|m| m.has("react-dom") && m.has("@nestjs/core")) || manifest.is_some_and(|m| !m.has("@nestjs/core"));
    let inner = place::relative(own, package);
    let first = inner.split('/').next().unwrap_or(".");
    if shared && !matches!(first, "." | "src" | "..") {
        // One package for both halves: the part of the path before the sources is the application.
        let mut parts: Vec<&str> = Vec::new();
        for part in own.split('/') {
            if part == "src" {
                break;
            }
            parts.push(part);
        }
        return if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
    }
    package.to_owned()
}
