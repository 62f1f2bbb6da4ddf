//! Expressions.

use std::cell::RefCell;
use std::rc::Rc;

use crate::script::syntax::{Expr, ExprKind, Imported, Logic, Prop, Text};

use super::Interpreter;
use super::value::{ClassValue, Closure, EnvRead, Link, Object, Scope, Value};

impl Interpreter<'_> {
    /// What is known about an expression; calls in it leave their effects behind.
    pub(crate) fn eval(&mut self, expr: &Expr, scope: &Rc<Scope>) -> Value {
        if !self.step() {
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.eval_inner(expr, scope);
        self.depth -= 1;
        value
    }

    fn eval_inner(&mut self, expr: &Expr, scope: &Rc<Scope>) -> Value {
        match &expr.kind {
            ExprKind::Null => Value::Null,
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::Num(n) => Value::Num(*n),
            ExprKind::Str(s) => Value::Str(Rc::clone(s)),
            ExprKind::Template(both) => self.template(&both.0, &both.1, scope),
            ExprKind::Ident(name) => self.lookup(name, scope),
            ExprKind::This => scope.this.clone().unwrap_or(Value::Unknown),
            ExprKind::ImportMeta => Value::ImportMeta,
            ExprKind::Member(object, name) => {
                if &**name == "exports" && matches!(&object.kind, ExprKind::Ident(m) if &**m == "module") {
                    return scope.find("\u{0}module.exports").unwrap_or_else(|| Value::object(Vec::new()));
                }
                let object = self.eval(object, scope);
                self.member(&object, name, scope, expr.line)
            }
            ExprKind::Index(object, index) => {
                let object = self.eval(object, scope);
                match self.eval(index, scope) {
                    Value::Str(name) => self.member(&object, &name, scope, expr.line),
                    Value::Num(n) if (0.0..1000.0).contains(&n) => {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "checked to be a small index"
                        )]
                        let at = n as usize;
                        object.elements().get(at).cloned().unwrap_or(Value::Unknown)
                    }
                    _ => Value::Unknown,
                }
            }
            ExprKind::Call(callee, arguments) => self.call(callee, arguments, scope, expr.line),
            ExprKind::New(callee, arguments) => self.construct(callee, arguments, scope, expr.line),
            ExprKind::Import(source) => match self.eval(source, scope) {
                Value::Str(specifier) => self.import(&scope.module.path.clone(), &specifier, &Imported::All),
                _ => Value::Unknown,
            },
            ExprKind::Logical(logic, left, right) => self.logical(*logic, left, right, scope),
            ExprKind::Binary(operator, both) => {
                let left = self.eval(&both.0, scope);
                let right = self.eval(&both.1, scope);
                binary(operator, &left, &right)
            }
            ExprKind::Unary(operator, inner) => {
                let value = self.eval(inner, scope);
                match *operator {
                    "+" => value.number(),
                    "-" => match value {
                        Value::Num(n) => Value::Num(-n),
                        _ => Value::Unknown,
                    },
                    "!" => value.truthy().map_or(Value::Unknown, |t| Value::Bool(!t)),
                    "void" => Value::Undefined,
                    _ => Value::Unknown,
                }
            }
            ExprKind::Cond(test, then, other) => self.cond(test, then, other, scope),
            ExprKind::Object(props) => self.object(props, scope),
            ExprKind::Array(items) => {
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    if let ExprKind::Spread(inner) = &item.kind {
                        let value = self.eval(inner, scope);
                        match value {
                            Value::Array(more) => all.extend(more.borrow().iter().cloned()),
                            _ => all.push(Value::Unknown),
                        }
                    } else {
                        all.push(self.eval(item, scope));
                    }
                }
                Value::Array(Rc::new(RefCell::new(all)))
            }
            ExprKind::Spread(inner) => self.eval(inner, scope),
            ExprKind::Func(func) => {
                let this = if func.arrow { scope.this.clone() } else { None };
                Value::Func(Rc::new(Closure {
                    func: Rc::clone(func),
                    scope: Rc::clone(scope),
                    this,
                }))
            }
            ExprKind::Class(class) => {
                self.decorate(class, scope);
                Value::Class(ClassValue::new(class, scope))
            }
            ExprKind::Assign(target, value) => {
                let value = self.eval(value, scope);
                self.assign(target, value.clone(), scope);
                value
            }
            ExprKind::NonNull(inner) => match self.eval(inner, scope) {
                Value::Env(read) if read.default.is_none() => Value::Env(Rc::new(EnvRead {
                    required: true,
                    ..(*read).clone()
                })),
                other => other,
            },
            ExprKind::Opaque(parts) => {
                for part in parts {
                    self.eval(part, scope);
                }
                Value::Unknown
            }
        }
    }

    fn assign(&mut self, target: &Expr, value: Value, scope: &Rc<Scope>) {
        if self.threw {
            return;
        }
        match &target.kind {
            ExprKind::Ident(name) => {
                let unsure = self.uncertain > 0;
                scope.assign(name, |old| if unsure { Value::join(old, &value) } else { value });
            }
            ExprKind::Member(object, name) => {
                if &**name == "exports" && matches!(&object.kind, ExprKind::Ident(m) if &**m == "module") {
                    return scope.declare(&Rc::from("\u{0}module.exports"), value);
                }
                match self.eval(object, scope) {
                    Value::Object(o) => o.set(name, value),
                    Value::Instance(i) => {
                        i.fields.borrow_mut().insert(Rc::clone(name), value);
                    }
                    Value::Class(c) => {
                        c.statics.borrow_mut().insert(Rc::clone(name), value);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn template(&mut self, texts: &[Text], parts: &[Expr], scope: &Rc<Scope>) -> Value {
        let mut all = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            if !text.is_empty() {
                all.push(Value::Str(Rc::clone(text)));
            }
            if let Some(part) = parts.get(i) {
                all.push(self.eval(part, scope));
            }
        }
        concat(all)
    }

    fn logical(&mut self, logic: Logic, left: &Expr, right: &Expr, scope: &Rc<Scope>) -> Value {
        let left = self.eval(left, scope);
        match (logic, left.truthy()) {
            (Logic::And, Some(false)) => left,
            (Logic::And, _) => {
                let right = self.eval(right, scope);
                if matches!(left, Value::Unknown) && right.truthy().is_some() {
                    Value::join(&right, &Value::Undefined)
                } else {
                    right
                }
            }
            (Logic::Or, Some(true)) => left,
            (Logic::Or, Some(false)) => self.eval(right, scope),
            (Logic::Coalesce, Some(_)) if !matches!(left, Value::Undefined | Value::Null) => left,
            (Logic::Coalesce, Some(_)) => self.eval(right, scope),
            (Logic::Or | Logic::Coalesce, None) => {
                let right = self.eval(right, scope);
                match left {
                    Value::Env(_) => left.or(right),
                    _ => Value::Unknown,
                }
            }
        }
    }

    fn cond(&mut self, test: &Expr, then: &Expr, other: &Expr, scope: &Rc<Scope>) -> Value {
        let test = self.eval(test, scope);
        match test.truthy() {
            Some(true) => self.eval(then, scope),
            Some(false) => self.eval(other, scope),
            None => {
                self.uncertain += 1;
                let a = self.eval(then, scope);
                let b = self.eval(other, scope);
                self.uncertain -= 1;
                match (&test, &a, &b) {
                    // Nobody sets the variable unless told to, so the other branch is the usual one.
                    (Value::Env(read), a, b) if read.default.is_none() && !matches!(a, Value::Env(_)) && !a.same(b) => b.clone(),
                    _ => Value::join(&a, &b),
                }
            }
        }
    }

    fn object(&mut self, props: &[Prop], scope: &Rc<Scope>) -> Value {
        let object = Rc::new(Object::default());
        for prop in props {
            match prop {
                Prop::Field { key, value } => {
                    let value = self.eval(value, scope);
                    object.set(key, value);
                }
                Prop::Getter { key, func } => {
                    let closure = Closure {
                        func: Rc::clone(func),
                        scope: Rc::clone(scope),
                        this: Some(Value::Object(Rc::clone(&object))),
                    };
                    let value = self.invoke(&closure, &[]);
                    object.set(key, value);
                }
                Prop::Computed { key, value } => {
                    let key = self.eval(key, scope);
                    let value = self.eval(value, scope);
                    if let Value::Str(key) = key {
                        object.set(&key, value);
                    }
                }
                Prop::Spread(inner) => match self.eval(inner, scope) {
                    Value::Object(more) => {
                        for (key, value) in more.fields.borrow().iter() {
                            object.set(key, value.clone());
                        }
                        if let Some(fallback) = more.fallback.borrow().as_ref() {
                            *object.fallback.borrow_mut() = Some(fallback.clone());
                        }
                    }
                    other @ (Value::Environment | Value::Instance(_) | Value::Namespace(_)) => {
                        *object.fallback.borrow_mut() = Some(other);
                    }
                    Value::Undefined | Value::Null | Value::Bool(_) => {}
                    _ => *object.fallback.borrow_mut() = Some(Value::Unknown),
                },
            }
        }
        // A provider is made when the application starts.
        if object.get("provide").is_some()
            && let Some(Value::Func(factory)) = object.get("useFactory")
        {
            self.invoke(&factory, &[]);
        }
        Value::Object(object)
    }

    /// A named part of a value.
    pub(super) fn member(&mut self, object: &Value, name: &Text, scope: &Rc<Scope>, line: u32) -> Value {
        match object {
            Value::Environment => self.read_env(name, scope, line),
            Value::Process if &**name == "env" => Value::Environment,
            Value::Process => Value::External(Rc::new(super::value::External {
                package: Rc::from(""),
                chain: vec![Link::Name(Rc::from("process")), Link::Name(Rc::clone(name))],
            })),
            Value::ImportMeta => match &**name {
                "env" => Value::Environment,
                "dirname" => Value::Path(Rc::from(crate::place::parent(&scope.module.path))),
                "url" | "filename" => Value::Path(Rc::from(scope.module.path.as_str())),
                _ => Value::Unknown,
            },
            Value::Object(o) => {
                if let Some(value) = o.get(name) {
                    return value;
                }
                let fallback = o.fallback.borrow().clone();
                fallback.map_or(Value::Undefined, |f| self.member(&f, name, scope, line))
            }
            Value::Instance(instance) => self.instance_member(instance, name),
            Value::Class(class) => self.static_member(class, name),
            Value::Namespace(path) => self.export(&path.clone(), name),
            Value::External(external) if &**name == "env" && external.chain.is_empty() && is_process(&external.package) => {
                Value::Environment
            }
            Value::External(external) if &**name == "NaN" && external.package.is_empty() => Value::Undefined,
            Value::External(external) => external.then(Link::Name(Rc::clone(name))),
            Value::Array(all) if &**name == "length" => {
                #[expect(clippy::cast_precision_loss, reason = "arrays of source files are short")]
                let length = all.borrow().len() as f64;
                Value::Num(length)
            }
            _ => Value::Unknown,
        }
    }
}

/// The process as a module.
pub(super) fn is_process(package: &str) -> bool {
    matches!(package, "process" | "node:process")
}

/// Joins texts; a single part stays what it is.
pub(super) fn concat(parts: Vec<Value>) -> Value {
    let mut out: Vec<Value> = Vec::new();
    for part in parts {
        let part = match part {
            Value::Num(n) => Value::text(&n.to_string()),
            Value::Bool(b) => Value::text(&b.to_string()),
            Value::Joined(inner) => {
                out.extend(inner.iter().cloned());
                continue;
            }
            other => other,
        };
        match (out.last_mut(), &part) {
            (Some(Value::Str(last)), Value::Str(text)) => *last = Rc::from(format!("{last}{text}")),
            _ => out.push(part),
        }
    }
    match out.len() {
        0 => Value::text(""),
        1 => out.remove(0),
        _ => Value::Joined(Rc::new(out)),
    }
}

fn binary(operator: &str, left: &Value, right: &Value) -> Value {
    let literal = |v: &Value| {
        matches!(
            v,
            Value::Undefined | Value::Null | Value::Bool(_) | Value::Num(_) | Value::Str(_)
        )
    };
    let unset = |v: &Value| matches!(v, Value::Env(read) if read.default.is_none());
    match operator {
        "===" | "==" | "!==" | "!=" => {
            let equal = if literal(left) && literal(right) {
                Some(left.same(right))
            } else if let Value::Env(read) = left {
                // Nobody sets it unless told to, so a comparison with a text fails and the default decides.
                match (&read.default, right) {
                    (Some(default), r) if literal(r) => Some(default.same(r)),
                    (None, Value::Str(_) | Value::Bool(_) | Value::Num(_)) => Some(false),
                    _ => None,
                }
            } else {
                None
            };
            let negated = operator.starts_with('!');
            equal.map_or(Value::Unknown, |e| Value::Bool(e != negated))
        }
        "+" => match (left, right) {
            (Value::Num(a), Value::Num(b)) => Value::Num(a + b),
            (Value::Unknown, _) | (_, Value::Unknown) if !unset(left) => {
                Value::Joined(Rc::new(vec![left.clone(), right.clone()]))
            }
            _ => concat(vec![left.clone(), right.clone()]),
        },
        "-" | "*" | "/" | "%" | "**" => match (left, right) {
            (Value::Num(a), Value::Num(b)) => Value::Num(match operator {
                "-" => a - b,
                "*" => a * b,
                "/" => a / b,
                "%" => a % b,
                _ => a.powf(*b),
            }),
            _ => Value::Unknown,
        },
        "<" | ">" | "<=" | ">=" => match (left, right) {
            (Value::Num(a), Value::Num(b)) => Value::Bool(match operator {
                "<" => a < b,
                ">" => a > b,
                "<=" => a <= b,
                _ => a >= b,
            }),
            _ => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}
