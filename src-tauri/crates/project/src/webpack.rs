//! Builds that run webpack or Rspack: directly, through Create React App, or through CRACO.

use crate::bundling::{Bundling, Step, ask_output, base, line_of, saw};
use crate::context::Context;
use crate::eval::value::Value;
use crate::trail::{Source, Trail};
use crate::{Confidence, bundler, place, scripts};

const RSPACK: [&str; 4] = [
    "rspack.config.ts",
    "rspack.config.js",
    "rspack.config.mjs",
    "rspack.config.cjs",
];

pub(crate) fn cra(
    context: &Context<'_>,
    folder: &str,
    step: Option<&Step<'_>>,
    trail: &mut Trail,
    field: &str,
) -> Option<Bundling> {
    let craco = step.is_some_and(|s| scripts::runs(&s.command, "craco"));
    let package = context.package_of(folder)?;
    let by_script = step.and_then(|s| {
        s.command
            .split_whitespace()
            .find_map(|w| w.strip_prefix("BUILD_PATH=").map(|p| p.trim_matches(['"', '\'']).to_owned()))
    });
    let by_file = [".env.production", ".env"].iter().find_map(|name| {
        let file = place::join(folder, name)?;
        let text = context.tree.text(&file)?;
        let value = text.lines().find_map(|l| l.trim().strip_prefix("BUILD_PATH="))?;
        Some((value.trim_matches(['"', '\'']).to_owned(), file))
    });
    let config_file = context
        .first_file(folder, &["craco.config.js", "craco.config.ts", "craco.config.cjs"])
        .filter(|_| craco);
    let config = config_file.as_ref().and_then(|f| bundler::evaluate(context, f, folder));
    let by_craco = config
        .as_ref()
        .and_then(|c| c.field("webpack")?.field("configure")?.field("output")?.field("path"));
    let (output_dir, source, why) = if let Some(path) = by_script {
        (
            place::join(folder, &path)?,
            Source::new(package.file(), package.line(context.tree, &["scripts", "build"])),
            "The script sets BUILD_PATH.",
        )
    } else if let Some((path, file)) = by_file {
        (place::join(folder, &path)?, Source::new(file, None), "BUILD_PATH is set.")
    } else if let (Some(Value::Path(path)), Some(file)) = (by_craco, &config_file) {
        (
            path.to_string(),
            Source::new(file, None),
            "The configuration sets the output path.",
        )
    } else {
        let line = package.line(context.tree, &["react-scripts"]);
        (
            place::join(folder, "build")?,
            Source::new(package.file(), line),
            "Create React App builds into build.",
        )
    };
    saw(trail, field, &output_dir, source, Confidence::High, why);
    if let Some(home) = package.json["homepage"].as_str() {
        let path = home
            .split("://")
            .nth(1)
            .map_or(home, |rest| rest.find('/').map_or("/", |i| &rest[i..]));
        base(
            Some(&Value::text(path)),
            trail,
            &Source::new(package.file(), package.line(context.tree, &["homepage"])),
        );
    }
    let mut out = Bundling::new(
        if craco { "craco" } else { "cra" },
        folder,
        step,
        output_dir,
        Some("REACT_APP_"),
    );
    out.config = config;
    out.config_file = config_file;
    Some(out)
}

pub(crate) fn webpack(
    context: &Context<'_>,
    folder: &str,
    step: Option<&Step<'_>>,
    entries: &[String],
    trail: &mut Trail,
    field: &str,
) -> Option<Bundling> {
    let tool = if step.is_some_and(|s| scripts::runs(&s.command, "rspack")) {
        "rspack"
    } else {
        "webpack"
    };
    let cwd = step.map_or(folder, |s| s.at.as_str());
    let named = step
        .and_then(|s| scripts::option(&s.command, &["--config", "-c"]))
        .and_then(|n| place::join(cwd, n.trim_matches(['"', '\''])));
    let usual = [
        "webpack.prod.js",
        "webpack.config.prod.js",
        "webpack.config.production.js",
        "webpack.production.js",
        "webpack.config.js",
        "webpack.config.ts",
        "webpack.config.cjs",
        "webpack.config.babel.js",
        "webpack.prod.ts",
        "webpack.prod.config.js",
        "webpack.prod.config.ts",
    ];
    let file = named
        .filter(|f| context.tree.has(f))
        .or_else(|| context.first_file(cwd, &usual))
        .or_else(|| context.first_file(folder, &usual))
        .or_else(|| context.first_file(folder, &RSPACK))?;
    let config = bundler::evaluate(context, &file, cwd);
    // A configuration of the same package may build the other half.
    if let Some((_, Value::Path(target))) = config.as_ref().and_then(bundler::entry_of) {
        let target = context
            .modules
            .file(&target)
            .map_or_else(|| target.to_string(), |file| file.to_string());
        if !place::inside(&target, folder) && !entries.contains(&target) {
            return None;
        }
    }
    let output = config.as_ref().and_then(|c| c.field("output"));
    let flagged = step
        .and_then(|s| scripts::option(&s.command, &["--output-path", "-o"]))
        .and_then(|o| place::join(cwd, o));
    let line = context.tree.text(&file).and_then(|t| line_of(&t, "path"));
    let source = Source::new(&file, line);
    let (output_dir, confidence, why) = match (flagged, output.as_ref().and_then(|o| o.field("path"))) {
        (Some(out), _) => (out, Confidence::High, "The script names the output folder."),
        (None, Some(Value::Path(out))) => (
            out.to_string(),
            Confidence::High,
            "The configuration names the output folder.",
        ),
        (None, Some(Value::Str(out))) => (
            place::join(cwd, &out)?,
            Confidence::High,
            "The configuration names the output folder.",
        ),
        (None, None | Some(Value::Undefined)) => (
            place::join(cwd, "dist")?,
            Confidence::Medium,
            "webpack builds into dist unless told otherwise.",
        ),
        (None, Some(_)) => {
            ask_output(trail, field, cwd, source.clone());
            (
                place::join(cwd, "dist")?,
                Confidence::Low,
                "The configured output folder could not be followed; this is the usual one.",
            )
        }
    };
    saw(trail, field, &output_dir, source.clone(), confidence, why);
    base(output.and_then(|o| o.field("publicPath")).as_ref(), trail, &source);
    let mut out = Bundling::new(tool, folder, step, output_dir, None);
    if step.is_none() {
        out.command = format!("{tool} --config {}", place::relative(&file, folder));
    }
    out.config = config;
    out.config_file = Some(file);
    Some(out)
}
