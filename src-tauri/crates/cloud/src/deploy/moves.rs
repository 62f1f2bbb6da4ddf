//! What AWS cannot change in place while an application runs.

use zonke_plan::{Choices, Database, Launch, Rollout};

use crate::error::{CloudError, Result};

/// Refuses what AWS cannot change in place while the application runs; it would fail half-way.
pub(super) fn refuse_moves(running: &Choices, wanted: &Choices) -> Result<()> {
    if running.origin != wanted.origin {
        // A load balancer with another scheme is another one, and a target group belongs to one load balancer only.
        return Err(CloudError::invalid(
            "The load balancer of a running application cannot change between public and internal.",
            "Keep the setting as it is, or deploy under another name with the new one.",
        ));
    }
    if running.launch == Launch::Ec2 && wanted.launch != Launch::Ec2 {
        // The cluster would lose the machines in the stack before the one that stops using them.
        return Err(CloudError::invalid(
            "The servers of a running application cannot go back from EC2 to Fargate in one step.",
            "Keep EC2, or deploy under another name with Fargate.",
        ));
    }
    if running.own_key != wanted.own_key {
        // Database and images would be made anew, and CloudFormation cannot make a second repository of the same name.
        return Err(CloudError::invalid(
            "The encryption key of a running application cannot change: its database and images would have to be made anew.",
            "Keep the setting as it is, or deploy under another name with the new one.",
        ));
    }
    if running.rollout != Rollout::Rolling && wanted.rollout == Rollout::Rolling {
        // The traffic may lead to the second group of servers, which the stack would take away.
        return Err(CloudError::invalid(
            "A running application cannot go back from blue/green to rolling releases in one step.",
            "Keep blue/green releases, or deploy under another name with rolling ones.",
        ));
    }
    refuse_edge_moves(running, wanted)?;
    refuse_network_moves(running, wanted)?;
    if running.database != Database::None {
        if running.database != wanted.database {
            // Its data would be gone: RDS cannot turn one engine into another, and nothing deletes a database in passing.
            return Err(CloudError::invalid(
                "The database of a running application cannot be taken away or become another engine.",
                "Keep the database as it is, or deploy under another name and move the data.",
            ));
        }
        let (before, after) = (running.database_options.aurora, wanted.database_options.aurora);
        if before.is_some() != after.is_some() {
            return Err(CloudError::invalid(
                "The database of a running application cannot change between an instance and Aurora: it would begin empty.",
                "Keep the setting as it is, or deploy under another name and move the data.",
            ));
        }
        if before.is_none() && wanted.database_options.storage_gb < running.database_options.storage_gb {
            return Err(CloudError::invalid(
                "The storage of a running database cannot become smaller.",
                format!("Keep at least {} GB.", running.database_options.storage_gb),
            ));
        }
    }
    Ok(())
}

/// Refuses another network: everything in it would be made anew, the database included.
fn refuse_network_moves(running: &Choices, wanted: &Choices) -> Result<()> {
    let vpc = |choices: &Choices| choices.network.as_ref().map(|n| n.vpc_id.clone());
    if vpc(running) != vpc(wanted) {
        return Err(CloudError::invalid(
            "A running application cannot move to another network: load balancer, servers and database would have to be made anew.",
            "Keep the network as it is, or deploy under another name in the new one.",
        ));
    }
    if let (Some(before), Some(after)) = (&running.network, &wanted.network)
        && running.database != Database::None
        && let Some(gone) = before.isolated_subnets.iter().find(|id| !after.isolated_subnets.contains(id))
    {
        return Err(CloudError::invalid(
            format!("The subnet {gone} cannot be taken from a running database: AWS keeps it while it is in use."),
            "Keep the isolated subnets as they are; others can be added.",
        ));
    }
    Ok(())
}

