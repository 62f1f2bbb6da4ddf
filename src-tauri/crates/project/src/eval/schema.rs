//! Configuration: `@nestjs/config` and the schema libraries that describe the environment.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::script::syntax::{ExprKind, MemberKind, Text};

use super::Interpreter;
use super::value::{EnvRead, External, Link, Object, Scope, Value};

/// What a schema says about one variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaField {
    pub(crate) default: Option<Value>,
    pub(crate) required: bool,
    /// The variable behind the field, if the schema names it (`env: 'PORT'`).
    pub(crate) env: Option<Text>,
}

/// The fields that a schema object describes; empty for anything else.
pub(super) fn read_schema(schema: &Value) -> BTreeMap<Text, SchemaField> {
    let mut out = BTreeMap::new();
    match schema {
        Value::Object(object) => {
            for (name, value) in object.fields.borrow().iter() {
                if let Some(field) = schema_field(value) {
                    out.insert(Rc::clone(name), field);
                }
            }
        }
        Value::External(external) => {
            for link in &external.chain {
                if let Link::Call(arguments) | Link::New(arguments) = link {
                    for argument in arguments.iter() {
                        if matches!(argument, Value::Object(_) | Value::External(_)) {
                            out.extend(read_schema(argument));
                        }
                    }
                }
            }
        }
        _ => {}
    }
    out
}

/// What `z.string().default('x')`, `Joi.number().required()`, `port({ default: 3000 })` say.
fn schema_field(value: &Value) -> Option<SchemaField> {
    let Value::External(external) = value else { return None };
    if external.package.is_empty() || !external.chain.iter().any(|l| matches!(l, Link::Call(_))) {
        return None;
    }
    let joi = external.package.contains("joi") || external.package == "yup".into();
    let mut field = SchemaField {
        default: None,
        required: !joi,
        env: None,
    };
    let mut last = "";
    for link in &external.chain {
        match link {
            Link::Name(name) => last = name,
            Link::Call(arguments) | Link::New(arguments) => match last {
                "default" | "prefault" | "catch" => {
                    field.default = arguments.first().cloned();
                    field.required = false;
                }
                "optional" | "nullish" | "exist" | "allow" => field.required = false,
                "required" | "nonempty" => field.required = true,
                "preprocess" | "pipe" => {
                    for inner in arguments.iter().filter_map(schema_field) {
                        field.required &= inner.required;
                        field.default = field.default.or(inner.default);
                    }
                }
                _ => {
                    if let Some(default) = arguments
                        .first()
                        .and_then(|a| a.field("default").or_else(|| a.field("devDefault")))
                    {
                        field.default = Some(default);
                        field.required = false;
                    }
                }
            },
        }
    }
    Some(field)
}

