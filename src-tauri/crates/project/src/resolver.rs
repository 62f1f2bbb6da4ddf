//! What the names that imports use mean: a file of the project, a package, or nothing that is there.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::manifest::Manifest;
use crate::place;
use crate::script::names::Names;
use crate::script::outline::Outline;
use crate::script::syntax::Text;
use crate::tree::Tree;
use crate::tsconfig::{TsConfig, TsConfigs};

/// What an import stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// A file of the project.
    File(Arc<str>),
    /// An installed package, without the path inside it.
    Package(Text),
    /// A file that does not exist: generated later, or forgotten.
    Missing,
}

/// The same with a position in the tree.
#[derive(Clone)]
enum Found {
    File(u32),
    Package(Text),
    Missing,
}

/// Finds what imports mean; every thread has one of its own.
pub(crate) struct Resolver<'t> {
    tree: &'t Tree,
    tsconfigs: &'t TsConfigs,
    /// Packages of the repository by name.
    packages: FxHashMap<&'t str, &'t Manifest>,
    names: Names<Text>,
    folders: RefCell<FxHashMap<String, Folder>>,
    /// By the configuration, then by specifier: what is the same for every folder below it.
    shared: RefCell<FxHashMap<String, FxHashMap<Text, Found>>>,
}

/// What is known about a folder.
struct Folder {
    config: Option<Arc<TsConfig>>,
    /// By specifier.
    known: FxHashMap<Text, Found>,
}

const EXTENSIONS: [&str; 8] = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/// What the file of a folder is called.
const INDEXES: [&str; 8] = [
    "/index.ts",
    "/index.tsx",
    "/index.mts",
    "/index.cts",
    "/index.js",
    "/index.jsx",
    "/index.mjs",
    "/index.cjs",
];

impl<'t> Resolver<'t> {
    pub(crate) fn new(tree: &'t Tree, manifests: &'t [Manifest], tsconfigs: &'t TsConfigs) -> Self {
        Self {
            tree,
            tsconfigs,
            packages: manifests.iter().filter_map(|m| Some((m.name()?, m))).collect(),
            names: Names::default(),
            folders: RefCell::default(),
            shared: RefCell::default(),
        }
    }

    /// What a specifier means in a file.
    pub(crate) fn resolve(&self, from: &str, specifier: &str) -> Resolved {
        match self.look(from, specifier) {
            Found::File(place) => self.tree.shared_at(place).map_or(Resolved::Missing, Resolved::File),
            Found::Package(name) => Resolved::Package(name),
            Found::Missing => Resolved::Missing,
        }
    }

    /// The file that a specifier means, by its position in the tree.
    pub(crate) fn place(&self, from: &str, specifier: &str) -> Option<u32> {
        match self.look(from, specifier) {
            Found::File(place) => Some(place),
            Found::Package(_) | Found::Missing => None,
        }
    }

