//! The file that a build of the server creates.

use crate::context::Context;
use crate::manifest::{major, triple};
use crate::trail::Source;
use crate::tsconfig::TsConfig;
use crate::{Confidence, json, place, program, scripts, server_bundle};

/// How the server is built.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// Command, run in the folder of the back end.
    pub(crate) command: String,
    /// File that starts the server, from the inspected folder.
    pub(crate) entry_file: String,
    pub(crate) confidence: Confidence,
    pub(crate) source: Source,
    pub(crate) why: String,
    /// The script's side effects worth telling.
    pub(crate) steps: Vec<String>,
}

/// Settings of the Nest command for one application.
#[derive(Clone, Debug, Default)]
pub(crate) struct NestCli {
    pub(crate) file: Option<String>,
    /// Folder of the file: where `nest build` runs.
    pub(crate) folder: String,
    pub(crate) project: Option<String>,
    pub(crate) root: String,
    pub(crate) source_root: Option<String>,
    pub(crate) entry: Option<String>,
    pub(crate) builder: Option<String>,
    pub(crate) webpack: Option<bool>,
    pub(crate) webpack_config: Option<String>,
    pub(crate) ts_config: Option<String>,
    pub(crate) monorepo: bool,
}

/// Reads `nest-cli.json` for an application at a folder.
pub(crate) fn nest_cli(context: &Context<'_>, folder: &str, main: &str) -> NestCli {
    for at in place::ancestors(folder) {
        let Some(file) = context.first_file(&at, &["nest-cli.json", ".nestcli.json", ".nest-cli.json", "nest.json"]) else {
            continue;
        };
        let Some(config) = context.tree.text(&file).and_then(|t| json::parse(&t)) else {
            continue;
        };
        let projects = config["projects"].as_object();
        let project = projects.and_then(|all| {
            all.iter().find(|(_, p)| {
                let root = p["root"]
                    .as_str()
                    .or_else(|| p["sourceRoot"].as_str())
                    .and_then(|r| place::join(&at, r));
                root.is_some_and(|r| r != at && place::inside(main, &r))
            })
        });
        if project.is_none() && at != folder && config["monorepo"].as_bool() != Some(true) && !source_holds(&config, &at, main) {
            return NestCli {
                folder: folder.to_owned(),
                ..NestCli::default()
            };
        }
        let pick = |key: &str| {
            project
                .and_then(|(_, p)| p[key].as_str())
                .or_else(|| config[key].as_str())
                .map(str::to_owned)
        };
        let option = |key: &str| {
            let own = project.map(|(_, p)| &p["compilerOptions"][key]).filter(|v| !v.is_null());
            own.unwrap_or(&config["compilerOptions"][key]).clone()
        };
        let builder = option("builder");
        return NestCli {
            project: project.map(|(name, _)| name.clone()),
            root: project
                .and_then(|(_, p)| p["root"].as_str())
                .unwrap_or("")
                .trim_matches('/')
                .to_owned(),
            source_root: pick("sourceRoot"),
            entry: pick("entryFile"),
            builder: builder.as_str().or_else(|| builder["type"].as_str()).map(str::to_owned),
            webpack: option("webpack").as_bool(),
            webpack_config: option("webpackConfigPath")
                .as_str()
                .or_else(|| builder["options"]["configPath"].as_str())
                .map(str::to_owned),
            ts_config: option("tsConfigPath")
                .as_str()
                .or_else(|| builder["options"]["configPath"].as_str().filter(|p| p.contains("tsconfig")))
                .map(str::to_owned),
            monorepo: config["monorepo"].as_bool().unwrap_or(false),
            file: Some(file),
            folder: at,
        };
    }
    NestCli {
        folder: folder.to_owned(),
        ..NestCli::default()
    }
}

fn source_holds(config: &serde_json::Value, at: &str, main: &str) -> bool {
    config["sourceRoot"]
        .as_str()
        .and_then(|r| place::join(at, r))
        .is_some_and(|r| place::inside(main, &r))
}

/// How the application at `folder` with the start file `main` is built.
pub(crate) fn build(context: &Context<'_>, folder: &str, main: &str) -> Build {
    if let Some(build) = crate::nx::build(context, folder, main) {
        return build;
    }
    let cli = nest_cli(context, folder, main);
    let packages = context.packages_above(folder);
    let scripts = packages.iter().flat_map(|package| {
        let mut names: Vec<&str> = package
            .scripts()
            .map(|(n, _)| n)
            .filter(|n| n.starts_with("build") || n.contains(":build"))
            .collect();
        names.sort_by_key(|n| {
            (
                *n != "build:prod" || package.script("build").is_some(),
                *n != "build",
                n.len(),
            )
        });
        names.into_iter().map(move |n| (*package, n)).collect::<Vec<_>>()
    });
    for (package, name) in scripts {
        let text = package.script(name).unwrap_or_default();
        let steps = scripts::commands(package, text);
        let mut at = package.folder.clone();
        let mut hit = None;
        for step in &steps {
            if let Some(into) = step.strip_prefix("cd ") {
                at = place::join(&at, into.trim()).unwrap_or(at);
                continue;
            }
            if let Some(found) = tool(context, &cli, folder, main, &at, step) {
                hit = Some(found);
                break;
            }
        }
        let Some((entry_file, confidence, source, why)) = hit else {
            continue;
        };
        let command = if package.folder == folder || steps.len() > 1 && only_ours(&steps) {
            text.to_owned()
        } else {
            steps
                .iter()
                .find(|s| tool(context, &cli, folder, main, &at, s).is_some())
                .cloned()
                .unwrap_or_else(|| text.to_owned())
        };
        return Build {
            command,
            entry_file,
            confidence,
            source,
            why,
            steps,
        };
    }
    let (entry_file, confidence, source, why) = nest(context, &cli, folder, main, "nest build");
    let command = cli
        .project
        .as_ref()
        .map_or_else(|| "nest build".to_owned(), |p| format!("nest build {p}"));
    Build {
        command,
        entry_file,
        confidence: confidence.min(Confidence::Medium),
        source,
        why,
        steps: Vec::new(),
    }
}

