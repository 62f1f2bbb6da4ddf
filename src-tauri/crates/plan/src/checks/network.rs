//! Who can reach whom: subnets, routes, firewalls, and the database.

use std::collections::BTreeSet;

use super::{Finding, Statement, Subject, ensure, existing, flag, is, target};
use crate::choices::Nat;
use crate::model::Resource;
use crate::plan::StackRole;
use crate::value::Value;

pub(super) const STATEMENTS: [Statement; 5] = [
    (
        "alb-in-public-subnets",
        "The load balancer stands in public subnets",
        alb_in_public_subnets,
    ),
    (
        "alb-admits-cloudfront-only",
        "The load balancer's firewall admits CloudFront and nobody else",
        alb_admits_cloudfront_only,
    ),
    (
        "servers-private",
        "Servers stand in private subnets and have no public address",
        servers_private,
    ),
    (
        "servers-admit-alb-only",
        "Servers can be reached by the load balancer and nobody else",
        servers_admit_alb_only,
    ),
    (
        "subnets-disjoint",
        "No two subnets share addresses, and each kind has one in each of two zones",
        subnets_disjoint,
    ),
];

pub(super) const DATABASE_STATEMENTS: [Statement; 3] = [
    (
        "database-isolated",
        "The database stands in subnets without a way out or in",
        database_isolated,
    ),
    (
        "database-admits-servers-only",
        "The database can be reached by servers and migrations and nobody else",
        database_admits_servers_only,
    ),
    (
        "database-protected",
        "The database is encrypted, backed up and protected against deletion",
        database_protected,
    ),
];

/// Where a subnet's default route leads: the resource, or nothing without such a route.
pub(super) fn default_route<'a>(subject: &Subject<'a>, subnet: &str) -> Result<Option<&'a str>, String> {
    let association = subject
        .of_kind("AWS::EC2::SubnetRouteTableAssociation")
        .find(|a| a.at("SubnetId").and_then(target) == Some(subnet))
        .ok_or_else(|| format!("{subnet} has no route table"))?;
    let table = association
        .at("RouteTableId")
        .and_then(target)
        .ok_or_else(|| format!("{} names no route table", association.id))?;
    let mut routes = subject
        .of_kind("AWS::EC2::Route")
        .filter(|r| r.at("RouteTableId").and_then(target) == Some(table));
    let Some(route) = routes.next() else { return Ok(None) };
    ensure(routes.next().is_none(), format!("{table} has more than one route"))?;
    Ok(["GatewayId", "NatGatewayId", "InstanceId"]
        .iter()
        .find_map(|key| route.at(key))
        .and_then(target))
}

fn alb_in_public_subnets(subject: &Subject) -> Finding {
    if subject.app.existing().is_some() {
        return existing::alb_in_named_subnets(subject);
    }
    let balancer = subject.only("AWS::ElasticLoadBalancingV2::LoadBalancer")?;
    let subnets = balancer.must("Subnets")?.items();
    ensure(subnets.len() >= 2, "the load balancer needs subnets in two zones")?;
    for subnet in subnets {
        let subnet = subject.named(subnet)?;
        let gateway = default_route(subject, &subnet.id)?.ok_or_else(|| format!("{} has no way to the internet", subnet.id))?;
        let gateway = subject
            .template(StackRole::Base)?
            .resource(gateway)
            .ok_or_else(|| format!("there is no {gateway}"))?;
        ensure(
            gateway.kind == "AWS::EC2::InternetGateway",
            format!("{} does not lead to the internet gateway", subnet.id),
        )?;
    }
    Ok(format!(
        "{} of {} subnets lead to the internet gateway",
        subnets.len(),
        subnets.len()
    ))
}

