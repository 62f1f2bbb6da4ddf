//! How a server keeps its data: mapper, engine and connection, by what the program uses.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::bootstrap::settled;
use crate::context::Context;
use crate::eval::value::{EnvRead, External, Link, Value};
use crate::eval::{Effect, EffectKind};
use crate::script::outline::Outline;
use crate::trail::{Source, Trail};
use crate::{Confidence, DatabaseConnection, Prisma, connection, prisma, usage};

/// What the program keeps its data with.
#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) orm: String,
    pub(crate) database: Option<String>,
    pub(crate) prisma: Option<Prisma>,
    pub(crate) connection: Option<DatabaseConnection>,
}

/// Mappers in the order in which they win when a program uses several.
const MAPPERS: [(&str, &[&str]); 11] = [
    ("typeorm", &["@nestjs/typeorm", "typeorm"]),
    ("drizzle", &["drizzle-orm"]),
    ("mikro-orm", &["@mikro-orm/nestjs", "@mikro-orm/core"]),
    ("sequelize", &["@nestjs/sequelize", "sequelize-typescript", "sequelize"]),
    ("objection", &["objection"]),
    ("kysely", &["kysely"]),
    ("dynamoose", &["nestjs-dynamoose", "dynamoose"]),
    ("typegoose", &["nestjs-typegoose", "@m8a/nestjs-typegoose"]),
    ("mongoose", &["@nestjs/mongoose", "mongoose"]),
    ("knex", &["nestjs-knex", "nest-knexjs", "knex"]),
    ("mongodb", &["mongodb"]),
];

/// Engines by driver.
const DRIVERS: [(&str, &str); 14] = [
    ("pg", "postgresql"),
    ("postgres", "postgresql"),
    ("pg-promise", "postgresql"),
    ("@neondatabase/serverless", "postgresql"),
    ("mysql2", "mysql"),
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("better-sqlite3", "sqlite"),
    ("sqlite3", "sqlite"),
    ("@libsql/client", "sqlite"),
    ("mssql", "sqlserver"),
    ("tedious", "sqlserver"),
    ("oracledb", "oracle"),
    ("mongodb", "mongodb"),
];

/// What the program at a folder keeps its data with.
pub(crate) fn read(
    context: &Context<'_>,
    folder: &str,
    modules: &[&Outline],
    effects: &[Effect],
    trail: &mut Trail,
    field: &str,
) -> Data {
    let used = usage::packages(context, modules);
    let mut data = Data {
        orm: "none".to_owned(),
        ..Data::default()
    };
    let orm_field = format!("{field}.orm");
    if let Some((found, source)) = prisma::read(context, folder, modules, &used, effects, trail, field) {
        trail.saw(
            &orm_field,
            "prisma",
            source,
            Confidence::High,
            "The program creates a Prisma client.",
        );
        "prisma".clone_into(&mut data.orm);
        if let Some(found) = found {
            data.database = found.database;
            data.connection = prisma_connection(context, &found.prisma, modules, effects, trail, field);
            data.prisma = Some(found.prisma);
        }
        return data;
    }
    let connected: Vec<(&str, &Effect, &Rc<External>)> =
        effects.iter().filter_map(|e| Some((connects(e)?, e, call(e)?))).collect();
    let by_connection = MAPPERS.iter().find(|(name, _)| connected.iter().any(|(c, _, _)| c == name));
    let by_use = MAPPERS.iter().find(|(name, packages)| {
        let typed_only = matches!(*name, "typeorm" | "mongoose") && !used.keys().any(|k| k.starts_with("@nestjs/"));
        !typed_only && packages.iter().any(|p| used.contains_key(*p))
    });
    let Some((name, packages)) = by_connection.or(by_use) else {
        data.database = DRIVERS
            .iter()
            .find(|(driver, _)| used.contains_key(*driver))
            .map(|(driver, engine)| {
                trail.saw(
                    &format!("{field}.database"),
                    engine,
                    used[*driver].clone(),
                    Confidence::Medium,
                    format!("The program uses the driver {driver} without a mapper."),
                );
                (*engine).to_owned()
            });
        let drivers: Vec<&str> = DRIVERS.iter().map(|(d, _)| *d).filter(|d| used.contains_key(*d)).collect();
        if let Some((found, source)) = connection::in_sources(context, modules, &drivers) {
            connection::tell(&found, source, Confidence::Medium, trail, field);
            data.connection = Some(found);
        }
        return data;
    };
    let source = connected
        .iter()
        .find(|(c, _, _)| c == name)
        .map(|(_, e, _)| Source::from(&e.spot))
        .or_else(|| packages.iter().find_map(|p| used.get(*p).cloned()));
    if let Some(source) = &source {
        let confidence = if by_connection.is_some() {
            Confidence::High
        } else {
            Confidence::Medium
        };
        trail.saw(
            &orm_field,
            name,
            source.clone(),
            confidence,
            format!("The program connects through {name}."),
        );
    }
    if connected.iter().any(|(c, _, _)| c != name) {
        let other = connected.iter().map(|(c, _, _)| *c).find(|c| c != name).unwrap_or_default();
        trail.warn(
            "several-databases",
            source.clone(),
            format!("The program can use {name} and {other}; only the database of {name} would be created."),
        );
    }
    (*name).clone_into(&mut data.orm);
    let calls: Vec<&Rc<External>> = connected
        .iter()
        .filter(|(c, _, _)| c == name)
        .map(|(_, _, call)| *call)
        .collect();
    if let Some((engine, confidence, from)) = engine(context, folder, name, &calls, &used) {
        let at = from.or(source).unwrap_or_else(|| Source::new(folder, None));
        trail.saw(
            &format!("{field}.database"),
            &engine,
            at,
            confidence,
            "This is the engine the connection names.",
        );
        data.database = Some(engine);
    }
    ask_engine(context, folder, &calls, data.database.as_deref(), trail, field);
    // A database in a file has no address.
    if data.database.as_deref() != Some("sqlite") {
        data.connection = connected_by(context, folder, &calls, modules, packages, trail, field);
    }
    data
}

