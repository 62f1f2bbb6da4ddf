//! What must be allowed to build each type of resource: one table, from which the role of the stacks and the policy of the
//! person who deploys are computed.

mod table;

use serde_json::Value as Json;

use crate::application::Application;
use crate::choices::{Choices, Dns};
use crate::model::Template;
use crate::plan::{Inputs, StackRole};
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
    DatabaseCluster,
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
    /// Keys have random ids; the one of the application is found by its alias.
    Keys,
    Topics,
    Rules,
    Certificates,
    WebFirewalls,
    Dns,
    /// What has no name yet that it could be limited to.
    New,
    Policies,
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
            Self::DatabaseCluster => "The cluster of the database, its settings and its snapshots",
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
            Self::Keys => "The application's own encryption key, whose id is random",
            Self::Topics => "Where alarms are reported",
            Self::Rules => "The rule that reports failed releases",
            Self::Certificates => "The certificate of the site, whose id is random",
            Self::WebFirewalls => "The web firewall of the site, and the rule groups of AWS in it",
            Self::Policies => "Rights of the stacks' role that do not fit into the role itself",
            Self::Dns => "Records in the hosted zone of the domain",
            Self::New => "Making what has a random id, which nothing can be limited to before it exists",
        }
    }

    /// Resources it covers; `*` where names are not ours to choose.
    pub(crate) fn resources(self) -> &'static [&'static str] {
        match self {
            Self::Regional | Self::Read | Self::Edge | Self::New => &["*"],
            Self::Buckets => &["arn:{partition}:s3:::{stack}-*"],
            Self::Database => &[
                "arn:{partition}:rds:{region}:{account}:db:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:subgrp:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:pg:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:snapshot:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:og:default*",
            ],
            Self::DatabaseCluster => &[
                "arn:{partition}:rds:{region}:{account}:cluster:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:cluster-pg:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:cluster-snapshot:{stack}-*",
                "arn:{partition}:rds:{region}:{account}:pg:default*",
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
            Self::Keys => &[
                "arn:{partition}:kms:{region}:{account}:key/*",
                "arn:{partition}:kms:{region}:{account}:alias/zonke/{app}",
            ],
            Self::Topics => &["arn:{partition}:sns:{region}:{account}:{app}-*"],
            Self::Rules => &["arn:{partition}:events:{region}:{account}:rule/{app}-*"],
            Self::Certificates => &["arn:{partition}:acm:{region}:{account}:certificate/*"],
            Self::WebFirewalls => &[
                "arn:{partition}:wafv2:{region}:{account}:global/webacl/{app}-*",
                "arn:{partition}:wafv2:{region}:aws:global/managedruleset/*",
            ],
            Self::Policies => &["arn:{partition}:iam::{account}:policy/zonke/{app}/{stack}-*"],
            Self::Dns => &[
                "arn:{partition}:route53:::hostedzone/{zone}",
                "arn:{partition}:route53:::change/*",
            ],
        }
    }
}

/// Every action that these types of resources need.
fn actions<'a>(kinds: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = (Group, &'static str)> {
    let rights = kinds.into_iter().flat_map(table::of_kind);
    rights.flat_map(|right| right.actions.iter().map(|action| (right.group, *action)))
}

/// Types of resources that a plan may lack although the one before it had them: another way to the internet, no alarms any more. What
/// else a choice could take away is refused for a running application.
const LEAVING: [&str; 8] = [
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Instance",
    "AWS::EC2::VPCEndpoint",
    "AWS::CloudWatch::Alarm",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
];

/// The actions that look at such resources and delete them. CloudFormation deletes what a plan lacks with the rights of that plan, and
/// what it may not delete stays and goes on costing.
fn leaving(app: &Application, kinds: &[&str]) -> impl Iterator<Item = (Group, &'static str)> {
    // Ways out of a network of the user's own are not ours to take away.
    let ours = |kind: &str| app.nat().is_some() || !kind.starts_with("AWS::EC2::");
    let gone = LEAVING.iter().copied().filter(|kind| !kinds.contains(kind) && ours(kind));
    deleting(gone.collect())
}

