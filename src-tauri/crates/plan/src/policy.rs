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
    if app.is_ec2() {
        read.push("ec2:DescribeImages");
    }
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
                "cloudformation:UntagResource",
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
    // One statement for several services: each action knows resources of its own service only, and a statement of its own for
    // each would fill a good part of what a policy may hold. CloudFormation reads the parameters of a template before the
    // stack's own role takes over.
    let mut run = vec![
        arn("codepipeline", name.to_owned()),
        arn("codepipeline", format!("{name}/*")),
        arn("codebuild", format!("project/{name}-*")),
        arn("logs", format!("log-group:/zonke/{name}/*")),
        arn("application-autoscaling", "scalable-target/*".to_owned()),
        arn("ssm", format!("parameter/zonke/{name}/*")),
    ];
    if app.is_ec2() {
        run.push(format!("arn:aws:ssm:{region}::parameter/aws/service/ecs/*"));
    }
    statements.push(allow(
        "Run",
        &[
            "application-autoscaling:RegisterScalableTarget",
            "codebuild:BatchGetBuilds",
            "codepipeline:GetPipeline*",
            "codepipeline:ListActionExecutions",
            "codepipeline:ListPipelineExecutions",
            "codepipeline:RetryStageExecution",
            "codepipeline:StartPipelineExecution",
            "codepipeline:StopPipelineExecution",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "ssm:GetParameters",
        ],
        json!(run),
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
    // A pattern that ends in `*` covers a bucket's objects as well.
    statements.push(allow(
        "Buckets",
        &[
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutObject",
        ],
        json!(buckets.iter().map(|b| format!("arn:aws:s3:::{b}*")).collect::<Vec<_>>()),
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

/// What the policy allows, each action with each of its resources.
pub(crate) fn allowed(app: &Application, templates: &[Template]) -> Vec<(String, String)> {
    let policy: Json = serde_json::from_str(&deployer_policy(app, templates)).unwrap_or_default();
    let each = |value: &Json| -> Vec<String> {
        let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        texts.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let statements = policy["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut pairs = Vec::new();
    for statement in statements {
        for action in each(&statement["Action"]) {
            let resources = each(&statement["Resource"]);
            pairs.extend(resources.into_iter().map(|resource| (action.clone(), resource)));
        }
    }
    pairs
}

#[expect(clippy::needless_pass_by_value, reason = "json! borrows what it could take")]
fn allow(sid: &str, actions: &[&str], resources: Json) -> Json {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources })
}
