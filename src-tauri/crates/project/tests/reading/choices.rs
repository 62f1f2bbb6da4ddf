//! Verdicts: what is picked, what is asked, what is refused.

use zonke_project::Verdict;

use crate::support::{MAIN, MODULE, NEST, Project, WEB, WEB_APP, WEB_MAIN, question};

#[test]
fn one_of_each_is_deployable() {
    let findings = Project::both().findings();
    assert_eq!(findings.verdict, Verdict::Deployable, "{}", findings.reason);
    assert_eq!(
        (findings.chosen.frontend.as_deref(), findings.chosen.backend.as_deref()),
        (Some("web"), Some("api"))
    );
}

#[test]
fn one_half_alone_is_said_clearly() {
    let api = Project::nest().findings();
    assert_eq!(api.verdict, Verdict::Deployable);
    assert!(api.reason.starts_with("Back end only"), "{}", api.reason);
    assert!(api.reason.ends_with("pick the folder that holds both."), "{}", api.reason);
    let web = Project::react().findings();
    assert_eq!(web.verdict, Verdict::Deployable);
    assert!(web.reason.starts_with("Front end only"), "{}", web.reason);
    assert!(web.reason.ends_with("pick the folder that holds both."), "{}", web.reason);
}

#[test]
fn nothing_to_deploy_is_not_supported() {
    assert_eq!(
        Project::empty().file("README.md", "hello").findings().verdict,
        Verdict::NotSupported
    );
}

#[test]
fn two_front_ends_are_a_question_with_the_main_one_first() {
    let findings = Project::both()
        .file("admin/package.json", &WEB.replace("\"web\"", "\"admin\""))
        .file("admin/src/main.tsx", WEB_MAIN)
        .file("admin/src/App.tsx", WEB_APP)
        .findings();
    assert_eq!(findings.verdict, Verdict::NeedsChoice);
    assert_eq!(findings.chosen.frontend, None);
    assert_eq!(findings.chosen.backend.as_deref(), Some("api"));
    assert_eq!(findings.frontends[0].path, "web");
}

#[test]
fn two_back_ends_are_a_question() {
    let findings = Project::both()
        .file("worker/package.json", NEST)
        .file("worker/src/main.ts", MAIN)
        .file("worker/src/app.module.ts", MODULE)
        .findings();
    assert_eq!((findings.verdict, &findings.chosen.backend), (Verdict::NeedsChoice, &None));
    assert_eq!(findings.backends[0].path, "api");
    let asked = question(&findings, "chosen.backend").unwrap();
    let answers: Vec<&str> = asked.answers.iter().map(|a| a.value.as_str()).collect();
    assert_eq!(answers, ["api", "worker"]);
    assert!(asked.blocks && asked.answers[0].reason.contains("main application"));
}

#[test]
fn another_interface_is_refused_with_its_name() {
    let angular = Project::nest()
        .file(
            "ui/package.json",
            r#"{"name":"ui","scripts":{"build":"ng build"},"dependencies":{"@angular/core":"17"}}"#,
        )
        .file("ui/angular.json", "{}")
        .file("ui/src/main.ts", "bootstrapApplication(AppComponent)")
        .findings();
    assert_eq!(angular.verdict, Verdict::NotSupported);
    assert!(
        angular.reason.contains("Angular") && angular.reason.contains("NestJS half alone"),
        "{}",
        angular.reason
    );
}

#[test]
fn pages_rendered_by_a_server_are_refused_and_exported_ones_are_not() {
    let next = r#"{"name":"site","scripts":{"build":"next build"},"dependencies":{"next":"15","react":"19","react-dom":"19"}}"#;
    let project = Project::nest()
        .file("site/package.json", next)
        .file("site/next.config.js", "module.exports = {};\n");
    assert_eq!(project.findings().verdict, Verdict::NotSupported);
    let findings = project
        .file("site/next.config.js", "module.exports = { output: 'export' };\n")
        .findings();
    assert_eq!(findings.verdict, Verdict::Deployable);
    assert_eq!(findings.frontend().unwrap().output_dir, "site/out");
}

