//! How a React application is built: bundler, command, output folder, prefix of its variables.

use crate::context::Context;
use crate::eval::value::{Link, Value};
use crate::manifest::Manifest;
use crate::trail::{Source, Trail};
use crate::webpack::{cra, webpack};
use crate::{Confidence, FrontendKind, bundler, nx, place, scripts};

/// How a React application is built.
pub(crate) struct Bundling {
    pub(crate) kind: FrontendKind,
    pub(crate) bundler: String,
    pub(crate) command: String,
    pub(crate) output_dir: String,
    pub(crate) env_prefix: Option<String>,
    /// Evaluated configuration.
    pub(crate) config: Option<Value>,
    pub(crate) config_file: Option<String>,
}

const VITE: [&str; 6] = [
    "vite.config.ts",
    "vite.config.js",
    "vite.config.mts",
    "vite.config.mjs",
    "vite.config.cts",
    "vite.config.cjs",
];
const RSBUILD: [&str; 4] = [
    "rsbuild.config.ts",
    "rsbuild.config.js",
    "rsbuild.config.mts",
    "rsbuild.config.mjs",
];

/// A build script that seems to build the application.
pub(crate) struct Step<'m> {
    pub(crate) package: &'m Manifest,
    pub(crate) script: &'m str,
    pub(crate) command: String,
    /// Folder it runs in.
    pub(crate) at: String,
}

/// Reads the build; `None` for libraries and for bundles that are no page of their own.
pub(crate) fn read(context: &Context<'_>, folder: &str, entries: &[String], trail: &mut Trail, field: &str) -> Option<Bundling> {
    let steps = steps(context, folder);
    let by = |program: &str| steps.iter().find(|s| scripts::runs(&s.command, program));
    let vite_file = context.first_file(folder, &VITE);
    let rsbuild_file = context.first_file(folder, &RSBUILD);
    let project = nx::project(context, folder);
    let executor = project.as_ref().map(nx::executor).unwrap_or_default();
    let mut out = if let (Some(project), true) = (&project, executor.contains("web") && vite_file.is_none()) {
        let output_dir = nx::output_path(project).unwrap_or_else(|| format!("dist/{folder}"));
        saw(
            trail,
            field,
            &output_dir,
            Source::new(&project.file, None),
            Confidence::High,
            "The build target of Nx names the output folder.",
        );
        Bundling::new("webpack", folder, None, output_dir, Some("NX_"))
    } else if let Some(step) = by("rsbuild").filter(|_| rsbuild_file.is_some() || context.installs(folder, "@rsbuild/core")) {
        rsbuild(context, folder, Some(step), rsbuild_file, trail, field)?
    } else if let Some(step) = by("vite").filter(|s| s.command.contains("build")) {
        vite(context, folder, Some(step), vite_file, trail, field)?
    } else if vite_file.is_some() {
        vite(context, folder, None, vite_file, trail, field)?
    } else if let Some(step) = by("craco")
        .or_else(|| by("react-app-rewired"))
        .or_else(|| by("react-scripts"))
    {
        cra(context, folder, Some(step), trail, field)?
    } else if let Some(step) = by("webpack").or_else(|| by("rspack")).or_else(|| by("webpack-cli")) {
        webpack(context, folder, Some(step), entries, trail, field)?
    } else if let Some(step) = by("parcel") {
        let out = scripts::option(&step.command, &["--dist-dir", "-d"]).unwrap_or("dist");
        let output_dir = place::join(&step.at, out)?;
        saw(
            trail,
            field,
            &output_dir,
            Source::new(step.package.file(), None),
            Confidence::Medium,
            "Parcel puts its build here.",
        );
        Bundling::new("parcel", folder, Some(step), output_dir, None)
    } else if rsbuild_file.is_some() {
        rsbuild(context, folder, None, rsbuild_file, trail, field)?
    } else if context.installs(folder, "react-scripts")
        && context
            .package_of(folder)
            .is_some_and(|m| m.folder == folder && m.has("react-scripts"))
    {
        cra(context, folder, None, trail, field)?
    } else {
        webpack(context, folder, None, entries, trail, field)?
    };
    if let Some(step) = steps
        .iter()
        .find(|s| scripts::runs(&s.command, "vite") && s.command.contains("--ssr"))
    {
        trail.saw(
            &format!("{field}.kind"),
            "ssr",
            Source::new(step.package.file(), step.package.line(context.tree, &["scripts"])),
            Confidence::High,
            "The build also makes a bundle that renders on a server.",
        );
        out.kind = FrontendKind::Ssr;
    }
    if let Some(step) = &steps.first()
        && let Some(moved) = moved(context, step, &out.output_dir)
    {
        trail.evidence.retain(|e| e.field != format!("{field}.outputDir"));
        let source = Source::new(step.package.file(), step.package.line(context.tree, &["scripts"]));
        saw(
            trail,
            field,
            &moved,
            source,
            Confidence::High,
            "The build script moves its output there.",
        );
        out.output_dir = moved;
    }
    if let Some(project) = &project {
        in_nx(context, folder, project, &mut out, trail, field);
    }
    Some(out)
}

