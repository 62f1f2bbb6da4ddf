//! What an expression can be without running the program.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::script::syntax::{Class, Func, Module, Text};

/// A place in the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) file: Text,
    pub(crate) line: u32,
}

/// What is known about a value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Unknown,
    Undefined,
    Null,
    Bool(bool),
    Num(f64),
    Str(Text),
    /// A path inside the project, relative to the inspected folder.
    Path(Text),
    /// Read from an environment variable.
    Env(Rc<EnvRead>),
    /// A text put together from parts, some of them not known.
    Joined(Rc<Vec<Value>>),
    /// `process.env` or `import.meta.env`.
    Environment,
    Process,
    ImportMeta,
    Object(Rc<Object>),
    Array(Rc<RefCell<Vec<Value>>>),
    Func(Rc<Closure>),
    Class(Rc<ClassValue>),
    Instance(Rc<Instance>),
    /// Something from a package, with everything done to it so far.
    External(Rc<External>),
    /// All exports of a file.
    Namespace(Text),
    /// A Nest application.
    App(AppKind),
    /// The configuration service of `@nestjs/config`.
    Config,
}

/// How a Nest application was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppKind {
    Http,
    Microservice,
    /// No listener at all: scripts and workers.
    Context,
}

/// A variable of the environment, and what stands in for it.
#[derive(Clone, Debug)]
pub(crate) struct EnvRead {
    pub(crate) name: Text,
    pub(crate) spot: Spot,
    pub(crate) default: Option<Value>,
    pub(crate) required: bool,
    /// Variables that are asked when this one is missing.
    pub(crate) also: Vec<Text>,
}

/// An object literal, perhaps on top of something else.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) fields: RefCell<Vec<(Text, Value)>>,
    /// Where missing fields come from.
    pub(crate) fallback: RefCell<Option<Value>>,
}

/// A function and the names it can see.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) func: Rc<Func>,
    pub(crate) scope: Rc<Scope>,
    pub(crate) this: Option<Value>,
}

/// A class and the names it can see.
#[derive(Debug)]
pub(crate) struct ClassValue {
    pub(crate) class: Rc<Class>,
    pub(crate) scope: Rc<Scope>,
    /// What the program assigned to static fields.
    pub(crate) statics: RefCell<FxHashMap<Text, Value>>,
}

impl ClassValue {
    pub(crate) fn new(class: &Rc<Class>, scope: &Rc<Scope>) -> Rc<Self> {
        Rc::new(Self {
            class: Rc::clone(class),
            scope: Rc::clone(scope),
            statics: RefCell::default(),
        })
    }
}

/// An object of a class of the project.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) class: Rc<ClassValue>,
    pub(crate) fields: RefCell<FxHashMap<Text, Value>>,
}

/// Something from a package.
#[derive(Debug)]
pub(crate) struct External {
    pub(crate) package: Text,
    pub(crate) chain: Vec<Link>,
}

/// One step away from the package.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    Name(Text),
    Call(Rc<Vec<Value>>),
    New(Rc<Vec<Value>>),
}

/// Names of a function or module.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) vars: RefCell<FxHashMap<Text, Value>>,
    pub(crate) parent: Option<Rc<Scope>>,
    pub(crate) module: Rc<Module>,
    pub(crate) this: Option<Value>,
}

impl Scope {
    pub(crate) fn child(parent: &Rc<Self>, this: Option<Value>) -> Rc<Self> {
        Rc::new(Self {
            vars: RefCell::default(),
            module: Rc::clone(&parent.module),
            this: this.or_else(|| parent.this.clone()),
            parent: Some(Rc::clone(parent)),
        })
    }

    pub(crate) fn find(&self, name: &str) -> Option<Value> {
        let mut at = Some(self);
        while let Some(scope) = at {
            if let Some(value) = scope.vars.borrow().get(name) {
                return Some(value.clone());
            }
            at = scope.parent.as_deref();
        }
        None
    }

    pub(crate) fn declare(&self, name: &Text, value: Value) {
        self.vars.borrow_mut().insert(Rc::clone(name), value);
    }

    /// Lets go of everything the scope holds, because functions and the scopes they see hold each other.
    pub(crate) fn clear(&self) {
        let vars = self.vars.take();
        if let Some(Value::Instance(instance)) = &self.this {
            drop(instance.fields.take());
        }
        drop(vars);
    }

    /// Replaces the innermost variable of that name by what `change` makes of it.
    pub(crate) fn assign(&self, name: &Text, change: impl FnOnce(&Value) -> Value) {
        let mut at = Some(self);
        while let Some(scope) = at {
            let mut vars = scope.vars.borrow_mut();
            if let Some(old) = vars.get_mut(name) {
                *old = change(old);
                return;
            }
            at = scope.parent.as_deref();
        }
    }
}