fn only_ours(steps: &[String]) -> bool {
    !steps
        .iter()
        .any(|s| scripts::runs(s, "jest") || scripts::runs(s, "eslint") || scripts::runs(s, "prettier"))
}

/// Output file, how sure, where it says so, and why.
pub(crate) type Found = (String, Confidence, Source, String);

/// What one command of a build script creates, if it builds this application.
fn tool(context: &Context<'_>, cli: &NestCli, folder: &str, main: &str, at: &str, step: &str) -> Option<Found> {
    let builds_nest = scripts::runs(step, "nest") && step.contains(" build");
    if builds_nest {
        let words: Vec<&str> = step.split_whitespace().skip_while(|w| *w != "build").skip(1).collect();
        let named = words.first().filter(|w| !w.starts_with('-'));
        if let (Some(named), Some(project)) = (named, &cli.project)
            && named != project
        {
            return None;
        }
        return Some(nest(context, cli, folder, main, step));
    }
    if scripts::runs(step, "tsc") || scripts::runs(step, "ttsc") || scripts::runs(step, "tspc") {
        if step.contains("--noEmit") {
            return None;
        }
        let named = scripts::option(step, &["-p", "--project", "-b", "--build"]).unwrap_or("tsconfig.json");
        let file = place::join(at, named)?;
        let file = if context.tree.has(&file) {
            file
        } else {
            place::join(&file, "tsconfig.json")?
        };
        let mut config = (*context.modules.tsconfigs.load(context.tree, &file)?).clone();
        if let Some(out) = scripts::option(step, &["--outDir"]) {
            config.out_dir = place::join(at, out);
        }
        if let Some(root) = scripts::option(step, &["--rootDir"]) {
            config.root_dir = place::join(at, root);
        }
        if config.no_emit || !place::inside(main, &config.folder) && !program::files(context, &config).contains(main) {
            return None;
        }
        if !program::files(context, &config).contains(main) {
            return None;
        }
        return Some(tsc(context, &config, folder, main));
    }
    if scripts::runs(step, "webpack") || scripts::runs(step, "rspack") || scripts::runs(step, "webpack-cli") {
        let named = scripts::option(step, &["--config", "-c"]);
        return server_bundle::webpack(context, at, main, named);
    }
    if scripts::runs(step, "vite") && step.contains(" build") {
        return server_bundle::vite(context, at, main, step);
    }
    if scripts::runs(step, "swc") {
        let out = scripts::option(step, &["-d", "--out-dir"]).unwrap_or("dist");
        let from = place::relative(main, at);
        let strip = step.contains("--strip-leading-paths");
        let inner = if strip {
            from.split_once('/').map_or(from.as_str(), |(_, rest)| rest)
        } else {
            &from
        };
        let file = place::join(at, &format!("{out}/{}", program::script_name(inner)))?;
        return Some((
            file,
            Confidence::Medium,
            Source::new(main, None),
            "swc keeps the folders of the sources.".to_owned(),
        ));
    }
    if (scripts::runs(step, "tsup") || scripts::runs(step, "esbuild") || scripts::runs(step, "ncc"))
        && step.contains(place::file_name(main))
    {
        let out = scripts::option(step, &["-d", "--out-dir", "--outdir", "-o", "--out"]).unwrap_or("dist");
        let name = program::script_name(place::file_name(main));
        let name = if scripts::runs(step, "ncc") {
            "index.js".to_owned()
        } else {
            name
        };
        let file = scripts::option(step, &["--outfile"])
            .map_or_else(|| place::join(at, &format!("{out}/{name}")), |f| place::join(at, f))?;
        return Some((
            file,
            Confidence::Medium,
            Source::new(main, None),
            "The bundler names its output after the start file.".to_owned(),
        ));
    }
    None
}

