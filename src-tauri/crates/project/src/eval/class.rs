//! Classes, their objects and what the framework passes into constructors.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use crate::script::syntax::{Class, Expr, ExprKind, Func, MemberKind, Param, Pattern, Prop, Text};

use super::Interpreter;
use super::namespace::hoist;
use super::value::{ClassValue, Closure, Instance, Link, Scope, Value};

impl Interpreter<'_> {
    /// Evaluates what a module imports, which is where the framework is set up. Providers, controllers and other decorators only
    /// name classes, and looking at every class of a program takes long.
    pub(super) fn decorate(&mut self, class: &Class, scope: &Rc<Scope>) {
        for decorator in &class.decorators {
            let ExprKind::Call(callee, arguments) = &decorator.kind else {
                continue;
            };
            let is_module = matches!(&callee.kind, ExprKind::Ident(name) if &**name == "Module");
            for argument in arguments {
                match &argument.kind {
                    ExprKind::Object(props) => self.imports_of(props, scope),
                    _ if is_module => drop(self.eval(argument, scope)),
                    _ => {}
                }
            }
        }
    }

    fn imports_of(&mut self, props: &[Prop], scope: &Rc<Scope>) {
        for prop in props {
            match prop {
                Prop::Field { key, value } if &**key == "imports" => drop(self.eval(value, scope)),
                Prop::Spread(value) => drop(self.eval(value, scope)),
                Prop::Field { .. } | Prop::Getter { .. } | Prop::Computed { .. } => {}
            }
        }
    }

    pub(super) fn construct(&mut self, callee: &Expr, arguments: &[Expr], scope: &Rc<Scope>, line: u32) -> Value {
        let callee = self.eval(callee, scope);
        let arguments = self.arguments(arguments, scope);
        match callee {
            Value::Class(class) => self.instantiate(&class, Some(&arguments)),
            Value::External(external) => {
                let names = external.names();
                if names == ["URL"]
                    && let [Value::Str(path), Value::Path(base)] = arguments.as_slice()
                {
                    return crate::place::join(crate::place::parent(base), path)
                        .map_or(Value::Unknown, |p| Value::Path(Rc::from(p)));
                }
                if names.last() == Some(&"ConfigService") {
                    return Value::Config;
                }
                let value = external.then(Link::New(Rc::new(arguments)));
                if let Value::External(call) = &value
                    && !call.package.is_empty()
                {
                    self.effect(scope, line, super::EffectKind::External { call: Rc::clone(call) });
                }
                value
            }
            _ => Value::Unknown,
        }
    }

    /// An object of the class: with arguments as the program gives them, or as the framework would.
    pub(crate) fn instantiate(&mut self, class: &Rc<ClassValue>, arguments: Option<&[Value]>) -> Value {
        if !self.step() || self.depth > 60 {
            return Value::Unknown;
        }
        self.depth += 4;
        let instance = Rc::new(Instance {
            class: Rc::clone(class),
            fields: RefCell::default(),
        });
        let this = Value::Instance(Rc::clone(&instance));
        let inner = Scope::child(&class.scope, Some(this.clone()));
        if let Some(Value::Class(parent)) = class.class.extends.as_ref().map(|e| self.eval(e, &class.scope))
            && let Value::Instance(base) =
                self.instantiate(&parent, if class.class.constructor.is_none() { arguments } else { None })
        {
            instance.fields.borrow_mut().extend(base.fields.borrow().clone());
        }
        // Parameters that are fields come first: initializers may use them.
        let scope = Scope::child(&inner, None);
        if let Some(func) = &class.class.constructor {
            self.parameters(func, arguments.unwrap_or_default(), &scope);
            for param in func.params.iter().filter(|p| p.field) {
                if let Some(name) = param_name(param)
                    && let Some(value) = scope.find(&name)
                {
                    instance.fields.borrow_mut().insert(name, value);
                }
            }
        }
        for member in class.class.members.iter().filter(|m| !m.is_static) {
            if let MemberKind::Field(Some(init)) = &member.kind {
                let value = self.eval(init, &inner);
                instance.fields.borrow_mut().insert(Rc::clone(&member.name), value);
            }
        }
        if let Some(func) = &class.class.constructor {
            hoist(&func.body, &scope);
            let _ = self.run(&func.body, &scope, &mut Vec::new());
        }
        self.depth -= 4;
        self.scopes.keep(&scope);
        self.scopes.keep(&inner);
        this
    }

    /// Binds parameters to arguments; what is missing comes from defaults and from the declared types.
    pub(super) fn parameters(&mut self, func: &Func, arguments: &[Value], scope: &Rc<Scope>) {
        for (i, param) in func.params.iter().enumerate() {
            if param.rest {
                let rest = arguments.get(i..).unwrap_or_default().to_vec();
                self.bind(&param.pattern, Value::Array(Rc::new(RefCell::new(rest))), scope);
                continue;
            }
            let value = match arguments.get(i) {
                Some(Value::Undefined) | None => match &param.default {
                    Some(default) => self.eval(default, scope),
                    None => self.injected(param, scope),
                },
                Some(Value::Unknown) => self.injected(param, scope),
                Some(Value::Env(read)) if read.default.is_none() && param.default.is_some() => {
                    let fallback = param.default.as_ref().map_or(Value::Undefined, |d| self.eval(d, scope));
                    Value::Env(Rc::clone(read)).or(fallback)
                }
                Some(value) => value.clone(),
            };
            self.bind(&param.pattern, value, scope);
        }
    }

    /// What the framework passes for a parameter, by its decorator or its type.
    fn injected(&mut self, param: &Param, scope: &Rc<Scope>) -> Value {
        for decorator in &param.decorators {
            if let ExprKind::Call(_, arguments) = &decorator.kind
                && let Some(token) = arguments.first()
            {
                let token = self.eval(token, scope);
                if let Some(value) = self.config_namespace(&token) {
                    return value;
                }
            }
        }
        let Some(name) = &param.type_name else { return Value::Unknown };
        let token = self.lookup(name, scope);
        self.provide(&token)
    }

    /// What the framework gives for an injection token.
    pub(super) fn provide(&mut self, token: &Value) -> Value {
        match token {
            Value::Class(class) => self.instantiate(class, None),
            Value::External(external) if external.names().last() == Some(&"ConfigService") => Value::Config,
            Value::External(external) => self.config_namespace(token).unwrap_or_else(|| {
                if external.package.is_empty() {
                    Value::Unknown
                } else {
                    external.then(Link::New(Rc::new(Vec::new())))
                }
            }),
            _ => Value::Unknown,
        }
    }

    pub(super) fn instance_member(&mut self, instance: &Rc<Instance>, name: &Text) -> Value {
        if let Some(value) = instance.fields.borrow().get(name) {
            return value.clone();
        }
        let this = Value::Instance(Rc::clone(instance));
        let mut class = Rc::clone(&instance.class);
        for _ in 0..8 {
            if let Some(member) = class.class.members.iter().find(|m| m.name == *name && !m.is_static) {
                match &member.kind {
                    MemberKind::Method(func) => {
                        return Value::Func(Rc::new(Closure {
                            func: Rc::clone(func),
                            scope: Rc::clone(&class.scope),
                            this: Some(this),
                        }));
                    }
                    MemberKind::Getter(func) => {
                        let closure = Closure {
                            func: Rc::clone(func),
                            scope: Rc::clone(&class.scope),
                            this: Some(this),
                        };
                        return self.invoke(&closure, &[]);
                    }
                    MemberKind::Field(_) => return Value::Undefined,
                }
            }
            let Some(parent) = class.class.extends.as_ref() else {
                return Value::Undefined;
            };
            match self.eval(parent, &Rc::clone(&class.scope)) {
                Value::Class(next) => class = next,
                Value::External(external) if external.names().last() == Some(&"ConfigService") => {
                    return Value::Config;
                }
                Value::External(external) => {
                    return external.then(Link::New(Rc::new(Vec::new()))).then_name(name);
                }
                _ => return Value::Unknown,
            }
        }
        Value::Unknown
    }

    pub(super) fn static_member(&mut self, class: &Rc<ClassValue>, name: &Text) -> Value {
        if let Some(value) = class.statics.borrow().get(name) {
            return value.clone();
        }
        let this = Value::Class(Rc::clone(class));
        let Some(member) = class.class.members.iter().find(|m| m.name == *name && m.is_static) else {
            if let Some(parent) = class.class.extends.as_ref()
                && let Value::Class(next) = self.eval(parent, &Rc::clone(&class.scope))
            {
                return self.static_member(&next, name);
            }
            return Value::Unknown;
        };
        let closure = |func: &Rc<Func>| Closure {
            func: Rc::clone(func),
            scope: Rc::clone(&class.scope),
            this: Some(this.clone()),
        };
        match &member.kind {
            MemberKind::Method(func) => Value::Func(Rc::new(closure(func))),
            MemberKind::Getter(func) => self.invoke(&closure(func), &[]),
            MemberKind::Field(Some(init)) => {
                let scope = Scope::child(&class.scope, Some(this));
                self.eval(init, &scope)
            }
            MemberKind::Field(None) => Value::Undefined,
        }
    }

    pub(super) fn invoke(&mut self, closure: &Closure, arguments: &[Value]) -> Value {
        if !self.step() || !self.enter(&closure.func) {
            return Value::Unknown;
        }
        self.depth += 3;
        let scope = Scope::child(&closure.scope, closure.this.clone());
        self.parameters(&closure.func, arguments, &scope);
        hoist(&closure.func.body, &scope);
        let mut maybe = Vec::new();
        let flow = self.run(&closure.func.body, &scope, &mut maybe);
        self.depth -= 3;
        self.leave(&closure.func);
        self.scopes.keep(&scope);
        if let super::stmt::Flow::Return(value) = flow {
            maybe.push(value);
        }
        let mut all = maybe.into_iter();
        let first = all.next().unwrap_or(Value::Undefined);
        all.fold(first, |a, b| Value::join(&a, &b))
    }

    /// Whether a function may be called now: one that calls itself for every part of what nobody knows would never come to an end.
    fn enter(&mut self, func: &Rc<Func>) -> bool {
        let running = self.running.entry(Rc::as_ptr(func)).or_default();
        running.again += u32::from(running.depth > 0);
        if running.again > MAX_AGAIN {
            return false;
        }
        running.depth += 1;
        true
    }

    fn leave(&mut self, func: &Rc<Func>) {
        if let Entry::Occupied(mut running) = self.running.entry(Rc::as_ptr(func)) {
            running.get_mut().depth -= 1;
            if running.get().depth == 0 {
                running.remove();
            }
        }
    }
}

/// Most calls of a function by itself, however deep, before its first call returns.
const MAX_AGAIN: u32 = 16;

/// A function that is being followed.
#[derive(Default)]
pub(super) struct Running {
    depth: u32,
    /// Calls while it was being followed.
    again: u32,
}

fn param_name(param: &Param) -> Option<Text> {
    match &param.pattern {
        Pattern::Name(name) => Some(Rc::clone(name)),
        Pattern::Default(inner, _) => match &**inner {
            Pattern::Name(name) => Some(Rc::clone(name)),
            _ => None,
        },
        _ => None,
    }
}

impl Value {
    fn then_name(self, name: &Text) -> Value {
        match self {
            Self::External(external) => external.then(Link::Name(Rc::clone(name))),
            _ => Self::Unknown,
        }
    }
}
