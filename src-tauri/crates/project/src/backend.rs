//! A NestJS application, read from end to end.

use crate::bootstrap::{self, Bootstrap, port_number, settled};
use crate::candidates::Candidate;
use crate::context::Context;
use crate::environment::Variables;
use crate::eval::value::{AppKind, Value};
use crate::script::outline::Outline;
use crate::trail::{Source, Trail};
use crate::{Adapter, Backend, Confidence, Port, data, entry, guesses, place, routes, side_effects};

/// A NestJS application with what decides whether it can be deployed.
pub(crate) struct Server<'t> {
    pub(crate) backend: Backend,
    /// Whether it serves HTTP, only messages, or nothing.
    pub(crate) kind: AppKind,
    /// Packages the program uses, for warnings.
    pub(crate) modules: Vec<&'t Outline>,
    pub(crate) trail: Trail,
    pub(crate) main: String,
}

/// Reads a candidate; `None` if nothing in it ever serves anything.
pub(crate) fn read<'t>(context: &Context<'t>, candidate: &Candidate) -> Option<Server<'t>> {
    let folder = &candidate.folder;
    let cwd = context.package_of(folder).map_or(".", |m| m.folder.as_str());
    let mut best: Option<(String, Bootstrap)> = None;
    for start in candidate.starts.iter().take(8) {
        let start = &start_of(context, folder, start);
        let found = bootstrap::follow(context, cwd, start);
        let score = |b: &Bootstrap| {
            (
                b.kind == Some(AppKind::Http),
                b.listen.is_some(),
                b.kind == Some(AppKind::Microservice),
            )
        };
        if best.as_ref().is_none_or(|(_, b)| score(&found) > score(b)) {
            best = Some((start.clone(), found));
        }
    }
    let (start, found) = best?;
    let kind = found.kind.unwrap_or(AppKind::Http);
    if kind == AppKind::Context {
        return None;
    }
    let main = start.clone();
    let modules = context.modules.reachable(&[main.clone(), start.clone()]);
    let mut trail = Trail::default();
    let field = "backends[*]";
    let package = context.package_of(folder);
    let name = package
        .and_then(|m| m.name())
        .filter(|_| package.is_some_and(|m| m.folder == *folder))
        .unwrap_or_else(|| place::file_name(folder));
    let created = found.created.as_ref().map_or_else(|| Source::new(&start, None), Source::from);
    trail.saw(
        &format!("{field}.path"),
        folder,
        created.clone(),
        Confidence::High,
        "This file creates the NestJS application.",
    );
    let adapter = if let Some(spot) = &found.fastify {
        trail.saw(
            &format!("{field}.adapter"),
            "fastify",
            Source::from(spot),
            Confidence::High,
            "The application is created with the Fastify adapter.",
        );
        Adapter::Fastify
    } else {
        trail.saw(
            &format!("{field}.adapter"),
            "express",
            created,
            Confidence::High,
            "Express is the adapter when none is named.",
        );
        Adapter::Express
    };
    let port = port(context, folder, &found, &mut trail, field);
    let loopback_only = loopback(&found, adapter, &mut trail);
    if let Some(listen) = &found.listen {
        let why = if loopback_only {
            "No host that others can reach is given here."
        } else {
            "The host that is given, or the adapter's own, is reachable from outside."
        };
        trail.saw(
            &format!("{field}.loopbackOnly"),
            loopback_only,
            Source::from(&listen.spot),
            Confidence::High,
            why,
        );
    }
    let global_prefix = prefix(&found, &mut trail, field);
    let front = routes::Front {
        prefix: global_prefix.as_deref(),
        versioning: found.versioning.as_ref(),
        effects: &found.effects,
    };
    let routes = routes::read(context, cwd, &modules, &front);
    tell_apart(&routes, global_prefix.as_deref(), &mut trail);
    if let Some(source) = &routes.source {
        trail.saw(
            &format!("{field}.routeRoots"),
            &routes.roots.join(", "),
            source.clone(),
            Confidence::High,
            "The controllers' routes begin with these; this is one of them.",
        );
    }
    let health = routes.health;
    if let Some(health) = &health {
        trail.saw(
            &format!("{field}.healthPath"),
            &health.path,
            health.source.clone(),
            Confidence::High,
            "This route answers without a login.",
        );
    }
    let build = entry::build(context, folder, &main);
    trail.saw(
        &format!("{field}.entryFile"),
        &build.entry_file,
        build.source.clone(),
        build.confidence,
        build.why.clone(),
    );
    if build.confidence == Confidence::Low {
        trail.ask(
            &format!("{field}.entryFile"),
            "Which file starts the server after the build?",
            guesses::entries(context, folder, &build.entry_file),
            true,
            Some(build.source.clone()),
        );
    }
    let stated = context.stated(folder, &build.command, &build.source);
    trail.saw(
        &format!("{field}.buildCommand"),
        &build.command,
        stated,
        build.confidence,
        "This command builds the server.",
    );
    let start = format!("node {}", place::relative(&build.entry_file, folder));
    trail.saw(
        &format!("{field}.startCommand"),
        &start,
        build.source.clone(),
        build.confidence,
        "It runs the file that the build creates.",
    );
    side_effects::start_script(context, folder, &build.entry_file, &mut trail);
    side_effects::of_build(&build, &mut trail, context, folder);
    crate::services::serving(&found.effects, &mut trail);
    let data = data::read(context, folder, &modules, &found.effects, &mut trail, field);
    let mut variables = Variables::read(context, &modules, &found);
    if let Some(url) = data.prisma.as_ref().and_then(|p| p.url_env.clone()) {
        variables.require(&url, None);
    }
    if let (Some(env), None) = (&port.env, port.default) {
        variables.require(env, None);
    }
    for (name, source) in variables.sources() {
        trail.saw(
            &format!("{field}.envVars.{name}"),
            name,
            source.clone(),
            Confidence::High,
            "The program reads this variable.",
        );
    }
    let backend = Backend {
        path: folder.clone(),
        name: name.to_owned(),
        adapter,
        build_command: build.command,
        start_command: start,
        entry_file: build.entry_file,
        port,
        global_prefix,
        health_path: health.map(|h| h.path),
        route_roots: routes.roots,
        loopback_only,
        orm: data.orm,
        database: data.database,
        connection: data.connection,
        prisma: data.prisma,
        env_vars: variables.findings(),
    };
    Some(Server {
        backend,
        kind,
        modules,
        trail,
        main,
    })
}

