//! Faults of what can be chosen: machines, ways out, Spot, domain, web firewall, key, alarms, blue/green releases, the database.

use super::{OTHERS, add, all_are_found, drop, everything, fault, open_rule, resource, set, with, without};
use crate::choices::{Launch, Nat, Origin};
use crate::model::{OnDelete, Resource, Template};
use crate::value::{Value, get_att, list, map, refer};

#[test]
fn planted_faults_of_chosen_machines_are_found() {
    let script = |id: &'static str, path: &'static str, old: &'static str| {
        move |t: &mut Vec<Template>| {
            let Some(Value::Base64(script)) = resource(t, id).properties.at_mut(path) else {
                panic!("{id} has no script");
            };
            let text = script.text().unwrap().replace(old, "");
            **script = Value::Sub(text);
        }
    };
    let data = "LaunchTemplateData";
    let public = || list![refer("PublicSubnetA"), refer("PublicSubnetB")];
    all_are_found(
        "chosen-machines",
        |choices| choices.launch = Launch::Ec2,
        vec![
            fault(
                "machines in public subnets",
                "machines-as-chosen",
                set("Machines", "VPCZoneIdentifier", public()),
            ),
            fault(
                "machines in one zone",
                "machines-as-chosen",
                set("Machines", "VPCZoneIdentifier", list![refer("PrivateSubnetA")]),
            ),
            fault(
                "machines for another processor",
                "machines-as-chosen",
                set("MachineTemplate", "LaunchTemplateData.InstanceType", "t3.small"),
            ),
            fault(
                "machines that hold no server",
                "machines-as-chosen",
                set("MachineTemplate", "LaunchTemplateData.InstanceType", "t4g.nano"),
            ),
            fault(
                "machines of another cluster",
                "machines-as-chosen",
                script("MachineTemplate", "LaunchTemplateData.UserData", "ECS_CLUSTER=${Cluster}"),
            ),
            fault(
                "servers with the machine's credentials",
                "machines-as-chosen",
                script("MachineTemplate", "LaunchTemplateData.UserData", "ECS_AWSVPC_BLOCK_IMDS=true"),
            ),
            fault(
                "machines that are never added",
                "machines-as-chosen",
                set("Capacity", "AutoScalingGroupProvider.ManagedScaling.Status", "DISABLED"),
            ),
            fault(
                "machines that go with servers on them",
                "servers-run-as-chosen",
                set("Capacity", "AutoScalingGroupProvider.ManagedDraining", "DISABLED"),
            ),
            fault(
                "machines open to everyone",
                "machines-closed",
                add("MachineGroup", "", "SecurityGroupIngress", list![open_rule()]),
            ),
            fault(
                "old metadata service of machines",
                "machines-closed",
                set("MachineTemplate", "LaunchTemplateData.MetadataOptions.HttpTokens", "optional"),
            ),
            fault(
                "plain disks of machines",
                "machines-closed",
                set(
                    "MachineTemplate",
                    "LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted",
                    false,
                ),
            ),
            fault(
                "machines without a firewall",
                "machines-closed",
                drop("MachineTemplate", data, "SecurityGroupIds"),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_chosen_ways_out_are_found() {
    all_are_found(
        "chosen-nat-instance",
        |choices| choices.nat = Nat::Instance,
        vec![
            fault(
                "old metadata service of the NAT instance",
                "machines-closed",
                set("NatInstance", "MetadataOptions.HttpTokens", "optional"),
            ),
            fault(
                "plain disk of the NAT instance",
                "machines-closed",
                set("NatInstance", "BlockDeviceMappings.0.Ebs.Encrypted", false),
            ),
            fault(
                "NAT instance without an address",
                "servers-private",
                set("NatInstance", "NetworkInterfaces.0.AssociatePublicIpAddress", false),
            ),
            fault(
                "NAT instance with another processor than its image",
                "servers-private",
                set("NatInstance", "InstanceType", "t3.nano"),
            ),
            fault("servers without a way out", "servers-private", without("PrivateDefaultRoute")),
        ],
    );
    let elsewhere = || list![refer("IsolatedRoutes")];
    all_are_found(
        "chosen-endpoints",
        |choices| choices.nat = Nat::Endpoints,
        vec![
            fault("no way to the layers of images", "servers-private", without("S3Endpoint")),
            fault(
                "way to the layers of images from elsewhere",
                "servers-private",
                set("S3Endpoint", "RouteTableIds", elsewhere()),
            ),
            fault(
                "endpoints on another port",
                "servers-private",
                set("EndpointGroup", "SecurityGroupIngress.0.ToPort", 444),
            ),
            fault(
                "endpoints open to everyone",
                "servers-private",
                add("EndpointGroup", "SecurityGroupIngress", "", open_rule()),
            ),
            fault(
                "endpoint of another region",
                "servers-private",
                set("LogsEndpoint", "ServiceName", "com.amazonaws.eu-north-1.logs"),
            ),
        ],
    );
    all_are_found(
        "chosen-nat-per-zone",
        |choices| choices.nat = Nat::GatewayPerZone,
        vec![
            fault(
                "both zones through one gateway",
                "servers-private",
                set("SecondPrivateDefaultRoute", "NatGatewayId", refer("NatGateway")),
            ),
            fault(
                "gateway in a private subnet",
                "servers-private",
                set("NatGateway", "SubnetId", refer("PrivateSubnetA")),
            ),
            fault(
                "gateway without an address",
                "servers-private",
                drop("NatGateway", "", "AllocationId"),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_chosen_servers_are_found() {
    all_are_found(
        "chosen-spot",
        |choices| choices.launch = Launch::FargateSpot,
        vec![
            fault(
                "cluster with Spot alone",
                "servers-run-as-chosen",
                set("ClusterCapacity", "CapacityProviders", list!["FARGATE_SPOT"]),
            ),
            fault(
                "all servers on ordinary Fargate",
                "servers-run-as-chosen",
                set("Servers", "CapacityProviderStrategy.1.CapacityProvider", "FARGATE"),
            ),
            fault(
                "servers that stop while requests come",
                "idle-times-rise",
                set("Server", "ContainerDefinitions.0.StopTimeout", 20),
            ),
            fault(
                "detailed metrics that nobody chose",
                "servers-run-as-chosen",
                set("Cluster", "ClusterSettings.0.Value", "enabled"),
            ),
            fault("memory that Fargate does not have", OTHERS, set("Server", "Memory", "700")),
            fault(
                "secret in a build",
                "no-secret-values",
                add(
                    "BuildUi",
                    "Environment",
                    "EnvironmentVariables",
                    list![map! { "Name": "JWT_SECRET", "Value": "x" }],
                ),
            ),
        ],
    );
    all_are_found(
        "chosen-insights",
        |choices| choices.container_insights = true,
        vec![fault(
            "detailed metrics left out",
            "servers-run-as-chosen",
            set("Cluster", "ClusterSettings.0.Value", "disabled"),
        )],
    );
    all_are_found(
        "chosen-vpc-origin",
        |choices| choices.origin = Origin::VpcOrigin,
        vec![
            fault(
                "public although internal was chosen",
                "alb-reachable-as-chosen",
                set("LoadBalancer", "Scheme", "internet-facing"),
            ),
            fault(
                "origin of another load balancer",
                "alb-reachable-as-chosen",
                set("VpcOrigin", "VpcOriginEndpointConfig.Arn", refer("TargetGroup")),
            ),
            fault(
                "internal load balancer without its origin",
                "alb-reachable-as-chosen",
                |t: &mut Vec<Template>| {
                    let origin = resource(t, "Distribution")
                        .properties
                        .at_mut("DistributionConfig.Origins.1")
                        .unwrap();
                    let Value::Map(entries) = origin else { panic!("no origin") };
                    entries.retain(|(key, _)| key != "VpcOriginConfig");
                    entries.push(("CustomOriginConfig".to_owned(), map! { "OriginProtocolPolicy": "http-only" }));
                },
            ),
        ],
    );
}

#[test]
fn planted_faults_of_chosen_options_are_found() {
    all_are_found(
        "chosen-options",
        everything,
        vec![
            fault(
                "certificate that is proven by e-mail",
                "site-address",
                set("Certificate", "ValidationMethod", "EMAIL"),
            ),
            fault(
                "certificate of another domain",
                "site-address",
                set("Certificate", "DomainName", "example.org"),
            ),
            fault(
                "record in another hosted zone",
                "site-address",
                set("SiteRecordA", "HostedZoneId", "Z9999999999"),
            ),
            fault(
                "web firewall without rules for known holes",
                "web-firewall-as-chosen",
                drop("WebFirewall", "Rules", "2"),
            ),
            fault(
                "web firewall that refuses everyone",
                "web-firewall-as-chosen",
                set("WebFirewall", "DefaultAction", map! { "Block": Value::Map(Vec::new()) }),
            ),
            fault(
                "images with AWS's key",
                "own-key-everywhere",
                drop("Images", "", "EncryptionConfiguration"),
            ),
            fault(
                "secrets with AWS's key",
                "own-key-everywhere",
                drop("AppSecret", "", "KmsKeyId"),
            ),
            fault(
                "artifacts with AWS's key",
                "own-key-everywhere",
                drop("Pipeline", "ArtifactStore", "EncryptionKey"),
            ),
            fault(
                "alarms that cannot use the key",
                "own-key-everywhere",
                drop("Key", "KeyPolicy.Statement", "2"),
            ),
            fault(
                "logs that cannot use the key",
                "own-key-everywhere",
                drop("Key", "KeyPolicy.Statement", "1"),
            ),
            fault(
                "key that nobody can change",
                "own-key-everywhere",
                drop("Key", "KeyPolicy.Statement", "0"),
            ),
            fault(
                "key gone before the snapshots",
                "own-key-everywhere",
                |t: &mut Vec<Template>| {
                    resource(t, "Key").on_delete = OnDelete::Delete;
                },
            ),
            fault(
                "alarm that is switched off",
                "alarms-reach-someone",
                add("BusyServers", "", "ActionsEnabled", false),
            ),
            fault(
                "alarm about a metric that does not exist",
                "alarms-reach-someone",
                set("BusyDatabase", "MetricName", "CpuUtilization"),
            ),
            fault(
                "alarm about another load balancer",
                "alarms-reach-someone",
                set("UnhealthyServers", "Dimensions.0.Value", "app/other/1"),
            ),
            fault(
                "alarms to another address",
                "alarms-reach-someone",
                set("AlarmAddress", "Endpoint", "someone@example.org"),
            ),
            fault(
                "servers replaced one after the other",
                "traffic-moves-at-once",
                set("Servers", "DeploymentConfiguration.Strategy", "ROLLING"),
            ),
            fault(
                "old servers that go at once",
                "traffic-moves-at-once",
                set("Servers", "DeploymentConfiguration.BakeTimeInMinutes", 0),
            ),
            fault(
                "ECS without the right to move traffic",
                "traffic-moves-at-once",
                drop("TrafficRole", "", "ManagedPolicyArns"),
            ),
            fault(
                "traffic moved by others than ECS",
                "traffic-moves-at-once",
                set(
                    "TrafficRole",
                    "AssumeRolePolicyDocument.Statement.0.Principal.Service",
                    "ecs-tasks.amazonaws.com",
                ),
            ),
            fault(
                "alarm that sees every second release",
                "traffic-moves-at-once",
                add(
                    "Errors",
                    "Dimensions",
                    "",
                    map! { "Name": "TargetGroup", "Value": refer("TargetGroupName") },
                ),
            ),
        ],
    );
}

#[test]
fn planted_faults_of_the_chosen_database_are_found() {
    let long = "a-name-that-is-too-long-a-name-that-is-too-long-a-name-that-is-too-long";
    all_are_found(
        "chosen-database",
        |choices| {
            choices.database_options.multi_az = true;
            choices.database_options.backup_days = 14;
        },
        vec![
            fault(
                "standby in the same zone",
                "subnets-disjoint",
                set("IsolatedSubnetB", "AvailabilityZone", refer("ZoneA")),
            ),
            fault(
                "servers in one zone",
                "subnets-disjoint",
                set("PrivateSubnetB", "AvailabilityZone", refer("ZoneA")),
            ),
            fault(
                "backups for less than chosen",
                "database-as-chosen",
                set("Database", "BackupRetentionPeriod", 1),
            ),
            fault(
                "certificate authority that has expired",
                OTHERS,
                set("Database", "CACertificateIdentifier", "rds-ca-2019"),
            ),
            fault(
                "name of the database too long",
                OTHERS,
                add("Database", "", "DBInstanceIdentifier", long),
            ),
            fault("name of the function too long", OTHERS, set("Migrator", "FunctionName", long)),
            fault(
                "name of the target group too long",
                OTHERS,
                add("TargetGroup", "", "Name", long),
            ),
            fault("name of the edge function too long", OTHERS, set("SpaFunction", "Name", long)),
            fault(
                "migrations without a way to the database",
                "database-admits-servers-only",
                set("DatabaseFromMigrator", "ToPort", 5431),
            ),
            fault(
                "old runtime of the migrations",
                OTHERS,
                set("Migrator", "Runtime", "nodejs14.x"),
            ),
            fault(
                "subnet group in one zone",
                "database-isolated",
                set("DatabaseSubnets", "SubnetIds", list![refer("IsolatedSubnetA")]),
            ),
            fault(
                "second database beside the first",
                "database-as-chosen",
                with(Resource::new(
                    "Copy",
                    "AWS::RDS::DBInstance",
                    "a copy",
                    map! { "DBInstanceClass": "db.t4g.micro", "SourceDBInstanceIdentifier": get_att("Database", "DBInstanceArn") },
                )),
            ),
        ],
    );
}
