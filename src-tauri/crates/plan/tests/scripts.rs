//! The scripts of `infra.zip`, executed: under bash with stand-ins for `aws` and `docker` that write down how they were
//! called, and under Node.js. Nothing here reaches a network, a home folder or an account.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use zonke_plan::{Choices, Inputs, migrator_zip, plan};

mod common;

/// A folder with everything a build sees.
struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// Unpacks the plan of the guestbook, next to a project without dependencies.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let findings = common::guestbook();
        let choices = Choices::suggested(&findings);
        let made = plan(&Inputs {
            findings,
            choices,
            secret_keys: vec![],
            secrets_revision: "0".to_owned(),
        })
        .unwrap();
        let workshop = Self { folder };
        for file in &made.files {
            workshop.write(&format!("infra/{}", file.path), &file.text);
        }
        workshop.write("code/package.json", r#"{ "name": "guestbook" }"#);
        workshop.write("code/web/package.json", r#"{ "name": "web" }"#);
        workshop.write("code/api/package.json", r#"{ "name": "api" }"#);
        workshop.write("code/api/prisma/schema.prisma", "// schema");
        workshop.write("code/api/prisma/migrations/0_init/migration.sql", "-- nothing");
        workshop
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Puts a stand-in for a command on the path. It writes down its arguments first.
    fn stand_in(&self, command: &str, script: &str) {
        let path = format!("bin/{command}");
        self.write(
            &path,
            &format!("#!/usr/bin/env bash\necho \"{command} $*\" >>\"$CALLS\"\n{script}\n"),
        );
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a script of the zip as CodeBuild would.
    fn run(&self, script: &str, arguments: &[&Path], variables: &[(&str, &str)]) -> Output {
        let own = self.path("bin");
        let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap_or_default());
        Command::new("bash")
            .arg(self.path("infra").join(script))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("CALLS", self.path("calls"))
            .env("CODEBUILD_SRC_DIR", self.path("infra"))
            .env("CODEBUILD_SRC_DIR_Code", self.path("code"))
            .env("CODEBUILD_SRC_DIR_UiFiles", self.path("ui"))
            .env("COMMIT", "0123456789abcdef")
            .env("APP", "guestbook")
            .env("ARTIFACT_BUCKET", "artifacts")
            .env(
                "REPOSITORY_URI",
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/zonke/guestbook",
            )
            .env("AWS_REGION", "eu-west-1")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn calls(&self) -> Vec<String> {
        self.read("calls").lines().map(str::to_owned).collect()
    }
}

fn all(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs a program under Node.js in a folder and returns what it printed.
fn node(folder: &Path, arguments: &[&str], program: &str) -> String {
    let output = Command::new("node")
        .args(arguments)
        .args(["--input-type=module", "--eval", program])
        .current_dir(folder)
        .output();
    let output = output.expect("these tests need Node.js 20 or newer");
    assert!(output.status.success(), "{}", all(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

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
    for file in ["index.html", "assets/app-2.js", "robots.txt"] {
        workshop.write(&format!("ui/{file}"), "x");
    }
    workshop.stand_in(
        "aws",
        r#"case "$1 $2" in
        "s3 ls") echo "2026-01-01 00:00:00 10 20260101T000000Z-old.txt" ;;
        "s3 cp") case "$3" in s3://artifacts/releases/*) printf 'assets/app-1.js\nindex.html\n' >"$4" ;; esac ;;
        "s3api list-objects-v2") printf 'assets/app-0.js\nassets/app-1.js\nindex.html\nname with spaces.png\n' ;;
        esac"#,
    );
    let variables = [("UI_BUCKET", "site"), ("DISTRIBUTION_ID", "E1")];
    let output = workshop.run("publish.sh", &[], &variables);
    assert!(output.status.success(), "{}", all(&output));
    let calls = workshop.calls();
    let position = |start: &str| {
        calls
            .iter()
            .position(|c| c.starts_with(start))
            .unwrap_or_else(|| panic!("no {start} in {calls:?}"))
    };
    let hashed = position("aws s3 sync . s3://site/ --no-progress --exclude * --include assets/*");
    let start_page = position("aws s3 cp index.html s3://site/index.html");
    let removal = position("aws s3 rm");
    assert!(hashed < start_page && start_page < removal && removal < position("aws cloudfront create-invalidation"));
    let removed: Vec<_> = calls.iter().filter(|c| c.starts_with("aws s3 rm")).collect();
    assert_eq!(
        removed,
        [
            "aws s3 rm s3://site/assets/app-0.js --quiet",
            "aws s3 rm s3://site/name with spaces.png --quiet"
        ]
    );
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
fn servers_keep_connections_longer_than_the_load_balancer_and_know_the_visitors_protocol() {
    let workshop = Workshop::new();
    let program = r"
        import http from 'node:http';
        const server = http.createServer((request, response) => response.end(request.headers['x-forwarded-proto']));
        server.listen(0, '127.0.0.1', async () => {
          const address = server.address();
          const url = `http://127.0.0.1:${address.port}/`;
          const ask = async (headers) => (await fetch(url, { headers })).text();
          const seen = [
            await ask({ 'x-forwarded-proto': 'http', 'cloudfront-forwarded-proto': 'https' }),
            await ask({ 'x-forwarded-proto': 'http', 'cloudfront-forwarded-proto': 'gopher' }),
          ];
          console.log(JSON.stringify([address.address, server.keepAliveTimeout, server.headersTimeout > server.keepAliveTimeout, ...seen]));
          server.close(); server.closeAllConnections();
        });";
    let arguments = ["--require", "./infra/preload.cjs"];
    assert_eq!(
        node(workshop.folder.path(), &arguments, program).trim(),
        r#"["127.0.0.1",80000,true,"https","http"]"#
    );
}

#[test]
fn a_server_that_listens_to_itself_only_is_opened_to_the_load_balancer() {
    let workshop = Workshop::new();
    let program = r"
        import http from 'node:http';
        process.env.ZONKE_LISTEN_ALL = '1';
        const listening = (...where) => new Promise((resolve) => {
          const server = http.createServer().listen(...where, () => { resolve(server.address().address); server.close(); });
        });
        console.log(JSON.stringify([
          await listening(0, '127.0.0.1'), await listening({ port: 0, host: 'localhost' }), await listening({ port: 0 }), await listening(0, '127.0.0.2'),
        ]));";
    let printed = node(workshop.folder.path(), &["--require", "./infra/preload.cjs"], program);
    assert_eq!(printed.trim(), r#"["0.0.0.0","0.0.0.0","0.0.0.0","127.0.0.2"]"#);
}

#[test]
fn places_of_the_application_get_the_start_page_and_files_stay_files() {
    let workshop = Workshop::new();
    let program = r"
        import { readFileSync } from 'node:fs';
        const handler = new Function(readFileSync('infra/spa.js', 'utf8') + '; return handler;')();
        const answer = (uri) => handler({ request: { uri } }).uri;
        console.log(JSON.stringify(['/', '/users/7', '/assets/app.js', '/v1.2/docs', '/missing.png'].map(answer)));";
    let printed = node(workshop.folder.path(), &[], program);
    assert_eq!(
        printed.trim(),
        r#"["/index.html","/index.html","/assets/app.js","/index.html","/missing.png"]"#
    );
}

/// Makes a bundle whose Prisma command shows how it was called.
fn bundle(workshop: &Workshop, version: &str, command: &str) {
    workshop.write("bundle/node_modules/prisma/build/index.js", command);
    let long = format!("bundle/node_modules/{}/file.txt", "long-folder-name/".repeat(12));
    workshop.write(&long, "reached");
    workshop.write("bundle/prisma/schema.prisma", "");
    let manifest = format!(
        r#"{{ "prisma": "{version}", "schema": "prisma/schema.prisma", "migrations": "prisma/migrations", "urlVariable": "DB_URL", "engine": "" }}"#
    );
    workshop.write("bundle/manifest.json", &manifest);
    let packed = Command::new("tar")
        .args(["czf", "bundle.tgz", "-C", "bundle", "."])
        .current_dir(workshop.folder.path())
        .status()
        .unwrap();
    assert!(packed.success());
}

const RUN: &str = r"
    import { readFileSync } from 'node:fs';
    import { redact, runMigrations } from './infra/migrator/migrate.mjs';
    const secrets = { JWT_SECRET: 'canary-7f3a', LIMIT: 5 };
    const databaseUrl = 'postgresql://app:pa55word@db:5432/app';
    const result = await runMigrations({ bundle: readFileSync('bundle.tgz'), databaseUrl, secrets, timeoutMs: TIMEOUT });
    result.output = redact(result.output, [databaseUrl, ...Object.values(secrets)]);
    console.log(JSON.stringify(result));";

#[test]
fn migrations_get_every_secret_as_a_variable_and_print_none() {
    let command = r"
        const { readFileSync } = require('node:fs');
        const file = process.argv[process.argv.indexOf('--config') + 1];
        console.log(process.argv.slice(2).map((a) => a.replace(/.*bundle-[^/]*/, '')).join(' '));
        console.log(process.env.JWT_SECRET === 'canary-7f3a', process.env.LIMIT === '5', process.env.DATABASE_URL === process.env.DB_URL);
        if (process.argv.includes('--config')) console.log(readFileSync(file, 'utf8').includes('process.env['));
        console.log('secret', process.env.JWT_SECRET, 'address', process.env.DB_URL, 'other mysql://a:b1234@c/d');
        process.exit(process.env.JWT_SECRET ? 0 : 1);";
    for (version, expected) in [
        ("6.19.3", "migrate deploy --schema /prisma/schema.prisma\ntrue true true\n"),
        ("7.10.1", "migrate deploy --config /zonke.config.mjs\ntrue true true\ntrue\n"),
    ] {
        let workshop = Workshop::new();
        bundle(&workshop, version, command);
        let printed = node(workshop.folder.path(), &[], &RUN.replace("TIMEOUT", "60000"));
        let result: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(result["exitCode"], 0, "{result}");
        let output = result["output"].as_str().unwrap();
        assert!(output.starts_with(expected), "{output}");
        for secret in ["canary-7f3a", "pa55word", "b1234"] {
            assert!(!output.contains(secret), "{secret} is in {output}");
        }
    }
}

#[test]
fn a_failed_migration_tells_the_error_of_prisma() {
    let workshop = Workshop::new();
    bundle(
        &workshop,
        "6.19.3",
        "console.error('Error: P3018 A migration failed to apply.'); process.exit(1);",
    );
    let printed = node(workshop.folder.path(), &[], &RUN.replace("TIMEOUT", "60000"));
    let result: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&result["exitCode"], &result["errorCode"]), (&1.into(), &"P3018".into()));
}

#[test]
fn a_migration_that_takes_too_long_is_stopped() {
    let workshop = Workshop::new();
    bundle(&workshop, "6.19.3", "console.log('started'); setInterval(() => {}, 1000);");
    let printed = node(workshop.folder.path(), &[], &RUN.replace("TIMEOUT", "300"));
    let result: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(result["exitCode"], 1);
    assert!(result["output"].as_str().unwrap().contains("took longer"), "{result}");
}

#[test]
fn a_bundle_cannot_write_outside_its_folder() {
    let workshop = Workshop::new();
    workshop.write("evil/file", "x");
    for transform in ["s|evil|../evil|", "s|evil|/tmp/evil|"] {
        let made = Command::new("tar")
            .args(["czPf", "evil.tgz", "--transform", transform, "evil/file"])
            .current_dir(workshop.folder.path())
            .status()
            .unwrap();
        assert!(made.success());
        let program = r"
            import { readFileSync, mkdirSync } from 'node:fs';
            import { unpack } from './infra/migrator/tar.mjs';
            mkdirSync('out', { recursive: true });
            await unpack(readFileSync('evil.tgz'), 'out').then(() => console.log('written'), (error) => console.log(error.message));";
        assert!(node(workshop.folder.path(), &[], program).contains("outside its folder"));
    }
}

#[test]
fn long_names_survive_unpacking() {
    let workshop = Workshop::new();
    bundle(&workshop, "6.19.3", "");
    let program = r"
        import { readFileSync, mkdirSync } from 'node:fs';
        import { unpack } from './infra/migrator/tar.mjs';
        mkdirSync('out');
        const files = await unpack(readFileSync('bundle.tgz'), 'out');
        console.log(files, readFileSync('out/node_modules/' + 'long-folder-name/'.repeat(12) + 'file.txt', 'utf8'));";
    assert_eq!(node(workshop.folder.path(), &[], program).trim(), "4 reached");
}

#[test]
fn the_migration_function_is_what_the_zip_says() {
    let (key, bytes) = migrator_zip();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["index.mjs", "migrate.mjs", "tar.mjs"]);
    assert!(key.starts_with("tools/migrator-") && Path::new(&key).extension().is_some_and(|e| e == "zip"));
    assert_eq!(
        archive.by_name("index.mjs").unwrap().last_modified(),
        Some(zip::DateTime::DEFAULT)
    );
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
