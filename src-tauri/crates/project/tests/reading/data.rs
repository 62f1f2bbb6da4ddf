//! Mapper, engine and Prisma, by what the program uses.

use zonke_project::DatabaseConnection;

use crate::support::{Project, evidence, question, warns};

const SCHEMA: &str = "generator client {\n  provider = \"prisma-client-js\"\n}\ndatasource db {\n  provider = \"postgresql\"\n  url      = env(\"MAIN_DB_URL\")\n}\n";

const SERVICE: &str = "import { Module } from '@nestjs/common';\nimport { PrismaClient } from '@prisma/client';\nexport const db = new PrismaClient();\n@Module({})\nexport class AppModule {}\n";

fn typeorm(options: &str) -> Project {
    Project::nest().file(
        "api/src/app.module.ts",
        &format!(
            "import {{ Module }} from '@nestjs/common';\nimport {{ TypeOrmModule }} from '@nestjs/typeorm';\n@Module({{ imports: [TypeOrmModule.{options}] }})\nexport class AppModule {{}}\n"
        ),
    )
}

#[test]
fn a_dependency_nobody_uses_is_no_mapper() {
    let package = crate::support::NEST.replace(
        "\"@nestjs/core\"",
        "\"typeorm\":\"0.3.0\",\"mongoose\":\"8\",\"@prisma/client\":\"6\",\"@nestjs/core\"",
    );
    let backend = Project::nest().file("api/package.json", &package).backend();
    assert_eq!((backend.orm.as_str(), backend.database, backend.prisma), ("none", None, None));
}

#[test]
fn types_alone_are_no_use() {
    let module = "import { Module } from '@nestjs/common';\nimport type { PrismaClient } from '@prisma/client';\n@Module({})\nexport class AppModule { db?: PrismaClient }\n";
    let project = Project::nest()
        .file("api/prisma/schema.prisma", SCHEMA)
        .file("api/src/app.module.ts", module);
    assert_eq!(project.backend().orm, "none");
}

#[test]
fn prisma_is_read_with_its_variable_and_version() {
    let findings = Project::nest()
        .file("api/prisma/schema.prisma", SCHEMA)
        .file("api/prisma/migrations/1_init/migration.sql", "create table x();")
        .file(
            "api/package-lock.json",
            "{\"packages\": {\n \"node_modules/prisma\": {\n \"version\": \"6.5.1\" } } }",
        )
        .file("api/src/app.module.ts", SERVICE)
        .findings();
    let backend = findings.backend().unwrap();
    let prisma = backend.prisma.as_ref().unwrap();
    assert_eq!(
        (backend.orm.as_str(), backend.database.as_deref()),
        ("prisma", Some("postgresql"))
    );
    assert_eq!(prisma.schema, "api/prisma/schema.prisma");
    assert_eq!(prisma.migrations.as_deref(), Some("api/prisma/migrations"));
    assert_eq!(prisma.url_env.as_deref(), Some("MAIN_DB_URL"));
    assert_eq!(prisma.version.as_deref(), Some("6.5.1"));
    assert!(
        backend
            .env_vars
            .iter()
            .any(|v| v.name == "MAIN_DB_URL" && v.required && v.secret)
    );
    assert_eq!(
        evidence(&findings, "backends[0].database"),
        Some(("api/prisma/schema.prisma", Some(5)))
    );
}

#[test]
fn a_folder_of_migrations_without_one_is_none() {
    let findings = Project::nest()
        .file("api/prisma/schema.prisma", SCHEMA)
        .file("api/prisma/migrations/migration_lock.toml", "provider = \"postgresql\"")
        .file("api/src/app.module.ts", SERVICE)
        .findings();
    assert_eq!(findings.backend().unwrap().prisma.as_ref().unwrap().migrations, None);
    assert!(warns(&findings, "prisma-no-migrations"));
}

#[test]
fn the_configuration_of_prisma_names_schema_and_variable() {
    let project = Project::nest()
        .file("api/db/main.prisma", &SCHEMA.replace("  url      = env(\"MAIN_DB_URL\")\n", ""))
        .file(
            "api/prisma.config.ts",
            "import 'dotenv/config';\nimport { defineConfig, env } from 'prisma/config';\nexport default defineConfig({ schema: 'db/main.prisma', datasource: { url: env('PG_URL') } });\n",
        )
        .file("api/src/app.module.ts", SERVICE);
    let prisma = project.backend().prisma.unwrap();
    assert_eq!(
        (prisma.schema.as_str(), prisma.url_env.as_deref()),
        ("api/db/main.prisma", Some("PG_URL"))
    );
}

#[test]
fn a_schema_may_be_a_folder() {
    let project = Project::nest()
        .file(
            "api/package.json",
            &crate::support::NEST.replacen('{', "{\"prisma\":{\"schema\":\"prisma/schema\"},", 1),
        )
        .file("api/prisma/schema/base.prisma", SCHEMA)
        .file("api/prisma/schema/user.prisma", "model User { id Int @id }\n")
        .file("api/src/app.module.ts", SERVICE);
    let backend = project.backend();
    assert_eq!(backend.prisma.unwrap().schema, "api/prisma/schema");
    assert_eq!(backend.database.as_deref(), Some("postgresql"));
}

