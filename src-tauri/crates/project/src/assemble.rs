//! Puts the findings together.

use serde_json::Value;

use crate::tree::Tree;
use crate::{
    Adapter, ApiWiring, Backend, Chosen, Findings, Frontend, FrontendKind, InspectOptions, MonorepoTool, NodeVersion,
    PackageManager, PackageManagerName, Port, Verdict, place,
};

/// Everything about the folder.
pub(crate) fn findings(tree: &Tree, options: &InspectOptions) -> Findings {
    let mut frontends = Vec::new();
    let mut backends = Vec::new();
    for file in tree.files().filter(|f| place::file_name(f) == "package.json") {
        let Some(package) = tree.text(file).and_then(|t| serde_json::from_str::<Value>(&t).ok()) else {
            continue;
        };
        let path = place::parent(file).to_owned();
        let has = |name: &str| {
            ["dependencies", "devDependencies"]
                .iter()
                .any(|k| package[k].get(name).is_some())
        };
        let name = package["name"]
            .as_str()
            .map_or_else(|| place::file_name(&path).to_owned(), str::to_owned);
        let at = |name: &str| place::join(&path, name).unwrap_or_default();
        if has("@nestjs/core") {
            backends.push(Backend {
                path: path.clone(),
                name,
                adapter: if has("@nestjs/platform-fastify") {
                    Adapter::Fastify
                } else {
                    Adapter::Express
                },
                build_command: "nest build".to_owned(),
                start_command: "node dist/main".to_owned(),
                entry_file: at("dist/main.js"),
                port: Port {
                    env: Some("PORT".to_owned()),
                    default: Some(3000),
                },
                global_prefix: None,
                health_path: None,
                loopback_only: false,
                orm: if has("@prisma/client") { "prisma" } else { "none" }.to_owned(),
                database: None,
                prisma: None,
                env_vars: Vec::new(),
            });
        } else if has("react-dom") && !has("next") {
            let vite = has("vite");
            frontends.push(Frontend {
                path: path.clone(),
                name,
                kind: FrontendKind::Spa,
                bundler: if vite { "vite" } else { "cra" }.to_owned(),
                build_command: package["scripts"]["build"].as_str().unwrap_or("vite build").to_owned(),
                output_dir: at(if vite { "dist" } else { "build" }),
                env_prefix: Some(if vite { "VITE_" } else { "REACT_APP_" }.to_owned()),
                env_vars: Vec::new(),
                api_wiring: ApiWiring::Unknown,
            });
        }
    }
    options.report(crate::Stage::Reading, frontends.len() + backends.len());
    let one = |n: usize| n == 1;
    let chosen = Chosen {
        frontend: one(frontends.len()).then(|| frontends[0].path.clone()),
        backend: one(backends.len()).then(|| backends[0].path.clone()),
    };
    let (verdict, reason) = if frontends.is_empty() && backends.is_empty() {
        (
            Verdict::NotSupported,
            "There is no React or NestJS application in this folder.",
        )
    } else if frontends.len() > 1 || backends.len() > 1 {
        (
            Verdict::NeedsChoice,
            "There are several applications: pick the ones to deploy.",
        )
    } else {
        (Verdict::Deployable, "One React application and one NestJS application.")
    };
    Findings {
        verdict,
        reason: reason.to_owned(),
        name: tree
            .root()
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        package_manager: PackageManager {
            name: PackageManagerName::Npm,
            version: None,
            lockfile: None,
            install_roots: Vec::new(),
        },
        node: NodeVersion {
            wanted: None,
            source: None,
        },
        monorepo_tool: MonorepoTool::None,
        frontends,
        backends,
        chosen,
        git: None,
        evidence: Vec::new(),
        warnings: Vec::new(),
    }
}
