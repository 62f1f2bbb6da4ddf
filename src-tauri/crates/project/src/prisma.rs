//! Prisma in all its shapes: schema file or folder, here or in another package, with or without `prisma.config.ts`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::context::Context;
use crate::datasource::{block, env_name, line_with, setting};
use crate::environment::env_read;
use crate::eval::value::{Link, Value};
use crate::eval::{Effect, EffectKind};
use crate::script::outline::Outline;
use crate::script::syntax::ExprKind;
use crate::script::walk;
use crate::trail::{Source, Trail};
use crate::{Confidence, DatabaseConnection, Prisma, bundler, connection, migrations, place, usage};

/// Prisma as a program uses it.
pub(crate) struct Found {
    pub(crate) prisma: Prisma,
    pub(crate) database: Option<String>,
}

/// A schema, the settings of its package, and who names it.
type Located = (String, Config, Source, String);

/// What `prisma.config.ts` says.
#[derive(Default)]
struct Config {
    file: Option<String>,
    schema: Option<String>,
    migrations: Option<String>,
    url_env: Option<String>,
}

/// Prisma, if the program creates a client.
pub(crate) fn read(
    context: &Context<'_>,
    folder: &str,
    modules: &[&Outline],
    used: &BTreeMap<String, Source>,
    effects: &[Effect],
    trail: &mut Trail,
    field: &str,
) -> Option<(Option<Found>, Source)> {
    let mut from_package = None;
    let client = used
        .iter()
        .find(|(s, _)| usage::is_prisma_client(s))
        .map(|(_, source)| source.clone())
        .or_else(|| {
            // The generated client may be in the tree, and then its import is a file of the project.
            modules
                .iter()
                .flat_map(|m| m.references.iter().map(move |r| (m, r)))
                .find_map(|(m, r)| {
                    let named = r.prisma_client || usage::is_prisma_client(&r.specifier);
                    (named && !r.type_only).then(|| Source::new(&*m.path, r.line))
                })
        })?;
    let package = context
        .package_of(&client.file)
        .map_or(folder, |m| m.folder.as_str())
        .to_owned();
    if let Some(module) = modules.iter().find(|m| *m.path == *client.file) {
        let named = module.references.iter().filter(|r| r.prisma_client);
        from_package = named
            .filter_map(|r| context.package_named(&r.specifier))
            .map(|m| m.folder.clone())
            .next();
    }
    let mut homes = vec![folder.to_owned()];
    homes.extend(from_package.filter(|p| p != folder));
    for home in [package].into_iter().chain(place::ancestors(folder)) {
        if !homes.contains(&home) {
            homes.push(home);
        }
    }
    let located = by_output(context, modules).or_else(|| locate(context, &homes));
    let certain = located.is_some();
    let Some((schema, config, source, why)) = located.or_else(|| ask_schema(context, &homes, &client, trail, field)) else {
        trail.warn(
            "prisma-schema-missing",
            Some(client.clone()),
            "The program uses Prisma, but its schema was not found, so neither the engine nor the migrations are known. Say where it is.",
        );
        return Some((None, client));
    };
    let confidence = if certain { Confidence::High } else { Confidence::Low };
    trail.saw(&format!("{field}.prisma.schema"), &schema, source, confidence, why);
    let texts: Vec<Arc<str>> = schema_files(context, &schema)
        .iter()
        .filter_map(|f| context.tree.text(f))
        .collect();
    let datasource = texts.iter().find_map(|t| block(t, "datasource"));
    let database = datasource
        .as_ref()
        .and_then(|d| setting(d, "provider"))
        .and_then(|p| crate::data::engine_name(p.trim_matches('"')));
    let first = schema_files(context, &schema)
        .into_iter()
        .next()
        .unwrap_or_else(|| schema.clone());
    if let Some(database) = database {
        let line = context
            .tree
            .text(&first)
            .and_then(|t| line_with(&t, "provider", "datasource"));
        trail.saw(
            &format!("{field}.database"),
            database,
            Source::new(&first, line),
            Confidence::High,
            "The schema names this provider.",
        );
    }
    let in_schema = datasource.as_ref().and_then(|d| setting(d, "url")).and_then(|u| env_name(&u));
    let in_program = adapter_url(effects)
        .or_else(|| adapter_in_sources(context, modules))
        .or_else(|| match connection::in_sources(context, modules, &connection::ADAPTERS)? {
            (DatabaseConnection::Url { variable }, _) => Some(variable),
            _ => None,
        });
    let url_env = in_schema.or_else(|| in_program.clone()).or_else(|| config.url_env.clone());
    if let (Some(program), Some(migrate)) = (&in_program, &config.url_env)
        && program != migrate
    {
        let file = config.file.clone().unwrap_or_default();
        trail.warn(
            "prisma-two-addresses",
            Some(Source::new(file, None)),
            format!("The program connects through {program}, migrations through {migrate}. Both have to hold the address of the database."),
        );
    }
    if let Some(name) = &url_env {
        let line = context.tree.text(&first).and_then(|t| line_with(&t, "url", "datasource"));
        let file = if line.is_some() {
            first.clone()
        } else {
            config.file.clone().unwrap_or_else(|| first.clone())
        };
        trail.saw(
            &format!("{field}.prisma.urlEnv"),
            name,
            Source::new(file, line),
            Confidence::High,
            "The connection address is read from it.",
        );
    }
    let migrations = migrations::of(context, &schema, config.migrations.as_deref(), trail);
    if let Some(folder) = &migrations
        && let Some(file) = context.tree.below(folder).find(|f| f.ends_with("/migration.sql"))
    {
        let count = context.tree.below(folder).filter(|f| f.ends_with("/migration.sql")).count();
        trail.saw(
            &format!("{field}.prisma.migrations"),
            folder,
            Source::new(file, None),
            Confidence::High,
            format!("The folder holds {count} of them; this is the first."),
        );
    }
    let home = context.package_of(&first).map_or(folder, |m| m.folder.as_str());
    let version = [home, folder]
        .iter()
        .find_map(|f| context.version(f, "prisma").or_else(|| context.version(f, "@prisma/client")));
    let prisma = Prisma {
        schema,
        migrations,
        url_env,
        version,
    };
    Some((
        Some(Found {
            prisma,
            database: database.map(str::to_owned),
        }),
        client,
    ))
}

