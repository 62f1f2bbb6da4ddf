//! React applications: found by the file that puts them on a page.

use std::collections::BTreeMap;

use crate::candidates::beside_the_product;
use crate::context::Context;
use crate::manifest::Manifest;
use crate::trail::{Source, Trail};
use crate::{Confidence, Frontend, FrontendKind, bundling, nx, place, wiring};

/// A front end with its evidence.
pub(crate) struct Client {
    pub(crate) frontend: Frontend,
    pub(crate) trail: Trail,
}

/// Names that start files have; others are read only when a package has none of these.
const USUAL: [&str; 12] = [
    "main",
    "index",
    "app",
    "client",
    "bootstrap",
    "entry",
    "root",
    "entry-client",
    "entry.client",
    "start",
    "renderer",
    "react-app",
];

/// Every React application of the repository.
pub(crate) fn all(context: &Context<'_>) -> Vec<Client> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut packages: Vec<&Manifest> = context.manifests.iter().filter(|m| renders(m)).collect();
    if context.tree.has("nx.json") && !packages.is_empty() {
        // Nx applications need no package of their own.
        packages.extend(context.manifests.iter().find(|m| m.folder == "."));
    }
    if packages.is_empty() {
        return Vec::new();
    }
    let mut beside = beside_the_product();
    let scripts: Vec<u32> = (0..)
        .zip(context.tree.files())
        .filter(|(_, f)| {
            [".tsx", ".jsx", ".js", ".ts", ".mjs"].iter().any(|e| f.ends_with(e))
                && !f.ends_with(".d.ts")
                && !beside(f)
                && !public_asset(f)
                && packages.iter().any(|p| place::inside(f, &p.folder))
        })
        .map(|(place, _)| place)
        .collect();
    let (usual, others): (Vec<u32>, Vec<u32>) = scripts.iter().partition(|place| is_usual(context.tree.at(**place)));
    // Where there may be a server, the other thread reads its scripts.
    let alone = !context.manifests.iter().any(|m| m.has("@nestjs/core"));
    let add = |scripts: &[u32], groups: &mut BTreeMap<String, Vec<String>>| {
        if alone {
            context.modules.glance_at(scripts);
        }
        // From the end: whoever looks for servers begins at the start, so few files are read by both.
        for place in scripts.iter().rev() {
            if !context.modules.cancelled() && context.modules.glance(*place).is_some_and(|glance| glance.mounts) {
                let file = context.tree.at(*place);
                groups.entry(home(context, file)).or_default().push(file.to_owned());
            }
        }
    };
    add(&usual, &mut groups);
    if packages.iter().any(|p| !groups.keys().any(|g| place::inside(g, &p.folder))) {
        add(&others, &mut groups);
    }
    let mut out = Vec::new();
    for (folder, mut entries) in groups {
        entries.sort_by_key(|e| (!e.ends_with('x'), e.matches('/').count(), e.clone()));
        if !is_product(context, &folder) {
            continue;
        }
        if let Some(client) = read(context, &folder, &entries) {
            out.push(client);
        }
    }
    let mut folders: Vec<String> = context.manifests.iter().map(|m| m.folder.clone()).collect();
    for file in context
        .tree
        .files()
        .filter(|f| place::file_name(f).starts_with("next.config."))
    {
        folders.push(place::parent(file).to_owned());
    }
    folders.sort();
    folders.dedup();
    for folder in folders.iter().filter(|f| is_product(context, f)) {
        if let Some(client) = framework(context, folder) {
            out.retain(|c| c.frontend.path != *folder);
            out.push(client);
        }
    }
    out
}

fn is_usual(file: &str) -> bool {
    let name = place::file_name(file);
    let stem = name.rsplit_once('.').map_or(name, |(s, _)| s).to_lowercase();
    USUAL.contains(&stem.as_str())
}

/// Whether the package puts React on web pages.
fn renders(manifest: &Manifest) -> bool {
    manifest.has("react-dom")
        || (manifest.has("react") && (manifest.has("vite") || manifest.has("react-scripts") || manifest.has("@rsbuild/core")))
}

