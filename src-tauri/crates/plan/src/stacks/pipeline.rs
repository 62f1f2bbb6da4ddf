//! The pipeline stack, the only one that is deployed directly: source, builds, roles and the pipeline that takes the other
//! two stacks through.

use super::edge::{bucket_policy, private_bucket, tls_only};
use super::roles::role;
use crate::application::Application;
use crate::model::{OnDelete, Output, ParameterDeclaration, Resource, Section, Template};
use crate::plan::StackRole;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

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
    Template {
        role: StackRole::Pipeline,
        name: super::name(app.name(), StackRole::Pipeline),
        description: format!(
            "{}: the pipeline that builds every commit and deploys the stacks {} and {} from {INFRA_KEY}. \
             The repository itself holds none of this.",
            app.name(),
            super::name(app.name(), StackRole::Base),
            super::name(app.name(), StackRole::Service),
        ),
        parameters,
        sections: vec![storage(app), roles(app, built_by_pipeline), builds(app), pipeline(app)],
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

fn storage(app: &Application) -> Section {
    let name = app.name();
    let keep = |id: &str, prefix: &str, days: i64| {
        map! {
            "Id": id,
            "Status": "Enabled",
            "Prefix": prefix,
            "ExpirationInDays": days,
            "NoncurrentVersionExpiration": map! { "NoncurrentDays": 1 },
        }
    };
    let mut rules = vec![keep("pipeline", &format!("{name}/"), 30)];
    if app.migrates() {
        rules.push(keep("migrations", "migrations/", 90));
    }
    rules.push(
        map! {
            "Id": "infra",
            "Status": "Enabled",
            "Prefix": "infra/",
            "NoncurrentVersionExpiration": map! { "NoncurrentDays": 90, "NewerNoncurrentVersions": 20 },
        }
        .note("Old versions of the infrastructure stay, so that a release can be taken back together with it."),
    );
    rules
        .push(map! { "Id": "uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": map! { "DaysAfterInitiation": 7 } });
    // Images are kept by count, not by age: a quiet application must still be able to start a server.
    let lifecycle = "{\"rules\":[\n  \
        {\"rulePriority\":1,\"description\":\"images without a name\",\"selection\":{\"tagStatus\":\"untagged\",\"countType\":\"sinceImagePushed\",\"countUnit\":\"days\",\"countNumber\":7},\"action\":{\"type\":\"expire\"}},\n  \
        {\"rulePriority\":2,\"description\":\"all but the last 30 releases\",\"selection\":{\"tagStatus\":\"tagged\",\"tagPatternList\":[\"c-*\"],\"countType\":\"imageCountMoreThan\",\"countNumber\":30},\"action\":{\"type\":\"expire\"}}\n]}\n";
    let resources = vec![
        Resource::new(
            "ArtifactBucket",
            "AWS::S3::Bucket",
            "Infrastructure that the app uploads, and what the pipeline passes from step to step",
            private_bucket(rules.into(), None),
        )
        .node("artifacts")
        .charge(Charge::Artifacts)
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .accept(
            "CKV_AWS_18",
            "holds build results for a month; who reads them is visible in CloudTrail",
        ),
        bucket_policy(
            "ArtifactBucketPolicy",
            "ArtifactBucket",
            "Nobody may come without TLS",
            vec![tls_only("ArtifactBucket")],
        ),
        Resource::new(
            "Images",
            "AWS::ECR::Repository",
            "Images of the servers, one for each commit",
            map! {
                "RepositoryName": format!("zonke/{name}"),
                "EmptyOnDelete": true,
                "ImageTagMutability": "IMMUTABLE",
                "ImageScanningConfiguration": map! { "ScanOnPush": true },
                "LifecyclePolicy": map! { "LifecyclePolicyText": lifecycle },
            },
        )
        .node("images")
        .charge(Charge::Images)
        .on_delete(OnDelete::DeleteButKeepReplaced)
        .accept("CKV_AWS_136", "encrypted by AWS; a key of your own costs extra"),
        Resource::new(
            "BuildLogs",
            "AWS::Logs::LogGroup",
            "Output of builds",
            map! { "LogGroupName": format!("/zonke/{name}/build"), "RetentionInDays": 30 },
        )
        .node("pipeline")
        .accept("CKV_AWS_158", "encrypted by AWS; a key of your own costs extra"),
    ];
    Section {
        heading: "Storage",
        resources,
    }
}

fn allow(actions: Value, resource: Value) -> Value {
    map! { "Effect": "Allow", "Action": actions, "Resource": resource }
}

fn build_role(app: &Application) -> Resource {
    let name = app.name();
    let mut statements = vec![
        allow(
            list!["logs:CreateLogStream", "logs:PutLogEvents"],
            get_att("BuildLogs", "Arn"),
        ),
        allow(
            list!["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            list![
                sub(format!("${{ArtifactBucket.Arn}}/{name}/*")),
                sub("${ArtifactBucket.Arn}/infra/*")
            ],
        ),
    ];
    if app.migrates() {
        statements.push(allow("s3:PutObject".into(), sub("${ArtifactBucket.Arn}/migrations/*")));
    }
    statements.push(allow("ecr:GetAuthorizationToken".into(), "*".into()).note("This action knows no resource."));
    statements.push(allow(
        list![
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        get_att("Images", "Arn"),
    ));
    role(
        app,
        "BuildRole",
        "What builds may do: read sources, store results and push images",
        "codebuild.amazonaws.com",
        true,
        &[],
        statements,
    )
}

fn release_role(app: &Application) -> Resource {
    let name = app.name();
    let mut statements = vec![
        allow(
            list!["logs:CreateLogStream", "logs:PutLogEvents"],
            get_att("BuildLogs", "Arn"),
        ),
        allow(
            list!["s3:GetObject", "s3:GetObjectVersion"],
            list![
                sub(format!("${{ArtifactBucket.Arn}}/{name}/*")),
                sub("${ArtifactBucket.Arn}/infra/*")
            ],
        ),
        allow(list!["s3:GetObject", "s3:PutObject"], sub("${ArtifactBucket.Arn}/releases/*")),
        allow(
            list!["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            sub(format!("arn:${{AWS::Partition}}:s3:::{name}-base-uibucket-*/*")),
        ),
        allow(
            "s3:ListBucket".into(),
            list![
                sub(format!("arn:${{AWS::Partition}}:s3:::{name}-base-uibucket-*")),
                get_att("ArtifactBucket", "Arn")
            ],
        ),
        allow(
            "cloudfront:CreateInvalidation".into(),
            sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/*"),
        ),
    ];
    if app.migrates() {
        statements.push(allow(
            "lambda:InvokeFunction".into(),
            sub(format!(
                "arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}-migrate"
            )),
        ));
    }
    let description = if app.migrates() {
        "What releasing may do: start the migration, publish the user interface"
    } else {
        "What releasing may do: publish the user interface"
    };
    role(
        app,
        "ReleaseRole",
        description,
        "codebuild.amazonaws.com",
        true,
        &[],
        statements,
    )
}

/// The role with which CloudFormation builds the other two stacks: exactly what their resources need.
fn stack_role(app: &Application, templates: &[&Template]) -> Resource {
    let name = app.name();
    let kinds: Vec<&str> = templates.iter().flat_map(|t| t.resources()).map(|r| r.kind).collect();
    let base = super::name(name, StackRole::Base);
    let mut statements = crate::rights::role_statements(name, &base, &kinds);
    if app.migrates() {
        statements
            .push(allow("s3:GetObject".into(), sub("${ArtifactBucket.Arn}/tools/*")).note("Code of the migration function"));
    }
    if app.is_ec2() {
        statements.push(
            allow(
                "ssm:GetParameters".into(),
                sub("arn:${AWS::Partition}:ssm:${AWS::Region}::parameter/aws/service/ecs/*"),
            )
            .note("Machine image that AWS recommends"),
        );
    }
    let mut services = vec!["ecs-tasks.amazonaws.com"];
    if app.migrates() {
        services.push("lambda.amazonaws.com");
    }
    if app.is_ec2() {
        services.push("ec2.amazonaws.com");
    }
    statements.push(
        map! {
            "Sid": "PassRoles",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/zonke/{name}/{base}-*")),
            "Condition": map! { "StringEquals": map! { "iam:PassedToService": services } },
        }
        .note("Roles of the base stack, to exactly these services"),
    );
    role(
        app,
        "StackRole",
        "What CloudFormation may do to build the other stacks; neither the pipeline nor a person needs these rights",
        "cloudformation.amazonaws.com",
        true,
        &[],
        statements,
    )
}

fn pipeline_role(app: &Application) -> Resource {
    let name = app.name();
    let stack = |role: StackRole| {
        sub(format!(
            "arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{}/*",
            super::name(name, role)
        ))
    };
    let mut parameters = vec![sub(format!(
        "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/zonke/{name}/*"
    ))];
    if app.is_ec2() {
        parameters.push(sub("arn:${AWS::Partition}:ssm:${AWS::Region}::parameter/aws/service/ecs/*"));
    }
    let statements = vec![
        allow(
            list![
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:GetObjectTagging",
                "s3:GetObjectVersionTagging",
                "s3:PutObject"
            ],
            sub("${ArtifactBucket.Arn}/*"),
        ),
        allow(
            list![
                "s3:GetBucketAcl",
                "s3:GetBucketLocation",
                "s3:GetBucketVersioning",
                "s3:ListBucket"
            ],
            get_att("ArtifactBucket", "Arn"),
        ),
        allow(
            list!["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
            list![
                get_att("BuildApi", "Arn"),
                get_att("BuildUi", "Arn"),
                get_att("Release", "Arn")
            ],
        ),
        map! {
            "Effect": "Allow",
            "Action": list!["codeconnections:UseConnection", "codestar-connections:UseConnection"],
            "Resource": refer("ConnectionArn"),
            "Condition": map! { "ForAllValues:StringEquals": map! { "codeconnections:FullRepositoryId": repository(app) } },
        }
        .note("Of all repositories that the connection can read, this one"),
        allow(
            list![
                "cloudformation:CreateStack",
                "cloudformation:UpdateStack",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeStacks",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackResources",
                "cloudformation:SetStackPolicy",
            ],
            list![stack(StackRole::Base), stack(StackRole::Service)],
        )
        .note("Without the events an error of a stack would reach the pipeline as a mere \"failed\"."),
        allow(
            "ssm:GetParameters".into(),
            match parameters.as_slice() {
                [one] => one.clone(),
                many => many.to_vec().into(),
            },
        )
        .note("CloudFormation resolves parameters of templates before the stack's own role takes over."),
        map! {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": get_att("StackRole", "Arn"),
            "Condition": map! { "StringEquals": map! { "iam:PassedToService": "cloudformation.amazonaws.com" } },
        },
    ];
    role(
        app,
        "PipelineRole",
        "What the pipeline may do: run builds and the two stacks",
        "codepipeline.amazonaws.com",
        true,
        &[],
        statements,
    )
}

fn roles(app: &Application, templates: &[&Template]) -> Section {
    let unlimited = "ec2, load balancing and cloudfront cannot be limited to names that CloudFormation makes up; region and action are the limits";
    let stack = ["CKV_AWS_111", "CKV_AWS_109", "CKV_AWS_108", "CKV_AWS_110"]
        .iter()
        .fold(stack_role(app, templates), |r, rule| r.accept(rule, unlimited));
    Section {
        heading: "Roles",
        resources: vec![build_role(app), release_role(app), stack, pipeline_role(app)]
            .into_iter()
            .map(|r| r.node("pipeline"))
            .collect(),
    }
}

/// A build project; all of them share these properties.
fn project(
    app: &Application,
    id: &str,
    description: &str,
    role: &str,
    privileged: bool,
    arm: bool,
    variables: Vec<(&str, Value)>,
) -> Resource {
    let buildspec = match id {
        "BuildApi" => "buildspec-api.yml",
        "BuildUi" => "buildspec-ui.yml",
        _ => "buildspec-release.yml",
    };
    let slug = id.trim_start_matches("Build").to_lowercase();
    // AWS's own images with Amazon Linux 2023.
    let (kind, image) = if arm {
        ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:4.0")
    } else {
        ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:6.0")
    };
    let variables: Vec<Value> = variables
        .into_iter()
        .map(|(name, value)| map! { "Name": name, "Type": "PLAINTEXT", "Value": value })
        .collect();
    let mut environment = vec![
        ("Type".to_owned(), Value::from(kind)),
        ("Image".to_owned(), image.into()),
        ("ComputeType".to_owned(), "BUILD_GENERAL1_SMALL".into()),
        (
            "PrivilegedMode".to_owned(),
            if privileged {
                Value::from(true).note("Building an image needs a Docker daemon inside the build.")
            } else {
                false.into()
            },
        ),
    ];
    if !variables.is_empty() {
        environment.push(("EnvironmentVariables".to_owned(), variables.into()));
    }
    let mut properties = vec![
        ("Name".to_owned(), Value::from(format!("{}-{slug}", app.name()))),
        ("ServiceRole".to_owned(), get_att(role, "Arn")),
        ("Source".to_owned(), map! { "Type": "CODEPIPELINE", "BuildSpec": buildspec }),
        ("Artifacts".to_owned(), map! { "Type": "CODEPIPELINE" }),
        ("TimeoutInMinutes".to_owned(), 30.into()),
        ("QueuedTimeoutInMinutes".to_owned(), 60.into()),
    ];
    if privileged {
        properties.push((
            "Cache".to_owned(),
            map! { "Type": "LOCAL", "Modes": list!["LOCAL_DOCKER_LAYER_CACHE"] },
        ));
    }
    properties.push(("Environment".to_owned(), Value::Map(environment)));
    properties.push((
        "LogsConfig".to_owned(),
        map! { "CloudWatchLogs": map! { "Status": "ENABLED", "GroupName": refer("BuildLogs") } },
    ));
    let resource = Resource::new(id, "AWS::CodeBuild::Project", description, Value::Map(properties)).node("pipeline");
    let resource = resource.accept("CKV_AWS_147", "results are encrypted by AWS; a key of your own costs extra");
    if privileged {
        resource.accept("CKV_AWS_316", "building an image needs a Docker daemon inside the build")
    } else {
        resource
    }
}

fn builds(app: &Application) -> Section {
    let bucket = || ("ARTIFACT_BUCKET", refer("ArtifactBucket"));
    let resources = vec![
        project(
            app,
            "BuildApi",
            "Builds the servers' image, and the bundle of migrations",
            "BuildRole",
            true,
            app.is_arm(),
            vec![("REPOSITORY_URI", get_att("Images", "RepositoryUri")), bucket()],
        )
        .charge(Charge::Builds),
        project(
            app,
            "BuildUi",
            "Builds the user interface",
            "BuildRole",
            false,
            app.is_arm(),
            Vec::new(),
        ),
        project(
            app,
            "Release",
            if app.migrates() {
                "Starts the migration, publishes the user interface"
            } else {
                "Publishes the user interface"
            },
            "ReleaseRole",
            false,
            true,
            vec![("APP", app.name().into()), bucket()],
        ),
    ];
    Section {
        heading: "Builds",
        resources,
    }
}

/// Patterns of the files whose change starts a release: everything in the project's folder.
///
/// Halves of a project import from folders beside them, share a lockfile, patches and settings. A release too many costs
/// minutes, a release that is missing goes unnoticed.
fn path_filters(app: &Application) -> Vec<String> {
    match app.folder() {
        "." => vec!["**".to_owned()],
        folder => vec![format!("{folder}/**")],
    }
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

fn pipeline(app: &Application) -> Section {
    let trigger = map! {
        "ProviderType": "CodeStarSourceConnection",
        "GitConfiguration": map! {
            "SourceActionName": "Code",
            "Push": list![map! {
                "Branches": map! { "Includes": list![app.choices.branch.as_str()] },
                "FilePaths": map! { "Includes": path_filters(app) },
            }],
        },
    };
    let resource = Resource::new(
        "Pipeline",
        "AWS::CodePipeline::Pipeline",
        format!("Releases every commit to {}", app.choices.branch),
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
    .accept("CKV_AWS_219", "artifacts are encrypted by AWS; a key of your own costs extra");
    Section {
        heading: "Pipeline",
        resources: vec![resource],
    }
}
