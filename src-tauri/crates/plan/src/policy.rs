//! What the person who deploys and operates this very application must be allowed: computed from the plan.

use serde_json::{Value as Json, json};

use crate::application::Application;
use crate::model::Template;
use crate::plan::{PlannedPolicy, PolicyStatement, StackRole};
use crate::rights::{self, Earlier, Group};
use crate::stacks;

/// Largest managed policy that IAM takes, in characters without white space.
pub(crate) const MAX_POLICY: usize = 6144;

/// Characters of a policy without statements.
const EMPTY_POLICY: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// Actions that read only what cannot be limited to a resource. Listing the stacks of an account is asked as a description of
/// all of them, which no pattern of stack names covers.
const READ_ANYTHING: [&str; 14] = [
    "application-autoscaling:DescribeScalableTargets",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStacks",
    "cloudformation:ValidateTemplate",
    "codeconnections:ListConnections",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeManagedPrefixLists",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeTargetHealth",
    "iam:ListAccountAliases",
    "pricing:GetProducts",
    "rds:DescribeDBInstances",
    "secretsmanager:ListSecrets",
];

/// What the look at the account before a deployment asks; all of it is about the account and not about one resource.
const PREFLIGHT: [&str; 11] = [
    "cloudfront:ListDistributions",
    "codebuild:ListBuilds",
    "ec2:DescribeAddresses",
    "ec2:DescribeRegions",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeLoadBalancers",
    "freetier:GetAccountPlanState",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
];

/// One statement before it is written.
struct Grant {
    sid: &'static str,
    why: String,
    actions: Vec<String>,
    resources: Vec<String>,
    condition: Option<Json>,
}

fn grant(sid: &'static str, why: impl Into<String>, actions: &[&str], resources: Vec<String>) -> Grant {
    Grant {
        sid,
        why: why.into(),
        actions: actions.iter().map(|a| (*a).to_owned()).collect(),
        resources,
        condition: None,
    }
}

impl Grant {
    fn when(mut self, condition: Json) -> Self {
        self.condition = Some(condition);
        self
    }

    fn json(&self) -> Json {
        let resources = match self.resources.as_slice() {
            [one] => json!(one),
            many => json!(many),
        };
        let mut statement = json!({ "Sid": self.sid, "Effect": "Allow", "Action": self.actions, "Resource": resources });
        if let Some(condition) = &self.condition {
            statement["Condition"] = condition.clone();
        }
        statement
    }

    fn describe(self) -> PolicyStatement {
        PolicyStatement {
            sid: self.sid.to_owned(),
            why: self.why,
            actions: self.actions,
            resources: self.resources,
            condition: self.condition.map(|c| c.to_string()),
        }
    }
}

/// The policies, each small enough for IAM. Usually one.
pub(crate) fn deployer_policies(app: &Application, templates: &[Template]) -> Vec<PlannedPolicy> {
    let mut documents: Vec<Vec<Grant>> = vec![Vec::new()];
    let mut size = EMPTY_POLICY;
    for grant in grants(app, templates) {
        // With the comma between statements.
        let more = grant.json().to_string().len() + 1;
        if size + more > MAX_POLICY {
            documents.push(Vec::new());
            size = EMPTY_POLICY;
        }
        size += more;
        if let Some(document) = documents.last_mut() {
            document.push(grant);
        }
    }
    let number = documents.len();
    let named = |index: usize| {
        if number == 1 {
            format!("{}-deployer", app.name())
        } else {
            format!("{}-deployer-{}", app.name(), index + 1)
        }
    };
    documents
        .into_iter()
        .enumerate()
        .map(|(index, grants)| {
            let statements: Vec<Json> = grants.iter().map(Grant::json).collect();
            PlannedPolicy {
                name: named(index),
                document: crate::artifacts::pretty(&json!({ "Version": "2012-10-17", "Statement": statements })),
                statements: grants.into_iter().map(Grant::describe).collect(),
            }
        })
        .collect()
}

