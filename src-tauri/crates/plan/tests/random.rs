//! Random choices: whatever a person may choose gives a plan that is complete in itself and that CloudFormation would take.
//!
//! Few of them in every run of the tests, ten thousand with
//!
//! ```text
//! PROPTEST_CASES=10000 cargo test --release -p zonke-plan --test random
//! ```

use proptest::prelude::*;
use zonke_plan::{
    Aurora, CheckResult, Choices, CpuArchitecture, Database, DatabaseClass, DatabaseOptions, Dns, Domain, ExistingNetwork,
    Inputs, Launch, MachineSize, Nat, Origin, Rollout, ScaleBy, Servers, UiConfig, WebFirewall, plan,
};
use zonke_project::{DatabaseConnection, Findings, GitProvider, MonorepoTool, PackageManagerName};

mod common;
#[path = "common/written.rs"]
mod written;

fn servers() -> impl Strategy<Value = Servers> {
    let sizes = [
        (256, 512),
        (256, 1024),
        (256, 2048),
        (512, 1024),
        (512, 3072),
        (512, 4096),
        (1024, 2048),
        (1024, 3072),
        (1024, 8192),
        (2048, 4096),
        (2048, 15360),
        (4096, 8192),
        (4096, 15360),
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

/// A network with two to six subnets of each kind.
fn network() -> impl Strategy<Value = ExistingNetwork> {
    (
        "vpc-[0-9a-f]{17}",
        prop::collection::btree_set("subnet-([0-9a-f]{8}|[0-9a-f]{17})", 6..=18),
    )
        .prop_map(|(vpc_id, ids)| {
            let ids: Vec<String> = ids.into_iter().collect();
            let third = ids.len() / 3;
            ExistingNetwork {
                vpc_id,
                public_subnets: ids[..third].to_vec(),
                private_subnets: ids[third..2 * third].to_vec(),
                isolated_subnets: ids[2 * third..3 * third].to_vec(),
            }
        })
}

/// Options around the servers, laid over other choices.
fn options() -> impl Strategy<Value = Choices> {
    let rollout = prop_oneof![
        Just(Rollout::Rolling),
        (0..=1440_u32).prop_map(|bake_minutes| Rollout::BlueGreen { bake_minutes }),
    ];
    (
        prop::option::of("[a-z][a-z0-9]{1,5}(-[a-z0-9]{1,4})?"),
        prop::option::of(domain()),
        prop::option::of((10..=2_000_000_000_u32).prop_map(|requests_per_five_minutes| WebFirewall {
            requests_per_five_minutes,
        })),
        prop::sample::select(vec![1, 3, 5, 14, 30, 365, 1827, 3653_u32]),
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
            prop::option::weighted(0.3, network()),
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
                (dockerfile, ui_variables, config, network),
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
                network,
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
        prop::option::of((0..=64_u32, 2..=512_u32, 5..=1440_u32)),
    )
        .prop_map(|(class, storage_gb, growth, multi_az, backup_days, aurora)| DatabaseOptions {
            class,
            storage_gb,
            max_storage_gb: storage_gb * (1 + growth),
            multi_az,
            backup_days,
            aurora: aurora.map(|(min, max, pause_minutes)| Aurora {
                min_acu: f64::from(min) / 2.0,
                max_acu: f64::from(max.max(min)) / 2.0,
                pause_minutes,
            }),
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
        prop::sample::select(vec![
            None,
            Some(MachineSize::Small),
            Some(MachineSize::Medium),
            Some(MachineSize::Large),
            Some(MachineSize::Xlarge),
        ]),
        prop::sample::select(vec![Nat::Gateway, Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints]),
        scale_by,
    )
}

/// What a folder may hold, as far as it changes what is planned.
fn findings() -> impl Strategy<Value = Findings> {
    let managers = [
        PackageManagerName::Npm,
        PackageManagerName::YarnClassic,
        PackageManagerName::YarnBerry,
        PackageManagerName::Pnpm,
        PackageManagerName::Bun,
    ];
    let tools = [
        MonorepoTool::None,
        MonorepoTool::Workspaces,
        MonorepoTool::Nx,
        MonorepoTool::Turborepo,
        MonorepoTool::Lerna,
    ];
    let connection = prop_oneof![
        Just(None),
        Just(Some(DatabaseConnection::WrittenDown)),
        "[A-Z]{2,9}_URI".prop_map(|variable| Some(DatabaseConnection::Url { variable })),
        (prop::bool::ANY, prop::bool::ANY).prop_map(|(port, database)| {
            Some(DatabaseConnection::Parts {
                host: Some("PGHOST".to_owned()),
                port: port.then(|| "PGPORT".to_owned()),
                user: Some("PGUSER".to_owned()),
                password: Some("PGPASSWORD".to_owned()),
                database: database.then(|| "PGDATABASE".to_owned()),
            })
        }),
    ];
    (
        prop::bool::ANY,
        prop::sample::select(managers.to_vec()),
        prop::sample::select(tools.to_vec()),
        prop::sample::select(vec![None, Some("18"), Some("20"), Some("22"), Some("24")]),
        prop::option::of("[a-z]{1,8}(/[a-z0-9]{1,4})?"),
        prop::option::of("/?[a-z]{1,8}(/[a-z]{1,8})?"),
        prop::option::of(1..=65535_u16),
        connection,
        prop::sample::select(vec![".", "apps", "a/deep/folder"]),
    )
        .prop_map(|(separate, manager, tool, node, prefix, health, port, connection, folder)| {
            let mut findings = if separate { common::separate() } else { common::guestbook() };
            findings.package_manager.name = manager;
            findings.monorepo_tool = tool;
            findings.node.wanted = node.map(str::to_owned);
            if let Some(git) = &mut findings.git {
                folder.clone_into(&mut git.folder);
            }
            let backend = &mut findings.backends[0];
            backend.global_prefix = prefix;
            backend.health_path = health;
            backend.port.default = port;
            if backend.prisma.is_none() {
                backend.connection = connection;
                findings.frontends[0].env_prefix = None;
            }
            findings
        })
}

/// Name, region, branch, repository and its host.
fn address() -> impl Strategy<Value = (String, &'static str, String, Option<String>, GitProvider)> {
    let regions = [
        "us-east-1",
        "eu-west-1",
        "eu-central-1",
        "ap-southeast-2",
        "sa-east-1",
        "me-central-1",
    ];
    let hosts = [
        GitProvider::GitHub,
        GitProvider::GitLab,
        GitProvider::Bitbucket,
        GitProvider::AzureDevOps,
    ];
    (
        "[a-z][a-z0-9]{2,10}(-[a-z0-9]{1,8})?".prop_filter("reserved", |n| {
            !["aws", "ssm", "ecs", "fargate"].iter().any(|r| n.starts_with(r))
        }),
        prop::sample::select(regions.to_vec()),
        prop_oneof![
            "[a-z]{1,20}(/[a-zA-Z0-9_-]{0,9}[a-z])?".boxed(),
            "[a-z]{120}/[a-z]{134}".boxed(),
        ],
        prop::option::of("[a-z]{1,9}/[a-z.-]{1,20}"),
        prop::sample::select(hosts.to_vec()),
    )
}

fn inputs() -> impl Strategy<Value = Inputs> {
    (
        address(),
        prop::sample::select(vec![Database::None, Database::Postgres, Database::Mysql]),
        prop::sample::select(vec![Launch::Fargate, Launch::FargateSpot, Launch::Ec2]),
        prop::sample::select(vec![CpuArchitecture::Arm64, CpuArchitecture::X86_64]),
        prop::sample::select(vec![Origin::PublicAlb, Origin::VpcOrigin]),
        (servers(), capacity()),
        prop::collection::btree_set("K[A-Z0-9_]{3,30}X", 0..=zonke_plan::MAX_SECRET_KEYS),
        findings(),
        options(),
    )
        .prop_map(
            |(
                (app, region, branch, repository, provider),
                database,
                launch,
                cpu,
                origin,
                (servers, (database_options, spot_base, machine, nat, scale_by)),
                keys,
                findings,
                options,
            )| {
                let mut choices = Choices {
                    app,
                    region: region.to_owned(),
                    branch,
                    repository,
                    provider,
                    database,
                    launch,
                    cpu,
                    origin,
                    database_options,
                    spot_base,
                    machine,
                    nat,
                    scale_by,
                    servers,
                    ..options
                };
                settle(&mut choices);
                Inputs {
                    findings,
                    choices,
                    secret_keys: keys.into_iter().collect(),
                    secrets_revision: "0".to_owned(),
                    before: None,
                }
            },
        )
}

/// Takes back what a plan refuses together.
fn settle(choices: &mut Choices) {
    if choices.rollout != Rollout::Rolling {
        choices.scale_by = ScaleBy::default();
    }
    let small = |machine| match machine {
        MachineSize::Small => 1024,
        MachineSize::Medium => 3072,
        MachineSize::Large => 7168,
        MachineSize::Xlarge => 15360,
    };
    if choices
        .machine
        .is_some_and(|m| small(m) < choices.servers.memory_mib || choices.servers.cpu_units > 1024)
    {
        choices.machine = None;
    }
    let name = choices.name();
    if name.len() > 20 {
        choices.app.truncate(7);
        choices.app.truncate(choices.app.trim_end_matches('-').len());
    }
}

/// The reader itself: what it is told to find, it finds.
#[test]
fn what_cloudformation_would_refuse_is_noticed() {
    let mut inputs = Inputs::new(common::guestbook(), None);
    inputs.choices.own_key = true;
    let correct = plan(&inputs).unwrap();
    assert_eq!(written::problems(&correct), Vec::<String>::new());
    for (stack, old, new, says) in [
        (1, "!Ref NatGateway", "!Ref NatGatewayA", "names NatGatewayA"),
        (
            1,
            "!GetAtt LoadBalancer.DNSName",
            "!GetAtt LoadBalancer.Name",
            "asks for Name of LoadBalancer",
        ),
        (
            1,
            "DependsOn: InternetGatewayAttachment",
            "DependsOn: InternetGatewayAttachments",
            "waits for",
        ),
        (1, "${UiBucket.Arn}", "${UiBuckets.Arn}", "names UiBuckets"),
        (
            1,
            "Type: AWS::ECS::Cluster\n",
            "Type: AWS::ECS::Cluster\n    Condition: IsProduction\n",
            "has a condition",
        ),
        (
            1,
            "!Ref CloudFrontPrefixList",
            "pl-3b927c52",
            "nothing uses the parameter CloudFrontPrefixList",
        ),
        (
            1,
            "!GetAtt LoadBalancer.DNSName",
            "!ImportValue DNSName",
            "calls Fn::ImportValue",
        ),
        (1, "!Sub \"${UiBucket", "\"${UiBucket", "whose placeholders nobody fills in"),
        (
            0,
            "Name: guestbook-api\n",
            &format!("Name: {}\n", "long-".repeat(31)),
            "has 155 characters",
        ),
        (0, "#{Api.IMAGE_URI}", &"#{Api.IMAGE_URI}".repeat(4), "overrides parameters"),
        (0, "codebuild:StopBuild", &"a".repeat(9_000), "characters of policies"),
        (
            0,
            "AWSTemplateFormatVersion:",
            &format!("# {}\nAWSTemplateFormatVersion:", "long ".repeat(10_000)),
            "bytes; 51200 are allowed",
        ),
    ] {
        let mut broken = correct.clone();
        let template = &mut broken.stacks[stack].template;
        assert!(template.contains(old), "nothing to replace: {old}");
        *template = template.replace(old, new);
        let found = written::problems(&broken);
        assert!(found.iter().any(|problem| problem.contains(says)), "{old} → {new}: {found:?}");
    }
}

/// Few enough for every run; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(32)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        max_global_rejects: 1 << 20,
        max_local_rejects: 1 << 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_valid_choice_gives_a_plan_that_cloudformation_takes_and_that_is_the_same_each_time(inputs in inputs()) {
        let made = plan(&inputs).unwrap();
        let failed: Vec<_> = made.checks.iter()
            .filter(|c| c.result == CheckResult::Failed && c.id != "repository-known" && c.id != "database-fits-code")
            .collect();
        prop_assert!(failed.is_empty(), "{failed:?}");
        let problems = written::problems(&made);
        prop_assert!(problems.is_empty(), "{problems:#?}");
        prop_assert!((made.price.lines.iter().map(|l| l.monthly).sum::<f64>() - made.price.total).abs() < 0.01);
        let again = plan(&inputs).unwrap();
        prop_assert_eq!(again.infra_zip(), made.infra_zip());
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&made).unwrap());
    }
}
