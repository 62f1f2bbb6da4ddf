//! Where a server listens and below which prefix, however far the value is from the call.

use crate::support::{Project, evidence, question, warns};
use zonke_project::{Adapter, Field, InspectOptions, Overrides, Port};

fn port(env: Option<&str>, default: Option<u16>) -> Port {
    Port {
        env: env.map(str::to_owned),
        default,
    }
}

#[test]
fn a_literal_is_the_port() {
    assert_eq!(
        Project::nest().bootstrap("await app.listen(4000);").backend().port,
        port(None, Some(4000))
    );
}

#[test]
fn a_variable_with_a_default_gives_both() {
    let findings = Project::nest().findings();
    assert_eq!(findings.backend().unwrap().port, port(Some("PORT"), Some(3000)));
    assert_eq!(
        evidence(&findings, "backends[0].port.env"),
        Some(("api/src/main.ts", Some(5)))
    );
}

#[test]
fn a_variable_without_a_default_is_required() {
    let backend = Project::nest()
        .bootstrap("await app.listen(process.env.API_PORT!);")
        .backend();
    assert_eq!(backend.port, port(Some("API_PORT"), None));
    assert!(backend.env_vars.iter().any(|v| v.name == "API_PORT" && v.required));
}

#[test]
fn parsing_and_fallbacks_are_seen_through() {
    for call in [
        "Number(process.env.P) || 5000",
        "parseInt(process.env.P ?? '5000', 10)",
        "+(process.env.P || 5000)",
        "process.env.P ? Number(process.env.P) : 5000",
    ] {
        assert_eq!(
            Project::nest()
                .bootstrap(&format!("await app.listen({call});"))
                .backend()
                .port,
            port(Some("P"), Some(5000)),
            "{call}"
        );
    }
}

#[test]
fn the_second_of_two_variables_gives_its_default() {
    let project = Project::nest().bootstrap("const port = process.env.A || process.env.B || 8080;\n await app.listen(port);");
    assert_eq!(project.backend().port, port(Some("A"), Some(8080)));
}

#[test]
fn destructuring_with_a_default_is_followed() {
    let project = Project::nest().bootstrap("const { SERVER_PORT = 7000 } = process.env;\n await app.listen(SERVER_PORT);");
    assert_eq!(project.backend().port, port(Some("SERVER_PORT"), Some(7000)));
}

#[test]
fn constants_in_other_files_are_followed() {
    let project = Project::nest()
        .file(
            "api/src/env.ts",
            "const ENV = process.env;\nexport const settings = { http: { port: ENV.HTTP_PORT ?? 6000 } } as const;\n",
        )
        .bootstrap("const { settings } = require('./env');\n await app.listen(settings.http.port);");
    assert_eq!(project.backend().port, port(Some("HTTP_PORT"), Some(6000)));
}

#[test]
fn a_function_that_calls_itself_for_every_part_does_not_hide_what_comes_after_it() {
    let copy = "export function copy(value: any): any {\n  if (Array.isArray(value)) return value.map((one) => copy(one));\n\
                const out: any = {};\n  out.a = copy(value.a);\n  out.b = copy(value.b);\n  out.c = copy(value.c);\n  return out;\n}\n";
    let project = Project::nest()
        .file("api/src/copy.ts", copy)
        .bootstrap("const { copy } = require('./copy');\n copy(await app.resolve('settings'));\n await app.listen(4500);");
    assert_eq!(project.backend().port, port(None, Some(4500)));
}

#[test]
fn the_configuration_service_reads_variables() {
    let project = Project::nest().bootstrap("await app.listen(app.get(ConfigService).get<number>('APP_PORT', 4100));");
    assert_eq!(project.backend().port, port(Some("APP_PORT"), Some(4100)));
}

