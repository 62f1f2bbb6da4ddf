//! Compares what the importer says about real repositories with hand-checked answers.
//!
//! `ZONKE_IMPORT_TRUTH` names the JSON file of answers, `ZONKE_IMPORT_REPOS` the folder with one checkout per entry, named by its `id`.
#![expect(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a table on the terminal is all this program is for; JSON is read loosely"
)]

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use zonke_project::{Backend, DatabaseConnection, Findings, Frontend, PackageManagerName, Verdict, inspect};

/// Fields that have to be right, in the order of the table.
const FIELDS: [&str; 12] = [
    "verdict",
    "frontend",
    "backend",
    "packageManager",
    "outputDir",
    "entryFile",
    "port",
    "globalPrefix",
    "orm",
    "database",
    "prisma.schema",
    "connection",
];

fn main() -> ExitCode {
    let (Ok(truth), Ok(repos)) = (std::env::var("ZONKE_IMPORT_TRUTH"), std::env::var("ZONKE_IMPORT_REPOS")) else {
        println!("Skipped: set ZONKE_IMPORT_TRUTH to the file of answers and ZONKE_IMPORT_REPOS to the folder of checkouts.");
        return ExitCode::SUCCESS;
    };
    let only = std::env::args().nth(1);
    let Some(entries) = std::fs::read_to_string(&truth)
        .ok()
        .and_then(|t| serde_json::from_str::<Vec<Value>>(&t).ok())
    else {
        println!("{truth} cannot be read as a list of answers.");
        return ExitCode::FAILURE;
    };
    let (mut right, mut total, mut silent) = (0, 0, 0);
    let mut by_field = [0_u32; FIELDS.len()];
    for entry in &entries {
        let id = text(&entry["id"]);
        if only.as_ref().is_some_and(|o| !id.contains(o.as_str())) {
            continue;
        }
        total += 1;
        let findings = match inspect(&Path::new(&repos).join(&id)) {
            Ok(findings) => findings,
            Err(error) => {
                println!("{id:50} cannot be inspected: {error}");
                continue;
            }
        };
        let wrong = compare(entry, &findings);
        for (i, field) in FIELDS.iter().enumerate() {
            by_field[i] += u32::from(!wrong.iter().any(|w| w.0 == *field));
        }
        right += u32::from(wrong.is_empty());
        let picked =
            findings.verdict == Verdict::Deployable && wrong.iter().any(|w| matches!(w.0, "verdict" | "frontend" | "backend"));
        silent += u32::from(picked);
        println!("{} {id}", if wrong.is_empty() { "ok   " } else { "WRONG" });
        for (field, expected, found) in wrong {
            println!("        {field:16} expected {expected:40} found {found}");
        }
    }
    println!("\n{right} of {total} right in all key fields, {silent} wrong silent picks");
    for (i, field) in FIELDS.iter().enumerate() {
        println!("  {field:16} {:2} of {total}", by_field[i]);
    }
    if total > 0 && right + 1 >= total && silent == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

type Wrong = (&'static str, String, String);

fn compare(entry: &Value, findings: &Findings) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut check = |field: &'static str, expected: String, found: String| {
        if expected != found {
            wrong.push((field, expected, found));
        }
    };
    let verdict = match findings.verdict {
        Verdict::Deployable => "deployable",
        Verdict::NeedsChoice => "needs-choice",
        Verdict::NotSupported => "not-supported",
    };
    if !list(&entry["accept_verdicts"]).iter().any(|v| v == verdict) {
        check("verdict", list(&entry["accept_verdicts"]).join("|"), verdict.to_owned());
    }
    // One path means it is chosen; several mean that all are candidates, the suggested one first.
    for (half, all, chosen) in [
        (
            "frontend",
            findings.frontends.iter().map(|f| &f.path).collect::<Vec<_>>(),
            &findings.chosen.frontend,
        ),
        (
            "backend",
            findings.backends.iter().map(|b| &b.path).collect(),
            &findings.chosen.backend,
        ),
    ] {
        // An entry may leave a half open, and where asking is right as well, asking is.
        let asks = findings.verdict == Verdict::NeedsChoice && chosen.is_none();
        match &entry[half] {
            Value::Null if entry.get(half).is_none() => {}
            Value::String(path) if asks => check(half, path.clone(), all.first().map_or_else(String::new, ToString::to_string)),
            Value::Array(several) => {
                let mut expected: Vec<String> = several.iter().map(text).collect();
                let mut found: Vec<String> = all.iter().map(ToString::to_string).collect();
                let suggested = text(&entry["suggested"][half]);
                check(half, suggested, found.first().cloned().unwrap_or_default());
                expected.sort();
                found.sort();
                check(half, expected.join(" "), found.join(" "));
                check(
                    half,
                    "no pick".to_owned(),
                    chosen.clone().unwrap_or_else(|| "no pick".to_owned()),
                );
            }
            one => check(half, text(one), chosen.clone().unwrap_or_default()),
        }
    }
    let manager = match findings.package_manager.name {
        PackageManagerName::Npm => "npm",
        PackageManagerName::YarnClassic => "yarn-classic",
        PackageManagerName::YarnBerry => "yarn-berry",
        PackageManagerName::Pnpm => "pnpm",
        PackageManagerName::Bun => "bun",
    };
    let plausible = list(&entry["package_manager"]["also_plausible"]);
    if !plausible.iter().any(|p| p == manager) {
        check("packageManager", text(&entry["package_manager"]["name"]), manager.to_owned());
    }
    let statics = |f: &&Value| text(&f["kind"]) == "spa" && text(&f["framework"]) == "react";
    for expected in entry["frontends"].as_array().into_iter().flatten().filter(statics) {
        let path = text(&expected["path"]);
        let found = findings.frontends.iter().find(|f| f.path == path);
        check(
            "outputDir",
            text(&expected["output_dir"]),
            found.map_or_else(String::new, |f: &Frontend| f.output_dir.clone()),
        );
    }
    for expected in entry["backends"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|b| text(&b["framework"]) == "nestjs")
    {
        let path = text(&expected["path"]);
        let Some(found) = findings.backends.iter().find(|b| b.path == path) else {
            check("backend", path, "(missing)".to_owned());
            continue;
        };
        backend(expected, found, &mut check);
    }
    wrong
}

