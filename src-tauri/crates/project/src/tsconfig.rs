//! `tsconfig.json` with everything it extends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::resolver::package_name;
use crate::tree::{Tree, lock};
use crate::{json, place};

/// The effective configuration of one file; paths are relative to the inspected folder.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the compiler")]
pub(crate) struct TsConfig {
    /// The file itself.
    pub(crate) file: String,
    /// Folder of the file.
    pub(crate) folder: String,
    pub(crate) root_dir: Option<String>,
    pub(crate) out_dir: Option<String>,
    pub(crate) base_url: Option<String>,
    /// Alias patterns with their targets.
    pub(crate) paths: Vec<(String, Vec<String>)>,
    /// Patterns, relative to the file that states them, made relative to the inspected folder.
    pub(crate) include: Option<Vec<String>>,
    pub(crate) exclude: Option<Vec<String>>,
    pub(crate) files: Option<Vec<String>>,
    pub(crate) composite: bool,
    pub(crate) no_emit: bool,
    pub(crate) resolve_json: bool,
    pub(crate) allow_js: bool,
    /// Configurations it extends, from the outermost.
    pub(crate) parents: Vec<String>,
    /// Files and folders of projects it builds on.
    pub(crate) references: Vec<String>,
    /// A configuration that could not be found.
    pub(crate) missing_parent: Option<String>,
}

/// Reads configurations once, for all threads.
#[derive(Default)]
pub(crate) struct TsConfigs {
    known: Mutex<HashMap<String, Option<Arc<TsConfig>>>>,
    /// By folder.
    near: Mutex<FxHashMap<String, Option<Arc<TsConfig>>>>,
}

impl TsConfigs {
    /// The configuration in a file.
    pub(crate) fn load(&self, tree: &Tree, file: &str) -> Option<Arc<TsConfig>> {
        if !tree.has(file) {
            return None;
        }
        if let Some(known) = lock(&self.known).get(file) {
            return known.clone();
        }
        let config = read(tree, file, 0).map(Arc::new);
        lock(&self.known).insert(file.to_owned(), config.clone());
        config
    }

    /// The configuration nearest to a folder.
    pub(crate) fn nearest(&self, tree: &Tree, folder: &str) -> Option<Arc<TsConfig>> {
        if let Some(known) = lock(&self.near).get(folder) {
            return known.clone();
        }
        let own = ["tsconfig.json", "tsconfig.base.json", "jsconfig.json"]
            .iter()
            .find_map(|name| self.load(tree, &place::join(folder, name)?));
        let config = own.or_else(|| (folder != ".").then(|| self.nearest(tree, place::parent(folder)))?);
        lock(&self.near).insert(folder.to_owned(), config.clone());
        config
    }
}