#[test]
fn registered_configuration_is_followed() {
    let project = Project::nest()
        .file(
            "api/src/app.config.ts",
            "import { registerAs } from '@nestjs/config';\nexport default registerAs('app', () => ({ port: parseInt(process.env.APP_PORT || '4200', 10), prefix: 'v' }));\n",
        )
        .file(
            "api/src/app.module.ts",
            "import { Module } from '@nestjs/common';\nimport { ConfigModule } from '@nestjs/config';\nimport appConfig from './app.config';\n\
             @Module({ imports: [ConfigModule.forRoot({ load: [appConfig] })] })\nexport class AppModule {}\n",
        )
        .bootstrap("const config = app.get(ConfigService);\n app.setGlobalPrefix(config.get('app.prefix'));\n await app.listen(config.getOrThrow('app.port', { infer: true }));");
    let backend = project.backend();
    assert_eq!(backend.port, port(Some("APP_PORT"), Some(4200)));
    assert_eq!(backend.global_prefix.as_deref(), Some("v"));
}

#[test]
fn a_schema_gives_the_default() {
    let zod = "import { z } from 'zod';\nexport const env = z.object({ PORT: z.coerce.number().default(4300), KEY: z.string() }).parse(process.env);\n";
    let project = Project::nest()
        .file("api/src/env.ts", zod)
        .bootstrap("const { env } = await import('./env');\n await app.listen(env.PORT);");
    let backend = project.backend();
    assert_eq!(backend.port, port(Some("PORT"), Some(4300)));
    assert!(
        backend
            .env_vars
            .iter()
            .any(|v| v.name == "KEY" && v.required && v.secret == v.name.ends_with("_KEY"))
    );
}

#[test]
fn a_validation_schema_of_the_configuration_module_gives_the_default() {
    let project = Project::nest()
        .file(
            "api/src/app.module.ts",
            "import { Module } from '@nestjs/common';\nimport { ConfigModule } from '@nestjs/config';\nimport * as Joi from 'joi';\n\
             @Module({ imports: [ConfigModule.forRoot({ validationSchema: Joi.object({ PORT: Joi.number().default(4400), DB_HOST: Joi.string().required() }) })] })\n\
             export class AppModule {}\n",
        )
        .bootstrap("await app.listen(app.get(ConfigService).get('PORT'));");
    let backend = project.backend();
    assert_eq!(backend.port, port(Some("PORT"), Some(4400)));
    assert!(backend.env_vars.iter().any(|v| v.name == "DB_HOST" && v.required));
}

#[test]
fn an_own_configuration_class_is_followed() {
    let project = Project::nest()
        .file(
            "api/src/settings.ts",
            "export class Settings {\n  private read(name: string, or: string) { return process.env[name] ?? or; }\n  get port() { return Number(this.read('WEB_PORT', '4500')); }\n}\n",
        )
        .bootstrap("const { Settings } = require('./settings');\n await app.listen(app.get(Settings).port);");
    assert_eq!(project.backend().port, port(Some("WEB_PORT"), Some(4500)));
}

#[test]
fn the_file_that_is_run_may_call_one_that_creates_the_application() {
    let project = Project::nest()
        .file(
            "api/src/create-app.ts",
            "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\n\
             export async function createApp() { const app = await NestFactory.create(AppModule); app.setGlobalPrefix('/api/'); return app; }\n",
        )
        .file("api/src/main.ts", "import { createApp } from './create-app';\ncreateApp().then((app) => app.listen(4600));\n");
    let backend = project.backend();
    assert_eq!(backend.port, port(None, Some(4600)));
    assert_eq!(backend.global_prefix.as_deref(), Some("api"));
    assert_eq!(backend.entry_file, "api/dist/main.js");
}

#[test]
fn the_mode_of_production_decides() {
    let project = Project::nest().bootstrap("await app.listen(process.env.NODE_ENV === 'production' ? 8080 : 3000);");
    assert_eq!(project.backend().port, port(None, Some(8080)));
}

