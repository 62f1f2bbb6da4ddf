//! Findings about made-up projects.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by several test programs, each of which uses a part"
)]

use zonke_project::{
    Adapter, ApiWiring, Backend, Chosen, DatabaseConnection, EnvVar, Findings, Frontend, FrontendKind, Git, GitProvider,
    MonorepoTool, NodeVersion, PackageManager, PackageManagerName, Port, Prisma, Pushed, Verdict,
};

/// npm workspaces `web` and `api`: React with Vite, NestJS below `/api`, Prisma with PostgreSQL.
pub fn guestbook() -> Findings {
    Findings {
        verdict: Verdict::Deployable,
        reason: "One React front end and one NestJS back end.".to_owned(),
        name: "guestbook".to_owned(),
        package_manager: PackageManager {
            name: PackageManagerName::Npm,
            version: None,
            lockfile: Some("package-lock.json".to_owned()),
            install_roots: vec![".".to_owned()],
        },
        node: NodeVersion {
            wanted: Some("22".to_owned()),
            source: Some("package.json".to_owned()),
        },
        monorepo_tool: MonorepoTool::Workspaces,
        frontends: vec![Frontend {
            path: "web".to_owned(),
            name: "web".to_owned(),
            kind: FrontendKind::Spa,
            bundler: "vite".to_owned(),
            build_command: "npm run build".to_owned(),
            output_dir: "web/dist".to_owned(),
            env_prefix: Some("VITE_".to_owned()),
            env_vars: vec!["VITE_TITLE".to_owned()],
            api_wiring: ApiWiring::Relative("/api".to_owned()),
        }],
        backends: vec![Backend {
            path: "api".to_owned(),
            name: "api".to_owned(),
            adapter: Adapter::Express,
            build_command: "npm run build".to_owned(),
            start_command: "node dist/main.js".to_owned(),
            entry_file: "api/dist/main.js".to_owned(),
            port: Port {
                env: Some("PORT".to_owned()),
                default: Some(3000),
            },
            global_prefix: Some("api".to_owned()),
            health_path: Some("/api/health".to_owned()),
            route_roots: vec!["api".to_owned()],
            loopback_only: false,
            orm: "prisma".to_owned(),
            database: Some("postgresql".to_owned()),
            connection: Some(DatabaseConnection::Url {
                variable: "DATABASE_URL".to_owned(),
            }),
            prisma: Some(Prisma {
                schema: "api/prisma/schema.prisma".to_owned(),
                migrations: Some("api/prisma/migrations".to_owned()),
                url_env: Some("DATABASE_URL".to_owned()),
                version: Some("6.19.3".to_owned()),
            }),
            env_vars: vec![
                EnvVar {
                    name: "DATABASE_URL".to_owned(),
                    required: true,
                    secret: true,
                },
                EnvVar {
                    name: "GREETING".to_owned(),
                    required: false,
                    secret: false,
                },
            ],
        }],
        chosen: Chosen {
            frontend: Some("web".to_owned()),
            backend: Some("api".to_owned()),
        },
        reach: ["api/", "web/", ".npmrc", "package-lock.json", "package.json"]
            .map(str::to_owned)
            .to_vec(),
        git: Some(Git {
            repository: Some("acme/guestbook".to_owned()),
            provider: Some(GitProvider::GitHub),
            branch: Some("main".to_owned()),
            default_branch: Some("main".to_owned()),
            folder: ".".to_owned(),
            host: Some("github.com".to_owned()),
            pushed: Pushed::Yes,
            uncommitted: None,
            submodules: Vec::new(),
            large_files: Vec::new(),
            committed_secrets: Vec::new(),
        }),
        evidence: Vec::new(),
        warnings: Vec::new(),
        questions: Vec::new(),
    }
}

/// Two packages without a common root: CRA with Yarn and a NestJS back end with Fastify, an address in parts and no prefix.
pub fn separate() -> Findings {
    let mut findings = guestbook();
    "shop".clone_into(&mut findings.name);
    findings.package_manager = PackageManager {
        name: PackageManagerName::YarnClassic,
        version: Some("1.22.22".to_owned()),
        lockfile: Some("server/yarn.lock".to_owned()),
        install_roots: vec!["server".to_owned(), "client".to_owned()],
    };
    findings.monorepo_tool = MonorepoTool::None;
    findings.node = NodeVersion {
        wanted: None,
        source: None,
    };
    let frontend = &mut findings.frontends[0];
    "client".clone_into(&mut frontend.path);
    "client/build".clone_into(&mut frontend.output_dir);
    "yarn build".clone_into(&mut frontend.build_command);
    frontend.api_wiring = ApiWiring::Env("REACT_APP_API_URL".to_owned());
    let backend = &mut findings.backends[0];
    "server".clone_into(&mut backend.path);
    "server/dist/main.js".clone_into(&mut backend.entry_file);
    "yarn build".clone_into(&mut backend.build_command);
    backend.adapter = Adapter::Fastify;
    backend.loopback_only = true;
    backend.global_prefix = None;
    backend.route_roots = vec!["things".to_owned()];
    backend.health_path = None;
    "typeorm".clone_into(&mut backend.orm);
    backend.prisma = None;
    let part = |name: &str| Some(name.to_owned());
    backend.connection = Some(DatabaseConnection::Parts {
        host: part("DB_HOST"),
        port: part("DB_PORT"),
        user: part("DB_USERNAME"),
        password: part("DB_PASSWORD"),
        database: part("DB_NAME"),
    });
    backend.port = Port {
        env: None,
        default: Some(4000),
    };
    backend.env_vars = ["DB_HOST", "DB_PORT", "DB_USERNAME", "DB_PASSWORD", "DB_NAME"]
        .map(|name| EnvVar {
            name: name.to_owned(),
            required: true,
            secret: name == "DB_PASSWORD",
        })
        .to_vec();
    findings.reach = ["client/", "server/"].map(str::to_owned).to_vec();
    findings.chosen = Chosen {
        frontend: Some("client".to_owned()),
        backend: Some("server".to_owned()),
    };
    findings
}
