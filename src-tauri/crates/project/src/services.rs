//! What a server needs besides its database, and what AWS will not have for it.

use crate::context::Context;
use crate::eval::value::Value;
use crate::eval::{Effect, EffectKind};
use crate::script::outline::Outline;
use crate::trail::{Source, Trail};
use crate::usage;

/// Packages and what they talk to.
const SERVICES: [(&str, &str, &str); 24] = [
    ("ioredis", "redis", "Redis"),
    ("redis", "redis", "Redis"),
    ("@nestjs/bull", "redis", "Redis"),
    ("@nestjs/bullmq", "redis", "Redis"),
    ("bullmq", "redis", "Redis"),
    ("bull", "redis", "Redis"),
    ("cache-manager-redis-store", "redis", "Redis"),
    ("connect-redis", "redis", "Redis"),
    ("@keyv/redis", "redis", "Redis"),
    ("amqplib", "rabbitmq", "RabbitMQ"),
    ("amqp-connection-manager", "rabbitmq", "RabbitMQ"),
    ("@golevelup/nestjs-rabbitmq", "rabbitmq", "RabbitMQ"),
    ("kafkajs", "kafka", "Kafka"),
    ("nats", "nats", "NATS"),
    ("@elastic/elasticsearch", "elasticsearch", "Elasticsearch"),
    ("@nestjs/elasticsearch", "elasticsearch", "Elasticsearch"),
    ("@clickhouse/client", "clickhouse", "ClickHouse"),
    ("meilisearch", "meilisearch", "Meilisearch"),
    ("typesense", "typesense", "Typesense"),
    ("puppeteer", "chrome", "a Chrome browser in the container"),
    ("playwright", "chrome", "a browser in the container"),
    ("minio", "minio", "MinIO"),
    ("neo4j-driver", "neo4j", "Neo4j"),
    ("cassandra-driver", "cassandra", "Cassandra"),
];

/// Names what will be missing.
pub(crate) fn warn(context: &Context<'_>, modules: &[&Outline], trail: &mut Trail) {
    let used = usage::packages(context, modules);
    if let Some((_, source)) = used
        .iter()
        .find(|(name, _)| name.starts_with("bun:") || name.as_str() == "bun")
    {
        trail.warn(
            "needs-bun",
            Some(source.clone()),
            "The API uses parts of Bun that Node.js does not have. Servers run Node.js, so it will not start there.",
        );
    }
    let mut told: Vec<&str> = Vec::new();
    for (package, key, name) in SERVICES {
        if let Some(source) = used.get(package)
            && !told.contains(&key)
        {
            told.push(key);
            trail.warn(
                &format!("needs-{key}"),
                Some(source.clone()),
                format!("The API uses {name}, which is not created for it. Without one it may not start."),
            );
        }
    }
}

/// What the server does for the website in development and other arrangements, and what becomes of it here.
pub(crate) fn serving(effects: &[Effect], trail: &mut Trail) {
    for effect in effects {
        let source = || Some(Source::from(&effect.spot));
        match &effect.kind {
            EffectKind::External { call }
                if matches!(call.names().as_slice(), [.., "ServeStaticModule", "forRoot" | "forRootAsync"]) =>
            {
                trail.warn("serves-files", source(), SERVES_FILES);
            }
            EffectKind::OnApp { method, .. } if matches!(&**method, "useStaticAssets" | "setBaseViewsDir") => {
                trail.warn("serves-files", source(), SERVES_FILES);
            }
            EffectKind::OnApp { method, arguments, .. } if &**method == "enableCors" => {
                let origin = arguments.first().and_then(|a| a.field("origin"));
                let allowed: Vec<String> = match origin {
                    Some(Value::Str(one)) => vec![one.to_string()],
                    Some(list @ Value::Array(_)) => {
                        list.elements().iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
                    }
                    _ => Vec::new(),
                };
                if !allowed.is_empty() && allowed.iter().all(|o| o.contains("localhost") || o.contains("127.0.0.1")) {
                    trail.warn(
                        "cors-local",
                        source(),
                        format!(
                            "The API lets only pages from {} call it from other sites. The website shares its address and needs no leave; anything else does.",
                            allowed.join(", ")
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}

const SERVES_FILES: &str = "The API also hands out files. The website comes from its own bucket, so requests for it never reach the API, and a folder that only the website's build makes is missing there.";

/// The engine that the database of the API is, if it is none that can be created.
pub(crate) fn foreign_engine(engine: &str) -> Option<&'static str> {
    Some(match engine {
        "mongodb" => "MongoDB",
        "sqlserver" => "SQL Server",
        "dynamodb" => "DynamoDB",
        "sqlite" => "SQLite, a file that is lost whenever a server is replaced",
        "oracle" => "Oracle",
        _ => return None,
    })
}