fn read(tree: &Tree, file: &str, depth: u32) -> Option<TsConfig> {
    let json = json::parse(&tree.text(file)?)?;
    let folder = place::parent(file).to_owned();
    let mut config = TsConfig::default();
    let parents: Vec<&str> = match &json["extends"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    for parent in parents {
        let file = parent_file(tree, &folder, parent).filter(|_| depth < 8);
        match file.and_then(|f| Some((read(tree, &f, depth + 1)?, f))) {
            Some((next, file)) => {
                let before = std::mem::replace(&mut config, next).parents;
                config.parents.extend(before);
                config.parents.push(file);
            }
            None => config.missing_parent = Some(parent.to_owned()),
        }
    }
    file.clone_into(&mut config.file);
    folder.clone_into(&mut config.folder);
    let options = &json["compilerOptions"];
    let at = |key: &str| {
        options[key]
            .as_str()
            .and_then(|p| place::join(&folder, &p.replace("${configDir}", ".")))
    };
    config.root_dir = at("rootDir").or(config.root_dir);
    config.out_dir = at("outDir").or(config.out_dir);
    config.base_url = at("baseUrl").or(config.base_url);
    config.composite = options["composite"].as_bool().unwrap_or(config.composite);
    config.no_emit = options["noEmit"].as_bool().unwrap_or(config.no_emit);
    config.resolve_json = options["resolveJsonModule"].as_bool().unwrap_or(config.resolve_json);
    config.allow_js = options["allowJs"].as_bool().unwrap_or(config.allow_js);
    if let Some(paths) = options["paths"].as_object() {
        let base = config.base_url.clone().unwrap_or_else(|| folder.clone());
        config.paths = paths
            .iter()
            .map(|(alias, targets)| {
                let targets = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
                (alias.clone(), targets.filter_map(|t| place::join(&base, t)).collect())
            })
            .collect();
    }
    let list = |key: &str| {
        json[key].as_array().map(|all| {
            all.iter()
                .filter_map(Value::as_str)
                .filter_map(|p| place::join(&folder, &p.replace("${configDir}", ".")))
                .collect::<Vec<_>>()
        })
    };
    let references = json["references"].as_array().into_iter().flatten();
    config.references = references.filter_map(|r| place::join(&folder, r["path"].as_str()?)).collect();
    config.include = list("include").or(config.include);
    config.exclude = list("exclude").or(config.exclude);
    config.files = list("files").or(config.files);
    if json["files"].is_array() && !json["include"].is_array() {
        config.include = None;
    }
    Some(config)
}

fn parent_file(tree: &Tree, folder: &str, parent: &str) -> Option<String> {
    let with_json = |p: &str| {
        [p.to_owned(), format!("{p}.json"), format!("{p}/tsconfig.json")]
            .into_iter()
            .find(|f| tree.has(f))
    };
    if parent.starts_with('.') || parent.starts_with('/') {
        return with_json(&place::join(folder, parent)?);
    }
    // A workspace package: its folder carries the last part of the name, most of the time.
    let name = parent.split('/').nth(usize::from(parent.starts_with('@')))?;
    let rest = parent
        .split('/')
        .skip(1 + usize::from(parent.starts_with('@')))
        .collect::<Vec<_>>()
        .join("/");
    tree.files()
        .filter(|f| place::file_name(f) == "package.json")
        .find(|f| {
            place::file_name(place::parent(f)) == name
                || tree
                    .text(f)
                    .is_some_and(|t| t.contains(&format!("\"{}\"", package_name(parent))))
        })
        .and_then(|f| {
            with_json(&place::join(
                place::parent(f),
                if rest.is_empty() { "tsconfig.json" } else { &rest },
            )?)
        })
}

/// Patterns of `include` or `exclude`, taken apart once.
pub(crate) struct Patterns(Vec<Pattern>);

enum Pattern {
    All,
    /// A file or a folder and everything in it.
    Plain(String),
    Glob {
        parts: Vec<String>,
        deep: bool,
    },
}

impl Patterns {
    pub(crate) fn new(patterns: &[String]) -> Self {
        let one = |pattern: &String| {
            if pattern == "." {
                Pattern::All
            } else if !pattern.contains(['*', '{', '?']) {
                Pattern::Plain(pattern.clone())
            } else {
                let parts: Vec<String> = pattern.split('/').map(str::to_owned).collect();
                Pattern::Glob {
                    deep: parts.iter().any(|p| p == "**"),
                    parts,
                }
            }
        };
        Self(patterns.iter().map(one).collect())
    }

    /// Whether a path matches one of the patterns.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut split: Option<Vec<&str>> = None;
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Plain(plain) => crate::place::inside(path, plain),
            Pattern::Glob { parts, deep } => {
                let path = split.get_or_insert_with(|| path.split('/').collect());
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                // A pattern that names a folder means everything in it.
                glob(&parts, path) || (!deep && (1..path.len()).any(|n| glob(&parts, &path[..n])))
            }
        })
    }
}

/// Matches path segments; `*` within a segment, `**` over any number of them, `{a,b}` in a segment.
pub(crate) fn glob(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|n| glob(rest, &path[n..])),
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(head, tail)| segment(first, head) && glob(rest, tail)),
    }
}

fn segment(pattern: &str, text: &str) -> bool {
    if let (Some(open), Some(close)) = (pattern.find('{'), pattern.find('}'))
        && open < close
    {
        return pattern[open + 1..close]
            .split(',')
            .any(|choice| segment(&format!("{}{choice}{}", &pattern[..open], &pattern[close + 1..]), text));
    }
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, path: &str) -> bool {
        Patterns::new(&[pattern.to_owned()]).matches(path)
    }

    #[test]
    fn patterns_match_like_the_compiler_does() {
        assert!(fits("api/src", "api/src/main.ts"));
        assert!(fits("api/**/*spec.ts", "api/src/a/b.spec.ts"));
        assert!(fits("api/src/**/*", "api/src/a.ts"));
        assert!(fits("test/*.{ts,js}", "test/a.js"));
        assert!(!fits("api/src", "api/srcs/main.ts"));
        assert!(!fits("**/*spec.ts", "src/main.ts"));
    }
}
