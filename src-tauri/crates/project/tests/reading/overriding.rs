//! What the user sets: checked against the folder, put in place of findings, ignored when it no longer fits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zonke_project::{
    ApiWiring, ChangeError, Edit, ExcerptError, Field, Findings, InspectOptions, OverrideError, Overrides, PackageManagerName,
    Verdict, change, excerpt,
};

use crate::support::{MAIN, MODULE, NEST, Project, WEB, WEB_APP, WEB_MAIN, evidence, question};

const SCHEMA: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"STORE_URL\")\n}\nmodel A { id Int @id }\n";

/// Both halves, a worker beside the API, and two Prisma schemas.
fn project() -> Project {
    Project::both()
        .file("worker/package.json", NEST)
        .file("worker/src/main.ts", MAIN)
        .file("worker/src/app.module.ts", MODULE)
        .file("api/src/server.ts", "export const unused = 1;\n")
        .file("data/store.prisma", SCHEMA)
        .file("data/migrations/1_init/migration.sql", "select 1;")
        .file("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
        .file("package.json", r#"{"name":"all","private":true}"#)
        .file(".git/HEAD", "ref: refs/heads/main\n")
        .file(".git/config", "")
}

fn edit(field: Field, value: &str) -> Edit {
    Edit {
        field,
        value: Some(value.to_owned()),
    }
}

fn options(overrides: Overrides) -> InspectOptions {
    InspectOptions {
        overrides,
        ..InspectOptions::default()
    }
}

fn set(project: &Project, edits: &[(Field, &str)]) -> (Overrides, Findings) {
    let edits: Vec<Edit> = edits.iter().map(|(field, value)| edit(*field, value)).collect();
    change(project.path(), &edits, &InspectOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(project: &Project, field: Field, value: &str) -> OverrideError {
    let edits = [edit(Field::Backend, "api"), edit(field, value)];
    match change(project.path(), &edits, &InspectOptions::default()) {
        Err(ChangeError::Override(error)) => error,
        other => panic!("{} took {value:?}: {other:?}", field.name()),
    }
}

#[test]
fn the_answer_to_the_question_counts() {
    let (_, findings) = set(
        &project(),
        &[
            (Field::Port, "8081"),
            (Field::Backend, "worker"),
            (Field::GlobalPrefix, "/v2/"),
        ],
    );
    assert_eq!(findings.verdict, Verdict::Deployable);
    let backend = findings.backend().unwrap();
    assert_eq!(
        (backend.path.as_str(), backend.port.default, backend.global_prefix.as_deref()),
        ("worker", Some(8081), Some("v2"))
    );
    assert_eq!(evidence(&findings, "backends[1].port.default"), Some((".", None)));
    let first = findings
        .evidence
        .iter()
        .find(|e| e.field == "backends[1].port.default")
        .unwrap();
    assert_eq!(first.why, "You set this. Found was `3000`.");
}

#[test]
fn every_field_can_be_set_and_taken_back() {
    let project = project();
    let values = [
        (Field::Frontend, "web"),
        (Field::Backend, "api"),
        (Field::PackageManager, "pnpm"),
        (Field::Lockfile, "web/package-lock.json"),
        (Field::InstallRoots, "api, web"),
        (Field::Node, "v20.11.1"),
        (Field::Branch, "release/1"),
        (Field::FrontendBuild, "npm run build:prod"),
        (Field::OutputDir, "web/out"),
        (Field::EnvPrefix, "APP_"),
        (Field::BuildVariables, "APP_TITLE, APP_API"),
        (Field::ApiWiring, "APP_API"),
        (Field::BackendBuild, "npx nest build"),
        (Field::EntryFile, "api/dist/server.js"),
        (Field::StartCommand, "node --enable-source-maps dist/server.js"),
        (Field::PortEnv, "LISTEN_ON"),
        (Field::Port, "8080"),
        (Field::GlobalPrefix, "v1"),
        (Field::HealthPath, "/v1/up"),
        (Field::Orm, "prisma"),
        (Field::Database, "postgres"),
        (Field::PrismaSchema, "data/store.prisma"),
        (Field::PrismaMigrations, ""),
        (Field::PrismaUrlEnv, "OTHER_URL"),
        (Field::Variables, "API_KEY=secret, LOG_LEVEL=setting"),
    ];
    assert_eq!(values.map(|(field, _)| field), Field::ALL, "no field is left out");
    let plain = change(project.path(), &[edit(Field::Backend, "api")], &InspectOptions::default())
        .unwrap()
        .1;
    let (overrides, findings) = set(&project, &values);
    let (front, back) = (findings.frontend().unwrap(), findings.backend().unwrap());
    assert_eq!(
        (front.build_command.as_str(), front.output_dir.as_str()),
        ("npm run build:prod", "web/out")
    );
    assert_eq!(front.env_prefix.as_deref(), Some("APP_"));
    assert_eq!(front.env_vars, ["APP_TITLE", "APP_API"]);
    assert_eq!(front.api_wiring, ApiWiring::Env("APP_API".to_owned()));
    assert_eq!(
        (back.build_command.as_str(), back.entry_file.as_str()),
        ("npx nest build", "api/dist/server.js")
    );
    assert_eq!(back.start_command, "node --enable-source-maps dist/server.js");
    assert_eq!((back.port.env.as_deref(), back.port.default), (Some("LISTEN_ON"), Some(8080)));
    assert_eq!(
        (back.global_prefix.as_deref(), back.health_path.as_deref()),
        (Some("v1"), Some("/v1/up"))
    );
    assert_eq!((back.orm.as_str(), back.database.as_deref()), ("prisma", Some("postgresql")));
    let prisma = back.prisma.as_ref().unwrap();
    assert_eq!(
        (prisma.schema.as_str(), prisma.migrations.as_deref()),
        ("data/store.prisma", None)
    );
    assert_eq!(prisma.url_env.as_deref(), Some("OTHER_URL"));
    let kinds: BTreeMap<&str, bool> = back.env_vars.iter().map(|v| (v.name.as_str(), v.secret)).collect();
    assert_eq!((kinds["API_KEY"], kinds["LOG_LEVEL"]), (true, false));
    // The lockfile that was named says more than the package manager's name.
    assert_eq!(findings.package_manager.name, PackageManagerName::Npm);
    assert_eq!(findings.package_manager.lockfile.as_deref(), Some("web/package-lock.json"));
    assert_eq!(findings.package_manager.install_roots, ["api", "web"]);
    assert_eq!(findings.node.wanted.as_deref(), Some("20"));
    assert_eq!(findings.git.as_ref().unwrap().branch.as_deref(), Some("release/1"));

    let back: Vec<Edit> = Field::ALL
        .into_iter()
        .rev()
        .filter(|field| *field != Field::Backend)
        .map(|field| Edit { field, value: None })
        .collect();
    let (left, found) = change(project.path(), &back, &options(overrides)).unwrap();
    assert_eq!(left.project.keys().collect::<Vec<_>>(), [&Field::Backend]);
    assert!(left.frontends.is_empty() && left.backends.is_empty());
    assert_eq!(found, plain);
}

#[test]
fn a_value_that_cannot_be_right_names_the_field_and_the_next_step() {
    let project = project();
    for (field, value, says) in [
        (Field::Backend, "gone", "no NestJS application in `gone`"),
        (Field::Lockfile, "api/yarn.lock", "no file `api/yarn.lock`"),
        (Field::Lockfile, "web/index.html", "no lockfile"),
        (Field::InstallRoots, "data", "no package.json in `data`"),
        (Field::Node, "latest", "no version of Node.js"),
        (Field::Branch, "a b", "not the name of a branch"),
        (Field::FrontendBuild, "npm ci\nnpm run build", "several lines"),
        (Field::StartCommand, "", "empty"),
        (Field::OutputDir, "../dist", "leads out of the project's folder"),
        (Field::OutputDir, "/etc", "not a path inside"),
        (Field::OutputDir, "web/src", "holds sources"),
        (Field::OutputDir, "web/node_modules/x", "installed packages"),
        (Field::OutputDir, "web/$(id)", "cannot carry"),
        (Field::EntryFile, "api/dist/nowhere.js", "no build can create"),
        (Field::EntryFile, "api/src/main.ts", "can start after a build"),
        (Field::EntryFile, "../../main.js", "leads out"),
        (Field::PortEnv, "MY PORT", "not the name of a variable"),
        (Field::Port, "70000", "`70000` is no port"),
        (Field::Port, "0", "no port"),
        (Field::HealthPath, "health", "begins with a slash"),
        (Field::HealthPath, "/health?x=1", "not the path of a route"),
        (Field::GlobalPrefix, "../x", "not the path of a route"),
        (Field::ApiWiring, "https://api.example.com", "cannot be changed from here"),
        (Field::Orm, "hibernate", "`hibernate` is not known"),
        (Field::Database, "access", "`access` is not known"),
        (Field::PrismaSchema, "data/store.prisma", "does not use Prisma"),
        (Field::Variables, "JWT_SECRET=maybe", "must be secret, setting or unused"),
    ] {
        let error = refused(&project, field, value);
        assert_eq!(error.field, field);
        let message = error.to_string();
        assert!(message.contains(says), "{}: {message}", field.name());
        let named = message.to_lowercase();
        assert!(named.starts_with(&field.words().to_lowercase()), "{message}");
        assert!(!error.hint.is_empty(), "{message}");
    }
}

#[test]
fn a_link_out_of_the_folder_is_not_taken() {
    let project = project();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/tmp", project.at("out")).unwrap();
    #[cfg(unix)]
    assert!(
        refused(&project, Field::OutputDir, "out/site")
            .to_string()
            .contains("is a link")
    );
}

#[test]
fn a_value_typed_in_place_of_a_name_is_not_repeated() {
    let project = project();
    for (field, value) in [
        (Field::Variables, "JWT_SECRET=canary-7f3a"),
        (Field::PortEnv, "TOKEN=canary-7f3a"),
        (Field::StartCommand, "JWT_SECRET=canary-7f3a node dist/main.js"),
    ] {
        let error = refused(&project, field, value);
        assert!(!format!("{error} {} {error:?}", error.hint).contains("canary"), "{error}");
    }
}

#[test]
fn all_edits_count_or_none() {
    let edits = [edit(Field::Node, "22"), edit(Field::OutputDir, "../x")];
    assert!(change(Project::both().path(), &edits, &InspectOptions::default()).is_err());
    let unpicked = [edit(Field::Port, "80")];
    let error = change(project().path(), &unpicked, &InspectOptions::default()).unwrap_err();
    assert!(error.to_string().contains("not chosen yet"), "{error}");
}

#[test]
fn what_is_set_for_one_half_does_not_reach_another() {
    let project = project();
    let (overrides, _) = set(&project, &[(Field::Backend, "api"), (Field::Port, "8081")]);
    let (overrides, findings) = change(project.path(), &[edit(Field::Backend, "worker")], &options(overrides)).unwrap();
    assert_eq!(findings.backend().unwrap().port.default, Some(3000));
    let (_, findings) = change(project.path(), &[edit(Field::Backend, "api")], &options(overrides)).unwrap();
    assert_eq!(findings.backend().unwrap().port.default, Some(8081));
}

#[test]
fn what_no_longer_fits_is_ignored_and_told() {
    let project = project();
    let values = [
        (Field::Backend, "api"),
        (Field::EntryFile, "api/dist/server.js"),
        (Field::Orm, "prisma"),
        (Field::PrismaSchema, "data/store.prisma"),
    ];
    let (overrides, _) = set(&project, &values);
    let project = project.without("api/src/server.ts").without("data/store.prisma");
    fs::remove_dir_all(project.at("worker")).unwrap();
    let findings = project.findings_with(&options(overrides));
    let backend = findings.backend().unwrap();
    assert_eq!(
        (backend.entry_file.as_str(), backend.prisma.as_ref()),
        ("api/dist/main.js", None)
    );
    let told: Vec<&str> = findings
        .warnings
        .iter()
        .filter(|w| w.code == "override-unknown")
        .map(|w| w.message.as_str())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("the entry file is not used: no build can create"),
        "{told:?}"
    );
}

#[test]
fn a_hostile_memory_leads_nowhere() {
    let hostile = [
        "../../../etc/passwd",
        "/etc",
        "..\\..\\x",
        "C:\\windows",
        "$(id)",
        "`id`",
        "a\nb",
        "a\0b",
        "",
        "-rf",
        "node_modules/x",
        ".git/hooks",
        "api/../../..",
        "\u{202e}x",
    ];
    let fields = Field::ALL.into_iter().filter(|f| {
        matches!(
            f,
            Field::Lockfile
                | Field::InstallRoots
                | Field::OutputDir
                | Field::EntryFile
                | Field::PrismaSchema
                | Field::PrismaMigrations
        )
    });
    let project = Project::both().file("api/prisma/schema.prisma", SCHEMA);
    for field in fields {
        for text in hostile {
            let mut overrides = Overrides::default();
            let chosen = project.findings().chosen;
            overrides.put(field, &chosen, Some(text.to_owned()));
            overrides.project.insert(Field::Frontend, text.to_owned());
            let findings = project.findings_with(&options(overrides));
            let back = findings.backend().unwrap();
            let front = findings.frontend().unwrap();
            let prisma = back.prisma.iter().flat_map(|p| [Some(&p.schema), p.migrations.as_ref()]);
            let manager = &findings.package_manager;
            let paths = [Some(&back.entry_file), Some(&front.output_dir), manager.lockfile.as_ref()];
            for path in paths.into_iter().chain(prisma).flatten().chain(&manager.install_roots) {
                assert!(
                    !path.starts_with(['/', '-']) && !path.contains("..") && !path.contains('\\'),
                    "{path}"
                );
                assert!(!path.chars().any(char::is_control) && !path.contains(['$', '`']), "{path}");
            }
        }
    }
}

#[test]
fn the_port_that_was_asked_for_ends_the_question() {
    let project = Project::nest().bootstrap("  await app.listen(await portFromNowhere());");
    assert!(question(&project.findings(), "backends[0].port.default").is_some());
    let (overrides, findings) = set(&project, &[(Field::Port, "3100")]);
    assert!(findings.questions.is_empty(), "{:?}", findings.questions);
    let again = project.findings_with(&options(overrides));
    assert_eq!(again.backend().unwrap().port.default, Some(3100));
}

#[test]
fn another_package_manager_brings_its_lockfile() {
    let project = Project::both()
        .file("package.json", r#"{"name":"all","private":true,"workspaces":["api","web"]}"#)
        .file("package-lock.json", "{}")
        .file("pnpm-lock.yaml", "lockfileVersion: '6.0'\n")
        .without("api/package-lock.json")
        .without("web/package-lock.json");
    let (_, findings) = set(&project, &[(Field::InstallRoots, "."), (Field::PackageManager, "pnpm")]);
    assert_eq!(findings.package_manager.lockfile.as_deref(), Some("pnpm-lock.yaml"));
    assert_eq!(findings.package_manager.version.as_deref(), Some("8"));
    let (_, findings) = set(&project, &[(Field::InstallRoots, "."), (Field::PackageManager, "bun")]);
    assert_eq!(findings.package_manager.lockfile, None);
}

#[test]
fn a_front_end_that_does_not_fit_names_those_that_do() {
    let project = Project::both()
        .file("admin/package.json", &WEB.replace("\"web\"", "\"admin\""))
        .file("admin/src/main.tsx", WEB_MAIN)
        .file("admin/src/App.tsx", WEB_APP);
    let edits = [edit(Field::Frontend, "api")];
    let Err(ChangeError::Override(error)) = change(project.path(), &edits, &InspectOptions::default()) else {
        panic!("it was taken")
    };
    assert!(
        error.hint.contains("`web`") && error.hint.contains("`admin`"),
        "{}",
        error.hint
    );
}

#[test]
fn the_lines_around_a_finding_are_shown() {
    let project = Project::both();
    let shown = excerpt(project.path(), "api/src/main.ts", Some(5)).unwrap();
    assert_eq!((shown.first, shown.hidden), (2, false));
    assert_eq!(shown.lines[3], "  await app.listen(process.env.PORT ?? 3000);");
    let top = excerpt(project.path(), "api/src/main.ts", None).unwrap();
    assert_eq!((top.first, top.lines.len()), (1, 4));
}

#[test]
fn nothing_outside_the_folder_and_no_secret_is_shown() {
    let project = Project::both()
        .file("api/.env", "JWT_SECRET=canary-7f3a\nPORT=3000\n")
        .file("certs/server.key", "canary-7f3a")
        .file(
            "api/src/key.ts",
            "export const key = `-----BEGIN PRIVATE KEY-----\ncanary-7f3a\n-----END PRIVATE KEY-----`;\n",
        )
        .file("api/src/auth.ts", "export const jwt = { secret: 'canary-7f3a' };\n")
        .file("short.ts", "one\n");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", project.at("link")).unwrap();
        std::os::unix::fs::symlink(project.at("certs/server.key"), project.at("plain.txt")).unwrap();
    }
    for file in [
        "/etc/hostname",
        "../x",
        "api/../../x",
        "link/hostname",
        "plain.txt",
        "",
        ".",
        "api\\.env",
        "./api/package.json",
    ] {
        let error = excerpt(project.path(), file, Some(1)).expect_err(file);
        assert!(matches!(error, ExcerptError::Outside { .. }), "{file}: {error}");
    }
    assert!(matches!(
        excerpt(project.path(), "certs/server.key", None),
        Err(ExcerptError::Secret { .. })
    ));
    for file in ["api/.env", "api/src/key.ts", "api/src/auth.ts"] {
        let shown = excerpt(project.path(), file, None).unwrap();
        assert!(shown.hidden && !format!("{shown:?}").contains("canary"), "{shown:?}");
    }
    assert_eq!(
        excerpt(project.path(), "api/.env", None).unwrap().lines,
        ["JWT_SECRET=••••••", "PORT=••••••"]
    );
    for (file, line) in [("short.ts", Some(9)), ("gone.ts", None), ("api", None)] {
        assert!(
            matches!(excerpt(project.path(), file, line), Err(ExcerptError::Unreadable { .. })),
            "{file}"
        );
    }
    assert!(excerpt(Path::new("/nowhere/at/all"), "x", None).is_err());
}
