//! Where bundlers put the server: webpack and Rspack, called by the Nest command or directly, and Vite.

use crate::context::Context;
use crate::entry::Found;
use crate::eval::Interpreter;
use crate::eval::value::Value;
use crate::trail::Source;
use crate::{Confidence, place, scripts};

/// What a webpack configuration given to `nest build` makes of the output.
pub(crate) fn of_nest(context: &Context<'_>, at: &str, file: &str, default: &str) -> Option<String> {
    let file = place::join(at, file)?;
    let mut it = Interpreter::new(context.modules, at);
    let scope = it.run_module(&file)?;
    // The file that the command passes on, recognizable wherever the configuration puts it.
    let start = "the start file";
    let options = Value::object(vec![
        ("entry".into(), Value::text(start)),
        (
            "output".into(),
            Value::object(vec![("filename".into(), Value::text(default))]),
        ),
    ]);
    let config = match it.export(&file, "default") {
        function @ Value::Func(_) => it.apply(&function, vec![options], &scope, 1),
        other => other,
    };
    let output = config.field("output");
    let path = output.as_ref().and_then(|o| o.field("path"));
    let name = output.and_then(|o| o.field("filename"));
    if path.is_none() && name.is_none() {
        return None;
    }
    let folder = match path {
        Some(Value::Path(p)) => p.to_string(),
        _ => place::join(at, "dist")?,
    };
    let name = name
        .and_then(|n| n.as_str().map(str::to_owned))
        .unwrap_or_else(|| default.to_owned());
    let chunk = match config.field("entry") {
        Some(Value::Object(entries)) => entries
            .fields
            .borrow()
            .iter()
            .find(|(_, file)| file.as_str() == Some(start))
            .map_or_else(|| "main".to_owned(), |(name, _)| name.to_string()),
        _ => "main".to_owned(),
    };
    place::join(&folder, &name.replace("[name]", &chunk))
}

/// Vite as the bundler of the server: `build.ssr`, `--ssr` or the plugin for Node.js names the start file.
pub(crate) fn vite(context: &Context<'_>, at: &str, main: &str, step: &str) -> Option<Found> {
    let named = scripts::option(step, &["--config", "-c"]);
    let usual = ["vite.config.ts", "vite.config.mts", "vite.config.js", "vite.config.mjs"];
    let file = match named {
        Some(named) => place::join(at, named).filter(|f| context.tree.has(f))?,
        None => context.first_file(at, &usual)?,
    };
    let (config, calls) = crate::bundler::evaluate_with_calls(context, &file, at)?;
    let build = config.field("build");
    let by_flag = scripts::option(step, &["--ssr"])
        .filter(|w| !w.starts_with('-'))
        .map(Value::text);
    let by_plugin = || {
        let call = calls.iter().find(|c| c.names().last() == Some(&"VitePluginNode"))?;
        call.arguments()?.first()?.field("appPath")
    };
    let start = by_flag
        .or_else(|| {
            build
                .as_ref()?
                .field("ssr")
                .filter(|v| matches!(v, Value::Str(_) | Value::Path(_)))
        })
        .or_else(by_plugin)?;
    let start = match start {
        Value::Path(p) => p.to_string(),
        Value::Str(s) => place::join(at, &s)?,
        _ => return None,
    };
    if context.modules.file(&start).as_deref() != Some(main) {
        return None;
    }
    let out = match build.as_ref().and_then(|b| b.field("outDir")) {
        Some(Value::Path(p)) => p.to_string(),
        Some(Value::Str(s)) => place::join(at, &s)?,
        _ => place::join(at, "dist")?,
    };
    // Without "type": "module" Vite marks its modules by their ending.
    let module = context.package_of(at).is_some_and(|m| m.json["type"] == "module");
    let file_name = place::file_name(main);
    let bare = file_name.rsplit_once('.').map_or(file_name, |(bare, _)| bare);
    let ending = if module { "js" } else { "mjs" };
    Some((
        place::join(&out, &format!("{bare}.{ending}"))?,
        Confidence::Medium,
        Source::new(file, None),
        "Vite builds the server from this configuration.".to_owned(),
    ))
}

/// webpack or Rspack called directly.
pub(crate) fn webpack(context: &Context<'_>, at: &str, main: &str, named: Option<&str>) -> Option<Found> {
    let usual = [
        "webpack.config.js",
        "webpack.config.ts",
        "webpack.config.cjs",
        "rspack.config.js",
        "rspack.config.ts",
        "rspack.config.mjs",
        "rspack.config.cjs",
    ];
    let file = named
        .and_then(|n| place::join(at, n))
        .filter(|f| context.tree.has(f))
        .or_else(|| context.first_file(at, &usual))?;
    let config = crate::bundler::evaluate(context, &file, at)?;
    let (name, target) = crate::bundler::entry_of(&config)?;
    let target = match target {
        Value::Path(p) => p.to_string(),
        Value::Str(s) => place::join(at, &s)?,
        _ => return None,
    };
    if context.modules.file(&target).as_deref() != Some(main) {
        return None;
    }
    let output = config.field("output");
    let path = match output.as_ref().and_then(|o| o.field("path")) {
        Some(Value::Path(p)) => p.to_string(),
        _ => place::join(at, "dist")?,
    };
    let filename = output
        .and_then(|o| o.field("filename"))
        .and_then(|f| f.as_str().map(str::to_owned))
        .unwrap_or_else(|| "[name].js".to_owned());
    let out = place::join(&path, &filename.replace("[name]", &name))?;
    Some((
        out,
        Confidence::High,
        Source::new(file, None),
        "The bundler's configuration names the output file.".to_owned(),
    ))
}
