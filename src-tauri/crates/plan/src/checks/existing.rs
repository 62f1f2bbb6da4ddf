//! A network of the user's own: what a plan does with it, and what its owner has to vouch for.

use super::{Finding, Statement, Subject, ensure, flag, is};
use crate::choices::ExistingNetwork;
use crate::plan::StackRole;
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 1] = [(
    "network-as-chosen",
    "Everything stands in the network that you named, and nothing of it is made or changed",
    network_as_chosen,
)];

/// Statements of which only a part can be seen in somebody else's network: the rest is vouched for, so that they are accepted at most.
pub(super) const VOUCHED: [&str; 4] = [
    "alb-in-public-subnets",
    "servers-private",
    "subnets-disjoint",
    "database-isolated",
];

/// Types that make or change a network.
const OF_A_NETWORK: [&str; 10] = [
    "AWS::EC2::VPC",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::Subnet",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::NatGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::VPCEndpoint",
];

fn chosen<'a>(subject: &Subject<'a>) -> Result<&'a ExistingNetwork, String> {
    subject.app.existing().ok_or_else(|| "no network was named".to_owned())
}

/// Whether these are exactly the subnets that were named, as they are written.
fn named(subnets: Option<&Value>, expected: &[String]) -> bool {
    let found: Option<Vec<&str>> = subnets.map(|s| s.items().iter().filter_map(Value::text).collect());
    found.is_some_and(|found| found == expected)
}

fn network_as_chosen(subject: &Subject) -> Finding {
    let network = chosen(subject)?;
    if let Some(made) = subject.resources().find(|r| OF_A_NETWORK.contains(&r.kind)) {
        return Err(format!("{} would change the network", made.id));
    }
    let mut count = 0;
    for kind in ["AWS::EC2::SecurityGroup", "AWS::ElasticLoadBalancingV2::TargetGroup"] {
        for resource in subject.of_kind(kind) {
            ensure(
                is(resource.at("VpcId"), &network.vpc_id),
                format!("{} stands in another network", resource.id),
            )?;
            count += 1;
        }
    }
    for machines in subject.of_kind("AWS::AutoScaling::AutoScalingGroup") {
        ensure(
            named(machines.at("VPCZoneIdentifier"), &network.private_subnets),
            "machines stand in other subnets than the private ones that were named",
        )?;
    }
    for function in subject.of_kind("AWS::Lambda::Function") {
        ensure(
            named(function.at("VpcConfig.SubnetIds"), &network.private_subnets),
            "migrations run in other subnets than the private ones that were named",
        )?;
    }
    Ok(format!(
        "{count} firewalls and groups in {}; no subnet, route or gateway is made",
        network.vpc_id
    ))
}

pub(super) fn alb_in_named_subnets(subject: &Subject) -> Finding {
    let network = chosen(subject)?;
    let balancer = subject.only("AWS::ElasticLoadBalancingV2::LoadBalancer")?;
    ensure(
        named(balancer.at("Subnets"), &network.public_subnets),
        "the load balancer stands in other subnets than the public ones that were named",
    )?;
    Ok(format!(
        "It stands in {}. You vouch for the rest: each of them is in a zone of its own and its routes lead to an internet gateway.",
        network.public_subnets.join(" and ")
    ))
}

pub(super) fn servers_in_named_subnets(subject: &Subject) -> Finding {
    let network = chosen(subject)?;
    let service = subject.only("AWS::ECS::Service")?;
    ensure(
        is(
            service.at("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"),
            "DISABLED",
        ),
        "servers would get public addresses",
    )?;
    let written = subject
        .template(StackRole::Base)?
        .resource("ParameterSubnets")
        .ok_or("the subnets of the servers are not handed on")?;
    ensure(
        is(written.at("Value"), &network.private_subnets.join(",")),
        "servers stand in other subnets than the private ones that were named",
    )?;
    Ok(format!(
        "They stand in {} without public addresses. You vouch for the rest: their routes lead out through a NAT gateway, or there are \
         endpoints for ECR, CloudWatch Logs, Secrets Manager and S3{}, and none leads straight to an internet gateway.",
        network.private_subnets.join(" and "),
        if subject.app.is_ec2() { " and the three of ECS" } else { "" }
    ))
}

pub(super) fn database_in_named_subnets(subject: &Subject) -> Finding {
    let network = chosen(subject)?;
    let database = subject.database()?;
    for instance in subject.of_kind("AWS::RDS::DBInstance") {
        super::network::without_public_address(instance)?;
    }
    ensure(
        database.kind != "AWS::RDS::DBCluster" || flag(database.at("EnableHttpEndpoint"), false),
        "the Data API would be a way in that knows no network",
    )?;
    let group = subject.named(database.must("DBSubnetGroupName")?)?;
    ensure(
        named(group.at("SubnetIds"), &network.isolated_subnets),
        "the database stands in other subnets than the isolated ones that were named",
    )?;
    Ok(format!(
        "It stands in {} without a public address. You vouch for the rest: their routes lead nowhere but inside the network.",
        network.isolated_subnets.join(" and ")
    ))
}

pub(super) fn subnets_named_once(subject: &Subject) -> Finding {
    let network = chosen(subject)?;
    let all: Vec<&String> = network
        .public_subnets
        .iter()
        .chain(&network.private_subnets)
        .chain(&network.isolated_subnets)
        .collect();
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    ensure(different.len() == all.len(), "a subnet is named twice")?;
    Ok(format!(
        "{} different subnets. You vouch for the rest: those of each kind are in at least two zones.",
        all.len()
    ))
}