/// An engine that only a variable knows is the user's to tell.
fn ask_engine(context: &Context<'_>, folder: &str, calls: &[&Rc<External>], found: Option<&str>, trail: &mut Trail, field: &str) {
    let arguments = calls.iter().flat_map(|call| &call.chain).filter_map(|link| match link {
        Link::Call(arguments) | Link::New(arguments) => Some(arguments),
        Link::Name(_) => None,
    });
    let Some(read) = arguments.flat_map(|a| a.iter()).find_map(|v| engine_variable(v, 0)) else {
        return;
    };
    let default = read.default.as_ref().and_then(settled);
    let default = default.as_deref().and_then(engine_name);
    let by_default = default.map(|e| (e.to_owned(), format!("It is used while {} is not set.", read.name)));
    let by_finding = found.map(|e| (e.to_owned(), "It is the likeliest from what the project uses.".to_owned()));
    let by_driver = DRIVERS
        .iter()
        .filter(|(driver, _)| context.installs(folder, driver))
        .map(|(driver, engine)| ((*engine).to_owned(), format!("Its driver {driver} is installed.")));
    trail.ask(
        &format!("{field}.database"),
        format!(
            "The variable {} chooses the database when the server starts. Which one will it be?",
            read.name
        ),
        by_default.into_iter().chain(by_finding).chain(by_driver),
        default.is_none(),
        Some(Source::from(&read.spot)),
    );
}

/// The variable that names the engine in the options of a connection.
fn engine_variable(options: &Value, depth: u32) -> Option<Rc<EnvRead>> {
    if depth > 4 {
        return None;
    }
    match options {
        Value::Object(object) => ["type", "dialect", "client"]
            .iter()
            .find_map(|key| match object.get(key) {
                Some(Value::Env(read)) => Some(read),
                _ => None,
            })
            .or_else(|| {
                let fields = object.fields.borrow();
                let mut inner = fields
                    .iter()
                    .filter(|(k, _)| matches!(&**k, "config" | "default" | "options"));
                inner.find_map(|(_, v)| engine_variable(v, depth + 1))
            }),
        Value::Array(_) => options.elements().iter().find_map(|v| engine_variable(v, depth + 1)),
        _ => None,
    }
}