/// Everything a person needs, one statement for each purpose.
fn grants(app: &Application, templates: &[Template]) -> Vec<Grant> {
    let name = app.name();
    let region = app.choices.region.as_str();
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{region}:*:{rest}");
    let pipeline_stack = stacks::name(name, StackRole::Pipeline);
    let earlier = Earlier::of(app);
    let mut grants = vec![
        reading(app, templates, &earlier),
        grant(
            "Preflight",
            "Ask before a deployment whether it would work: region, plan and quotas of the account, and whether these rights are there; changes nothing",
            &PREFLIGHT,
            vec!["*".to_owned()],
        ),
        grant(
            "OwnKeys",
            "See how old the own access key is, and no other user's; a role has none",
            &["iam:ListAccessKeys"],
            // A user's name is the end of its ARN, with or without a path before it.
            ["", "*/"]
                .map(|path| format!("arn:aws:iam::*:user/{path}${{aws:username}}"))
                .to_vec(),
        ),
        stacks_themselves(app, templates, &earlier),
    ];
    grants.extend(building(app, templates, &earlier));
    grants.push(
        grant(
            "PassRoles",
            "Hand the roles of the pipeline stack to the services they are for, and to no other",
            &["iam:PassRole"],
            vec![format!("arn:aws:iam::*:role/zonke/{name}/{pipeline_stack}-*")],
        )
        .when(json!({ "StringEquals": { "iam:PassedToService": [
            "cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com"
        ] } })),
    );
    grants.push(grant(
        "Connection",
        "Make and use the connection to the source host; its id is random",
        &[
            "codeconnections:CreateConnection",
            "codeconnections:GetConnection",
            "codeconnections:PassConnection",
            "codeconnections:TagResource",
        ],
        vec![arn("codeconnections", "*")],
    ));
    // One statement for several services: each action knows resources of its own service only, and a statement of its own for
    // each would fill a good part of what a policy may hold.
    let mut run = vec![
        arn("codepipeline", name),
        arn("codepipeline", &format!("{name}/*")),
        arn("codebuild", &format!("project/{name}-*")),
        arn("logs", &format!("log-group:/zonke/{name}/*")),
        arn("application-autoscaling", "scalable-target/*"),
        arn("ssm", &format!("parameter/zonke/{name}/*")),
    ];
    run.extend(
        app.image_parameters()
            .iter()
            .map(|pattern| format!("arn:aws:ssm:{region}::parameter{pattern}")),
    );
    grants.push(grant(
        "Run",
        "Start and watch releases, scale the servers, read their output; CloudFormation reads parameters of templates in the caller's name",
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
        run,
    ));
    grants.push(grant(
        "Servers",
        "Watch the servers of this application and start new ones",
        &[
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListServiceDeployments",
            "ecs:ListTasks",
            "ecs:UpdateService",
        ],
        ["service", "task", "container-instance"]
            .map(|kind| arn("ecs", &format!("{kind}/{name}/*")))
            .to_vec(),
    ));
    grants.push(grant(
        "Secrets",
        "Set the application's secrets; the database's password is not among them",
        &[
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:ListSecretVersionIds",
            "secretsmanager:PutSecretValue",
        ],
        vec![arn("secretsmanager", &format!("secret:{name}/app-*"))],
    ));
    grants.push(grant(
        "Buckets",
        "Upload infrastructure, and empty the buckets at the very end: a bucket with something in it cannot be deleted",
        &[
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutObject",
        ],
        // A pattern that ends in `*` covers a bucket's objects as well.
        [
            format!("arn:aws:s3:::{pipeline_stack}-artifactbucket-*"),
            format!("arn:aws:s3:::{name}-base-uibucket-*"),
            format!("arn:aws:s3:::{name}-base-logbucket-*"),
        ]
        .to_vec(),
    ));
    grants.push(
        grant(
            "LoadBalancerProtection",
            "Take away the protection of the load balancer when a base stack that never came up is deleted",
            &["elasticloadbalancing:ModifyLoadBalancerAttributes"],
            vec![arn("elasticloadbalancing", "loadbalancer/app/*")],
        )
        .when(json!({ "StringEquals": { "aws:ResourceTag/aws:cloudformation:stack-name": format!("{name}-base") } })),
    );
    if app.domain().is_some() {
        grants.push(grant(
            "Certificate",
            "See which records the certificate waits for",
            &["acm:DescribeCertificate"],
            vec![format!("arn:aws:acm:{}:*:certificate/*", stacks::viewer::REGION)],
        ));
    }
    if app.own_key() {
        grants.push(
            grant(
                "Key",
                "Upload and read what the application's own key encrypts, and set its secrets; the key is found by its alias",
                &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                vec![arn("kms", "key/*")],
            )
            .when(json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": stacks::pipeline::key::alias(name) } })),
        );
    }
    if app.engine().is_some() {
        grants.push(grant(
            "DatabaseProtection",
            "Pause the database, and take away its protection when it is to be deleted",
            if app.aurora().is_some() {
                &["rds:ModifyDBCluster", "rds:StartDBCluster", "rds:StopDBCluster"]
            } else {
                &["rds:ModifyDBInstance", "rds:StartDBInstance", "rds:StopDBInstance"]
            },
            vec![arn(
                "rds",
                &format!("{}:{name}-base-*", if app.aurora().is_some() { "cluster" } else { "db" }),
            )],
        ));
    }
    grants
}

/// Rights of the types of resources of a stack that CloudFormation builds in the caller's name.
fn collected(app: &Application, templates: &[Template], earlier: &Earlier, role: StackRole) -> Vec<(Group, Vec<&'static str>)> {
    let resources = templates.iter().filter(|t| t.role == role).flat_map(Template::resources);
    // A certificate in a hosted zone writes the records that prove it itself.
    let proof = (role == StackRole::Edge && !rights::zone(app).is_empty()).then_some("AWS::Route53::RecordSet");
    let kinds: Vec<&str> = resources.map(|r| r.kind).chain(proof).collect();
    rights::collected(&kinds, earlier, role)
}

fn reading(app: &Application, templates: &[Template], earlier: &Earlier) -> Grant {
    let mut read: Vec<&str> = READ_ANYTHING.to_vec();
    for role in [StackRole::Pipeline, StackRole::Edge] {
        let groups = collected(app, templates, earlier, role);
        read.extend(groups.iter().filter(|(g, _)| *g == Group::Read).flat_map(|(_, a)| a));
    }
    if app.aurora().is_some() {
        read.push("rds:DescribeDBClusters");
    }
    if !app.image_parameters().is_empty() {
        read.push("ec2:DescribeImages");
    }
    read.sort_unstable();
    read.dedup();
    grant(
        "Read",
        "Look at what these services cannot limit to one resource; changes nothing",
        &read,
        vec!["*".to_owned()],
    )
}

fn stacks_themselves(app: &Application, templates: &[Template], earlier: &Earlier) -> Grant {
    let mut stacks: Vec<(StackRole, String)> = templates.iter().map(|t| (t.role, t.name.clone())).collect();
    // The one stack that a plan may lack although the one before it had it.
    if earlier.had(StackRole::Edge) && !stacks.iter().any(|(role, _)| *role == StackRole::Edge) {
        stacks.push((StackRole::Edge, stacks::name(app.name(), StackRole::Edge)));
    }
    grant(
        "Stacks",
        "Make, review, update and delete the stacks of this application",
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
        stacks
            .iter()
            .map(|(role, name)| format!("arn:aws:cloudformation:{}:*:stack/{name}/*", stacks::region(app, *role)))
            .collect(),
    )
}

/// What the resources of the stacks need that the app deploys itself. These rights work inside a CloudFormation operation only;
/// they are one statement for each stack, because its condition would otherwise fill a good part of what a policy may hold.
fn building(app: &Application, templates: &[Template], earlier: &Earlier) -> Vec<Grant> {
    let through = json!({ "aws:CalledVia": "cloudformation.amazonaws.com" });
    let mut grants = Vec::new();
    for (role, sid, new_sid) in [
        (StackRole::Pipeline, "BuildPipelineStack", "NewKey"),
        (StackRole::Edge, "BuildEdgeStack", "NewCertificate"),
    ] {
        let stack = stacks::name(app.name(), role);
        let fill = |pattern: &str| {
            pattern
                .replace("{app}", app.name())
                .replace("{stack}", &stack)
                .replace("{zone}", rights::zone(app))
                .replace("{partition}", "aws")
                .replace("{region}", stacks::region(app, role))
                .replace("{account}", "*")
        };
        let mut groups: Vec<_> = collected(app, templates, earlier, role);
        groups.retain(|(g, _)| *g != Group::Read);
        if groups.is_empty() {
            continue;
        }
        if let Some(at) = groups.iter().position(|(g, _)| *g == Group::New) {
            let (group, actions) = groups.remove(at);
            grants.push(
                grant(
                    new_sid,
                    group.why(),
                    &actions,
                    group.resources().iter().map(|p| fill(p)).collect(),
                )
                .when(json!({
                    "ForAnyValue:StringEquals": through,
                    "StringEquals": { "aws:RequestedRegion": stacks::region(app, role) },
                })),
            );
        }
        if let Some(boundary) = app.permissions_boundary() {
            let bounded = rights::take_bounded(&mut groups);
            if !bounded.is_empty() {
                grants.push(
                    grant(
                        "RolesWithinBoundary",
                        "Make the roles of the stack and give them rights, but never beyond the boundary",
                        &bounded,
                        Group::Roles.resources().iter().map(|p| fill(p)).collect(),
                    )
                    .when(json!({
                        "ForAnyValue:StringEquals": through,
                        "StringEquals": { "iam:PermissionsBoundary": boundary },
                    })),
                );
            }
        }
        if groups.iter().any(|(g, _)| *g == Group::Policies) {
            let mut condition = json!({ "ArnLike": { "iam:PolicyARN": fill(Group::Policies.resources()[0]) } });
            if let Some(boundary) = app.permissions_boundary() {
                condition["StringEquals"] = json!({ "iam:PermissionsBoundary": boundary });
            }
            condition["ForAnyValue:StringEquals"] = through.clone();
            grants.push(
                grant(
                    "AttachRights",
                    "Give the role of the stacks the rights that do not fit into the role itself, and no others",
                    &["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
                    Group::Roles.resources().iter().map(|p| fill(p)).collect(),
                )
                .when(condition),
            );
        }
        let actions: Vec<&str> = groups.iter().flat_map(|(_, actions)| actions).copied().collect();
        let resources = groups
            .iter()
            .flat_map(|(group, _)| group.resources())
            .map(|p| fill(p))
            .collect();
        let (sid, doing) = if templates.iter().any(|t| t.role == role) {
            (sid, "Build")
        } else {
            ("LeaveEdgeStack", "Take down what the plan before this one had in")
        };
        let parts: Vec<String> = groups.iter().map(|(group, _)| group.why().to_lowercase()).collect();
        grants.push(
            grant(
                sid,
                format!(
                    "{doing} the {} stack, through CloudFormation only: {}",
                    crate::model::role_name(role),
                    parts.join("; ")
                ),
                &actions,
                resources,
            )
            .when(json!({ "ForAnyValue:StringEquals": through })),
        );
    }
    grants
}

/// What the policies allow, each action with each of its resources.
pub(crate) fn allowed(app: &Application, templates: &[Template]) -> Vec<(String, String)> {
    grants(app, templates)
        .into_iter()
        .flat_map(|grant| {
            let resources = grant.resources;
            grant
                .actions
                .into_iter()
                .flat_map(move |action| resources.clone().into_iter().map(move |resource| (action.clone(), resource)))
        })
        .collect()
}
