//! A few lines of a file of the inspected folder, to show where a finding comes from.
//!
//! This is the only way by which text of the project reaches a screen, so it is narrow: files of the folder only, never through a
//! link, never a file that is kept for its secrets, and no value that looks like one.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::environment::{is_name, looks_secret};
use crate::{InspectError, folder, place};

/// Lines before and after the one that is meant.
const AROUND: u32 = 3;

/// Longest line that is shown, in characters; minified files have longer ones.
const MAX_LINE: usize = 240;

/// Most bytes that are read to reach a line: sources end long before, data files do not.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// What stands in place of a hidden value.
const HIDDEN: &str = "••••••";

/// A few lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// The file, as seen from the inspected folder.
    pub file: String,
    /// Number of the first line, counted from 1.
    pub first: u32,
    /// The lines, without their ends; values that look like secrets are hidden, long lines are cut.
    pub lines: Vec<String>,
    /// Whether a value was hidden.
    pub hidden: bool,
}

/// Why a file is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExcerptError {
    /// The folder is none.
    #[error(transparent)]
    Folder(#[from] InspectError),
    /// The path leads out of the folder, or through a link.
    #[error("{file} is not a file of this project's folder.")]
    Outside {
        /// The path as given.
        file: String,
    },
    /// The file is kept for its secrets.
    #[error("{file} is kept for secrets, so its content is not shown.")]
    Secret {
        /// The path as given.
        file: String,
    },
    /// There is no such line, or the file is gone or not text.
    #[error("{file} cannot be shown: {cause}.")]
    Unreadable {
        /// The path as given.
        file: String,
        /// Why.
        cause: String,
    },
}

impl ExcerptError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder(_) => "",
            Self::Outside { .. } => "Look into the folder again: the project may have changed.",
            Self::Secret { .. } => "Open it in your editor; the app shows names of variables only.",
            Self::Unreadable { .. } => "The file may have changed since the folder was read. Look into the folder again.",
        }
    }
}

/// The lines around one line of a file, or the first lines of it.
///
/// # Errors
///
/// When the file is not one that may be shown; see [`ExcerptError`].
pub fn excerpt(dir: &Path, file: &str, line: Option<u32>) -> Result<Excerpt, ExcerptError> {
    let root = folder::check(dir)?;
    let outside = || ExcerptError::Outside { file: file.to_owned() };
    let unreadable = |cause: &str| ExcerptError::Unreadable {
        file: file.to_owned(),
        cause: cause.to_owned(),
    };
    let plain = Path::new(file).is_relative() && !file.contains(['\\', ':', '\0']);
    let normal = place::join(".", file).filter(|p| plain && p != "." && p == file);
    let normal = normal.ok_or_else(outside)?;
    for at in place::ancestors(&normal) {
        match fs::symlink_metadata(root.join(&at)) {
            Ok(meta) if meta.file_type().is_symlink() && at != "." => return Err(outside()),
            Ok(_) => {}
            Err(_) => return Err(unreadable("it is not there")),
        }
    }
    if is_kept_secret(&normal) {
        return Err(ExcerptError::Secret { file: file.to_owned() });
    }
    let path = root.join(&normal);
    if !fs::symlink_metadata(&path).is_ok_and(|m| m.is_file()) {
        return Err(unreadable("it is no file"));
    }
    let wanted = line.unwrap_or(1).max(1);
    let first = wanted.saturating_sub(AROUND).max(1);
    let last = wanted.saturating_add(AROUND);
    let text = File::open(&path).map_err(|e| unreadable(&e.to_string()))?;
    let mut lines = Vec::new();
    let mut hidden = false;
    let mut within_key = false;
    for (number, bytes) in (1_u32..).zip(BufReader::new(text.take(MAX_BYTES)).split(b'\n')) {
        let bytes = bytes.map_err(|e| unreadable(&e.to_string()))?;
        if bytes.contains(&0) {
            return Err(unreadable("it is not text"));
        }
        let text = String::from_utf8_lossy(&bytes);
        within_key |= text.contains("-----BEGIN");
        if number >= first {
            let shown = match text.trim_end() {
                _ if within_key => HIDDEN.to_owned(),
                line if is_settings(&normal) => name_only(line),
                line => redacted(line, &normal),
            };
            hidden |= shown != text.trim_end();
            lines.push(cut(&shown));
        }
        within_key &= !text.contains("-----END");
        if number == last {
            break;
        }
    }
    let reached = u32::try_from(lines.len()).unwrap_or(u32::MAX).saturating_add(first) > wanted;
    if lines.is_empty() || (line.is_some() && !reached) {
        return Err(unreadable("it is shorter than it was"));
    }
    Ok(Excerpt {
        file: normal,
        first,
        lines,
        hidden,
    })
}