impl Bundling {
    pub(crate) fn new(bundler: &str, folder: &str, step: Option<&Step<'_>>, output_dir: String, prefix: Option<&str>) -> Self {
        Self {
            kind: FrontendKind::Spa,
            bundler: bundler.to_owned(),
            command: step.map_or_else(
                || format!("{} build", if bundler == "cra" { "react-scripts" } else { bundler }),
                |s| {
                    if s.package.folder == folder {
                        s.script.to_owned()
                    } else {
                        s.command.clone()
                    }
                },
            ),
            output_dir,
            env_prefix: prefix.map(str::to_owned),
            config: None,
            config_file: None,
        }
    }
}

/// Where a build script puts its output afterwards: `vite build && mv dist ../public`.
fn moved(context: &Context<'_>, step: &Step<'_>, output: &str) -> Option<String> {
    let mut at = step.package.folder.clone();
    for command in scripts::commands(step.package, step.script) {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["cd", into] => at = place::join(&at, into)?,
            ["mv", rest @ ..] => {
                let paths: Vec<&&str> = rest.iter().filter(|w| !w.starts_with('-')).collect();
                if let [from, to] = paths.as_slice()
                    && place::join(&at, from)? == output
                {
                    let to = place::join(&at, to)?;
                    // Into a folder that is there, else under the new name.
                    return if context.tree.has_folder(&to) {
                        place::join(&to, place::file_name(output))
                    } else {
                        Some(to)
                    };
                }
            }
            _ => {}
        }
    }
    None
}

/// The configuration names an output folder that could not be followed.
pub(crate) fn ask_output(trail: &mut Trail, field: &str, root: &str, source: Source) {
    let usual = ["dist", "build"].into_iter().filter_map(|name| place::join(root, name));
    let reasons = ["Bundlers build there unless told otherwise.", "It is another usual place."];
    trail.ask(
        &format!("{field}.outputDir"),
        "The output folder is worked out in a way that could not be followed. Where does the build put index.html?",
        usual.zip(reasons.map(str::to_owned)),
        true,
        Some(source),
    );
}

pub(crate) fn saw(trail: &mut Trail, field: &str, output: &str, source: Source, confidence: Confidence, why: &str) {
    trail.saw(&format!("{field}.outputDir"), output, source, confidence, why);
}

/// Commands of the build scripts of the package and those above it, best first.
fn steps<'m>(context: &Context<'m>, folder: &str) -> Vec<Step<'m>> {
    let mut out = Vec::new();
    for package in context.packages_above(folder) {
        let mut names: Vec<(&str, &str)> = package
            .scripts()
            .filter(|(n, _)| n.starts_with("build") || n.contains(":build"))
            .collect();
        names.sort_by_key(|(n, _)| {
            (
                *n != "build",
                !n.contains("prod"),
                n.contains("dev") || n.contains("stag"),
                n.len(),
            )
        });
        for (name, script) in names {
            if name.contains("dev") && package.script("build").is_some() || name.contains("storybook") {
                continue;
            }
            let mut at = package.folder.clone();
            for command in scripts::commands(package, script) {
                if let Some(into) = command.strip_prefix("cd ") {
                    at = place::join(&at, into.trim()).unwrap_or(at);
                    continue;
                }
                // A package of its own is not built by what builds its parent, unless the command says so.
                let related = package.folder == folder
                    || place::inside(&at, folder)
                    || command.contains(place::file_name(folder))
                    || shares(context, folder, package);
                if related {
                    out.push(Step {
                        package,
                        script,
                        command,
                        at: at.clone(),
                    });
                }
            }
        }
    }
    out
}