/// How the calls that connect a mapper are told where the database is.
fn connected_by(
    context: &Context<'_>,
    folder: &str,
    calls: &[&Rc<External>],
    modules: &[&Outline],
    packages: &[&str],
    trail: &mut Trail,
    field: &str,
) -> Option<DatabaseConnection> {
    for call in calls {
        let arguments: Vec<&Value> = call
            .chain
            .iter()
            .filter_map(|link| match link {
                Link::Call(arguments) | Link::New(arguments) => Some(arguments.iter()),
                Link::Name(_) => None,
            })
            .flatten()
            .collect();
        if let Some(found) = connection::of(arguments) {
            let at = trail
                .place_of(&format!("{field}.orm"))
                .unwrap_or_else(|| Source::new(folder, None));
            connection::tell(&found, at, Confidence::High, trail, field);
            return Some(found);
        }
    }
    let drivers = DRIVERS.iter().map(|(d, _)| *d);
    let concerned: Vec<&str> = packages.iter().copied().chain(drivers).collect();
    let (found, source) =
        connection::in_sources(context, modules, &concerned).or_else(|| connection::from_options_file(context, folder))?;
    connection::tell(&found, source, Confidence::Medium, trail, field);
    Some(found)
}

/// Prisma reads one address, or an adapter is given the parts.
fn prisma_connection(
    context: &Context<'_>,
    prisma: &Prisma,
    modules: &[&Outline],
    effects: &[Effect],
    trail: &mut Trail,
    field: &str,
) -> Option<DatabaseConnection> {
    if let Some(variable) = prisma.url_env.clone() {
        let found = DatabaseConnection::Url { variable };
        let at = trail.place_of(&format!("{field}.prisma.urlEnv"))?;
        connection::tell(&found, at, Confidence::High, trail, field);
        return Some(found);
    }
    let mut adapters = effects
        .iter()
        .filter_map(call)
        .filter(|c| c.package.starts_with("@prisma/adapter"));
    let by_call = adapters
        .find_map(|c| {
            let (Link::Call(arguments) | Link::New(arguments)) = c.chain.last()? else {
                return None;
            };
            connection::of(arguments.iter())
        })
        .and_then(|found| Some((found, trail.place_of(&format!("{field}.orm"))?)));
    let (found, source) = by_call.or_else(|| connection::in_sources(context, modules, &connection::ADAPTERS))?;
    connection::tell(&found, source, Confidence::Medium, trail, field);
    Some(found)
}

fn call(effect: &Effect) -> Option<&Rc<External>> {
    match &effect.kind {
        EffectKind::External { call } => Some(call),
        EffectKind::Created { .. } | EffectKind::OnApp { .. } | EffectKind::OtherListen { .. } => None,
    }
}

/// The mapper that a call connects.
fn connects(effect: &Effect) -> Option<&'static str> {
    let call = call(effect)?;
    let names = call.names();
    let last = *names.last()?;
    let root = matches!(last, "forRoot" | "forRootAsync" | "register" | "registerAsync");
    match &*call.package {
        "@nestjs/typeorm" if root => Some("typeorm"),
        "typeorm" if matches!(last, "DataSource" | "createConnection") => Some("typeorm"),
        "@nestjs/mongoose" if root => Some("mongoose"),
        "mongoose" if matches!(last, "connect" | "createConnection") => Some("mongoose"),
        "@nestjs/sequelize" if root => Some("sequelize"),
        "sequelize" | "sequelize-typescript" if last == "Sequelize" => Some("sequelize"),
        p if p.starts_with("@mikro-orm/") && (root || last == "init") => Some("mikro-orm"),
        p if p.starts_with("drizzle-orm") && last == "drizzle" => Some("drizzle"),
        p if p.contains("nestjs-drizzle") && root => Some("drizzle"),
        p if p.contains("dynamoose") => Some("dynamoose"),
        p if p.contains("typegoose") && root => Some("typegoose"),
        p if p.contains("objection") && root => Some("objection"),
        "kysely" if last == "Kysely" => Some("kysely"),
        _ => None,
    }
}

