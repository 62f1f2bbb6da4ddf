//! How servers reach what is outside their network: gateways, an instance, or endpoints of AWS services alone.

use super::{NETWORK, name_tag};
use crate::application::Application;
use crate::choices::Nat;
use crate::model::Resource;
use crate::plan::Zone;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Services that start a server and hand it image, secrets and log: logical id and name.
const SERVICES: [(&str, &str); 4] = [
    ("ImagesApiEndpoint", "ecr.api"),
    ("ImagesEndpoint", "ecr.dkr"),
    ("LogsEndpoint", "logs"),
    ("SecretsEndpoint", "secretsmanager"),
];
/// Services that a machine needs to belong to a cluster.
const MACHINE_SERVICES: [(&str, &str); 3] = [
    ("ClusterEndpoint", "ecs"),
    ("ClusterAgentEndpoint", "ecs-agent"),
    ("ClusterMetricsEndpoint", "ecs-telemetry"),
];

fn endpoints(app: &Application) -> Vec<(&'static str, &'static str)> {
    let machines = MACHINE_SERVICES.into_iter().filter(|_| app.is_ec2());
    SERVICES.into_iter().chain(machines).collect()
}

/// Resources without which servers, machines and migrations would start into nothing.
pub(crate) fn way_out(app: &Application) -> Vec<&'static str> {
    match app.nat() {
        None => Vec::new(),
        Some(Nat::Gateway | Nat::Instance) => vec!["PrivateDefaultRoute"],
        Some(Nat::GatewayPerZone) => vec!["PrivateDefaultRoute", "SecondPrivateDefaultRoute"],
        Some(Nat::Endpoints) => {
            let mut ids: Vec<_> = endpoints(app).into_iter().map(|(id, _)| id).collect();
            ids.push("S3Endpoint");
            ids
        }
    }
}

/// Route tables of the private subnets.
pub(super) fn private_tables(app: &Application) -> &'static [&'static str] {
    match app.choices.nat {
        Nat::GatewayPerZone => &["PrivateRoutes", "SecondPrivateRoutes"],
        Nat::Gateway | Nat::Instance | Nat::Endpoints => &["PrivateRoutes"],
    }
}

/// Route table of a subnet.
pub(super) fn table(app: &Application, tier: &str, letter: &str) -> String {
    if tier == "Private" && letter == "B" && app.choices.nat == Nat::GatewayPerZone {
        "SecondPrivateRoutes".to_owned()
    } else {
        format!("{tier}Routes")
    }
}

pub(super) fn public_subnet(app: &Application) -> &'static str {
    match app.choices.nat {
        Nat::Gateway | Nat::GatewayPerZone => "Public subnet: load balancer and NAT gateway",
        Nat::Instance => "Public subnet: load balancer and NAT instance",
        Nat::Endpoints => "Public subnet: load balancer",
    }
}

pub(super) fn private_subnet(app: &Application) -> &'static str {
    match app.choices.nat {
        Nat::Gateway | Nat::GatewayPerZone => "Private subnet: servers; out through the NAT gateway, nothing in",
        Nat::Instance => "Private subnet: servers; out through the NAT instance, nothing in",
        Nat::Endpoints => "Private subnet: servers; out to named AWS services only, nothing in",
    }
}

/// Everything that the private subnets' routes lead to, and the routes.
pub(super) fn resources(app: &Application) -> Vec<Resource> {
    let name = app.name();
    match app.choices.nat {
        Nat::Gateway => gateway(name, "", "A"),
        Nat::GatewayPerZone => {
            let mut resources = gateway(name, "", "A");
            resources.push(
                Resource::new(
                    "SecondPrivateRoutes",
                    "AWS::EC2::RouteTable",
                    "Routes of the private subnet in the second zone",
                    map! { "VpcId": refer("Network"), "Tags": name_tag(format!("{name}-private-b")) },
                )
                .zone(Zone::Private),
            );
            resources.extend(gateway(name, "Second", "B"));
            resources
        }
        Nat::Instance => instance(name),
        Nat::Endpoints => endpoints(app)
            .into_iter()
            .map(|(id, service)| endpoint(id, service))
            .collect(),
    }
}

fn default_route(prefix: &str, description: &str, key: &str, way: Value) -> Resource {
    let properties = Value::Map(vec![
        ("RouteTableId".to_owned(), refer(format!("{prefix}PrivateRoutes"))),
        ("DestinationCidrBlock".to_owned(), "0.0.0.0/0".into()),
        (key.to_owned(), way),
    ]);
    Resource::new(
        format!("{prefix}PrivateDefaultRoute"),
        "AWS::EC2::Route",
        description,
        properties,
    )
    .zone(Zone::Private)
}

fn gateway(name: &str, prefix: &str, letter: &str) -> Vec<Resource> {
    let tag = if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{name}-b")
    };
    vec![
        Resource::new(
            format!("{prefix}NatAddress"),
            "AWS::EC2::EIP",
            "Address under which the servers appear to others",
            map! { "Domain": "vpc", "Tags": name_tag(format!("{tag}-nat")) },
        )
        .zone(Zone::Public)
        .node("nat")
        .charge(Charge::PublicAddresses { line: "nat", count: 1 })
        .after(["InternetGatewayAttachment"]),
        Resource::new(
            format!("{prefix}NatGateway"),
            "AWS::EC2::NatGateway",
            "Lets servers reach the internet, never the other way round",
            map! {
                "SubnetId": refer(format!("PublicSubnet{letter}")),
                "AllocationId": get_att(format!("{prefix}NatAddress"), "AllocationId"),
                "Tags": name_tag(tag),
            },
        )
        .zone(Zone::Public)
        .node("nat")
        .charge(Charge::NatGateway)
        .after(["PublicDefaultRoute"]),
        default_route(
            prefix,
            "Private subnets: out through the NAT gateway",
            "NatGatewayId",
            refer(format!("{prefix}NatGateway")),
        ),
    ]
}

