//! The build scripts of `infra.zip`, executed under bash with stand-ins for `aws` and `docker` that write down how they were
//! called. Nothing here reaches a network, a home folder or an account.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use workshop::{Workshop, all};
use zonke_plan::{Inputs, plan};

mod common;
mod workshop;

/// An image registry that knows an image as soon as it was pushed.
fn registry(workshop: &Workshop) {
    workshop.stand_in(
        "aws",
        r#"case "$1 $2" in
        "ecr get-login-password") echo password ;;
        "ecr describe-images") [ -e "$HOME/pushed" ] || exit 254; echo sha256:feed ;;
        esac"#,
    );
    workshop.stand_in(
        "docker",
        r#"case "$1" in login) cat >/dev/null ;; buildx) touch "$HOME/pushed" ;; run) echo 7.0.0 ;; esac"#,
    );
    workshop.stand_in(
        "curl",
        r#"while [ $# -gt 1 ]; do [ "$1" = --output ] && echo certificate >"$2"; shift; done"#,
    );
    workshop.stand_in(
        "npm",
        r#"case "$1" in
        install) mkdir -p node_modules/prisma/build node_modules/@prisma/engines
          echo "require('fs').writeFileSync('node_modules/@prisma/engines/schema-engine-test', '')" >node_modules/prisma/build/index.js ;;
        esac"#,
    );
}

#[test]
fn a_commit_becomes_an_image_and_a_bundle_of_migrations() {
    let workshop = Workshop::new();
    registry(&workshop);
    let output = workshop.run("build-api.sh", &[&workshop.path("results")], &[]);
    assert!(output.status.success(), "{}", all(&output));
    let results = workshop.read("results");
    assert!(
        results.contains("IMAGE_URI=111122223333.dkr.ecr.eu-west-1.amazonaws.com/zonke/guestbook@sha256:feed"),
        "{results}"
    );
    assert!(results.contains("BUNDLE_KEY=migrations/0123456789abcdef.tgz"), "{results}");
    let calls = workshop.calls();
    let build = calls.iter().find(|c| c.starts_with("docker buildx build")).unwrap();
    assert!(
        build.contains("--tag 111122223333.dkr.ecr.eu-west-1.amazonaws.com/zonke/guestbook:c-0123456789ab-"),
        "{build}"
    );
    assert!(
        calls.contains(&"npm install --no-audit --no-fund --ignore-scripts prisma@6.19.3".to_owned()),
        "{calls:?}"
    );
    assert!(
        calls
            .iter()
            .any(|c| c.starts_with("aws s3 cp") && c.ends_with("s3://artifacts/migrations/0123456789abcdef.tgz")),
        "{calls:?}"
    );
}

#[test]
fn a_retried_run_uses_the_image_that_was_pushed() {
    let workshop = Workshop::new();
    registry(&workshop);
    for _ in 0..2 {
        let output = workshop.run("build-api.sh", &[&workshop.path("results")], &[]);
        assert!(output.status.success(), "{}", all(&output));
    }
    assert_eq!(workshop.calls().iter().filter(|c| c.starts_with("docker buildx")).count(), 1);
}

