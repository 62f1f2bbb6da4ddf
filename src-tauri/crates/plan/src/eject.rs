//! Leaving with the stacks: a folder that deploys and updates an application with the AWS CLI alone.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_project::Verdict;

use crate::application::Application;
use crate::archive::migrator_zip;
use crate::artifacts;
use crate::error::PlanError;
use crate::model::role_name;
use crate::plan::{AccountFacts, CheckResult, Parameter, Plan, StackRole};
use crate::source_host::{connection_name, host_name, provider_type};
use crate::stacks;

mod cdk;
mod readme;

/// The script that deploys, updates and takes down.
const SCRIPT: &str = include_str!("../assets/eject/deploy.sh");

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EjectedFile {
    /// Path inside the folder, with `/` between its parts.
    pub path: String,
    /// What it is, without a full stop.
    pub about: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub executable: bool,
}

/// What an ejected folder holds beside the templates and the script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EjectOptions {
    /// The stacks once more as an app of the AWS CDK, in TypeScript.
    pub cdk: bool,
}

/// Every file of a folder that deploys this plan with the AWS CLI alone. The same plan gives the same bytes.
///
/// # Errors
/// [`PlanError`] if the plan cannot be deployed: it names no repository, or one of its checks failed.
pub fn eject(plan: &Plan, options: EjectOptions) -> Result<Vec<EjectedFile>, PlanError> {
    deployable(plan)?;
    let (migrator_key, migrator) = migrator_zip();
    let mut files = vec![
        EjectedFile {
            executable: true,
            ..text("deploy.sh", "deploys, updates and takes down", SCRIPT)
        },
        text(
            "settings.env",
            format!("what the script knows about {}", plan.inputs.choices.name()),
            settings(plan, &migrator_key),
        ),
    ];
    for stack in &plan.stacks {
        if let StackRole::Edge | StackRole::Pipeline = stack.role {
            let role = role_name(stack.role);
            let what = format!("stack `{}`, {} resources", stack.name, stack.resources.len());
            files.push(text(stack.template_file.clone(), what, stack.template.clone()));
            let name = &stack.name;
            files.push(text(
                format!("{role}.parameters"),
                format!("parameters of `{name}`"),
                lines(&stack.parameters),
            ));
            files.push(text(
                format!("{role}.tags"),
                format!("tags of `{name}`"),
                lines(&plan.tags(stack.role)),
            ));
        }
    }
    let answered = artifacts::answered(&plan.files, &plan.resolved_at_deployment, &blanks(plan));
    for file in answered {
        let about = file.description.trim_end_matches('.').to_owned();
        files.push(text(format!("infra/{}", file.path), about, file.text));
    }
    files.push(EjectedFile {
        path: "migrator.zip".to_owned(),
        about: "code of the migration function".to_owned(),
        bytes: migrator,
        executable: false,
    });
    for policy in &plan.policies {
        files.push(text(
            format!("{}.policy.json", policy.name),
            "IAM policy: what whoever runs the script must be allowed",
            policy.document.clone(),
        ));
    }
    if options.cdk {
        let app = Application::new(&plan.inputs)?;
        files.extend(cdk::files(app.name(), &app.choices.region, &stacks::all(&app))?);
    }
    let readme = readme::readme(plan, &files);
    files.insert(0, text("README.md", "how to deploy, update, operate and take down", readme));
    Ok(files)
}

fn text(path: impl Into<String>, about: impl Into<String>, text: impl Into<String>) -> EjectedFile {
    EjectedFile {
        path: path.into(),
        about: about.into(),
        bytes: text.into().into_bytes(),
        executable: false,
    }
}

fn deployable(plan: &Plan) -> Result<(), PlanError> {
    if plan.inputs.findings.verdict != Verdict::Deployable {
        return Err(PlanError::project(plan.inputs.findings.reason.clone()));
    }
    if plan.inputs.choices.repository.is_none() {
        return Err(PlanError::choice(
            "repository",
            "",
            "the pipeline has to know where the code lies, such as owner/name",
        ));
    }
    match plan.checks.iter().find(|c| c.result == CheckResult::Failed) {
        Some(check) => Err(PlanError::project(format!("{}: {}", check.title, check.detail))),
        None => Ok(()),
    }
}

/// Stand-ins for the account's answers; the script puts the answers in their place.
fn blanks(plan: &Plan) -> AccountFacts {
    let asked = |name: &str| plan.resolved_at_deployment.iter().any(|p| p.name == name);
    AccountFacts {
        zones: ["@ZONE_A@".to_owned(), "@ZONE_B@".to_owned()],
        cloudfront_prefix_list: "@PREFIX_LIST@".to_owned(),
        connection_arn: "@CONNECTION@".to_owned(),
        artifact_bucket: "@BUCKET@".to_owned(),
        certificate_arn: asked("Certificate").then(|| "@CERTIFICATE@".to_owned()),
        web_acl_arn: asked("WebAcl").then(|| "@WEB_ACL@".to_owned()),
    }
}

/// One `name=value` a line, as `aws cloudformation deploy` takes parameters and tags.
fn lines(pairs: &[Parameter]) -> String {
    pairs.iter().fold(String::new(), |mut text, pair| {
        let _ = writeln!(text, "{}={}", pair.name, pair.value);
        text
    })
}

/// What the script has to know about this application.
fn settings(plan: &Plan, migrator_key: &str) -> String {
    let choices = &plan.inputs.choices;
    let provider = choices.provider;
    let edge_region = plan.stack(StackRole::Edge).map_or("", |s| s.region.as_str());
    let pairs = [
        ("APP", choices.name()),
        ("REGION", choices.region.clone()),
        ("EDGE_REGION", edge_region.to_owned()),
        ("CONNECTION_NAME", connection_name(provider)),
        ("CONNECTION_PROVIDER", provider_type(provider).to_owned()),
        ("MIGRATOR_KEY", migrator_key.to_owned()),
        ("MADE_FROM", plan.made_from()),
    ];
    let mut text = format!("# Read by deploy.sh. The connection is the one to {}.\n", host_name(provider));
    for (name, value) in pairs {
        let _ = writeln!(text, "{name}={}", quoted(&value));
    }
    text
}

/// A word that the shell takes as it is.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