/// The schema whose generated client the program imports.
fn by_output(context: &Context<'_>, modules: &[&Outline]) -> Option<Located> {
    let imported: Vec<String> = modules
        .iter()
        .flat_map(|m| m.references.iter().map(move |r| (m, r)))
        .filter(|(_, r)| r.specifier.starts_with('.') && r.prisma_client)
        .filter_map(|(m, r)| place::join(place::parent(&m.path), &r.specifier))
        .collect();
    if imported.is_empty() {
        return None;
    }
    for file in context.tree.files().filter(|f| f.ends_with(".prisma")) {
        let Some(text) = context.tree.text(file).filter(|t| block(t, "datasource").is_some()) else {
            continue;
        };
        let outputs = text.lines().filter_map(|l| {
            l.trim()
                .strip_prefix("output")?
                .trim()
                .strip_prefix('=')
                .map(|v| v.trim().trim_matches('"'))
        });
        let hit = outputs
            .filter_map(|o| place::join(place::parent(file), o))
            .any(|o| imported.iter().any(|i| place::inside(i, &o)));
        if hit && !imported.iter().any(|i| place::inside(file, i)) {
            let package = context.package_of(file).map_or(".", |m| m.folder.as_str());
            let config = read_config(context, package);
            let schema = config
                .schema
                .clone()
                .filter(|s| schema_files(context, s).iter().any(|f| f == file))
                .unwrap_or_else(|| file.to_owned());
            return Some((
                schema,
                config,
                Source::new(file, None),
                "The program imports the client that this schema generates.".to_owned(),
            ));
        }
    }
    None
}

