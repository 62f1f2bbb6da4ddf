//! What runs beside an application, executed under Node.js: the preload script, the CloudFront function and the migration
//! function. Nothing here reaches a network, a home folder or an account.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::path::Path;
use std::process::Command;

use workshop::{Workshop, all};
use zonke_plan::migrator_zip;

mod common;
mod workshop;

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