fn public_asset(file: &str) -> bool {
    file.split('/')
        .any(|p| matches!(p, "public" | "static" | "assets" | "vendor" | "dist" | "build"))
        && matches!(file.rsplit('.').next(), Some("js" | "mjs"))
}

/// The folder of the application that a start file belongs to.
fn home(context: &Context<'_>, file: &str) -> String {
    let package = context.package_of(file);
    let at = package.map_or(".", |m| m.folder.as_str());
    for folder in place::ancestors(place::parent(file)) {
        if folder != "." && nx::project(context, &folder).is_some() {
            return folder;
        }
        if folder == at {
            break;
        }
    }
    let shared = package.is_some_and(|m| m.has("@nestjs/core") || m.has("electron"));
    let inner = place::relative(file, at);
    let first = inner.split('/').next().unwrap_or(".");
    if shared && inner.contains('/') && first != "src" {
        let mut parts: Vec<&str> = Vec::new();
        for part in place::parent(file).split('/') {
            if part == "src" {
                break;
            }
            parts.push(part);
        }
        return if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
    }
    at.to_owned()
}

/// Libraries, documentation and samples use React as well.
fn is_product(context: &Context<'_>, folder: &str) -> bool {
    let aside = folder.split('/').any(|part| {
        matches!(
            part,
            "docs"
                | "doc"
                | "documentation"
                | "storybook"
                | "playground"
                | "sandbox"
                | "demo"
                | "demos"
                | "examples"
                | "example"
                | "samples"
                | "e2e"
                | "emails"
        )
    });
    if aside {
        return false;
    }
    if is_extension(context, folder) {
        return false;
    }
    let Some(manifest) = context.package_of(folder) else {
        return true;
    };
    let own = manifest.folder == folder;
    let tool = ["@docusaurus/core", "vitepress", "nextra", "expo", "@preconstruct/cli"]
        .iter()
        .any(|t| manifest.has(t));
    let library =
        manifest.expects("react") && manifest.json["private"].as_bool() != Some(true) && !manifest.json["main"].is_null();
    !(own && (tool || library))
}

/// Browser extensions are pages too, but no web site: their manifest says what they are.
fn is_extension(context: &Context<'_>, folder: &str) -> bool {
    [
        "manifest.json",
        "public/manifest.json",
        "src/manifest.json",
        "manifest.config.ts",
        "manifest.ts",
    ]
    .iter()
    .filter_map(|name| context.tree.text(&place::join(folder, name)?))
    .any(|text| text.contains("manifest_version"))
}

fn read(context: &Context<'_>, folder: &str, entries: &[String]) -> Option<Client> {
    let entry = entries.first()?;
    let mut trail = Trail::default();
    let field = "frontends[*]";
    let build = bundling::read(context, folder, entries, &mut trail, field)?;
    let line = context.tree.text(entry).and_then(|t| {
        let at = ["createRoot(", "hydrateRoot(", "render("].iter().find_map(|m| t.find(m))?;
        u32::try_from(t[..at].matches('\n').count() + 1).ok()
    });
    trail.saw(
        &format!("{field}.path"),
        folder,
        Source::new(entry, line),
        Confidence::High,
        "This file puts the React application on the page.",
    );
    let config = build.config_file.clone().unwrap_or_else(|| entry.clone());
    let stated = context.stated(folder, &build.command, &Source::new(&config, None));
    trail.saw(
        &format!("{field}.buildCommand"),
        &build.command,
        stated,
        Confidence::High,
        "This command builds the page.",
    );
    trail.saw(
        &format!("{field}.bundler"),
        &build.bundler,
        Source::new(&config, None),
        Confidence::High,
        "It is the bundler of this build.",
    );
    if let Some(prefix) = &build.env_prefix {
        let line = context.tree.text(&config).and_then(|t| bundling::line_of(&t, prefix));
        trail.saw(
            &format!("{field}.envPrefix"),
            prefix,
            Source::new(&config, line),
            Confidence::High,
            "Variables with this prefix are baked in.",
        );
    }
    if build.kind == FrontendKind::Spa {
        trail.saw(
            &format!("{field}.kind"),
            "spa",
            Source::new(&config, None),
            Confidence::High,
            "The build makes static files and no bundle for a server.",
        );
    }
    crate::exposure::run_time_settings(context, folder, &mut trail);
    let modules = context.modules.reachable(entries);
    let wired = wiring::read(context, folder, &modules, &build, &mut trail, field);
    let package = context.package_of(folder);
    let name = package
        .filter(|m| m.folder == *folder)
        .and_then(|m| m.name())
        .unwrap_or_else(|| place::file_name(folder));
    let frontend = Frontend {
        path: folder.to_owned(),
        name: name.to_owned(),
        kind: build.kind,
        bundler: build.bundler,
        build_command: build.command,
        output_dir: build.output_dir,
        env_prefix: build.env_prefix,
        env_vars: wired.variables,
        api_wiring: wired.wiring,
    };
    Some(Client { frontend, trail })
}

