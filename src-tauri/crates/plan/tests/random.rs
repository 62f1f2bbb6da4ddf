//! Random choices: whatever a person may choose gives a plan that is complete in itself.

use proptest::prelude::*;
use zonke_plan::{CheckResult, Choices, CpuArchitecture, Database, Inputs, Launch, Origin, Servers, StackRole, plan};

mod common;

/// Longest template that is handed over directly, in bytes.
const LARGEST_INLINE: usize = 51_200;

fn servers() -> impl Strategy<Value = Servers> {
    let sizes = [
        (256, 512),
        (256, 2048),
        (512, 1024),
        (512, 4096),
        (1024, 3072),
        (2048, 4096),
        (4096, 8192),
    ];
    (prop::sample::select(sizes.to_vec()), 0..=100_u32, 0..=100_u32).prop_map(|((cpu_units, memory_mib), a, b)| Servers {
        cpu_units,
        memory_mib,
        min: a.min(b),
        max: a.max(b),
    })
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let regions = [
        "us-east-1",
        "eu-west-1",
        "eu-central-1",
        "ap-southeast-2",
        "sa-east-1",
        "me-central-1",
    ];
    (
        (
            "[a-z][a-z0-9]{2,8}(-[a-z0-9]{1,9})?".prop_filter("reserved", |n| {
                !["aws", "ssm", "ecs", "fargate"].iter().any(|r| n.starts_with(r))
            }),
            prop::sample::select(regions.to_vec()),
            "[a-z]{1,20}(/[a-zA-Z0-9_-]{0,9}[a-z])?",
            prop::option::of("[a-z]{1,9}/[a-z.-]{1,20}"),
        ),
        prop::sample::select(vec![Database::None, Database::Postgres, Database::Mysql]),
        prop::sample::select(vec![Launch::Fargate, Launch::Ec2]),
        prop::sample::select(vec![CpuArchitecture::Arm64, CpuArchitecture::X86_64]),
        prop::sample::select(vec![Origin::PublicAlb, Origin::VpcOrigin]),
        servers(),
        prop::collection::btree_set("K[A-Z0-9_]{3,30}X", 0..100),
        prop::bool::ANY,
        prop::option::of("[a-z]{1,8}(/[a-z0-9]{1,4})?"),
        prop::option::of("/?[a-z]{1,8}(/[a-z]{1,8})?"),
        prop::option::of(1..=65535_u16),
    )
        .prop_map(
            |(
                (app, region, branch, repository),
                database,
                launch,
                cpu,
                origin,
                servers,
                keys,
                separate,
                prefix,
                health,
                port,
            )| {
                let mut findings = if separate { common::separate() } else { common::guestbook() };
                findings.backends[0].global_prefix = prefix;
                findings.backends[0].health_path = health;
                findings.backends[0].port.default = port;
                let choices = Choices {
                    app,
                    region: region.to_owned(),
                    branch,
                    repository,
                    database,
                    launch,
                    cpu,
                    origin,
                    servers,
                    ..Choices::suggested(&findings)
                };
                Inputs {
                    findings,
                    choices,
                    secret_keys: keys.into_iter().collect(),
                    secrets_revision: "0".to_owned(),
                }
            },
        )
}

/// Few enough for every run; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_choice_gives_a_plan_that_passes_its_own_checks(inputs in inputs()) {
        let made = plan(&inputs).unwrap();
        let failed: Vec<_> = made.checks.iter()
            .filter(|c| c.result == CheckResult::Failed && c.id != "repository-known" && c.id != "database-fits-code")
            .collect();
        prop_assert!(failed.is_empty(), "{failed:?}");
        prop_assert!(made.stack(StackRole::Pipeline).unwrap().template.len() <= LARGEST_INLINE);
        for stack in &made.stacks {
            // Whatever the emitter writes, a YAML parser reads.
            let tagless = serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&stack.template);
            prop_assert!(tagless.is_ok(), "{:?}", tagless.err());
        }
        prop_assert!((made.price.lines.iter().map(|l| l.monthly).sum::<f64>() - made.price.total).abs() < 0.01);
        prop_assert_eq!(plan(&inputs).unwrap().infra_zip(), made.infra_zip());
    }
}