fn cut(line: &str) -> String {
    if line.chars().count() <= MAX_LINE {
        return line.to_owned();
    }
    line.chars().take(MAX_LINE).chain(['…']).collect()
}

/// Files whose very purpose is to hold secrets, and what git keeps for itself.
fn is_kept_secret(file: &str) -> bool {
    let name = place::file_name(file).to_lowercase();
    let end = name.rsplit('.').next().unwrap_or_default();
    file.split('/')
        .any(|part| matches!(part, ".git" | ".ssh" | ".aws" | ".gnupg"))
        || matches!(
            name.as_str(),
            ".npmrc"
                | ".yarnrc"
                | ".netrc"
                | "_netrc"
                | ".pgpass"
                | ".htpasswd"
                | "credentials"
                | "id_rsa"
                | "id_dsa"
                | "id_ecdsa"
                | "id_ed25519"
        )
        || matches!(
            end,
            "pem" | "key" | "p12" | "pfx" | "jks" | "keystore" | "kdbx" | "tfvars" | "tfstate" | "asc" | "gpg"
        )
        || ["secret", "credential", "service-account", "serviceaccount"]
            .iter()
            .any(|w| name.contains(w))
            && matches!(end, "json" | "yaml" | "yml" | "toml" | "ini" | "txt" | "properties")
}

/// Files of variables: their names are shown, nothing else of them.
fn is_settings(file: &str) -> bool {
    let name = place::file_name(file).to_lowercase();
    let last = name.rsplit('.').next();
    name.starts_with(".env") || name.starts_with("env.") && !crate::modules::is_script(&name) || last == Some("env")
}

/// The name in a line of settings; what is no name, such as a comment or the rest of a value, may be anything.
fn name_only(line: &str) -> String {
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    let plain = name.trim().trim_start_matches("export ");
    let named = line.contains('=') && !plain.is_empty() && plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (named, value.trim().is_empty(), line.trim().is_empty()) {
        (true, false, _) => format!("{name}={HIDDEN}"),
        (true, true, _) | (_, _, true) => line.to_owned(),
        (false, ..) => HIDDEN.to_owned(),
    }
}

/// A quoted text behind `name:`, `name =`, `name ||` or `'name',`.
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?P<head>(?P<name>[A-Za-z_$][\w$.-]*)["'\]]*\s*(?:\?\?|\|\||[:=]>?|,)\s*)(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)"#).ok()
});

/// A bare text behind `name:` or `name=`, up to the end of the line.
static BARE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?P<head>(?P<name>[A-Za-z_][\w.-]*)["']?\s*[:=]\s*)(?P<value>[^\s"'`{\[].*)$"#).ok());

/// User and password in an address.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?P<head>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@\x22'`]*:[^\s/@\x22'`]+@").ok());

/// Keys whose shape gives them away.
static SHAPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:A(?:KIA|SIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk_(?:live|test)_\w{10,}|xox[abpr]-[\w-]{10,}|AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|SG\.[\w-]{16,}\.[\w-]{16,}|[A-Fa-f0-9]{40,}|[A-Za-z0-9+/]{60,}={0,2})").ok()
});

/// A line without values that look like secrets. When in doubt, a value is hidden: names are what findings are about.
fn redacted(line: &str, file: &str) -> String {
    let (Some(quoted), Some(bare), Some(address), Some(shaped)) = (&*QUOTED, &*BARE, &*ADDRESS, &*SHAPED) else {
        return HIDDEN.to_owned();
    };
    // In programs a bare word is an expression; in data it is the value itself.
    let program = crate::modules::is_script(file) || file.rsplit('.').next() == Some("prisma");
    let line = address.replace_all(line, |found: &Captures<'_>| format!("{}{HIDDEN}@", &found["head"]));
    let line = shaped.replace_all(&line, HIDDEN);
    let line = quoted.replace_all(&line, |found: &Captures<'_>| {
        let value = &found["value"];
        let quote = &value[..1];
        let inner = value.trim_matches(['"', '\'', '`']);
        if !names_secret(&found["name"]) || harmless(inner) || program && inner.contains("${") {
            return found[0].to_owned();
        }
        format!("{}{quote}{HIDDEN}{quote}", &found["head"])
    });
    if program {
        return line.into_owned();
    }
    let line = bare.replace_all(&line, |found: &Captures<'_>| {
        if !names_secret(&found["name"]) || harmless(found["value"].trim()) {
            return found[0].to_owned();
        }
        format!("{}{HIDDEN}", &found["head"])
    });
    line.into_owned()
}

