//! Rules for a network of the user's own.

use crate::choices::{Choices, Database};
use crate::error::PlanError;

/// Subnets of a kind: a load balancer wants two at least, and no region has more zones than this.
const SUBNETS: std::ops::RangeInclusive<usize> = 2..=6;

pub(super) fn validate(choices: &Choices) -> Result<(), PlanError> {
    let Some(network) = &choices.network else { return Ok(()) };
    if !is_id(&network.vpc_id, "vpc-") {
        let rule = "the id of a VPC in the plan's region and account, such as vpc-0123456789abcdef0";
        return Err(PlanError::choice("network.vpcId", &network.vpc_id, rule));
    }
    let with_database = choices.database != Database::None;
    let kinds = [
        ("network.publicSubnets", "the load balancer", &network.public_subnets, true),
        ("network.privateSubnets", "the servers", &network.private_subnets, true),
        (
            "network.isolatedSubnets",
            "the database",
            &network.isolated_subnets,
            with_database,
        ),
    ];
    let mut seen: Vec<&String> = Vec::new();
    for (field, whom, subnets, needed) in kinds {
        if let Some(other) = subnets.iter().find(|id| !is_id(id, "subnet-")) {
            let rule = "ids of subnets of this VPC, such as subnet-0123456789abcdef0, with commas between them";
            return Err(PlanError::choice(field, other, rule));
        }
        if let Some(twice) = subnets.iter().enumerate().find_map(|(index, id)| {
            let earlier = seen.contains(&id) || subnets[..index].contains(id);
            earlier.then_some(id)
        }) {
            let rule = "each subnet once: what stands in it decides who can reach it";
            return Err(PlanError::choice(field, twice, rule));
        }
        if needed && !SUBNETS.contains(&subnets.len()) {
            let rule = format!(
                "{} to {} subnets for {whom}, in at least two zones",
                SUBNETS.start(),
                SUBNETS.end()
            );
            return Err(PlanError::choice(field, subnets.join(", "), rule));
        }
        seen.extend(subnets);
    }
    Ok(())
}

/// Whether this is an id of EC2: eight hexadecimal digits, or seventeen since 2016.
fn is_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|hex| [8, 17].contains(&hex.len()) && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')))
}