/// Endpoints outside the prefix are not reached by what is sent on below it.
fn tell_apart(routes: &routes::Routes, prefix: Option<&str>, trail: &mut Trail) {
    let Some(prefix) = prefix else { return };
    for (root, source) in &routes.apart {
        if prefix.split('/').next() != Some(root.as_str()) {
            trail.warn(
                "outside-prefix",
                Some(source.clone()),
                format!(
                    "/{root} lies outside the prefix {prefix}. Only requests below /{prefix} reach the servers, so move it there."
                ),
            );
        }
    }
}

/// The file that is run: the one that creates the application, or the one that calls it.
fn start_of(context: &Context<'_>, folder: &str, created: &str) -> String {
    let cli = entry::nest_cli(context, folder, created);
    let stated = cli.entry.clone().unwrap_or_else(|| "main".to_owned());
    if place::file_name(created).trim_end_matches(".ts") == place::file_name(&stated) {
        return created.to_owned();
    }
    let base = cli.source_root.clone().unwrap_or_else(|| "src".to_owned());
    let usual = place::join(&cli.folder, &base)
        .and_then(|b| place::join(&b, &stated))
        .and_then(|p| context.modules.file(&p));
    match usual {
        Some(usual)
            if context
                .modules
                .reachable(&[usual.to_string()])
                .iter()
                .any(|m| &*m.path == created) =>
        {
            usual.to_string()
        }
        _ => created.to_owned(),
    }
}

