//! What the person who deploys and operates this very application must be allowed: computed from the plan.

use serde_json::{Value as Json, json};

use crate::application::Application;
use crate::model::Template;
use crate::plan::StackRole;
use crate::rights::{self, Group};
use crate::stacks;

/// Largest managed policy that IAM takes, in characters without white space.
pub(crate) const MAX_POLICY: usize = 6144;

/// Statements that read only what cannot be limited to a resource.
const READ_ANYTHING: [&str; 12] = [
    "application-autoscaling:DescribeScalableTargets",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStacks",
    "cloudformation:ValidateTemplate",
    "codeconnections:ListConnections",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeManagedPrefixLists",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeTargetHealth",
    "iam:ListAccountAliases",
    "iam:SimulatePrincipalPolicy",
    "rds:DescribeDBInstances",
];

/// The policy as JSON text.
pub(crate) fn deployer_policy(app: &Application, templates: &[Template]) -> String {
    let name = app.name();
    let region = app.choices.region.as_str();
    let arn = |service: &str, rest: String| format!("arn:aws:{service}:{region}:*:{rest}");
    let stacks: Vec<String> = templates
        .iter()
        .map(|t| arn("cloudformation", format!("stack/{}/*", t.name)))
        .collect();
    let pipeline_stack = stacks::name(name, StackRole::Pipeline);
    let fill = |pattern: &str| {
        pattern
            .replace("{app}", name)
            .replace("{stack}", &pipeline_stack)
            .replace("{partition}", "aws")
            .replace("{region}", region)
            .replace("{account}", "*")
    };

    // What the pipeline stack consists of decides what must be built and read.
    let kinds = templates
        .iter()
        .filter(|t| t.role == StackRole::Pipeline)
        .flat_map(Template::resources)
        .map(|r| r.kind);
    let (reading, groups): (Vec<_>, Vec<_>) = rights::collected(kinds)
        .into_iter()
        .partition(|(group, _)| *group == Group::Read);
    let mut read: Vec<&str> = READ_ANYTHING.to_vec();
    read.extend(reading.iter().flat_map(|(_, actions)| actions));
    read.sort_unstable();

    let mut statements = vec![
        allow("Read", &read, json!("*")),
        allow(
            "Stacks",
            &[
                "cloudformation:ContinueUpdateRollback",
                "cloudformation:CreateChangeSet",
                "cloudformation:CreateStack",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DeleteStack",
                "cloudformation:Describe*",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:GetTemplate",
                "cloudformation:ListStackResources",
                "cloudformation:RollbackStack",
                "cloudformation:TagResource",
                "cloudformation:UpdateStack",
                "cloudformation:UpdateTerminationProtection",
            ],
            json!(stacks),
        ),
    ];
    // These rights work inside a CloudFormation operation only; one statement, because its condition would otherwise fill a
    // good part of what a policy may hold.
    let actions: Vec<&str> = groups.iter().flat_map(|(_, actions)| actions).copied().collect();
    let resources: Vec<String> = groups
        .iter()
        .flat_map(|(group, _)| group.resources())
        .map(|p| fill(p))
        .collect();
    let mut build = allow("BuildPipelineStack", &actions, json!(resources));
    build["Condition"] = json!({ "ForAnyValue:StringEquals": { "aws:CalledVia": "cloudformation.amazonaws.com" } });
    statements.push(build);
    let mut pass = allow(
        "PassRoles",
        &["iam:PassRole"],
        json!(fill("arn:{partition}:iam::{account}:role/zonke/{app}/{stack}-*")),
    );
    pass["Condition"] = json!({ "StringEquals": { "iam:PassedToService": [
        "cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com"
    ] } });
    statements.push(pass);
    statements.push(allow(
        "Connection",
        &[
            "codeconnections:CreateConnection",
            "codeconnections:GetConnection",
            "codeconnections:PassConnection",
            "codeconnections:TagResource",
        ],
        json!(arn("codeconnections", "*".to_owned())),
    ));
    statements.push(allow(
        "Pipeline",
        &[
            "codepipeline:GetPipeline*",
            "codepipeline:ListActionExecutions",
            "codepipeline:ListPipelineExecutions",
            "codepipeline:RetryStageExecution",
            "codepipeline:StartPipelineExecution",
            "codepipeline:StopPipelineExecution",
        ],
        json!([arn("codepipeline", name.to_owned()), arn("codepipeline", format!("{name}/*"))]),
    ));
    statements.push(allow(
        "BuildStatus",
        &["codebuild:BatchGetBuilds"],
        json!(arn("codebuild", format!("project/{name}-*"))),
    ));
    statements.push(allow(
        "Logs",
        &["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"],
        json!(arn("logs", format!("log-group:/zonke/{name}/*"))),
    ));
    statements.push(allow(
        "Servers",
        &[
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListServiceDeployments",
            "ecs:ListTasks",
            "ecs:UpdateService",
        ],
        json!([
            arn("ecs", format!("service/{name}/*")),
            arn("ecs", format!("task/{name}/*")),
            arn("ecs", format!("container-instance/{name}/*")),
        ]),
    ));
    statements.push(allow(
        "Scale",
        &["application-autoscaling:RegisterScalableTarget"],
        json!(arn("application-autoscaling", "scalable-target/*".to_owned())),
    ));
    statements.push(allow(
        "Secrets",
        &[
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:ListSecretVersionIds",
            "secretsmanager:PutSecretValue",
        ],
        json!(arn("secretsmanager", format!("secret:{name}/app-*"))),
    ));
    // Uploads of the infrastructure, and emptying at the very end: a bucket can only be deleted when nothing is left in it.
    let buckets = [
        format!("{pipeline_stack}-artifactbucket-"),
        format!("{name}-base-uibucket-"),
        format!("{name}-base-logbucket-"),
    ];
    statements.push(allow(
        "Buckets",
        &["s3:ListBucket", "s3:ListBucketVersions"],
        json!(buckets.iter().map(|b| format!("arn:aws:s3:::{b}*")).collect::<Vec<_>>()),
    ));
    statements.push(allow(
        "Objects",
        &[
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:PutObject",
        ],
        json!(buckets.iter().map(|b| format!("arn:aws:s3:::{b}*/*")).collect::<Vec<_>>()),
    ));
    // A base stack that never came up can only be deleted without its protection.
    let mut balancer = allow(
        "LoadBalancerProtection",
        &["elasticloadbalancing:ModifyLoadBalancerAttributes"],
        json!(arn("elasticloadbalancing", "loadbalancer/app/*".to_owned())),
    );
    balancer["Condition"] =
        json!({ "StringEquals": { "aws:ResourceTag/aws:cloudformation:stack-name": format!("{name}-base") } });
    statements.push(balancer);
    if app.engine().is_some() {
        statements.push(allow(
            "DatabaseProtection",
            &["rds:ModifyDBInstance", "rds:StartDBInstance", "rds:StopDBInstance"],
            json!(arn("rds", format!("db:{name}-base-*"))),
        ));
    }
    crate::artifacts::pretty(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

#[expect(clippy::needless_pass_by_value, reason = "json! borrows what it could take")]
fn allow(sid: &str, actions: &[&str], resources: Json) -> Json {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources })
}