/// Refuses what needs something new and something gone in one stack, while CloudFront still uses the old.
fn refuse_edge_moves(running: &Choices, wanted: &Choices) -> Result<()> {
    if running.domain.is_some() && wanted.domain.is_some() && running.domain != wanted.domain {
        return Err(CloudError::invalid(
            "The domain of a running application cannot become another one in one step: CloudFront uses the old certificate until the release.",
            "Take the domain away and deploy, then add the new one and deploy again.",
        ));
    }
    let domain = (running.domain.is_some(), wanted.domain.is_some());
    let firewall = (running.web_firewall.is_some(), wanted.web_firewall.is_some());
    if matches!(
        (domain, firewall),
        ((true, false), (false, true)) | ((false, true), (true, false))
    ) {
        return Err(CloudError::invalid(
            "A domain cannot come while the web firewall goes, or the other way round: one is needed before the release, the other until after it.",
            "Do one of both, deploy, then do the other.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use zonke_plan::{Nat, Origin};

    use super::*;

    #[test]
    fn what_aws_cannot_change_in_place_is_refused_with_a_way_out() {
        let running: Choices = serde_json::from_value(serde_json::json!({
            "app": "shop", "region": "eu-west-1", "branch": "main", "repository": "sam/shop", "provider": "gitHub",
            "database": "none", "launch": "fargate", "cpu": "arm64", "origin": "publicAlb",
            "servers": { "cpuUnits": 512, "memoryMib": 1024, "min": 1, "max": 1 },
        }))
        .unwrap();
        let moved = Choices {
            origin: Origin::VpcOrigin,
            ..running.clone()
        };
        let refused = refuse_moves(&running, &moved).unwrap_err();
        assert!(
            refused.message.contains("load balancer") && refused.hint.contains("another name"),
            "{refused:?}"
        );

        let machines = Choices {
            launch: Launch::Ec2,
            ..running.clone()
        };
        assert!(
            refuse_moves(&running, &machines).is_ok(),
            "to EC2 works: Fargate stays with the cluster"
        );
        assert!(refuse_moves(&machines, &running).is_err());
        let spot = Choices {
            launch: Launch::FargateSpot,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &spot).is_ok());
        assert!(refuse_moves(&machines, &spot).is_err());

        let database = Choices {
            database: Database::Postgres,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &database).is_ok(), "a database can be added");
        assert!(refuse_moves(&database, &running).unwrap_err().message.contains("taken away"));
        let mut larger = database.clone();
        larger.database_options.storage_gb = 50;
        assert!(refuse_moves(&database, &larger).is_ok());
        assert!(refuse_moves(&larger, &database).unwrap_err().hint.contains("50 GB"));
        let mut aurora = larger.clone();
        aurora.database_options.aurora = Some(zonke_plan::Aurora::default());
        for refused in [refuse_moves(&larger, &aurora), refuse_moves(&aurora, &larger)] {
            assert!(refused.unwrap_err().hint.contains("another name"), "data would be lost");
        }
        let mut capacity = aurora.clone();
        capacity.database_options.storage_gb = 20;
        capacity.database_options.aurora = Some(zonke_plan::Aurora {
            max_acu: 16.0,
            ..zonke_plan::Aurora::default()
        });
        assert!(refuse_moves(&aurora, &capacity).is_ok(), "capacity changes in place");
        for nat in [Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints] {
            let other = Choices { nat, ..running.clone() };
            assert!(refuse_moves(&running, &other).is_ok(), "{nat:?}: the route changes in place");
        }
        assert!(refuse_moves(&running, &running).is_ok());

        let named = |isolated: &[&str]| {
            let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            Choices {
                network: Some(zonke_plan::ExistingNetwork {
                    vpc_id: "vpc-1".to_owned(),
                    public_subnets: ids(&["subnet-1", "subnet-2"]),
                    private_subnets: ids(&["subnet-3", "subnet-4"]),
                    isolated_subnets: ids(isolated),
                }),
                ..database.clone()
            }
        };
        let there = named(&["subnet-5", "subnet-6"]);
        assert!(refuse_moves(&database, &there).is_err() && refuse_moves(&there, &database).is_err());
        assert!(refuse_moves(&there, &named(&["subnet-5", "subnet-6", "subnet-7"])).is_ok());
        let refused = refuse_moves(&there, &named(&["subnet-5", "subnet-7"])).unwrap_err();
        assert!(refused.message.contains("subnet-6"), "{refused:?}");

        let key = Choices {
            own_key: true,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &key).is_err() && refuse_moves(&key, &running).is_err());
        let two_groups = Choices {
            rollout: Rollout::BlueGreen { bake_minutes: 5 },
            ..running.clone()
        };
        assert!(refuse_moves(&running, &two_groups).is_ok() && refuse_moves(&two_groups, &running).is_err());
        let protected = Choices {
            web_firewall: Some(zonke_plan::WebFirewall {
                requests_per_five_minutes: 2000,
            }),
            ..running.clone()
        };
        assert!(refuse_moves(&running, &protected).is_ok() && refuse_moves(&protected, &running).is_ok());
        let domain = |name: &str| zonke_plan::Domain {
            name: name.to_owned(),
            www: false,
            dns: zonke_plan::Dns::Outside,
        };
        let named = Choices {
            domain: Some(domain("a.example")),
            ..running.clone()
        };
        assert!(refuse_moves(&running, &named).is_ok() && refuse_moves(&named, &running).is_ok());
        assert!(
            refuse_moves(&named, &protected).is_err() && refuse_moves(&protected, &named).is_err(),
            "one comes, one goes"
        );
        let renamed = Choices {
            domain: Some(domain("b.example")),
            ..running.clone()
        };
        let refused = refuse_moves(&named, &renamed).unwrap_err();
        assert!(refused.hint.contains("Take the domain away"), "{refused:?}");
    }
}
