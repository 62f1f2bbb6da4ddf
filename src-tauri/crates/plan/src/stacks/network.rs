//! Network and firewalls: what can be reached by whom.

use crate::application::Application;
use crate::choices::Origin;
use crate::model::{Resource, Section};
use crate::plan::Zone;
use crate::value::{Value, get_att, list, map, refer};

mod ways;

pub(crate) use ways::{NAT_INSTANCE, way_out};

/// Addresses of the network: room for 4096-address tiers, away from the ranges that home and office networks like.
pub(crate) const NETWORK: &str = "10.40.0.0/16";

/// Tiers of the network: name, first of its two address blocks, who can reach it.
const TIERS: [(&str, u8, Zone); 3] = [
    ("Public", 0, Zone::Public),
    ("Private", 4, Zone::Private),
    ("Isolated", 8, Zone::Isolated),
];

fn name_tag(name: impl Into<String>) -> Value {
    list![map! { "Key": "Name", "Value": name.into() }]
}

/// The network that everything stands in.
pub(super) fn vpc(app: &Application) -> Value {
    app.existing()
        .map_or_else(|| refer("Network"), |own| own.vpc_id.as_str().into())
}

/// The subnets of a tier.
pub(super) fn subnets(app: &Application, zone: Zone) -> Value {
    if let Some(own) = app.existing() {
        return Value::from(match zone {
            Zone::Public => own.public_subnets.clone(),
            Zone::Isolated => own.isolated_subnets.clone(),
            Zone::Private | Zone::Outside | Zone::Edge | Zone::Account => own.private_subnets.clone(),
        });
    }
    let tier = TIERS.iter().find(|(.., z)| *z == zone).map_or("Private", |(tier, ..)| *tier);
    ["A", "B"]
        .map(|letter| refer(format!("{tier}Subnet{letter}")))
        .to_vec()
        .into()
}

