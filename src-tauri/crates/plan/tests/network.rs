//! Plans in a network of the user's own.

use zonke_plan::{CheckResult, Choices, Database, ExistingNetwork, Inputs, Launch, Nat, Plan, StackRole, plan};

mod common;

fn network() -> ExistingNetwork {
    let subnet = |number: u32| format!("subnet-0123456789abcde{number:02}");
    ExistingNetwork {
        vpc_id: "vpc-0123456789abcdef0".to_owned(),
        public_subnets: vec![subnet(1), subnet(2)],
        private_subnets: vec![subnet(3), subnet(4)],
        isolated_subnets: vec![subnet(5), subnet(6)],
    }
}

fn planned(change: impl FnOnce(&mut Choices)) -> Plan {
    let mut choices = Choices {
        database: Database::Postgres,
        region: "us-east-1".to_owned(),
        ..Choices::suggested(&common::guestbook())
    };
    change(&mut choices);
    plan(&Inputs::new(common::guestbook(), Some(choices))).expect("this can be planned")
}

#[test]
fn nothing_of_a_network_is_made_allowed_or_paid_for() {
    for nat in [Nat::Gateway, Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints] {
        for launch in [Launch::Fargate, Launch::Ec2] {
            let made = planned(|c| {
                c.network = Some(network());
                (c.nat, c.launch) = (nat, launch);
            });
            let kinds: Vec<&str> = made
                .stacks
                .iter()
                .flat_map(|s| &s.resources)
                .map(|r| r.resource_type.as_str())
                .collect();
            let of_network = |kind: &&&str| {
                kind.starts_with("AWS::EC2::") && !kind.contains("SecurityGroup") && !kind.contains("LaunchTemplate")
            };
            assert_eq!(kinds.iter().find(of_network), None, "{nat:?}");
            let base = &made.stack(StackRole::Base).unwrap().template;
            assert!(
                !base.contains("ZoneA") && !base.contains("NatImage"),
                "nothing to ask about zones and images"
            );
            assert!(made.resolved_at_deployment.iter().all(|p| !p.name.starts_with("Zone")));
            let role = &made.stack(StackRole::Pipeline).unwrap().template;
            for action in [
                "ec2:CreateVpc",
                "ec2:CreateSubnet",
                "ec2:CreateRoute",
                "ec2:CreateNatGateway",
                "ec2:RunInstances",
            ] {
                let machines = action == "ec2:RunInstances" && launch == Launch::Ec2;
                assert_eq!(
                    role.contains(&format!("{action}\n")) || role.contains(&format!("{action},")),
                    machines,
                    "{action}"
                );
            }
            assert!(role.contains("ec2:CreateTags"), "firewalls have tags");
            assert!(made.price.lines.iter().all(|l| l.id != "nat"), "{:#?}", made.price.lines);
            assert!(made.price.assumptions.contains("without what your network costs"));
        }
    }
}

#[test]
fn what_cannot_be_seen_of_it_is_vouched_for_in_words() {
    let made = planned(|c| c.network = Some(network()));
    for id in [
        "alb-in-public-subnets",
        "servers-private",
        "subnets-disjoint",
        "database-isolated",
    ] {
        let check = made.checks.iter().find(|c| c.id == id).expect("the check is there");
        assert_eq!(check.result, CheckResult::Accepted, "{id}");
        assert!(check.detail.contains("You vouch for the rest"), "{}", check.detail);
    }
    let seen = |id: &str| made.checks.iter().find(|c| c.id == id).map(|c| c.result);
    for id in [
        "network-as-chosen",
        "alb-admits-cloudfront-only",
        "servers-admit-alb-only",
        "database-admits-servers-only",
    ] {
        assert_eq!(seen(id), Some(CheckResult::Satisfied), "{id}");
    }
    assert!(
        made.checks.iter().all(|c| c.id != "nat-per-zone"),
        "the way out is not ours to offer"
    );
    let own = planned(|_| {});
    assert!(own.checks.iter().all(|c| c.id != "network-as-chosen"));
    let way = made.diagram.nodes.iter().find(|n| n.id == "nat").expect("a way out");
    assert_eq!((way.detail.as_str(), way.resources.len()), ("your network's own", 0));
}

#[test]
fn a_network_that_is_named_wrongly_or_by_halves_is_refused_at_its_field() {
    let start = Choices {
        database: Database::Postgres,
        network: Some(network()),
        ..Choices::suggested(&common::guestbook())
    };
    assert!(start.validate().is_ok());
    let refused = |path: &str, text: &str| {
        let choices = start.with_text(path, text).expect("it is a text or a list");
        choices.validate().expect_err("refused").to_string()
    };
    let mut unfilled = start.clone();
    if let Some(network) = &mut unfilled.network {
        network.vpc_id.clear();
    }
    let missing = unfilled.validate().expect_err("refused").to_string();
    assert!(missing.starts_with("network.vpcId is missing: the id of a VPC"), "{missing}");
    assert!(refused("network.vpcId", "subnet-0123456789abcdef0").contains("vpc-0123456789abcdef0"));
    assert!(
        refused("network.publicSubnets", "")
            .starts_with("network.publicSubnets is missing: 2 to 6 subnets for the load balancer")
    );
    assert!(refused("network.publicSubnets", "subnet-0123456789abcde01").contains("2 to 6 subnets"));
    assert!(refused("network.privateSubnets", "subnet-03, subnet-04").contains("ids of subnets"));
    let twice = refused("network.privateSubnets", "subnet-0123456789abcde01,subnet-0123456789abcde04");
    assert!(
        twice.starts_with("network.privateSubnets cannot be \"subnet-0123456789abcde01\": each subnet once"),
        "{twice}"
    );
    assert!(refused("network.isolatedSubnets", "").contains("the database"));
    let without = start
        .with_text("database", "none")
        .unwrap()
        .with_text("network.isolatedSubnets", "")
        .unwrap();
    assert!(without.validate().is_ok(), "without a database they mean nothing");
    assert_eq!(start.with_text("network", "").unwrap().network, None);
}

#[test]
fn what_another_choice_made_can_be_taken_away() {
    let role = |nat: Nat, network: Option<ExistingNetwork>| {
        let made = planned(|c| (c.nat, c.network) = (nat, network));
        made.stack(StackRole::Pipeline).expect("a pipeline").template.clone()
    };
    for nat in [Nat::Gateway, Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints] {
        let template = role(nat, None);
        for action in [
            "ec2:DeleteNatGateway",
            "ec2:ReleaseAddress",
            "ec2:TerminateInstances",
            "ec2:DeleteVpcEndpoints",
            "sns:DeleteTopic",
        ] {
            assert!(template.contains(action), "{nat:?}: the role of the stacks may not {action}");
        }
    }
    assert!(!role(Nat::Endpoints, None).contains("ec2:CreateNatGateway"));
    assert!(
        !role(Nat::Gateway, Some(network())).contains("ec2:DeleteNatGateway"),
        "it is not ours"
    );
}
