//! The files of `infra.zip`.

use serde_json::{Map, Value as Json, json};

use crate::application::Application;
use crate::model::{Template, role_name};
use crate::plan::{AccountFacts, AccountParameter, PlannedFile, PlannedStack, StackRole};
use crate::{layout, stacks};

/// What the plan was computed from.
pub(crate) const INPUTS_FILE: &str = "inputs.json";
/// The account's answers.
pub(crate) const ACCOUNT_FILE: &str = "account.json";

/// Code of the CloudFront function.
pub(crate) const SPA: &str = include_str!("../assets/spa.js");
/// Script that runs before the application.
pub(crate) const PRELOAD: &str = include_str!("../assets/preload.cjs");
/// Files of the migration function.
pub(crate) const MIGRATOR: [(&str, &str); 3] = [
    ("index.mjs", include_str!("../assets/migrator/index.mjs")),
    ("migrate.mjs", include_str!("../assets/migrator/migrate.mjs")),
    ("tar.mjs", include_str!("../assets/migrator/tar.mjs")),
];

/// Files that are the same for every application: path, what for, text.
const CONSTANT: [(&str, &str, &str); 10] = [
    (
        "buildspec-api.yml",
        "Build of the servers' image, as CodeBuild reads it.",
        include_str!("../assets/buildspec-api.yml"),
    ),
    (
        "buildspec-ui.yml",
        "Build of the user interface, as CodeBuild reads it.",
        include_str!("../assets/buildspec-ui.yml"),
    ),
    (
        "buildspec-release.yml",
        "Migration and publication, as CodeBuild reads them.",
        include_str!("../assets/buildspec-release.yml"),
    ),
    (
        "build-api.sh",
        "Builds the servers' image and the bundle of migrations.",
        include_str!("../assets/build-api.sh"),
    ),
    (
        "build-ui.sh",
        "Builds the user interface.",
        include_str!("../assets/build-ui.sh"),
    ),
    (
        "publish.sh",
        "Publishes the user interface without a moment in which it is broken.",
        include_str!("../assets/publish.sh"),
    ),
    (
        "prebuild.mjs",
        "Builds packages of the repository that a half of the application needs.",
        include_str!("../assets/prebuild.mjs"),
    ),
    (
        "own-image.mjs",
        "Looks at the image of a repository's own Dockerfile.",
        include_str!("../assets/own-image.mjs"),
    ),
    (
        "preload.cjs",
        "Adapts Node's HTTP server to its place behind CloudFront and the load balancer.",
        PRELOAD,
    ),
    (
        "spa.js",
        "CloudFront function that answers paths of the single-page application.",
        SPA,
    ),
];

/// Paths of the files that are the same for every application.
pub(crate) fn constant_paths() -> impl Iterator<Item = &'static str> {
    CONSTANT.iter().map(|(path, ..)| *path)
}

/// Context of the image: what must never get into it, whatever the repository holds.
const DOCKERIGNORE: &str = "# Installed anew inside the image.\n**/node_modules\n.git\n\
    # Values of secrets come from Secrets Manager, never from a file.\n**/.env\n**/.env.*\n!**/.env.example\n";

fn file(path: impl Into<String>, description: impl Into<String>, text: impl Into<String>) -> PlannedFile {
    PlannedFile {
        path: path.into(),
        description: description.into(),
        text: text.into(),
    }
}

/// JSON as people like it, with a line end at the end.
pub(crate) fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .unwrap_or_default()
}