    /// The files that the references of a script mean, one for one.
    pub(crate) fn links<'o>(&self, outline: &'o Outline) -> &'o [Option<u32>] {
        outline.links.get_or_init(|| {
            let references = outline.references.iter();
            references
                .map(|reference| self.place(&outline.path, &reference.specifier))
                .collect()
        })
    }

    fn look(&self, from: &str, specifier: &str) -> Found {
        let at = place::parent(from);
        let mut folders = self.folders.borrow_mut();
        if !folders.contains_key(at) {
            let config = self.tsconfigs.nearest(self.tree, at);
            let known = FxHashMap::default();
            folders.insert(at.to_owned(), Folder { config, known });
        }
        let Some(folder) = folders.get_mut(at) else {
            return Found::Missing;
        };
        if let Some(known) = folder.known.get(specifier) {
            return known.clone();
        }
        let config = folder.config.as_deref();
        let found = if depends_on_folder(specifier) {
            self.find(at, config, specifier)
        } else {
            let mut shared = self.shared.borrow_mut();
            let below = config.map_or("", |c| c.file.as_str());
            if !shared.contains_key(below) {
                shared.insert(below.to_owned(), FxHashMap::default());
            }
            let known = shared.get_mut(below);
            if let Some(found) = known.as_ref().and_then(|all| all.get(specifier)) {
                found.clone()
            } else {
                let found = self.find(at, config, specifier);
                known.map(|all| all.insert(self.names.text(specifier), found.clone()));
                found
            }
        };
        folder.known.insert(self.names.text(specifier), found.clone());
        found
    }

    fn find(&self, folder: &str, config: Option<&TsConfig>, specifier: &str) -> Found {
        let specifier = specifier.split(['?', '!']).next().unwrap_or(specifier);
        if specifier.starts_with('.') {
            let path = place::join(folder, specifier);
            return path.and_then(|p| self.file(&p)).map_or(Found::Missing, Found::File);
        }
        if specifier.is_empty() || specifier.starts_with("node:") {
            return Found::Package(self.names.text(specifier));
        }
        let mut aliased = false;
        if let Some(config) = config {
            for (alias, targets) in &config.paths {
                let Some(star) = alias_match(alias, specifier) else { continue };
                aliased = true;
                for target in targets {
                    if let Some(file) = self.file(&target.replacen('*', star, 1)) {
                        return Found::File(file);
                    }
                }
            }
            if let Some(base) = &config.base_url
                && let Some(file) = place::join(base, specifier).and_then(|p| self.file(&p))
            {
                return Found::File(file);
            }
        }
        let name = package_name(specifier);
        if let Some(manifest) = self.packages.get(name) {
            return self
                .workspace_file(manifest, specifier[name.len()..].trim_start_matches('/'))
                .map_or(Found::Missing, Found::File);
        }
        // Bundlers map these to the sources without telling the compiler.
        if let Some(rest) = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("~/")) {
            for at in place::ancestors(folder) {
                for base in ["src", "."] {
                    let found = place::join(&at, base)
                        .and_then(|b| place::join(&b, rest))
                        .and_then(|p| self.file(&p));
                    if let Some(file) = found {
                        return Found::File(file);
                    }
                }
            }
            return Found::Missing;
        }
        // `src/…` works where the compiler's base is the package folder.
        if specifier.starts_with("src/")
            && let Some(file) = place::ancestors(folder)
                .iter()
                .find_map(|at| self.file(&place::join(at, specifier)?))
        {
            return Found::File(file);
        }
        if aliased {
            Found::Missing
        } else {
            Found::Package(self.names.text(name))
        }
    }

    /// A path with the ending that imports leave out.
    pub(crate) fn file(&self, path: &str) -> Option<u32> {
        if place::file_name(path).contains('.')
            && let Some(found) = self.tree.place(path)
        {
            return Some(found);
        }
        let mut file = String::with_capacity(path.len() + 12);
        let mut with = |stem: &str, ends: &[&str]| {
            file.clear();
            file.push_str(stem);
            ends.iter().find_map(|end| {
                file.truncate(stem.len());
                file.push_str(end);
                self.tree.place(&file)
            })
        };
        with(path, &EXTENSIONS)
            .or_else(|| {
                let (stem, end) = path.rsplit_once('.')?;
                matches!(end, "js" | "jsx" | "mjs" | "cjs").then(|| with(stem, &EXTENSIONS))?
            })
            .or_else(|| with(path, &[".json"]))
            .or_else(|| {
                if path == "." {
                    with("index", &EXTENSIONS)
                } else {
                    with(path, &INDEXES)
                }
            })
    }

    /// The source behind a package of the repository; its built output does not exist yet.
    fn workspace_file(&self, manifest: &Manifest, inner: &str) -> Option<u32> {
        let at = |p: &str| place::join(&manifest.folder, p).and_then(|p| self.file(&p));
        if !inner.is_empty() {
            let key = format!("./{inner}");
            return exported(&manifest.json["exports"][&key])
                .iter()
                .find_map(|p| at(&source_of(p)).or_else(|| at(p)))
                .or_else(|| at(inner).or_else(|| at(&format!("src/{inner}"))));
        }
        let mut entries = exported(&manifest.json["exports"]["."]);
        entries.extend(exported(&manifest.json["exports"]));
        entries.extend(
            ["source", "module", "main", "types"]
                .iter()
                .filter_map(|k| manifest.json[*k].as_str())
                .map(str::to_owned),
        );
        entries
            .iter()
            .find_map(|p| at(&source_of(p)).or_else(|| at(p)))
            .or_else(|| at("src/index"))
            .or_else(|| at("index"))
    }
}

/// Whether a specifier means something else in every folder; the others mean the same wherever the same configuration holds.
fn depends_on_folder(specifier: &str) -> bool {
    specifier.starts_with('.') || ["@/", "~/", "src/"].iter().any(|p| specifier.starts_with(p))
}

/// Whether a file holds a program.
pub(crate) fn is_script(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(rest, end)| match end {
        // Declarations hold no program.
        "ts" => rest.rsplit_once('.').is_none_or(|(_, before)| before != "d"),
        _ => matches!(end, "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs"),
    })
}

fn alias_match<'s>(alias: &str, specifier: &'s str) -> Option<&'s str> {
    match memchr::memchr(b'*', alias.as_bytes()) {
        Some(at) => specifier.strip_prefix(&alias[..at])?.strip_suffix(&alias[at + 1..]),
        None => (alias == specifier).then_some(""),
    }
}

/// `@scope/name/inner` → `@scope/name`.
pub(crate) fn package_name(specifier: &str) -> &str {
    let mut slashes = specifier.match_indices('/').map(|(i, _)| i);
    let end = if specifier.starts_with('@') {
        slashes.nth(1)
    } else {
        slashes.next()
    };
    end.map_or(specifier, |e| &specifier[..e])
}

/// Every path that an `exports` entry may mean.
pub(crate) fn exported(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(path) => vec![path.clone()],
        serde_json::Value::Object(all) => ["source", "development", "types", "import", "default", "require", "node"]
            .iter()
            .filter_map(|k| all.get(*k))
            .flat_map(exported)
            .collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::Array(_) => {
            Vec::new()
        }
    }
}

/// `./dist/index.js` → `src/index`, where the source most likely is.
fn source_of(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let stem = path
        .strip_suffix(".d.ts")
        .unwrap_or_else(|| path.rsplit_once('.').map_or(path, |(stem, _)| stem));
    ["dist/src/", "dist/", "build/", "lib/", "out/"]
        .iter()
        .find_map(|out| stem.strip_prefix(out))
        .map_or_else(|| stem.to_owned(), |rest| format!("src/{rest}"))
}