fn engine(
    context: &Context<'_>,
    folder: &str,
    orm: &str,
    calls: &[&Rc<External>],
    used: &BTreeMap<String, Source>,
) -> Option<(String, Confidence, Option<Source>)> {
    match orm {
        "mongoose" | "typegoose" | "mongodb" => return Some(("mongodb".to_owned(), Confidence::High, None)),
        "dynamoose" => return Some(("dynamodb".to_owned(), Confidence::High, None)),
        _ => {}
    }
    for call in calls {
        for link in &call.chain {
            let (crate::eval::value::Link::Call(arguments) | crate::eval::value::Link::New(arguments)) = link else {
                continue;
            };
            for argument in arguments.iter() {
                if let Some(engine) = named_engine(argument, 0) {
                    return Some((engine, Confidence::High, None));
                }
            }
        }
    }
    for (specifier, source) in used {
        let engine = match specifier.as_str() {
            "drizzle-orm/node-postgres" | "drizzle-orm/postgres-js" | "drizzle-orm/pg-core" | "drizzle-orm/neon-http" => {
                "postgresql"
            }
            "drizzle-orm/mysql2" | "drizzle-orm/mysql-core" | "drizzle-orm/planetscale-serverless" => "mysql",
            "drizzle-orm/better-sqlite3" | "drizzle-orm/libsql" | "drizzle-orm/sqlite-core" => "sqlite",
            "@mikro-orm/postgresql" => "postgresql",
            "@mikro-orm/mysql" => "mysql",
            "@mikro-orm/mariadb" => "mariadb",
            "@mikro-orm/sqlite" | "@mikro-orm/better-sqlite" | "@mikro-orm/libsql" => "sqlite",
            "@mikro-orm/mongodb" => "mongodb",
            "@mikro-orm/mssql" => "sqlserver",
            _ => continue,
        };
        return Some((engine.to_owned(), Confidence::High, Some(source.clone())));
    }
    let imported: Vec<&(&str, &str)> = DRIVERS.iter().filter(|(d, _)| used.contains_key(*d)).collect();
    if let [(driver, engine), ..] = imported.as_slice() {
        return Some(((*engine).to_owned(), Confidence::Medium, used.get(*driver).cloned()));
    }
    // Nothing in the program says it; a single installed driver does.
    let mut installed: Vec<&str> = DRIVERS
        .iter()
        .filter(|(d, _)| context.installs(folder, d))
        .map(|(_, e)| *e)
        .collect();
    installed.dedup();
    match installed.as_slice() {
        [engine] => {
            let manifest = context
                .package_of(folder)
                .map_or_else(|| "package.json".to_owned(), crate::manifest::Manifest::file);
            Some(((*engine).to_owned(), Confidence::Medium, Some(Source::new(manifest, None))))
        }
        _ => None,
    }
}

/// `type`, `dialect`, `client` or the scheme of a connection address.
fn named_engine(options: &Value, depth: u32) -> Option<String> {
    if depth > 4 {
        return None;
    }
    match options {
        Value::Object(object) => {
            for key in ["type", "dialect", "client", "driver"] {
                if let Some(value) = object.get(key).and_then(|v| settled(&v))
                    && let Some(engine) = engine_name(&value)
                {
                    return Some(engine.to_owned());
                }
            }
            for key in ["uri", "url", "connectionString", "connection", "clientUrl"] {
                if let Some(value) = object.get(key).and_then(|v| settled(&v))
                    && let Some(engine) = value.split(':').next().and_then(engine_name)
                {
                    return Some(engine.to_owned());
                }
            }
            object
                .fields
                .borrow()
                .iter()
                .filter(|(k, _)| matches!(&**k, "config" | "default" | "options" | "connection"))
                .find_map(|(_, v)| named_engine(v, depth + 1))
        }
        Value::Array(_) => options.elements().iter().find_map(|v| named_engine(v, depth + 1)),
        Value::External(external) => {
            let arguments = external.arguments()?;
            arguments.iter().find_map(|v| named_engine(v, depth + 1))
        }
        _ => None,
    }
}

/// Engine by the names that mappers use.
pub(crate) fn engine_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "postgres" | "postgresql" | "pg" | "aurora-postgres" | "cockroachdb" | "pg-native" => "postgresql",
        "mysql" | "mysql2" | "aurora-mysql" => "mysql",
        "mariadb" => "mariadb",
        "sqlite" | "sqlite3" | "better-sqlite3" | "libsql" | "sqljs" | "file" => "sqlite",
        "mssql" | "sqlserver" => "sqlserver",
        "mongodb" | "mongodb+srv" | "mongo" => "mongodb",
        "oracle" | "oracledb" => "oracle",
        _ => return None,
    })
}
