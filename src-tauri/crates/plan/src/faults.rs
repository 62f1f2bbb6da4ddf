//! Faults planted into correct stacks: every one must be found by the check that is there for it.
//!
//! More than 500 lines: it is one list, and each entry says what is broken and who has to notice.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::semicolon_if_nothing_returned,
    reason = "short closures read better"
)]

use crate::application::Application;
use crate::checks::check;
use crate::choices::{
    Choices, CpuArchitecture, Database, DatabaseClass, Dns, Domain, Launch, Nat, Origin, Rollout, ScaleBy, WebFirewall,
};
use crate::fixtures::{guestbook, separate};
use crate::model::{OnDelete, Resource, Template};
use crate::plan::{CheckResult, Inputs, Zone};
use crate::stacks;
use crate::value::{Value, get_att, list, map, refer};

mod aurora;
mod chosen;
mod existing;

fn inputs(change: impl FnOnce(&mut Choices)) -> Inputs {
    let findings = guestbook();
    let mut choices = Choices::suggested(&findings);
    change(&mut choices);
    Inputs {
        findings,
        choices,
        secret_keys: vec!["JWT_SECRET".to_owned()],
        secrets_revision: "0".to_owned(),
        before: None,
    }
}

/// Names of the checks that fail for these stacks.
fn failing(app: &Application, templates: &[Template]) -> Vec<String> {
    check(app, templates)
        .into_iter()
        .filter(|c| c.result == CheckResult::Failed)
        .map(|c| c.id)
        .collect()
}

fn resource<'a>(templates: &'a mut [Template], id: &str) -> &'a mut Resource {
    templates
        .iter_mut()
        .flat_map(|t| &mut t.sections)
        .flat_map(|s| &mut s.resources)
        .find(|r| r.id == id)
        .unwrap()
}

/// Replaces a property.
fn set(id: &'static str, path: &'static str, value: impl Into<Value>) -> impl FnOnce(&mut Vec<Template>) {
    let value = value.into();
    move |templates| {
        *resource(templates, id)
            .properties
            .at_mut(path)
            .unwrap_or_else(|| panic!("{id} has no {path}")) = value
    }
}

/// Adds a property.
fn add(id: &'static str, path: &'static str, key: &'static str, value: impl Into<Value>) -> impl FnOnce(&mut Vec<Template>) {
    let value = value.into();
    move |templates| {
        let properties = &mut resource(templates, id).properties;
        let owner = if path.is_empty() {
            properties
        } else {
            properties.at_mut(path).unwrap()
        };
        match owner {
            Value::Map(entries) => entries.push((key.to_owned(), value)),
            Value::List(items) => items.push(value),
            _ => panic!("{id} cannot hold {key} at {path}"),
        }
    }
}

/// Takes a property away.
fn drop(id: &'static str, path: &'static str, key: &'static str) -> impl FnOnce(&mut Vec<Template>) {
    move |templates| {
        let properties = &mut resource(templates, id).properties;
        let owner = if path.is_empty() {
            properties
        } else {
            properties.at_mut(path).unwrap()
        };
        match owner {
            Value::Map(entries) => entries.retain(|(k, _)| k != key),
            Value::List(items) => {
                items.remove(key.parse().unwrap());
            }
            _ => panic!("{id} holds no {key} at {path}"),
        }
    }
}

/// Takes a resource away.
fn without(id: &'static str) -> impl FnOnce(&mut Vec<Template>) {
    move |templates| {
        templates
            .iter_mut()
            .flat_map(|t| &mut t.sections)
            .for_each(|s| s.resources.retain(|r| r.id != id))
    }
}

/// Puts a resource into the base stack.
fn with(new: Resource) -> impl FnOnce(&mut Vec<Template>) {
    move |templates| templates[1].sections[0].resources.push(new)
}

fn open_rule() -> Value {
    map! { "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0" }
}

/// Nothing in the plan looks for it: others must (`scripts/check-faults`).
const OTHERS: &str = "";

type Fault = (&'static str, &'static str, Box<dyn FnOnce(&mut Vec<Template>)>);

fn fault(name: &'static str, found_by: &'static str, plant: impl FnOnce(&mut Vec<Template>) + 'static) -> Fault {
    (name, found_by, Box::new(plant))
}

