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