/// The schema, and who names it.
fn locate(context: &Context<'_>, homes: &[String]) -> Option<Located> {
    for home in homes {
        let config = read_config(context, home);
        if let (Some(file), Some(schema)) = (&config.file, &config.schema)
            && !schema_files(context, schema).is_empty()
        {
            let (schema, file) = (schema.clone(), file.clone());
            return Some((
                schema,
                config,
                Source::new(file, None),
                "prisma.config names the schema.".to_owned(),
            ));
        }
        if let Some(manifest) = context.manifests.iter().find(|m| m.folder == *home)
            && let Some(schema) = manifest.json["prisma"]["schema"].as_str().and_then(|s| place::join(home, s))
            && !schema_files(context, &schema).is_empty()
        {
            let source = Source::new(manifest.file(), manifest.line(context.tree, &["prisma", "schema"]));
            return Some((schema, config, source, "The package names the schema.".to_owned()));
        }
        for script in context
            .manifests
            .iter()
            .filter(|m| m.folder == *home)
            .flat_map(|m| m.scripts().map(|(_, s)| s.to_owned()).collect::<Vec<_>>())
        {
            if let Some(schema) =
                crate::scripts::option(&script, &["--schema"]).and_then(|s| place::join(home, s.trim_matches(['"', '\''])))
                && !schema_files(context, &schema).is_empty()
            {
                return Some((
                    schema,
                    config,
                    Source::new(place::join(home, "package.json")?, None),
                    "A script names the schema.".to_owned(),
                ));
            }
        }
        for usual in ["prisma/schema.prisma", "schema.prisma", "prisma/schema", "prisma"] {
            if let Some(schema) = place::join(home, usual)
                && !schema_files(context, &schema).is_empty()
            {
                let source = Source::new(schema_files(context, &schema).remove(0), None);
                return Some((schema, config, source, "This is where Prisma looks for it.".to_owned()));
            }
        }
    }
    // Anywhere else: only if there is no doubt which.
    let all = schemas(context);
    let near: Vec<&str> = all.iter().copied().filter(|f| place::inside(f, &homes[0])).collect();
    let pick = if let [one] = near.as_slice() {
        one
    } else if let [one] = all.as_slice() {
        one
    } else {
        return None;
    };
    let package = context.package_of(pick).map_or(".", |m| m.folder.as_str());
    let config = read_config(context, package);
    let folder = place::parent(pick);
    let split = context.tree.below(folder).filter(|f| f.ends_with(".prisma")).count() > 1;
    let schema = if split && place::file_name(pick) != "schema.prisma" {
        folder.to_owned()
    } else {
        (*pick).to_owned()
    };
    Some((
        schema,
        config,
        Source::new(*pick, None),
        "It is the only schema with a datasource.".to_owned(),
    ))
}

/// The files of a schema: itself, or everything in its folder.
fn schema_files(context: &Context<'_>, schema: &str) -> Vec<String> {
    if schema.ends_with(".prisma") {
        return context.tree.has(schema).then(|| schema.to_owned()).into_iter().collect();
    }
    let mut files: Vec<String> = context
        .tree
        .below(schema)
        .filter(|f| f.ends_with(".prisma"))
        .map(str::to_owned)
        .collect();
    files.sort_by_key(|f| context.tree.text(f).is_none_or(|t| block(&t, "datasource").is_none()));
    let sources = files
        .iter()
        .filter(|f| context.tree.text(f).is_some_and(|t| block(&t, "datasource").is_some()))
        .count();
    // A schema in parts has one datasource; a folder with several holds several schemas.
    if sources != 1 {
        files.clear();
    }
    files
}

/// Every schema of the project that has a datasource.
fn schemas<'t>(context: &'t Context<'_>) -> Vec<&'t str> {
    context
        .tree
        .files()
        .filter(|f| {
            f.ends_with(".prisma")
                && !f.contains("generated")
                && !f.contains("/client/")
                && !place::file_name(f).contains("template")
                && context.tree.text(f).is_some_and(|t| block(&t, "datasource").is_some())
        })
        .collect()
}

