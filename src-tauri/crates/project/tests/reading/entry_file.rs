//! The file that the build creates, which is not always the one the scripts name.

use crate::support::{MAIN, MODULE, NEST, Project, TSCONFIG, evidence, warns};

#[test]
fn the_scaffold_builds_main() {
    let findings = Project::nest().findings();
    let backend = findings.backend().unwrap();
    assert_eq!(backend.entry_file, "api/dist/main.js");
    assert_eq!(backend.start_command, "node dist/main.js");
    assert!(!warns(&findings, "start-script-wrong"));
}

#[test]
fn one_import_from_outside_moves_everything() {
    let findings = Project::nest()
        .file("api/test/fake.ts", "export const fake = 1;\n")
        .file(
            "api/src/fixtures.ts",
            "import { fake } from '../test/fake';\nconsole.log(fake);\n",
        )
        .findings();
    assert_eq!(findings.backend().unwrap().entry_file, "api/dist/src/main.js");
    assert!(warns(&findings, "start-script-wrong"));
    assert_eq!(
        evidence(&findings, "backends[0].entryFile").unwrap().0,
        "api/tsconfig.build.json"
    );
}

#[test]
fn a_script_beside_the_sources_moves_everything() {
    let project = Project::nest().file("api/prisma/seed.ts", "console.log('seed');\n");
    assert_eq!(project.backend().entry_file, "api/dist/src/main.js");
    let narrow = Project::nest().file("api/prisma/seed.ts", "console.log('seed');\n").file(
        "api/tsconfig.build.json",
        r#"{"extends":"./tsconfig.json","include":["src"]}"#,
    );
    assert_eq!(narrow.backend().entry_file, "api/dist/main.js");
}

#[test]
fn the_root_that_is_set_wins() {
    let project = Project::nest().file(
        "api/tsconfig.build.json",
        r#"{"extends":"./tsconfig.json","compilerOptions":{"rootDir":"."},"include":["src"]}"#,
    );
    assert_eq!(project.backend().entry_file, "api/dist/src/main.js");
}

#[test]
fn typescript_six_takes_the_folder_of_its_configuration_as_root() {
    let project = Project::nest().file("api/package.json", &NEST.replace("^5.9.0", "^6.0.3"));
    assert_eq!(project.backend().entry_file, "api/dist/src/main.js");
}

