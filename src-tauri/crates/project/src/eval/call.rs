//! Calls: of the project's own functions, of the framework and of the few library functions that matter.

use std::cell::RefCell;
use std::rc::Rc;

use crate::modules::Resolved;
use crate::place;
use crate::script::syntax::{Expr, ExprKind, MemberKind, Text};

use super::value::{AppKind, External, Link, Object, Scope, Value};
use super::{EffectKind, Interpreter};

impl Interpreter<'_> {
    pub(super) fn arguments(&mut self, all: &[Expr], scope: &Rc<Scope>) -> Vec<Value> {
        let mut out = Vec::with_capacity(all.len());
        for argument in all {
            let value = self.eval(argument, scope);
            if matches!(argument.kind, ExprKind::Spread(_)) {
                out.extend(value.elements());
            } else {
                out.push(value);
            }
        }
        out
    }

    pub(super) fn call(&mut self, callee: &Expr, arguments: &[Expr], scope: &Rc<Scope>, line: u32) -> Value {
        match &callee.kind {
            ExprKind::Member(object, name) => {
                let object = self.eval(object, scope);
                // A list of entities: nobody asks for their classes.
                let entities = &**name == "forFeature" && arguments.iter().any(|a| matches!(a.kind, ExprKind::Array(_)));
                let arguments = if entities {
                    vec![Value::Unknown]
                } else {
                    self.arguments(arguments, scope)
                };
                self.method(&object, name, arguments, scope, line)
            }
            ExprKind::Ident(name) if &**name == "require" => {
                let arguments = self.arguments(arguments, scope);
                match arguments.first() {
                    Some(Value::Str(specifier)) => self.require(&scope.module.path.clone(), specifier),
                    _ => Value::Unknown,
                }
            }
            _ => {
                let function = self.eval(callee, scope);
                let arguments = self.arguments(arguments, scope);
                self.apply(&function, arguments, scope, line)
            }
        }
    }

    fn require(&mut self, from: &str, specifier: &str) -> Value {
        match self.modules.resolve(from, specifier) {
            Resolved::File(path) => match self.export(&path, "default") {
                Value::Undefined => Value::Namespace(Rc::from(&*path)),
                value => value,
            },
            Resolved::Package(package) => Value::External(Rc::new(External {
                package,
                chain: Vec::new(),
            })),
            Resolved::Missing => {
                // A file that is not there throws; whoever tries it has a plan for that.
                self.threw = self.tries > 0 && specifier.starts_with('.');
                Value::Unknown
            }
        }
    }

    pub(crate) fn apply(&mut self, function: &Value, arguments: Vec<Value>, scope: &Rc<Scope>, line: u32) -> Value {
        match function {
            Value::Func(closure) => self.invoke(closure, &arguments),
            Value::External(external) => self.external(external, arguments, scope, line),
            _ => {
                self.call_back(&arguments);
                Value::Unknown
            }
        }
    }

    /// Functions handed to code we cannot see are most likely called by it.
    fn call_back(&mut self, arguments: &[Value]) {
        if self.depth > 80 {
            return;
        }
        for argument in arguments {
            if let Value::Func(closure) = argument {
                self.invoke(closure, &[]);
            }
        }
    }

    pub(super) fn method(&mut self, object: &Value, name: &Text, arguments: Vec<Value>, scope: &Rc<Scope>, line: u32) -> Value {
        match &**name {
            "then" => {
                return match arguments.first() {
                    Some(Value::Func(closure)) => self.invoke(closure, std::slice::from_ref(object)),
                    _ => object.clone(),
                };
            }
            "catch" | "finally" if !matches!(object, Value::External(_)) => return object.clone(),
            _ => {}
        }
        match object {
            Value::App(kind) => self.on_app(*kind, name, arguments, scope, line),
            Value::Config => self.config_method(name, &arguments, scope, line),
            Value::External(external) => {
                let Value::External(callee) = external.then(Link::Name(Rc::clone(name))) else {
                    return Value::Unknown;
                };
                self.external(&callee, arguments, scope, line)
            }
            Value::Str(_) | Value::Env(_) | Value::Num(_) | Value::Joined(_) => text_method(object, name, &arguments),
            Value::Array(all) => self.array_method(object, all, name, &arguments),
            Value::Func(closure) => match &**name {
                "call" => self.invoke(closure, arguments.get(1..).unwrap_or_default()),
                "bind" => object.clone(),
                "apply" => {
                    let all = arguments.get(1).map(Value::elements).unwrap_or_default();
                    self.invoke(closure, &all)
                }
                _ => Value::Unknown,
            },
            Value::Unknown if &**name == "listen" => {
                self.effect(
                    scope,
                    line,
                    EffectKind::OtherListen {
                        arguments: Rc::new(arguments),
                    },
                );
                Value::Unknown
            }
            Value::Unknown if matches!(&**name, "get" | "getOrThrow") && matches!(arguments.first(), Some(Value::Str(_))) => {
                self.config_method(name, &arguments, scope, line)
            }
            _ => {
                let function = self.member(object, name, scope, line);
                if matches!(function, Value::Config) {
                    return self.config_method(name, &arguments, scope, line);
                }
                self.apply(&function, arguments, scope, line)
            }
        }
    }

    fn on_app(&mut self, kind: AppKind, name: &Text, arguments: Vec<Value>, scope: &Rc<Scope>, line: u32) -> Value {
        let first = arguments.first().cloned();
        self.effect(
            scope,
            line,
            EffectKind::OnApp {
                kind,
                method: Rc::clone(name),
                arguments: Rc::new(arguments),
            },
        );
        match &**name {
            "get" | "resolve" => first.map_or(Value::Unknown, |token| self.provide(&token)),
            "getHttpServer" | "getHttpAdapter" => Value::External(Rc::new(External {
                package: Rc::from(""),
                chain: vec![Link::Name(Rc::from("server"))],
            })),
            "getUrl" => Value::Unknown,
            _ => Value::App(kind),
        }
    }

    fn external(&mut self, callee: &Rc<External>, arguments: Vec<Value>, scope: &Rc<Scope>, line: u32) -> Value {
        let names = callee.names();
        if let Some(value) = self.library(&callee.package, &names, &arguments, scope) {
            return value;
        }
        let Value::External(call) = callee.then(Link::Call(Rc::new(arguments.clone()))) else {
            return Value::Unknown;
        };
        if let ["NestFactory", how] = names.as_slice() {
            let kind = match *how {
                "create" => AppKind::Http,
                "createMicroservice" => AppKind::Microservice,
                _ => AppKind::Context,
            };
            let mut arguments = arguments;
            if let Some(options) = arguments.get(1).and_then(|a| self.made_later(a)) {
                arguments[1] = options;
            }
            self.effect(
                scope,
                line,
                EffectKind::Created {
                    kind,
                    arguments: Rc::new(arguments),
                },
            );
            return Value::App(kind);
        }
        if names.last() == Some(&"listen") {
            self.effect(
                scope,
                line,
                EffectKind::OtherListen {
                    arguments: Rc::new(arguments.clone()),
                },
            );
        }
        if !callee.package.is_empty() {
            self.effect(scope, line, EffectKind::External { call: Rc::clone(&call) });
            if names.first() == Some(&"ConfigModule") && names.last() == Some(&"forRoot") {
                self.absorb_config(arguments.first(), scope, line);
            }
            if names.last().is_some_and(|n| n.ends_with("Async")) {
                if let Some(options) = arguments.first().and_then(|a| self.made_later(a))
                    && let Value::External(call) = callee.then(Link::Call(Rc::new(vec![options])))
                {
                    self.effect(scope, line, EffectKind::External { call });
                }
                return Value::External(call);
            }
        }
        if let Some(value) = self.validated(&call, scope, line) {
            return value;
        }
        if !matches!(names.last(), Some(&("registerAs" | "defineConfig"))) {
            self.call_back(&arguments);
        }
        Value::External(call)
    }

    /// The options that `useFactory` or `useClass` give when the framework asks for them.
    fn made_later(&mut self, options: &Value) -> Option<Value> {
        match (
            options.field("useFactory"),
            options.field("useClass").or_else(|| options.field("useExisting")),
        ) {
            (Some(Value::Func(factory)), _) => Some(self.invoke(&factory, &[])),
            (_, Some(Value::Class(class))) => {
                let instance = self.instantiate(&class, None);
                let maker = class.class.members.iter().find(|m| {
                    m.name.starts_with("create") && matches!(m.kind, MemberKind::Method(_) | MemberKind::Field(Some(_)))
                })?;
                let Value::Instance(instance) = instance else { return None };
                match self.instance_member(&instance, &maker.name) {
                    Value::Func(closure) => Some(self.invoke(&closure, &[])),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Library functions whose result we can tell.
    fn library(&mut self, package: &str, names: &[&str], arguments: &[Value], scope: &Rc<Scope>) -> Option<Value> {
        let first = || arguments.first().cloned().unwrap_or(Value::Undefined);
        Some(match (package, names) {
            ("", ["Number" | "parseInt" | "parseFloat"] | ["Number", "parseInt" | "parseFloat"]) => first().number(),
            ("", ["String" | "decodeURIComponent"] | ["Object", "freeze"] | ["Promise", "resolve" | "all"]) => first(),
            ("", ["Boolean"]) => first().truthy().map_or(Value::Unknown, Value::Bool),
            ("", ["isNaN"] | ["Number", "isNaN" | "isInteger"]) => Value::Unknown,
            ("", ["Object", "assign"]) => {
                let target = first();
                if let Value::Object(object) = &target {
                    for more in &arguments[1..] {
                        if let Value::Object(more) = more {
                            for (key, value) in more.fields.borrow().iter() {
                                object.set(key, value.clone());
                            }
                        }
                    }
                }
                target
            }
            ("", ["process", "cwd"]) => Value::Path(Rc::clone(&self.cwd)),
            ("process" | "node:process", ["cwd"]) => Value::Path(Rc::clone(&self.cwd)),
            ("", ["process" | "console", ..]) => Value::Undefined,
            ("path" | "node:path", ["join" | "resolve"] | ["posix" | "path", "join" | "resolve"]) => {
                self.join_path(arguments, names.last() == Some(&"resolve"))
            }
            ("path" | "node:path", ["dirname"]) => match first() {
                Value::Path(path) => Value::Path(Rc::from(place::parent(&path))),
                _ => Value::Unknown,
            },
            ("url" | "node:url", ["fileURLToPath"]) => first(),
            ("fs" | "node:fs", ["readFileSync"]) => match first() {
                Value::Path(path) => self
                    .modules
                    .tree
                    .text(&path)
                    .filter(|t| t.len() < 64 * 1024)
                    .map_or(Value::Unknown, |t| Value::text(&t)),
                _ => Value::Unknown,
            },
            ("js-yaml" | "yaml" | "yamljs", ["load" | "parse" | "safeLoad"]) => match first() {
                Value::Str(text) => crate::document::yaml(&text),
                _ => Value::Unknown,
            },
            ("", ["JSON", "parse"]) => match first() {
                Value::Str(text) => crate::document::yaml(&text),
                _ => Value::Unknown,
            },
            ("vite" | "dotenv", ["loadEnv" | "config"]) => {
                let object = Object::default();
                *object.fallback.borrow_mut() = Some(Value::Environment);
                if package == "vite" {
                    return Some(Value::Object(Rc::new(object)));
                }
                let result = Object::default();
                result.set(&Rc::from("parsed"), Value::Object(Rc::new(object)));
                Value::Object(Rc::new(result))
            }
            ("", ["require"]) => match first() {
                Value::Str(specifier) => self.require(&scope.module.path.clone(), &specifier),
                _ => Value::Unknown,
            },
            _ => return None,
        })
    }

    fn join_path(&self, arguments: &[Value], absolute: bool) -> Value {
        let mut at: Option<String> = None;
        for argument in arguments {
            match argument {
                Value::Path(path) => at = Some(path.to_string()),
                Value::Str(part) => {
                    let base = match at {
                        Some(base) => base,
                        None if absolute => self.cwd.to_string(),
                        None => {
                            at = Some(part.to_string());
                            continue;
                        }
                    };
                    let Some(joined) = place::join(&base, part.trim_start_matches('/')) else {
                        return Value::Unknown;
                    };
                    at = Some(joined);
                }
                _ => return Value::Unknown,
            }
        }
        let relative = !absolute && !matches!(arguments.first(), Some(Value::Path(_)));
        match at {
            Some(text) if relative => Value::text(&text),
            Some(path) => Value::Path(Rc::from(path)),
            None => Value::Unknown,
        }
    }

    fn array_method(&mut self, object: &Value, all: &Rc<RefCell<Vec<Value>>>, name: &str, arguments: &[Value]) -> Value {
        let items = all.borrow().clone();
        match (name, arguments.first()) {
            ("map", Some(Value::Func(closure))) => {
                let mapped = items
                    .into_iter()
                    .take(200)
                    .map(|item| self.invoke(closure, &[item]))
                    .collect();
                Value::Array(Rc::new(RefCell::new(mapped)))
            }
            ("forEach", Some(Value::Func(closure))) => {
                for item in items.into_iter().take(200) {
                    self.invoke(closure, &[item]);
                }
                Value::Undefined
            }
            ("push", _) => {
                if all.borrow().len() < 1000 {
                    all.borrow_mut().extend(arguments.iter().cloned());
                }
                Value::Unknown
            }
            ("filter" | "concat" | "slice" | "flat", _) => object.clone(),
            _ => Value::Unknown,
        }
    }
}

fn text_method(object: &Value, name: &str, arguments: &[Value]) -> Value {
    match (name, object) {
        ("toString" | "trim" | "valueOf", Value::Num(_) | Value::Env(_) | Value::Joined(_)) => object.clone(),
        ("toLowerCase" | "toUpperCase" | "replace" | "replaceAll", Value::Env(_)) => object.clone(),
        ("toString" | "valueOf", Value::Str(_)) => object.clone(),
        ("trim", Value::Str(s)) => Value::text(s.trim()),
        ("toLowerCase", Value::Str(s)) => Value::text(&s.to_lowercase()),
        ("toUpperCase", Value::Str(s)) => Value::text(&s.to_uppercase()),
        ("startsWith", Value::Str(s)) => match arguments.first() {
            Some(Value::Str(other)) => Value::Bool(s.starts_with(&**other)),
            _ => Value::Unknown,
        },
        ("replace" | "replaceAll", Value::Str(s)) => match arguments {
            [Value::Str(a), Value::Str(b)] if a.chars().all(|c| c.is_alphanumeric() || c == '/' || c == '-') => {
                Value::text(&s.replace(&**a, b))
            }
            _ => object.clone(),
        },
        ("split", Value::Str(s)) => match arguments.first() {
            Some(Value::Str(by)) if !by.is_empty() => {
                Value::Array(Rc::new(RefCell::new(s.split(&**by).map(Value::text).collect())))
            }
            _ => Value::Unknown,
        },
        ("concat", _) => {
            let mut parts = vec![object.clone()];
            parts.extend(arguments.iter().cloned());
            super::expr::concat(parts)
        }
        _ => Value::Unknown,
    }
}