/// Frameworks that own the start file.
fn framework(context: &Context<'_>, folder: &str) -> Option<Client> {
    let manifest = context.package_of(folder)?;
    let own = manifest.folder == folder;
    let runs = |program: &str| own && manifest.scripts().any(|(_, s)| crate::scripts::runs(s, program));
    let has_file = |names: &[&str]| context.first_file(folder, names);
    let next = has_file(&["next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs"]);
    let router = has_file(&["react-router.config.ts", "react-router.config.js"]);
    let (bundler, kind, output, source) =
        if next.is_some() && context.installs(folder, "next") || manifest.has("next") && runs("next") {
            let config = next.as_ref().and_then(|f| crate::bundler::evaluate(context, f, folder));
            let export = config
                .as_ref()
                .and_then(|c| c.field("output"))
                .is_some_and(|o| o.as_str() == Some("export"))
                || manifest.scripts().any(|(_, s)| s.contains("next export"));
            let kind = if export {
                FrontendKind::StaticExport
            } else {
                FrontendKind::Ssr
            };
            ("next", kind, if export { "out" } else { ".next" }, next)
        } else if !own {
            return None;
        } else if let Some(router) = router.filter(|_| manifest.has("@react-router/dev")) {
            let config = crate::bundler::evaluate(context, &router, folder);
            let spa = config
                .as_ref()
                .and_then(|c| c.field("ssr"))
                .is_some_and(|v| matches!(v, crate::eval::value::Value::Bool(false)));
            (
                "react-router",
                if spa { FrontendKind::Spa } else { FrontendKind::Ssr },
                "build/client",
                Some(router),
            )
        } else if manifest.has("@remix-run/dev") {
            ("remix", FrontendKind::Ssr, "build/client", None)
        } else if manifest.has("gatsby") && runs("gatsby") {
            (
                "gatsby",
                FrontendKind::StaticExport,
                "public",
                has_file(&["gatsby-config.js", "gatsby-config.ts"]),
            )
        } else if manifest.has("@tanstack/react-start") || manifest.has("@tanstack/start") {
            ("tanstack-start", FrontendKind::Ssr, ".output/public", None)
        } else {
            return None;
        };
    let source = Source::new(source.unwrap_or_else(|| manifest.file()), None);
    let mut trail = Trail::default();
    trail.saw(
        "frontends[*].path",
        folder,
        source.clone(),
        Confidence::High,
        format!("This is a {bundler} application."),
    );
    let output_dir = place::join(folder, output)?;
    trail.saw(
        "frontends[*].outputDir",
        &output_dir,
        source,
        Confidence::Medium,
        "This is where the framework puts its build.",
    );
    let frontend = Frontend {
        path: folder.to_owned(),
        name: manifest
            .name()
            .filter(|_| own)
            .unwrap_or_else(|| place::file_name(folder))
            .to_owned(),
        kind,
        bundler: bundler.to_owned(),
        build_command: manifest
            .script("build")
            .filter(|_| own)
            .map_or_else(|| format!("{bundler} build"), str::to_owned),
        output_dir,
        env_prefix: match bundler {
            "next" => Some("NEXT_PUBLIC_".to_owned()),
            "gatsby" => Some("GATSBY_".to_owned()),
            _ => Some("VITE_".to_owned()),
        },
        env_vars: Vec::new(),
        api_wiring: crate::ApiWiring::Unknown,
    };
    Some(Client { frontend, trail })
}