#[test]
fn a_shared_folder_reached_by_an_alias_moves_everything() {
    let project = Project::nest()
        .file("shared/types.ts", "export const x = 1;\n")
        .file("api/tsconfig.json", r#"{"compilerOptions":{"outDir":"./dist","baseUrl":"./","paths":{"@shared/*":["../shared/*"]}}}"#)
        .file("api/src/app.module.ts", "import { Module } from '@nestjs/common';\nimport { x } from '@shared/types';\n@Module({ providers: [x] })\nexport class AppModule {}\n");
    assert_eq!(project.backend().entry_file, "api/dist/api/src/main.js");
}

#[test]
fn swc_drops_the_first_folder() {
    let project = Project::nest()
        .file(
            "api/nest-cli.json",
            r#"{"sourceRoot":"src","compilerOptions":{"builder":"swc"}}"#,
        )
        .file("api/prisma/seed.ts", "console.log('seed');\n");
    assert_eq!(project.backend().entry_file, "api/dist/main.js");
}

#[test]
fn one_version_of_the_command_keeps_the_first_folder_with_swc() {
    let project = Project::nest()
        .file(
            "api/package.json",
            &NEST.replace("\"@nestjs/cli\":\"^11.0.0\"", "\"@nestjs/cli\":\"11.0.19\""),
        )
        .file(
            "api/nest-cli.json",
            r#"{"sourceRoot":"src","compilerOptions":{"builder":{"type":"swc"}}}"#,
        )
        .file(
            "api/tsconfig.build.json",
            r#"{"extends":"./tsconfig.json","compilerOptions":{"rootDir":"./src"}}"#,
        );
    assert_eq!(project.backend().entry_file, "api/dist/src/main.js");
}

#[test]
fn several_applications_of_the_command_are_bundled_below_their_folder() {
    let project = Project::empty()
        .file("package.json", &NEST.replace("nest build", "nest build shop"))
        .file("nest-cli.json", r#"{"monorepo":true,"root":"apps/shop","sourceRoot":"apps/shop/src","projects":{"shop":{"type":"application","root":"apps/shop","entryFile":"main","sourceRoot":"apps/shop/src"}}}"#)
        .file("tsconfig.json", TSCONFIG)
        .file("apps/shop/src/main.ts", MAIN)
        .file("apps/shop/src/app.module.ts", MODULE);
    let backend = project.backend();
    assert_eq!(
        (backend.path.as_str(), backend.entry_file.as_str()),
        ("apps/shop", "dist/apps/shop/main.js")
    );
}

#[test]
fn nx_bundles_into_the_output_of_its_target() {
    let project = Project::empty()
        .file("package.json", NEST)
        .file("nx.json", "{}")
        .file("apps/shop/project.json", r#"{"name":"shop","projectType":"application","targets":{"build":{"executor":"@nx/webpack:webpack","options":{"outputPath":"dist/out/shop"}}}}"#)
        .file("apps/shop/src/main.ts", MAIN)
        .file("apps/shop/src/app.module.ts", MODULE);
    let backend = project.backend();
    assert_eq!(
        (backend.entry_file.as_str(), backend.build_command.as_str()),
        ("dist/out/shop/main.js", "nx build shop")
    );
}

#[test]
fn a_library_that_can_be_tried_out_is_no_application() {
    let start = "import { NestFactory } from '@nestjs/core';\nexport async function start() {\n  const app = await NestFactory.create(class {});\n  \
                 await app.listen(3000);\n}\n";
    let findings = Project::empty()
        .file("package.json", NEST)
        .file("nx.json", "{}")
        .file("apps/shop/project.json", r#"{"name":"shop","projectType":"application"}"#)
        .file(
            "apps/shop/src/main.ts",
            "import { start } from '../../../libs/core/src/start';\nstart();\n",
        )
        .file("libs/core/project.json", r#"{"name":"core","projectType":"library"}"#)
        .file("libs/core/src/start.ts", start)
        .file("libs/core/src/main.ts", "import { start } from './start';\nstart();\n")
        .findings();
    let paths: Vec<&str> = findings.backends.iter().map(|b| b.path.as_str()).collect();
    assert_eq!(paths, ["apps/shop"]);
}

#[test]
fn a_build_that_is_committed_is_not_taken_for_sources() {
    let project = Project::nest()
        .file(
            "api/dist/main.js",
            "require('@nestjs/core').NestFactory.create().then(a => a.listen(9999))",
        )
        .file(
            "api/node_modules/x/package.json",
            r#"{"name":"x","dependencies":{"@nestjs/core":"1"}}"#,
        );
    let findings = project.findings();
    assert_eq!(findings.backends.len(), 1);
    assert_eq!(findings.backend().unwrap().port.default, Some(3000));
}

#[test]
fn a_package_of_the_repository_counts_only_behind_an_alias() {
    let project = |package: &str| {
        Project::nest()
            .file("package.json", r#"{"workspaces":["api","shared"]}"#)
            .file("shared/package.json", package)
            .file("shared/src/index.ts", "export const x = 1;\n")
            .file(
                "api/src/app.module.ts",
                "import { Module } from '@nestjs/common';\nimport { x } from '@acme/shared';\n@Module({ providers: [x] })\nexport class AppModule {}\n",
            )
    };
    // The compiler takes types from there through node_modules, but writes nothing for them.
    for package in [
        r#"{"name":"@acme/shared","main":"./dist/index.js","types":"./dist/index.d.ts"}"#,
        r#"{"name":"@acme/shared","exports":{".":{"types":"./src/index.ts"}}}"#,
        r#"{"name":"@acme/shared","main":"./src/index.ts"}"#,
    ] {
        assert_eq!(project(package).backend().entry_file, "api/dist/main.js", "{package}");
    }
    let aliased = TSCONFIG.replace("\"baseUrl\"", "\"paths\":{\"@acme/shared\":[\"../shared/src\"]},\"baseUrl\"");
    let project = project(r#"{"name":"@acme/shared","main":"./src/index.ts"}"#).file("api/tsconfig.json", &aliased);
    assert_eq!(project.backend().entry_file, "api/dist/api/src/main.js");
}

#[test]
fn the_name_that_a_bundle_gives_the_start_file_counts() {
    let config = "module.exports = (options) => ({ ...options, entry: { index: options.entry, worker: './src/worker.ts' }, output: { filename: '[name].js' } });\n";
    let backend = Project::nest()
        .file(
            "api/nest-cli.json",
            r#"{"sourceRoot":"src","compilerOptions":{"builder":"webpack"}}"#,
        )
        .file("api/webpack.config.js", config)
        .backend();
    assert_eq!(backend.entry_file, "api/dist/index.js");
}

#[test]
fn vite_may_build_the_server() {
    let config = "import { defineConfig } from 'vite';\nimport { VitePluginNode } from 'vite-plugin-node';\n\
         export default defineConfig({ build: { outDir: 'build' }, plugins: [...VitePluginNode({ adapter: 'nest', appPath: './src/main.ts' })] });\n";
    let backend = Project::nest()
        .file(
            "api/package.json",
            &NEST.replace("nest build", "vite build --config vite.server.ts"),
        )
        .file("api/vite.server.ts", config)
        .backend();
    assert_eq!(backend.entry_file, "api/build/main.mjs");
}
