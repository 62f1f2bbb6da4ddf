//! From the parser's functions, patterns and classes to ours.

use std::rc::Rc;

use oxc_ast::ast::{
    BindingPattern, Class as OxcClass, ClassElement, FormalParameters, Function, FunctionBody, MethodDefinitionKind,
};

use super::lower::Lower;
use super::syntax::{Class, Func, Member, MemberKind, Param, Pattern, PatternField, Stmt};

impl Lower<'_> {
    pub(super) fn func(&mut self, f: &Function<'_>) -> Func {
        let params = self.params(&f.params);
        let body = f.body.as_ref().map(|b| self.function_body(b)).unwrap_or_default();
        Func {
            name: f.id.as_ref().map(|i| self.names.text(&i.name)),
            params,
            body,
            arrow: false,
        }
    }

    pub(super) fn function_body(&mut self, body: &FunctionBody<'_>) -> Vec<Stmt> {
        self.statements(&body.statements)
    }

    pub(super) fn params(&mut self, params: &FormalParameters<'_>) -> Vec<Param> {
        let mut out: Vec<Param> = params
            .items
            .iter()
            .map(|p| Param {
                pattern: self.pattern(&p.pattern),
                default: p.initializer.as_ref().map(|e| self.expr(e)),
                type_name: p.type_annotation.as_ref().and_then(|t| self.type_name(t)),
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

    pub(super) fn pattern(&mut self, pattern: &BindingPattern<'_>) -> Pattern {
        match pattern {
            BindingPattern::BindingIdentifier(i) => Pattern::Name(self.names.text(&i.name)),
            BindingPattern::ObjectPattern(o) => {
                let mut fields = Vec::new();
                for field in &o.properties {
                    if let Some(key) = self.key_name(&field.key) {
                        let line = self.line(field.span);
                        fields.push(PatternField {
                            key,
                            line,
                            pattern: self.pattern(&field.value),
                        });
                    }
                }
                let rest = o.rest.as_ref().and_then(|r| match &r.argument {
                    BindingPattern::BindingIdentifier(i) => Some(self.names.text(&i.name)),
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

    pub(super) fn class(&mut self, c: &OxcClass<'_>) -> Class {
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
                    let Some(name) = self.key_name(&m.key) else { continue };
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
                    let Some(name) = self.key_name(&p.key) else { continue };
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
        members.shrink_to_fit();
        Class {
            name: c.id.as_ref().map(|i| self.names.text(&i.name)),
            extends: c.heritage.as_ref().map(|h| self.expr(&h.expression)),
            decorators: c.decorators.iter().map(|d| self.expr(&d.expression)).collect(),
            constructor,
            members,
        }
    }
}
