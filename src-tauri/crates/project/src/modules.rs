//! Scripts of the project: parsed once, found by the names that imports use.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ahead::{self, Project};
use crate::eval::value::Value;
use crate::resolver::Resolver;
use crate::script::Reader;
use crate::script::outline::{Outline, short};
use crate::script::syntax::Module;
use crate::sources::Glance;
use crate::tree::Tree;
use crate::tsconfig::TsConfigs;
use crate::{document, json};

pub(crate) use crate::resolver::{Resolved, is_script, package_name};

/// Scripts of the project, as one thread sees them.
pub(crate) struct Modules<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) tsconfigs: &'t TsConfigs,
    project: Project<'t>,
    reader: Reader,
    resolver: Resolver<'t>,
    /// By the position of the file in the tree.
    parsed: RefCell<FxHashMap<u32, Option<Rc<Module>>>>,
    /// Scripts whose mentions were followed, by the position in the tree.
    followed: RefCell<Vec<bool>>,
    /// By the position of the file in the tree.
    passed: RefCell<FxHashMap<u32, Passed>>,
}

/// What a script passes on with `export *`.
#[derive(Default)]
struct Passed {
    /// Names, in short, with the position of the `export *` that may give them, in order.
    names: Vec<(u32, usize)>,
    /// Positions of those that may give any name.
    unsure: Vec<usize>,
}

impl Passed {
    fn givers(&self, name: &str) -> Vec<usize> {
        let name = short(name);
        let from = self.names.partition_point(|(other, _)| *other < name);
        let named = self.names[from..].iter().take_while(|(other, _)| *other == name);
        let mut all: Vec<usize> = named.map(|(_, at)| *at).chain(self.unsure.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Most files that are followed from one start file; programs of people are far smaller.
const MAX_REACHED: usize = 5000;

impl<'t> Modules<'t> {
    pub(crate) fn new(project: Project<'t>) -> Self {
        Self {
            tree: project.tree,
            tsconfigs: project.tsconfigs,
            project,
            reader: Reader::default(),
            resolver: Resolver::new(project.tree, project.manifests, project.tsconfigs),
            parsed: RefCell::default(),
            followed: RefCell::default(),
            passed: RefCell::default(),
        }
    }

    /// A parsed script.
    pub(crate) fn get(&self, path: &str) -> Option<Rc<Module>> {
        let place = self.tree.place(path)?;
        if let Some(known) = self.parsed.borrow().get(&place) {
            return known.clone();
        }
        let parse = |text: &str| Rc::new(self.reader.parse(path, text).0);
        let module = self.reader.read(self.tree, place, parse);
        self.parsed.borrow_mut().insert(place, module.clone());
        module
    }

    /// What the text of a script says at a glance.
    pub(crate) fn glance(&self, place: u32) -> Option<Glance> {
        self.project.sources.glance(place, &self.reader)
    }

    /// Looks at all of the scripts, which makes what their texts say at a glance ready.
    pub(crate) fn glance_at(&self, scripts: &[u32]) {
        let sources = self.project.sources;
        ahead::each(self.project, scripts, &self.reader, |place, reader| {
            sources.glance(place, reader);
        });
    }

    /// What a script mentions.
    pub(crate) fn outline(&self, path: &str) -> Option<&'t Outline> {
        self.outline_at(self.tree.place(path)?)
    }

    pub(crate) fn outline_at(&self, place: u32) -> Option<&'t Outline> {
        self.project.sources.outline(place, &self.reader)
    }

    /// Those of the scripts that may create a Nest application. Few files are read twice, because most of them belong to programs
    /// that are followed afterwards.
    pub(crate) fn creators(&self, scripts: &[u32]) -> Vec<&'t str> {
        let sources = self.project.sources;
        ahead::each(self.project, scripts, &self.reader, |place, reader| {
            sources.outline(place, reader);
        });
        let creates = |place: &&u32| self.glance(**place).is_some_and(|glance| glance.creates);
        let scripts = scripts.iter().take_while(|_| !self.cancelled());
        scripts.filter(creates).map(|place| self.tree.at(*place)).collect()
    }

    /// Which of its `export *` a script may have a name from, by their position; the others surely do not give it. Spares a parse of
    /// every file that another one passes everything on from.
    pub(crate) fn givers(&self, script: &Module, name: &str) -> Vec<usize> {
        let Some(place) = self.tree.place(&script.path) else {
            return Vec::new();
        };
        if let Some(passed) = self.passed.borrow().get(&place) {
            return passed.givers(name);
        }
        let passed = self.pass_on(script);
        let givers = passed.givers(name);
        self.passed.borrow_mut().insert(place, passed);
        givers
    }

    fn pass_on(&self, script: &Module) -> Passed {
        let mut passed = Passed::default();
        for (at, specifier) in script.export_all.iter().enumerate() {
            let mut seen: FxHashSet<u32> = FxHashSet::default();
            let mut queue: Vec<u32> = self.resolver.place(&script.path, specifier).into_iter().collect();
            while let Some(place) = queue.pop() {
                if !seen.insert(place) {
                    continue;
                }
                let outline = Some(place).filter(|place| is_script(self.tree.at(*place)));
                let outline = outline.and_then(|place| self.outline_at(place));
                let Some((outline, exports)) = outline.and_then(|o| Some((o, o.exports.as_ref()?))) else {
                    passed.unsure.push(at);
                    break;
                };
                passed.names.extend(exports.names.iter().map(|name| (*name, at)));
                let links = self.links(outline);
                queue.extend(exports.all.iter().filter_map(|at| links.get(*at).copied().flatten()));
            }
        }
        passed.names.sort_unstable();
        passed.names.dedup();
        passed
    }

    /// Whether nobody waits for the answer any more; then every answer is as good as another.
    pub(crate) fn cancelled(&self) -> bool {
        self.project.options.cancelled()
    }

    /// The files that the references of a script mean, one for one.
    pub(crate) fn links<'o>(&self, outline: &'o Outline) -> &'o [Option<u32>] {
        self.resolver.links(outline)
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
        self.resolver.resolve(from, specifier)
    }

    /// A path with the ending that imports leave out.
    pub(crate) fn file(&self, path: &str) -> Option<Arc<str>> {
        self.tree.shared_at(self.resolver.file(path)?)
    }

    /// Makes ready what the scripts mention, however far away.
    fn follow(&self, entries: &[u32]) {
        let seen = &mut *self.followed.borrow_mut();
        ahead::follow(self.project, entries, seen, &self.reader, &self.resolver);
    }

    /// Positions in the tree of the files that a program loads, every file after the ones it imports.
    pub(crate) fn load_order(&self, entry: &str) -> Vec<u32> {
        self.follow(self.tree.place(entry).as_slice());
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
            for (reference, link) in outline.references.iter().zip(self.links(outline)).rev() {
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
    pub(crate) fn reachable(&self, entries: &[String]) -> Vec<&'t Outline> {
        let mut queue: VecDeque<u32> = entries.iter().filter_map(|e| self.tree.place(e)).collect();
        self.follow(queue.make_contiguous());
        let mut seen = vec![false; self.tree.len()];
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
            queue.extend(self.links(outline).iter().flatten().filter(|next| !seen[**next as usize]));
            out.push(outline);
        }
        out
    }
}