/// Resources of a network that is made which something has to wait for; nothing in one of the user's own.
pub(super) fn made(app: &Application, ids: &[&'static str]) -> Vec<&'static str> {
    if app.existing().is_some() { Vec::new() } else { ids.to_vec() }
}

pub(crate) fn network(app: &Application) -> Section {
    if app.existing().is_some() {
        return Section {
            heading: "Network",
            resources: Vec::new(),
        };
    }
    let name = app.name();
    let mut resources = vec![
        Resource::new(
            "Network",
            "AWS::EC2::VPC",
            "The application's own network",
            map! { "CidrBlock": NETWORK, "EnableDnsHostnames": true, "EnableDnsSupport": true, "Tags": name_tag(name) },
        )
        .accept(
            "CKV2_AWS_12",
            "the default group cannot be emptied by a template; nothing here uses it",
        ),
        Resource::new(
            "InternetGateway",
            "AWS::EC2::InternetGateway",
            "Door between the public subnets and the internet",
            map! { "Tags": name_tag(name) },
        )
        .zone(Zone::Public),
        Resource::new(
            "InternetGatewayAttachment",
            "AWS::EC2::VPCGatewayAttachment",
            "Opens that door",
            map! { "VpcId": refer("Network"), "InternetGatewayId": refer("InternetGateway") },
        )
        .zone(Zone::Public),
    ];
    let tiers = TIERS
        .iter()
        .filter(|(tier, ..)| *tier != "Isolated" || app.engine().is_some());
    for (tier, first, zone) in tiers.clone() {
        for (letter, index) in [("A", *first), ("B", first + 1)] {
            let slug = tier.to_lowercase();
            resources.push(
                Resource::new(
                    format!("{tier}Subnet{letter}"),
                    "AWS::EC2::Subnet",
                    match *tier {
                        "Public" => ways::public_subnet(app),
                        "Private" => ways::private_subnet(app),
                        _ => "Isolated subnet: database; neither out nor in",
                    },
                    map! {
                        "VpcId": refer("Network"),
                        "AvailabilityZone": refer(format!("Zone{letter}")),
                        "CidrBlock": format!("10.40.{}.0/20", u32::from(index) * 16),
                        "MapPublicIpOnLaunch": false,
                        "Tags": list![
                            map! { "Key": "Name", "Value": format!("{name}-{slug}-{}", letter.to_lowercase()) },
                            map! { "Key": "zonke:tier", "Value": slug },
                        ],
                    },
                )
                .zone(*zone),
            );
        }
    }
    for (tier, _, zone) in tiers {
        let slug = tier.to_lowercase();
        resources.push(
            Resource::new(
                format!("{tier}Routes"),
                "AWS::EC2::RouteTable",
                match *tier {
                    "Public" => "Routes of the public subnets",
                    "Private" => "Routes of the private subnets",
                    _ => "Routes of the isolated subnets: none but the network itself",
                },
                map! { "VpcId": refer("Network"), "Tags": name_tag(format!("{name}-{slug}")) },
            )
            .zone(*zone),
        );
        match *tier {
            "Public" => resources.push(
                Resource::new(
                    "PublicDefaultRoute",
                    "AWS::EC2::Route",
                    "Public subnets: to the internet",
                    map! { "RouteTableId": refer("PublicRoutes"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": refer("InternetGateway") },
                )
                .zone(*zone)
                .after(["InternetGatewayAttachment"]),
            ),
            "Private" => resources.extend(ways::resources(app)),
            _ => {}
        }
        for letter in ["A", "B"] {
            resources.push(
                Resource::new(
                    format!("{tier}Routes{letter}"),
                    "AWS::EC2::SubnetRouteTableAssociation",
                    format!("Gives {slug} subnet {letter} its routes"),
                    map! { "SubnetId": refer(format!("{tier}Subnet{letter}")), "RouteTableId": refer(ways::table(app, tier, letter)) },
                )
                .zone(*zone),
            );
        }
    }
    resources.push(
        Resource::new(
            "S3Endpoint",
            "AWS::EC2::VPCEndpoint",
            if app.reaches_internet() {
                "Way to S3 that is free: image layers and logs stay off the NAT gateway's bill"
            } else {
                "Way to S3, which is free: image layers and bundles of migrations"
            },
            map! {
                "VpcId": refer("Network"),
                "VpcEndpointType": "Gateway",
                "ServiceName": crate::value::sub("com.amazonaws.${AWS::Region}.s3"),
                "RouteTableIds": ways::private_tables(app).iter().map(|t| refer(*t)).collect::<Vec<_>>(),
            },
        )
        .zone(Zone::Private),
    );
    Section {
        heading: "Network",
        resources,
    }
}

/// Port on which the load balancer listens for CloudFront.
pub(crate) const LISTENER_PORT: u16 = 80;

pub(crate) fn firewalls(app: &Application) -> Section {
    let port = i64::from(app.port());
    let from = |id: &str, description: &str, to: &str, source: &str, port: i64| {
        Resource::new(
            id,
            "AWS::EC2::SecurityGroupIngress",
            description,
            map! {
                "GroupId": get_att(to, "GroupId"),
                "Description": description,
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "SourceSecurityGroupId": get_att(source, "GroupId"),
            },
        )
        .zone(if to == "DatabaseGroup" {
            Zone::Isolated
        } else {
            Zone::Private
        })
    };
    let who = match app.choices.origin {
        Origin::PublicAlb => "Load balancer: reachable from CloudFront only",
        Origin::VpcOrigin => "Internal load balancer: reachable through the CloudFront VPC origin only",
    };
    let mut resources = vec![
        Resource::new(
            "LoadBalancerGroup",
            "AWS::EC2::SecurityGroup",
            who,
            map! {
                "GroupDescription": who,
                "VpcId": vpc(app),
                "SecurityGroupIngress": list![map! {
                    "Description": "Servers of CloudFront that fetch from origins",
                    "IpProtocol": "tcp",
                    "FromPort": LISTENER_PORT,
                    "ToPort": LISTENER_PORT,
                    "SourcePrefixListId": refer("CloudFrontPrefixList"),
                }]
                .note("The prefix list counts as 55 of the 60 rules that a group may have: exactly one port fits."),
                "SecurityGroupEgress": list![map! {
                    "Description": "Servers",
                    "IpProtocol": "tcp",
                    "FromPort": port,
                    "ToPort": port,
                    "DestinationSecurityGroupId": get_att("ServerGroup", "GroupId"),
                }],
            },
        )
        .zone(Zone::Public)
        .node("alb"),
        Resource::new(
            "ServerGroup",
            "AWS::EC2::SecurityGroup",
            "Servers: reachable from the load balancer only",
            map! {
                "GroupDescription": "Servers: reachable from the load balancer only",
                "VpcId": vpc(app),
                "SecurityGroupEgress": list![
                    map! { "Description": "AWS services and third-party APIs", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }
                ],
            },
        )
        .zone(Zone::Private)
        .node("servers")
        .accept("CKV_AWS_382", "servers call third-party APIs; nothing can call them"),
        from(
            "ServersFromLoadBalancer",
            "Load balancer to servers",
            "ServerGroup",
            "LoadBalancerGroup",
            port,
        ),
    ];
    if let Some(engine) = app.engine() {
        let port = i64::from(engine.port);
        resources.push(
            Resource::new(
                "DatabaseGroup",
                "AWS::EC2::SecurityGroup",
                if app.migrates() { "Database: reachable from servers and migrations only" } else { "Database: reachable from servers only" },
                map! {
                    "GroupDescription": "Database",
                    "VpcId": vpc(app),
                    "SecurityGroupEgress": list![
                        map! { "Description": "Nowhere", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "127.0.0.1/32" }
                    ]
                    .note("Without a rule here AWS would add one that allows everything."),
                },
            )
            .zone(Zone::Isolated)
            .node("database"),
        );
        resources.push(from(
            "DatabaseFromServers",
            "Servers to database",
            "DatabaseGroup",
            "ServerGroup",
            port,
        ));
        if app.migrates() {
            resources.push(
                Resource::new(
                    "MigratorGroup",
                    "AWS::EC2::SecurityGroup",
                    "Migrations: reachable by nobody",
                    map! {
                        "GroupDescription": "Migrations: reachable by nobody",
                        "VpcId": vpc(app),
                        "SecurityGroupEgress": list![
                            map! {
                                "Description": "Secrets Manager and S3",
                                "IpProtocol": "tcp",
                                "FromPort": 443,
                                "ToPort": 443,
                                "CidrIp": "0.0.0.0/0",
                            },
                            map! {
                                "Description": "Database",
                                "IpProtocol": "tcp",
                                "FromPort": port,
                                "ToPort": port,
                                "DestinationSecurityGroupId": get_att("DatabaseGroup", "GroupId"),
                            },
                        ],
                    },
                )
                .zone(Zone::Private)
                .node("migrator"),
            );
            resources.push(from(
                "DatabaseFromMigrator",
                "Migrations to database",
                "DatabaseGroup",
                "MigratorGroup",
                port,
            ));
        }
    }
    resources.extend(ways::firewalls(app));
    Section {
        heading: "Firewalls",
        resources,
    }
}
