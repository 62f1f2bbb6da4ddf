//! Scripts of the project: parsed once, found by the names that imports use.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::value::Value;
use crate::glance::Glances;
use crate::manifest::Manifest;
use crate::script::outline::Outline;
use crate::script::syntax::{Module, Text};
use crate::script::words::Words;
use crate::script::{self, Reader};
use crate::tree::Tree;
use crate::tsconfig::TsConfigs;
use crate::{InspectOptions, Stage, document, json, place};

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

/// Scripts of the project.
pub(crate) struct Modules<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) tsconfigs: TsConfigs,
    /// Packages of the repository by name.
    packages: FxHashMap<&'t str, &'t Manifest>,
    reader: Reader,
    /// By the position of the file in the tree.
    outlines: RefCell<FxHashMap<u32, Option<Rc<Outline>>>>,
    /// The same; far fewer.
    parsed: RefCell<FxHashMap<u32, Option<Rc<Module>>>>,
    options: &'t InspectOptions,
    /// Which scripts will be parsed in the end, so that they are read only once.
    wants: fn(Words) -> bool,
    /// Scripts read so far.
    read: Cell<usize>,
    /// By folder, then by specifier.
    resolved: RefCell<FxHashMap<String, FxHashMap<Text, Resolved>>>,
}

/// Most files that are followed from one start file; programs of people are far smaller.
const MAX_REACHED: usize = 5000;

/// Most files that are read before somebody looks at them; their texts are in memory that long.
const READ_AHEAD: usize = 64;

/// Scripts between two reports of progress.
const REPORTED: usize = 64;

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

impl<'t> Modules<'t> {
    pub(crate) fn new(tree: &'t Tree, manifests: &'t [Manifest], options: &'t InspectOptions, wants: fn(Words) -> bool) -> Self {
        let packages = manifests.iter().filter_map(|m| Some((m.name()?, m))).collect();
        Self {
            tree,
            tsconfigs: TsConfigs::default(),
            packages,
            reader: Reader::default(),
            outlines: RefCell::default(),
            parsed: RefCell::default(),
            options,
            wants,
            read: Cell::new(0),
            resolved: RefCell::default(),
        }
    }

    /// A parsed script.
    pub(crate) fn get(&self, path: &str) -> Option<Rc<Module>> {
        let place = self.tree.place(path)?;
        if let Some(known) = self.parsed.borrow().get(&place) {
            return known.clone();
        }
        let module = self.tree.peek(path).map(|text| Rc::new(self.reader.parse(path, &text).0));
        self.parsed.borrow_mut().insert(place, module.clone());
        module
    }

    /// What a script mentions; parses it only if its text leaves doubt, or if a parse will be wanted anyway.
    pub(crate) fn outline(&self, path: &str) -> Option<Rc<Outline>> {
        self.outline_at(self.tree.place(path)?)
    }

    pub(crate) fn outline_at(&self, place: u32) -> Option<Rc<Outline>> {
        if let Some(known) = self.outlines.borrow().get(&place) {
            return known.clone();
        }
        let path = self.tree.at(place);
        let outline = self.tree.peek(path).map(|text| {
            self.quick(path, &text, Words::of(&text)).unwrap_or_else(|words| {
                let (module, references) = self.reader.parse(path, &text);
                self.parsed.borrow_mut().insert(place, Some(Rc::new(module)));
                Outline::new(path, (references, None), words)
            })
        });
        self.remember(place, outline)
    }

    /// The outline of a script without a parse; its words alone if a parse is wanted.
    fn quick(&self, path: &str, text: &str, words: Words) -> Result<Outline, Words> {
        if (self.wants)(words) || !script::is_readable(text) {
            return Err(words);
        }
        let read = self.reader.outline(text).ok_or(words)?;
        Ok(Outline::new(path, read, words))
    }

