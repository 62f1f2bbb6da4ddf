//! Everything that can be chosen, as a list of axes, and choice sets in which every pair of settings meets at least once.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by several programs, each of which uses a part"
)]

use std::collections::BTreeSet;

use zonke_plan::{
    Aurora, Choices, CpuArchitecture, Database, DatabaseClass, DatabaseOptions, Dns, Domain, ExistingNetwork, Inputs, Launch,
    MachineSize, Nat, Origin, ReleaseOn, Rollout, ScaleBy, Servers, WebFirewall,
};
use zonke_project::Findings;

/// One setting of an axis: its name, and what it does to the inputs.
pub struct Setting {
    pub name: String,
    apply: Box<dyn Fn(&mut Inputs)>,
}

/// What can be chosen independently of everything else.
pub struct Axis {
    pub name: &'static str,
    pub settings: Vec<Setting>,
}

fn axis<T: Clone + 'static>(name: &'static str, settings: Vec<(&str, T)>, set: fn(&mut Inputs, T)) -> Axis {
    let settings = settings.into_iter().map(|(name, value)| Setting {
        name: name.to_owned(),
        apply: Box::new(move |inputs| set(inputs, value.clone())),
    });
    Axis {
        name,
        settings: settings.collect(),
    }
}

/// Does not compile when a choice is added: then it needs an axis below.
fn every_choice_has_an_axis(choices: &Choices) {
    let Choices {
        app: _,
        region: _,
        branch: _,
        repository: _,
        provider: _,
        database: _,
        database_options: _,
        launch: _,
        spot_base: _,
        machine: _,
        cpu: _,
        origin: _,
        network: _,
        nat: _,
        scale_by: _,
        servers: _,
        environment: _,
        domain: _,
        web_firewall: _,
        log_days: _,
        own_key: _,
        alarm_address: _,
        container_insights: _,
        rollout: _,
        release_on: _,
        tags: _,
        permissions_boundary: _,
        // These three change files of the zip, not a template.
        dockerfile: _,
        ui_variables: _,
        ui_config: _,
    } = choices;
}

/// Does not compile when a choice gets another possibility: then its axis needs one more setting.
fn every_possibility_is_a_setting(
    database: Database,
    launch: Launch,
    cpu: CpuArchitecture,
    origin: Origin,
    nat: Nat,
    scale_by: ScaleBy,
) {
    match database {
        Database::None | Database::Postgres | Database::Mysql => {}
    }
    match launch {
        Launch::Fargate | Launch::FargateSpot | Launch::Ec2 => {}
    }
    match cpu {
        CpuArchitecture::Arm64 | CpuArchitecture::X86_64 => {}
    }
    match origin {
        Origin::PublicAlb | Origin::VpcOrigin => {}
    }
    match nat {
        Nat::Gateway | Nat::GatewayPerZone | Nat::Instance | Nat::Endpoints => {}
    }
    match scale_by {
        ScaleBy::Cpu { .. } | ScaleBy::Requests { .. } => {}
    }
}

/// The axes of a plan, apart from the project.
pub fn axes() -> Vec<Axis> {
    let servers = |cpu_units, memory_mib, min, max| Servers {
        cpu_units,
        memory_mib,
        min,
        max,
    };
    vec![
        axis(
            "region",
            ["us-east-1", "eu-west-1", "ap-northeast-1"].map(|r| (r, r)).to_vec(),
            |i, region| region.clone_into(&mut i.choices.region),
        ),
        axis(
            "database",
            vec![
                ("none", Database::None),
                ("postgres", Database::Postgres),
                ("mysql", Database::Mysql),
            ],
            |i, database| i.choices.database = database,
        ),
        axis(
            "launch",
            vec![
                ("fargate", Launch::Fargate),
                ("spot", Launch::FargateSpot),
                ("ec2", Launch::Ec2),
            ],
            |i, launch| i.choices.launch = launch,
        ),
        axis(
            "cpu",
            vec![("arm64", CpuArchitecture::Arm64), ("x86", CpuArchitecture::X86_64)],
            |i, cpu| i.choices.cpu = cpu,
        ),
        axis(
            "origin",
            vec![("public-alb", Origin::PublicAlb), ("vpc-origin", Origin::VpcOrigin)],
            |i, origin| i.choices.origin = origin,
        ),
        axis(
            "servers",
            vec![
                ("one-small", servers(256, 512, 1, 1)),
                ("none-now", servers(512, 1024, 0, 0)),
                ("range", servers(1024, 2048, 2, 10)),
                ("many-large", servers(4096, 8192, 20, 100)),
            ],
            |i, servers| i.choices.servers = servers,
        ),
        axis(
            "secrets",
            vec![
                ("no-secrets", 0),
                ("two-secrets", 2),
                ("most-secrets", zonke_plan::MAX_SECRET_KEYS),
            ],
            |i, number| i.secret_keys = (0..number).map(|n| format!("SECRET_{n}")).collect(),
        ),
        axis(
            "branch",
            vec![("main", "main"), ("long-branch", "release/2026-11/with-a-rather-long-name")],
            |i, branch| branch.clone_into(&mut i.choices.branch),
        ),
        axis("app", vec![("short", "abc"), ("longest", "a-name-16-letter")], |i, app| {
            app.clone_into(&mut i.choices.app);
        }),
    ]
    .into_iter()
    .chain(capacity())
    .chain(options())
    .collect()
}