fn faults() -> Vec<Fault> {
    let group = "SecurityGroupIngress";
    vec![
        // Who can reach whom.
        fault(
            "load balancer open to everyone",
            "alb-admits-cloudfront-only",
            add("LoadBalancerGroup", group, "", open_rule()),
        ),
        fault(
            "prefix list replaced by a range",
            "alb-admits-cloudfront-only",
            set("LoadBalancerGroup", "SecurityGroupIngress.0", open_rule()),
        ),
        fault(
            "another prefix list",
            "alb-admits-cloudfront-only",
            set(
                "LoadBalancerGroup",
                "SecurityGroupIngress.0.SourcePrefixListId",
                "pl-3b927c52",
            ),
        ),
        fault(
            "firewall admits another port",
            "alb-admits-cloudfront-only",
            set("LoadBalancerGroup", "SecurityGroupIngress.0.ToPort", 443),
        ),
        fault(
            "load balancer in private subnets",
            "alb-in-public-subnets",
            set(
                "LoadBalancer",
                "Subnets",
                list![refer("PrivateSubnetA"), refer("PrivateSubnetB")],
            ),
        ),
        fault(
            "public subnets without a way out",
            "alb-in-public-subnets",
            without("PublicDefaultRoute"),
        ),
        fault(
            "listener forwards by default",
            "listener-refuses-strangers",
            set("Listener", "DefaultActions.0.Type", "forward"),
        ),
        fault(
            "rule without the password",
            "listener-refuses-strangers",
            set("ListenerRule", "Conditions.0", map! { "Field": "path-pattern" }),
        ),
        fault(
            "password in the template",
            "listener-refuses-strangers",
            set("ListenerRule", "Conditions.0.HttpHeaderConfig.Values", list!["hunter2"]),
        ),
        fault(
            "CloudFront without the password",
            "cloudfront-shows-password",
            drop("Distribution", "DistributionConfig.Origins.1", "OriginCustomHeaders"),
        ),
        fault(
            "another header",
            "cloudfront-shows-password",
            set(
                "Distribution",
                "DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderName",
                "X-Else",
            ),
        ),
        fault(
            "internal although public was chosen",
            "alb-reachable-as-chosen",
            set("LoadBalancer", "Scheme", "internal"),
        ),
        fault(
            "public address for servers",
            "servers-private",
            set(
                "Servers",
                "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",
                "ENABLED",
            ),
        ),
        fault(
            "servers in public subnets",
            "servers-private",
            set(
                "ParameterSubnets",
                "Value",
                Value::Sub("${PublicSubnetA},${PublicSubnetB}".to_owned()),
            ),
        ),
        fault(
            "private subnets lead straight to the internet",
            "servers-private",
            |t: &mut Vec<Template>| {
                resource(t, "PrivateDefaultRoute").properties =
                    map! { "RouteTableId": refer("PrivateRoutes"), "GatewayId": refer("InternetGateway") };
            },
        ),
        fault(
            "servers reachable by an address range",
            "servers-admit-alb-only",
            add("ServerGroup", "", group, list![open_rule()]),
        ),
        fault(
            "subnets that share addresses",
            "subnets-disjoint",
            set("PrivateSubnetB", "CidrBlock", "10.40.64.0/19"),
        ),
        fault(
            "subnet outside the network",
            "subnets-disjoint",
            set("PrivateSubnetB", "CidrBlock", "10.41.0.0/20"),
        ),
        // The database.
        fault(
            "public database",
            "database-isolated",
            set("Database", "PubliclyAccessible", true),
        ),
        fault(
            "database in private subnets",
            "database-isolated",
            set(
                "DatabaseSubnets",
                "SubnetIds",
                list![refer("PrivateSubnetA"), refer("PrivateSubnetB")],
            ),
        ),
        fault(
            "isolated subnets with a way out",
            "database-isolated",
            |t: &mut Vec<Template>| {
                let route = map! { "RouteTableId": refer("IsolatedRoutes"), "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": refer("NatGateway") };
                with(Resource::new("Leak", "AWS::EC2::Route", "a leak", route).zone(Zone::Isolated))(t);
            },
        ),
        fault(
            "database open to the load balancer",
            "database-admits-servers-only",
            set(
                "DatabaseFromServers",
                "SourceSecurityGroupId",
                get_att("LoadBalancerGroup", "GroupId"),
            ),
        ),
        fault(
            "database open to a range",
            "database-admits-servers-only",
            add("DatabaseGroup", "", group, list![open_rule()]),
        ),
        fault(
            "migrations shut out",
            "database-admits-servers-only",
            without("DatabaseFromMigrator"),
        ),
        fault(
            "wrong port of the database",
            "database-admits-servers-only",
            set("DatabaseFromServers", "FromPort", 3306),
        ),
        fault(
            "unencrypted database",
            "database-protected",
            set("Database", "StorageEncrypted", false),
        ),
        fault(
            "unprotected database",
            "database-protected",
            set("Database", "DeletionProtection", false),
        ),
        fault(
            "no backups",
            "database-protected",
            set("Database", "BackupRetentionPeriod", 0),
        ),
        fault(
            "database deleted without a snapshot",
            "database-protected",
            |t: &mut Vec<Template>| resource(t, "Database").on_delete = OnDelete::Delete,
        ),
        fault(
            "full version of the database",
            "database-protected",
            set("Database", "EngineVersion", "18.1"),
        ),
        fault("another engine", "database-as-chosen", set("Database", "Engine", "mysql")),
        // The way of a request.
        fault(
            "API path leads to the files",
            "api-reaches-servers",
            set("Distribution", "DistributionConfig.CacheBehaviors.0.TargetOriginId", "ui"),
        ),
        fault(
            "unknown origin",
            "api-reaches-servers",
            set(
                "Distribution",
                "DistributionConfig.DefaultCacheBehavior.TargetOriginId",
                "old",
            ),
        ),
        fault(
            "wrong path of the API",
            "api-reaches-servers",
            set("Distribution", "DistributionConfig.CacheBehaviors.0.PathPattern", "/v1/*"),
        ),
        fault(
            "target group on another port",
            "api-reaches-servers",
            set("TargetGroup", "Port", 8080),
        ),
        fault(
            "service on another port",
            "api-reaches-servers",
            set("Servers", "LoadBalancers.0.ContainerPort", 8080),
        ),
        fault(
            "container on another port",
            "api-reaches-servers",
            set("Server", "ContainerDefinitions.0.PortMappings.0.ContainerPort", 8080),
        ),
        fault(
            "prefix taken off by mistake",
            "api-reaches-servers",
            add("ListenerRule", "", "Transforms", list![map! { "Type": "url-rewrite" }]),
        ),
        fault(
            "firewall of the servers on another port",
            "api-reaches-servers",
            set("ServersFromLoadBalancer", "ToPort", 8080),
        ),
        fault(
            "idle times the wrong way round",
            "idle-times-rise",
            set("LoadBalancer", "LoadBalancerAttributes.0.Value", "30"),
        ),
        fault(
            "site without HTTPS",
            "visitors-use-https",
            set(
                "Distribution",
                "DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy",
                "allow-all",
            ),
        ),
        fault(
            "error pages over the whole site",
            "visitors-use-https",
            add("Distribution", "DistributionConfig", "CustomErrorResponses", list![]),
        ),
        // Buckets.
        fault(
            "public UI bucket",
            "buckets-closed",
            set("UiBucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", false),
        ),
        fault(
            "bucket without encryption",
            "buckets-closed",
            drop("UiBucket", "", "BucketEncryption"),
        ),
        fault(
            "bucket without TLS",
            "buckets-closed",
            drop("UiBucketPolicy", "PolicyDocument.Statement", "0"),
        ),
        fault(
            "files readable by everyone",
            "ui-bucket-private",
            set("UiBucketPolicy", "PolicyDocument.Statement.1.Principal", "*"),
        ),
        fault(
            "files readable by other distributions",
            "ui-bucket-private",
            drop("UiBucketPolicy", "PolicyDocument.Statement.1", "Condition"),
        ),
        fault(
            "unsigned requests",
            "ui-bucket-private",
            set("OriginAccess", "OriginAccessControlConfig.SigningBehavior", "never"),
        ),
        // Building, releasing, scaling.
        fault(
            "old type of pipeline",
            "commit-starts-release",
            set("Pipeline", "PipelineType", "V1"),
        ),
        fault(
            "another branch",
            "commit-starts-release",
            set(
                "Pipeline",
                "Triggers.0.GitConfiguration.Push.0.Branches.Includes",
                list!["develop"],
            ),
        ),
        fault(
            "too many path patterns",
            "commit-starts-release",
            set(
                "Pipeline",
                "Triggers.0.GitConfiguration.Push.0.FilePaths.Includes",
                vec!["a/**"; 9],
            ),
        ),
        fault(
            "commits to the API start nothing",
            "commit-starts-release",
            set(
                "Pipeline",
                "Triggers.0.GitConfiguration.Push.0.FilePaths.Includes",
                list!["web/**", "*"],
            ),
        ),
        fault(
            "a changed lockfile starts nothing",
            "commit-starts-release",
            set(
                "Pipeline",
                "Triggers.0.GitConfiguration.Push.0.FilePaths.Includes",
                list!["web/**", "api/**", "package.json"],
            ),
        ),
        fault(
            "build file from the repository",
            "repository-stays-clean",
            set("Pipeline", "Stages.1.Actions.1.Configuration.PrimarySource", "Code"),
        ),
        fault(
            "unknown build file",
            "repository-stays-clean",
            set("BuildUi", "Source.BuildSpec", "buildspec.yml"),
        ),
        fault(
            "infrastructure outside the pipeline",
            "pipeline-deploys-everything",
            drop("Pipeline", "Stages.1.Actions", "0"),
        ),
        fault(
            "servers with an old image",
            "pipeline-deploys-everything",
            drop("Pipeline", "Stages.3.Actions.0.Configuration", "ParameterOverrides"),
        ),
        fault(
            "migrations left out",
            "migrations-before-servers",
            drop("Pipeline", "Stages", "2"),
        ),
        fault(
            "image for another processor",
            "servers-run-as-chosen",
            set("Server", "RuntimePlatform.CpuArchitecture", "X86_64"),
        ),
        fault(
            "migrations on another processor",
            "servers-run-as-chosen",
            set("Migrator", "Architectures", list!["x86_64"]),
        ),
        fault(
            "no circuit breaker",
            "bad-release-goes-back",
            drop("Servers", "DeploymentConfiguration", "DeploymentCircuitBreaker"),
        ),
        fault(
            "breaker without going back",
            "bad-release-goes-back",
            set("Servers", "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback", false),
        ),
        fault(
            "number of servers in the template",
            "servers-scale",
            add("Servers", "", "DesiredCount", 1),
        ),
        fault("fixed highest number", "servers-scale", set("Scale", "MaxCapacity", 1)),
        // Secrets and rights.
        fault(
            "secret in the environment",
            "no-secret-values",
            add(
                "Server",
                "ContainerDefinitions.0.Environment",
                "",
                map! { "Name": "JWT_SECRET", "Value": "x" },
            ),
        ),
        fault(
            "secret with a value",
            "no-secret-values",
            set("AppSecret", "SecretString", "{\"JWT_SECRET\":\"x\"}"),
        ),
        fault(
            "password of the database in the template",
            "no-secret-values",
            set("Database", "MasterUserPassword", "hunter22"),
        ),
        fault(
            "secret that servers do not get",
            "secrets-reach-servers",
            drop("Server", "ContainerDefinitions.0.Secrets", "1"),
        ),
        fault(
            "servers that keep old secrets",
            "secrets-reach-servers",
            drop("Servers", "", "ForceNewDeployment"),
        ),
        fault(
            "servers that may not read their secret",
            "secrets-reach-servers",
            drop("TaskRole", "", "Policies"),
        ),
        fault(
            "ECS may not fetch the address",
            "secrets-reach-servers",
            set(
                "ExecutionRole",
                "Policies.0.PolicyDocument.Statement.0.Resource",
                list![refer("AppSecret")],
            ),
        ),
        fault(
            "migrations without secrets",
            "secrets-reach-migrations",
            drop("Migrator", "Environment.Variables", "APP_SECRET"),
        ),
        fault(
            "migrations behind another firewall",
            "secrets-reach-migrations",
            set(
                "Migrator",
                "VpcConfig.SecurityGroupIds",
                list![get_att("ServerGroup", "GroupId")],
            ),
        ),
        fault(
            "role that may do everything",
            "rights-are-named",
            set("TaskRole", "Policies.0.PolicyDocument.Statement.0.Action", list!["*"]),
        ),
        fault(
            "role for all of a service",
            "rights-are-named",
            set("TaskRole", "Policies.0.PolicyDocument.Statement.0.Action", "s3:*"),
        ),
        fault(
            "administrator",
            "rights-are-named",
            add(
                "TaskRole",
                "",
                "ManagedPolicyArns",
                list!["arn:aws:iam::aws:policy/AdministratorAccess"],
            ),
        ),
        fault(
            "build that could replace the infrastructure",
            "builds-write-results-only",
            add(
                "BuildUiRole",
                "Policies.0.PolicyDocument.Statement",
                "",
                map! { "Effect": "Allow", "Action": "s3:PutObject", "Resource": Value::Sub("${ArtifactBucket.Arn}/infra/*".to_owned()) },
            ),
        ),
        fault(
            "build that could replace all artifacts",
            "builds-write-results-only",
            set(
                "BuildUiRole",
                "Policies.0.PolicyDocument.Statement.2.Resource",
                Value::Sub("${ArtifactBucket.Arn}/guestbook/*".to_owned()),
            ),
        ),
        fault(
            "build that could write the whole bucket",
            "builds-write-results-only",
            set(
                "BuildApiRole",
                "Policies.0.PolicyDocument.Statement.1.Action",
                list!["s3:GetObject", "s3:Put*"],
            ),
        ),
        fault(
            "release that could replace the infrastructure",
            "builds-write-results-only",
            set(
                "ReleaseRole",
                "Policies.0.PolicyDocument.Statement.2.Resource",
                Value::Sub("${ArtifactBucket.Arn}/*".to_owned()),
            ),
        ),
        fault(
            "one role for both builds",
            "builds-write-results-only",
            set("BuildUi", "ServiceRole", get_att("BuildApiRole", "Arn")),
        ),
        fault(
            "build with rights from elsewhere",
            "builds-write-results-only",
            add(
                "BuildUiRole",
                "",
                "ManagedPolicyArns",
                list!["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
            ),
        ),
        fault(
            "build that cannot store its result",
            "builds-write-results-only",
            drop("BuildUiRole", "Policies.0.PolicyDocument.Statement", "2"),
        ),
        fault(
            "pipeline that may not read parameters",
            "callers-may-deploy",
            set(
                "PipelineRole",
                "Policies.0.PolicyDocument.Statement.5.Resource",
                "arn:aws:ssm:eu-west-1:*:parameter/elsewhere/*",
            ),
        ),
        fault(
            "parameter that nobody may read",
            "callers-may-deploy",
            |t: &mut Vec<Template>| t[2].parameters[4].default = Some("/other/subnets".into()),
        ),
        fault("parameter looked up in EC2", "callers-may-deploy", |t: &mut Vec<Template>| {
            t[1].parameters[0].kind = "AWS::EC2::AvailabilityZone::Name"
        }),
        fault(
            "pipeline that may not tag stacks",
            "callers-may-deploy",
            set(
                "PipelineRole",
                "Policies.0.PolicyDocument.Statement.4.Action",
                list![
                    "cloudformation:CreateStack",
                    "cloudformation:UpdateStack",
                    "cloudformation:DescribeStacks"
                ],
            ),
        ),
        fault(
            "any policy for any role",
            "rights-are-named",
            add(
                "StackRole",
                "Policies.0.PolicyDocument.Statement",
                "",
                map! { "Effect": "Allow", "Action": list!["iam:AttachRolePolicy"], "Resource": "*" },
            ),
        ),
        fault("limit of policies taken away", "rights-are-named", |t: &mut Vec<Template>| {
            let statements = resource(t, "StackRole")
                .properties
                .at_mut("Policies.0.PolicyDocument.Statement")
                .unwrap();
            let Value::List(items) = statements else { panic!("no list") };
            for item in items {
                let managed = item.get("Sid").and_then(Value::text) == Some("ManagedPolicies");
                if managed {
                    *item = map! { "Effect": "Allow", "Action": item.get("Action").unwrap().clone(), "Resource": "*" };
                }
            }
        }),
        // Templates.
        fault(
            "name that leads nowhere",
            "references-resolve",
            set("Servers", "TaskDefinition", refer("Nothing")),
        ),
        fault("resource gone that others need", "references-resolve", without("NatAddress")),
        fault("circle", "references-resolve", |t: &mut Vec<Template>| {
            resource(t, "Network").depends_on.push("Database".to_owned())
        }),
        fault(
            "answer that nobody writes",
            "references-resolve",
            without("ParameterTaskRole"),
        ),
        fault("template too long", "within-limits", |t: &mut Vec<Template>| {
            t[0].description = "long ".repeat(11_000)
        }),
    ]
}

#[test]
fn planted_faults_of_every_application_are_found() {
    all_are_found("common", |_| {}, faults());
    let inputs = inputs(|_| {});
    let correct = stacks::all(&Application::new(&inputs).unwrap());
    for (index, (name, old, new)) in TEXT_FAULTS.into_iter().enumerate() {
        Show::new("common").write_text(&format!("text-{index:02}"), name, &correct, old, new);
    }
}

/// Faults of the text alone, which the model cannot have: they are for checkers that read templates (`scripts/check-faults`).
/// What it is, the text it replaces, and by what.
const TEXT_FAULTS: [(&str, &str, &str); 8] = [
    (
        "type of a resource misspelled",
        "Type: AWS::ECS::Cluster\n",
        "Type: AWS::ECS::Clusters\n",
    ),
    ("property misspelled", "StorageEncrypted: true", "StorageEncryption: true"),
    ("policy misspelled", "DeletionPolicy: Snapshot", "DeletionPolicy: Snapshots"),
    (
        "attribute that does not exist",
        "!GetAtt LoadBalancer.DNSName",
        "!GetAtt LoadBalancer.Name",
    ),
    ("text for a number", "BackupRetentionPeriod: 7", "BackupRetentionPeriod: week"),
    ("name that nobody declares", "!Ref NatGateway", "!Ref NatGatewayA"),
    (
        "condition that is not declared",
        "Type: AWS::ECS::Cluster\n",
        "Type: AWS::ECS::Cluster\n    Condition: IsProduction\n",
    ),
    (
        "unknown function",
        "!GetAtt LoadBalancer.DNSName",
        "!GetAttribute LoadBalancer.DNSName",
    ),
];

/// Writes the broken templates, and what was found, into the folder that `FAULTS_OUT` names, for checkers outside of Rust. Each has a
/// folder `<group>.<number>`; beside them `<group>.correct` has the templates they were made from.
struct Show {
    out: Option<std::path::PathBuf>,
    group: &'static str,
}

impl Show {
    fn new(group: &'static str) -> Self {
        Self {
            out: std::env::var_os("FAULTS_OUT").map(Into::into),
            group,
        }
    }

    /// Writes the templates that differ from the correct ones; all, when there are none to compare with.
    fn write(&self, folder: &str, correct: Option<&[Template]>, fault: &str, templates: &[Template], found: &[String]) {
        if self.out.is_none() {
            return;
        }
        for (index, template) in templates.iter().enumerate() {
            let text = template.write().0;
            if correct.is_none_or(|c| c[index].write().0 != text) {
                self.put(folder, &template.file(), &text);
            }
        }
        let about = serde_json::json!({ "fault": fault, "found": found });
        self.put(folder, "found.json", &about.to_string());
    }

    fn write_text(&self, folder: &str, fault: &str, correct: &[Template], old: &str, new: &str) {
        let base = &correct[1];
        let text = base.write().0;
        assert!(text.contains(old), "{fault}: nothing to replace");
        self.put(folder, &base.file(), &text.replacen(old, new, 1));
        let about = serde_json::json!({ "fault": fault, "found": [] });
        self.put(folder, "found.json", &about.to_string());
    }

    fn put(&self, folder: &str, file: &str, text: &str) {
        let Some(out) = &self.out else { return };
        let folder = out.join(format!("{}.{folder}", self.group));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(file), text).unwrap();
    }
}

