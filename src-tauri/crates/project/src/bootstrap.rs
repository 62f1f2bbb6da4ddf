//! What a server's start file does: where it listens, below which prefix, with which adapter.

use std::rc::Rc;

use crate::context::Context;
use crate::eval::value::{AppKind, Spot, Value};
use crate::eval::{Effect, EffectKind, Interpreter};

/// What the start file tells the framework.
pub(crate) struct Bootstrap {
    /// Whether it serves HTTP, only messages, or nothing.
    pub(crate) kind: Option<AppKind>,
    pub(crate) created: Option<Spot>,
    pub(crate) fastify: Option<Spot>,
    pub(crate) listen: Option<Listen>,
    pub(crate) prefix: Option<(Value, Spot)>,
    /// Arguments of `enableVersioning`.
    pub(crate) versioning: Option<Value>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) reads: Vec<Rc<crate::eval::value::EnvRead>>,
    pub(crate) required: Vec<String>,
    pub(crate) schema: Vec<(String, crate::eval::SchemaField)>,
}

/// Where it listens.
pub(crate) struct Listen {
    pub(crate) port: Value,
    pub(crate) host: Option<Value>,
    pub(crate) spot: Spot,
}

/// Follows a start file.
pub(crate) fn follow(context: &Context<'_>, cwd: &str, entry: &str) -> Bootstrap {
    // The first pass meets the configuration module; the second one knows what it holds.
    let mut first = Interpreter::new(context.modules, cwd);
    first.run_program(entry);
    let mut it = first;
    if !it.config.is_empty() || !it.schema.is_empty() {
        let mut second = Interpreter::new(context.modules, cwd);
        second.config = std::mem::take(&mut it.config);
        second.schema = std::mem::take(&mut it.schema);
        second.opaque_config = it.opaque_config;
        second.run_program(entry);
        it = second;
    }
    if !it.effects.iter().any(|e| matches!(e.kind, EffectKind::Created { .. })) {
        force(&mut it, entry);
    }
    summarize(it)
}

/// Nothing was started: the functions of the file are called by something we did not see.
fn force(it: &mut Interpreter<'_>, entry: &str) {
    let Some(scope) = it.run_module(entry) else { return };
    let functions: Vec<Value> = scope
        .vars
        .borrow()
        .values()
        .filter(|v| matches!(v, Value::Func(_)))
        .cloned()
        .collect();
    for function in functions {
        it.apply(&function, Vec::new(), &scope, 1);
    }
    for (name, _) in &scope.module.exports {
        if let Value::Func(closure) = it.export(entry, name) {
            it.apply(&Value::Func(closure), Vec::new(), &scope, 1);
        }
    }
}

fn summarize(it: Interpreter<'_>) -> Bootstrap {
    let mut out = Bootstrap {
        kind: None,
        created: None,
        fastify: None,
        listen: None,
        prefix: None,
        versioning: None,
        effects: Vec::new(),
        reads: it.reads,
        required: it.required.iter().map(ToString::to_string).collect(),
        schema: it.schema.into_iter().map(|(k, v)| (k.to_string(), v)).collect(),
    };
    let rank = |kind| match kind {
        AppKind::Http => 2,
        AppKind::Microservice => 1,
        AppKind::Context => 0,
    };
    let mut other = None;
    for effect in &it.effects {
        match &effect.kind {
            EffectKind::Created { kind, arguments } => {
                if out.kind.is_none_or(|k| rank(*kind) > rank(k)) {
                    out.kind = Some(*kind);
                    out.created = Some(effect.spot.clone());
                }
                if *kind == AppKind::Microservice && out.listen.is_none() {
                    let options = arguments.get(1).and_then(|a| a.field("options"));
                    out.listen = options.and_then(|o| listen(&[o], &effect.spot));
                }
                let adapter = arguments
                    .iter()
                    .any(|a| matches!(a, Value::External(e) if e.names().contains(&"FastifyAdapter")));
                if adapter {
                    out.fastify = Some(effect.spot.clone());
                }
            }
            EffectKind::OnApp { kind, method, arguments } => match &**method {
                "listen" | "listenAsync" if *kind != AppKind::Context => {
                    let better = out.listen.as_ref().is_none_or(|l| *kind == AppKind::Http && !told(&l.port));
                    if better && let Some(listen) = listen(arguments, &effect.spot) {
                        out.listen = Some(listen);
                    }
                }
                "setGlobalPrefix" if out.prefix.is_none() => {
                    if let Some(prefix) = arguments.first() {
                        out.prefix = Some((prefix.clone(), effect.spot.clone()));
                    }
                }
                "enableVersioning" => out.versioning = Some(arguments.first().cloned().unwrap_or(Value::Undefined)),
                _ => {}
            },
            EffectKind::OtherListen { arguments } if other.is_none() => other = listen(arguments, &effect.spot),
            EffectKind::OtherListen { .. } | EffectKind::External { .. } => {}
        }
    }
    out.listen = out.listen.or(other);
    out.effects = it.effects;
    out
}

fn told(port: &Value) -> bool {
    matches!(port, Value::Num(_) | Value::Env(_) | Value::Str(_))
}

fn listen(arguments: &[Value], spot: &Spot) -> Option<Listen> {
    let first = arguments.first()?.clone();
    if let Value::Object(object) = &first {
        let port = object.get("port")?;
        return Some(Listen {
            port,
            host: object.get("host"),
            spot: spot.clone(),
        });
    }
    let host = arguments
        .get(1)
        .filter(|v| matches!(v, Value::Str(_) | Value::Env(_) | Value::Unknown))
        .cloned();
    Some(Listen {
        port: first,
        host,
        spot: spot.clone(),
    })
}

/// A text with every variable at its default.
pub(crate) fn settled(value: &Value) -> Option<String> {
    match value {
        Value::Str(s) => Some(s.to_string()),
        Value::Num(n) => Some(n.to_string()),
        Value::Env(read) => read.default.as_ref().and_then(settled),
        Value::Joined(parts) => parts.iter().map(settled).collect(),
        _ => None,
    }
}

/// A port number.
pub(crate) fn port_number(value: &Value) -> Option<u16> {
    let text = settled(value)?;
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|n| *n >= 1.0 && *n <= 65535.0 && n.fract() == 0.0)
        .map(|n| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be a whole number of a port"
            )]
            let port = n as u16;
            port
        })
}