/// Rules that let something into a security group: its own, and those that stand by themselves.
pub(super) fn admitted<'a>(subject: &Subject<'a>, group: &'a Resource) -> Vec<&'a Value> {
    let own = group.at("SecurityGroupIngress").map(Value::items).unwrap_or_default().iter();
    let separate = subject
        .of_kind("AWS::EC2::SecurityGroupIngress")
        .filter(|r| r.at("GroupId").and_then(target) == Some(group.id.as_str()))
        .map(|r| &r.properties);
    own.chain(separate).map(Value::bare).collect()
}

fn port(rule: &Value, key: &str) -> Option<i64> {
    match rule.get(key) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

fn alb_admits_cloudfront_only(subject: &Subject) -> Finding {
    let balancer = subject.only("AWS::ElasticLoadBalancingV2::LoadBalancer")?;
    let listener = subject.only("AWS::ElasticLoadBalancingV2::Listener")?;
    let groups = balancer.must("SecurityGroups")?.items();
    ensure(!groups.is_empty(), "the load balancer has no firewall")?;
    for group in groups {
        let rules = admitted(subject, subject.named(group)?);
        ensure(!rules.is_empty(), "CloudFront cannot reach the load balancer")?;
        for rule in rules {
            let list = rule.get("SourcePrefixListId").and_then(target);
            ensure(
                list == Some("CloudFrontPrefixList"),
                "a rule admits something other than CloudFront's prefix list",
            )?;
            ensure(
                rule.get("CidrIp").is_none() && rule.get("CidrIpv6").is_none(),
                "a rule admits an address range",
            )?;
            let ports = (port(rule, "FromPort"), port(rule, "ToPort"));
            let listens = port(&listener.properties, "Port");
            ensure(
                ports == (listens, listens),
                "a rule admits another port than the one that the listener has",
            )?;
        }
    }
    let parameter = subject
        .template(StackRole::Base)?
        .parameters
        .iter()
        .find(|p| p.name == "CloudFrontPrefixList");
    ensure(
        parameter.is_some_and(|p| p.default.is_none()),
        "the prefix list must be asked for: its id differs from region to region",
    )?;
    Ok("every rule names CloudFront's prefix list, no rule an address range".to_owned())
}

fn servers_private(subject: &Subject) -> Finding {
    if subject.app.existing().is_some() {
        return existing::servers_in_named_subnets(subject);
    }
    let service = subject.only("AWS::ECS::Service")?;
    let network = service.must("NetworkConfiguration.AwsvpcConfiguration")?;
    ensure(
        is(network.get("AssignPublicIp"), "DISABLED"),
        "servers would get public addresses",
    )?;
    // The service stack reads the subnets from a parameter that the base stack writes.
    let base = subject.template(StackRole::Base)?;
    let written = base
        .of_kind("AWS::SSM::Parameter")
        .find(|p| p.id == "ParameterSubnets")
        .ok_or("the subnets of the servers are not handed on")?;
    let subnets = written.must("Value")?.references();
    ensure(subnets.len() >= 2, "servers need subnets in two zones")?;
    let mut ways = BTreeSet::new();
    for subnet in &subnets {
        match default_route(subject, subnet)? {
            Some(way) => {
                let way = base.resource(way).ok_or_else(|| format!("there is no {way}"))?;
                one_way(subject, subnet, way)?;
                ways.insert(way.id.as_str());
            }
            None => endpoints_reachable(subject, subnet)?,
        }
        let own = base.resource(subnet).ok_or_else(|| format!("there is no {subnet}"))?;
        ensure(
            flag(own.at("MapPublicIpOnLaunch"), false),
            format!("{subnet} hands out public addresses"),
        )?;
    }
    let expected = match subject.app.choices.nat {
        Nat::Gateway | Nat::Instance => 1,
        Nat::GatewayPerZone => 2,
        Nat::Endpoints => 0,
    };
    ensure(
        ways.len() == expected,
        format!("there are {} ways out instead of {expected}", ways.len()),
    )?;
    let ways = match ways.len() {
        0 => "endpoints of AWS services only".to_owned(),
        _ => ways.into_iter().collect::<Vec<_>>().join(" and "),
    };
    Ok(format!(
        "{} lead to {ways}, AssignPublicIp is DISABLED",
        subnets.join(" and ")
    ))
}

/// Whether this way out lets nothing in: a NAT gateway by nature, a machine if it admits the network alone.
fn one_way(subject: &Subject, subnet: &str, way: &Resource) -> Result<(), String> {
    if way.kind == "AWS::EC2::NatGateway" {
        ensure(way.at("AllocationId").is_some(), format!("{} has no address", way.id))?;
        return leads_out(subject, way, way.must("SubnetId")?);
    }
    ensure(
        way.kind == "AWS::EC2::Instance",
        format!("{subnet} leads to {} instead of a NAT gateway", way.id),
    )?;
    ensure(
        flag(way.at("SourceDestCheck"), false),
        format!("{} would drop what servers send", way.id),
    )?;
    let interface = way.must("NetworkInterfaces.0")?;
    let network = subject.only("AWS::EC2::VPC")?.must("CidrBlock")?;
    for group in interface.get("GroupSet").map(Value::items).unwrap_or_default() {
        for rule in admitted(subject, subject.named(group)?) {
            ensure(
                rule.get("CidrIp") == Some(network),
                format!("{} can be reached from outside the network", way.id),
            )?;
        }
    }
    ensure(
        flag(interface.get("AssociatePublicIpAddress"), true),
        format!("{} has no address", way.id),
    )?;
    let kind = way.at("InstanceType").and_then(Value::text).unwrap_or_default();
    let images = subject.template(StackRole::Base)?.parameters.iter();
    let image = images
        .filter(|p| way.at("ImageId").and_then(target) == Some(p.name))
        .find_map(|p| p.default.as_ref()?.text());
    ensure(
        image.is_some_and(|image| image.contains("arm64") == kind.starts_with("t4g")),
        format!("the image of {} is for another processor", way.id),
    )?;
    leads_out(subject, way, interface.get("SubnetId").ok_or("a way out stands nowhere")?)
}

/// Whether what stands in this subnet has a way to the internet itself.
fn leads_out(subject: &Subject, way: &Resource, subnet: &Value) -> Result<(), String> {
    let stands = target(subnet).ok_or_else(|| format!("{} stands nowhere", way.id))?;
    let out = default_route(subject, stands)?.ok_or_else(|| format!("{} has no way to the internet", way.id))?;
    let out = subject
        .template(StackRole::Base)?
        .resource(out)
        .ok_or_else(|| format!("there is no {out}"))?;
    ensure(
        out.kind == "AWS::EC2::InternetGateway",
        format!("{} has no way to the internet", way.id),
    )
}

/// Without a way to the internet: whether everything that starts a server can be reached from this subnet.
fn endpoints_reachable(subject: &Subject, subnet: &str) -> Result<(), String> {
    let mut services = vec!["ecr.api", "ecr.dkr", "logs", "secretsmanager"];
    if subject.of_kind("AWS::ECS::CapacityProvider").next().is_some() {
        services.extend(["ecs", "ecs-agent", "ecs-telemetry"]);
    }
    for service in services {
        let endpoint = subject
            .of_kind("AWS::EC2::VPCEndpoint")
            .find(|e| e.at("ServiceName").and_then(Value::text) == Some(&format!("com.amazonaws.${{AWS::Region}}.{service}")))
            .ok_or_else(|| format!("{subnet} has neither a way to the internet nor to {service}"))?;
        ensure(
            flag(endpoint.at("PrivateDnsEnabled"), true),
            format!("servers would look for {service} on the internet"),
        )?;
        let subnets = endpoint.must("SubnetIds")?.items();
        ensure(
            subnets.iter().any(|s| target(s) == Some(subnet)),
            format!("{} has no address in {subnet}", endpoint.id),
        )?;
        let group = endpoint.must("SecurityGroupIds.0").and_then(|g| subject.named(g))?;
        let mut expected = BTreeSet::from(["ServerGroup".to_owned()]);
        for other in ["MachineGroup", "MigratorGroup"] {
            if subject.template(StackRole::Base)?.resource(other).is_some() {
                expected.insert(other.to_owned());
            }
        }
        ensure(
            sources(subject, &group.id)? == expected,
            format!("{} admits others than servers, machines and migrations", endpoint.id),
        )?;
        let ports = admitted(subject, group)
            .iter()
            .all(|r| (port(r, "FromPort"), port(r, "ToPort")) == (Some(443), Some(443)));
        ensure(ports, format!("{} admits another port than 443", endpoint.id))?;
    }
    // Layers of images lie in S3.
    let table = subject
        .of_kind("AWS::EC2::SubnetRouteTableAssociation")
        .find(|a| a.at("SubnetId").and_then(target) == Some(subnet))
        .and_then(|a| a.at("RouteTableId").and_then(target));
    let storage = subject
        .of_kind("AWS::EC2::VPCEndpoint")
        .find(|e| is(e.at("VpcEndpointType"), "Gateway") && is(e.at("ServiceName"), "com.amazonaws.${AWS::Region}.s3"))
        .ok_or_else(|| format!("{subnet} has no way to the layers of images"))?;
    let tables = storage.must("RouteTableIds")?.items();
    ensure(
        tables.iter().any(|t| target(t) == table),
        format!("{subnet} has no way to the layers of images"),
    )
}

/// Logical ids of the groups whose members may connect to this one; an error if anything else may.
fn sources(subject: &Subject, group: &str) -> Result<BTreeSet<String>, String> {
    let group = subject
        .template(StackRole::Base)?
        .resource(group)
        .ok_or_else(|| format!("there is no {group}"))?;
    admitted(subject, group)
        .into_iter()
        .map(|rule| {
            let source = rule.get("SourceSecurityGroupId").and_then(target);
            source
                .map(str::to_owned)
                .ok_or_else(|| format!("{} admits something other than a group of this network", group.id))
        })
        .collect()
}

fn servers_admit_alb_only(subject: &Subject) -> Finding {
    let found = sources(subject, "ServerGroup")?;
    ensure(
        found == BTreeSet::from(["LoadBalancerGroup".to_owned()]),
        "servers can be reached by more than the load balancer",
    )?;
    Ok("the only rule names the load balancer's group".to_owned())
}

fn subnets_disjoint(subject: &Subject) -> Finding {
    if subject.app.existing().is_some() {
        return existing::subnets_named_once(subject);
    }
    let mut blocks = Vec::new();
    let zone = |id: &str| {
        subject
            .resources()
            .find(|r| r.id == id)?
            .at("AvailabilityZone")
            .and_then(target)
    };
    for kind in ["Public", "Private", "Isolated"] {
        let (a, b) = (zone(&format!("{kind}SubnetA")), zone(&format!("{kind}SubnetB")));
        ensure(a.is_none() || a != b, format!("both subnets {kind} are in one zone"))?;
    }
    for subnet in subject.of_kind("AWS::EC2::Subnet") {
        let text = subnet.must("CidrBlock")?.text().unwrap_or_default();
        let block = block(text).ok_or_else(|| format!("{} has no readable range of addresses: {text}", subnet.id))?;
        if let Some((other, _)) = blocks.iter().find(|(_, (start, end))| block.0 <= *end && *start <= block.1) {
            return Err(format!("{} and {other} share addresses", subnet.id));
        }
        blocks.push((subnet.id.as_str(), block));
    }
    let network = subject.only("AWS::EC2::VPC")?;
    let whole = network
        .must("CidrBlock")?
        .text()
        .and_then(self::block)
        .ok_or("the network has no readable range of addresses")?;
    ensure(
        blocks.iter().all(|(_, (start, end))| whole.0 <= *start && *end <= whole.1),
        "a subnet lies outside the network",
    )?;
    Ok(format!("{} subnets inside one network", blocks.len()))
}

/// First and last address of `a.b.c.d/n`.
fn block(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok().filter(|bits| (1..=32).contains(bits))?;
    let mask = u32::MAX << (32 - bits);
    let start = u32::from(address) & mask;
    Some((start, start | !mask))
}

/// An instance of the database, in whoever's network.
pub(super) fn without_public_address(instance: &Resource) -> Result<(), String> {
    ensure(
        flag(instance.at("PubliclyAccessible"), false),
        "the database would have a public address",
    )
}

fn database_isolated(subject: &Subject) -> Finding {
    if subject.app.existing().is_some() {
        return existing::database_in_named_subnets(subject);
    }
    let database = subject.database()?;
    for instance in subject.of_kind("AWS::RDS::DBInstance") {
        without_public_address(instance)?;
        ensure(
            instance.id == database.id || instance.at("DBClusterIdentifier").and_then(target) == Some(database.id.as_str()),
            format!("{} belongs to another database", instance.id),
        )?;
    }
    ensure(
        database.kind != "AWS::RDS::DBCluster" || flag(database.at("EnableHttpEndpoint"), false),
        "the Data API would be a way in that knows no network",
    )?;
    let subnets = subject.named(database.must("DBSubnetGroupName")?)?.must("SubnetIds")?.items();
    ensure(subnets.len() >= 2, "the database needs subnets in two zones")?;
    for subnet in subnets {
        let subnet = subject.named(subnet)?;
        let way = default_route(subject, &subnet.id)?;
        ensure(
            way.is_none(),
            format!("{} has a way to {}", subnet.id, way.unwrap_or_default()),
        )?;
    }
    Ok("its subnets know no route but the network itself".to_owned())
}

fn database_admits_servers_only(subject: &Subject) -> Finding {
    let database = subject.database()?;
    let groups = ["VPCSecurityGroups", "VpcSecurityGroupIds"]
        .iter()
        .find_map(|key| database.at(key))
        .map(Value::items)
        .unwrap_or_default();
    ensure(groups.len() == 1, "the database needs exactly one firewall")?;
    let group = subject.named(&groups[0])?;
    let mut expected = BTreeSet::from(["ServerGroup".to_owned()]);
    if subject.app.migrates() {
        expected.insert("MigratorGroup".to_owned());
    }
    let found = sources(subject, &group.id)?;
    ensure(
        found == expected,
        format!(
            "the database can be reached by {}",
            found.into_iter().collect::<Vec<_>>().join(", ")
        ),
    )?;
    let engine = subject.app.engine().ok_or("there is a database that was not chosen")?;
    for rule in admitted(subject, group) {
        let ports = (port(rule, "FromPort"), port(rule, "ToPort"));
        ensure(
            ports == (Some(engine.port.into()), Some(engine.port.into())),
            "a rule admits another port than the database's",
        )?;
    }
    Ok(format!(
        "its rules name {}",
        expected.into_iter().collect::<Vec<_>>().join(" and ")
    ))
}

fn database_protected(subject: &Subject) -> Finding {
    let database = subject.database()?;
    ensure(flag(database.at("StorageEncrypted"), true), "its storage is not encrypted")?;
    ensure(
        flag(database.at("DeletionProtection"), true),
        "nothing protects it against deletion",
    )?;
    ensure(
        database.on_delete == crate::model::OnDelete::Snapshot,
        "its stack would delete it without a snapshot",
    )?;
    ensure(
        port(&database.properties, "BackupRetentionPeriod").is_some_and(|days| days >= 1),
        "it has no backups",
    )?;
    let version = database.must("EngineVersion")?.text().unwrap_or_default();
    ensure(
        subject.app.engine().is_some_and(|e| e.version == version),
        "its version would undo automatic upgrades",
    )?;
    let days = port(&database.properties, "BackupRetentionPeriod").unwrap_or_default();
    Ok(format!(
        "encrypted, {days} day{} of backups, deletion protection, a snapshot at the end",
        if days == 1 { "" } else { "s" }
    ))
}
