//! Random choices: whatever a person may choose gives a plan that is complete in itself.

use proptest::prelude::*;
use zonke_plan::{
    CheckResult, Choices, CpuArchitecture, Database, DatabaseClass, DatabaseOptions, Dns, Domain, Inputs, Launch, MachineSize,
    Nat, Origin, Rollout, ScaleBy, Servers, StackRole, UiConfig, WebFirewall, plan,
};

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

fn domain() -> impl Strategy<Value = Domain> {
    let dns = prop_oneof![
        Just(Dns::Outside),
        "Z[A-Z0-9]{10,20}".prop_map(|zone_id| Dns::Route53 { zone_id }),
    ];
    ("[a-z][a-z0-9]{0,15}(\\.[a-z]{1,9})?\\.[a-z]{2,6}", prop::bool::ANY, dns)
        .prop_filter("of AWS", |(name, ..)| !name.starts_with("www."))
        .prop_map(|(name, www, dns)| Domain { name, www, dns })
}

/// Options around the servers, laid over other choices.
fn options() -> impl Strategy<Value = Choices> {
    let rollout = prop_oneof![
        Just(Rollout::Rolling),
        (0..=1440_u32).prop_map(|bake_minutes| Rollout::BlueGreen { bake_minutes }),
    ];
    (
        prop::option::of("[a-z][a-z0-9]{1,5}"),
        prop::option::of(domain()),
        prop::option::of((10..=2_000_000_000_u32).prop_map(|requests_per_five_minutes| WebFirewall {
            requests_per_five_minutes,
        })),
        prop::sample::select(vec![1, 14, 30, 3653_u32]),
        prop::bool::ANY,
        prop::option::of("[a-z.]{0,9}[a-z]@[a-z]{1,9}\\.(com|org)"),
        prop::bool::ANY,
        rollout,
        prop::collection::btree_map("[A-Za-z][A-Za-z ]{0,9}x", "[ -9=@A-Z_a-z]{0,20}", 0..40),
        prop::option::of(Just("arn:aws:iam::111122223333:policy/limits/of/roles".to_owned())),
        (
            prop::option::of(Just("docker/api.Dockerfile".to_owned())),
            prop::collection::btree_map("VITE_[A-Z_]{1,20}", "[ -~]{0,40}", 0..5),
            prop::option::of(prop::collection::btree_map("[a-z][A-Za-z]{0,9}", "[ -~]{0,40}", 0..5)),
        ),
    )
        .prop_map(
            |(
                environment,
                domain,
                web_firewall,
                log_days,
                own_key,
                alarm_address,
                container_insights,
                rollout,
                tags,
                permissions_boundary,
                (dockerfile, ui_variables, config),
            )| Choices {
                environment,
                domain,
                web_firewall,
                log_days,
                own_key,
                alarm_address: alarm_address.filter(|a| !a.contains("..") && !a.starts_with('.')),
                container_insights,
                rollout,
                tags: tags
                    .into_iter()
                    .map(|(k, v)| {
                        (
                            k,
                            v.replace(
                                ['!', '"', '#', '$', '%', '&', '\'', '(', ')', '*', ',', '\\', ']', '^', '`'],
                                "",
                            ),
                        )
                    })
                    .collect(),
                permissions_boundary,
                dockerfile,
                ui_variables,
                ui_config: config.map(|values| UiConfig {
                    path: "config.json".to_owned(),
                    values,
                }),
                ..Choices::suggested(&common::guestbook())
            },
        )
        .prop_filter("looks like a secret", |c| c.validate().is_ok())
}

fn database_options() -> impl Strategy<Value = DatabaseOptions> {
    (
        prop::sample::select(DatabaseClass::ALL.to_vec()),
        20..=1_000_u32,
        0..=3_u32,
        prop::bool::ANY,
        1..=35_u32,
    )
        .prop_map(|(class, storage_gb, growth, multi_az, backup_days)| DatabaseOptions {
            class,
            storage_gb,
            max_storage_gb: storage_gb * (1 + growth),
            multi_az,
            backup_days,
        })
}

/// How much there is of everything besides the servers' own size.
fn capacity() -> impl Strategy<Value = (DatabaseOptions, u32, Option<MachineSize>, Nat, ScaleBy)> {
    let scale_by = prop_oneof![
        (10..=90_u32).prop_map(|percent| ScaleBy::Cpu { percent }),
        (1..=1_000_000_u32).prop_map(|per_minute| ScaleBy::Requests { per_minute }),
    ];
    (
        database_options(),
        0..=100_u32,
        prop::sample::select(vec![None, Some(MachineSize::Xlarge)]),
        prop::sample::select(vec![Nat::Gateway, Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints]),
        scale_by,
    )
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
            "[a-z][a-z0-9]{2,5}(-[a-z0-9]{1,6})?".prop_filter("reserved", |n| {
                !["aws", "ssm", "ecs", "fargate"].iter().any(|r| n.starts_with(r))
            }),
            prop::sample::select(regions.to_vec()),
            "[a-z]{1,20}(/[a-zA-Z0-9_-]{0,9}[a-z])?",
            prop::option::of("[a-z]{1,9}/[a-z.-]{1,20}"),
        ),
        prop::sample::select(vec![Database::None, Database::Postgres, Database::Mysql]),
        prop::sample::select(vec![Launch::Fargate, Launch::FargateSpot, Launch::Ec2]),
        prop::sample::select(vec![CpuArchitecture::Arm64, CpuArchitecture::X86_64]),
        prop::sample::select(vec![Origin::PublicAlb, Origin::VpcOrigin]),
        (servers(), capacity()),
        prop::collection::btree_set("K[A-Z0-9_]{3,30}X", 0..100),
        prop::bool::ANY,
        (
            prop::option::of("[a-z]{1,8}(/[a-z0-9]{1,4})?"),
            prop::option::of("/?[a-z]{1,8}(/[a-z]{1,8})?"),
            prop::option::of(1..=65535_u16),
        ),
        options(),
    )
        .prop_map(
            |(
                (app, region, branch, repository),
                database,
                launch,
                cpu,
                origin,
                (servers, (database_options, spot_base, machine, nat, scale_by)),
                keys,
                separate,
                (prefix, health, port),
                options,
            )| {
                let mut findings = if separate { common::separate() } else { common::guestbook() };
                findings.backends[0].global_prefix = prefix;
                findings.backends[0].health_path = health;
                findings.backends[0].port.default = port;
                if separate {
                    findings.frontends[0].env_prefix = None;
                }
                let choices = Choices {
                    provider: Choices::suggested(&findings).provider,
                    app,
                    region: region.to_owned(),
                    branch,
                    repository,
                    database,
                    launch,
                    cpu,
                    origin,
                    database_options,
                    spot_base,
                    machine,
                    nat,
                    scale_by: if options.rollout == Rollout::Rolling {
                        scale_by
                    } else {
                        ScaleBy::default()
                    },
                    servers,
                    ..options
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