/// Plants each fault into the correct templates of these choices.
fn all_are_found(group: &'static str, change: impl FnOnce(&mut Choices), faults: Vec<Fault>) {
    let inputs = inputs(change);
    let app = Application::new(&inputs).unwrap();
    let correct = stacks::all(&app);
    assert_eq!(failing(&app, &correct), Vec::<String>::new());
    let show = Show::new(group);
    show.write("correct", None, "", &correct, &[]);
    let mut missed = Vec::new();
    for (index, (name, found_by, plant)) in faults.into_iter().enumerate() {
        let mut templates = correct.clone();
        plant(&mut templates);
        let found = failing(&app, &templates);
        show.write(&format!("{index:03}"), Some(&correct), name, &templates, &found);
        if found_by != OTHERS && !found.iter().any(|id| id == found_by) {
            missed.push(format!("{name}: expected {found_by}, found {found:?}"));
        }
    }
    assert!(missed.is_empty(), "missed of {group}:\n{}", missed.join("\n"));
}

#[test]
fn planted_faults_of_machines_are_found() {
    all_are_found(
        "machines",
        |choices| choices.launch = Launch::Ec2,
        vec![
            fault(
                "machines for the first number of servers only",
                "servers-scale",
                set("Machines", "MaxSize", "2"),
            ),
            fault(
                "Fargate taken away while servers run on it",
                "servers-run-as-chosen",
                set("ClusterCapacity", "CapacityProviders", list![refer("Capacity")]),
            ),
            fault(
                "cluster without the machines",
                "servers-run-as-chosen",
                set("ClusterCapacity", "CapacityProviders", list!["FARGATE", "FARGATE_SPOT"]),
            ),
            fault(
                "image that the pipeline may not see",
                "callers-may-deploy",
                drop("PipelineRole", "Policies.0.PolicyDocument.Statement", "7"),
            ),
            fault(
                "image that nobody may look up",
                "callers-may-deploy",
                set(
                    "PipelineRole",
                    "Policies.0.PolicyDocument.Statement.5.Resource",
                    Value::Sub("arn:aws:ssm:${AWS::Region}:*:parameter/zonke/guestbook/*".to_owned()),
                ),
            ),
        ],
    );
}

