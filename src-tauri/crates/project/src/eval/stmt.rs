//! Statements, in order.

use std::rc::Rc;

use crate::script::syntax::{Expr, ExprKind, Logic, Pattern, Stmt, Text};

use super::Interpreter;
use super::namespace::hoist;
use super::value::{EnvRead, Scope, Value};

/// How a list of statements ends.
pub(super) enum Flow {
    Next,
    /// Certainly left with this value.
    Return(Value),
    Stop,
}

impl Interpreter<'_> {
    /// Runs statements; returns that may not be reached are collected in `maybe`.
    pub(super) fn run(&mut self, body: &[Stmt], scope: &Rc<Scope>, maybe: &mut Vec<Value>) -> Flow {
        for statement in body {
            if !self.step() {
                return Flow::Stop;
            }
            let flow = self.statement(statement, scope, maybe);
            if self.threw {
                return Flow::Stop;
            }
            match flow {
                Flow::Next => {}
                Flow::Return(value) if self.uncertain > 0 => {
                    maybe.push(value);
                    return Flow::Stop;
                }
                left => return left,
            }
        }
        Flow::Next
    }

    pub(super) fn run_all(&mut self, body: &[Stmt], scope: &Rc<Scope>) {
        for statement in body {
            if !self.step() {
                return;
            }
            let _ = self.statement(statement, scope, &mut Vec::new());
            self.threw = false;
        }
    }

    fn unsure(&mut self, body: &[Stmt], scope: &Rc<Scope>, maybe: &mut Vec<Value>) {
        self.uncertain += 1;
        let _ = self.run(body, scope, maybe);
        self.uncertain -= 1;
    }

    fn statement(&mut self, statement: &Stmt, scope: &Rc<Scope>, maybe: &mut Vec<Value>) -> Flow {
        match statement {
            Stmt::Let { pattern, init } => {
                let value = init.as_ref().map_or(Value::Undefined, |e| self.eval(e, scope));
                self.bind(pattern, value, scope);
            }
            Stmt::Expr(expr) => {
                if let ExprKind::Call(callee, _) = &expr.kind
                    && is_exit(&callee.kind)
                {
                    return Flow::Stop;
                }
                self.eval(expr, scope);
            }
            Stmt::Return(value) => {
                return Flow::Return(value.as_ref().map_or(Value::Undefined, |e| self.eval(e, scope)));
            }
            Stmt::If { test, then, other } => {
                let value = self.eval(test, scope);
                self.note_required(test, then, scope);
                match value.truthy() {
                    Some(true) => return self.nested(then, scope, maybe),
                    Some(false) => return self.nested(other, scope, maybe),
                    None => {
                        self.unsure(then, scope, maybe);
                        self.unsure(other, scope, maybe);
                    }
                }
            }
            Stmt::Switch { on, cases } => {
                let on = self.eval(on, scope);
                let known = !matches!(on, Value::Unknown | Value::Env(_) | Value::Joined(_) | Value::External(_));
                let hit = cases.iter().position(|(test, _)| {
                    test.as_ref().is_some_and(|t| {
                        let value = self.eval(t, scope);
                        value.same(&on)
                    })
                });
                if known && let Some(at) = hit.or_else(|| cases.iter().position(|(test, _)| test.is_none())) {
                    for (_, body) in &cases[at..] {
                        match self.run(body, scope, maybe) {
                            Flow::Next => {}
                            Flow::Stop => break,
                            left @ Flow::Return(_) => return left,
                        }
                    }
                } else {
                    for (_, body) in cases {
                        self.unsure(body, scope, maybe);
                    }
                }
            }
            Stmt::Loop { each, over, body } => {
                let over = over.as_ref().map(|e| self.eval(e, scope));
                let inner = Scope::child(scope, None);
                match (each, over.map(|o| o.elements())) {
                    (Some(pattern), Some(all)) if !all.is_empty() => {
                        for one in all.into_iter().take(50) {
                            self.bind(pattern, one, &inner);
                            self.unsure(body, &inner, maybe);
                        }
                    }
                    (pattern, _) => {
                        if let Some(pattern) = pattern {
                            self.bind(pattern, Value::Unknown, &inner);
                        }
                        self.unsure(body, &inner, maybe);
                    }
                }
            }
            Stmt::Try { body, handler, last } => {
                self.tries += 1;
                let mut flow = self.nested(body, scope, maybe);
                self.tries -= 1;
                if std::mem::take(&mut self.threw) {
                    flow = self.nested(handler, scope, maybe);
                }
                self.run_all(last, scope);
                return flow;
            }
            Stmt::Block(body) => return self.nested(body, scope, maybe),
            Stmt::Func(_) => hoist(std::slice::from_ref(statement), scope),
            Stmt::Class(class) => {
                hoist(std::slice::from_ref(statement), scope);
                self.decorate(class, scope);
            }
            Stmt::Enum { name, members } => {
                let mut next = 0.0;
                let mut fields: Vec<(Text, Value)> = Vec::new();
                for (key, init) in members {
                    let value = match init {
                        Some(e) => self.eval(e, scope),
                        None => Value::Num(next),
                    };
                    if let Value::Num(n) = value {
                        next = n + 1.0;
                    }
                    fields.push((Rc::clone(key), value));
                }
                scope.declare(name, Value::object(fields));
            }
            Stmt::Throw | Stmt::Break => return Flow::Stop,
        }
        Flow::Next
    }

    /// `if (!process.env.X) throw …` makes X required.
    fn note_required(&mut self, test: &Expr, then: &[Stmt], scope: &Rc<Scope>) {
        let leaves = |body: &[Stmt]| {
            body.iter().any(|s| match s {
                Stmt::Throw => true,
                Stmt::Expr(e) => matches!(&e.kind, ExprKind::Call(callee, _) if is_exit(&callee.kind)),
                _ => false,
            })
        };
        let gone = then.iter().any(|s| matches!(s, Stmt::Block(body) if leaves(body))) || leaves(then);
        if !gone {
            return;
        }
        let mut tests = vec![test];
        while let Some(test) = tests.pop() {
            match &test.kind {
                ExprKind::Logical(Logic::Or, a, b) => tests.extend([&**a, &**b]),
                ExprKind::Unary("!", inner) => {
                    if let Value::Env(read) = self.eval(inner, scope)
                        && read.default.is_none()
                    {
                        self.required.insert(Rc::clone(&read.name));
                    }
                }
                _ => {}
            }
        }
    }

    fn nested(&mut self, body: &[Stmt], scope: &Rc<Scope>, maybe: &mut Vec<Value>) -> Flow {
        let inner = Scope::child(scope, None);
        hoist(body, &inner);
        let flow = self.run(body, &inner, maybe);
        self.scopes.keep(&inner);
        flow
    }

    /// Gives names to the parts of a value.
    pub(super) fn bind(&mut self, pattern: &Pattern, value: Value, scope: &Rc<Scope>) {
        match pattern {
            Pattern::Name(name) => scope.declare(name, value),
            Pattern::Default(inner, default) => {
                let value = match value {
                    Value::Undefined => self.eval(default, scope),
                    Value::Env(_) => {
                        let fallback = self.eval(default, scope);
                        value.or(fallback)
                    }
                    other => other,
                };
                self.bind(inner, value, scope);
            }
            Pattern::Object(fields, rest) => {
                for field in fields {
                    let part = self.member(&value, &field.key, scope, field.line);
                    self.bind(&field.pattern, part, scope);
                }
                if let Some(rest) = rest {
                    scope.declare(rest, value);
                }
            }
            Pattern::Array(parts) => {
                let all = value.elements();
                for (i, part) in parts.iter().enumerate() {
                    if let Some(part) = part {
                        self.bind(part, all.get(i).cloned().unwrap_or(Value::Unknown), scope);
                    }
                }
            }
        }
    }

    /// A variable of the environment.
    pub(super) fn read_env(&mut self, name: &Text, scope: &Scope, line: u32) -> Value {
        if &**name == "NODE_ENV" || &**name == "MODE" && scope.module.path.contains("vite.config") {
            return Value::text("production");
        }
        let read = Rc::new(EnvRead {
            name: Rc::clone(name),
            spot: Self::spot(scope, line),
            default: self.schema.get(name).and_then(|s| s.default.clone()),
            required: false,
            also: Vec::new(),
        });
        self.reads.push(Rc::clone(&read));
        Value::Env(read)
    }
}

fn is_exit(callee: &ExprKind) -> bool {
    matches!(callee, ExprKind::Member(object, name) if &**name == "exit" && matches!(&object.kind, ExprKind::Ident(p) if &**p == "process"))
}
