//! Writes the templates of many choice sets, for checkers outside of Rust: all pairs of settings over the made-up projects of the
//! tests, and over the folders named on the command line.
//!
//! ```text
//! cargo run -p zonke-plan --example write_matrix -- <folder> [<project>...]
//! ```
//!
//! `scripts/lint-templates` runs the checkers over them.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use zonke_plan::{AccountFacts, Deployer, Holder, Plan, deployer_stack, infra_zip_for, plan};

#[path = "../tests/common/axes.rs"]
mod axes;
#[path = "../tests/common/mod.rs"]
mod common;

/// Choice sets at least.
const LEAST: usize = 60;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => fail(&reason),
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("Say where to write the templates: cargo run -p zonke-plan --example write_matrix -- <folder> [<project>...]")?;
    let mut projects = vec![
        ("workspaces".to_owned(), common::guestbook()),
        ("separate".to_owned(), common::separate()),
    ];
    for path in arguments {
        let findings = zonke_project::inspect(Path::new(&path)).map_err(|e| format!("{path}: {e}"))?;
        projects.push((zonke_plan::app_name(&findings.name), findings));
    }
    for (number, (name, inputs)) in axes::pairwise(&projects, LEAST).into_iter().enumerate() {
        plan(&inputs)
            .map_err(|e| e.to_string())
            .and_then(|p| write(&Path::new(&folder).join(short(number, &name)), &p, &deployer(number)))
            .map_err(|reason| format!("{name}: {reason}"))?;
    }
    Ok(())
}

/// A name for the folder of a choice set: file systems take 255 bytes, and `plan.json` in it has every setting.
fn short(number: usize, name: &str) -> String {
    let settings: String = name.chars().take(200).collect();
    format!("{number:03}.{settings}")
}

#[expect(clippy::print_stderr, reason = "a command-line program")]
fn fail(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// Each kind of holder for another part of the choice sets.
fn deployer(number: usize) -> Deployer {
    let trusted = [
        "user/team/ada",
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    ];
    Deployer {
        holder: match number % 4 {
            0 => Holder::User,
            kind => Holder::Role {
                trusted: trusted.get(kind - 1).map(|name| (*name).to_owned()),
                external_id: (kind == 2).then(|| "agreed-7".to_owned()),
                session_hours: 12,
            },
        },
        permissions_boundary: (number % 8 < 4).then(|| "arn:aws:iam::111122223333:policy/limit".to_owned()),
    }
}

fn write(folder: &Path, plan: &Plan, deployer: &Deployer) -> Result<(), String> {
    let account = AccountFacts {
        zones: ["a", "b"].map(|letter| format!("{}{letter}", plan.inputs.choices.region)),
        cloudfront_prefix_list: "pl-3b927c52".to_owned(),
        connection_arn: "arn:aws:codeconnections:us-east-1:111122223333:connection/00000000-0000-4000-8000-000000000000"
            .to_owned(),
        artifact_bucket: "guestbook-pipeline-artifactbucket-0".to_owned(),
        certificate_arn: Some("arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000".to_owned()),
        web_acl_arn: Some("arn:aws:wafv2:us-east-1:111122223333:global/webacl/guestbook/0".to_owned()),
    };
    let save = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|e| e.to_string())
    };
    let who = deployer_stack(&plan.inputs, deployer).map_err(|e| e.to_string())?;
    for stack in plan.stacks.iter().chain([&who]) {
        save(&stack.template_file, stack.template.as_bytes())?;
    }
    for file in &plan.files {
        save(&format!("infra/{}", file.path), file.text.as_bytes())?;
    }
    for policy in &plan.policies {
        save(&format!("{}.policy.json", policy.name), policy.document.as_bytes())?;
    }
    save("infra.zip", &infra_zip_for(plan, &account))?;
    save(
        "plan.json",
        serde_json::to_string_pretty(plan).map_err(|e| e.to_string())?.as_bytes(),
    )
}
