//! Modules, their exports and the names they see.

use std::cell::RefCell;
use std::rc::Rc;

use crate::modules::Resolved;
use crate::script::syntax::{Export, Imported, Stmt, Text};

use super::Interpreter;
use super::expr::is_process;
use super::value::{ClassValue, Closure, External, Link, Scope, Value};

impl Interpreter<'_> {
    /// Runs the top level of a file once and gives its names.
    pub(crate) fn run_module(&mut self, path: &str) -> Option<Rc<Scope>> {
        if let Some(scope) = self.scopes.modules.get(path) {
            return Some(Rc::clone(scope));
        }
        let module = self.modules.get(path)?;
        let scope = Rc::new(Scope {
            vars: RefCell::default(),
            parent: None,
            module: Rc::clone(&module),
            this: None,
        });
        self.scopes.modules.insert(path.to_owned(), Rc::clone(&scope));
        hoist(&module.body, &scope);
        let uncertain = std::mem::take(&mut self.uncertain);
        let created = self.created;
        self.run_all(&module.body, &scope);
        self.uncertain = uncertain;
        if self.created > created {
            self.creating.insert(path.to_owned());
        }
        Some(scope)
    }

    /// A name as seen from a scope.
    pub(super) fn lookup(&mut self, name: &Text, scope: &Rc<Scope>) -> Value {
        if let Some(value) = scope.find(name) {
            return value;
        }
        let module = Rc::clone(&scope.module);
        if let Some(import) = module.imports.iter().find(|i| i.local == *name) {
            let resolve = || self.modules.resolve(&module.path, &import.specifier);
            return self.imported(import.target.get_or_init(resolve), &import.imported);
        }
        match &**name {
            // Bun has an environment of its own name, with the same variables.
            "process" | "Bun" => Value::Process,
            // What is no number counts for nothing, like what is missing.
            "undefined" | "NaN" => Value::Undefined,
            "__dirname" => Value::Path(Rc::from(crate::place::parent(&module.path))),
            "__filename" => Value::Path(Rc::from(module.path.as_str())),
            _ => Value::External(Rc::new(External {
                package: Rc::clone(&self.no_package),
                chain: vec![Link::Name(Rc::clone(name))],
            })),
        }
    }

    /// What an import gives.
    pub(super) fn import(&mut self, from: &str, specifier: &str, imported: &Imported) -> Value {
        self.imported(&self.modules.resolve(from, specifier), imported)
    }

    fn imported(&mut self, target: &Resolved, imported: &Imported) -> Value {
        match target {
            Resolved::File(path) => match imported {
                Imported::All => Value::Namespace(Rc::from(&**path)),
                Imported::Default => self.export(path, "default"),
                Imported::Name(name) => self.export(path, name),
            },
            Resolved::Package(package) if is_process(package) && matches!(imported, Imported::Name(name) if &**name == "env") => {
                Value::Environment
            }
            Resolved::Package(package) => {
                let chain = match imported {
                    Imported::Name(name) => vec![Link::Name(Rc::clone(name))],
                    Imported::Default | Imported::All => Vec::new(),
                };
                let package = Rc::clone(package);
                Value::External(Rc::new(External { package, chain }))
            }
            Resolved::Missing => Value::Unknown,
        }
    }

    /// What a file exports under a name.
    pub(crate) fn export(&mut self, path: &str, name: &str) -> Value {
        if !self.step() {
            return Value::Unknown;
        }
        if path.rsplit_once('.').is_some_and(|(_, end)| end == "json") {
            let value = self.modules.json(path);
            return if name == "default" {
                value
            } else {
                value.field(name).unwrap_or(Value::Undefined)
            };
        }
        self.depth += 1;
        let value = self.export_inner(path, name);
        self.depth -= 1;
        value
    }

    fn export_inner(&mut self, path: &str, name: &str) -> Value {
        let Some(scope) = self.run_module(path) else {
            return Value::Unknown;
        };
        let module = Rc::clone(&scope.module);
        if let Some((_, export)) = module.exports.iter().find(|(n, _)| &**n == name) {
            return match export {
                Export::Local(local) => self.lookup(local, &scope),
                Export::Value(expr) => {
                    let key: Text = Rc::from("\u{0}default");
                    if let Some(value) = scope.find(&key) {
                        return value;
                    }
                    scope.declare(&key, Value::Unknown);
                    let value = self.eval(expr, &scope);
                    scope.declare(&key, value.clone());
                    value
                }
                Export::From { specifier, imported } => self.import(path, specifier, imported),
            };
        }
        if name == "default"
            && let Some(value) = scope.find("\u{0}module.exports")
        {
            return value;
        }
        if let Some(value) = scope.find("\u{0}module.exports").and_then(|v| v.field(name)) {
            return value;
        }
        for at in self.modules.givers(&module, name) {
            if let Some(specifier) = module.export_all.get(at)
                && let Resolved::File(next) = self.modules.resolve(path, specifier)
            {
                let value = self.export(&next, name);
                if !matches!(value, Value::Undefined | Value::Unknown) {
                    return value;
                }
            }
        }
        Value::Undefined
    }
}

/// Declares functions and classes before the statements run.
pub(super) fn hoist(body: &[Stmt], scope: &Rc<Scope>) {
    for statement in body {
        if let Stmt::Func(func) = statement
            && let Some(name) = &func.name
        {
            let closure = Closure {
                func: Rc::clone(func),
                scope: Rc::clone(scope),
                this: None,
            };
            scope.declare(name, Value::Func(Rc::new(closure)));
        }
        if let Stmt::Class(class) = statement
            && let Some(name) = &class.name
        {
            scope.declare(name, Value::Class(ClassValue::new(class, scope)));
        }
    }
}