/// The axes of how much there is of everything.
fn capacity() -> Vec<Axis> {
    let large = DatabaseOptions {
        class: DatabaseClass::M7gLarge,
        storage_gb: 200,
        max_storage_gb: 200,
        multi_az: true,
        backup_days: 35,
        aurora: None,
    };
    let subnet = |number: u32| format!("subnet-0123456789abcde{number:02}");
    let existing = ExistingNetwork {
        vpc_id: "vpc-0123456789abcdef0".to_owned(),
        public_subnets: vec![subnet(1), subnet(2)],
        private_subnets: vec![subnet(3), subnet(4), subnet(5)],
        isolated_subnets: vec![subnet(6), subnet(7)],
    };
    let aurora = |min_acu| {
        Some(Aurora {
            min_acu,
            max_acu: 8.0,
            ..Aurora::default()
        })
    };
    vec![
        axis(
            "database-size",
            vec![("micro", DatabaseOptions::default()), ("large-standby", large)],
            |i, options| i.choices.database_options = options,
        ),
        axis(
            "aurora",
            vec![("instance", None), ("aurora", aurora(0.5)), ("aurora-pausing", aurora(0.0))],
            |i, aurora| i.choices.database_options.aurora = aurora,
        ),
        axis("spot-base", vec![("base-1", 1), ("base-0", 0)], |i, base| {
            i.choices.spot_base = base;
        }),
        axis(
            "machine",
            vec![("fitting", None), ("xlarge", Some(MachineSize::Xlarge))],
            |i, machine| i.choices.machine = machine,
        ),
        axis(
            "nat",
            vec![
                ("nat", Nat::Gateway),
                ("nat-per-zone", Nat::GatewayPerZone),
                ("nat-instance", Nat::Instance),
                ("endpoints", Nat::Endpoints),
            ],
            |i, nat| i.choices.nat = nat,
        ),
        axis(
            "network",
            vec![("own-network", None), ("existing", Some(existing))],
            |i, network| {
                i.choices.network = network;
            },
        ),
        axis(
            "scale-by",
            vec![
                ("cpu", ScaleBy::Cpu { percent: 60 }),
                ("requests", ScaleBy::Requests { per_minute: 600 }),
            ],
            |i, by| i.choices.scale_by = by,
        ),
    ]
}

/// The axes of what can be added around the servers.
fn options() -> Vec<Axis> {
    let domain = |name: &str, www, dns| {
        Some(Domain {
            name: name.to_owned(),
            www,
            dns,
        })
    };
    let zone = Dns::Route53 {
        zone_id: "Z0123456789ABCDEFGHIJ".to_owned(),
    };
    vec![
        axis("environment", vec![("only", None), ("dev", Some("dev"))], |i, name| {
            i.choices.environment = name.map(str::to_owned);
        }),
        axis(
            "domain",
            vec![
                ("no-domain", None),
                ("route53", domain("example.com", true, zone)),
                ("own-dns", domain("app.example.com", false, Dns::Outside)),
            ],
            |i, domain| i.choices.domain = domain,
        ),
        axis("firewall", vec![("open", None), ("firewall", Some(2000))], |i, limit| {
            i.choices.web_firewall = limit.map(|requests_per_five_minutes| WebFirewall {
                requests_per_five_minutes,
            });
        }),
        axis("logs", vec![("30-days", 30), ("year", 365)], |i, days| {
            i.choices.log_days = days;
        }),
        axis("key", vec![("aws-key", false), ("own-key", true)], |i, own| {
            i.choices.own_key = own;
        }),
        axis(
            "alarms",
            vec![("quiet", None), ("alarms", Some("ops@example.com"))],
            |i, address| {
                i.choices.alarm_address = address.map(str::to_owned);
            },
        ),
        axis("insights", vec![("plain", false), ("insights", true)], |i, on| {
            i.choices.container_insights = on;
        }),
        axis(
            "rollout",
            vec![
                ("rolling", Rollout::default()),
                ("blue-green", Rollout::BlueGreen { bake_minutes: 15 }),
            ],
            |i, rollout| i.choices.rollout = rollout,
        ),
        axis(
            "release",
            vec![
                ("what-matters", ReleaseOn::WhatMatters),
                ("every-commit", ReleaseOn::EveryCommit),
            ],
            |i, on| i.choices.release_on = on,
        ),
        axis("tags", vec![("untagged", false), ("tagged", true)], |i, tagged| {
            if tagged {
                i.choices.tags.insert("cost-center".to_owned(), "4711".to_owned());
            }
        }),
        axis("boundary", vec![("unbounded", false), ("bounded", true)], |i, bounded| {
            i.choices.permissions_boundary = bounded.then(|| "arn:aws:iam::111122223333:policy/boundary".to_owned());
        }),
    ]
}