fn port(context: &Context<'_>, folder: &str, found: &Bootstrap, trail: &mut Trail, field: &str) -> Port {
    let asked = format!("{field}.port.default");
    let Some(listen) = &found.listen else {
        trail.ask(
            &asked,
            "No call of listen was found. On which port does the server listen?",
            guesses::ports(context, folder),
            true,
            found.created.as_ref().map(Source::from),
        );
        return Port {
            env: None,
            default: None,
        };
    };
    let default = port_number(&listen.port);
    let env = match &listen.port {
        Value::Env(read) => {
            trail.saw(
                &format!("{field}.port.env"),
                &read.name,
                Source::from(&read.spot),
                Confidence::High,
                "The server listens on the port in this variable.",
            );
            Some(read.name.to_string())
        }
        _ => None,
    };
    if let Some(port) = default {
        trail.saw(
            &format!("{field}.port.default"),
            port,
            Source::from(&listen.spot),
            Confidence::High,
            "The server listens here when no variable says otherwise.",
        );
        if port < 1024 {
            trail.warn(
                "privileged-port",
                Some(Source::from(&listen.spot)),
                format!("Port {port} needs an administrator in many environments. A port above 1023 works everywhere."),
            );
        }
    } else if env.is_none() {
        trail.ask(
            &asked,
            "The port is worked out at run time in a way that could not be followed. On which port does the server listen?",
            guesses::ports(context, folder),
            true,
            Some(Source::from(&listen.spot)),
        );
    }
    Port { env, default }
}

fn loopback(found: &Bootstrap, adapter: Adapter, trail: &mut Trail) -> bool {
    let Some(listen) = &found.listen else { return false };
    let source = Some(Source::from(&listen.spot));
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "::1");
    match &listen.host {
        Some(Value::Env(read)) => {
            let host = read.default.as_ref().and_then(settled);
            let closed = host.as_deref().map_or(adapter == Adapter::Fastify, local);
            if closed {
                trail.warn(
                    "loopback-host",
                    source,
                    format!(
                        "Without {} the server only answers itself. It will be set to 0.0.0.0.",
                        read.name
                    ),
                );
            }
            closed
        }
        Some(host) => {
            let closed = settled(host).is_some_and(|h| local(&h));
            if closed {
                trail.warn(
                    "loopback-host",
                    source,
                    "The server listens on the loopback address only, so nothing outside its container reaches it.",
                );
            }
            closed
        }
        None if adapter == Adapter::Fastify => {
            trail.warn(
                "loopback-host",
                source,
                "Fastify listens on the loopback address unless a host is given.",
            );
            true
        }
        None => false,
    }
}

fn prefix(found: &Bootstrap, trail: &mut Trail, field: &str) -> Option<String> {
    let (value, spot) = found.prefix.as_ref()?;
    let Some(text) = settled(value) else {
        let how = match value {
            Value::Env(read) => format!("is read from {}", read.name),
            _ => "is worked out at run time in a way that could not be followed".to_owned(),
        };
        let answers = [
            ("api".to_owned(), "It is what most projects use.".to_owned()),
            (String::new(), "No prefix: routes start at the top.".to_owned()),
        ];
        trail.ask(
            &format!("{field}.globalPrefix"),
            format!("The prefix of all routes {how}. Which one will it be?"),
            answers,
            true,
            Some(Source::from(spot)),
        );
        return None;
    };
    let text = text.trim_matches('/').to_owned();
    if text.is_empty() {
        return None;
    }
    let why = if matches!(value, Value::Env(_)) {
        "Every route lies below it unless a variable says otherwise."
    } else {
        "Every route lies below it."
    };
    trail.saw(
        &format!("{field}.globalPrefix"),
        &text,
        Source::from(spot),
        Confidence::High,
        why,
    );
    Some(text)
}
