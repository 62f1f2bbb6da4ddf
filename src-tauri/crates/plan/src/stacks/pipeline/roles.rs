//! What builds, releases, the pipeline and CloudFormation may do.

use super::repository;
use crate::application::Application;
use crate::model::{Resource, Section, Template};
use crate::plan::StackRole;
use crate::stacks;
use crate::stacks::roles::role;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Characters that the statement about the application's own key takes.
const ROOM_FOR_KEY: usize = 400;

fn allow(actions: Value, resource: Value) -> Value {
    map! { "Effect": "Allow", "Action": actions, "Resource": resource }
}

/// Where the pipeline keeps the artifact of this name; it cuts both names short.
fn artifact(app: &Application, artifact: &str) -> Value {
    let cut = |name: &str, length: usize| name.chars().take(length).collect::<String>();
    sub(format!(
        "${{ArtifactBucket.Arn}}/{}/{}/*",
        cut(app.name(), 20),
        cut(artifact, 10)
    ))
}

/// What every build needs: its log, the commit and the build files. Builds run code of strangers, so that none may write where
/// templates or the code of functions come from.
fn build_statements(app: &Application) -> Vec<Value> {
    vec![
        allow(
            list!["logs:CreateLogStream", "logs:PutLogEvents"],
            get_att("BuildLogs", "Arn"),
        ),
        allow(
            list!["s3:GetObject", "s3:GetObjectVersion"],
            list![
                artifact(app, "Code"),
                artifact(app, "Infra"),
                sub("${ArtifactBucket.Arn}/infra/*")
            ],
        ),
    ]
}

fn build_ui_role(app: &Application) -> Resource {
    let mut statements = build_statements(app);
    statements.push(allow("s3:PutObject".into(), artifact(app, "UiFiles")));
    role(
        app,
        "BuildUiRole",
        "What the build of the user interface may do: read sources, hand over its files",
        "codebuild.amazonaws.com",
        true,
        &[],
        statements,
    )
}

fn build_api_role(app: &Application) -> Resource {
    let mut statements = build_statements(app);
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
        "BuildApiRole",
        "What the build of the servers may do: read sources, push images and store migrations",
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
                artifact(app, "Infra"),
                artifact(app, "UiFiles"),
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
///
/// A role holds so many rights only; the largest statement, which names no resources anyway, becomes a policy of its own then.
fn stack_role(app: &Application, templates: &[&Template]) -> Vec<Resource> {
    let name = app.name();
    let base = stacks::name(name, StackRole::Base);
    let mut statements = crate::rights::role_statements(app, &base, templates);
    if app.migrates() {
        statements
            .push(allow("s3:GetObject".into(), sub("${ArtifactBucket.Arn}/tools/*")).note("Code of the migration function"));
    }
    if !app.image_parameters().is_empty() {
        statements.push(allow("ssm:GetParameters".into(), images(app).into()).note("Machine image that AWS recommends"));
    }
    let mut services = vec!["ecs-tasks.amazonaws.com"];
    if app.migrates() {
        services.push("lambda.amazonaws.com");
    }
    if app.is_ec2() {
        services.push("ec2.amazonaws.com");
    }
    if app.bake_minutes().is_some() {
        services.push("ecs.amazonaws.com");
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
    let document = |statements: &[Value]| map! { "Version": "2012-10-17", "Statement": statements.to_vec() };
    // The key's statement is added to the role when everything is there.
    let reserve = if app.own_key() { ROOM_FOR_KEY } else { 0 };
    let mut own_policy = None;
    if crate::rights::size(&document(&statements), &app.choices.region) + reserve > crate::rights::MAX_INLINE {
        let regional = statements
            .iter()
            .position(|s| s.get("Sid").and_then(Value::text) == Some("Regional"));
        own_policy = regional.map(|at| statements.remove(at));
    }
    let stack_role = role(
        app,
        "StackRole",
        "What CloudFormation may do to build the other stacks; neither the pipeline nor a person needs these rights",
        "cloudformation.amazonaws.com",
        true,
        &[],
        statements,
    );
    let own_policy = own_policy.map(|statement| {
        Resource::new(
            "StackRights",
            "AWS::IAM::ManagedPolicy",
            "The part of these rights that does not fit into the role",
            map! {
                "Path": format!("/zonke/{name}/"),
                "Description": "Rights of the role of the stacks that do not fit into the role itself",
                "Roles": list![refer("StackRole")],
                "PolicyDocument": document(&[statement]),
            },
        )
    });
    [stack_role].into_iter().chain(own_policy).collect()
}

/// Parameters of AWS that name the newest machine images.
fn images(app: &Application) -> Vec<Value> {
    let arn = |pattern: &str| sub(format!("arn:${{AWS::Partition}}:ssm:${{AWS::Region}}::parameter{pattern}"));
    app.image_parameters().into_iter().map(arn).collect()
}

fn pipeline_role(app: &Application) -> Resource {
    let name = app.name();
    let stack = |role: StackRole| {
        sub(format!(
            "arn:${{AWS::Partition}}:cloudformation:${{AWS::Region}}:${{AWS::AccountId}}:stack/{}/*",
            stacks::name(name, role)
        ))
    };
    let mut parameters = vec![sub(format!(
        "arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/zonke/{name}/*"
    ))];
    parameters.extend(images(app));
    let mut statements = vec![
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
                "cloudformation:TagResource",
                "cloudformation:UntagResource",
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
    if !app.image_parameters().is_empty() {
        statements.push(
            allow("ec2:DescribeImages".into(), "*".into())
                .note("CloudFormation looks the machine image up, in the caller's name."),
        );
    }
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

pub(super) fn roles(app: &Application, templates: &[&Template]) -> Section {
    let unlimited = "ec2, load balancing and cloudfront cannot be limited to names that CloudFormation makes up; region and action are the limits";
    let excused = |resource: Resource| {
        ["CKV_AWS_111", "CKV_AWS_109", "CKV_AWS_108", "CKV_AWS_110"]
            .iter()
            .fold(resource, |r, rule| r.accept(rule, unlimited))
    };
    let mut resources = vec![build_ui_role(app), build_api_role(app), release_role(app)];
    resources.extend(stack_role(app, templates).into_iter().map(excused));
    resources.push(pipeline_role(app));
    Section {
        heading: "Roles",
        resources: resources.into_iter().map(|r| r.node("pipeline")).collect(),
    }
}
