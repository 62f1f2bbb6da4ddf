//! The base stack: network, edge, database, secrets, cluster. Deployed by the pipeline from `infra.zip`.

use super::{alarms, compute, database, domain, edge, network};
use crate::application::Application;
use crate::choices::{Dns, Nat};
use crate::model::{Output, ParameterDeclaration, Resource, Section, Template};
use crate::plan::StackRole;
use crate::value::{get_att, refer, sub};

pub(crate) fn template(app: &Application) -> Template {
    let mut sections = vec![
        network::network(app),
        network::firewalls(app),
        edge::buckets(app),
        edge::load_balancer(app),
        edge::edge(app),
        domain::records(app),
    ];
    sections.push(database::secrets(app));
    if let Some(engine) = app.engine() {
        sections.push(database::database(app));
        if app.alarm_address().is_some() {
            let aurora = app.aurora().is_some();
            let dimension = if aurora {
                "DBClusterIdentifier"
            } else {
                "DBInstanceIdentifier"
            };
            // Aurora's storage grows by itself.
            sections.push(alarms::database(dimension, &refer("Database"), !aurora, engine.connections));
        }
    }
    if app.migrates() {
        sections.push(database::migration(app));
    }
    sections.push(compute::cluster(app));
    if app.is_ec2() {
        sections.push(compute::machines(app));
    }
    sections.push(answers_for_service(app));
    let database = app
        .engine()
        .map_or(String::new(), |e| format!(", {} in isolated subnets", e.label));
    Template {
        role: StackRole::Base,
        name: super::name(app.name(), StackRole::Base),
        description: format!(
            "{}: network, CloudFront with a private UI bucket, load balancer that admits CloudFront only, ECS cluster{database}. \
             Deployed by the pipeline.",
            app.name()
        ),
        parameters: parameters(app),
        sections,
        outputs: outputs(app),
    }
}

/// Plain types except for the image: CloudFormation looks up what types of EC2 name with the rights of whoever deploys.
fn parameters(app: &Application) -> Vec<ParameterDeclaration> {
    let mut parameters = Vec::new();
    if app.existing().is_none() {
        parameters.extend([
            ParameterDeclaration::new(
                "ZoneA",
                "String",
                "First availability zone; pinned, because a changed list of zones would replace the subnets",
            )
            .answered_by_account("The first two availability zones that the account may use in the region."),
            ParameterDeclaration::new("ZoneB", "String", "Second availability zone")
                .answered_by_account("The first two availability zones that the account may use in the region."),
        ]);
    }
    parameters.push(
        ParameterDeclaration::new(
            "CloudFrontPrefixList",
            "String",
            "Prefix list com.amazonaws.global.cloudfront.origin-facing of this region; its id differs from region to region",
        )
        .pattern("^pl-[0-9a-f]{8,17}$")
        .answered_by_account("The id of the managed prefix list com.amazonaws.global.cloudfront.origin-facing in the region."),
    );
    if app.migrates() {
        parameters.push(
            ParameterDeclaration::new(
                "ArtifactBucket",
                "String",
                "Bucket of the pipeline stack: migration runner and per-commit bundles",
            )
            .answered_by_account("The bucket that the pipeline stack creates."),
        );
        parameters.push(
            ParameterDeclaration::new(
                "MigratorKey",
                "String",
                "Object that holds the migration runner; named by its content",
            )
            .pattern("^tools/migrator-[0-9a-f]+\\.zip$")
            .value(crate::archive::migrator_zip().0),
        );
    }
    parameters.extend(options(app));
    if app.is_ec2() {
        let arch = if app.is_arm() { "arm64/" } else { "" };
        parameters.push(
            ParameterDeclaration::new(
                "EcsImage",
                "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                "Machine image that AWS recommends for container instances",
            )
            .default(format!(
                "/aws/service/ecs/optimized-ami/amazon-linux-2023/{arch}recommended/image_id"
            )),
        );
    }
    if app.nat() == Some(Nat::Instance) {
        parameters.push(
            ParameterDeclaration::new(
                "NatImage",
                "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                "Newest Amazon Linux for the NAT instance; a newer one replaces the machine at the next release",
            )
            .default("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"),
        );
    }
    parameters
}

/// Parameters that options ask for.
fn options(app: &Application) -> Vec<ParameterDeclaration> {
    let mut parameters = Vec::new();
    if app.domain().is_some() {
        parameters.push(
            ParameterDeclaration::new("Certificate", "String", "Certificate of the site, issued")
                .pattern("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+$")
                .answered_by_account("The certificate that the edge stack makes, as soon as it is issued."),
        );
    }
    if app.web_firewall().is_some() {
        parameters.push(
            ParameterDeclaration::new("WebAcl", "String", "Web firewall of the site")
                .pattern("^arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/.+$")
                .answered_by_account("The web firewall that the edge stack makes."),
        );
    }
    let text = "AWS::SSM::Parameter::Value<String>";
    if app.own_key() {
        parameters.push(
            ParameterDeclaration::new("Key", text, "The application's own encryption key")
                .default(format!("/zonke/{}/key", app.name())),
        );
    }
    if app.alarm_address().is_some() && app.engine().is_some() {
        parameters.push(
            ParameterDeclaration::new("AlarmTopic", text, "Where alarms are reported")
                .default(format!("/zonke/{}/alarm-topic", app.name())),
        );
    }
    parameters
}

