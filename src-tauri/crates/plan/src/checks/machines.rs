//! Machines of our own: those that servers run on, and the one that translates addresses.

use super::network::{admitted, default_route};
use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::application::Application;
use crate::choices::Nat;
use crate::value::Value;

/// Statements about machines, if this application has any.
pub(super) fn statements(app: &Application) -> impl Iterator<Item = Statement> {
    let servers: Statement = (
        "machines-as-chosen",
        "Machines have the size that was chosen, stand in private subnets, and join the cluster by themselves",
        machines_as_chosen,
    );
    let closed: Statement = (
        "machines-closed",
        "Nobody reaches a machine, its disk is encrypted, and its credentials stay its own",
        machines_closed,
    );
    let any = app.is_ec2() || app.nat() == Some(Nat::Instance);
    [app.is_ec2().then_some(servers), any.then_some(closed)].into_iter().flatten()
}

/// The properties that say what a machine is like, of launch templates and of single machines.
fn machines<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let templates = subject
        .of_kind("AWS::EC2::LaunchTemplate")
        .filter_map(|t| Some((t.id.as_str(), t.at("LaunchTemplateData")?)));
    templates.chain(subject.of_kind("AWS::EC2::Instance").map(|i| (i.id.as_str(), &i.properties)))
}

fn machines_as_chosen(subject: &Subject) -> Finding {
    let app = subject.app;
    let machine = subject.only("AWS::EC2::LaunchTemplate")?.must("LaunchTemplateData")?;
    let kind = app.instance().names[usize::from(!app.is_arm())];
    ensure(is(machine.get("InstanceType"), kind), format!("the machines are not {kind}"))?;
    let script = machine.get("UserData").map(Value::to_json).unwrap_or_default().to_string();
    ensure(
        script.contains("ECS_CLUSTER=${Cluster}"),
        "machines would join another cluster",
    )?;
    ensure(
        script.contains("ECS_AWSVPC_BLOCK_IMDS=true"),
        "servers could take the machine's own credentials",
    )?;
    let group = subject.only("AWS::AutoScaling::AutoScalingGroup")?;
    let subnets = group.must("VPCZoneIdentifier")?.items();
    ensure(subnets.len() >= 2, "machines stand in one zone only")?;
    for subnet in subnets.iter().filter_map(target) {
        let gateway = default_route(subject, subnet)?.and_then(|way| subject.resources().find(|r| r.id == way));
        ensure(
            gateway.is_none_or(|g| g.kind != "AWS::EC2::InternetGateway"),
            format!("machines stand in {subnet}, which is public"),
        )?;
    }
    let capacity = subject.only("AWS::ECS::CapacityProvider")?;
    ensure(
        is(capacity.at("AutoScalingGroupProvider.ManagedScaling.Status"), "ENABLED"),
        "nothing adds machines when servers need them",
    )?;
    Ok(format!("{kind}, in {} private subnets", subnets.len()))
}

fn machines_closed(subject: &Subject) -> Finding {
    let network = match subject.app.existing() {
        Some(_) => None,
        None => Some(subject.only("AWS::EC2::VPC")?.must("CidrBlock")?),
    };
    let mut count = 0;
    for (id, machine) in machines(subject) {
        ensure(
            is(machine.at("MetadataOptions.HttpTokens"), "required"),
            format!("whatever runs on {id} could ask for its credentials"),
        )?;
        let disks = machine.get("BlockDeviceMappings").map(Value::items).unwrap_or_default();
        let encrypted = disks.iter().all(|disk| flag(disk.at("Ebs.Encrypted"), true));
        ensure(encrypted && !disks.is_empty(), format!("the disk of {id} is not encrypted"))?;
        let groups = ["SecurityGroupIds", "NetworkInterfaces.0.GroupSet"]
            .iter()
            .find_map(|path| machine.at(path))
            .map(Value::items)
            .unwrap_or_default();
        ensure(!groups.is_empty(), format!("{id} has no firewall"))?;
        for group in groups {
            for rule in admitted(subject, subject.named(group)?) {
                ensure(
                    network.is_some() && rule.get("CidrIp") == network,
                    format!("{id} can be reached from outside the network"),
                )?;
            }
        }
        count += 1;
    }
    Ok(format!("{count} kind{} of machine", if count == 1 { "" } else { "s" }))
}
