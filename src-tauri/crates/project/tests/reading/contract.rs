//! The shape that `zonke inspect --json` prints, which other programs read.

use serde_json::Value;

use crate::support::Project;

const SERVICE: &str = "import { Module } from '@nestjs/common';\nimport { PrismaClient } from '@prisma/client';\nexport const db = new PrismaClient();\n@Module({})\nexport class AppModule {}\n";

fn printed() -> Value {
    let findings = Project::both()
        .file(
            "api/prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n",
        )
        .file("api/prisma/migrations/1_init/migration.sql", "select 1;\n")
        .file("api/src/app.module.ts", SERVICE)
        .file(".nvmrc", "22\n")
        .findings();
    serde_json::to_value(&findings).unwrap()
}

fn has(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is missing in {value}");
    }
}

#[test]
fn the_printed_findings_keep_their_shape() {
    let all = printed();
    has(
        &all,
        &[
            "verdict",
            "reason",
            "packageManager",
            "node",
            "monorepoTool",
            "frontends",
            "backends",
            "chosen",
            "evidence",
            "warnings",
            "questions",
        ],
    );
    assert_eq!(all["verdict"], "deployable");
    assert_eq!(
        (&all["packageManager"]["name"], &all["packageManager"]["lockfile"]),
        (&"npm".into(), &"api/package-lock.json".into())
    );
    assert_eq!(
        (&all["node"]["wanted"], &all["node"]["source"]),
        (&"22".into(), &".nvmrc".into())
    );
    assert_eq!(all["monorepoTool"], "none");
    has(
        &all["frontends"][0],
        &["path", "kind", "bundler", "buildCommand", "outputDir", "envPrefix", "envVars"],
    );
    assert_eq!(
        (&all["frontends"][0]["kind"], &all["frontends"][0]["outputDir"]),
        (&"spa".into(), &"web/dist".into())
    );
    let backend = &all["backends"][0];
    has(
        backend,
        &[
            "path",
            "adapter",
            "buildCommand",
            "startCommand",
            "entryFile",
            "port",
            "globalPrefix",
            "healthPath",
            "orm",
            "database",
            "prisma",
            "envVars",
        ],
    );
    assert_eq!(
        (&backend["port"]["env"], &backend["port"]["default"]),
        (&"PORT".into(), &3000.into())
    );
    assert_eq!(
        (&backend["adapter"], &backend["orm"], &backend["database"]),
        (&"express".into(), &"prisma".into(), &"postgresql".into())
    );
    let prisma = &backend["prisma"];
    assert_eq!(
        (&prisma["schema"], &prisma["migrations"], &prisma["urlEnv"]),
        (
            &"api/prisma/schema.prisma".into(),
            &"api/prisma/migrations".into(),
            &"DATABASE_URL".into()
        )
    );
    let variable = backend["envVars"]
        .as_array()
        .unwrap()
        .iter()
        .find(|v| v["name"] == "DATABASE_URL")
        .unwrap();
    assert_eq!(variable["required"], true);
    assert_eq!(
        (&all["chosen"]["frontend"], &all["chosen"]["backend"]),
        (&"web".into(), &"api".into())
    );
}

#[test]
fn paths_are_relative_and_slashed() {
    fn walk(value: &Value, visit: &mut impl FnMut(&str)) {
        match value {
            Value::String(text) => visit(text),
            Value::Array(all) => all.iter().for_each(|v| walk(v, visit)),
            Value::Object(all) => all.values().for_each(|v| walk(v, visit)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let all = printed();
    for evidence in all["evidence"].as_array().unwrap() {
        has(evidence, &["field", "value", "file", "line", "why", "confidence"]);
        let file = evidence["file"].as_str().unwrap();
        assert!(
            !file.starts_with('/') && !file.starts_with("./") && !file.contains('\\'),
            "{file}"
        );
    }
    walk(&all, &mut |text| {
        assert!(!text.contains(std::env::temp_dir().to_str().unwrap()), "{text}");
    });
}
