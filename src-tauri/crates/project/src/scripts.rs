//! Commands of `package.json`, with the scripts they call put in place.

use crate::manifest::Manifest;

/// The single commands that a script runs, in order; calls of other scripts of the package are followed.
pub(crate) fn commands(manifest: &Manifest, script: &str) -> Vec<String> {
    let mut out = Vec::new();
    expand(manifest, script, 0, &mut out);
    out
}

fn expand(manifest: &Manifest, script: &str, depth: u32, out: &mut Vec<String>) {
    for part in split(script) {
        if depth < 6 && !part.contains("--workspace") && !part.contains(" -w ") && !part.contains("--filter") {
            let called: Vec<&str> = called_scripts(manifest, part);
            if !called.is_empty() {
                for name in called {
                    if let Some(inner) = manifest.script(name) {
                        expand(manifest, inner, depth + 1, out);
                    }
                }
                continue;
            }
        }
        out.push(part.to_owned());
    }
}

/// Splits at `&&`, `||`, `;` and `&`; an inner `cd` stays a command of its own.
fn split(script: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let ends = move |c: char| {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            ('&' | ';' | '|', None) => return true,
            _ => {}
        }
        false
    };
    script.split(ends).map(str::trim).filter(|command| !command.is_empty())
}

/// Names of scripts that a command runs: `npm run x`, `yarn x`, `run-s x y`, `concurrently "npm:x"`.
fn called_scripts<'m>(manifest: &'m Manifest, command: &str) -> Vec<&'m str> {
    let words: Vec<&str> = command
        .split_whitespace()
        .filter(|w| !w.contains('=') || w.starts_with('-'))
        .collect();
    let words: Vec<&str> = words
        .into_iter()
        .skip_while(|w| matches!(*w, "cross-env" | "env-cmd" | "dotenv" | "--"))
        .collect();
    let known = |name: &str| {
        let name = name.trim_matches(|c| c == '"' || c == '\'').trim_start_matches("npm:");
        manifest.script_name(name)
    };
    match words.as_slice() {
        ["npm" | "pnpm" | "yarn" | "bun", "run" | "run-script", name, ..] => known(name).into_iter().collect(),
        ["yarn" | "pnpm", name, ..] if !matches!(*name, "install" | "exec" | "dlx" | "workspace" | "workspaces") => {
            known(name).into_iter().collect()
        }
        ["run-s" | "run-p" | "npm-run-all" | "npm-run-all2", rest @ ..] => rest.iter().filter_map(|w| known(w)).collect(),
        ["concurrently", ..] => command
            .split(['"', '\''])
            .filter_map(|part| {
                let part = part.trim();
                let name = part
                    .strip_prefix("npm run ")
                    .or_else(|| part.strip_prefix("yarn "))
                    .or_else(|| part.strip_prefix("npm:"));
                name.and_then(known)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether one of the words of a command is this program.
pub(crate) fn runs(command: &str, program: &str) -> bool {
    let mut words = command.split_whitespace().filter(|w| !w.contains('='));
    words.any(|w| w == program || w.rsplit('/').next() == Some(program))
}

/// The word after an option: `-p tsconfig.prod.json`, `--config=x`.
pub(crate) fn option<'c>(command: &'c str, names: &[&str]) -> Option<&'c str> {
    let words: Vec<&str> = command.split_whitespace().collect();
    for (i, word) in words.iter().enumerate() {
        for name in names {
            if word == name {
                return words.get(i + 1).copied();
            }
            if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(json: &str) -> Manifest {
        Manifest {
            folder: ".".to_owned(),
            json: serde_json::from_str(json).unwrap(),
        }
    }

    #[test]
    fn scripts_that_call_scripts_are_followed() {
        let m = manifest(r#"{"scripts":{"build":"yarn clean && npm run compile","clean":"rimraf dist","compile":"nest build"}}"#);
        assert_eq!(commands(&m, "npm run build"), ["rimraf dist", "nest build"]);
    }

    #[test]
    fn options_are_found_in_both_spellings() {
        assert_eq!(option("tsc -p a.json", &["-p"]), Some("a.json"));
        assert_eq!(option("webpack --config=w.js", &["--config"]), Some("w.js"));
        assert!(runs("NODE_ENV=production ./node_modules/.bin/tsc", "tsc"));
    }

    #[test]
    fn a_script_that_calls_itself_ends() {
        let m = manifest(r#"{"scripts":{"build":"npm run build"}}"#);
        assert!(!commands(&m, "npm run build").is_empty());
    }
}
