//! The pipeline stack, the only one that is deployed directly: source, builds, roles and the pipeline that takes the other
//! two stacks through.

mod builds;
pub(crate) mod key;
mod roles;
pub(crate) mod trigger;

use crate::application::Application;
use crate::model::{Output, ParameterDeclaration, Resource, Section, Template};
use crate::plan::StackRole;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer};

/// Object that the app uploads: templates and build files. The pipeline's second source.
pub(crate) const INFRA_KEY: &str = "infra/infra.zip";

pub(crate) fn template(app: &Application, built_by_pipeline: &[&Template]) -> Template {
    let mut parameters = vec![
        ParameterDeclaration::new("ConnectionArn", "String", "Connection to the source host; must be AVAILABLE")
            .pattern("^arn:aws[a-z-]*:(codeconnections|codestar-connections):.+$")
            .answered_by_account("The connection to the source host; one for each host serves every application of the account."),
    ];
    if app.choices.repository.is_none() {
        parameters.push(
            ParameterDeclaration::new("RepositoryId", "String", "owner/name of the repository at the source host")
                .pattern("^[^/]+/.+$"),
        );
    }
    if let Some(address) = app.alarm_address() {
        parameters.push(
            ParameterDeclaration::new(
                "AlarmEmail",
                "String",
                "Address that alarms are reported to; AWS asks it once whether it wants to",
            )
            .value(address),
        );
    }
    let mut sections = Vec::new();
    if app.own_key() {
        sections.push(key::key(app));
    }
    let roles = roles::roles(app, built_by_pipeline);
    // The pipeline starts by itself as soon as it is there; the role of the stacks must have all of its rights by then.
    let rights = roles.resources.iter().any(|r| r.id == "StackRights").then_some("StackRights");
    sections.extend([builds::storage(app), roles, builds::builds(app), pipeline(app, rights)]);
    if app.alarm_address().is_some() {
        sections.push(super::alarms::topic(app));
    }
    Template {
        role: StackRole::Pipeline,
        name: super::name(app.name(), StackRole::Pipeline),
        description: format!(
            "{}: the pipeline that builds the code and deploys the stacks {} and {} from {INFRA_KEY}. \
             The repository itself holds none of this.",
            app.name(),
            super::name(app.name(), StackRole::Base),
            super::name(app.name(), StackRole::Service),
        ),
        parameters,
        sections,
        outputs: vec![
            Output {
                name: "PipelineName",
                description: "Pipeline",
                value: refer("Pipeline"),
            },
            Output {
                name: "ArtifactBucketName",
                description: "Bucket that the app uploads to",
                value: refer("ArtifactBucket"),
            },
            Output {
                name: "RepositoryUri",
                description: "Image repository",
                value: get_att("Images", "RepositoryUri"),
            },
            Output {
                name: "StackRoleArn",
                description: "Role with which CloudFormation builds the other stacks",
                value: get_att("StackRole", "Arn"),
            },
        ],
    }
}

fn repository(app: &Application) -> Value {
    app.choices
        .repository
        .as_ref()
        .map_or_else(|| refer("RepositoryId"), Value::from)
}

/// An action of the pipeline.
fn action(
    name: &str,
    category: &str,
    provider: &str,
    configuration: Value,
    inputs: &[&str],
    outputs: &[&str],
    more: Vec<(&str, Value)>,
) -> Value {
    let artifacts = |names: &[&str]| names.iter().map(|n| map! { "Name": *n }).collect::<Vec<_>>();
    let mut entries = vec![("Name".to_owned(), Value::from(name))];
    entries.extend(more.into_iter().map(|(k, v)| (k.to_owned(), v)));
    entries.push((
        "ActionTypeId".to_owned(),
        map! { "Category": category, "Owner": "AWS", "Provider": provider, "Version": "1" },
    ));
    entries.push(("Configuration".to_owned(), configuration));
    if !inputs.is_empty() {
        entries.push(("InputArtifacts".to_owned(), artifacts(inputs).into()));
    }
    if !outputs.is_empty() {
        entries.push(("OutputArtifacts".to_owned(), artifacts(outputs).into()));
    }
    Value::Map(entries)
}

fn stage(name: &str, actions: Vec<Value>) -> Value {
    map! { "Name": name, "Actions": actions }
}

/// Variables for a build as CodePipeline wants them: a JSON text.
fn build_variables(variables: &[(&str, &str)]) -> Value {
    let entries: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{{\"name\":\"{name}\",\"value\":\"{value}\"}}"))
        .collect();
    format!("[{}]", entries.join(",")).into()
}