/// Of the rights to build these types of resources, those that look at them and delete them.
fn deleting(kinds: Vec<&'static str>) -> impl Iterator<Item = (Group, &'static str)> {
    actions(kinds).filter(|(_, action)| {
        let name = action.split(':').nth(1).unwrap_or_default();
        [
            // A record of a zone is deleted by a change of the zone.
            "ChangeResourceRecordSets",
            "Delete",
            "Describe",
            "Deregister",
            "Detach",
            "Disassociate",
            "Get",
            "List",
            "Release",
            "Remove",
            "Terminate",
            "Unsubscribe",
        ]
        .iter()
        .any(|verb| name.starts_with(verb))
    })
}

/// What an application built with the choices before these.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    kinds: Vec<(StackRole, &'static str)>,
    zone: String,
}

impl Earlier {
    /// Nothing where nothing else ran before, or where it cannot be planned any more.
    pub(crate) fn of(app: &Application) -> Self {
        let Some(choices) = app.inputs.before.as_ref().filter(|before| before.name() == app.name()) else {
            return Self::default();
        };
        let inputs = Inputs {
            choices: Choices::clone(choices),
            before: None,
            ..app.inputs.clone()
        };
        let Ok(before) = Application::new(&inputs) else {
            return Self::default();
        };
        let templates = crate::stacks::all(&before);
        let kinds = templates.iter().flat_map(|t| t.resources().map(|r| (t.role, r.kind)));
        Self {
            kinds: kinds.collect(),
            zone: zone(&before).to_owned(),
        }
    }

    /// Types of resources that a stack had and lacks now that it has only these.
    fn gone(&self, role: StackRole, kinds: &[&str]) -> Vec<&'static str> {
        let gone = self.kinds.iter().filter(|(of, kind)| *of == role && !kinds.contains(kind));
        gone.map(|(_, kind)| *kind).collect()
    }

    /// Whether there was a stack of this role.
    pub(crate) fn had(&self, role: StackRole) -> bool {
        self.kinds.iter().any(|(of, _)| *of == role)
    }

    /// The hosted zone of the domain that there is, or else of the one that there was; empty without either.
    pub(crate) fn zone<'a>(&'a self, app: &Application<'a>) -> &'a str {
        match zone(app) {
            "" => &self.zone,
            now => now,
        }
    }
}

/// Collects the rights to build these types of resources in a stack, and to delete those it had before: one entry for each
/// statement, actions sorted, nothing twice.
pub(crate) fn collected(kinds: &[&str], earlier: &Earlier, role: StackRole) -> Vec<(Group, Vec<&'static str>)> {
    gathered(actions(kinds.iter().copied()).chain(deleting(earlier.gone(role, kinds))))
}