#[test]
fn a_schema_may_live_in_a_package_of_the_repository() {
    let project = Project::nest()
        .file("package.json", r#"{"workspaces":["api","db"]}"#)
        .file("db/package.json", r#"{"name":"@acme/db","main":"./dist/index.js"}"#)
        .file("db/src/index.ts", "export * from '@prisma/client';\n")
        .file("db/prisma/schema.prisma", SCHEMA)
        .file("api/src/app.module.ts", &SERVICE.replace("@prisma/client", "@acme/db"));
    assert_eq!(project.backend().prisma.unwrap().schema, "db/prisma/schema.prisma");
}

#[test]
fn the_engine_of_typeorm_is_named_by_its_options() {
    for (options, engine) in [
        ("forRoot({ type: 'postgres' })", "postgresql"),
        ("forRoot({ type: process.env.DB_TYPE || 'mysql' })", "mysql"),
        ("forRootAsync({ useFactory: () => ({ type: 'mariadb' }) })", "mariadb"),
        ("forRoot({ type: 'better-sqlite3' })", "sqlite"),
    ] {
        let backend = typeorm(options).backend();
        assert_eq!(
            (backend.orm.as_str(), backend.database.as_deref()),
            ("typeorm", Some(engine)),
            "{options}"
        );
    }
}

#[test]
fn options_from_a_class_are_followed() {
    let project = typeorm("forRootAsync({ useClass: Options })").file(
        "api/src/app.module.ts",
        "import { Module } from '@nestjs/common';\nimport { ConfigService } from '@nestjs/config';\nimport { TypeOrmModule } from '@nestjs/typeorm';\n\
         class Options { constructor(private config: ConfigService) {}\n createTypeOrmOptions() { return { type: 'mssql', host: this.config.getOrThrow('SQL_HOST') }; } }\n\
         @Module({ imports: [TypeOrmModule.forRootAsync({ useClass: Options })] })\nexport class AppModule {}\n",
    );
    let findings = project.findings();
    let backend = findings.backend().unwrap();
    assert_eq!(backend.database.as_deref(), Some("sqlserver"));
    assert!(backend.env_vars.iter().any(|v| v.name == "SQL_HOST" && v.required));
    assert!(warns(&findings, "database-not-created"));
}

#[test]
fn a_connection_address_names_the_engine() {
    let backend = typeorm("forRoot({ url: 'mysql://u:p@h/db' })").backend();
    assert_eq!(backend.database.as_deref(), Some("mysql"));
}

#[test]
fn other_mappers_are_told_apart() {
    let with = |imports: &str, body: &str| {
        Project::nest()
            .file(
                "api/src/app.module.ts",
                &format!(
                    "import {{ Module }} from '@nestjs/common';\n{imports}\n{body}\n@Module({{}})\nexport class AppModule {{}}\n"
                ),
            )
            .backend()
    };
    let drizzle = with(
        "import { drizzle } from 'drizzle-orm/node-postgres';",
        "export const db = drizzle(process.env.DATABASE_URL!);",
    );
    assert_eq!(
        (drizzle.orm.as_str(), drizzle.database.as_deref()),
        ("drizzle", Some("postgresql"))
    );
    let mongoose = with(
        "import { MongooseModule } from '@nestjs/mongoose';",
        "export const m = MongooseModule.forRoot(process.env.MONGO!);",
    );
    assert_eq!(
        (mongoose.orm.as_str(), mongoose.database.as_deref()),
        ("mongoose", Some("mongodb"))
    );
    let sequelize = with(
        "import { Sequelize } from 'sequelize-typescript';",
        "export const s = new Sequelize({ dialect: 'mysql' });",
    );
    assert_eq!(
        (sequelize.orm.as_str(), sequelize.database.as_deref()),
        ("sequelize", Some("mysql"))
    );
    let raw = with("import { Pool } from 'pg';", "export const pool = new Pool();");
    assert_eq!((raw.orm.as_str(), raw.database.as_deref()), ("none", Some("postgresql")));
}

#[test]
fn what_will_be_missing_is_named() {
    let module = "import { Module } from '@nestjs/common';\nimport Redis from 'ioredis';\nexport const redis = new Redis();\n@Module({})\nexport class AppModule {}\n";
    assert!(warns(
        &Project::nest().file("api/src/app.module.ts", module).findings(),
        "needs-redis"
    ));
}

#[test]
fn one_variable_may_hold_the_whole_address() {
    let by_url = typeorm("forRoot({ type: 'postgres', url: process.env.DATABASE_URL })").backend();
    assert_eq!(
        by_url.connection,
        Some(DatabaseConnection::Url {
            variable: "DATABASE_URL".to_owned()
        })
    );
    let findings = Project::nest()
        .file("api/prisma/schema.prisma", SCHEMA)
        .file("api/src/app.module.ts", SERVICE)
        .findings();
    assert_eq!(
        findings.backend().unwrap().connection,
        Some(DatabaseConnection::Url {
            variable: "MAIN_DB_URL".to_owned()
        })
    );
    assert!(evidence(&findings, "backends[0].connection").is_some());
}

#[test]
fn the_address_may_come_in_parts() {
    let part = |name: &str| Some(name.to_owned());
    let expected = Some(DatabaseConnection::Parts {
        host: part("DB_HOST"),
        port: part("DB_PORT"),
        user: part("DB_USER"),
        password: part("DB_PASSWORD"),
        database: part("DB_NAME"),
    });
    let options = "{ type: 'mysql', host: c.get('DB_HOST'), port: Number(c.get('DB_PORT')), username: c.get('DB_USER'), password: c.get('DB_PASSWORD'), database: c.get('DB_NAME') }";
    let module = format!(
        "import {{ Module }} from '@nestjs/common';\nimport {{ ConfigService }} from '@nestjs/config';\nimport {{ TypeOrmModule }} from '@nestjs/typeorm';\n\
         @Module({{ imports: [TypeOrmModule.forRootAsync({{ inject: [ConfigService], useFactory: (c: ConfigService) => ({options}) }})] }})\nexport class AppModule {{}}\n"
    );
    assert_eq!(
        Project::nest().file("api/src/app.module.ts", &module).backend().connection,
        expected
    );
    let joined = "forRoot({ type: 'postgres', url: `postgres://${process.env.DB_USER}:${process.env.DB_PASSWORD}@${process.env.DB_HOST}:${process.env.DB_PORT}/${process.env.DB_NAME}` })";
    assert_eq!(typeorm(joined).backend().connection, expected, "parts joined to one address");
    let pool = "import { Module } from '@nestjs/common';\nimport { drizzle } from 'drizzle-orm/node-postgres';\nimport { Pool } from 'pg';\n\
         export class Db {\n  constructor() {\n    const address = process.env.PG_URL;\n    this.db = drizzle(new Pool({ connectionString: address }));\n  }\n}\n@Module({ providers: [Db] })\nexport class AppModule {}\n";
    assert_eq!(
        Project::nest().file("api/src/app.module.ts", pool).backend().connection,
        Some(DatabaseConnection::Url {
            variable: "PG_URL".to_owned()
        })
    );
}

#[test]
fn an_address_in_the_project_is_told_without_its_value() {
    let findings = typeorm("forRoot({ type: 'postgres', host: 'db.internal', username: 'u', password: 'hunter2' })").findings();
    assert_eq!(findings.backend().unwrap().connection, Some(DatabaseConnection::WrittenDown));
    assert!(warns(&findings, "database-written-down"));
    assert!(!serde_json::to_string(&findings).unwrap().contains("hunter2"));
}

#[test]
fn several_schemas_are_a_question_with_the_usable_one_first() {
    let findings = Project::nest()
        .file("api/prisma/sqlite/schema.prisma", &SCHEMA.replace("postgresql", "sqlite"))
        .file("api/prisma/postgres/schema.prisma", SCHEMA)
        .file("api/src/app.module.ts", SERVICE)
        .findings();
    let asked = question(&findings, "backends[0].prisma.schema").unwrap();
    let answers: Vec<&str> = asked.answers.iter().map(|a| a.value.as_str()).collect();
    assert_eq!(
        answers,
        ["api/prisma/postgres/schema.prisma", "api/prisma/sqlite/schema.prisma"]
    );
    assert!(asked.blocks);
}

#[test]
fn an_engine_that_a_variable_chooses_is_a_question() {
    let package = crate::support::NEST.replace("\"@nestjs/core\"", "\"mysql2\":\"3\",\"pg\":\"8\",\"@nestjs/core\"");
    let project = |options: &str| typeorm(options).file("api/package.json", &package).findings();
    let open = project("forRoot({ type: process.env.DB_TYPE as any, host: process.env.DB_HOST, port: 1 })");
    let asked = question(&open, "backends[0].database").unwrap();
    assert!(asked.blocks && asked.text.contains("DB_TYPE"), "{}", asked.text);
    let mut answers: Vec<&str> = asked.answers.iter().map(|a| a.value.as_str()).collect();
    answers.sort_unstable();
    assert_eq!(answers, ["mysql", "postgresql"]);
    let settled = project("forRoot({ type: process.env.DB_TYPE || 'mysql', host: process.env.DB_HOST })");
    assert_eq!(settled.backend().unwrap().database.as_deref(), Some("mysql"));
    let asked = question(&settled, "backends[0].database").unwrap();
    assert!(!asked.blocks && asked.answers[0].value == "mysql");
    assert!(question(&project("forRoot({ type: 'postgres' })"), "backends[0].database").is_none());
}