    /// Those of the scripts that may create a Nest application. Keeps the outlines, so that few files are read twice, and reads ahead
    /// on a thread of its own.
    pub(crate) fn creators(&self, scripts: &[u32], glances: &Glances<'_>) -> Vec<&'t str> {
        let mut found = Vec::new();
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(READ_AHEAD);
            let options = self.options;
            scope.spawn(move || {
                for place in scripts {
                    let seen = match glances.known(*place) {
                        Some(glance) => Some((glance, None)),
                        None => glances.read(*place).map(|(glance, text)| (glance, Some(text))),
                    };
                    let Some((glance, text)) = seen else { continue };
                    if options.cancelled() || send.send((*place, glance, text)).is_err() {
                        return;
                    }
                }
            });
            for (place, glance, text) in receive {
                let path = self.tree.at(place);
                let known = self.outlines.borrow().contains_key(&place);
                if let (false, Some(text)) = (known, text)
                    && let Ok(outline) = self.quick(path, &text, glance.words)
                {
                    self.remember(place, Some(outline));
                }
                if glance.creates {
                    found.push(path);
                }
            }
        });
        found
    }

    /// Whether a script may export a name; `false` only if it surely does not. Spares a parse of every file that another one
    /// passes everything on from.
    pub(crate) fn may_export(&self, path: &str, name: &str) -> bool {
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let mut queue: Vec<u32> = self.tree.place(path).into_iter().collect();
        while let Some(place) = queue.pop() {
            let path = self.tree.at(place);
            if !seen.insert(place) {
                continue;
            }
            if !is_script(path) || self.parsed.borrow().contains_key(&place) {
                return true;
            }
            let Some(outline) = self.outline_at(place) else { return true };
            let Some(exports) = &outline.exports else { return true };
            if exports.names.iter().any(|given| &**given == name) {
                return true;
            }
            for specifier in &exports.all {
                if let Resolved::File(next) = self.resolve(path, specifier) {
                    queue.extend(self.tree.place(&next));
                }
            }
        }
        false
    }

    fn remember(&self, place: u32, outline: Option<Outline>) -> Option<Rc<Outline>> {
        let outline = outline.map(Rc::new);
        self.outlines.borrow_mut().insert(place, outline.clone());
        self.read.set(self.read.get() + 1);
        if self.read.get().is_multiple_of(REPORTED) {
            self.options.report(Stage::Reading, self.tree.count_read(REPORTED));
        }
        outline
    }

    /// Whether nobody waits for the answer any more; then every answer is as good as another.
    pub(crate) fn cancelled(&self) -> bool {
        self.options.cancelled()
    }

    /// The files that the references of a script mean, one for one.
    pub(crate) fn links(&self, outline: &Outline) -> Rc<[Option<u32>]> {
        let resolved = outline.links.get_or_init(|| {
            outline
                .references
                .iter()
                .map(|reference| match self.resolve(&outline.path, &reference.specifier) {
                    Resolved::File(file) => self.tree.place(&file),
                    Resolved::Package(_) | Resolved::Missing => None,
                })
                .collect()
        });
        Rc::clone(resolved)
    }

    /// The files that the references of a script mean.
    pub(crate) fn linked(&self, outline: &Outline) -> Vec<&'t str> {
        self.links(outline)
            .iter()
            .flatten()
            .map(|place| self.tree.at(*place))
            .collect()
    }

    /// A JSON file as a value.
    pub(crate) fn json(&self, path: &str) -> Value {
        self.tree
            .text(path)
            .and_then(|t| json::parse(&t))
            .map_or(Value::Unknown, |v| document::json(&v))
    }

    /// What a specifier means in a file.
    pub(crate) fn resolve(&self, from: &str, specifier: &str) -> Resolved {
        let folder = place::parent(from);
        if let Some(known) = self.resolved.borrow().get(folder).and_then(|all| all.get(specifier)) {
            return known.clone();
        }
        let resolved = self.find(from, specifier);
        self.resolved
            .borrow_mut()
            .entry(folder.to_owned())
            .or_default()
            .insert(self.reader.name(specifier), resolved.clone());
        resolved
    }

    fn find(&self, from: &str, specifier: &str) -> Resolved {
        let folder = place::parent(from);
        let specifier = specifier.split(['?', '!']).next().unwrap_or(specifier);
        if specifier.starts_with('.') {
            let Some(path) = place::join(folder, specifier) else {
                return Resolved::Missing;
            };
            return self.file(&path).map_or(Resolved::Missing, Resolved::File);
        }
        if specifier.is_empty() || specifier.starts_with("node:") {
            return Resolved::Package(self.reader.name(specifier));
        }
        let mut aliased = false;
        if let Some(config) = self.tsconfigs.nearest(self.tree, folder) {
            for (alias, targets) in &config.paths {
                let Some(star) = alias_match(alias, specifier) else { continue };
                aliased = true;
                for target in targets {
                    if let Some(file) = self.file(&target.replacen('*', star, 1)) {
                        return Resolved::File(file);
                    }
                }
            }
            if let Some(base) = &config.base_url
                && let Some(file) = place::join(base, specifier).and_then(|p| self.file(&p))
            {
                return Resolved::File(file);
            }
        }
        let name = package_name(specifier);
        if let Some(manifest) = self.packages.get(name) {
            if let Some(file) = self.workspace_file(manifest, specifier[name.len()..].trim_start_matches('/')) {
                return Resolved::File(file);
            }
            return Resolved::Missing;
        }
        // Bundlers map these to the sources without telling the compiler.
        if let Some(rest) = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("~/")) {
            for at in place::ancestors(folder) {
                for base in ["src", "."] {
                    let found = place::join(&at, base)
                        .and_then(|b| place::join(&b, rest))
                        .and_then(|p| self.file(&p));
                    if let Some(file) = found {
                        return Resolved::File(file);
                    }
                }
            }
            return Resolved::Missing;
        }
        // `src/…` works where the compiler's base is the package folder.
        if specifier.starts_with("src/")
            && let Some(file) = place::ancestors(folder)
                .iter()
                .find_map(|at| self.file(&place::join(at, specifier)?))
        {
            return Resolved::File(file);
        }
        if aliased {
            Resolved::Missing
        } else {
            Resolved::Package(self.reader.name(name))
        }
    }

    /// A path with the ending that imports leave out.
    pub(crate) fn file(&self, path: &str) -> Option<Arc<str>> {
        if place::file_name(path).contains('.')
            && let Some(found) = self.tree.shared(path)
        {
            return Some(found);
        }
        let mut file = String::with_capacity(path.len() + 12);
        let mut with = |stem: &str, ends: &[&str]| {
            ends.iter().any(|end| {
                file.clear();
                file.push_str(stem);
                file.push_str(end);
                self.tree.has(&file)
            })
        };
        let found = with(path, &EXTENSIONS)
            || path
                .rsplit_once('.')
                .is_some_and(|(stem, end)| matches!(end, "js" | "jsx" | "mjs" | "cjs") && with(stem, &EXTENSIONS))
            || with(path, &[".json"])
            || with(
                if path == "." { "index" } else { path },
                if path == "." { &EXTENSIONS } else { &INDEXES },
            );
        found.then(|| self.tree.shared(&file)).flatten()
    }

    /// The source behind a package of the repository; its built output does not exist yet.
    fn workspace_file(&self, manifest: &Manifest, inner: &str) -> Option<Arc<str>> {
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

    /// Positions in the tree of the files that a program loads, every file after the ones it imports.
    pub(crate) fn load_order(&self, entry: &str) -> Vec<u32> {
        let mut seen = vec![false; self.tree.len()];
        let mut out = Vec::new();
        let mut stack: Vec<(u32, bool)> = self.tree.place(entry).into_iter().map(|e| (e, false)).collect();
        while let Some((place, done)) = stack.pop() {
            let path = self.tree.at(place);
            if done {
                out.push(place);
                continue;
            }
            if self.cancelled()
                || out.len() >= MAX_REACHED
                || !is_script(path)
                || std::mem::replace(&mut seen[place as usize], true)
            {
                continue;
            }
            let Some(outline) = self.outline_at(place) else { continue };
            stack.push((place, true));
            for (reference, link) in outline.references.iter().zip(&*self.links(&outline)).rev() {
                if let (Some(next), false) = (*link, reference.type_only)
                    && !seen[next as usize]
                {
                    stack.push((next, false));
                }
            }
        }
        out
    }

    /// Files that a program starting at `entry` can load, in the order they are met.
    pub(crate) fn reachable(&self, entries: &[String]) -> Vec<Rc<Outline>> {
        let mut seen = vec![false; self.tree.len()];
        let mut queue: VecDeque<u32> = entries.iter().filter_map(|e| self.tree.place(e)).collect();
        let mut out = Vec::new();
        while let Some(place) = queue.pop_front() {
            if self.cancelled()
                || out.len() >= MAX_REACHED
                || std::mem::replace(&mut seen[place as usize], true)
                || !is_script(self.tree.at(place))
            {
                continue;
            }
            let Some(outline) = self.outline_at(place) else { continue };
            queue.extend(self.links(&outline).iter().flatten().filter(|next| !seen[**next as usize]));
            out.push(outline);
        }
        out
    }
}

/// Whether a file holds a program.
pub(crate) fn is_script(path: &str) -> bool {
    EXTENSIONS.iter().any(|e| path.ends_with(e)) && !path.ends_with(".d.ts")
}

fn alias_match<'s>(alias: &str, specifier: &'s str) -> Option<&'s str> {
    match alias.split_once('*') {
        Some((before, after)) => specifier.strip_prefix(before)?.strip_suffix(after),
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
