//! Technologies that we recognize but do not deploy.

use crate::context::Context;
use crate::manifest::Manifest;
use crate::trail::Source;
use crate::{place, scripts};

/// An application in another technology.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) path: String,
    pub(crate) what: &'static str,
    /// Whether it is a user interface; otherwise a server.
    pub(crate) interface: bool,
    pub(crate) source: Source,
}

const SERVERS: [(&str, &str); 12] = [
    ("express", "Express"),
    ("fastify", "Fastify"),
    ("koa", "Koa"),
    ("@hapi/hapi", "hapi"),
    ("hono", "Hono"),
    ("@adonisjs/core", "AdonisJS"),
    ("@feathersjs/feathers", "Feathers"),
    ("@strapi/strapi", "Strapi"),
    ("apollo-server", "Apollo Server"),
    ("@apollo/server", "Apollo Server"),
    ("restify", "restify"),
    ("sails", "Sails"),
];

/// Applications that are neither React with a static build nor NestJS. `known` are folders already understood.
pub(crate) fn all(context: &Context<'_>, known: &[String]) -> Vec<Foreign> {
    let mut out = Vec::new();
    for manifest in context.manifests {
        let folder = &manifest.folder;
        if beside(folder) {
            continue;
        }
        let source = Source::new(manifest.file(), None);
        if let Some(what) = interface(context, manifest) {
            out.push(Foreign {
                path: folder.clone(),
                what,
                interface: true,
                source,
            });
        } else if !known.contains(folder)
            && !known
                .iter()
                .any(|k| place::inside(k, folder) && context.package_of(k).is_some_and(|m| m.folder == *folder))
            && let Some(what) = server(context, manifest)
        {
            out.push(Foreign {
                path: folder.clone(),
                what,
                interface: false,
                source,
            });
        }
    }
    for file in context.tree.files() {
        let what = match place::file_name(file) {
            "manage.py" => "Django",
            "go.mod" => "Go",
            "pom.xml" | "build.gradle" | "build.gradle.kts" => "Java",
            "Gemfile" => "Ruby",
            "composer.json" => "PHP",
            "requirements.txt" | "pyproject.toml" => "Python",
            "Cargo.toml" => "Rust",
            name if name.ends_with(".csproj") => ".NET",
            _ => continue,
        };
        let folder = place::parent(file);
        if !beside(folder)
            && folder.matches('/').count() < 2
            && !out.iter().any(|f: &Foreign| f.path == folder)
            && !known.iter().any(|k| k == folder)
        {
            out.push(Foreign {
                path: folder.to_owned(),
                what,
                interface: false,
                source: Source::new(file, None),
            });
        }
    }
    out
}

fn beside(folder: &str) -> bool {
    folder.split('/').any(|p| {
        matches!(
            p,
            "docs"
                | "doc"
                | "examples"
                | "example"
                | "samples"
                | "sample"
                | "scripts"
                | "tools"
                | "e2e"
                | "test"
                | "tests"
                | "demo"
                | "ios"
                | "android"
                | "infra"
                | "terraform"
        ) || (p.starts_with('.') && p.len() > 1)
    })
}

fn interface(context: &Context<'_>, manifest: &Manifest) -> Option<&'static str> {
    let runs = |program: &str| manifest.scripts().any(|(_, s)| scripts::runs(s, program));
    let file = |name: &str| context.first_file(&manifest.folder, &[name]).is_some();
    let native = manifest.has("react-native") || manifest.has("expo");
    if manifest.has("@angular/core") && (file("angular.json") || runs("ng")) {
        return Some("Angular");
    }
    if manifest.has("nuxt") || manifest.has("nuxt3") {
        return Some("Nuxt");
    }
    if manifest.has("@sveltejs/kit") || (manifest.has("svelte") && manifest.has("vite")) {
        return Some("Svelte");
    }
    if manifest.has("vue")
        && (manifest.has("@vitejs/plugin-vue") || manifest.has("@vue/cli-service") || manifest.has("vue-loader"))
    {
        return Some("Vue");
    }
    if manifest.has("solid-js") && manifest.has("vite") {
        return Some("Solid");
    }
    if manifest.has("astro")
        && !manifest.has("@astrojs/starlight")
        && context
            .first_file(&manifest.folder, &["astro.config.mjs", "astro.config.ts", "astro.config.js"])
            .is_some()
    {
        return Some("Astro");
    }
    let started = manifest
        .scripts()
        .any(|(_, s)| s.contains("expo start") || s.contains("react-native run") || s.contains("react-native start"));
    if native && (started || has_native_folder(context, &manifest.folder) || !manifest.has("react-dom")) {
        return Some("React Native");
    }
    None
}

fn has_native_folder(context: &Context<'_>, folder: &str) -> bool {
    ["ios", "android", "apps/mobile", "apps/mobile-app"]
        .iter()
        .any(|f| place::join(folder, f).is_some_and(|f| context.tree.has_folder(&f)))
        || context.tree.below(folder).any(|f| place::file_name(f) == "metro.config.js")
}

fn server(context: &Context<'_>, manifest: &Manifest) -> Option<&'static str> {
    if manifest.has("@nestjs/core") || manifest.has("react-dom") || manifest.has("react-scripts") || manifest.has("next") {
        return None;
    }
    let (_, what) = SERVERS
        .iter()
        .find(|(name, _)| manifest.json["dependencies"].get(*name).is_some())?;
    let mut beside = crate::candidates::beside_the_product();
    let listens = context
        .tree
        .below(&manifest.folder)
        .filter(|f| crate::modules::is_script(f) && !beside(f))
        .take(400)
        .any(|f| {
            context
                .tree
                .peek(f)
                .is_some_and(|t| t.contains(".listen(") || t.contains("serve("))
        });
    listens.then_some(*what)
}