#[test]
fn another_server_is_refused_with_its_name() {
    let findings = Project::react()
        .file("server/package.json", r#"{"name":"server","dependencies":{"express":"4"}}"#)
        .file("server/index.js", "require('express')().listen(3000)")
        .findings();
    assert_eq!(findings.verdict, Verdict::NotSupported);
    assert!(
        findings.reason.contains("Express") && findings.reason.contains("React half alone"),
        "{}",
        findings.reason
    );
}

#[test]
fn documentation_libraries_and_samples_are_no_products() {
    let library = WEB.replace(
        "\"private\":true",
        "\"main\":\"dist/index.js\",\"peerDependencies\":{\"react\":\"*\"}",
    );
    let findings = Project::both()
        .file("docs/package.json", WEB)
        .file("docs/src/main.tsx", WEB_MAIN)
        .file("packages/kit/package.json", &library)
        .file("packages/kit/src/index.tsx", WEB_MAIN)
        .file("examples/basic/package.json", WEB)
        .file("examples/basic/src/main.tsx", WEB_MAIN)
        .findings();
    assert_eq!(findings.verdict, Verdict::Deployable, "{}", findings.reason);
    assert_eq!(findings.frontends.len(), 1);
}

#[test]
fn scripts_and_tests_that_create_an_application_are_no_candidates() {
    let findings = Project::nest()
        .file("api/scripts/seed.ts", MAIN)
        .file("api/test/app.e2e-spec.ts", MAIN)
        .file("api/.templates/main.ts", MAIN)
        .file("api/src/cli.ts", "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nNestFactory.createApplicationContext(AppModule);\n")
        .findings();
    assert_eq!(findings.backends.len(), 1);
    assert_eq!(findings.backend().unwrap().port.default, Some(3000));
}

#[test]
fn both_halves_may_share_one_package() {
    let package = r#"{"name":"all","scripts":{"build:web":"webpack --config webpack.prod.js","build:api":"tsc -p tsconfig.api.json"},
        "dependencies":{"@nestjs/core":"10","react":"18","react-dom":"18","webpack":"5"}}"#;
    let findings = Project::empty()
        .file("package.json", package)
        .file("tsconfig.api.json", r#"{"include":["server/**/*"],"compilerOptions":{"outDir":"server_build"}}"#)
        .file("webpack.prod.js", "const path = require('path');\nmodule.exports = { entry: './client/index.tsx', output: { path: path.resolve(__dirname, 'client_build') } };\n")
        .file("server/main.ts", MAIN)
        .file("server/app.module.ts", MODULE)
        .file("client/index.tsx", WEB_MAIN)
        .file("client/App.tsx", WEB_APP)
        .findings();
    assert_eq!(findings.verdict, Verdict::Deployable, "{}", findings.reason);
    assert_eq!(findings.frontend().unwrap().path, "client");
    assert_eq!(findings.frontend().unwrap().output_dir, "client_build");
    assert_eq!(findings.backend().unwrap().path, "server");
    assert_eq!(findings.backend().unwrap().entry_file, "server_build/main.js");
}

#[test]
fn every_field_of_the_chosen_halves_has_evidence() {
    let findings = Project::both().findings();
    for field in [
        "frontends[0].path",
        "frontends[0].kind",
        "frontends[0].bundler",
        "frontends[0].buildCommand",
        "frontends[0].outputDir",
        "frontends[0].envPrefix",
        "frontends[0].apiWiring",
        "backends[0].path",
        "backends[0].adapter",
        "backends[0].buildCommand",
        "backends[0].startCommand",
        "backends[0].entryFile",
        "backends[0].port.env",
        "backends[0].port.default",
        "backends[0].loopbackOnly",
        "packageManager.name",
        "packageManager.lockfile",
    ] {
        let evidence = findings.evidence.iter().find(|e| e.field == field);
        assert!(evidence.is_some_and(|e| !e.file.is_empty() && !e.why.is_empty()), "{field}");
    }
}
