//! From the parser's expressions to ours.

use std::rc::Rc;

use oxc_ast::ast::{
    Argument, ArrowFunctionBody, AssignmentTarget, ChainElement, Expression, JSXAttributeItem, JSXAttributeValue, JSXChild,
    JSXElement, ObjectPropertyKind, PropertyKind, SimpleAssignmentTarget,
};
use oxc_span::GetSpan;

use super::lower::{Lower, MAX_DEPTH};
use super::syntax::{Expr, ExprKind, Func, Logic, Prop, Stmt, Text};

impl Lower<'_> {
    pub(super) fn expr(&mut self, e: &Expression<'_>) -> Expr {
        let line = self.line(e.span());
        if self.depth > MAX_DEPTH {
            return Expr {
                line,
                kind: ExprKind::Opaque(Box::default()),
            };
        }
        self.depth += 1;
        let kind = self.expr_kind(e, line);
        self.depth -= 1;
        Expr { line, kind }
    }

    pub(super) fn boxed(&mut self, e: &Expression<'_>) -> Box<Expr> {
        Box::new(self.expr(e))
    }

    pub(super) fn expr_kind(&mut self, e: &Expression<'_>, line: u32) -> ExprKind {
        match e {
            Expression::BooleanLiteral(l) => ExprKind::Bool(l.value),
            Expression::NullLiteral(_) => ExprKind::Null,
            Expression::NumericLiteral(l) => ExprKind::Num(l.value),
            Expression::StringLiteral(l) => ExprKind::Str(self.names.text(&l.value)),
            Expression::RegExpLiteral(l) => ExprKind::Str(self.names.text(&l.regex.pattern.text)),
            Expression::TemplateLiteral(t) => self.template(t),
            Expression::Identifier(i) => ExprKind::Ident(self.names.text(&i.name)),
            Expression::ThisExpression(_) | Expression::Super(_) => ExprKind::This,
            Expression::ImportMeta(_) => ExprKind::ImportMeta,
            Expression::ArrayExpression(a) => ExprKind::Array(
                a.elements
                    .iter()
                    .filter_map(|el| match el {
                        oxc_ast::ast::ArrayExpressionElement::SpreadElement(s) => {
                            let line = self.line(s.span);
                            Some(Expr {
                                line,
                                kind: ExprKind::Spread(self.boxed(&s.argument)),
                            })
                        }
                        other => other.as_expression().map(|e| self.expr(e)),
                    })
                    .collect(),
            ),
            Expression::ObjectExpression(o) => ExprKind::Object(o.properties.iter().map(|p| self.prop(p)).collect()),
            Expression::ArrowFunctionExpression(f) => {
                let params = self.params(&f.params);
                let body = match &f.body {
                    ArrowFunctionBody::FunctionBody(b) => self.function_body(b),
                    other => other
                        .as_expression()
                        .map(|e| vec![Stmt::Return(Some(self.expr(e)))])
                        .unwrap_or_default(),
                };
                ExprKind::Func(Rc::new(Func {
                    name: None,
                    params,
                    body,
                    arrow: true,
                }))
            }
            Expression::FunctionExpression(f) => ExprKind::Func(Rc::new(self.func(f))),
            Expression::ClassExpression(c) => ExprKind::Class(Rc::new(self.class(c))),
            Expression::AssignmentExpression(a) => {
                let value = self.boxed(&a.right);
                let target = Box::new(self.target(&a.left, line));
                if a.operator.as_str() == "=" {
                    ExprKind::Assign(target, value)
                } else {
                    Self::compound(a.operator.as_str(), target, value)
                }
            }
            Expression::AwaitExpression(a) => self.expr_kind(&a.argument, line),
            Expression::ParenthesizedExpression(p) => self.expr_kind(&p.expression, line),
            Expression::TSAsExpression(t) => self.expr_kind(&t.expression, line),
            Expression::TSSatisfiesExpression(t) => self.expr_kind(&t.expression, line),
            Expression::TSTypeAssertion(t) => self.expr_kind(&t.expression, line),
            Expression::TSInstantiationExpression(t) => self.expr_kind(&t.expression, line),
            Expression::TSNonNullExpression(t) => ExprKind::NonNull(self.boxed(&t.expression)),
            Expression::BinaryExpression(b) => {
                let left = self.expr(&b.left);
                ExprKind::Binary(b.operator.as_str(), Box::new((left, self.expr(&b.right))))
            }
            Expression::LogicalExpression(l) => {
                let logic = match l.operator.as_str() {
                    "||" => Logic::Or,
                    "&&" => Logic::And,
                    _ => Logic::Coalesce,
                };
                let left = self.boxed(&l.left);
                ExprKind::Logical(logic, left, self.boxed(&l.right))
            }
            Expression::UnaryExpression(u) => ExprKind::Unary(u.operator.as_str(), self.boxed(&u.argument)),
            Expression::ConditionalExpression(c) => {
                let test = self.boxed(&c.test);
                let then = self.boxed(&c.consequent);
                ExprKind::Cond(test, then, self.boxed(&c.alternate))
            }
            Expression::CallExpression(c) => self.call(c),
            Expression::NewExpression(n) => {
                let callee = self.boxed(&n.callee);
                ExprKind::New(callee, self.arguments(&n.arguments))
            }
            Expression::ChainExpression(c) => match &c.expression {
                ChainElement::CallExpression(call) => self.call(call),
                ChainElement::TSNonNullExpression(t) => ExprKind::NonNull(self.boxed(&t.expression)),
                other => other
                    .as_member_expression()
                    .map_or_else(|| ExprKind::Opaque(Box::default()), |m| self.member(m)),
            },
            Expression::ImportExpression(i) => {
                if let Expression::StringLiteral(s) = &i.source {
                    self.reference(&self.names.text(&s.value), i.span, false, &[]);
                }
                ExprKind::Import(self.boxed(&i.source))
            }
            Expression::SequenceExpression(s) => {
                let mut all: Vec<Expr> = s.expressions.iter().map(|e| self.expr(e)).collect();
                match (all.len(), all.pop()) {
                    (1, Some(last)) => last.kind,
                    (_, Some(last)) => {
                        all.push(last);
                        ExprKind::Opaque(all.into())
                    }
                    (_, None) => ExprKind::Opaque(Box::default()),
                }
            }
            Expression::TaggedTemplateExpression(t) => {
                let mut inner = vec![self.expr(&t.tag)];
                inner.extend(t.quasi.expressions.iter().map(|e| self.expr(e)));
                ExprKind::Opaque(inner.into())
            }
            Expression::YieldExpression(y) => match &y.argument {
                Some(a) => self.expr_kind(a, line),
                None => ExprKind::Opaque(Box::default()),
            },
            Expression::JSXElement(x) => ExprKind::Opaque(self.jsx(x).into()),
            Expression::JSXFragment(x) => ExprKind::Opaque(self.jsx_children(&x.children).into()),
            other => other
                .as_member_expression()
                .map_or_else(|| ExprKind::Opaque(Box::default()), |m| self.member(m)),
        }
    }

    /// `x ||= y` reads like `x = x || y`; the other operators leave us with something we cannot know.
    pub(super) fn compound(operator: &str, target: Box<Expr>, value: Box<Expr>) -> ExprKind {
        let logic = match operator {
            "||=" => Logic::Or,
            "??=" => Logic::Coalesce,
            _ => return ExprKind::Opaque(Box::new([*target, *value])),
        };
        let line = target.line;
        let Some(again) = copy_path(&target) else {
            return ExprKind::Opaque(Box::new([*target, *value]));
        };
        ExprKind::Assign(
            target,
            Box::new(Expr {
                line,
                kind: ExprKind::Logical(logic, Box::new(again), value),
            }),
        )
    }

    pub(super) fn template(&mut self, t: &oxc_ast::ast::TemplateLiteral<'_>) -> ExprKind {
        let texts: Vec<Text> = t
            .quasis
            .iter()
            .map(|q| self.names.text(q.value.cooked.as_deref().unwrap_or(&q.value.raw)))
            .collect();
        if let ([only], true) = (texts.as_slice(), t.expressions.is_empty()) {
            return ExprKind::Str(Rc::clone(only));
        }
        ExprKind::Template(Box::new((texts, t.expressions.iter().map(|e| self.expr(e)).collect())))
    }

    pub(super) fn call(&mut self, c: &oxc_ast::ast::CallExpression<'_>) -> ExprKind {
        if let (Expression::Identifier(i), [Argument::StringLiteral(s)]) = (&c.callee, c.arguments.as_slice())
            && i.name == "require"
        {
            self.reference(&self.names.text(&s.value), c.span, false, &[]);
            if let Some(last) = self.references.last_mut() {
                last.required = true;
            }
        }
        let callee = self.boxed(&c.callee);
        ExprKind::Call(callee, self.arguments(&c.arguments))
    }

    pub(super) fn arguments(&mut self, all: &[Argument<'_>]) -> Box<[Expr]> {
        all.iter()
            .map(|a| match a {
                Argument::SpreadElement(s) => {
                    let line = self.line(s.span);
                    Expr {
                        line,
                        kind: ExprKind::Spread(self.boxed(&s.argument)),
                    }
                }
                other => self.expr(other.to_expression()),
            })
            .collect()
    }

    pub(super) fn member(&mut self, m: &oxc_ast::ast::MemberExpression<'_>) -> ExprKind {
        use oxc_ast::ast::MemberExpression as M;
        match m {
            M::StaticMemberExpression(s) => ExprKind::Member(self.boxed(&s.object), self.names.text(&s.property.name)),
            M::PrivateFieldExpression(s) => ExprKind::Member(self.boxed(&s.object), self.names.text(&s.field.name)),
            M::ComputedMemberExpression(s) => {
                let object = self.boxed(&s.object);
                match &s.expression {
                    Expression::StringLiteral(key) => ExprKind::Member(object, self.names.text(&key.value)),
                    other => ExprKind::Index(object, self.boxed(other)),
                }
            }
        }
    }

    pub(super) fn target(&mut self, target: &AssignmentTarget<'_>, line: u32) -> Expr {
        let kind = match target.as_simple_assignment_target() {
            Some(SimpleAssignmentTarget::AssignmentTargetIdentifier(i)) => ExprKind::Ident(self.names.text(&i.name)),
            Some(other) => other
                .as_member_expression()
                .map_or_else(|| ExprKind::Opaque(Box::default()), |m| self.member(m)),
            None => ExprKind::Opaque(Box::default()),
        };
        Expr { line, kind }
    }

    pub(super) fn prop(&mut self, p: &ObjectPropertyKind<'_>) -> Prop {
        match p {
            ObjectPropertyKind::SpreadProperty(s) => Prop::Spread(self.expr(&s.argument)),
            ObjectPropertyKind::ObjectProperty(p) => match (self.key_name(&p.key), &p.value) {
                (Some(key), Expression::FunctionExpression(f)) if p.kind == PropertyKind::Get => Prop::Getter {
                    key,
                    func: Rc::new(self.func(f)),
                },
                (Some(key), value) if !p.computed => Prop::Field {
                    key,
                    value: self.expr(value),
                },
                (_, value) => {
                    let line = self.line(p.span);
                    let key = p.key.as_expression().map_or(
                        Expr {
                            line,
                            kind: ExprKind::Null,
                        },
                        |k| self.expr(k),
                    );
                    Prop::Computed {
                        key,
                        value: self.expr(value),
                    }
                }
            },
        }
    }

    pub(super) fn jsx(&mut self, x: &JSXElement<'_>) -> Vec<Expr> {
        let mut out = Vec::new();
        if self.depth > MAX_DEPTH {
            return out;
        }
        self.depth += 1;
        for item in &x.opening_element.attributes {
            match item {
                JSXAttributeItem::Attribute(a) => match &a.value {
                    Some(JSXAttributeValue::ExpressionContainer(c)) => {
                        out.extend(c.expression.as_expression().map(|e| self.expr(e)));
                    }
                    Some(JSXAttributeValue::Element(e)) => out.extend(self.jsx(e)),
                    Some(JSXAttributeValue::StringLiteral(s)) => {
                        let line = self.line(s.span);
                        out.push(Expr {
                            line,
                            kind: ExprKind::Str(self.names.text(&s.value)),
                        });
                    }
                    Some(JSXAttributeValue::Fragment(f)) => out.extend(self.jsx_children(&f.children)),
                    None => {}
                },
                JSXAttributeItem::SpreadAttribute(s) => out.push(self.expr(&s.argument)),
            }
        }
        out.extend(self.jsx_children(&x.children));
        self.depth -= 1;
        out
    }

    pub(super) fn jsx_children(&mut self, children: &[JSXChild<'_>]) -> Vec<Expr> {
        let mut out = Vec::new();
        for child in children {
            match child {
                JSXChild::Element(e) => out.extend(self.jsx(e)),
                JSXChild::Fragment(f) => out.extend(self.jsx_children(&f.children)),
                JSXChild::ExpressionContainer(c) => out.extend(c.expression.as_expression().map(|e| self.expr(e))),
                JSXChild::Spread(s) => out.push(self.expr(&s.expression)),
                JSXChild::Text(_) => {}
            }
        }
        out
    }
}

/// A second copy of `a.b.c`.
fn copy_path(e: &Expr) -> Option<Expr> {
    let kind = match &e.kind {
        ExprKind::Ident(name) => ExprKind::Ident(Rc::clone(name)),
        ExprKind::This => ExprKind::This,
        ExprKind::Member(object, name) => ExprKind::Member(Box::new(copy_path(object)?), Rc::clone(name)),
        _ => return None,
    };
    Some(Expr { line: e.line, kind })
}