/// What the service stack has to know, as SSM parameters: unlike exports they lock nothing, and they are read anew at
/// every update.
fn answers_for_service(app: &Application) -> Section {
    let parameter = |id: &str, name: &str, kind: &str, what: &str, value| {
        Resource::new(
            id,
            "AWS::SSM::Parameter",
            format!("Tells the service stack {what}"),
            crate::value::map! { "Name": format!("/zonke/{}/{name}", app.name()), "Type": kind, "Value": value },
        )
    };
    let mut resources = vec![
        parameter(
            "ParameterSubnets",
            "private-subnets",
            "StringList",
            "the private subnets",
            app.existing().map_or_else(
                || sub("${PrivateSubnetA},${PrivateSubnetB}"),
                |own| own.private_subnets.join(",").into(),
            ),
        ),
        parameter(
            "ParameterServerGroup",
            "server-group",
            "String",
            "the servers' firewall",
            get_att("ServerGroup", "GroupId"),
        ),
        parameter(
            "ParameterTargetGroup",
            "target-group",
            "String",
            "where the load balancer sends requests",
            refer("TargetGroup"),
        ),
        parameter(
            "ParameterTargetGroupName",
            "target-group-name",
            "String",
            "the target group's name in metrics",
            get_att("TargetGroup", "TargetGroupFullName"),
        ),
        parameter(
            "ParameterLoadBalancerName",
            "load-balancer-name",
            "String",
            "the load balancer's name in metrics",
            get_att("LoadBalancer", "LoadBalancerFullName"),
        ),
        parameter(
            "ParameterExecutionRole",
            "execution-role",
            "String",
            "the role that starts servers",
            get_att("ExecutionRole", "Arn"),
        ),
        parameter(
            "ParameterTaskRole",
            "task-role",
            "String",
            "the role that servers have",
            get_att("TaskRole", "Arn"),
        ),
        parameter(
            "ParameterAppSecret",
            "app-secret",
            "String",
            "where the application's secrets are",
            refer("AppSecret"),
        ),
    ];
    if app.engine().is_some() {
        resources.push(parameter(
            "ParameterDatabaseUrl",
            "db-url-secret",
            "String",
            "where the database's address is",
            refer("DatabaseUrlSecret"),
        ));
    }
    if !app.database_parts().is_empty() {
        resources.push(parameter(
            "ParameterDatabase",
            "db-secret",
            "String",
            "where the database's user and password are",
            refer("DatabaseSecret"),
        ));
    }
    if app.bake_minutes().is_some() {
        resources.extend([
            parameter(
                "ParameterOtherTargetGroup",
                "other-target-group",
                "String",
                "where the servers of every second release are",
                refer("OtherTargetGroup"),
            ),
            parameter(
                "ParameterOtherTargetGroupName",
                "other-target-group-name",
                "String",
                "the other target group's name in metrics",
                get_att("OtherTargetGroup", "TargetGroupFullName"),
            ),
            parameter(
                "ParameterListenerRule",
                "listener-rule",
                "String",
                "the rule in which ECS moves the traffic",
                refer("ListenerRule"),
            ),
            parameter(
                "ParameterTrafficRole",
                "traffic-role",
                "String",
                "the role with which ECS moves the traffic",
                get_att("TrafficRole", "Arn"),
            ),
        ]);
    }
    if app.is_ec2() {
        resources.push(parameter(
            "ParameterCapacity",
            "capacity-provider",
            "String",
            "what adds machines",
            refer("Capacity"),
        ));
    }
    Section {
        heading: "Answers for the service stack",
        resources,
    }
}

fn outputs(app: &Application) -> Vec<Output> {
    let mut outputs = vec![
        Output {
            name: "SiteUrl",
            description: "Address of the site",
            value: app.domain().map_or_else(
                || sub("https://${Distribution.DomainName}"),
                |d| format!("https://{}", d.name).into(),
            ),
        },
        Output {
            name: "DistributionId",
            description: "CloudFront distribution",
            value: refer("Distribution"),
        },
        Output {
            name: "UiBucketName",
            description: "Private bucket of the user interface",
            value: refer("UiBucket"),
        },
        Output {
            name: "AlbDnsName",
            description: "Load balancer; refuses everyone but CloudFront",
            value: get_att("LoadBalancer", "DNSName"),
        },
        Output {
            name: "ClusterName",
            description: "ECS cluster",
            value: refer("Cluster"),
        },
        Output {
            name: "AppSecretArn",
            description: "Secret that holds the application's secrets",
            value: refer("AppSecret"),
        },
        Output {
            name: "LogBucketName",
            description: "Bucket of the access logs",
            value: refer("LogBucket"),
        },
    ];
    if app.domain().is_some_and(|d| d.dns == Dns::Outside) {
        outputs.push(Output {
            name: "DomainTarget",
            description: "What the domain has to lead to: enter it as ALIAS, ANAME or CNAME at your DNS provider",
            value: get_att("Distribution", "DomainName"),
        });
    }
    if app.engine().is_some() {
        outputs.push(Output {
            name: "DbEndpoint",
            description: "Host name of the database; only resolves to an address inside the network",
            value: get_att("Database", "Endpoint.Address"),
        });
    }
    if app.migrates() {
        outputs.push(Output {
            name: "MigratorName",
            description: "Lambda function that runs migrations",
            value: refer("Migrator"),
        });
    }
    outputs
}