/// Several schemas, and nothing says which one counts: the user does.
fn ask_schema(context: &Context<'_>, homes: &[String], client: &Source, trail: &mut Trail, field: &str) -> Option<Located> {
    let provider = |file: &str| {
        let text = context.tree.text(file)?;
        setting(&block(&text, "datasource")?, "provider").map(|p| p.trim_matches('"').to_owned())
    };
    let mut all: Vec<(&str, String)> = schemas(context)
        .into_iter()
        .map(|f| (f, provider(f).unwrap_or_else(|| "a database of its own".to_owned())))
        .collect();
    if all.len() < 2 {
        return None;
    }
    // What AWS can create comes first, then what lies nearest.
    all.sort_by_key(|(f, p)| {
        (
            !matches!(p.as_str(), "postgresql" | "mysql"),
            !homes.iter().any(|h| h != "." && place::inside(f, h)),
            (*f).to_owned(),
        )
    });
    let answers = all.iter().map(|(f, p)| ((*f).to_owned(), format!("This schema is for {p}.")));
    trail.ask(
        &format!("{field}.prisma.schema"),
        format!(
            "There are {} Prisma schemas. Which one does the server use when it is deployed?",
            all.len()
        ),
        answers,
        true,
        Some(client.clone()),
    );
    let (first, _) = all.first()?;
    let package = context.package_of(first).map_or(".", |m| m.folder.as_str());
    Some((
        (*first).to_owned(),
        read_config(context, package),
        Source::new(*first, None),
        "It is one of several schemas, and nothing says which one counts.".to_owned(),
    ))
}

fn read_config(context: &Context<'_>, home: &str) -> Config {
    let names = [
        "prisma.config.ts",
        "prisma.config.js",
        "prisma.config.mjs",
        "prisma.config.mts",
        ".config/prisma.ts",
    ];
    let Some(file) = context.first_file(home, &names) else {
        return Config::default();
    };
    let Some(value) = bundler::evaluate(context, &file, home) else {
        return Config {
            file: Some(file),
            ..Config::default()
        };
    };
    let path = |v: Option<Value>| match v? {
        Value::Str(s) => place::join(home, &s),
        Value::Path(p) => Some(p.to_string()),
        _ => None,
    };
    let url = value.field("datasource").and_then(|d| d.field("url"));
    Config {
        schema: path(value.field("schema")),
        migrations: path(value.field("migrations").and_then(|m| m.field("path"))),
        url_env: url.and_then(|u| env_of(&u)),
        file: Some(file),
    }
}

/// The variable behind a value: `process.env.X` or `env('X')`.
fn env_of(value: &Value) -> Option<String> {
    match value {
        Value::Env(read) => Some(read.name.to_string()),
        Value::External(external) if external.names().contains(&"env") => match external.arguments()?.first()? {
            Value::Str(name) => Some(name.to_string()),
            _ => None,
        },
        Value::Joined(parts) => parts.iter().find_map(env_of),
        _ => None,
    }
}

/// `new PrismaPg({ connectionString: process.env.X })`.
fn adapter_url(effects: &[Effect]) -> Option<String> {
    effects.iter().find_map(|effect| {
        let EffectKind::External { call } = &effect.kind else {
            return None;
        };
        if !call.package.starts_with("@prisma/adapter") && !matches!(&*call.package, "pg" | "mysql2" | "mariadb") {
            return None;
        }
        call.chain.iter().find_map(|link| {
            let (Link::Call(arguments) | Link::New(arguments)) = link else {
                return None;
            };
            arguments.iter().find_map(|a| {
                let named = ["connectionString", "url", "uri"].iter().find_map(|k| a.field(k));
                env_of(&named.unwrap_or_else(|| a.clone()))
            })
        })
    })
}

/// The same in a class that nothing made an object of.
fn adapter_in_sources(context: &Context<'_>, modules: &[&Outline]) -> Option<String> {
    let mut found = None;
    for outline in modules
        .iter()
        .filter(|m| m.references.iter().any(|r| r.specifier.starts_with("@prisma/adapter")))
    {
        let Some(module) = context.modules.get(&outline.path) else {
            continue;
        };
        walk::module(&module, &mut |e| {
            let ExprKind::New(callee, arguments) = &e.kind else { return };
            if found.is_some()
                || !matches!(&callee.kind, ExprKind::Ident(name) if name.starts_with("Prisma") && &**name != "PrismaClient")
            {
                return;
            }
            for argument in arguments {
                walk::expr(argument, &mut |inner| {
                    let by_service = match &inner.kind {
                        ExprKind::Call(callee, arguments) => match (&callee.kind, arguments.first().map(|a| &a.kind)) {
                            (ExprKind::Member(_, method), Some(ExprKind::Str(name))) if method.starts_with("get") => {
                                Some(name.to_string())
                            }
                            _ => None,
                        },
                        _ => None,
                    };
                    let name = env_read(inner).map(str::to_owned).or(by_service);
                    if found.is_none() {
                        found = name;
                    }
                });
            }
        });
    }
    found
}
