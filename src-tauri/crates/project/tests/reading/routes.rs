//! Where routes begin: prefixes, modules with a path of their own, endpoints apart from both.

use crate::support::{MODULE, Project, question, warns};

const CONTROLLER: &str = "import { Controller, Get } from '@nestjs/common';\n@Controller('things')\nexport class Things {\n  @Get() all() {}\n}\n\
     @Controller('health')\nexport class Health {\n  @Get() check() {}\n}\n";

fn module(imports: &str) -> String {
    format!(
        "import {{ Module }} from '@nestjs/common';\nimport {{ RouterModule }} from '@nestjs/core';\nimport {{ GraphQLModule }} from '@nestjs/graphql';\n\
         import {{ ServeStaticModule }} from '@nestjs/serve-static';\nimport {{ Things, Health }} from './things';\n\
         @Module({{ controllers: [Things, Health] }})\nexport class Inner {{}}\n@Module({{ imports: [Inner, {imports}] }})\nexport class AppModule {{}}\n"
    )
}

fn with(imports: &str) -> Project {
    Project::nest()
        .file("api/src/things.ts", CONTROLLER)
        .file("api/src/app.module.ts", &module(imports))
}

#[test]
fn controllers_say_where_routes_begin() {
    let backend = with("").backend();
    assert_eq!(backend.route_roots, ["health", "things"]);
    assert_eq!(backend.health_path.as_deref(), Some("/health"));
}

#[test]
fn a_controller_may_carry_the_prefix_itself() {
    let project = Project::nest()
        .file("api/src/things.ts", &CONTROLLER.replace("'things'", "'/api/things'"))
        .file("api/src/app.module.ts", &module(""));
    let backend = project.backend();
    assert_eq!(
        (backend.global_prefix, backend.route_roots),
        (None, vec!["api".to_owned(), "health".to_owned()])
    );
}

#[test]
fn modules_may_be_put_below_a_path() {
    let nested = "RouterModule.register([{ path: 'api', children: [{ path: 'v1', children: [Inner] }] }])";
    let backend = with(nested).backend();
    assert_eq!(backend.route_roots, ["api"]);
    assert_eq!(backend.health_path.as_deref(), Some("/api/v1/health"));
}

#[test]
fn graphql_lies_outside_the_prefix() {
    let project = with("GraphQLModule.forRoot({ autoSchemaFile: true })")
        .bootstrap("  app.setGlobalPrefix('api');\n  await app.listen(3000);");
    let findings = project.findings();
    assert_eq!(findings.backend().unwrap().route_roots, ["api", "graphql"]);
    assert!(warns(&findings, "outside-prefix"));
    let moved = with("GraphQLModule.forRoot({ autoSchemaFile: true, useGlobalPrefix: true })")
        .bootstrap("  app.setGlobalPrefix('api');\n  await app.listen(3000);");
    assert!(!warns(&moved.findings(), "outside-prefix"));
}

#[test]
fn web_sockets_have_a_path_of_their_own() {
    let gateway = "import { WebSocketGateway } from '@nestjs/websockets';\n@WebSocketGateway()\nexport class Live {}\n";
    let project = Project::nest().file("api/src/live.ts", gateway).file(
        "api/src/app.module.ts",
        &format!("import {{ Live }} from './live';\n{MODULE}export const all = [Live];\n"),
    );
    assert_eq!(project.backend().route_roots, ["socket.io"]);
}

#[test]
fn a_prefix_that_only_a_variable_knows_is_a_question() {
    let project = Project::nest().bootstrap("  app.setGlobalPrefix(process.env.PREFIX!);\n  await app.listen(3000);");
    let findings = project.findings();
    assert_eq!(findings.backend().unwrap().global_prefix, None);
    let asked = question(&findings, "backends[0].globalPrefix").unwrap();
    assert!(asked.blocks && asked.text.contains("PREFIX"), "{}", asked.text);
}

#[test]
fn files_that_the_api_hands_out_and_local_origins_are_told() {
    let project = with("ServeStaticModule.forRoot({ rootPath: '../web/dist' })")
        .bootstrap("  app.enableCors({ origin: ['http://localhost:5173'] });\n  await app.listen(3000);");
    let findings = project.findings();
    assert!(warns(&findings, "serves-files") && warns(&findings, "cors-local"));
    assert!(!warns(&Project::nest().findings(), "serves-files"));
}
