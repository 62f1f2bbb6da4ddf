//! The cluster, its roles, and the machines of EC2.

use crate::application::Application;
use crate::model::{Resource, Section};
use crate::plan::Zone;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

fn home(app: &Application) -> Resource {
    let insights = if app.choices.container_insights {
        "enabled"
    } else {
        "disabled"
    };
    let cluster = Resource::new(
        "Cluster",
        "AWS::ECS::Cluster",
        "Home of the servers",
        map! { "ClusterName": app.name(), "ClusterSettings": list![map! { "Name": "containerInsights", "Value": insights }] },
    )
    .zone(Zone::Private)
    .node("servers");
    if app.choices.container_insights {
        cluster.charge(Charge::Insights)
    } else {
        cluster.accept("CKV_AWS_65", "container insights cost extra")
    }
}

pub(crate) fn cluster(app: &Application) -> Section {
    let name = app.name();
    // Fargate stays with machines too: ECS refuses to take away what servers still run on while they move to the machines.
    let (providers, default) = if app.is_ec2() {
        (list!["FARGATE", "FARGATE_SPOT", refer("Capacity")], refer("Capacity"))
    } else {
        (list!["FARGATE", "FARGATE_SPOT"], Value::from("FARGATE"))
    };
    let mut readable = vec![refer("AppSecret")];
    if app.engine().is_some() {
        readable.push(refer("DatabaseUrlSecret"));
    }
    if !app.database_parts().is_empty() {
        readable.push(refer("DatabaseSecret"));
    }
    let own_secret = map! { "Effect": "Allow", "Action": list!["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], "Resource": refer("AppSecret") };
    let resources = vec![
        home(app),
        Resource::new(
            "ClusterCapacity",
            "AWS::ECS::ClusterCapacityProviderAssociations",
            "What the servers run on",
            map! {
                "Cluster": refer("Cluster"),
                "CapacityProviders": providers,
                "DefaultCapacityProviderStrategy": list![map! { "CapacityProvider": default, "Weight": 1 }],
            },
        )
        .zone(Zone::Private)
        .node("servers"),
        Resource::new(
            "ServerLogs",
            "AWS::Logs::LogGroup",
            format!("Output of the servers, kept for {} days", app.log_days()),
            map! { "LogGroupName": format!("/zonke/{name}/api"), "RetentionInDays": app.log_days() },
        )
        .node("logs")
        .charge(Charge::Logs)
        .accept("CKV_AWS_158", "encrypted by AWS; a key of your own costs extra"),
        super::roles::role(
            app,
            "ExecutionRole",
            "What ECS may do to start a server: fetch its image, secrets and write its log",
            "ecs-tasks.amazonaws.com",
            true,
            &["service-role/AmazonECSTaskExecutionRolePolicy"],
            vec![map! { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": readable }],
        ),
        super::roles::role(
            app,
            "TaskRole",
            "What a running server may do: read its own secret, nothing else",
            "ecs-tasks.amazonaws.com",
            true,
            &[],
            vec![own_secret],
        )
        .node("servers"),
    ];
    Section {
        heading: "Cluster",
        resources,
    }
}

pub(crate) fn machines(app: &Application) -> Section {
    let name = app.name();
    let instance = app.instance();
    let kind = instance.name(app.choices.cpu);
    let resources = vec![
        super::roles::role(
            app,
            "MachineRole",
            "What machines may do: register with ECS, be opened by Session Manager",
            "ec2.amazonaws.com",
            false,
            &["service-role/AmazonEC2ContainerServiceforEC2Role", "AmazonSSMManagedInstanceCore"],
            Vec::new(),
        ),
        Resource::new(
            "MachineProfile",
            "AWS::IAM::InstanceProfile",
            "Hands that role to machines",
            map! { "Path": format!("/zonke/{name}/"), "Roles": list![refer("MachineRole")] },
        ),
        Resource::new(
            "MachineGroup",
            "AWS::EC2::SecurityGroup",
            "Machines: reachable by nobody; servers on them have firewalls of their own",
            map! {
                "GroupDescription": "Machines: reachable by nobody",
                "VpcId": super::network::vpc(app),
                "SecurityGroupEgress": list![
                    map! { "Description": "AWS services", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0" }
                ],
            },
        )
        .zone(Zone::Private)
        .node("servers"),
        Resource::new(
            "MachineTemplate",
            "AWS::EC2::LaunchTemplate",
            format!("A machine: {kind}, room for {} of the servers", instance.servers(app.choices.servers)),
            map! { "LaunchTemplateData": map! {
                "ImageId": refer("EcsImage"),
                "InstanceType": kind,
                "IamInstanceProfile": map! { "Arn": get_att("MachineProfile", "Arn") },
                "SecurityGroupIds": list![get_att("MachineGroup", "GroupId")],
                "MetadataOptions": map! { "HttpTokens": "required", "HttpPutResponseHopLimit": 1 },
                "BlockDeviceMappings": list![map! {
                    "DeviceName": "/dev/xvda",
                    "Ebs": map! { "VolumeSize": 30, "VolumeType": "gp3", "Encrypted": true, "DeleteOnTermination": true },
                }],
                "TagSpecifications": list![map! { "ResourceType": "instance", "Tags": list![map! { "Key": "Name", "Value": format!("{name}-servers") }] }],
                "UserData": Value::Base64(Box::new(sub(
                    "#!/bin/bash\n\
                     cat >> /etc/ecs/ecs.config <<SETTINGS\n\
                     ECS_CLUSTER=${Cluster}\n\
                     # servers must not see the machine's own credentials\n\
                     ECS_AWSVPC_BLOCK_IMDS=true\n\
                     SETTINGS\n",
                ))),
            } },
        )
        .zone(Zone::Private)
        .node("servers"),
        Resource::new(
            "Machines",
            "AWS::AutoScaling::AutoScalingGroup",
            "The machines; ECS decides how many are needed",
            map! {
                "MinSize": "0",
                "MaxSize": app.max_instances().to_string(),
                "VPCZoneIdentifier": super::network::subnets(app, Zone::Private),
                "LaunchTemplate": map! { "LaunchTemplateId": refer("MachineTemplate"), "Version": get_att("MachineTemplate", "LatestVersionNumber") },
                "HealthCheckType": "EC2",
                "Tags": list![
                    map! { "Key": "Name", "Value": format!("{name}-servers"), "PropagateAtLaunch": true },
                    map! { "Key": "AmazonECSManaged", "Value": "", "PropagateAtLaunch": true },
                ],
            },
        )
        .zone(Zone::Private)
        .node("servers")
        .charge(Charge::Machines)
        .after(super::network::way_out(app)),
        Resource::new(
            "Capacity",
            "AWS::ECS::CapacityProvider",
            "Adds machines when servers need them, and empties them before they go",
            map! { "AutoScalingGroupProvider": map! {
                "AutoScalingGroupArn": refer("Machines"),
                "ManagedDraining": "ENABLED",
                "ManagedTerminationProtection": Value::from("DISABLED")
                    .note("Draining moves the servers first; protected machines would be left behind when the stack is deleted."),
                "ManagedScaling": map! {
                    "Status": "ENABLED",
                    "TargetCapacity": 100,
                    "MinimumScalingStepSize": 1,
                    "MaximumScalingStepSize": 2,
                    "InstanceWarmupPeriod": 60,
                },
            } },
        )
        .zone(Zone::Private)
        .node("servers"),
    ];
    Section {
        heading: "Machines",
        resources,
    }
}