/// Everything that can be chosen around the servers.
fn everything(choices: &mut Choices) {
    choices.domain = Some(Domain {
        name: "example.com".to_owned(),
        www: true,
        dns: Dns::Route53 {
            zone_id: "Z0123456789ABCDEFGHIJ".to_owned(),
        },
    });
    choices.web_firewall = Some(WebFirewall {
        requests_per_five_minutes: 2000,
    });
    choices.own_key = true;
    choices.alarm_address = Some("ops@example.com".to_owned());
    choices.rollout = Rollout::BlueGreen { bake_minutes: 15 };
    choices.permissions_boundary = Some("arn:aws:iam::111122223333:policy/boundary".to_owned());
}

fn faults_of_options() -> Vec<Fault> {
    let statements = "Policies.0.PolicyDocument.Statement";
    vec![
        fault(
            "site answers to a domain without a certificate for it",
            "site-address",
            drop("Certificate", "", "SubjectAlternativeNames"),
        ),
        fault(
            "site does not answer to the domain",
            "site-address",
            drop("Distribution", "DistributionConfig", "Aliases"),
        ),
        fault(
            "old versions of TLS",
            "site-address",
            set(
                "Distribution",
                "DistributionConfig.ViewerCertificate.MinimumProtocolVersion",
                "TLSv1",
            ),
        ),
        fault(
            "dedicated addresses for the certificate",
            "site-address",
            set("Distribution", "DistributionConfig.ViewerCertificate.SslSupportMethod", "vip"),
        ),
        fault(
            "certificate that the distribution would wait for",
            "site-address",
            set(
                "Distribution",
                "DistributionConfig.ViewerCertificate.AcmCertificateArn",
                refer("LoadBalancer"),
            ),
        ),
        fault("no record for IPv6", "site-address", without("SiteRecordAAAA")),
        fault(
            "record that leads past CloudFront",
            "site-address",
            set("SiteRecordA", "AliasTarget.DNSName", get_att("LoadBalancer", "DNSName")),
        ),
        fault(
            "site without its web firewall",
            "web-firewall-as-chosen",
            drop("Distribution", "DistributionConfig", "WebACLId"),
        ),
        fault(
            "web firewall for load balancers",
            "web-firewall-as-chosen",
            set("WebFirewall", "Scope", "REGIONAL"),
        ),
        fault(
            "web firewall that counts only",
            "web-firewall-as-chosen",
            set(
                "WebFirewall",
                "Rules.1.OverrideAction",
                map! { "Count": Value::Map(Vec::new()) },
            ),
        ),
        fault(
            "floods let through",
            "web-firewall-as-chosen",
            set("WebFirewall", "Rules.4.Statement.RateBasedStatement.Limit", 2_000_000),
        ),
        fault("log that never ends", "logs-end", drop("ServerLogs", "", "RetentionInDays")),
        fault("log with AWS's key", "own-key-everywhere", drop("ServerLogs", "", "KmsKeyId")),
        fault(
            "database with AWS's key",
            "own-key-everywhere",
            drop("Database", "", "KmsKeyId"),
        ),
        fault(
            "key for everyone",
            "own-key-everywhere",
            set("Key", "KeyPolicy.Statement.0.Principal", "*"),
        ),
        fault(
            "key for logs of other accounts",
            "own-key-everywhere",
            drop("Key", "KeyPolicy.Statement.1", "Condition"),
        ),
        fault(
            "key that is never rotated",
            "own-key-everywhere",
            set("Key", "EnableKeyRotation", false),
        ),
        fault(
            "servers that cannot decrypt their secrets",
            "own-key-everywhere",
            drop("ExecutionRole", statements, "1"),
        ),
        fault("nobody hears of alarms", "alarms-reach-someone", without("AlarmAddress")),
        fault(
            "alarm that tells nobody",
            "alarms-reach-someone",
            drop("BusyDatabase", "", "AlarmActions"),
        ),
        fault(
            "failures of another pipeline",
            "alarms-reach-someone",
            set("FailedReleases", "EventPattern.detail.pipeline", list!["other"]),
        ),
        fault(
            "anyone may report",
            "alarms-reach-someone",
            drop("AlarmTopicPolicy", "PolicyDocument.Statement.1", "Condition"),
        ),
        fault(
            "second group without a health check",
            "traffic-moves-at-once",
            set("OtherTargetGroup", "HealthCheckPath", "/other"),
        ),
        fault(
            "rule that knows one group",
            "traffic-moves-at-once",
            drop("ListenerRule", "Actions.0.ForwardConfig.TargetGroups", "1"),
        ),
        fault(
            "ECS may not move the traffic",
            "traffic-moves-at-once",
            drop("Servers", "LoadBalancers.0.AdvancedConfiguration", "RoleArn"),
        ),
        fault(
            "same group twice",
            "traffic-moves-at-once",
            set(
                "Servers",
                "LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn",
                refer("TargetGroup"),
            ),
        ),
        fault(
            "role without the boundary",
            "roles-within-boundary",
            drop("TaskRole", "", "PermissionsBoundary"),
        ),
        fault(
            "roles that could be made without the boundary",
            "roles-within-boundary",
            add(
                "StackRole",
                statements,
                "",
                map! { "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*" },
            ),
        ),
        fault(
            "boundary that can be taken away",
            "roles-within-boundary",
            add(
                "StackRole",
                statements,
                "",
                map! { "Effect": "Allow", "Action": list!["iam:DeleteRolePermissionsBoundary"], "Resource": "*" },
            ),
        ),
    ]
}

