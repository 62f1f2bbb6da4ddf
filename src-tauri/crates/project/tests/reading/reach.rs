//! What a deployment is made from, in the shapes that repositories have.

use zonke_project::Findings;

use crate::support::{MAIN, MODULE, NEST, Project, TSCONFIG, WEB, WEB_APP, WEB_MAIN};

fn reach(findings: &Findings) -> Vec<&str> {
    assert!(
        findings.chosen.backend.is_some() && findings.chosen.frontend.is_some(),
        "{findings:?}"
    );
    for path in &findings.reach {
        let evidence = findings.evidence.iter().find(|e| e.field == "reach" && e.value == *path);
        assert!(evidence.is_some_and(|e| !e.why.is_empty()), "{path} has no evidence");
    }
    findings.reach.iter().map(String::as_str).collect()
}

fn with(package: &str, more: &str) -> String {
    package.replacen("\"dependencies\":{", &format!("\"dependencies\":{{{more},"), 1)
}

/// A workspace of pnpm with two halves and these dependencies of the server.
fn workspace(server: &str, client: &str) -> Project {
    Project::empty()
        .file(
            "package.json",
            r#"{"name":"root","private":true,"devDependencies":{"turbo":"^2.0.0"}}"#,
        )
        .file("pnpm-workspace.yaml", "packages:\n  - apps/*\n  - packages/*\n")
        .file("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
        .file("turbo.json", "{}")
        .file("README.md", "read me")
        .file(".npmrc", "")
        .file(".prettierrc", "{}")
        .file(".github/workflows/ci.yml", "on: push\n")
        .file("docs/index.html", "<p>docs</p>")
        .file("apps/api/package.json", server)
        .file("apps/api/nest-cli.json", r#"{"sourceRoot":"src"}"#)
        .file("apps/api/tsconfig.json", TSCONFIG)
        .file("apps/api/src/main.ts", MAIN)
        .file("apps/api/src/app.module.ts", MODULE)
        .file("apps/web/package.json", client)
        .file(
            "apps/web/index.html",
            "<div id=root></div><script type=module src=/src/main.tsx></script>",
        )
        .file("apps/web/vite.config.ts", "export default {};\n")
        .file("apps/web/src/main.tsx", WEB_MAIN)
        .file("apps/web/src/App.tsx", WEB_APP)
        .file(
            "apps/worker/package.json",
            r#"{"name":"worker","dependencies":{"@acme/jobs":"workspace:*"}}"#,
        )
        .file("apps/worker/src/index.ts", "export {};\n")
        .file("packages/jobs/package.json", r#"{"name":"@acme/jobs"}"#)
        .file("packages/jobs/src/index.ts", "export {};\n")
}

#[test]
fn a_workspace_needs_what_its_halves_need_and_nothing_of_the_others() {
    let findings = workspace(
        &with(NEST, r#""@acme/db":"workspace:*""#),
        &with(WEB, r#""@acme/ui":"1.0.0""#),
    )
    .file(
        "packages/db/package.json",
        r#"{"name":"@acme/db","dependencies":{"@acme/log":"*"}}"#,
    )
    .file("packages/db/index.ts", "export {};\n")
    .file(
        "packages/log/package.json",
        r#"{"name":"@acme/log","devDependencies":{"config":"link:../config"}}"#,
    )
    .file("packages/log/index.ts", "export {};\n")
    .file("packages/ui/package.json", r#"{"name":"@acme/ui"}"#)
    .file("packages/ui/index.ts", "export {};\n")
    .file("packages/config/package.json", r#"{"name":"settings"}"#)
    .file("packages/config/base.json", "{}")
    .findings();
    assert_eq!(
        reach(&findings),
        [
            ".npmrc",
            "apps/api/",
            "apps/web/",
            "package.json",
            "packages/config/",
            "packages/db/",
            "packages/log/",
            "packages/ui/",
            "pnpm-lock.yaml",
            "pnpm-workspace.yaml",
            "turbo.json",
        ]
    );
    let db = findings
        .evidence
        .iter()
        .find(|e| e.value == "packages/db/")
        .expect("evidence");
    assert_eq!((db.file.as_str(), db.line), ("apps/api/package.json", Some(2)));
    assert!(db.why.contains("apps/api"), "{}", db.why);
}

#[test]
fn aliases_and_settings_of_typescript_count_like_dependencies() {
    let findings = workspace(NEST, WEB)
        .file(
            "tsconfig.base.json",
            r#"{"compilerOptions":{"paths":{"@libs/money":["libs/money/src/index.ts"],"@libs/dates/*":["libs/dates/src/*"]}}}"#,
        )
        .file("apps/api/tsconfig.json", r#"{"extends":"../../tsconfig.base.json"}"#)
        .file(
            "apps/web/tsconfig.json",
            r#"{"extends":"../../packages/tsconfig/react.json"}"#,
        )
        .file("packages/tsconfig/package.json", r#"{"name":"tsconfig"}"#)
        .file("packages/tsconfig/react.json", "{}")
        .file("libs/money/project.json", r#"{"sourceRoot":"libs/money/src"}"#)
        .file("libs/money/src/index.ts", "export {};\n")
        .file("libs/dates/project.json", r#"{"sourceRoot":"libs/dates/src"}"#)
        .file("libs/dates/src/a.ts", "export {};\n")
        .file("libs/unused/project.json", r#"{"sourceRoot":"libs/unused/src"}"#)
        .file("libs/unused/src/index.ts", "export {};\n")
        .findings();
    let reached = reach(&findings);
    for path in ["libs/money/", "libs/dates/", "packages/tsconfig/", "tsconfig.base.json"] {
        assert!(reached.contains(&path), "{path} is missing in {reached:?}");
    }
    for path in ["libs/unused/", "libs/", "apps/worker/", "packages/jobs/"] {
        assert!(!reached.contains(&path), "{path} is in {reached:?}");
    }
}

#[test]
fn code_that_belongs_to_no_package_counts_and_documents_do_not() {
    let findings = Project::both()
        .file("shared/types.ts", "export type A = 1;\n")
        .file("patches/nest.patch", "")
        .file("docs/notes.json", "{}")
        .file("e2e/all.ts", "")
        .file("public/logo.png", "")
        .file("notes/a.md", "")
        .file("docker-compose.yml", "")
        .findings();
    assert_eq!(reach(&findings), ["api/", "patches/", "public/", "shared/", "web/"]);
}

#[test]
fn a_half_at_the_root_needs_everything() {
    let findings = Project::empty()
        .with_react()
        .file("package.json", NEST)
        .file("nest-cli.json", r#"{"sourceRoot":"src"}"#)
        .file("tsconfig.json", TSCONFIG)
        .file("src/main.ts", MAIN)
        .file("src/app.module.ts", MODULE)
        .findings();
    assert_eq!(reach(&findings), ["."]);
}

#[test]
fn the_example_is_made_from_its_halves_and_its_lockfile() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../examples/guestbook");
    let findings = zonke_project::inspect(std::path::Path::new(example)).expect("findings");
    assert_eq!(
        reach(&findings),
        [".npmrc", ".nvmrc", "api/", "package-lock.json", "package.json", "web/"]
    );
}

#[test]
fn without_both_halves_nothing_is_said() {
    assert!(Project::nest().findings().reach.is_empty());
}
