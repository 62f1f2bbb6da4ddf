//! What must be allowed to build each type of resource: one table, from which the role of the stacks and the policy of the
//! person who deploys are computed.

mod table;

use crate::model::Template;
use crate::value::{Value, list, map, sub};

/// Rights to build one type of resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    /// Statement they are collected in.
    pub(crate) group: Group,
    pub(crate) actions: &'static [&'static str],
}

/// Statements, each with the resources it covers. `{app}`, `{stack}`, `{partition}`, `{region}` and `{account}` are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Things whose names CloudFormation makes up, limited to the region.
    Regional,
    /// Reading, which most services cannot limit to a resource.
    Read,
    /// CloudFront, which is global and names things by random ids.
    Edge,
    Buckets,
    Database,
    Secrets,
    Functions,
    Logs,
    Parameters,
    Alarms,
    Cluster,
    Roles,
    Profiles,
    Images,
    Builds,
    Pipelines,
}

impl Group {
    pub(crate) fn sid(self) -> String {
        format!("{self:?}")
    }

    /// Why the statement is there, one phrase.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Regional => {
                "Network, load balancer and scaling: CloudFormation makes up their names, so the region is the limit"
            }
            Self::Read => "Reading that cannot be limited to one resource",
            Self::Edge => "CloudFront names things by random ids",
            Self::Buckets => "Buckets of the stack",
            Self::Database => "The database, its settings and its snapshots",
            Self::Secrets => "The application's secrets",
            Self::Functions => "The migration function",
            Self::Logs => "Log groups of the application",
            Self::Parameters => "Answers from the base to the service stack",
            Self::Alarms => "Alarms of the application",
            Self::Cluster => "Cluster, service and task definitions of the application",
            Self::Roles => "Roles of the stack, below a path of their own",
            Self::Profiles => "The machines' profile",
            Self::Images => "Image repository",
            Self::Builds => "Build projects",
            Self::Pipelines => "The pipeline",
        }
    }

    /// Resources it covers; `*` where names are not ours to choose.
    pub(crate) fn resources(self) -> &'static [&'static str] {
        match self {
            Self::Regional | Self::Read | Self::Edge => &["*"],
            Self::Buckets => &["arn:{partition}:s3:::{stack}-*"],
            Self::Database => &[
                "arn:{partition}:rds:{region}:{account}:db:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:subgrp:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:pg:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:snapshot:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:og:default*",
            ],
            Self::Secrets => &["arn:{partition}:secretsmanager:{region}:{account}:secret:{app}/*"],
            Self::Functions => &["arn:{partition}:lambda:{region}:{account}:function:{app}-*"],
            Self::Logs => &["arn:{partition}:logs:{region}:{account}:log-group:/zonke/{app}/*"],
            Self::Parameters => &["arn:{partition}:ssm:{region}:{account}:parameter/zonke/{app}/*"],
            Self::Alarms => &[
                "arn:{partition}:cloudwatch:{region}:{account}:alarm:{app}-*",
                // Scaling by load makes alarms with names of its own.
                "arn:{partition}:cloudwatch:{region}:{account}:alarm:TargetTracking-service/{app}/*",
            ],
            Self::Cluster => &[
                "arn:{partition}:ecs:{region}:{account}:cluster/{app}",
                "arn:{partition}:ecs:{region}:{account}:service/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:service-deployment/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:service-revision/{app}/*",
                "arn:{partition}:ecs:{region}:{account}:task-definition/{app}-*",
                "arn:{partition}:ecs:{region}:{account}:capacity-provider/{stack}-*",
            ],
            Self::Roles => &["arn:{partition}:iam::{account}:role/zonke/{app}/{stack}-*"],
            Self::Profiles => &["arn:{partition}:iam::{account}:instance-profile/zonke/{app}/*"],
            Self::Images => &["arn:{partition}:ecr:{region}:{account}:repository/zonke/{app}"],
            Self::Builds => &["arn:{partition}:codebuild:{region}:{account}:project/{app}-*"],
            Self::Pipelines => &["arn:{partition}:codepipeline:{region}:{account}:{app}"],
        }
    }
}

