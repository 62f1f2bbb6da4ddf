//! Variables of the server: which, whether it needs them, and never what they are.

use crate::support::Project;

fn variables(source: &str) -> Vec<(String, bool, bool)> {
    let project = Project::nest().file(
        "api/src/app.module.ts",
        &format!("import {{ Module }} from '@nestjs/common';\n{source}\n@Module({{}})\nexport class AppModule {{}}\n"),
    );
    project
        .backend()
        .env_vars
        .into_iter()
        .filter(|v| v.name != "PORT")
        .map(|v| (v.name, v.required, v.secret))
        .collect()
}

#[test]
fn a_default_makes_a_variable_optional() {
    assert_eq!(
        variables("export const a = process.env.REGION ?? 'eu';"),
        [("REGION".to_owned(), false, false)]
    );
}

#[test]
fn the_author_may_say_that_it_is_never_missing() {
    assert_eq!(
        variables("export const a = process.env.JWT_SECRET!;"),
        [("JWT_SECRET".to_owned(), true, true)]
    );
}

#[test]
fn a_program_that_stops_without_it_needs_it() {
    let source = "const url = process.env.SERVICE_URL;\nif (!url) throw new Error('SERVICE_URL is missing');";
    assert_eq!(variables(source), [("SERVICE_URL".to_owned(), true, false)]);
}

#[test]
fn destructuring_and_aliases_are_seen() {
    let names: Vec<String> =
        variables("const { A_HOST, B_TOKEN = '' } = process.env;\nconst env = process.env;\nexport const c = env.C_NAME;")
            .into_iter()
            .map(|v| v.0)
            .collect();
    assert_eq!(names, ["A_HOST", "B_TOKEN", "C_NAME"]);
}

#[test]
fn no_value_ever_leaves_the_project() {
    let findings = Project::both()
        .file("api/.env", "JWT_SECRET=topsecretvalue\nDATABASE_URL=postgres://u:hunter2@h/db\n")
        .file("docker-compose.yml", "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: hunter2\n")
        .file("api/src/app.module.ts", "import { Module } from '@nestjs/common';\nexport const k = process.env.JWT_SECRET || 'topsecretvalue';\n@Module({})\nexport class AppModule {}\n")
        .findings();
    let text = format!("{findings:?}");
    assert!(text.contains("JWT_SECRET"));
    for value in ["topsecretvalue", "hunter2"] {
        assert!(!text.contains(value), "{value} is in the findings");
    }
}

#[test]
fn committed_settings_and_keys_are_told_by_name() {
    let findings = Project::nest()
        .file("api/.env", "PORT=1\nJWT_SECRET=abcdefgh\n")
        .file("api/.env.example", "JWT_SECRET=changeme\n")
        .file("api/tls/server.key", "-----BEGIN PRIVATE KEY-----\nzzzzzz\n")
        .findings();
    let told: Vec<(&str, Option<&str>)> = findings
        .warnings
        .iter()
        .map(|w| (w.code.as_str(), w.file.as_deref()))
        .collect();
    assert!(told.contains(&("committed-settings", Some("api/.env"))), "{told:?}");
    assert!(told.contains(&("committed-key", Some("api/tls/server.key"))), "{told:?}");
    assert!(!told.iter().any(|(_, file)| *file == Some("api/.env.example")), "{told:?}");
    assert!(findings.warnings.iter().all(|w| !w.message.contains("abcdefgh")));
}

#[test]
fn ignored_settings_are_fine() {
    let findings = Project::nest()
        .file(".gitignore", ".env\n")
        .file("api/.env", "JWT_SECRET=abcdefgh\n")
        .findings();
    assert!(!findings.warnings.iter().any(|w| w.code == "committed-settings"));
}

/// Variables of a program whose configuration module is given this validation.
fn validated(files: &[(&str, &str)], options: &str) -> Vec<(String, bool)> {
    let mut imports = String::new();
    for (name, _) in files {
        imports.push_str("import * as ");
        imports.push_str(name);
        imports.push_str(" from './");
        imports.push_str(name);
        imports.push_str("';\n");
    }
    let module = format!(
        "import {{ Module }} from '@nestjs/common';\nimport {{ ConfigModule }} from '@nestjs/config';\n{imports}\
         @Module({{ imports: [ConfigModule.forRoot({options})] }})\nexport class AppModule {{}}\n"
    );
    let mut project = Project::nest().file("api/src/app.module.ts", &module);
    for (name, text) in files {
        project = project.file(&format!("api/src/{name}.ts"), text);
    }
    let found = project.backend().env_vars.into_iter();
    found.filter(|v| v.name != "PORT").map(|v| (v.name, v.required)).collect()
}

#[test]
fn every_kind_of_schema_says_what_is_required() {
    let expected = [("JWT_SECRET".to_owned(), true), ("REGION".to_owned(), false)];
    let joi = "import * as Joi from 'joi';\nexport const schema = Joi.object({ JWT_SECRET: Joi.string().required(), REGION: Joi.string().default('eu') });\n";
    assert_eq!(
        validated(&[("env", joi)], "{ validationSchema: env.schema }"),
        expected,
        "joi"
    );
    let zod = "import { z } from 'zod';\nconst schema = z.object({ JWT_SECRET: z.string().min(8), REGION: z.string().default('eu') });\nexport const validate = (all: unknown) => schema.parse(all);\n";
    assert_eq!(validated(&[("env", zod)], "{ validate: env.validate }"), expected, "zod");
    let classes = "import { plainToInstance } from 'class-transformer';\nimport { IsOptional, IsString, validateSync } from 'class-validator';\n\
         class Variables {\n  @IsString() JWT_SECRET!: string;\n  @IsOptional() @IsString() REGION?: string;\n}\n\
         export function validate(all: Record<string, unknown>) {\n  const one = plainToInstance(Variables, all);\n  validateSync(one);\n  return one;\n}\n";
    assert_eq!(
        validated(&[("env", classes)], "{ validate: env.validate }"),
        expected,
        "class-validator"
    );
    let envalid = "import { cleanEnv, str } from 'envalid';\nexport const env = cleanEnv(process.env, { JWT_SECRET: str(), REGION: str({ default: 'eu' }) });\n";
    assert_eq!(
        validated(&[("env", envalid)], "{ load: [() => env.env] }"),
        expected,
        "envalid"
    );
    let convict = "import convict from 'convict';\nexport const config = convict({ secret: { env: 'JWT_SECRET', format: String, default: null }, region: { env: 'REGION', default: 'eu' } });\n";
    let names: Vec<String> = validated(&[("env", convict)], "{ load: [() => env.config] }")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["JWT_SECRET", "REGION"], "convict");
}