impl Interpreter<'_> {
    /// `ConfigModule.forRoot({ load, validationSchema, validate })`.
    pub(super) fn absorb_config(&mut self, options: Option<&Value>, scope: &Rc<Scope>, line: u32) {
        let Some(options) = options else { return };
        if let Some(schema) = options.field("validationSchema").or_else(|| options.field("schema")) {
            self.schema.extend(read_schema(&schema));
        }
        if let Some(Value::Func(validate)) = options.field("validate") {
            let result = self.invoke(&validate, &[Value::Environment]);
            self.absorb_validated(&result);
        }
        for loader in options.field("load").map(|l| l.elements()).unwrap_or_default() {
            let value = match &loader {
                Value::Func(closure) => Some(self.invoke(closure, &[])),
                Value::External(_) => self.config_namespace_entry(&loader),
                other => Some(other.clone()),
            };
            if let Some(value) = value {
                self.absorb_validated(&value);
                self.opaque_config |= value.as_object().is_none();
                self.config.push(value);
            }
        }
        let _ = (scope, line);
    }

    fn absorb_validated(&mut self, result: &Value) {
        let Some(object) = result.as_object() else { return };
        for (_, value) in object.fields.borrow().iter() {
            if let Value::Env(read) = value {
                let field = SchemaField {
                    default: read.default.clone(),
                    required: read.required,
                    env: None,
                };
                self.schema.entry(Rc::clone(&read.name)).or_insert(field);
            }
        }
    }

    /// `registerAs('app', () => ({ … }))` as `{ app: { … } }`.
    fn config_namespace_entry(&mut self, loader: &Value) -> Option<Value> {
        let Value::External(external) = loader else { return None };
        let arguments = registered(external)?;
        let [Value::Str(name), Value::Func(factory)] = arguments.as_slice() else {
            return None;
        };
        let value = self.invoke(factory, &[]);
        Some(Value::object(vec![(Rc::clone(name), value)]))
    }

    /// The object behind `app.KEY` or the registration itself.
    pub(super) fn config_namespace(&mut self, token: &Value) -> Option<Value> {
        let Value::External(external) = token else { return None };
        let arguments = registered(external)?;
        let [Value::Str(_), Value::Func(factory)] = arguments.as_slice() else {
            return None;
        };
        let factory = Rc::clone(factory);
        Some(self.invoke(&factory, &[]))
    }

    /// `config.get('app.port', 3000)`.
    pub(super) fn config_method(&mut self, name: &str, arguments: &[Value], scope: &Rc<Scope>, line: u32) -> Value {
        if name == "getProperties" {
            return self.config.last().cloned().unwrap_or(Value::Unknown);
        }
        if !name.starts_with("get") {
            return Value::Config;
        }
        let Some(Value::Str(path)) = arguments.first() else {
            return Value::Unknown;
        };
        let default = arguments
            .get(1)
            .filter(|d| !matches!(d, Value::Object(o) if o.get("infer").is_some()))
            .cloned();
        if let Some(value) = self.configured(path) {
            return value.or(default.unwrap_or(Value::Undefined));
        }
        // Names of variables are spelled in capitals; anything else is a key of a configuration we did not see.
        if !crate::environment::is_name(path) && !self.schema.contains_key(path) {
            return default.filter(|_| !self.opaque_config).unwrap_or(Value::Unknown);
        }
        let value = match self.read_env(path, scope, line) {
            Value::Env(read) => {
                let read = Rc::new(EnvRead {
                    required: read.required || (name == "getOrThrow" && read.default.is_none()),
                    ..(*read).clone()
                });
                self.reads.push(Rc::clone(&read));
                Value::Env(read)
            }
            other => other,
        };
        value.or(default.unwrap_or(Value::Undefined))
    }

    fn configured(&self, path: &str) -> Option<Value> {
        for object in self.config.iter().rev() {
            let mut at = Some(object.clone());
            for part in path.split('.') {
                at = at.and_then(|value| value.field(part));
            }
            if let Some(value) = at.filter(|v| !matches!(v, Value::Undefined)) {
                return Some(value);
            }
        }
        None
    }

    /// The result of `schema.parse(process.env)` and its relatives, field by field.
    pub(super) fn validated(&mut self, call: &Rc<External>, scope: &Rc<Scope>, line: u32) -> Option<Value> {
        let names = call.names();
        let arguments = call.arguments()?;
        let last = names.last().copied().unwrap_or_default();
        let whole = |v: &Value| match v {
            Value::Environment => true,
            Value::Object(o) => matches!(*o.fallback.borrow(), Some(Value::Environment)),
            _ => false,
        };
        let reads_env = arguments.iter().any(whole);
        match last {
            "parse" | "safeParse" | "parseAsync" | "validate" | "validateSync" | "attempt" | "cleanEnv" | "parseEnv"
                if reads_env =>
            {
                let mut schema = read_schema(&Value::External(Rc::clone(call)));
                if last == "cleanEnv" || last == "parseEnv" {
                    schema = arguments.get(1).map(read_schema).unwrap_or_default();
                }
                if schema.is_empty() {
                    return Some(Value::Environment);
                }
                let object = self.described(&schema, scope, line);
                Some(match last {
                    "safeParse" => Value::object(vec![(Rc::from("success"), Value::Bool(true)), (Rc::from("data"), object)]),
                    "validate" if call.package.contains("joi") => {
                        Value::object(vec![(Rc::from("value"), object), (Rc::from("error"), Value::Undefined)])
                    }
                    _ => object,
                })
            }
            "createEnv" => {
                let options = arguments.first()?;
                let mut schema = BTreeMap::new();
                for part in ["server", "client", "shared"] {
                    schema.extend(options.field(part).map(|p| read_schema(&p)).unwrap_or_default());
                }
                Some(self.described(&schema, scope, line))
            }
            "plainToInstance" | "plainToClass" if reads_env => {
                let Some(Value::Class(class)) = arguments.first() else {
                    return None;
                };
                let mut schema = BTreeMap::new();
                for member in &class.class.members {
                    let MemberKind::Field(init) = &member.kind else { continue };
                    let optional = member.optional
                        || member
                            .decorators
                            .iter()
                            .any(|d| decorator_name(&d.kind) == Some("IsOptional"));
                    let default = init.as_ref().map(|e| self.eval(e, &class.scope));
                    let field = SchemaField {
                        required: !optional && default.is_none(),
                        default,
                        env: None,
                    };
                    schema.insert(Rc::clone(&member.name), field);
                }
                Some(self.described(&schema, scope, line))
            }
            "convict" => {
                let mut object = Vec::new();
                for (name, value) in arguments.first()?.as_object()?.fields.borrow().iter() {
                    object.push((Rc::clone(name), self.convict(value, scope, line)));
                }
                self.config.push(Value::object(object));
                Some(Value::Config)
            }
            _ if names.is_empty() && call.package.contains("convict") => {
                let object = self.convict(arguments.first()?, scope, line);
                self.config.push(object);
                Some(Value::Config)
            }
            _ => None,
        }
    }

    fn convict(&mut self, node: &Value, scope: &Rc<Scope>, line: u32) -> Value {
        let Some(object) = node.as_object() else {
            return Value::Unknown;
        };
        if let Some(default) = object.get("default") {
            let value = match object.get("env") {
                Some(Value::Str(name)) => self.read_env(&name, scope, line),
                _ => Value::Undefined,
            };
            return if matches!(default, Value::Null) {
                value
            } else {
                value.or(default)
            };
        }
        let fields = object.fields.borrow().clone();
        Value::object(
            fields
                .iter()
                .map(|(k, v)| (Rc::clone(k), self.convict(v, scope, line)))
                .collect(),
        )
    }

    fn described(&mut self, schema: &BTreeMap<Text, SchemaField>, scope: &Rc<Scope>, line: u32) -> Value {
        let object = Object::default();
        for (name, field) in schema {
            let read = match self.read_env(field.env.as_ref().unwrap_or(name), scope, line) {
                Value::Env(read) => read,
                other => {
                    object.set(name, other);
                    continue;
                }
            };
            let read = Rc::new(EnvRead {
                default: field.default.clone(),
                required: field.required,
                ..(*read).clone()
            });
            self.reads.push(Rc::clone(&read));
            object.set(name, Value::Env(read));
        }
        *object.fallback.borrow_mut() = Some(Value::Environment);
        Value::Object(Rc::new(object))
    }
}

/// The arguments of `registerAs`, whatever is done with its result.
fn registered(external: &External) -> Option<Rc<Vec<Value>>> {
    let mut names = external.chain.iter();
    if !matches!(names.next(), Some(Link::Name(name)) if &**name == "registerAs") {
        return None;
    }
    match names.next() {
        Some(Link::Call(arguments)) => Some(Rc::clone(arguments)),
        _ => None,
    }
}

fn decorator_name(kind: &ExprKind) -> Option<&str> {
    match kind {
        ExprKind::Call(callee, _) => decorator_name(&callee.kind),
        ExprKind::Ident(name) | ExprKind::Member(_, name) => Some(name),
        _ => None,
    }
}
