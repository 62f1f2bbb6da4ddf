//! From the parser's tree to ours.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's enums list every construct of the language; most need no attention"
)]

use std::rc::Rc;

use oxc_ast::ast::{
    Argument, ArrowFunctionBody, AssignmentTarget, BindingPattern, ChainElement, Class as OxcClass, ClassElement, Declaration,
    ExportDefaultDeclarationKind, Expression, FormalParameters, Function, FunctionBody, ImportDeclarationSpecifier,
    ImportOrExportKind, JSXAttributeItem, JSXAttributeValue, JSXChild, JSXElement, MethodDefinitionKind, ModuleExportName,
    ObjectPropertyKind, Program, PropertyKey, PropertyKind, SimpleAssignmentTarget, Statement, TSModuleReference, TSType,
    TSTypeAnnotation, TSTypeName,
};
use oxc_span::{GetSpan, Span};

use super::syntax::{
    Class, Export, Expr, ExprKind, Func, Import, Imported, Logic, Member, MemberKind, Module, Param, Pattern, PatternField, Prop,
    Reference, Stmt, Text,
};

/// Deeper nesting than any person writes; beyond it we stop looking.
const MAX_DEPTH: u32 = 150;

pub(super) struct Lower {
    lines: Vec<u32>,
    depth: u32,
    module: Module,
}

impl Lower {
    pub(super) fn module(path: &str, text: &str, program: &Program<'_>) -> Module {
        let lines = text
            .bytes()
            .enumerate()
            .filter(|(_, b)| *b == b'\n')
            .map(|(i, _)| u32::try_from(i).unwrap_or(u32::MAX))
            .collect();
        let mut lower = Self {
            lines,
            depth: 0,
            module: Module {
                path: path.to_owned(),
                ..Module::default()
            },
        };
        let body = lower.statements(&program.body);
        lower.module.body = body;
        lower.module
    }

    pub(super) fn line_of(text: &str, offset: usize) -> u32 {
        let end = offset.min(text.len());
        u32::try_from(text.get(..end).map_or(0, |t| t.matches('\n').count()) + 1).unwrap_or(u32::MAX)
    }

    fn line(&self, span: Span) -> u32 {
        u32::try_from(self.lines.partition_point(|end| *end < span.start))
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    }