fn stages(app: &Application) -> Value {
    let code = map! {
        "ConnectionArn": refer("ConnectionArn"),
        "FullRepositoryId": repository(app),
        "BranchName": app.choices.branch.as_str(),
        "OutputArtifactFormat": "CODE_ZIP",
        "DetectChanges": Value::from("false").note("The trigger above decides, by branch and by path."),
    };
    let infra = map! {
        "S3Bucket": refer("ArtifactBucket"),
        "S3ObjectKey": INFRA_KEY,
        "PollForSourceChanges": Value::from("false").note("The app starts the pipeline itself after an upload."),
    };
    let deploy = |stack: StackRole, more: Vec<(&str, Value)>| {
        let role = crate::model::role_name(stack);
        let mut entries = vec![
            ("ActionMode".to_owned(), Value::from("CREATE_UPDATE")),
            ("StackName".to_owned(), super::name(app.name(), stack).into()),
            ("TemplatePath".to_owned(), format!("Infra::{role}.template.yaml").into()),
            ("TemplateConfiguration".to_owned(), format!("Infra::{role}.json").into()),
        ];
        entries.extend(more.into_iter().map(|(k, v)| (k.to_owned(), v)));
        entries.push(("RoleArn".to_owned(), get_att("StackRole", "Arn")));
        Value::Map(entries)
    };
    let order = |n: i64| ("RunOrder", Value::from(n));
    let mut stages = vec![
        stage(
            "Source",
            vec![
                action(
                    "Code",
                    "Source",
                    "CodeStarSourceConnection",
                    code,
                    &[],
                    &["Code"],
                    vec![("Namespace", "Code".into())],
                ),
                action(
                    "Infra",
                    "Source",
                    "S3",
                    infra,
                    &[],
                    &["Infra"],
                    vec![("Namespace", "Infra".into())],
                ),
            ],
        ),
        stage(
            "Build",
            vec![
                action(
                    "Infrastructure",
                    "Deploy",
                    "CloudFormation",
                    deploy(StackRole::Base, vec![("Capabilities", "CAPABILITY_IAM".into())]),
                    &["Infra"],
                    &[],
                    vec![("Namespace", "Base".into()), order(1)],
                ),
                action(
                    "Api",
                    "Build",
                    "CodeBuild",
                    map! {
                        "ProjectName": refer("BuildApi"),
                        "PrimarySource": Value::from("Infra").note("Build files come from the uploaded zip, the code is the second source."),
                        "EnvironmentVariables": build_variables(&[("COMMIT", "#{Code.CommitId}")]),
                    },
                    &["Infra", "Code"],
                    &[],
                    vec![("Namespace", "Api".into()), order(1)],
                ),
                action(
                    "Ui",
                    "Build",
                    "CodeBuild",
                    map! { "ProjectName": refer("BuildUi"), "PrimarySource": "Infra" },
                    &["Infra", "Code"],
                    &["UiFiles"],
                    vec![order(1)],
                ),
            ],
        ),
    ];
    if app.migrates() {
        stages.push(stage(
            "Migrate",
            vec![action(
                "Migrate",
                "Build",
                "CodeBuild",
                map! {
                    "ProjectName": refer("Release"),
                    "EnvironmentVariables": build_variables(&[("TASK", "migrate"), ("BUNDLE_KEY", "#{Api.BUNDLE_KEY}")]),
                },
                &["Infra"],
                &[],
                Vec::new(),
            )],
        ));
    }
    stages.push(stage(
        "Deploy",
        vec![
            action(
                "Service",
                "Deploy",
                "CloudFormation",
                deploy(
                    StackRole::Service,
                    vec![("ParameterOverrides", "{\"ImageUri\":\"#{Api.IMAGE_URI}\"}".into())],
                ),
                &["Infra"],
                &[],
                vec![order(1)],
            ),
            action(
                "PublishUi",
                "Build",
                "CodeBuild",
                map! {
                    "ProjectName": refer("Release"),
                    "PrimarySource": "Infra",
                    "EnvironmentVariables": build_variables(&[
                        ("TASK", "publish"),
                        ("UI_BUCKET", "#{Base.UiBucketName}"),
                        ("DISTRIBUTION_ID", "#{Base.DistributionId}"),
                        ("COMMIT", "#{Code.CommitId}"),
                    ]),
                },
                &["Infra", "UiFiles"],
                &[],
                vec![order(2)],
            ),
        ],
    ));
    stages.into()
}

fn pipeline(app: &Application, waits_for: Option<&str>) -> Section {
    let watched = trigger::watched(app);
    let mut paths = Value::from(watched.patterns);
    if watched.wider {
        paths = paths.note("Wider than what the application is made from: CodePipeline takes eight patterns.");
    }
    let trigger = map! {
        "ProviderType": "CodeStarSourceConnection",
        "GitConfiguration": map! {
            "SourceActionName": "Code",
            "Push": list![map! {
                "Branches": map! { "Includes": list![app.choices.branch.as_str()] },
                "FilePaths": map! { "Includes": paths },
            }],
        },
    };
    let resource = Resource::new(
        "Pipeline",
        "AWS::CodePipeline::Pipeline",
        format!("Releases {}", app.choices.released(&app.choices.branch)),
        map! {
            "Name": app.name(),
            "PipelineType": "V2",
            "ExecutionMode": Value::from("QUEUED").note("One release after the other: every set of migrations meets its own code."),
            "RoleArn": get_att("PipelineRole", "Arn"),
            "ArtifactStore": map! { "Type": "S3", "Location": refer("ArtifactBucket") },
            "Triggers": list![trigger],
            "Stages": stages(app),
        },
    )
    .node("pipeline")
    .charge(Charge::Pipeline)
    .after(["ArtifactBucketPolicy"])
    .after(waits_for)
    .accept("CKV_AWS_219", "artifacts are encrypted by AWS; a key of your own costs extra");
    Section {
        heading: "Pipeline",
        resources: vec![resource],
    }
}
