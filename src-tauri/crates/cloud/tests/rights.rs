//! Everything that this crate asks of AWS is allowed by the policy that it tells its user to have.
//!
//! The calls are read from the sources, so that a new one cannot be forgotten here, also one that no other test makes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use zonke_plan::{Choices, Database, Inputs, Launch, Plan, plan};
use zonke_testkit::{actions_for, covers};

/// The clients of a session, and what their services are called in the audit log.
const CLIENTS: [(&str, &str); 8] = [
    ("cfn", "CloudFormation"),
    ("connections", "CodeConnections"),
    ("ecs", "ECS"),
    ("pipeline", "CodePipeline"),
    ("rds", "RDS"),
    ("s3", "S3"),
    ("scaling", "Application Auto Scaling"),
    ("secrets", "Secrets Manager"),
];

fn sources() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("list a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.ends_with("tests.rs") && name != "testing.rs" {
                found.push(path);
            }
        }
    }
    found
}

/// `describe_stacks` as `DescribeStacks`.
fn operation(method: &str) -> String {
    let mut words = String::new();
    for word in method.split('_') {
        let (first, rest) = word.split_at(1.min(word.len()));
        words.extend([&first.to_uppercase(), rest]);
    }
    words
}

/// What follows every occurrence of `start`, up to the first character that is no part of a name.
fn names_after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let end = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    text.split(start).skip(1).map(|rest| &rest[..end(rest)]).collect()
}

/// Service and operation of every call in the sources.
fn calls() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut services = Vec::new();
    let texts: Vec<String> = sources()
        .iter()
        .map(|path| fs::read_to_string(path).expect("read a source").split_whitespace().collect())
        .collect();
    for text in &texts {
        for kind in ["Api", "JsonApi"] {
            for part in text.split("const").skip(1) {
                if let Some((name, rest)) = part.split_once(&format!(":{kind}={kind}{{name:\""))
                    && !name.contains(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_')
                {
                    services.push((name.to_owned(), rest.split('"').next().unwrap_or_default().to_owned()));
                }
            }
        }
    }
    for text in &texts {
        for (client, service) in CLIENTS {
            for method in names_after(text, &format!(".0.{client}.")) {
                found.insert((service.to_owned(), operation(method)));
            }
        }
        for (constant, service) in &services {
            for call in ["ask", "ask_json"] {
                for name in names_after(text, &format!("{call}(session,{constant},\"")) {
                    // White space is gone: the names of services have theirs in the audit log.
                    let service = match service.as_str() {
                        "ElasticLoadBalancing" => "Elastic Load Balancing",
                        "FreeTier" => "Free Tier",
                        "ServiceQuotas" => "Service Quotas",
                        other => other,
                    };
                    found.insert((service.to_owned(), name.to_owned()));
                }
            }
        }
        if text.contains("list_distributions(session).await") {
            found.insert(("CloudFront".to_owned(), "ListDistributions".to_owned()));
        }
    }
    found
}

fn planned(change: impl FnOnce(&mut Choices)) -> Plan {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let findings = zonke_project::inspect(&example).expect("inspect the example");
    let mut choices = Choices::suggested(&findings);
    choices.repository = Some("example/guestbook".to_owned());
    change(&mut choices);
    plan(&Inputs::new(findings, Some(choices))).expect("plan the example")
}

fn denied<'a>(plan: &Plan, actions: &'a BTreeSet<String>) -> Vec<&'a String> {
    let allowed: Vec<&String> = plan
        .policies
        .iter()
        .flat_map(|p| &p.statements)
        .flat_map(|s| &s.actions)
        .collect();
    actions
        .iter()
        .filter(|action| !allowed.iter().any(|pattern| covers(pattern, action)))
        .collect()
}

#[test]
fn every_operation_in_the_sources_is_allowed_by_the_plans_policy() {
    let calls = calls();
    assert!(calls.len() > 40, "the sources are read: {calls:#?}");
    let actions: BTreeSet<String> = calls.iter().flat_map(|(s, o)| actions_for(s, o)).collect();
    let full = planned(|choices| {
        choices.database = Database::Postgres;
        choices.launch = Launch::Ec2;
    });
    let aurora = planned(|choices| {
        choices.database = Database::Postgres;
        choices.database_options.aurora = Some(zonke_plan::Aurora::default());
    });
    // A database is an instance or a cluster; what is asked about the other is not allowed, and never asked.
    let of = |kind: &str| {
        let others = actions.iter().filter(|a| !(a.starts_with("rds:") && a.contains(kind)));
        others.cloned().collect::<BTreeSet<String>>()
    };
    let (instance, cluster) = (of("DbCluster"), of("DbInstance"));
    assert!(instance.len() < actions.len() && cluster.len() < actions.len());
    assert_eq!(denied(&full, &instance), Vec::<&String>::new(), "not allowed by the policy");
    assert_eq!(denied(&aurora, &cluster), Vec::<&String>::new(), "not allowed with Aurora");
    // What belongs to a database is not allowed without one, and nothing else is missing then.
    let without = planned(|choices| choices.database = Database::None);
    assert!(denied(&without, &actions).iter().all(|action| action.starts_with("rds:")));
}

#[test]
fn a_right_that_is_missing_is_found() {
    let mut plan = planned(|_| {});
    let actions: BTreeSet<String> = calls().iter().flat_map(|(s, o)| actions_for(s, o)).collect();
    for policy in &mut plan.policies {
        policy.statements.retain(|s| s.sid != "Preflight");
    }
    let denied = denied(&plan, &actions);
    for action in [
        "servicequotas:GetServiceQuota",
        "iam:SimulatePrincipalPolicy",
        "freetier:GetAccountPlanState",
    ] {
        assert!(denied.iter().any(|d| *d == action), "{action} is missed: {denied:?}");
    }
}