/// Collects the rights for these types of resources: one entry for each statement, actions sorted, nothing twice.
pub(crate) fn collected<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Vec<(Group, Vec<&'static str>)> {
    let mut statements: Vec<(Group, Vec<&'static str>)> = Vec::new();
    for right in kinds.into_iter().flat_map(table::of_kind) {
        match statements.iter_mut().find(|(group, _)| *group == right.group) {
            Some((_, actions)) => actions.extend(right.actions),
            None => statements.push((right.group, right.actions.to_vec())),
        }
    }
    statements.sort_by_key(|(group, _)| *group);
    for (_, actions) in &mut statements {
        actions.sort_unstable();
        actions.dedup();
        // A pattern such as ec2:Describe* makes the actions it covers superfluous.
        let patterns: Vec<String> = actions
            .iter()
            .filter_map(|a| a.strip_suffix('*'))
            .map(str::to_owned)
            .collect();
        actions.retain(|a| a.ends_with('*') || !patterns.iter().any(|p| a.starts_with(p.as_str())));
    }
    statements
}

/// Services that need a role of their own the first time they are used in an account, for these types of resources.
pub(crate) fn service_linked_roles<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
    let mut services: Vec<&'static str> = kinds
        .into_iter()
        .filter_map(|kind| match kind {
            "AWS::ECS::Cluster" => Some("ecs.amazonaws.com"),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => Some("elasticloadbalancing.amazonaws.com"),
            "AWS::RDS::DBInstance" => Some("rds.amazonaws.com"),
            "AWS::AutoScaling::AutoScalingGroup" => Some("autoscaling.amazonaws.com"),
            "AWS::ApplicationAutoScaling::ScalableTarget" => Some("ecs.application-autoscaling.amazonaws.com"),
            "AWS::CloudFront::VpcOrigin" => Some("vpcorigin.cloudfront.amazonaws.com"),
            _ => None,
        })
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Managed policies that the roles of these templates have, as the templates write them.
fn managed_policies(templates: &[&Template]) -> Vec<Value> {
    let mut policies: Vec<Value> = Vec::new();
    for role in templates.iter().flat_map(|t| t.of_kind("AWS::IAM::Role")) {
        for policy in role.properties.get("ManagedPolicyArns").map(Value::items).unwrap_or_default() {
            if !policies.contains(policy) {
                policies.push(policy.clone());
            }
        }
    }
    policies
}

/// Statements of a role in a template that CloudFormation assumes for these templates, whose stacks have this prefix.
pub(crate) fn role_statements(app: &str, stack: &str, templates: &[&Template]) -> Vec<Value> {
    let kinds: Vec<&str> = templates.iter().flat_map(|t| t.resources()).map(|r| r.kind).collect();
    let fill = |pattern: &str| {
        sub(pattern
            .replace("{app}", app)
            .replace("{stack}", stack)
            .replace("{partition}", "${AWS::Partition}")
            .replace("{region}", "${AWS::Region}")
            .replace("{account}", "${AWS::AccountId}"))
    };
    let mut statements: Vec<Value> = collected(kinds.iter().copied())
        .into_iter()
        .map(|(group, actions)| {
            let mut statement = vec![
                ("Sid".to_owned(), group.sid().into()),
                ("Effect".to_owned(), "Allow".into()),
                ("Action".to_owned(), Value::from(actions)),
                (
                    "Resource".to_owned(),
                    match group.resources() {
                        [one] => fill(one),
                        many => many.iter().map(|p| fill(p)).collect::<Vec<_>>().into(),
                    },
                ),
            ];
            if group == Group::Regional {
                statement.push((
                    "Condition".to_owned(),
                    map! { "StringEquals": map! { "aws:RequestedRegion": crate::value::refer("AWS::Region") } },
                ));
            }
            Value::Map(statement).note(group.why())
        })
        .collect();
    let managed = managed_policies(templates);
    if !managed.is_empty() {
        statements.push(
            map! {
                "Sid": "ManagedPolicies",
                "Effect": "Allow",
                "Action": list!["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
                "Resource": fill(Group::Roles.resources()[0]),
                "Condition": map! { "ArnEquals": map! { "iam:PolicyARN": managed } },
            }
            .note("Exactly the policies of AWS that these roles have"),
        );
    }
    let services = service_linked_roles(kinds.iter().copied());
    if !services.is_empty() {
        statements.push(
            map! {
                "Sid": "ServiceLinkedRoles",
                "Effect": "Allow",
                "Action": "iam:CreateServiceLinkedRole",
                "Resource": fill("arn:{partition}:iam::{account}:role/aws-service-role/*"),
                "Condition": map! { "StringEquals": map! { "iam:AWSServiceName": services } },
            }
            .note("Roles that these services need the first time they are used in an account"),
        );
    }
    statements
}
