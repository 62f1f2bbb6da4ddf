//! Writes the templates of many choice sets, for checkers outside of Rust:
//!
//! ```text
//! cargo run -p zonke-plan --example write_matrix -- <folder>
//! cfn-lint '<folder>/*/*.template.yaml'
//! ```

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use zonke_plan::{
    AccountFacts, Choices, CpuArchitecture, Database, Dns, Domain, Inputs, Launch, Origin, Plan, Rollout, WebFirewall,
    infra_zip_for, plan,
};

#[path = "../tests/common/mod.rs"]
mod common;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        return fail("Say where to write the templates: cargo run -p zonke-plan --example write_matrix -- <folder>");
    };
    for (name, inputs) in matrix() {
        let written = plan(&inputs)
            .map_err(|e| e.to_string())
            .and_then(|p| write(&Path::new(&folder).join(&name), &p));
        if let Err(reason) = written {
            return fail(&format!("{name}: {reason}"));
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "a command-line program")]
fn fail(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// Two projects, three databases, two launch types, two origins, two processors: 48 sets over three regions.
fn matrix() -> Vec<(String, Inputs)> {
    let regions = ["us-east-1", "eu-west-1", "ap-northeast-1"];
    let mut sets = Vec::new();
    for (project, findings) in [("guestbook", common::guestbook()), ("shop", common::separate())] {
        for database in [Database::None, Database::Postgres, Database::Mysql] {
            for launch in [Launch::Fargate, Launch::Ec2] {
                for origin in [Origin::PublicAlb, Origin::VpcOrigin] {
                    for cpu in [CpuArchitecture::Arm64, CpuArchitecture::X86_64] {
                        let region = regions[sets.len() % regions.len()];
                        let mut choices = Choices {
                            database,
                            launch,
                            origin,
                            cpu,
                            region: region.to_owned(),
                            ..Choices::suggested(&findings)
                        };
                        choices.servers.max = if sets.len() % 2 == 0 { 1 } else { 4 };
                        let secret_keys = if sets.len() % 3 == 0 {
                            vec![]
                        } else {
                            vec!["JWT_SECRET".to_owned(), "STRIPE_KEY".to_owned()]
                        };
                        let inputs = Inputs {
                            findings: findings.clone(),
                            choices,
                            secret_keys,
                            secrets_revision: "0".to_owned(),
                        };
                        sets.push((
                            format!("{project}-{database:?}-{launch:?}-{origin:?}-{cpu:?}-{region}").to_lowercase(),
                            inputs,
                        ));
                    }
                }
            }
        }
    }
    sets.extend(with_options(&regions));
    sets
}

/// Everything that can be chosen around the servers, in each region and with each kind of DNS.
fn with_options(regions: &[&str]) -> Vec<(String, Inputs)> {
    let route53 = Dns::Route53 {
        zone_id: "Z0123456789ABCDEFGHIJ".to_owned(),
    };
    let mut sets = Vec::new();
    for region in regions {
        for (dns, own) in [(route53.clone(), "zone"), (Dns::Outside, "outside")] {
            let findings = common::guestbook();
            let choices = Choices {
                region: (*region).to_owned(),
                environment: Some("staging".to_owned()),
                domain: Some(Domain {
                    name: "example.com".to_owned(),
                    www: own == "zone",
                    dns,
                }),
                web_firewall: Some(WebFirewall {
                    requests_per_five_minutes: 2000,
                }),
                own_key: true,
                alarm_address: Some("ops@example.com".to_owned()),
                container_insights: true,
                rollout: Rollout::BlueGreen { bake_minutes: 15 },
                permissions_boundary: Some("arn:aws:iam::111122223333:policy/boundary".to_owned()),
                log_days: 90,
                ..Choices::suggested(&findings)
            };
            let inputs = Inputs {
                findings,
                choices,
                secret_keys: vec!["JWT_SECRET".to_owned()],
                secrets_revision: "0".to_owned(),
            };
            sets.push((format!("options-{own}-{region}"), inputs));
        }
    }
    sets
}

fn write(folder: &Path, plan: &Plan) -> Result<(), String> {
    let account = AccountFacts {
        zones: ["a", "b"].map(|letter| format!("{}{letter}", plan.inputs.choices.region)),
        cloudfront_prefix_list: "pl-3b927c52".to_owned(),
        connection_arn: "arn:aws:codeconnections:us-east-1:111122223333:connection/00000000-0000-4000-8000-000000000000"
            .to_owned(),
        artifact_bucket: "guestbook-pipeline-artifactbucket-0".to_owned(),
        certificate_arn: Some("arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000".to_owned()),
        web_acl_arn: Some("arn:aws:wafv2:us-east-1:111122223333:global/webacl/guestbook/0".to_owned()),
    };
    let save = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|e| e.to_string())
    };
    for stack in &plan.stacks {
        save(&stack.template_file, stack.template.as_bytes())?;
    }
    for file in &plan.files {
        save(&format!("infra/{}", file.path), file.text.as_bytes())?;
    }
    for policy in &plan.policies {
        save(&format!("{}.policy.json", policy.name), policy.document.as_bytes())?;
    }
    save("infra.zip", &infra_zip_for(plan, &account))?;
    save(
        "plan.json",
        serde_json::to_string_pretty(plan).map_err(|e| e.to_string())?.as_bytes(),
    )
}