#[test]
fn a_failed_image_build_ends_the_step() {
    let workshop = Workshop::new();
    registry(&workshop);
    workshop.stand_in("docker", r#"case "$1" in login) cat >/dev/null ;; buildx) exit 3 ;; esac"#);
    let output = workshop.run("build-api.sh", &[&workshop.path("results")], &[]);
    assert!(!output.status.success());
    assert!(!workshop.path("results").exists());
}

#[test]
fn without_a_lockfile_the_image_tells_the_version_of_prisma() {
    let workshop = Workshop::new();
    registry(&workshop);
    let environment = workshop
        .read("infra/build.env")
        .replace("PRISMA_VERSION=6.19.3", "PRISMA_VERSION=''");
    workshop.write("infra/build.env", &environment);
    let output = workshop.run("build-api.sh", &[&workshop.path("results")], &[]);
    assert!(output.status.success(), "{}", all(&output));
    assert!(
        workshop
            .calls()
            .contains(&"npm install --no-audit --no-fund --ignore-scripts prisma@7.0.0".to_owned())
    );
}

#[test]
fn a_user_interface_is_built_with_its_public_variables() {
    let workshop = Workshop::new();
    workshop.stand_in("n", "");
    workshop.stand_in(
        "npm",
        r#"[ "$1" = run ] && mkdir -p dist && echo "$VITE_API_URL" >dist/index.html; exit 0"#,
    );
    workshop.write("infra/ui.env", "VITE_API_URL=/api\n");
    let output = workshop.run("build-ui.sh", &[&workshop.path("files")], &[]);
    assert!(output.status.success(), "{}", all(&output));
    assert_eq!(workshop.read("files/index.html"), "/api\n");
    let calls = workshop.calls();
    assert!(
        calls.contains(&"npm ci --include=dev".to_owned()) && calls.contains(&"npm run build".to_owned()),
        "{calls:?}"
    );
}

#[test]
fn commands_of_dependencies_are_found_as_in_the_projects_own_scripts() {
    let workshop = Workshop::new();
    workshop.stand_in("n", "");
    workshop.stand_in("npm", "");
    for (folder, word) in [("web/node_modules/.bin", "near"), ("node_modules/.bin", "far")] {
        for command in ["bundle", word] {
            let path = format!("code/{folder}/{command}");
            workshop.write(
                &path,
                &format!("#!/bin/sh\nmkdir -p dist && echo {command} from {word} >>dist/index.html\n"),
            );
            fs::set_permissions(workshop.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    let environment = workshop
        .read("infra/build.env")
        .replace("'npm run build'", "'bundle && near && far'");
    workshop.write("infra/build.env", &environment);
    let output = workshop.run("build-ui.sh", &[&workshop.path("files")], &[]);
    assert!(output.status.success(), "{}", all(&output));
    assert_eq!(
        workshop.read("files/index.html"),
        "bundle from near\nnear from near\nfar from far\n"
    );
}

#[test]
fn a_build_without_a_start_page_is_a_failure_that_says_so() {
    let workshop = Workshop::new();
    workshop.stand_in("n", "");
    workshop.stand_in("npm", "");
    let output = workshop.run("build-ui.sh", &[&workshop.path("files")], &[]);
    assert!(!output.status.success());
    assert!(
        all(&output).contains("The build left no index.html in web/dist."),
        "{}",
        all(&output)
    );
}

#[test]
fn the_start_page_is_published_last_and_only_old_files_go() {
    let workshop = Workshop::new();
    for file in [
        "index.html",
        "assets/app-Bq9LH6av.js",
        "assets/web-component.js",
        "static/js/7.ab12cd34.chunk.js.map",
        "robots.txt",
    ] {
        workshop.write(&format!("ui/{file}"), "x");
    }
    workshop.stand_in(
        "aws",
        r#"case "$1 $2" in
        "s3 sync") (cd "$3" && find . -type f | sort | sed "s|^|  $5 $6 $7 |" >>"$HOME/synced") ;;
        "s3 ls") echo "2026-01-01 00:00:00 10 20260101T000000Z-old.txt" ;;
        "s3 cp") case "$3" in s3://artifacts/releases/*) printf 'assets/app-1.js\nindex.html\n' >"$4" ;; esac ;;
        "s3api list-objects-v2") printf 'assets/app-0.js\nassets/app-1.js\nindex.html\nname with spaces.png\n' ;;
        esac"#,
    );
    let variables = [("UI_BUCKET", "site"), ("DISTRIBUTION_ID", "E1")];
    let output = workshop.run("publish.sh", &[], &variables);
    assert!(output.status.success(), "{}", all(&output));

    // Only what carries a hash in its name is kept for a year.
    let synced = workshop.read("synced");
    let kept: Vec<&str> = synced
        .lines()
        .filter(|l| l.contains("immutable"))
        .filter_map(|l| l.split(' ').next_back())
        .collect();
    assert_eq!(kept, ["./assets/app-Bq9LH6av.js", "./static/js/7.ab12cd34.chunk.js.map"]);
    let asked_again: Vec<&str> = synced
        .lines()
        .filter(|l| !l.contains("immutable"))
        .filter_map(|l| l.split(' ').next_back())
        .collect();
    assert_eq!(asked_again, ["./assets/web-component.js", "./index.html", "./robots.txt"]);

    let calls = workshop.calls();
    let position = |part: &str| {
        calls
            .iter()
            .position(|c| c.contains(part))
            .unwrap_or_else(|| panic!("no {part} in {calls:?}"))
    };
    let hashed = position("immutable");
    let start_page = position("aws s3 cp index.html s3://site/index.html");
    let removal = position("aws s3 rm");
    assert!(hashed < start_page && start_page < removal && removal < position("aws cloudfront create-invalidation"));
    assert!(
        calls
            .iter()
            .any(|c| c.contains("sync . s3://site/") && c.contains("--exclude index.html"))
    );
    let removed: Vec<_> = calls.iter().filter(|c| c.starts_with("aws s3 rm")).collect();
    assert_eq!(
        removed,
        [
            "aws s3 rm s3://site/assets/app-0.js --quiet",
            "aws s3 rm s3://site/name with spaces.png --quiet"
        ]
    );
    let invalidation = calls.iter().find(|c| c.starts_with("aws cloudfront")).unwrap();
    assert!(
        invalidation.ends_with("--paths / /assets/web-component.js /index.html /robots.txt"),
        "{invalidation}"
    );
}