#[test]
fn planted_faults_of_options_are_found() {
    all_are_found("options", everything, faults_of_options());
}

#[test]
fn planted_faults_of_what_was_not_chosen_are_found() {
    all_are_found(
        "unchosen",
        |_| {},
        vec![
            fault(
                "certificate of a domain that was not chosen",
                "site-address",
                set(
                    "Distribution",
                    "DistributionConfig.ViewerCertificate",
                    map! { "AcmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/x" },
                ),
            ),
            fault(
                "web firewall that was not chosen",
                "web-firewall-as-chosen",
                add("Distribution", "DistributionConfig", "WebACLId", "arn"),
            ),
            fault(
                "log of another length",
                "logs-end",
                set("ServerLogs", "RetentionInDays", 3653),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_ways_out_are_found() {
    all_are_found(
        "nat-instance",
        |choices| choices.nat = Nat::Instance,
        vec![
            fault(
                "NAT instance open to everyone",
                "servers-private",
                set("NatGroup", "SecurityGroupIngress.0.CidrIp", "0.0.0.0/0"),
            ),
            fault(
                "NAT instance that drops everything",
                "servers-private",
                set("NatInstance", "SourceDestCheck", true),
            ),
            fault(
                "NAT instance without a way out",
                "servers-private",
                set("NatInstance", "NetworkInterfaces.0.SubnetId", refer("PrivateSubnetA")),
            ),
            fault(
                "image that nobody may look up",
                "callers-may-deploy",
                |t: &mut Vec<Template>| {
                    let image = t[1].parameters.iter_mut().find(|p| p.name == "NatImage").unwrap();
                    image.default = Some("/aws/service/elsewhere".into());
                },
            ),
        ],
    );
    all_are_found(
        "endpoints",
        |choices| choices.nat = Nat::Endpoints,
        vec![
            fault("no way to images", "servers-private", without("ImagesEndpoint")),
            fault(
                "endpoint without its name",
                "servers-private",
                set("SecretsEndpoint", "PrivateDnsEnabled", false),
            ),
            fault(
                "endpoint in one zone only",
                "servers-private",
                set("LogsEndpoint", "SubnetIds", list![refer("PrivateSubnetA")]),
            ),
            fault(
                "endpoints that refuse migrations",
                "servers-private",
                drop("EndpointGroup", "SecurityGroupIngress", "1"),
            ),
        ],
    );
    all_are_found(
        "nat-per-zone",
        |choices| choices.nat = Nat::GatewayPerZone,
        vec![
            fault(
                "second zone without a way out",
                "servers-private",
                without("SecondPrivateDefaultRoute"),
            ),
            fault(
                "database with a way out",
                "database-isolated",
                set("IsolatedRoutesA", "RouteTableId", refer("SecondPrivateRoutes")),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_spot_and_scaling_are_found() {
    all_are_found(
        "spot",
        |choices| {
            choices.launch = Launch::FargateSpot;
            choices.scale_by = ScaleBy::Requests { per_minute: 1000 };
        },
        vec![
            fault(
                "nothing that Spot cannot take away",
                "servers-run-as-chosen",
                drop("Servers", "CapacityProviderStrategy", "0"),
            ),
            fault(
                "ordinary servers only",
                "servers-run-as-chosen",
                drop("Servers", "CapacityProviderStrategy", "1"),
            ),
            fault(
                "requests of another load balancer",
                "servers-scale",
                set(
                    "ScaleByLoad",
                    "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel",
                    "app/other/1",
                ),
            ),
            fault(
                "range that follows nothing chosen",
                "servers-scale",
                set(
                    "ScaleByLoad",
                    "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
                    "ECSServiceAverageCPUUtilization",
                ),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_the_database_are_found() {
    all_are_found(
        "database",
        |choices| {
            choices.database_options.multi_az = true;
            choices.database_options.class = DatabaseClass::T4gSmall;
        },
        vec![
            fault("no standby", "database-as-chosen", set("Database", "MultiAZ", false)),
            fault(
                "another class",
                "database-as-chosen",
                set("Database", "DBInstanceClass", "db.t4g.micro"),
            ),
            fault(
                "storage that does not grow",
                "database-as-chosen",
                set("Database", "MaxAllocatedStorage", 20),
            ),
            fault(
                "no backups",
                "database-protected",
                set("Database", "BackupRetentionPeriod", 0),
            ),
        ],
    );
}

/// The lowest price at which a database stays isolated: what the frugal preset may promise.
#[test]
fn frugal_choices_cost_less_than_45_dollars_in_virginia() {
    let inputs = inputs(|choices| {
        "us-east-1".clone_into(&mut choices.region);
        choices.database = Database::Postgres;
        choices.origin = Origin::VpcOrigin;
        choices.nat = Nat::Instance;
        choices.launch = Launch::FargateSpot;
        choices.spot_base = 0;
        (choices.servers.cpu_units, choices.servers.memory_mib) = (256, 512);
    });
    let made = crate::plan(&inputs).unwrap();
    assert!(
        made.checks
            .iter()
            .any(|c| c.id == "database-isolated" && c.result == CheckResult::Satisfied)
    );
    assert!(made.price.total < 45.0, "{:#?}", made.price);
    println!("frugal: {} USD", made.price.total);
}

#[test]
fn what_a_deployer_could_do_is_said() {
    let inputs = inputs(|_| {});
    let app = Application::new(&inputs).unwrap();
    let checks = check(&app, &stacks::all(&app));
    let said = checks.iter().find(|c| c.id == "roles-bounded").unwrap();
    assert_eq!(said.result, CheckResult::Accepted);
}

#[test]
fn correct_plans_pass_every_check() {
    for findings in [guestbook(), separate()] {
        for database in [Database::None, Database::Postgres] {
            for launch in [Launch::Fargate, Launch::Ec2] {
                for origin in [Origin::PublicAlb, Origin::VpcOrigin] {
                    for cpu in [CpuArchitecture::Arm64, CpuArchitecture::X86_64] {
                        let mut inputs = inputs(|choices| {
                            *choices = Choices {
                                database,
                                launch,
                                cpu,
                                origin,
                                ..choices.clone()
                            }
                        });
                        inputs.findings = findings.clone();
                        let app = Application::new(&inputs).unwrap();
                        let failed = failing(&app, &stacks::all(&app));
                        assert!(failed.is_empty(), "{database:?} {launch:?} {origin:?} {cpu:?}: {failed:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_schema_for_another_engine_blocks_the_plan() {
    let inputs = inputs(|choices| choices.database = Database::Mysql);
    let app = Application::new(&inputs).unwrap();
    assert_eq!(failing(&app, &stacks::all(&app)), ["database-fits-code"]);
}

/// Result of a check for this database and what the code is said to use.
fn result_of(id: &str, database: Database, uses: Option<&str>, prisma: bool) -> Option<CheckResult> {
    let mut inputs = inputs(|choices| choices.database = database);
    inputs.findings.backends[0].database = uses.map(str::to_owned);
    if !prisma {
        inputs.findings.backends[0].prisma = None;
    }
    let app = Application::new(&inputs).unwrap();
    check(&app, &stacks::all(&app))
        .into_iter()
        .find(|c| c.id == id)
        .map(|c| c.result)
}

#[test]
fn a_database_that_does_not_fit_the_code_is_said() {
    let fits = |database, uses, prisma| result_of("database-fits-code", database, uses, prisma);
    assert_eq!(fits(Database::Postgres, Some("sqlite"), true), Some(CheckResult::Failed));
    assert_eq!(fits(Database::Postgres, Some("mysql"), false), Some(CheckResult::Accepted));
    assert_eq!(fits(Database::Mysql, Some("mariadb"), false), None);
    assert_eq!(fits(Database::Postgres, Some("postgresql"), true), None);
    assert_eq!(
        result_of("data-survives-releases", Database::None, Some("sqlite"), true),
        Some(CheckResult::Accepted)
    );
    assert_eq!(
        result_of("database-elsewhere", Database::None, Some("mongodb"), false),
        Some(CheckResult::Accepted)
    );
    assert_eq!(result_of("database-elsewhere", Database::None, None, false), None);
}

#[test]
fn an_unknown_repository_blocks_the_plan() {
    let inputs = inputs(|choices| choices.repository = None);
    let app = Application::new(&inputs).unwrap();
    assert_eq!(failing(&app, &stacks::all(&app)), ["repository-known"]);
}

#[test]
fn an_open_question_keeps_a_plan_from_being_made() {
    let mut inputs = inputs(|_| {});
    let question = |blocks| zonke_project::Question {
        field: "backends[0].entryFile".to_owned(),
        text: "Which file starts the server after the build?".to_owned(),
        answers: vec![zonke_project::Answer {
            value: "dist/main.js".to_owned(),
            reason: "It is the usual place.".to_owned(),
        }],
        blocks,
        file: None,
        line: None,
    };
    inputs.findings.questions = vec![question(false)];
    assert!(
        Application::new(&inputs).is_ok(),
        "what is only worth checking blocks nothing"
    );
    inputs.findings.questions.push(question(true));
    let error = Application::new(&inputs).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(
        error.contains("Which file starts the server") && error.contains("dist/main.js"),
        "{error}"
    );
}