fn shares(context: &Context<'_>, folder: &str, package: &Manifest) -> bool {
    context.package_of(folder).is_some_and(|m| m.folder == package.folder)
}

fn vite(
    context: &Context<'_>,
    folder: &str,
    step: Option<&Step<'_>>,
    file: Option<String>,
    trail: &mut Trail,
    field: &str,
) -> Option<Bundling> {
    let cwd = step.map_or(folder, |s| s.at.as_str());
    let named = step
        .and_then(|s| scripts::option(&s.command, &["--config", "-c"]))
        .and_then(|n| place::join(cwd, n));
    let file = named.filter(|f| context.tree.has(f)).or(file);
    let config = file.as_ref().and_then(|f| bundler::evaluate(context, f, cwd));
    let get = |path: &[&str]| -> Option<Value> {
        let mut at = config.clone()?;
        for part in path {
            at = at.field(part)?;
        }
        Some(at)
    };
    if get(&["build", "lib"]).is_some_and(|l| matches!(l, Value::Object(_))) {
        return None;
    }
    let root = match get(&["root"]) {
        Some(Value::Str(root)) => place::join(cwd, &root)?,
        Some(Value::Path(root)) => root.to_string(),
        _ => vite_root(context, step, cwd),
    };
    let by_flag = step.and_then(|s| scripts::option(&s.command, &["--outDir"])).map(Value::text);
    let stated = by_flag.or_else(|| get(&["build", "outDir"]));
    let source = |key: &str| {
        file.as_ref().map_or_else(
            || Source::new(folder, None),
            |f| Source::new(f, context.tree.text(f).and_then(|t| line_of(&t, key))),
        )
    };
    let (output_dir, confidence, why) = match &stated {
        Some(Value::Str(out)) => (
            place::join(&root, out)?,
            Confidence::High,
            "outDir is set; it counts from the root of the page.",
        ),
        Some(Value::Path(out)) => (out.to_string(), Confidence::High, "outDir is set."),
        Some(Value::Env(read)) if read.default.is_some() => {
            let out = crate::bootstrap::settled(stated.as_ref()?)?;
            (
                place::join(&root, &out)?,
                Confidence::Medium,
                "outDir is set unless a variable says otherwise.",
            )
        }
        Some(Value::Undefined) | None => (
            place::join(&root, "dist")?,
            Confidence::High,
            "Vite builds into dist unless told otherwise.",
        ),
        Some(_) => {
            ask_output(trail, field, &root, source("outDir"));
            (
                place::join(&root, "dist")?,
                Confidence::Low,
                "The configured output folder could not be followed; this is the usual one.",
            )
        }
    };
    saw(trail, field, &output_dir, source("outDir"), confidence, why);
    let prefix = match get(&["envPrefix"]) {
        Some(Value::Str(prefix)) => prefix.to_string(),
        Some(all @ Value::Array(_)) => {
            let all: Vec<String> = all.elements().iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
            all.iter()
                .find(|p| *p != "VITE_")
                .or(all.first())
                .cloned()
                .unwrap_or_else(|| "VITE_".to_owned())
        }
        _ => "VITE_".to_owned(),
    };
    let mut out = Bundling::new("vite", folder, step, output_dir, Some(&prefix));
    base(get(&["base"]).as_ref(), trail, &source("base"));
    out.config = config;
    out.config_file = file;
    Some(out)
}

/// `vite build web` takes the folder as its root.
fn vite_root(context: &Context<'_>, step: Option<&Step<'_>>, cwd: &str) -> String {
    let named = step.and_then(|s| {
        let words: Vec<&str> = s.command.split_whitespace().skip_while(|w| *w != "build").skip(1).collect();
        words
            .first()
            .filter(|w| !w.starts_with('-'))
            .and_then(|w| place::join(cwd, w))
    });
    named.filter(|n| context.tree.has_folder(n)).unwrap_or_else(|| cwd.to_owned())
}