impl Object {
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.fields
            .borrow()
            .iter()
            .rev()
            .find(|(key, _)| &**key == name)
            .map(|(_, value)| value.clone())
    }

    pub(crate) fn set(&self, name: &Text, value: Value) {
        let mut fields = self.fields.borrow_mut();
        match fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => fields.push((Rc::clone(name), value)),
        }
    }
}

impl External {
    /// The names on the way, without calls: `ConfigModule.forRoot`.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.chain
            .iter()
            .filter_map(|link| match link {
                Link::Name(name) => Some(&**name),
                Link::Call(_) | Link::New(_) => None,
            })
            .collect()
    }

    /// Arguments of the last step, if it was a call.
    pub(crate) fn arguments(&self) -> Option<&Rc<Vec<Value>>> {
        match self.chain.last()? {
            Link::Call(arguments) | Link::New(arguments) => Some(arguments),
            Link::Name(_) => None,
        }
    }

    pub(crate) fn then(&self, link: Link) -> Value {
        let mut chain = self.chain.clone();
        chain.push(link);
        Value::External(Rc::new(Self {
            package: Rc::clone(&self.package),
            chain,
        }))
    }
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Str(Rc::from(text))
    }

    pub(crate) fn object(fields: Vec<(Text, Value)>) -> Self {
        Self::Object(Rc::new(Object {
            fields: RefCell::new(fields),
            fallback: RefCell::default(),
        }))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Rc<Object>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A field of an object literal.
    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        self.as_object()?.get(name)
    }

    /// The elements, if it is an array.
    pub(crate) fn elements(&self) -> Vec<Value> {
        match self {
            Self::Array(all) => all.borrow().clone(),
            _ => Vec::new(),
        }
    }

    /// Whether JavaScript takes it for true; `None` when that depends on something unknown.
    pub(crate) fn truthy(&self) -> Option<bool> {
        match self {
            Self::Undefined | Self::Null => Some(false),
            Self::Bool(b) => Some(*b),
            Self::Num(n) => Some(*n != 0.0 && !n.is_nan()),
            Self::Str(s) => Some(!s.is_empty()),
            Self::Unknown => None,
            Self::Env(read) => read.default.as_ref().and_then(Value::truthy).filter(|t| *t),
            Self::Joined(_) => None,
            Self::External(_) => None,
            _ => Some(true),
        }
    }

    /// The same literal or the same variable.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Undefined, Self::Undefined) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Num(a), Self::Num(b)) => (a - b).abs() < f64::EPSILON,
            (Self::Str(a), Self::Str(b)) | (Self::Path(a), Self::Path(b)) => a == b,
            (Self::Env(a), Self::Env(b)) => a.name == b.name,
            _ => false,
        }
    }

    /// What it is when the variable is missing.
    pub(crate) fn or(self, fallback: Value) -> Value {
        match self {
            Self::Env(read) if read.default.is_none() => {
                let mut read = (*read).clone();
                match fallback {
                    Self::Env(next) => {
                        read.also.push(Rc::clone(&next.name));
                        read.also.extend(next.also.iter().cloned());
                        read.default.clone_from(&next.default);
                    }
                    Self::Undefined | Self::Null | Self::Unknown => {}
                    other => read.default = Some(other),
                }
                Self::Env(Rc::new(read))
            }
            Self::Undefined | Self::Null => fallback,
            other => other,
        }
    }

    /// One of two, and nobody knows which.
    pub(crate) fn join(a: &Value, b: &Value) -> Value {
        match (a, b) {
            (a, b) if a.same(b) => a.clone(),
            (Self::Undefined | Self::Null | Self::Bool(false), other)
            | (other, Self::Undefined | Self::Null | Self::Bool(false)) => other.clone(),
            (Self::Env(read), literal @ (Self::Num(_) | Self::Str(_)))
            | (literal @ (Self::Num(_) | Self::Str(_)), Self::Env(read)) => Self::Env(Rc::clone(read)).or(literal.clone()),
            (Self::Env(x), Self::Env(y)) => Self::Env(Rc::clone(x)).or(Self::Env(Rc::clone(y))),
            _ => Self::Unknown,
        }
    }

    /// As a number, keeping the variable it comes from.
    pub(crate) fn number(self) -> Value {
        match self {
            Self::Str(s) => s.trim().parse::<f64>().map_or(Self::Unknown, Self::Num),
            Self::Env(read) => {
                let mut read = (*read).clone();
                read.default = read.default.map(Self::number).filter(|d| !matches!(d, Self::Unknown));
                Self::Env(Rc::new(read))
            }
            Self::Num(n) => Self::Num(n),
            Self::Bool(b) => Self::Num(f64::from(u8::from(b))),
            _ => Self::Unknown,
        }
    }
}