#[test]
fn parts_of_every_version_that_was_live_in_the_last_days_stay() {
    let workshop = Workshop::new();
    workshop.write("ui/index.html", "x");
    workshop.write("ui/pages/über uns.html", "x");
    // Six releases of the last days, one that was live when those days began, one that was replaced before.
    workshop.stand_in(
        "aws",
        r#"name() { date -u -d "$1 days ago" +"%Y%m%dT%H%M%SZ-$1.txt"; }
        case "$1 $2" in
        "s3 ls") for age in 30 12 6 5 4 3 2 1; do echo "2026-01-01 00:00:00 10 $(name $age)"; done ;;
        "s3 cp") case "$3" in s3://artifacts/releases/*) age=${3##*-}; printf 'assets/part-%s.js\n' "${age%.txt}" >"$4" ;; esac ;;
        "s3api list-objects-v2") for age in 30 12 6 1; do echo "assets/part-$age.js"; done ;;
        esac"#,
    );
    let output = workshop.run("publish.sh", &[], &[("UI_BUCKET", "site"), ("DISTRIBUTION_ID", "E1")]);
    assert!(output.status.success(), "{}", all(&output));
    let calls = workshop.calls();
    let removed: Vec<_> = calls.iter().filter(|c| c.starts_with("aws s3 rm")).collect();
    assert_eq!(removed, ["aws s3 rm s3://site/assets/part-30.js --quiet"]);
    let invalidation = calls.iter().find(|c| c.starts_with("aws cloudfront")).unwrap();
    assert!(
        invalidation.ends_with("--paths / /index.html /pages/%C3%BCber%20uns.html"),
        "{invalidation}"
    );
}

#[test]
fn a_site_of_many_pages_is_fetched_anew_as_one() {
    let workshop = Workshop::new();
    workshop.write("ui/index.html", "x");
    for page in 0..40 {
        workshop.write(&format!("ui/page-{page}.html"), "x");
    }
    workshop.stand_in(
        "aws",
        r#"case "$1 $2" in
        "s3 ls") echo "2026-01-01 00:00:00 10 20260101T000000Z-this.txt" ;;
        "s3 cp") case "$3" in s3://artifacts/releases/*) echo index.html >"$4" ;; esac ;;
        esac"#,
    );
    let output = workshop.run("publish.sh", &[], &[("UI_BUCKET", "site"), ("DISTRIBUTION_ID", "E1")]);
    assert!(output.status.success(), "{}", all(&output));
    let calls = workshop.calls();
    let invalidation = calls.iter().find(|c| c.starts_with("aws cloudfront")).unwrap();
    assert!(invalidation.ends_with("--paths /*"), "{invalidation}");
}