/// Every file of `infra.zip`.
pub(crate) fn files(app: &Application, templates: &[Template], stacks: &[PlannedStack]) -> Vec<PlannedFile> {
    let mut files = Vec::new();
    let by_pipeline = |role: StackRole| matches!(role, StackRole::Base | StackRole::Service);
    for (template, stack) in templates.iter().zip(stacks).filter(|(t, _)| by_pipeline(t.role)) {
        let role = role_name(template.role);
        files.push(file(
            template.file(),
            format!("Template of the {role} stack."),
            &stack.template,
        ));
        files.push(file(
            format!("{role}.json"),
            format!("Parameters, tags and protection of the {role} stack, as the pipeline passes them on."),
            configuration(app, template),
        ));
    }
    files.push(file(
        INPUTS_FILE,
        "What this was planned from; later changes start from here.",
        pretty(app.inputs),
    ));
    files.push(file(
        "build.env",
        "Facts about this project for the build scripts.",
        layout::build_env(app),
    ));
    files.push(file(
        "ui.env",
        "Public variables that are baked into the user interface.",
        layout::ui_env(app),
    ));
    if let Some(config) = &app.choices.ui_config {
        files.push(file(
            "ui-config.json",
            format!("Published as {}, for the page to fetch when it starts. Public.", config.path),
            pretty(&config.values),
        ));
    }
    files.push(file(
        "Dockerfile.api",
        "Recipe of the servers' image.",
        layout::dockerfile(app),
    ));
    files.push(file(
        "Dockerfile.api.dockerignore",
        "What stays out of the image.",
        DOCKERIGNORE,
    ));
    files.extend(
        CONSTANT
            .iter()
            .map(|(path, description, text)| file(*path, *description, *text)),
    );
    if app.migrates() {
        files.push(file(
            "migrate.sh",
            "Runs the migrations of a commit and waits for them.",
            include_str!("../assets/migrate.sh"),
        ));
        files.extend(
            MIGRATOR
                .iter()
                .map(|(path, text)| file(format!("migrator/{path}"), "Code of the migration function.", *text)),
        );
    }
    files
}

/// The file with which CodePipeline configures a stack: parameters, tags and what may never be replaced.
fn configuration(app: &Application, template: &Template) -> String {
    let known = |p: &crate::model::ParameterDeclaration| p.value.clone().map(|value| (p.name.to_owned(), Json::String(value)));
    let parameters: Map<String, Json> = template.parameters.iter().filter_map(known).collect();
    let tags: Map<String, Json> = stacks::tags(app.choices, template.role)
        .into_iter()
        .map(|(k, v)| (k, Json::String(v)))
        .collect();
    let mut configuration = json!({ "Parameters": parameters, "Tags": tags });
    let data: Vec<Json> = template
        .resources()
        .filter(|r| r.on_delete == crate::model::OnDelete::Snapshot)
        .map(|r| json!(format!("LogicalResourceId/{}", r.id)))
        .collect();
    if !data.is_empty() {
        configuration["StackPolicy"] = json!({ "Statement": [
            { "Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": data },
        ] });
    }
    pretty(&configuration)
}

/// The files with the account's answers: filled into the parameters, and kept beside them for the next plan.
pub(crate) fn answered(files: &[PlannedFile], open: &[AccountParameter], facts: &AccountFacts) -> Vec<PlannedFile> {
    let mut files = files.to_vec();
    for parameter in open {
        let path = format!("{}.json", role_name(parameter.stack));
        let (Some(answer), Some(file)) = (
            account_answer(facts, &parameter.name),
            files.iter_mut().find(|f| f.path == path),
        ) else {
            continue;
        };
        if let Ok(mut configuration) = serde_json::from_str::<Json>(&file.text) {
            configuration["Parameters"][&parameter.name] = Json::String(answer);
            file.text = pretty(&configuration);
        }
    }
    let after_inputs = files
        .iter()
        .position(|f| f.path == INPUTS_FILE)
        .map_or(files.len(), |at| at + 1);
    files.insert(
        after_inputs,
        file(
            ACCOUNT_FILE,
            "Answers of the account that the parameters came from.",
            pretty(facts),
        ),
    );
    files
}

/// The account's answer to a parameter of the base stack.
fn account_answer(facts: &AccountFacts, name: &str) -> Option<String> {
    match name {
        "ZoneA" => Some(facts.zones[0].clone()),
        "ZoneB" => Some(facts.zones[1].clone()),
        "CloudFrontPrefixList" => Some(facts.cloudfront_prefix_list.clone()),
        "ArtifactBucket" => Some(facts.artifact_bucket.clone()),
        "Certificate" => facts.certificate_arn.clone(),
        "WebAcl" => facts.web_acl_arn.clone(),
        _ => None,
    }
}