/// Whether a text only refers to a value: nothing, the name of a variable, or one that is put in its place later.
fn harmless(text: &str) -> bool {
    let referred = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    text.is_empty() || text == HIDDEN || is_name(referred.unwrap_or(text))
}

/// Whether a name in any spelling, such as `jwtSecret` or `db.password`, suggests a value to hide.
fn names_secret(name: &str) -> bool {
    let mut spelled = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && spelled.ends_with(|p: char| p.is_ascii_lowercase()) {
            spelled.push('_');
        }
        spelled.push(if c.is_ascii_alphanumeric() { c } else { '_' });
    }
    let upper = spelled.to_ascii_uppercase();
    looks_secret(&upper) || upper.contains("PRIVATE_KEY") || upper.contains("PASSWORD") || upper.contains("SECRET")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_look_like_secrets_are_hidden_and_the_rest_stays() {
        for (line, file, shown) in [
            ("  secret: 'hunter2',", "a.ts", "  secret: '••••••',"),
            ("const jwtSecret = \"abc\";", "a.ts", "const jwtSecret = \"••••••\";"),
            (
                "process.env.JWT_SECRET || 'fallback'",
                "a.ts",
                "process.env.JWT_SECRET || '••••••'",
            ),
            (
                "process.env['DB_PASSWORD'] ?? 'fallback'",
                "a.ts",
                "process.env['DB_PASSWORD'] ?? '••••••'",
            ),
            (
                "config.get('JWT_SECRET', 'fallback')",
                "a.ts",
                "config.get('JWT_SECRET', '••••••')",
            ),
            ("secret: config.get('JWT_SECRET')", "a.ts", "secret: config.get('JWT_SECRET')"),
            ("secret: process.env.JWT_SECRET,", "a.ts", "secret: process.env.JWT_SECRET,"),
            (
                "await app.listen(process.env.PORT ?? 3000);",
                "main.ts",
                "await app.listen(process.env.PORT ?? 3000);",
            ),
            ("  POSTGRES_PASSWORD: hunter2", "compose.yml", "  POSTGRES_PASSWORD: ••••••"),
            (
                "  POSTGRES_PASSWORD: ${DB_PASSWORD}",
                "compose.yml",
                "  POSTGRES_PASSWORD: ${DB_PASSWORD}",
            ),
            (
                "  POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2}",
                "compose.yml",
                "  POSTGRES_PASSWORD: ••••••",
            ),
            (
                "  \"password\": \"hunter2\",",
                "ormconfig.json",
                "  \"password\": \"••••••\",",
            ),
            ("  \"name\": \"api\",", "package.json", "  \"name\": \"api\","),
            ("Authorization: `Bearer ${token}`", "a.ts", "Authorization: `Bearer ${token}`"),
            ("url = env(\"DATABASE_URL\")", "schema.prisma", "url = env(\"DATABASE_URL\")"),
            ("url: 'postgres://me:pw@db/x'", "a.ts", "url: 'postgres://••••••@db/x'"),
            ("key AKIAABCDEFGHIJKLMNOP here", "a.md", "key •••••• here"),
        ] {
            assert_eq!(redacted(line, file), shown);
        }
    }

    #[test]
    fn settings_show_their_names_only() {
        for (line, shown) in [
            ("JWT_SECRET=hunter2", "JWT_SECRET=••••••"),
            ("export PORT = 3000", "export PORT =••••••"),
            ("EMPTY=", "EMPTY="),
            ("# old password: hunter2", "••••••"),
            ("rest-of-a-key==", "••••••"),
        ] {
            assert_eq!(name_only(line), shown);
        }
        assert!(is_settings("api/.env.production") && is_settings("prod.env") && !is_settings("src/env.ts"));
    }

    #[test]
    fn files_for_secrets_are_told_by_their_names() {
        for file in ["certs/server.key", ".npmrc", "config/secrets.yaml", ".git/config"] {
            assert!(is_kept_secret(file), "{file}");
        }
        for file in [
            "src/main.ts",
            "src/secret.service.ts",
            "package.json",
            "environment.ts",
            "keys.ts",
        ] {
            assert!(!is_kept_secret(file), "{file}");
        }
    }
}