#[test]
fn the_settings_of_the_page_are_published_without_a_build_and_never_cached() {
    let workshop = Workshop::new();
    workshop.write("ui/index.html", "x");
    workshop.write("ui/config.json", "{ \"from\": \"the build\" }");
    workshop.write("infra/ui-config.json", "{ \"title\": \"Guests\" }");
    let environment = workshop
        .read("infra/build.env")
        .replace("UI_CONFIG=''", "UI_CONFIG=config.json");
    workshop.write("infra/build.env", &environment);
    workshop.stand_in(
        "aws",
        r#"case "$1 $2" in
        "s3 ls") echo "2026-01-01 00:00:00 10 20260101T000000Z-this.txt" ;;
        "s3 cp") case "$3" in s3://artifacts/releases/*) echo index.html >"$4" ;; config.json) cp "$3" "$HOME/published" ;; esac ;;
        esac"#,
    );
    let output = workshop.run("publish.sh", &[], &[("UI_BUCKET", "site"), ("DISTRIBUTION_ID", "E1")]);
    assert!(output.status.success(), "{}", all(&output));
    assert_eq!(workshop.read("published"), "{ \"title\": \"Guests\" }");
    let calls = workshop.calls();
    assert!(
        calls
            .iter()
            .any(|c| c.starts_with("aws s3 cp config.json s3://site/config.json") && c.contains("--cache-control no-cache")),
        "{calls:?}"
    );
    assert!(
        calls
            .iter()
            .any(|c| c.contains("sync . s3://site/") && c.contains("--exclude config.json")),
        "{calls:?}"
    );
}

#[test]
fn an_own_dockerfile_that_cannot_serve_stops_the_build_and_says_why() {
    let good = r#"{ "Cmd": ["node", "main.js"], "ExposedPorts": { "3000/tcp": {} }, "User": "node" }"#;
    for (config, said) in [
        (good, ""),
        (r#"{ "ExposedPorts": { "3000/tcp": {} } }"#, "neither CMD nor ENTRYPOINT"),
        (r#"{ "Cmd": ["x"], "ExposedPorts": { "8080/tcp": {} } }"#, "exposes 8080"),
        (r#"{ "Cmd": ["x"], "Env": ["NODE_OPTIONS=--inspect"] }"#, "sets NODE_OPTIONS"),
    ] {
        let workshop = Workshop::new();
        registry(&workshop);
        workshop.write("code/api/Dockerfile", "FROM node");
        workshop.write("code/api/.env", "SECRET=1");
        let environment = workshop
            .read("infra/build.env")
            .replace("OWN_DOCKERFILE=''", "OWN_DOCKERFILE=api/Dockerfile");
        workshop.write("infra/build.env", &environment);
        workshop.stand_in(
            "docker",
            &format!(
                r#"case "$1" in login) cat >/dev/null ;; image) echo '[{{ "Config": {config} }}]' ;;
                buildx) case "$*" in *--push*) touch "$HOME/pushed" ;; esac ;; run) echo v24 ;; esac"#
            ),
        );
        let output = workshop.run("build-api.sh", &[&workshop.path("results")], &[]);
        assert_eq!(output.status.success(), said.is_empty(), "{config}: {}", all(&output));
        assert!(all(&output).contains(said), "{config}: {}", all(&output));
        assert_eq!(workshop.path("pushed").exists(), said.is_empty(), "{config}");
        assert!(
            !workshop.path("code/api/.env").exists(),
            "a file with secrets would be in the image"
        );
    }
}

