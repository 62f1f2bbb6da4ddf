//! Package manager, lockfile, install roots, monorepo tool, version of Node.js.

use zonke_project::{MonorepoTool, PackageManagerName};

use crate::support::{NEST, Project, warns};

#[test]
fn the_lockfile_names_the_package_manager() {
    for (file, text, name) in [
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n", PackageManagerName::Pnpm),
        ("yarn.lock", "# yarn lockfile v1\n", PackageManagerName::YarnClassic),
        ("yarn.lock", "__metadata:\n  version: 8\n", PackageManagerName::YarnBerry),
        ("bun.lock", "{}", PackageManagerName::Bun),
    ] {
        let findings = Project::nest()
            .without("api/package-lock.json")
            .file(&format!("api/{file}"), text)
            .findings();
        assert_eq!(findings.package_manager.name, name, "{file}");
        assert_eq!(
            findings.package_manager.lockfile.as_deref(),
            Some(format!("api/{file}").as_str())
        );
    }
}

#[test]
fn a_pinned_package_manager_wins_over_stale_lockfiles() {
    let package = NEST.replacen('{', "{\"packageManager\":\"pnpm@9.1.0+sha512.aa\",", 1);
    let findings = Project::nest()
        .file("api/package.json", &package)
        .file("api/pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
        .findings();
    assert_eq!(findings.package_manager.name, PackageManagerName::Pnpm);
    assert_eq!(findings.package_manager.version.as_deref(), Some("9.1.0"));
    assert_eq!(findings.package_manager.lockfile.as_deref(), Some("api/pnpm-lock.yaml"));
    assert!(warns(&findings, "several-lockfiles"));
}

#[test]
fn an_older_lockfile_of_pnpm_is_read_by_the_version_that_wrote_it() {
    for (format, version) in [
        ("5.3", Some("6")),
        ("5.4", Some("7")),
        ("'6.0'", Some("8")),
        ("'9.0'", None),
        ("what", None),
    ] {
        let findings = Project::nest()
            .without("api/package-lock.json")
            .file("api/pnpm-lock.yaml", &format!("lockfileVersion: {format}\n"))
            .findings();
        assert_eq!(findings.package_manager.version.as_deref(), version, "{format}");
    }
}

#[test]
fn workspaces_install_once_at_the_top() {
    let findings = Project::both()
        .file("package.json", r#"{"private":true,"workspaces":["api","web"]}"#)
        .file("package-lock.json", "{}")
        .findings();
    assert_eq!(findings.package_manager.install_roots, ["."]);
    assert_eq!(findings.package_manager.lockfile.as_deref(), Some("package-lock.json"));
    assert_eq!(findings.monorepo_tool, MonorepoTool::Workspaces);
}

#[test]
fn separate_packages_install_separately_back_end_first() {
    let findings = Project::both().findings();
    assert_eq!(findings.package_manager.install_roots, ["api", "web"]);
    assert_eq!(findings.monorepo_tool, MonorepoTool::None);
}

#[test]
fn patterns_of_workspaces_decide_who_belongs() {
    let findings = Project::both()
        .file("package.json", r#"{"private":true}"#)
        .file("pnpm-workspace.yaml", "packages:\n  - 'a*'\n  - '!web'\n")
        .file("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
        .findings();
    assert_eq!(findings.package_manager.install_roots, [".", "web"]);
}

#[test]
fn no_lockfile_is_told() {
    assert!(warns(
        &Project::nest().without("api/package-lock.json").findings(),
        "no-lockfile"
    ));
}

#[test]
fn the_version_of_node_comes_from_the_usual_places() {
    for (file, text) in [
        (".nvmrc", "v20.11.0\n"),
        ("api/.node-version", "20\n"),
        (".tool-versions", "nodejs 20.1.0\n"),
        ("api/Dockerfile", "FROM node:20-alpine\n"),
        (".github/workflows/ci.yml", "steps:\n  - with:\n      node-version: 20.x\n"),
        (".nvmrc", "lts/iron\n"),
    ] {
        let node = Project::nest().file(file, text).findings().node;
        assert_eq!(
            (node.wanted.as_deref(), node.source.as_deref()),
            (Some("20"), Some(file)),
            "{file}"
        );
    }
}

#[test]
fn versions_that_contradict_each_other_are_told() {
    let findings = Project::nest()
        .file(".nvmrc", "22")
        .file("api/Dockerfile", "FROM node:18\n")
        .findings();
    assert_eq!(findings.node.wanted.as_deref(), Some("22"));
    assert!(warns(&findings, "node-versions-differ"));
}

#[test]
fn members_with_lockfiles_of_their_own_install_alone() {
    let findings = Project::both()
        .file("package.json", r#"{"name":"all","private":true}"#)
        .file("pnpm-workspace.yaml", "packages: ['api', 'web']\n")
        .findings();
    let manager = &findings.package_manager;
    assert_eq!(manager.install_roots, ["api", "web"], "nothing was ever locked at the top");
    assert_eq!(manager.name, PackageManagerName::Npm);
}

#[test]
fn what_an_installation_or_a_build_does_besides_is_told() {
    let package = NEST.replace(
        "\"build\":\"nest build\"",
        "\"build\":\"nest build\",\"postinstall\":\"node fetch-models.js\",\"postbuild\":\"node dist/main.js\"",
    );
    let findings = Project::nest().file("api/package.json", &package).findings();
    assert!(warns(&findings, "install-hook") && warns(&findings, "build-hook"));
    let usual = NEST.replace("\"build\":", "\"postinstall\":\"prisma generate\",\"build\":");
    let findings = Project::nest().file("api/package.json", &usual).findings();
    assert!(!warns(&findings, "install-hook"), "a generated client is expected");
}
