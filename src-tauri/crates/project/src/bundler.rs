//! Configuration of bundlers, evaluated as far as it can be told without running it.

use std::rc::Rc;

use crate::context::Context;
use crate::eval::value::{External, Link, Value};
use crate::eval::{EffectKind, Interpreter};

/// The configuration object in a file, in production mode.
pub(crate) fn evaluate(context: &Context<'_>, file: &str, cwd: &str) -> Option<Value> {
    let mut it = Interpreter::new(context.modules, cwd);
    let scope = it.run_module(file)?;
    let exported = it.export(file, "default");
    settle(&mut it, exported, &scope, 0)
}

/// The same, with the calls of packages that its plugins are.
pub(crate) fn evaluate_with_calls(context: &Context<'_>, file: &str, cwd: &str) -> Option<(Value, Vec<Rc<External>>)> {
    let mut it = Interpreter::new(context.modules, cwd);
    let scope = it.run_module(file)?;
    let exported = it.export(file, "default");
    let config = settle(&mut it, exported, &scope, 0)?;
    let calls = it.effects.iter().filter_map(|e| match &e.kind {
        EffectKind::External { call } => Some(Rc::clone(call)),
        EffectKind::Created { .. } | EffectKind::OnApp { .. } | EffectKind::OtherListen { .. } => None,
    });
    Some((config, calls.collect()))
}

fn settle(it: &mut Interpreter<'_>, value: Value, scope: &Rc<crate::eval::value::Scope>, depth: u32) -> Option<Value> {
    if depth > 6 {
        return None;
    }
    match value {
        function @ Value::Func(_) => {
            let mode = Value::object(vec![
                ("command".into(), Value::text("build")),
                ("mode".into(), Value::text("production")),
                ("production".into(), Value::Bool(true)),
            ]);
            let result = it.apply(&function, vec![mode.clone(), mode], scope, 1);
            settle(it, result, scope, depth + 1)
        }
        Value::External(external) => {
            let names = external.names();
            let last = names.last().copied().unwrap_or_default();
            let arguments = external.chain.iter().rev().find_map(|l| match l {
                Link::Call(a) => Some(Rc::clone(a)),
                Link::New(_) | Link::Name(_) => None,
            })?;
            if last.to_lowercase().contains("merge") || names.is_empty() && external.package.contains("merge") {
                return merged(it, &arguments, scope, depth);
            }
            let argument = arguments
                .iter()
                .find(|a| matches!(a, Value::Object(_) | Value::Func(_) | Value::External(_)))?
                .clone();
            settle(it, argument, scope, depth + 1)
        }
        array @ Value::Array(_) => settle(it, array.elements().first()?.clone(), scope, depth + 1),
        object @ Value::Object(_) => Some(object),
        _ => None,
    }
}

/// Later configurations replace fields of earlier ones; nested objects are merged one level deep.
fn merged(it: &mut Interpreter<'_>, all: &[Value], scope: &Rc<crate::eval::value::Scope>, depth: u32) -> Option<Value> {
    let result = Value::object(Vec::new());
    let target = Rc::clone(result.as_object()?);
    for one in all {
        let Some(one) = settle(it, one.clone(), scope, depth + 1) else {
            continue;
        };
        for (key, value) in one.as_object()?.fields.borrow().iter() {
            match (target.get(key), value) {
                (Some(Value::Object(old)), Value::Object(new)) => {
                    let both = Value::object(old.fields.borrow().clone());
                    if let Some(object) = both.as_object() {
                        for (k, v) in new.fields.borrow().iter() {
                            object.set(k, v.clone());
                        }
                    }
                    target.set(key, both);
                }
                _ => target.set(key, value.clone()),
            }
        }
    }
    Some(result)
}

/// Name and start file of a webpack configuration.
pub(crate) fn entry_of(config: &Value) -> Option<(String, Value)> {
    fn file(value: &Value) -> Option<Value> {
        match value {
            Value::Array(_) => value.elements().last().and_then(file),
            Value::Object(_) => value.field("import").and_then(|v| file(&v)),
            Value::Str(_) | Value::Path(_) => Some(value.clone()),
            _ => None,
        }
    }
    match config.field("entry")? {
        Value::Object(object) => {
            let fields = object.fields.borrow();
            let (name, value) = fields.iter().find(|(n, _)| &**n == "main").or_else(|| fields.first())?;
            Some((name.to_string(), file(value)?))
        }
        other => Some(("main".to_owned(), file(&other)?)),
    }
}