#[test]
fn a_port_that_cannot_be_followed_is_a_question() {
    let project = Project::nest()
        .bootstrap("await app.listen(await askSomebody());")
        .file("api/Dockerfile", "FROM node:22\nEXPOSE 4321\n");
    let findings = project.findings();
    assert_eq!(findings.backend().unwrap().port, port(None, None));
    let asked = question(&findings, "backends[0].port.default").unwrap();
    assert!(asked.blocks && asked.file.as_deref() == Some("api/src/main.ts"));
    assert_eq!(asked.answers[0].value, "4321", "the Dockerfile is a hint");
    let mut overrides = Overrides::default();
    overrides.put(Field::Port, &findings.chosen, Some("4321".to_owned()));
    let answered = project.findings_with(&InspectOptions {
        overrides,
        ..InspectOptions::default()
    });
    assert!(answered.questions.is_empty(), "{:?}", answered.questions);
}

#[test]
fn the_page_of_the_documentation_is_no_prefix() {
    let project = Project::nest().bootstrap(
        "const { SwaggerModule } = require('@nestjs/swagger');\n SwaggerModule.setup('api', app, {});\n await app.listen(3000);",
    );
    assert_eq!(project.backend().global_prefix, None);
}

#[test]
fn a_helper_that_configures_the_application_is_followed() {
    let project = Project::nest()
        .file("api/src/configure.ts", "export const PREFIX = 'api';\nexport function configure(app: any, prefix = PREFIX) { app.setGlobalPrefix(prefix); return app; }\n")
        .bootstrap("const { configure } = require('./configure');\n await configure(app).listen(3000);");
    assert_eq!(project.backend().global_prefix.as_deref(), Some("api"));
}

#[test]
fn fastify_without_a_host_answers_only_itself() {
    let main = "import { NestFactory } from '@nestjs/core';\nimport { FastifyAdapter } from '@nestjs/platform-fastify';\nimport { AppModule } from './app.module';\n\
                NestFactory.create(AppModule, new FastifyAdapter()).then((app) => app.listen(3000));\n";
    let findings = Project::nest().file("api/src/main.ts", main).findings();
    let backend = findings.backend().unwrap();
    assert_eq!(backend.adapter, Adapter::Fastify);
    assert!(backend.loopback_only && warns(&findings, "loopback-host"));
    let open = main.replace("listen(3000)", "listen({ port: 3000, host: '0.0.0.0' })");
    assert!(!Project::nest().file("api/src/main.ts", &open).backend().loopback_only);
}

#[test]
fn a_health_route_is_found_below_prefix_and_version() {
    let controller = "import { Controller, Get } from '@nestjs/common';\n@Controller('health')\nexport class HealthController {\n  @Get()\n  check() { return 'ok'; }\n}\n";
    let module = "import { Module } from '@nestjs/common';\nimport { HealthController } from './health.controller';\n@Module({ controllers: [HealthController] })\nexport class AppModule {}\n";
    let project = Project::nest()
        .file("api/src/health.controller.ts", controller)
        .file("api/src/app.module.ts", module);
    assert_eq!(
        project
            .bootstrap("app.setGlobalPrefix('api');\n await app.listen(3000);")
            .backend()
            .health_path
            .as_deref(),
        Some("/api/health")
    );
    let guarded = controller.replace("  @Get()", "  @UseGuards(AuthGuard)\n  @Get()");
    assert_eq!(
        Project::nest()
            .file("api/src/health.controller.ts", &guarded)
            .file("api/src/app.module.ts", module)
            .backend()
            .health_path,
        None
    );
}

#[test]
fn a_microservice_is_no_api() {
    let main = "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\n\
                NestFactory.createMicroservice(AppModule, { options: { port: 3010 } }).then((app) => app.listen());\n";
    let findings = Project::nest().file("api/src/main.ts", main).findings();
    assert_eq!(findings.chosen.backend, None);
    assert!(findings.reason.contains("microservice"), "{}", findings.reason);
}

#[test]
fn bun_has_the_same_environment() {
    let project = Project::nest().bootstrap("await app.listen(Bun.env.PORT || 4000);");
    assert_eq!(project.backend().port, port(Some("PORT"), Some(4000)));
}