/// Choice sets in which every pair of settings of two axes, the project among them, meets; filled up to `least`.
///
/// The same every time. A set is named by its settings.
pub fn pairwise(projects: &[(String, Findings)], least: usize) -> Vec<(String, Inputs)> {
    let axes = axes();
    let mut sizes = vec![projects.len()];
    sizes.extend(axes.iter().map(|a| a.settings.len()));
    let rows = covering(&sizes, least);
    let sets = rows.iter().map(|row| {
        let (project, findings) = &projects[row[0]];
        let mut inputs = Inputs::new(findings.clone(), None);
        "acme/shop".clone_into(inputs.choices.repository.get_or_insert_default());
        let mut name = vec![project.clone()];
        for (axis, index) in axes.iter().zip(&row[1..]) {
            let setting = &axis.settings[*index];
            (setting.apply)(&mut inputs);
            name.push(setting.name.clone());
        }
        settle(&mut inputs.choices);
        (name.join("."), inputs)
    });
    sets.collect()
}

/// The one pair that a plan refuses: a blue/green release has two target groups, and a number of servers can follow only one.
fn settle(choices: &mut Choices) {
    if matches!(choices.rollout, Rollout::BlueGreen { .. }) {
        choices.scale_by = ScaleBy::default();
    }
}

type Pair = (usize, usize, usize, usize);

/// Rows of indexes, one for each axis, in which every pair of indexes meets. Greedy: each row starts from a pair that is still
/// missing and takes, axis by axis, what adds most.
fn covering(sizes: &[usize], least: usize) -> Vec<Vec<usize>> {
    let mut missing: BTreeSet<Pair> = BTreeSet::new();
    for a in 0..sizes.len() {
        for b in a + 1..sizes.len() {
            missing.extend((0..sizes[a]).flat_map(|x| (0..sizes[b]).map(move |y| (a, x, b, y))));
        }
    }
    let mut rows: Vec<Vec<usize>> = Vec::new();
    // Enough for any filling; small axes have fewer different rows than asked for.
    for turn in 0..10_000 {
        if missing.is_empty() && rows.len() >= least {
            break;
        }
        let mut row: Vec<Option<usize>> = vec![None; sizes.len()];
        if let Some(&(a, x, b, y)) = missing.first() {
            (row[a], row[b]) = (Some(x), Some(y));
        }
        for axis in 0..sizes.len() {
            if row[axis].is_some() {
                continue;
            }
            let gain = |value: usize| {
                let chosen = row.iter().enumerate().filter_map(|(other, v)| v.map(|v| (other, v)));
                chosen
                    .filter(|&(other, v)| {
                        let pair = if other < axis {
                            (other, v, axis, value)
                        } else {
                            (axis, value, other, v)
                        };
                        missing.contains(&pair)
                    })
                    .count()
            };
            // Among equals another one each time, so that the filling is not all the same.
            let best = (0..sizes[axis]).max_by_key(|&value| (gain(value), (value + turn * (axis + 1) + turn / 12) % sizes[axis]));
            row[axis] = best;
        }
        let row: Vec<usize> = row.into_iter().map(Option::unwrap_or_default).collect();
        missing.retain(|&(a, x, b, y)| row[a] != x || row[b] != y);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

#[test]
fn every_pair_of_settings_meets() {
    let sizes = [2, 3, 4, 2, 3];
    let rows = covering(&sizes, 20);
    assert_eq!(rows.len(), 20);
    for a in 0..sizes.len() {
        for b in a + 1..sizes.len() {
            for x in 0..sizes[a] {
                for y in 0..sizes[b] {
                    assert!(rows.iter().any(|r| r[a] == x && r[b] == y), "{a}={x} never meets {b}={y}");
                }
            }
        }
    }
}