/// A page below a path only works where that path is served.
pub(crate) fn base(value: Option<&Value>, trail: &mut Trail, source: &Source) {
    let Some(base) = value.and_then(crate::bootstrap::settled) else {
        return;
    };
    if !matches!(base.as_str(), "/" | "./" | "" | "auto") {
        trail.warn(
            "public-path",
            Some(source.clone()),
            format!("The page expects its files below {base}, but they are served from the top of the site. Set the base to / for this deployment."),
        );
    }
}

fn rsbuild(
    context: &Context<'_>,
    folder: &str,
    step: Option<&Step<'_>>,
    file: Option<String>,
    trail: &mut Trail,
    field: &str,
) -> Option<Bundling> {
    let cwd = step.map_or(folder, |s| s.at.as_str());
    let config = file.as_ref().and_then(|f| bundler::evaluate(context, f, cwd));
    let stated = config
        .as_ref()
        .and_then(|c| c.field("output")?.field("distPath"))
        .and_then(|d| d.field("root").or(Some(d)));
    let output_dir = match stated {
        Some(Value::Str(out)) => place::join(cwd, &out)?,
        Some(Value::Path(out)) => out.to_string(),
        _ => place::join(cwd, "dist")?,
    };
    let source = file
        .as_ref()
        .map_or_else(|| Source::new(folder, None), |f| Source::new(f, None));
    saw(
        trail,
        field,
        &output_dir,
        source,
        Confidence::High,
        "Rsbuild builds into dist unless told otherwise.",
    );
    let prefix = file
        .as_ref()
        .and_then(|f| rsbuild_prefix(context, f))
        .unwrap_or_else(|| "PUBLIC_".to_owned());
    let mut out = Bundling::new("rsbuild", folder, step, output_dir, Some(&prefix));
    out.config = config;
    out.config_file = file;
    Some(out)
}

/// `loadEnv({ prefixes: ['REACT_APP_'] })`.
fn rsbuild_prefix(context: &Context<'_>, file: &str) -> Option<String> {
    let mut it = crate::eval::Interpreter::new(context.modules, place::parent(file));
    it.run_module(file)?;
    it.export(file, "default");
    it.effects.iter().find_map(|effect| {
        let crate::eval::EffectKind::External { call } = &effect.kind else {
            return None;
        };
        let named = call.names().last() == Some(&"loadEnv");
        let arguments = call.chain.iter().rev().find_map(|l| match l {
            Link::Call(a) if named => Some(a),
            Link::Call(_) | Link::New(_) | Link::Name(_) => None,
        })?;
        let first = arguments.first()?.field("prefixes")?.elements().into_iter().next()?;
        first.as_str().map(str::to_owned)
    })
}

/// Nx runs the bundler and may say where the output goes.
fn in_nx(context: &Context<'_>, folder: &str, project: &nx::Project, out: &mut Bundling, trail: &mut Trail, field: &str) {
    let target = &project.json["targets"]["build"];
    let own_script = context
        .manifests
        .iter()
        .any(|m| m.folder == folder && m.script("build").is_some());
    if target.is_null() && own_script {
        return;
    }
    out.command = format!("nx build {}", project.name);
    let executor = nx::executor(project);
    if executor.is_empty() || out.config_file.is_some() && out.bundler == "vite" && target["options"]["outputPath"].is_null() {
        return;
    }
    if let Some(path) = nx::output_path(project).filter(|p| p.as_str() != out.output_dir) {
        trail.evidence.retain(|e| e.field != format!("{field}.outputDir"));
        saw(
            trail,
            field,
            &path,
            Source::new(&project.file, None),
            Confidence::High,
            "The build target of Nx names the output folder.",
        );
        out.output_dir = path;
    }
}

/// Line of the first mention of a key in a script.
pub(crate) fn line_of(text: &str, key: &str) -> Option<u32> {
    let at = text.find(key)?;
    u32::try_from(text[..at].matches('\n').count() + 1).ok()
}
