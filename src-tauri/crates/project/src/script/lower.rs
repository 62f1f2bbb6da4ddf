//! From the parser's tree to ours.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's enums list every construct of the language; most need no attention"
)]

use std::cell::OnceCell;
use std::rc::Rc;

use oxc_ast::ast::{
    Declaration, ExportDefaultDeclarationKind, ImportDeclarationSpecifier, ImportOrExportKind, ModuleExportName, Program,
    PropertyKey, Statement, TSModuleReference, TSType, TSTypeAnnotation, TSTypeName,
};
use oxc_span::{GetSpan, Span};

use super::names::Names;
use super::outline::PRISMA_CLIENT;
use super::syntax::{Export, Expr, ExprKind, Import, Imported, Module, Pattern, Reference, Stmt, Text};

/// Deeper nesting than any person writes; beyond it we stop looking.
pub(super) const MAX_DEPTH: u32 = 150;

pub(super) struct Lower<'n> {
    pub(super) names: &'n Names<Text>,
    lines: Vec<u32>,
    pub(super) depth: u32,
    pub(super) module: Module,
    pub(super) references: Vec<Reference<Text>>,
}

impl<'n> Lower<'n> {
    pub(super) fn module(
        path: &str,
        text: &str,
        program: &Program<'_>,
        names: &'n Names<Text>,
    ) -> (Module, Vec<Reference<Text>>) {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes())
            .map(|i| u32::try_from(i).unwrap_or(u32::MAX))
            .collect();
        let mut lower = Self {
            names,
            lines,
            depth: 0,
            module: Module {
                path: path.to_owned(),
                ..Module::default()
            },
            references: Vec::new(),
        };
        let body = lower.statements(&program.body);
        lower.module.body = body;
        lower.module.imports.shrink_to_fit();
        lower.module.exports.shrink_to_fit();
        (lower.module, lower.references)
    }

    pub(super) fn line_of(text: &str, offset: usize) -> u32 {
        let end = offset.min(text.len());
        u32::try_from(text.get(..end).map_or(0, |t| t.matches('\n').count()) + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        u32::try_from(self.lines.partition_point(|end| *end < span.start))
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    }

    pub(super) fn statements(&mut self, all: &[Statement<'_>]) -> Vec<Stmt> {
        let mut out = Vec::with_capacity(all.len());
        for statement in all {
            self.statement(statement, &mut out);
        }
        // Imports and types leave nothing, and programs are kept for long.
        out.shrink_to_fit();
        out
    }

    pub(super) fn block(&mut self, statement: &Statement<'_>) -> Vec<Stmt> {
        let mut out = Vec::with_capacity(1);
        self.statement(statement, &mut out);
        out
    }

    pub(super) fn statement(&mut self, statement: &Statement<'_>, out: &mut Vec<Stmt>) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.statement_inner(statement, out);
        self.depth -= 1;
    }

    pub(super) fn statement_inner(&mut self, statement: &Statement<'_>, out: &mut Vec<Stmt>) {
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
                    oxc_ast::ast::ForStatementLeft::VariableDeclaration(d) => {
                        d.declarations.first().map(|d| Box::new(self.pattern(&d.id)))
                    }
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
                let specifier = self.names.text(&s.source.value);
                self.reference(&specifier, s.span, s.export_kind == ImportOrExportKind::Type, &[]);
                match &s.exported {
                    Some(name) => {
                        self.module.exports.push((
                            self.export_name(name),
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
                let specifier = self.names.text(&s.source.value);
                let names: Vec<Text> = s.specifiers.iter().map(|n| self.export_name(&n.local)).collect();
                self.reference(&specifier, s.span, s.export_kind == ImportOrExportKind::Type, &names);
                for name in &s.specifiers {
                    let local = self.export_name(&name.local);
                    let imported = if &*local == "default" {
                        Imported::Default
                    } else {
                        Imported::Name(local)
                    };
                    self.module.exports.push((
                        self.export_name(&name.exported),
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
                        .push((self.export_name(&name.exported), Export::Local(self.export_name(&name.local))));
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
                self.module.exports.push((self.names.text("default"), Export::Value(value)));
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, out);
                }
            }
        }
    }

    pub(super) fn export_default(&mut self, declaration: &ExportDefaultDeclarationKind<'_>, out: &mut Vec<Stmt>) {
        let default = self.names.text("default");
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

    pub(super) fn declaration(&mut self, declaration: &Declaration<'_>, out: &mut Vec<Stmt>) {
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
                    .map(|m| {
                        (
                            self.names.text(&m.id.static_name()),
                            m.initializer.as_ref().map(|i| self.expr(i)),
                        )
                    })
                    .collect::<Vec<_>>();
                out.push(Stmt::Enum {
                    name: self.names.text(&e.id.name),
                    members,
                });
            }
            Declaration::TSImportEqualsDeclaration(d) => {
                if let TSModuleReference::ExternalModuleReference(r) = &d.module_reference {
                    let specifier = self.names.text(&r.expression.value);
                    let local = self.names.text(&d.id.name);
                    self.reference(
                        &specifier,
                        d.span,
                        d.import_kind == ImportOrExportKind::Type,
                        &[Rc::clone(&local)],
                    );
                    self.module.imports.push(Import {
                        local,
                        imported: Imported::All,
                        specifier,
                        target: OnceCell::new(),
                    });
                }
            }
            _ => {}
        }
    }

    pub(super) fn import(&mut self, declaration: &oxc_ast::ast::ImportDeclaration<'_>) {
        let specifier = self.names.text(&declaration.source.value);
        let all_types = declaration.import_kind == ImportOrExportKind::Type;
        let mut names = Vec::new();
        let mut types = 0;
        for one in declaration.specifiers.iter().flatten() {
            let (local, imported) = match one {
                ImportDeclarationSpecifier::ImportSpecifier(s) => {
                    types += usize::from(s.import_kind == ImportOrExportKind::Type);
                    let name = self.export_name(&s.imported);
                    let imported = if &*name == "default" {
                        Imported::Default
                    } else {
                        Imported::Name(name)
                    };
                    (self.names.text(&s.local.name), imported)
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(s) => (self.names.text(&s.local.name), Imported::Default),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(s) => (self.names.text(&s.local.name), Imported::All),
            };
            names.push(match &imported {
                Imported::Name(name) => Rc::clone(name),
                Imported::Default | Imported::All => Rc::clone(&local),
            });
            self.module.imports.push(Import {
                local,
                imported,
                specifier: Rc::clone(&specifier),
                target: OnceCell::new(),
            });
        }
        let type_only = all_types || (types > 0 && types == names.len());
        self.reference(&specifier, declaration.span, type_only, &names);
    }

    pub(super) fn reference(&mut self, specifier: &Text, span: Span, type_only: bool, names: &[Text]) {
        let line = self.line(span);
        self.references.push(Reference {
            specifier: Rc::clone(specifier),
            required: false,
            line,
            type_only,
            prisma_client: names.iter().any(|n| &**n == PRISMA_CLIENT),
        });
    }
}

impl Lower<'_> {
    fn export_name(&self, name: &ModuleExportName<'_>) -> Text {
        self.names.text(name.name().as_str())
    }

    pub(super) fn key_name(&self, key: &PropertyKey<'_>) -> Option<Text> {
        match key {
            PropertyKey::PrivateIdentifier(p) => Some(self.names.text(&p.name)),
            other => other.static_name().map(|n| self.names.text(&n)),
        }
    }

    pub(super) fn type_name(&self, annotation: &TSTypeAnnotation<'_>) -> Option<Text> {
        match &annotation.type_annotation {
            TSType::TSTypeReference(r) => match &r.type_name {
                TSTypeName::IdentifierReference(i) => Some(self.names.text(&i.name)),
                _ => None,
            },
            TSType::TSNumberKeyword(_) => Some(self.names.text("number")),
            TSType::TSStringKeyword(_) => Some(self.names.text("string")),
            TSType::TSBooleanKeyword(_) => Some(self.names.text("boolean")),
            _ => None,
        }
    }
}

/// The names a statement declares.
pub(super) fn declared(statement: &Stmt) -> Vec<Text> {
    pub(super) fn names(pattern: &Pattern, out: &mut Vec<Text>) {
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