/// `nest build` by its builder.
fn nest(context: &Context<'_>, cli: &NestCli, folder: &str, main: &str, step: &str) -> Found {
    let at = &cli.folder;
    let asked = scripts::option(step, &["-b", "--builder"]).map(str::to_owned);
    let by_flag = step.contains("--webpack").then(|| "webpack".to_owned());
    let by_setting = cli.webpack.and_then(|w| w.then(|| "webpack".to_owned()));
    let by_default = (cli.monorepo && cli.webpack != Some(false)).then(|| "webpack".to_owned());
    let builder = by_flag
        .or(asked)
        .or_else(|| cli.builder.clone())
        .or(by_setting)
        .or(by_default)
        .unwrap_or_else(|| "tsc".to_owned());
    let cli_source = cli
        .file
        .as_ref()
        .map_or_else(|| Source::new(main, None), |f| Source::new(f, None));
    if builder == "webpack" || builder == "rspack" {
        let custom = scripts::option(step, &["--webpackPath"]).or(cli.webpack_config.as_deref());
        let custom = custom.map(str::to_owned).or_else(|| {
            context
                .first_file(at, &["webpack.config.js"])
                .map(|_| "webpack.config.js".to_owned())
        });
        let entry = cli
            .entry
            .clone()
            .unwrap_or_else(|| place::file_name(main).trim_end_matches(".ts").to_owned());
        let default = if cli.root.is_empty() {
            format!("{entry}.js")
        } else {
            format!("{}/{entry}.js", cli.root)
        };
        let changed = custom.and_then(|c| server_bundle::of_nest(context, at, &c, &default));
        let file = changed
            .or_else(|| place::join(at, &format!("dist/{default}")))
            .unwrap_or_default();
        return (
            file,
            Confidence::High,
            cli_source,
            "webpack puts one file below dist, in the folder of the application.".to_owned(),
        );
    }
    let named = scripts::option(step, &["-p", "--path"])
        .or(cli.ts_config.as_deref())
        .map(str::to_owned);
    let in_root = place::join(at, &cli.root).unwrap_or_else(|| at.clone());
    let file = named
        .and_then(|n| place::join(at, &n))
        .or_else(|| {
            context
                .first_file(&in_root, &["tsconfig.app.json"])
                .filter(|_| !cli.root.is_empty())
        })
        .or_else(|| context.first_file(at, &["tsconfig.build.json", "tsconfig.json"]))
        .or_else(|| context.first_file(folder, &["tsconfig.build.json", "tsconfig.json"]));
    let config = file.and_then(|f| context.modules.tsconfigs.load(context.tree, &f));
    let Some(config) = config else {
        let file = place::join(folder, "dist/main.js").unwrap_or_default();
        return (
            file,
            Confidence::Low,
            cli_source,
            "There is no tsconfig.json, so this is the usual place.".to_owned(),
        );
    };
    if builder == "swc" {
        let out = config.out_dir.clone().or_else(|| place::join(at, "dist")).unwrap_or_default();
        let version = context.version(folder, "@nestjs/cli").and_then(|v| triple(&v));
        let source = cli.source_root.clone().unwrap_or_else(|| "src".to_owned());
        let source = place::join(at, &source).unwrap_or_default();
        let from = place::relative(main, at);
        let keeps = version == Some((11, 0, 19)) && config.root_dir.is_some();
        let inner = if keeps || !place::inside(main, &source) {
            from
        } else {
            // swc drops the first folder of the path it was given.
            from.split_once('/').map_or(from.clone(), |(_, rest)| rest.to_owned())
        };
        let file = place::join(&out, &program::script_name(&inner)).unwrap_or_default();
        return (
            file,
            Confidence::High,
            cli_source,
            "swc keeps the folders of the sources, without the first one.".to_owned(),
        );
    }
    tsc(context, &config, folder, main)
}

/// The compiler of TypeScript: output folder plus the path below the root of all sources.
fn tsc(context: &Context<'_>, config: &TsConfig, folder: &str, main: &str) -> Found {
    let out = config.out_dir.clone();
    let typescript = context.version(folder, "typescript").and_then(|v| major(&v)).unwrap_or(5);
    let (root, why) = if let Some(root) = &config.root_dir {
        (
            root.clone(),
            "rootDir is set, so the output keeps the path below it.".to_owned(),
        )
    } else if config.composite || typescript >= 6 {
        (
            config.folder.clone(),
            "The compiler takes the folder of tsconfig.json as the root of all sources.".to_owned(),
        )
    } else {
        let files = program::files(context, config);
        let root = program::common_root(files.iter().map(|f| &**f).chain([main])).unwrap_or_else(|| folder.to_owned());
        let outside = files.iter().find(|f| !place::inside(f, place::parent(main)));
        let why = match outside {
            Some(file) if !place::inside(main, &root) || root != place::parent(main) => {
                format!("{file} is compiled too, so the output keeps the path from {root} on.")
            }
            _ => "All compiled files lie in one folder, which is left out of the output path.".to_owned(),
        };
        (root, why)
    };
    let inner = program::script_name(&place::relative(main, &root));
    let base = out.unwrap_or_else(|| root.clone());
    let file = place::join(&base, &inner).unwrap_or_default();
    (
        file,
        Confidence::High,
        Source::new(
            &config.file,
            context.tree.text(&config.file).and_then(|t| json::line_of(&t, &["outDir"])),
        ),
        why,
    )
}
