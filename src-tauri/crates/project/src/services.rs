//! What a server needs besides its database, and what AWS will not have for it.

use std::rc::Rc;

use crate::context::Context;
use crate::script::syntax::Module;
use crate::trail::Trail;
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
pub(crate) fn warn(context: &Context<'_>, modules: &[Rc<Module>], trail: &mut Trail) {
    let used = usage::packages(context, modules);
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