    fn statements(&mut self, all: &[Statement<'_>]) -> Vec<Stmt> {
        let mut out = Vec::with_capacity(all.len());
        for statement in all {
            self.statement(statement, &mut out);
        }
        out
    }

    fn block(&mut self, statement: &Statement<'_>) -> Vec<Stmt> {
        let mut out = Vec::new();
        self.statement(statement, &mut out);
        out
    }

    fn statement(&mut self, statement: &Statement<'_>, out: &mut Vec<Stmt>) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.statement_inner(statement, out);
        self.depth -= 1;
    }

    fn statement_inner(&mut self, statement: &Statement<'_>, out: &mut Vec<Stmt>) {
        match statement {
            Statement::BlockStatement(s) => out.push(Stmt::Block(self.statements(&s.body))),
            Statement::ExpressionStatement(s) => out.push(Stmt::Expr(self.expr(&s.expression))),
            Statement::ReturnStatement(s) => out.push(Stmt::Return(s.argument.as_ref().map(|e| self.expr(e)))),
            Statement::IfStatement(s) => {
                let test = self.expr(&s.test);
                let then = self.block(&s.consequent);
                let other = s.alternate.as_ref().map(|a| self.block(a)).unwrap_or_default();
                out.push(Stmt::If { test, then, other });
            }
            Statement::SwitchStatement(s) => {
                let on = self.expr(&s.discriminant);
                let cases = s
                    .cases
                    .iter()
                    .map(|c| (c.test.as_ref().map(|t| self.expr(t)), self.statements(&c.consequent)))
                    .collect::<Vec<_>>();
                out.push(Stmt::Switch { on, cases });
            }
            Statement::ForOfStatement(s) => {
                let each = match &s.left {
                    oxc_ast::ast::ForStatementLeft::VariableDeclaration(d) => d.declarations.first().map(|d| self.pattern(&d.id)),
                    _ => None,
                };
                let over = Some(self.expr(&s.right));
                let body = self.block(&s.body);
                out.push(Stmt::Loop { each, over, body });
            }
            Statement::ForInStatement(s) => {
                let over = self.expr(&s.right);
                let body = self.block(&s.body);
                out.push(Stmt::Expr(over));
                out.push(Stmt::Loop {
                    each: None,
                    over: None,
                    body,
                });
            }
            Statement::ForStatement(s) => {
                let body = self.block(&s.body);
                out.push(Stmt::Loop {
                    each: None,
                    over: None,
                    body,
                });
            }
            Statement::WhileStatement(s) => {
                let body = self.block(&s.body);
                out.push(Stmt::Loop {
                    each: None,
                    over: None,
                    body,
                });
            }
            Statement::DoWhileStatement(s) => {
                let body = self.block(&s.body);
                out.push(Stmt::Loop {
                    each: None,
                    over: None,
                    body,
                });
            }
            Statement::TryStatement(s) => {
                let body = self.statements(&s.block.body);
                let handler = s.handler.as_ref().map(|h| self.statements(&h.body.body)).unwrap_or_default();
                let last = s.finalizer.as_ref().map(|f| self.statements(&f.body)).unwrap_or_default();
                out.push(Stmt::Try { body, handler, last });
            }
            Statement::LabeledStatement(s) => self.statement(&s.body, out),
            Statement::ThrowStatement(s) => {
                out.push(Stmt::Expr(self.expr(&s.argument)));
                out.push(Stmt::Throw);
            }
            Statement::BreakStatement(_) => out.push(Stmt::Break),
            Statement::ImportDeclaration(s) => self.import(s),
            Statement::ExportAllDeclaration(s) => {
                let specifier = text(&s.source.value);
                self.reference(&specifier, s.span, s.export_kind == ImportOrExportKind::Type, Vec::new());
                match &s.exported {
                    Some(name) => {
                        self.module.exports.push((
                            export_name(name),
                            Export::From {
                                specifier,
                                imported: Imported::All,
                            },
                        ));
                    }
                    None => self.module.export_all.push(specifier),
                }
            }
            Statement::ExportFromDeclaration(s) => {
                let specifier = text(&s.source.value);
                let names = s.specifiers.iter().map(|n| export_name(&n.local)).collect();
                self.reference(&specifier, s.span, s.export_kind == ImportOrExportKind::Type, names);
                for name in &s.specifiers {
                    let local = export_name(&name.local);
                    let imported = if &*local == "default" {
                        Imported::Default
                    } else {
                        Imported::Name(local)
                    };
                    self.module.exports.push((
                        export_name(&name.exported),
                        Export::From {
                            specifier: Rc::clone(&specifier),
                            imported,
                        },
                    ));
                }
            }
            Statement::ExportNamedDeclaration(s) => {
                for name in &s.specifiers {
                    self.module
                        .exports
                        .push((export_name(&name.exported), Export::Local(export_name(&name.local))));
                }
            }
            Statement::ExportDeclaration(s) => {
                let from = out.len();
                self.declaration(&s.declaration, out);
                for name in out[from..].iter().flat_map(declared) {
                    self.module.exports.push((Rc::clone(&name), Export::Local(name)));
                }
            }
            Statement::ExportDefaultDeclaration(s) => self.export_default(&s.declaration, out),
            Statement::TSExportAssignment(s) => {
                let value = self.expr(&s.expression);
                self.module.exports.push((text("default"), Export::Value(value)));
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, out);
                }
            }
        }
    }

    fn export_default(&mut self, declaration: &ExportDefaultDeclarationKind<'_>, out: &mut Vec<Stmt>) {
        let default = text("default");
        let line = self.line(declaration.span());
        match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(f) => {
                let func = Rc::new(self.func(f));
                if let Some(name) = func.name.clone() {
                    out.push(Stmt::Func(func));
                    self.module.exports.push((default, Export::Local(name)));
                } else {
                    self.module.exports.push((
                        default,
                        Export::Value(Expr {
                            line,
                            kind: ExprKind::Func(func),
                        }),
                    ));
                }
            }
            ExportDefaultDeclarationKind::ClassDeclaration(c) => {
                let class = Rc::new(self.class(c));
                if let Some(name) = class.name.clone() {
                    out.push(Stmt::Class(class));
                    self.module.exports.push((default, Export::Local(name)));
                } else {
                    self.module.exports.push((
                        default,
                        Export::Value(Expr {
                            line,
                            kind: ExprKind::Class(class),
                        }),
                    ));
                }
            }
            other => {
                if let Some(e) = other.as_expression() {
                    let value = self.expr(e);
                    self.module.exports.push((default, Export::Value(value)));
                }
            }
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'_>, out: &mut Vec<Stmt>) {
        match declaration {
            Declaration::VariableDeclaration(d) if !d.declare => {
                for one in &d.declarations {
                    let pattern = self.pattern(&one.id);
                    let init = one.init.as_ref().map(|e| self.expr(e));
                    out.push(Stmt::Let { pattern, init });
                }
            }
            Declaration::FunctionDeclaration(f) if f.body.is_some() => out.push(Stmt::Func(Rc::new(self.func(f)))),
            Declaration::ClassDeclaration(c) if !c.declare => out.push(Stmt::Class(Rc::new(self.class(c)))),
            Declaration::TSEnumDeclaration(e) => {
                let members = e
                    .body
                    .members
                    .iter()
                    .map(|m| (text(&m.id.static_name()), m.initializer.as_ref().map(|i| self.expr(i))))
                    .collect::<Vec<_>>();
                out.push(Stmt::Enum {
                    name: text(&e.id.name),
                    members,
                });
            }
            Declaration::TSImportEqualsDeclaration(d) => {
                if let TSModuleReference::ExternalModuleReference(r) = &d.module_reference {
                    let specifier = text(&r.expression.value);
                    let local = text(&d.id.name);
                    self.reference(
                        &specifier,
                        d.span,
                        d.import_kind == ImportOrExportKind::Type,
                        vec![Rc::clone(&local)],
                    );
                    self.module.imports.push(Import {
                        local,
                        imported: Imported::All,
                        specifier,
                    });
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, declaration: &oxc_ast::ast::ImportDeclaration<'_>) {
        let specifier = text(&declaration.source.value);
        let all_types = declaration.import_kind == ImportOrExportKind::Type;
        let mut names = Vec::new();
        let mut types = 0;
        for one in declaration.specifiers.iter().flatten() {
            let (local, imported) = match one {
                ImportDeclarationSpecifier::ImportSpecifier(s) => {
                    types += usize::from(s.import_kind == ImportOrExportKind::Type);
                    let name = export_name(&s.imported);
                    let imported = if &*name == "default" {
                        Imported::Default
                    } else {
                        Imported::Name(name)
                    };
                    (text(&s.local.name), imported)
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(s) => (text(&s.local.name), Imported::Default),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(s) => (text(&s.local.name), Imported::All),
            };
            names.push(match &imported {
                Imported::Name(name) => Rc::clone(name),
                Imported::Default | Imported::All => Rc::clone(&local),
            });
            self.module.imports.push(Import {
                local,
                imported,
                specifier: Rc::clone(&specifier),
            });
        }
        let type_only = all_types || (types > 0 && types == names.len());
        self.reference(&specifier, declaration.span, type_only, names);
    }

    fn reference(&mut self, specifier: &Text, span: Span, type_only: bool, names: Vec<Text>) {
        let line = self.line(span);
        self.module.references.push(Reference {
            specifier: Rc::clone(specifier),
            required: false,
            line,
            type_only,
            names,
        });
    }

    fn func(&mut self, f: &Function<'_>) -> Func {
        let params = self.params(&f.params);
        let body = f.body.as_ref().map(|b| self.function_body(b)).unwrap_or_default();
        Func {
            name: f.id.as_ref().map(|i| text(&i.name)),
            params,
            body,
            arrow: false,
        }
    }

    fn function_body(&mut self, body: &FunctionBody<'_>) -> Vec<Stmt> {
        self.statements(&body.statements)
    }

    fn params(&mut self, params: &FormalParameters<'_>) -> Vec<Param> {
        let mut out: Vec<Param> = params
            .items
            .iter()
            .map(|p| Param {
                pattern: self.pattern(&p.pattern),
                default: p.initializer.as_ref().map(|e| self.expr(e)),
                type_name: p.type_annotation.as_ref().and_then(|t| type_name(t)),
                decorators: p.decorators.iter().map(|d| self.expr(&d.expression)).collect(),
                field: p.accessibility.is_some() || p.readonly,
                rest: false,
            })
            .collect();
        if let Some(rest) = &params.rest {
            out.push(Param {
                pattern: self.pattern(&rest.rest.argument),
                default: None,
                type_name: None,
                decorators: Vec::new(),
                field: false,
                rest: true,
            });
        }
        out
    }

    fn pattern(&mut self, pattern: &BindingPattern<'_>) -> Pattern {
        match pattern {
            BindingPattern::BindingIdentifier(i) => Pattern::Name(text(&i.name)),
            BindingPattern::ObjectPattern(o) => {
                let mut fields = Vec::new();
                for field in &o.properties {
                    if let Some(key) = key_name(&field.key) {
                        let line = self.line(field.span);
                        fields.push(PatternField {
                            key,
                            line,
                            pattern: self.pattern(&field.value),
                        });
                    }
                }
                let rest = o.rest.as_ref().and_then(|r| match &r.argument {
                    BindingPattern::BindingIdentifier(i) => Some(text(&i.name)),
                    _ => None,
                });
                Pattern::Object(fields, rest)
            }
            BindingPattern::ArrayPattern(a) => {
                Pattern::Array(a.elements.iter().map(|e| e.as_ref().map(|p| self.pattern(p))).collect())
            }
            BindingPattern::AssignmentPattern(a) => {
                let default = self.expr(&a.right);
                Pattern::Default(Box::new(self.pattern(&a.left)), Box::new(default))
            }
        }
    }

    fn class(&mut self, c: &OxcClass<'_>) -> Class {
        let mut constructor = None;
        let mut members = Vec::new();
        for element in &c.body.body {
            match element {
                ClassElement::MethodDefinition(m) => {
                    let func = Rc::new(self.func(&m.value));
                    if m.kind == MethodDefinitionKind::Constructor {
                        if m.value.body.is_some() {
                            constructor = Some(func);
                        }
                        continue;
                    }
                    let Some(name) = key_name(&m.key) else { continue };
                    if m.value.body.is_none() || m.kind == MethodDefinitionKind::Set {
                        continue;
                    }
                    members.push(Member {
                        name,
                        line: self.line(m.span),
                        is_static: m.r#static,
                        optional: false,
                        decorators: m.decorators.iter().map(|d| self.expr(&d.expression)).collect(),
                        kind: if m.kind == MethodDefinitionKind::Get {
                            MemberKind::Getter(func)
                        } else {
                            MemberKind::Method(func)
                        },
                    });
                }
                ClassElement::PropertyDefinition(p) => {
                    let Some(name) = key_name(&p.key) else { continue };
                    let value = p.value.as_ref().map(|e| self.expr(e));
                    members.push(Member {
                        name,
                        line: self.line(p.span),
                        is_static: p.r#static,
                        optional: p.optional,
                        decorators: p.decorators.iter().map(|d| self.expr(&d.expression)).collect(),
                        kind: MemberKind::Field(value),
                    });
                }
                _ => {}
            }
        }
        Class {
            name: c.id.as_ref().map(|i| text(&i.name)),
            extends: c.heritage.as_ref().map(|h| self.expr(&h.expression)),
            decorators: c.decorators.iter().map(|d| self.expr(&d.expression)).collect(),
            constructor,
            members,
        }
    }

    fn expr(&mut self, e: &Expression<'_>) -> Expr {
        let line = self.line(e.span());
        if self.depth > MAX_DEPTH {
            return Expr {
                line,
                kind: ExprKind::Opaque(Vec::new()),
            };
        }
        self.depth += 1;
        let kind = self.expr_kind(e, line);
        self.depth -= 1;
        Expr { line, kind }
    }

    fn boxed(&mut self, e: &Expression<'_>) -> Box<Expr> {
        Box::new(self.expr(e))
    }

    fn expr_kind(&mut self, e: &Expression<'_>, line: u32) -> ExprKind {
        match e {
            Expression::BooleanLiteral(l) => ExprKind::Bool(l.value),
            Expression::NullLiteral(_) => ExprKind::Null,
            Expression::NumericLiteral(l) => ExprKind::Num(l.value),
            Expression::StringLiteral(l) => ExprKind::Str(text(&l.value)),
            Expression::RegExpLiteral(l) => ExprKind::Str(text(&l.regex.pattern.text)),
            Expression::TemplateLiteral(t) => self.template(t),
            Expression::Identifier(i) => ExprKind::Ident(text(&i.name)),
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
                let left = self.boxed(&b.left);
                ExprKind::Binary(b.operator.as_str(), left, self.boxed(&b.right))
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
                    .map_or_else(|| ExprKind::Opaque(Vec::new()), |m| self.member(m)),
            },
            Expression::ImportExpression(i) => {
                if let Expression::StringLiteral(s) = &i.source {
                    self.reference(&text(&s.value), i.span, false, Vec::new());
                }
                ExprKind::Import(self.boxed(&i.source))
            }
            Expression::SequenceExpression(s) => {
                let mut all: Vec<Expr> = s.expressions.iter().map(|e| self.expr(e)).collect();
                match (all.len(), all.pop()) {
                    (1, Some(last)) => last.kind,
                    (_, Some(last)) => {
                        all.push(last);
                        ExprKind::Opaque(all)
                    }
                    (_, None) => ExprKind::Opaque(Vec::new()),
                }
            }
            Expression::TaggedTemplateExpression(t) => {
                let mut inner = vec![self.expr(&t.tag)];
                inner.extend(t.quasi.expressions.iter().map(|e| self.expr(e)));
                ExprKind::Opaque(inner)
            }
            Expression::YieldExpression(y) => match &y.argument {
                Some(a) => self.expr_kind(a, line),
                None => ExprKind::Opaque(Vec::new()),
            },
            Expression::JSXElement(x) => ExprKind::Opaque(self.jsx(x)),
            Expression::JSXFragment(x) => ExprKind::Opaque(self.jsx_children(&x.children)),
            other => other
                .as_member_expression()
                .map_or_else(|| ExprKind::Opaque(Vec::new()), |m| self.member(m)),
        }
    }

    /// `x ||= y` reads like `x = x || y`; the other operators leave us with something we cannot know.
    fn compound(operator: &str, target: Box<Expr>, value: Box<Expr>) -> ExprKind {
        let logic = match operator {
            "||=" => Logic::Or,
            "??=" => Logic::Coalesce,
            _ => return ExprKind::Opaque(vec![*target, *value]),
        };
        let line = target.line;
        let Some(again) = copy_path(&target) else {
            return ExprKind::Opaque(vec![*target, *value]);
        };
        ExprKind::Assign(
            target,
            Box::new(Expr {
                line,
                kind: ExprKind::Logical(logic, Box::new(again), value),
            }),
        )
    }

    fn template(&mut self, t: &oxc_ast::ast::TemplateLiteral<'_>) -> ExprKind {
        let texts: Vec<Text> = t
            .quasis
            .iter()
            .map(|q| text(q.value.cooked.as_deref().unwrap_or(&q.value.raw)))
            .collect();
        if let ([only], true) = (texts.as_slice(), t.expressions.is_empty()) {
            return ExprKind::Str(Rc::clone(only));
        }
        ExprKind::Template(texts, t.expressions.iter().map(|e| self.expr(e)).collect())
    }

    fn call(&mut self, c: &oxc_ast::ast::CallExpression<'_>) -> ExprKind {
        if let (Expression::Identifier(i), [Argument::StringLiteral(s)]) = (&c.callee, c.arguments.as_slice())
            && i.name == "require"
        {
            self.reference(&text(&s.value), c.span, false, Vec::new());
            if let Some(last) = self.module.references.last_mut() {
                last.required = true;
            }
        }
        let callee = self.boxed(&c.callee);
        ExprKind::Call(callee, self.arguments(&c.arguments))
    }

    fn arguments(&mut self, all: &[Argument<'_>]) -> Vec<Expr> {
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

    fn member(&mut self, m: &oxc_ast::ast::MemberExpression<'_>) -> ExprKind {
        use oxc_ast::ast::MemberExpression as M;
        match m {
            M::StaticMemberExpression(s) => ExprKind::Member(self.boxed(&s.object), text(&s.property.name)),
            M::PrivateFieldExpression(s) => ExprKind::Member(self.boxed(&s.object), text(&s.field.name)),
            M::ComputedMemberExpression(s) => {
                let object = self.boxed(&s.object);
                match &s.expression {
                    Expression::StringLiteral(key) => ExprKind::Member(object, text(&key.value)),
                    other => ExprKind::Index(object, self.boxed(other)),
                }
            }
        }
    }

    fn target(&mut self, target: &AssignmentTarget<'_>, line: u32) -> Expr {
        let kind = match target.as_simple_assignment_target() {
            Some(SimpleAssignmentTarget::AssignmentTargetIdentifier(i)) => ExprKind::Ident(text(&i.name)),
            Some(other) => other
                .as_member_expression()
                .map_or_else(|| ExprKind::Opaque(Vec::new()), |m| self.member(m)),
            None => ExprKind::Opaque(Vec::new()),
        };
        Expr { line, kind }
    }

    fn prop(&mut self, p: &ObjectPropertyKind<'_>) -> Prop {
        match p {
            ObjectPropertyKind::SpreadProperty(s) => Prop::Spread(self.expr(&s.argument)),
            ObjectPropertyKind::ObjectProperty(p) => match (key_name(&p.key), &p.value) {
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

    fn jsx(&mut self, x: &JSXElement<'_>) -> Vec<Expr> {
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
                            kind: ExprKind::Str(text(&s.value)),
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

    fn jsx_children(&mut self, children: &[JSXChild<'_>]) -> Vec<Expr> {
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

/// The names a statement declares.
pub(super) fn declared(statement: &Stmt) -> Vec<Text> {
    fn names(pattern: &Pattern, out: &mut Vec<Text>) {
        match pattern {
            Pattern::Name(name) => out.push(Rc::clone(name)),
            Pattern::Object(fields, rest) => {
                for field in fields {
                    names(&field.pattern, out);
                }
                out.extend(rest.clone());
            }
            Pattern::Array(all) => {
                for one in all.iter().flatten() {
                    names(one, out);
                }
            }
            Pattern::Default(inner, _) => names(inner, out),
        }
    }
    let mut out = Vec::new();
    match statement {
        Stmt::Let { pattern, .. } => names(pattern, &mut out),
        Stmt::Func(f) => out.extend(f.name.clone()),
        Stmt::Class(c) => out.extend(c.name.clone()),
        Stmt::Enum { name, .. } => out.push(Rc::clone(name)),
        _ => {}
    }
    out
}

fn text(s: &str) -> Text {
    Rc::from(s)
}

fn export_name(name: &ModuleExportName<'_>) -> Text {
    text(name.name().as_str())
}

fn key_name(key: &PropertyKey<'_>) -> Option<Text> {
    match key {
        PropertyKey::PrivateIdentifier(p) => Some(text(&p.name)),
        other => other.static_name().map(|n| text(&n)),
    }
}

fn type_name(annotation: &TSTypeAnnotation<'_>) -> Option<Text> {
    match &annotation.type_annotation {
        TSType::TSTypeReference(r) => match &r.type_name {
            TSTypeName::IdentifierReference(i) => Some(text(&i.name)),
            _ => None,
        },
        TSType::TSNumberKeyword(_) => Some(text("number")),
        TSType::TSStringKeyword(_) => Some(text("string")),
        TSType::TSBooleanKeyword(_) => Some(text("boolean")),
        _ => None,
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