fn backend(expected: &Value, found: &Backend, check: &mut impl FnMut(&'static str, String, String)) {
    check("entryFile", text(&expected["entry_file"]), found.entry_file.clone());
    let port = |env: &str, default: &str| format!("{env} {default}");
    check(
        "port",
        port(&text(&expected["port"]["env"]), &text(&expected["port"]["default"])),
        port(
            found.port.env.as_deref().unwrap_or_default(),
            &found.port.default.map_or_else(String::new, |p| p.to_string()),
        ),
    );
    check(
        "globalPrefix",
        text(&expected["global_prefix"]),
        found.global_prefix.clone().unwrap_or_default(),
    );
    check("orm", text(&expected["orm"]), found.orm.clone());
    check(
        "database",
        list(&expected["database"]).first().cloned().unwrap_or_default(),
        found.database.clone().unwrap_or_default(),
    );
    if let Some(expected) = connection(&text(&expected["db_config"])) {
        let found = match &found.connection {
            Some(DatabaseConnection::Url { variable }) => vec![variable.clone()],
            Some(DatabaseConnection::Parts {
                host,
                port,
                user,
                password,
                database,
            }) => [host, port, user, password, database]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            Some(DatabaseConnection::WrittenDown) => vec!["written down".to_owned()],
            None => Vec::new(),
        };
        // Names in any order; an answer that breaks off with dots, or allows two ways, is met by one of its names.
        let right = expected.iter().any(|way| {
            let open = way.iter().any(|n| n.contains("..."));
            let known = |n: &String| found.contains(n);
            if open {
                way.iter().any(known)
            } else {
                way.iter().all(known) && found.len() == way.len()
            }
        });
        if !right {
            check("connection", format!("{expected:?}"), found.join(","));
        }
    }
    check(
        "prisma.schema",
        text(&expected["prisma"]["schema"]),
        found.prisma.as_ref().map_or_else(String::new, |p| p.schema.clone()),
    );
}

/// The names of variables in `url:X`, `parts:A,B` or `url-or-parts:X|A,B`, one list for each way.
fn connection(stated: &str) -> Option<Vec<Vec<String>>> {
    let (kind, names) = stated.split_once(':')?;
    if !matches!(kind, "url" | "parts" | "url-or-parts") {
        return None;
    }
    let names = names.split(" (").next().unwrap_or(names);
    let list = |names: &str| names.split(',').map(|n| n.trim().to_owned()).collect::<Vec<_>>();
    Some(match kind {
        // Prisma may know a second address for its own purposes.
        "url" => list(names).into_iter().map(|n| vec![n]).collect(),
        "url-or-parts" => names.split('|').map(list).collect(),
        _ => vec![list(names)],
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