#[test]
fn a_failed_migration_fails_the_pipeline_and_shows_its_log() {
    for (report, answer, succeeds) in [
        ("None", r#"{ "ok": true, "log": "2 migrations found" }"#, true),
        (
            "Unhandled",
            r#"{ "errorMessage": "prisma migrate deploy failed (P3018)" }"#,
            false,
        ),
    ] {
        let workshop = Workshop::new();
        workshop.stand_in("aws", &format!("printf '%s' '{answer}' >\"${{@: -1}}\"; echo {report}"));
        let output = workshop.run("migrate.sh", &[], &[("BUNDLE_KEY", "migrations/x.tgz")]);
        assert_eq!(output.status.success(), succeeds, "{}", all(&output));
        let expected = if succeeds { "2 migrations found" } else { "P3018" };
        assert!(all(&output).contains(expected), "{}", all(&output));
        assert!(workshop.calls()[0].contains("--function-name guestbook-migrate"));
    }
    let workshop = Workshop::new();
    workshop.stand_in("aws", "exit 1");
    let output = workshop.run("migrate.sh", &[], &[("BUNDLE_KEY", "none")]);
    assert!(output.status.success() && workshop.calls().is_empty());
}

#[test]
fn packages_of_the_repository_are_built_deepest_first() {
    let workshop = Workshop::new();
    let package = |path: &str, name: &str, needs: &str, build: &str| {
        let scripts = if build.is_empty() {
            String::new()
        } else {
            format!(r#", "scripts": {{ "build": "{build}" }}"#)
        };
        workshop.write(
            &format!("code/{path}/package.json"),
            &format!(r#"{{ "name": "{name}", "dependencies": {{ {needs} }}{scripts} }}"#),
        );
    };
    package("api", "api", r#""@acme/core": "*", "left-pad": "*""#, "echo api");
    package(
        "packages/core",
        "@acme/core",
        r#""@acme/types": "*", "@acme/config": "*""#,
        "echo core",
    );
    package("packages/types", "@acme/types", r#""@acme/core": "*""#, "echo types");
    package("packages/config", "@acme/config", "", "");
    workshop.write(
        "code/node_modules/left-pad/package.json",
        r#"{ "name": "left-pad", "scripts": { "build": "echo left-pad" } }"#,
    );
    fs::create_dir_all(workshop.path("code/node_modules/@acme")).unwrap();
    for name in ["core", "types", "config"] {
        std::os::unix::fs::symlink(
            format!("../../packages/{name}"),
            workshop.path(&format!("code/node_modules/@acme/{name}")),
        )
        .unwrap();
    }
    workshop.stand_in("npm", "basename \"$PWD\" >>\"$HOME/built\"");
    let path = format!(
        "{}:{}",
        workshop.path("bin").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new("node")
        .arg(workshop.path("infra/prebuild.mjs"))
        .arg(workshop.path("code"))
        .args(["api", "npm"])
        .env("PATH", path)
        .env("HOME", workshop.folder.path())
        .env("CALLS", workshop.path("calls"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", all(&output));
    assert_eq!(workshop.read("built"), "types\ncore\n");
}

#[test]
fn yarn_1_takes_a_version_of_node_that_nobody_asked_for() {
    for (wanted, takes_any) in [(None, true), (Some("20"), false)] {
        let mut findings = common::separate();
        findings.node.wanted = wanted.map(str::to_owned);
        let made = plan(&Inputs::new(findings, None)).unwrap();
        let environment = made.files.iter().find(|file| file.path == "build.env").unwrap();
        let install = environment
            .text
            .lines()
            .find(|line| line.starts_with("INSTALL_COMMAND="))
            .unwrap();
        assert_eq!(install.contains("--ignore-engines"), takes_any, "{install}");
    }
}

#[test]
fn every_script_is_valid_bash() {
    let workshop = Workshop::new();
    let mut count = 0;
    for entry in fs::read_dir(workshop.path("infra")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "sh") {
            let output = Command::new("bash").arg("-n").arg(&path).output().unwrap();
            assert!(output.status.success(), "{}: {}", path.display(), all(&output));
            count += 1;
        }
    }
    assert_eq!(count, 4);
}