fn instance(name: &str) -> Vec<Resource> {
    // Installed at boot: Amazon Linux comes without a packet filter.
    let script = format!(
        "#!/bin/bash\n\
         set -eu\n\
         dnf install --assumeyes nftables\n\
         echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf\n\
         sysctl --system\n\
         cat > /etc/sysconfig/nftables.conf <<'RULES'\n\
         flush ruleset\n\
         table ip nat {{\n  \
           chain postrouting {{\n    \
             type nat hook postrouting priority srcnat;\n    \
             ip saddr {NETWORK} ip daddr != {NETWORK} masquerade\n  \
           }}\n\
         }}\n\
         RULES\n\
         systemctl enable --now nftables\n"
    );
    vec![
        Resource::new(
            "NatGroup",
            "AWS::EC2::SecurityGroup",
            "NAT instance: passes on what comes from the network, reachable by nobody else",
            map! {
                "GroupDescription": "NAT instance: passes on what comes from the network",
                "VpcId": refer("Network"),
                "SecurityGroupIngress": list![
                    map! { "Description": "From this network", "IpProtocol": "-1", "CidrIp": NETWORK }
                ],
                "SecurityGroupEgress": list![
                    map! { "Description": "Wherever servers want to go", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }
                ],
            },
        )
        .zone(Zone::Public)
        .node("nat")
        .accept("CKV_AWS_382", "servers call third-party APIs through it; nothing can call it"),
        Resource::new(
            "NatInstance",
            "AWS::EC2::Instance",
            "Lets servers reach the internet, never the other way round. AWS restarts it on other hardware when its own fails",
            map! {
                "ImageId": refer("NatImage"),
                "InstanceType": NAT_INSTANCE,
                "SourceDestCheck": Value::from(false).note("It passes on what is neither from nor for itself."),
                "NetworkInterfaces": list![map! {
                    "DeviceIndex": "0",
                    "SubnetId": refer("PublicSubnetA"),
                    "GroupSet": list![get_att("NatGroup", "GroupId")],
                    "AssociatePublicIpAddress": true,
                    "DeleteOnTermination": true,
                }],
                "MetadataOptions": map! { "HttpTokens": "required" },
                "BlockDeviceMappings": list![map! {
                    "DeviceName": "/dev/xvda",
                    "Ebs": map! { "VolumeSize": 8, "VolumeType": "gp3", "Encrypted": true, "DeleteOnTermination": true },
                }],
                "UserData": Value::Base64(Box::new(script.into())),
                "Tags": name_tag(format!("{name}-nat")),
            },
        )
        .zone(Zone::Public)
        .node("nat")
        .charge(Charge::NatInstance)
        .charge(Charge::PublicAddresses { line: "nat", count: 1 })
        .after(["PublicDefaultRoute", "PublicRoutesA"])
        .accept(
            "CKV_AWS_88",
            "a way to the internet needs an address; its firewall admits the network only",
        )
        .accept("CKV_AWS_126", "detailed monitoring costs extra")
        .accept("CKV_AWS_135", "every machine of this family is optimized for its disk")
        .accept("CKV2_AWS_41", "it calls nothing of AWS, so that it has no rights"),
        default_route(
            "",
            "Private subnets: out through the NAT instance",
            "InstanceId",
            refer("NatInstance"),
        ),
    ]
}

/// Smallest machine with a Graviton processor.
pub(crate) const NAT_INSTANCE: &str = "t4g.nano";

fn endpoint(id: &str, service: &str) -> Resource {
    Resource::new(
        id,
        "AWS::EC2::VPCEndpoint",
        format!("Way to {service} inside AWS's network"),
        map! {
            "VpcId": refer("Network"),
            "VpcEndpointType": "Interface",
            "ServiceName": sub(format!("com.amazonaws.${{AWS::Region}}.{service}")),
            "SubnetIds": list![refer("PrivateSubnetA"), refer("PrivateSubnetB")],
            "SecurityGroupIds": list![get_att("EndpointGroup", "GroupId")],
            "PrivateDnsEnabled": true,
        },
    )
    .zone(Zone::Private)
    .node("nat")
    .charge(Charge::Endpoint)
}

/// Firewall of the endpoints.
pub(super) fn firewalls(app: &Application) -> Vec<Resource> {
    if app.nat() != Some(Nat::Endpoints) {
        return Vec::new();
    }
    let mut callers = vec![("Servers", "ServerGroup")];
    if app.migrates() {
        callers.push(("Migrations", "MigratorGroup"));
    }
    if app.is_ec2() {
        callers.push(("Machines", "MachineGroup"));
    }
    let rules: Vec<Value> = callers
        .into_iter()
        .map(|(who, group)| {
            map! {
                "Description": who,
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "SourceSecurityGroupId": get_att(group, "GroupId"),
            }
        })
        .collect();
    vec![
        Resource::new(
            "EndpointGroup",
            "AWS::EC2::SecurityGroup",
            "Endpoints: reachable from servers, machines and migrations only",
            map! {
                "GroupDescription": "Endpoints of AWS services",
                "VpcId": refer("Network"),
                "SecurityGroupIngress": rules,
                "SecurityGroupEgress": list![
                    map! { "Description": "Nowhere", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "127.0.0.1/32" }
                ],
            },
        )
        .zone(Zone::Private)
        .node("nat"),
    ]
}
