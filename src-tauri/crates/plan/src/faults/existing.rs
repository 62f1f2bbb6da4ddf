//! Faults of plans in a network of the user's own.

use super::{add, all_are_found, fault, open_rule, set, with};
use crate::choices::{Database, ExistingNetwork, Launch};
use crate::model::Resource;
use crate::value::{list, map};

fn network() -> ExistingNetwork {
    let subnet = |number: u32| format!("subnet-0123456789abcde{number:02}");
    ExistingNetwork {
        vpc_id: "vpc-0123456789abcdef0".to_owned(),
        public_subnets: vec![subnet(1), subnet(2)],
        private_subnets: vec![subnet(3), subnet(4)],
        isolated_subnets: vec![subnet(5), subnet(6)],
    }
}

#[test]
fn planted_faults_in_an_existing_network_are_found() {
    let private = || list!["subnet-0123456789abcde03", "subnet-0123456789abcde04"];
    let public = || list!["subnet-0123456789abcde01", "subnet-0123456789abcde02"];
    all_are_found(
        "existing-network",
        |choices| {
            choices.database = Database::Postgres;
            choices.launch = Launch::Ec2;
            choices.network = Some(network());
        },
        vec![
            fault(
                "firewall in another network",
                "network-as-chosen",
                set("ServerGroup", "VpcId", "vpc-0fedcba9876543210"),
            ),
            fault(
                "servers' group in another network",
                "network-as-chosen",
                set("TargetGroup", "VpcId", "vpc-0fedcba9876543210"),
            ),
            fault(
                "subnet made in somebody else's network",
                "network-as-chosen",
                with(Resource::new(
                    "Extra",
                    "AWS::EC2::Subnet",
                    "a subnet",
                    map! { "VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.9.0/24" },
                )),
            ),
            fault(
                "route made in somebody else's network",
                "network-as-chosen",
                with(Resource::new(
                    "Extra",
                    "AWS::EC2::Route",
                    "a route",
                    map! { "RouteTableId": "rtb-0123456789abcdef0", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0123456789abcdef0" },
                )),
            ),
            fault(
                "load balancer in private subnets that were named",
                "alb-in-public-subnets",
                set("LoadBalancer", "Subnets", private()),
            ),
            fault(
                "servers in public subnets that were named",
                "servers-private",
                set(
                    "ParameterSubnets",
                    "Value",
                    "subnet-0123456789abcde01,subnet-0123456789abcde02",
                ),
            ),
            fault(
                "public addresses in somebody else's network",
                "servers-private",
                set(
                    "Servers",
                    "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",
                    "ENABLED",
                ),
            ),
            fault(
                "machines in public subnets that were named",
                "network-as-chosen",
                set("Machines", "VPCZoneIdentifier", public()),
            ),
            fault(
                "migrations in public subnets that were named",
                "network-as-chosen",
                set("Migrator", "VpcConfig.SubnetIds", public()),
            ),
            fault(
                "database in private subnets that were named",
                "database-isolated",
                set("DatabaseSubnets", "SubnetIds", private()),
            ),
            fault(
                "public database in somebody else's network",
                "database-isolated",
                set("Database", "PubliclyAccessible", true),
            ),
            fault(
                "load balancer open to somebody else's network",
                "alb-admits-cloudfront-only",
                add("LoadBalancerGroup", "SecurityGroupIngress", "", open_rule()),
            ),
            fault(
                "machines open to everyone in somebody else's network",
                "machines-closed",
                add("MachineGroup", "", "SecurityGroupIngress", list![open_rule()]),
            ),
        ],
    );
}
