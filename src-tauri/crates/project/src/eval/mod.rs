//! Follows a program without running it: constants, functions, classes, imports and the environment.
//!
//! The result of every step is a [`value::Value`] that says what is known. What a project does to its framework is kept as
//! [`Effect`]s, so that a reader of the findings can ask "what is the application told to listen on?" however deep the call is.

mod call;
mod class;
mod expr;
mod namespace;
mod schema;
mod stmt;
pub(crate) mod value;

use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::modules::Modules;
use crate::script::syntax::{Expr, Func, Text};

pub(crate) use schema::SchemaField;
use value::{AppKind, External, Scope, Spot, Value};

/// Something the program does to its framework.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) spot: Spot,
    pub(crate) kind: EffectKind,
}

/// What it does.
#[derive(Clone, Debug)]
pub(crate) enum EffectKind {
    /// `NestFactory.create…`
    Created { kind: AppKind, arguments: Rc<Vec<Value>> },
    /// A method of the application: `listen`, `setGlobalPrefix`, …
    OnApp {
        kind: AppKind,
        method: Text,
        arguments: Rc<Vec<Value>>,
    },
    /// `listen` on something that is no application we know.
    OtherListen { arguments: Rc<Vec<Value>> },
    /// A call into a package.
    External { call: Rc<External> },
}

/// Follows programs of one project.
pub(crate) struct Interpreter<'t> {
    pub(crate) modules: &'t Modules<'t>,
    /// What the program did so far.
    pub(crate) effects: Vec<Effect>,
    /// Variables that were read so far.
    pub(crate) reads: Vec<Rc<value::EnvRead>>,
    /// Variables without which the program stops itself.
    pub(crate) required: BTreeSet<Text>,
    /// Objects given to `ConfigModule.forRoot({ load })`.
    pub(crate) config: Vec<Value>,
    /// Whether some configuration is loaded in a way we cannot follow.
    pub(crate) opaque_config: bool,
    /// Variables described by a schema, with their default.
    pub(crate) schema: FxHashMap<Text, SchemaField>,
    /// `process.cwd()`, relative to the inspected folder.
    pub(crate) cwd: Text,
    /// The package of what is there without an import.
    no_package: Text,
    scopes: Scopes,
    /// Applications created so far.
    created: u32,
    /// Files whose top level creates an application, by itself or through what it loads.
    creating: FxHashSet<String>,
    /// Functions that are being followed.
    running: FxHashMap<*const Func, class::Running>,
    fuel: u32,
    depth: u32,
    /// Greater than zero inside a branch that may not be taken.
    uncertain: u32,
    /// Greater than zero inside `try`.
    tries: u32,
    /// Whether the last statement threw.
    threw: bool,
}

/// The scopes of a program; emptied in the end, or functions and the scopes they see would keep each other forever.
#[derive(Default)]
struct Scopes {
    /// By the path of the file.
    modules: FxHashMap<String, Rc<Scope>>,
    /// Those that something holds on to after they were left.
    captured: Vec<Weak<Scope>>,
}

impl Scopes {
    /// Remembers a scope that is left, if something holds on to it.
    fn keep(&mut self, scope: &Rc<Scope>) {
        if Rc::strong_count(scope) > 1 {
            self.captured.push(Rc::downgrade(scope));
        }
    }
}

impl Drop for Scopes {
    fn drop(&mut self) {
        for scope in self.captured.drain(..).filter_map(|s| s.upgrade()) {
            scope.clear();
        }
        for scope in self.modules.values() {
            scope.clear();
        }
    }
}

/// Expressions that every file may use when a program is run.
const FUEL_PER_FILE: u32 = 20_000;
/// Most expressions evaluated for one question.
const FUEL: u32 = 400_000;
/// Deepest nesting of calls and expressions.
const MAX_DEPTH: u32 = 220;

impl<'t> Interpreter<'t> {
    pub(crate) fn new(modules: &'t Modules<'t>, cwd: &str) -> Self {
        Self {
            modules,
            effects: Vec::new(),
            reads: Vec::new(),
            required: BTreeSet::new(),
            config: Vec::new(),
            opaque_config: false,
            schema: FxHashMap::default(),
            cwd: Rc::from(cwd),
            no_package: Rc::from(""),
            scopes: Scopes::default(),
            created: 0,
            creating: FxHashSet::default(),
            running: FxHashMap::default(),
            fuel: FUEL,
            depth: 0,
            uncertain: 0,
            tries: 0,
            threw: false,
        }
    }

    /// Runs a program: every file it loads, the ones it imports first, so that no chain of imports gets deep.
    pub(crate) fn run_program(&mut self, entry: &str) {
        for place in self.modules.load_order(entry) {
            self.load(self.modules.tree.at(place), entry);
        }
    }

    /// Whether running a file creates an application. Runs as much of the program as can reach one of the targets, and what
    /// ran for an earlier question counts without being run again.
    pub(crate) fn creates(&mut self, entry: &str, targets: &[&str]) -> bool {
        let modules = self.modules;
        let order = modules.load_order(entry);
        let mut leads = vec![false; modules.tree.len()];
        for target in targets.iter().filter_map(|t| modules.tree.place(t)) {
            leads[target as usize] = true;
        }
        // Twice, because files that import each other are in no order.
        for _ in 0..2 {
            for place in &order {
                if !leads[*place as usize]
                    && let Some(outline) = modules.outline_at(*place)
                    && modules.links(outline).iter().flatten().any(|next| leads[*next as usize])
                {
                    leads[*place as usize] = true;
                }
            }
        }
        // What was done is asked about per file; a list of it would only fill up.
        self.effects.clear();
        order.iter().filter(|place| leads[**place as usize]).any(|place| {
            let path = modules.tree.at(*place);
            self.load(path, entry);
            self.creating.contains(path)
        })
    }

    /// What an expression at the top of a file, or one that only uses names of it, comes to if that is a text.
    pub(crate) fn text_in(&mut self, path: &str, expr: &Expr) -> Option<Text> {
        self.fuel = self.fuel.max(FUEL_PER_FILE);
        let scope = self.run_module(path)?;
        match self.eval(expr, &scope) {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    fn load(&mut self, path: &str, entry: &str) {
        // Files that only declare are run when something asks for one of their names.
        if path != entry && self.modules.outline(path).is_some_and(|o| !o.words.acts) {
            return;
        }
        self.fuel = self.fuel.max(FUEL_PER_FILE);
        if path == entry {
            self.fuel = self.fuel.max(FUEL);
        }
        self.run_module(path);
    }

    /// Whether there is strength left for another step.
    fn step(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel.is_multiple_of(1024) && self.modules.cancelled() {
            self.fuel = 0;
        }
        self.fuel > 0 && self.depth < MAX_DEPTH
    }

    fn spot(scope: &Scope, line: u32) -> Spot {
        Spot {
            file: Rc::from(scope.module.path.as_str()),
            line,
        }
    }

    fn effect(&mut self, scope: &Scope, line: u32, kind: EffectKind) {
        self.created += u32::from(matches!(kind, EffectKind::Created { .. }));
        if self.effects.len() < 20_000 {
            self.effects.push(Effect {
                spot: Self::spot(scope, line),
                kind,
            });
        }
    }
}
