//! Which files a compiler takes in, and where it puts what comes out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::context::Context;
use crate::modules::{Resolved, is_script};
use crate::place;
use crate::tsconfig::{Patterns, TsConfig};

/// Files of the program that a configuration describes, imports included.
pub(crate) fn files(context: &Context<'_>, config: &TsConfig) -> BTreeSet<Arc<str>> {
    let tree = context.tree;
    let mut queue: Vec<Arc<str>> = config.files.iter().flatten().filter_map(|f| tree.shared(f)).collect();
    if config.files.is_none() || config.include.is_some() {
        let include = config.include.clone().unwrap_or_else(|| vec![config.folder.clone()]);
        let mut exclude = config.exclude.clone().unwrap_or_default();
        exclude.extend(config.out_dir.clone().filter(|d| *d != config.folder));
        let (include, exclude) = (Patterns::new(&include), Patterns::new(&exclude));
        for file in tree.files() {
            let script = is_script(file) && (config.allow_js || !has_js_ending(file));
            let hidden = file.split('/').any(|part| part.starts_with('.'));
            if script && !hidden && include.matches(file) && !exclude.matches(file) {
                queue.extend(tree.shared(file));
            }
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(file) = queue.pop() {
        if seen.len() >= 20_000 || !seen.insert(file.clone()) || !is_script(&file) {
            continue;
        }
        let Some(module) = context.modules.outline(&file) else {
            continue;
        };
        for reference in module.references.iter().filter(|r| !r.required || has_js_ending(&file)) {
            if let Some(next) = compiled(context, config, &file, &reference.specifier) {
                queue.push(next);
            }
        }
    }
    seen
}

fn has_js_ending(file: &str) -> bool {
    [".js", ".jsx", ".mjs", ".cjs"].iter().any(|e| file.ends_with(e))
}

/// The file that the compiler takes in for an import, if it will write it out again.
fn compiled(context: &Context<'_>, config: &TsConfig, from: &str, specifier: &str) -> Option<Arc<str>> {
    let Resolved::File(file) = context.modules.resolve(from, specifier) else {
        return None;
    };
    if std::path::Path::new(&*file).extension().is_some_and(|e| e == "json") {
        return config.resolve_json.then_some(file);
    }
    if has_js_ending(&file) && !config.allow_js {
        return None;
    }
    if specifier.starts_with('.') {
        return Some(file);
    }
    if context.package_named(specifier).is_none() {
        return Some(file);
    }
    // What the compiler finds through node_modules is never written out, not even the sources of another workspace package
    // behind a link (tried with TypeScript 5.2, 5.9 and 6.0). An alias that leads to the same sources makes them part of the program.
    let leads_there = |(alias, targets): &(String, Vec<String>)| {
        let rest = match alias.split_once('*') {
            Some((before, after)) => specifier.strip_prefix(before)?.strip_suffix(after)?,
            None if alias == specifier => "",
            None => return None,
        };
        // A star in a target means nothing without one in the alias.
        let targets = targets.iter().filter(|t| alias.contains('*') || !t.contains('*'));
        targets
            .filter_map(|t| context.modules.file(&t.replace('*', rest)))
            .find(|found| *found == file)
    };
    config.paths.iter().find_map(leads_there)
}

/// The deepest folder that holds all files.
pub(crate) fn common_root<'f>(files: impl Iterator<Item = &'f str>) -> Option<String> {
    let mut common: Option<Vec<&str>> = None;
    for file in files {
        let folder: Vec<&str> = place::parent(file).split('/').filter(|p| *p != ".").collect();
        common = Some(match common {
            None => folder,
            Some(before) => before
                .iter()
                .zip(&folder)
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| *a)
                .collect(),
        });
    }
    common.map(|c| if c.is_empty() { ".".to_owned() } else { c.join("/") })
}

/// Where a compiled script lands: `src/main.ts` → `main.js`.
pub(crate) fn script_name(path: &str) -> String {
    for (from, to) in [
        (".mts", ".mjs"),
        (".cts", ".cjs"),
        (".tsx", ".js"),
        (".ts", ".js"),
        (".jsx", ".js"),
    ] {
        if let Some(stem) = path.strip_suffix(from) {
            return format!("{stem}{to}");
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_root_is_the_deepest_shared_folder() {
        assert_eq!(
            common_root(["api/src/main.ts", "api/src/a/b.ts"].into_iter()).as_deref(),
            Some("api/src")
        );
        assert_eq!(
            common_root(["api/src/main.ts", "api/test/b.ts"].into_iter()).as_deref(),
            Some("api")
        );
        assert_eq!(
            common_root(["src/main.ts", "prisma/seed.ts"].into_iter()).as_deref(),
            Some(".")
        );
    }
}