fn gathered(all: impl Iterator<Item = (Group, &'static str)>) -> Vec<(Group, Vec<&'static str>)> {
    let mut statements: Vec<(Group, Vec<&'static str>)> = Vec::new();
    for (group, action) in all {
        match statements.iter_mut().find(|(known, _)| *known == group) {
            Some((_, actions)) => actions.push(action),
            None => statements.push((group, vec![action])),
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

/// Actions that give a role rights. With a boundary they are allowed for roles within it only.
const BOUNDED: [&str; 2] = ["iam:CreateRole", "iam:PutRolePolicy"];

/// Takes the actions that a boundary limits out of these statements, and adds the one that sets it.
pub(crate) fn take_bounded(groups: &mut [(Group, Vec<&'static str>)]) -> Vec<&'static str> {
    let mut bounded = Vec::new();
    for (_, actions) in groups.iter_mut() {
        bounded.extend(actions.iter().copied().filter(|a| BOUNDED.contains(a)));
        actions.retain(|a| !BOUNDED.contains(a));
    }
    if !bounded.is_empty() {
        bounded.push("iam:PutRolePermissionsBoundary");
    }
    bounded.sort_unstable();
    bounded
}

/// Id of the hosted zone of the domain; empty without one.
pub(crate) fn zone<'a>(app: &Application<'a>) -> &'a str {
    match app.domain().map(|d| &d.dns) {
        Some(Dns::Route53 { zone_id }) => zone_id,
        Some(Dns::Outside) | None => "",
    }
}

/// Services that need a role of their own the first time they are used in an account, for these types of resources.
pub(crate) fn service_linked_roles<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
    let mut services: Vec<&'static str> = kinds
        .into_iter()
        .filter_map(|kind| match kind {
            "AWS::ECS::Cluster" => Some("ecs.amazonaws.com"),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => Some("elasticloadbalancing.amazonaws.com"),
            "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => Some("rds.amazonaws.com"),
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

/// Largest sum of a role's inline policies, in characters without white space.
pub(crate) const MAX_INLINE: usize = 10_240;

/// Longest name of anything that CloudFormation makes up, with the rest of its ARN.
const LONGEST_ARN: usize = 160;

/// A policy document as IAM gets it, long enough for whatever its placeholders become.
fn resolved(document: &Json, region: &str) -> Json {
    match document {
        Json::Array(items) => items.iter().map(|item| resolved(item, region)).collect(),
        Json::Object(entries) => {
            if let Some(Json::String(text)) = entries.get("Fn::Sub") {
                let known = text
                    .replace("${AWS::Partition}", "aws")
                    .replace("${AWS::Region}", region)
                    .replace("${AWS::AccountId}", "111122223333");
                let others = known.matches("${").count();
                Json::String(known + &"x".repeat(others * LONGEST_ARN))
            } else if entries.contains_key("Ref") || entries.contains_key("Fn::GetAtt") {
                Json::String("x".repeat(LONGEST_ARN))
            } else {
                let each = entries.iter().map(|(key, value)| (key.clone(), resolved(value, region)));
                Json::Object(each.collect())
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => document.clone(),
    }
}

/// Characters of a policy document without white space, with whatever its placeholders become.
pub(crate) fn size(document: &Value, region: &str) -> usize {
    resolved(&document.to_json(), region).to_string().len()
}

/// Statements of a role in a template that CloudFormation assumes for these templates, whose stacks have this prefix.
pub(crate) fn role_statements(app: &Application, stack: &str, templates: &[&Template]) -> Vec<Value> {
    let kinds: Vec<&str> = templates.iter().flat_map(|t| t.resources()).map(|r| r.kind).collect();
    let earlier = Earlier::of(app);
    let fill = |pattern: &str| {
        sub(pattern
            .replace("{app}", app.name())
            .replace("{stack}", stack)
            .replace("{zone}", earlier.zone(app))
            .replace("{partition}", "${AWS::Partition}")
            .replace("{region}", "${AWS::Region}")
            .replace("{account}", "${AWS::AccountId}"))
    };
    let gone = templates.iter().flat_map(|t| earlier.gone(t.role, &kinds)).collect();
    let mut groups = gathered(
        actions(kinds.iter().copied())
            .chain(leaving(app, &kinds))
            .chain(deleting(gone)),
    );
    let bounded = app
        .permissions_boundary()
        .map(|boundary| (boundary, take_bounded(&mut groups)));
    let mut statements: Vec<Value> = groups
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
            if group == Group::Dns && zone(app).is_empty() {
                let only = map! { "route53:ChangeResourceRecordSetsActions": list!["DELETE"] };
                statement.push(("Condition".to_owned(), map! { "ForAllValues:StringEquals": only }));
                return Value::Map(statement).note("Records of the domain that there was, which may go and not come");
            }
            Value::Map(statement).note(group.why())
        })
        .collect();
    let within = |boundary: &str| map! { "iam:PermissionsBoundary": boundary };
    if let Some((boundary, actions)) = &bounded {
        statements.push(
            map! {
                "Sid": "RolesWithinBoundary",
                "Effect": "Allow",
                "Action": actions.clone(),
                "Resource": fill(Group::Roles.resources()[0]),
                "Condition": map! { "StringEquals": within(boundary) },
            }
            .note("No role may be made, or get rights, without the boundary"),
        );
    }
    let managed = managed_policies(templates);
    if !managed.is_empty() {
        let mut condition = map! { "ArnEquals": map! { "iam:PolicyARN": managed } };
        if let Some((boundary, _)) = &bounded {
            condition.insert(1, "StringEquals", within(boundary));
        }
        statements.push(
            map! {
                "Sid": "ManagedPolicies",
                "Effect": "Allow",
                "Action": list!["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
                "Resource": fill(Group::Roles.resources()[0]),
                "Condition": condition,
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
