//! Visits every expression of a module.

use super::syntax::{Class, Expr, ExprKind, Func, MemberKind, Module, Pattern, Prop, Stmt};

/// Calls `visit` for every expression, outer ones first.
pub(crate) fn module<'m>(module: &'m Module, visit: &mut impl FnMut(&'m Expr)) {
    statements(&module.body, visit);
    for (_, export) in &module.exports {
        if let super::syntax::Export::Value(value) = export {
            expr(value, visit);
        }
    }
}

/// Calls `visit` for every object pattern that is filled from an expression.
pub(crate) fn patterns(module: &Module, visit: &mut impl FnMut(&Pattern, &Expr)) {
    fn list(all: &[Stmt], visit: &mut impl FnMut(&Pattern, &Expr)) {
        for statement in all {
            match statement {
                Stmt::Let {
                    pattern,
                    init: Some(init),
                } => visit(pattern, init),
                Stmt::If { then, other, .. } => {
                    list(then, visit);
                    list(other, visit);
                }
                Stmt::Block(body) | Stmt::Loop { body, .. } => list(body, visit),
                Stmt::Try { body, handler, last } => {
                    list(body, visit);
                    list(handler, visit);
                    list(last, visit);
                }
                Stmt::Func(f) => list(&f.body, visit),
                Stmt::Class(c) => {
                    if let Some(constructor) = &c.constructor {
                        list(&constructor.body, visit);
                    }
                    for member in &c.members {
                        if let MemberKind::Method(f) | MemberKind::Getter(f) = &member.kind {
                            list(&f.body, visit);
                        }
                    }
                }
                Stmt::Let { .. }
                | Stmt::Expr(_)
                | Stmt::Return(_)
                | Stmt::Switch { .. }
                | Stmt::Enum { .. }
                | Stmt::Throw
                | Stmt::Break => {}
            }
        }
    }
    list(&module.body, visit);
    // Functions inside expressions hold declarations too.
    self::module(module, &mut |e| {
        if let ExprKind::Func(f) = &e.kind {
            list(&f.body, visit);
        }
    });
}

fn statements<'m>(all: &'m [Stmt], visit: &mut impl FnMut(&'m Expr)) {
    for statement in all {
        match statement {
            Stmt::Let { pattern, init } => {
                in_pattern(pattern, visit);
                if let Some(init) = init {
                    expr(init, visit);
                }
            }
            Stmt::Expr(e) => expr(e, visit),
            Stmt::Return(e) => {
                if let Some(e) = e {
                    expr(e, visit);
                }
            }
            Stmt::If { test, then, other } => {
                expr(test, visit);
                statements(then, visit);
                statements(other, visit);
            }
            Stmt::Switch { on, cases } => {
                expr(on, visit);
                for (test, body) in cases {
                    if let Some(test) = test {
                        expr(test, visit);
                    }
                    statements(body, visit);
                }
            }
            Stmt::Loop { over, body, .. } => {
                if let Some(over) = over {
                    expr(over, visit);
                }
                statements(body, visit);
            }
            Stmt::Try { body, handler, last } => {
                statements(body, visit);
                statements(handler, visit);
                statements(last, visit);
            }
            Stmt::Block(body) => statements(body, visit),
            Stmt::Func(f) => func(f, visit),
            Stmt::Class(c) => class(c, visit),
            Stmt::Enum { members, .. } => {
                for init in members.iter().filter_map(|(_, i)| i.as_ref()) {
                    expr(init, visit);
                }
            }
            Stmt::Throw | Stmt::Break => {}
        }
    }
}

fn in_pattern<'m>(pattern: &'m Pattern, visit: &mut impl FnMut(&'m Expr)) {
    match pattern {
        Pattern::Name(_) => {}
        Pattern::Object(fields, _) => {
            for field in fields {
                in_pattern(&field.pattern, visit);
            }
        }
        Pattern::Array(parts) => {
            for part in parts.iter().flatten() {
                in_pattern(part, visit);
            }
        }
        Pattern::Default(inner, default) => {
            in_pattern(inner, visit);
            expr(default, visit);
        }
    }
}

fn func<'m>(f: &'m Func, visit: &mut impl FnMut(&'m Expr)) {
    for param in &f.params {
        for decorator in &param.decorators {
            expr(decorator, visit);
        }
        if let Some(default) = &param.default {
            expr(default, visit);
        }
    }
    statements(&f.body, visit);
}

fn class<'m>(c: &'m Class, visit: &mut impl FnMut(&'m Expr)) {
    for e in c.decorators.iter().chain(c.extends.as_ref()) {
        expr(e, visit);
    }
    if let Some(f) = &c.constructor {
        func(f, visit);
    }
    for member in &c.members {
        for decorator in &member.decorators {
            expr(decorator, visit);
        }
        match &member.kind {
            MemberKind::Method(f) | MemberKind::Getter(f) => func(f, visit),
            MemberKind::Field(Some(e)) => expr(e, visit),
            MemberKind::Field(None) => {}
        }
    }
}

/// Calls `visit` for an expression and everything in it.
pub(crate) fn expr<'m>(e: &'m Expr, visit: &mut impl FnMut(&'m Expr)) {
    visit(e);
    match &e.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Num(_)
        | ExprKind::Str(_)
        | ExprKind::Ident(_)
        | ExprKind::This
        | ExprKind::ImportMeta => {}
        ExprKind::Array(parts) | ExprKind::Opaque(parts) => {
            for part in parts {
                expr(part, visit);
            }
        }
        ExprKind::Template(both) => {
            for part in &both.1 {
                expr(part, visit);
            }
        }
        ExprKind::Member(inner, _)
        | ExprKind::Import(inner)
        | ExprKind::Unary(_, inner)
        | ExprKind::Spread(inner)
        | ExprKind::NonNull(inner) => expr(inner, visit),
        ExprKind::Binary(_, both) => {
            expr(&both.0, visit);
            expr(&both.1, visit);
        }
        ExprKind::Index(a, b) | ExprKind::Logical(_, a, b) | ExprKind::Assign(a, b) => {
            expr(a, visit);
            expr(b, visit);
        }
        ExprKind::Cond(a, b, c) => {
            expr(a, visit);
            expr(b, visit);
            expr(c, visit);
        }
        ExprKind::Call(callee, arguments) | ExprKind::New(callee, arguments) => {
            expr(callee, visit);
            for argument in arguments {
                expr(argument, visit);
            }
        }
        ExprKind::Object(props) => {
            for prop in props {
                match prop {
                    Prop::Field { value, .. } | Prop::Spread(value) => expr(value, visit),
                    Prop::Getter { func: f, .. } => func(f, visit),
                    Prop::Computed { key, value } => {
                        expr(key, visit);
                        expr(value, visit);
                    }
                }
            }
        }
        ExprKind::Func(f) => func(f, visit),
        ExprKind::Class(c) => class(c, visit),
    }
}
