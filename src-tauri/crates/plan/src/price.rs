//! What a plan costs a month: line items computed from what the resources of the model say they cost.

mod amounts;
pub(crate) mod fresh;
mod table;

use crate::application::Application;
use crate::choices::{CpuArchitecture, Launch, Nat};
use crate::model::Template;
use crate::plan::{Price, PriceLine, PricedTraffic};
use amounts::{average_capacity, machines, way_out};
use fresh::FreshPrices;
use table::{DATE, Prices, Unit};

/// Hours of a month in AWS's own examples: 8,760 hours of a year by twelve.
const HOURS: f64 = 730.0;
/// Storage in GB of a machine, and of the NAT instance.
const NAT_STORAGE: f64 = 8.0;
const MACHINE_STORAGE: f64 = 30.0;
/// GB in a cluster of Aurora, and reads and writes of its storage for each request of a visitor.
const AURORA_GB: f64 = 10.0;
const AURORA_READS_AND_WRITES: f64 = 2.0;
const IMAGE_GB: f64 = 3.0;
const UI_GB: f64 = 0.1;
const ARTIFACT_GB: f64 = 0.4;
const RELEASES: f64 = 20.0;
const BUILD_MINUTES: f64 = 7.0;
const ACTION_MINUTES: f64 = 12.0;
/// Minutes of pipeline actions that every account has free each month.
const FREE_ACTION_MINUTES: f64 = 100.0;
/// Requests to the key in a month: every start of a server, build and upload; most reading is covered by bucket keys and caches.
const KEY_REQUESTS: f64 = 10_000.0;
/// Metrics that container insights keep for one cluster with one service and one task definition.
const INSIGHT_METRICS: f64 = 29.0;

/// What a total assumes about the traffic of a month.
struct Traffic {
    /// GB that servers send or fetch through the way out.
    nat_gb: f64,
    /// Capacity units of the load balancer, on average.
    capacity_units: f64,
    /// GB of logs.
    log_gb: f64,
    /// Requests of visitors, in millions; the web firewall looks at each.
    million_requests: f64,
    /// Capacity units that Aurora needs at least, on average, while it is awake.
    capacity: f64,
    /// In words, the beginning of a list.
    words: &'static str,
}

/// Hardly anyone comes.
const IDLE: Traffic = Traffic {
    nat_gb: 10.0,
    capacity_units: 0.1,
    log_gb: 2.0,
    million_requests: 1.0,
    capacity: 0.5,
    words: "little traffic",
};

/// What CloudFront still delivers for nothing: 10 million requests and 1 TB a month. A capacity unit is 1 GB an hour, so that the
/// 300 GB which the servers answer of it need 0.4 on average; a little more for peaks.
const BUSY: Traffic = Traffic {
    nat_gb: 50.0,
    capacity_units: 0.5,
    log_gb: 10.0,
    million_requests: 10.0,
    capacity: 1.0,
    words: "10 million requests of visitors, 300 GB of answers from the servers",
};

/// What a resource costs. Everything that is not here is free, or so little that it disappears in the rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    Fargate,
    Machines,
    LoadBalancer,
    /// Public IPv4 addresses, shown in the line of what they belong to.
    PublicAddresses {
        line: &'static str,
        count: u32,
    },
    NatGateway,
    NatInstance,
    /// Interface endpoint in two zones.
    Endpoint,
    Database,
    /// An instance of Aurora Serverless v2.
    AuroraCapacity,
    /// What a cluster of Aurora holds, reads and writes.
    AuroraStorage,
    Secret,
    Logs,
    Storage,
    Artifacts,
    Images,
    Alarm,
    Builds,
    Pipeline,
    /// An encryption key of the application's own.
    Key,
    /// A web firewall with this many rules; a group of AWS counts as one.
    WebFirewall {
        rules: u32,
    },
    /// Detailed metrics of the servers.
    Insights,
}

/// A term of a formula: how many, of what, at which price.
struct Term {
    quantity: f64,
    what: String,
    unit: Unit,
}

/// A line that is being added up.
struct Line {
    id: &'static str,
    label: String,
    terms: Vec<Term>,
}

/// A number without superfluous zeros.
pub(crate) fn amount(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn term(quantity: f64, what: impl Into<String>, unit: Unit) -> Term {
    Term {
        quantity,
        what: what.into(),
        unit,
    }
}

/// Adds up what the resources of these templates say they cost; prices that AWS told for the region take the place of bundled ones.
pub(crate) fn price(app: &Application, templates: &[Template], fresh: Option<&FreshPrices>) -> Price {
    let fresh = fresh.filter(|f| f.region == app.choices.region);
    let mut prices = table::of_region(&app.choices.region);
    if let Some(fresh) = fresh {
        prices.refresh(fresh);
    }
    let idle = lines(app, templates, &prices, fresh, &IDLE);
    let busy = lines(app, templates, &prices, fresh, &BUSY);
    let confirmed = prices.known && idle.iter().flat_map(|l| &l.terms).all(|t| t.unit.confirmed);
    let (lines, total) = written(idle);
    let (busy_lines, busy_total) = written(busy);
    Price {
        region: app.choices.region.clone(),
        lines,
        total,
        assumptions: assumptions(app, &IDLE),
        traffic: Some(PricedTraffic {
            lines: busy_lines,
            total: busy_total,
            assumptions: assumptions(app, &BUSY),
        }),
        date: DATE.to_owned(),
        confirmed,
    }
}

/// The lines of a bill, always in the same order, the largest things of a usual bill first.
fn lines(
    app: &Application,
    templates: &[Template],
    prices: &Prices,
    fresh: Option<&FreshPrices>,
    traffic: &Traffic,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for charge in templates.iter().flat_map(Template::resources).flat_map(|r| &r.charges) {
        let (id, label) = line_of(app, *charge, traffic);
        let terms = terms_of(app, *charge, prices, fresh, traffic);
        match lines.iter_mut().find(|l| l.id == id) {
            Some(line) => line.terms.extend(terms),
            None => lines.push(Line { id, label, terms }),
        }
    }
    let order = [
        "servers",
        "load-balancer",
        "alb-addresses",
        "nat",
        "database",
        "secrets",
        "web-firewall",
        "insights",
        "key",
        "operations",
    ];
    lines.sort_by_key(|l| order.iter().position(|id| *id == l.id).unwrap_or(order.len()));
    lines
}

/// The lines with their sum.
fn written(lines: Vec<Line>) -> (Vec<PriceLine>, f64) {
    let lines: Vec<PriceLine> = lines.into_iter().map(write_line).collect();
    let total = cents(lines.iter().map(|l| l.monthly).sum());
    (lines, total)
}

fn assumptions(app: &Application, traffic: &Traffic) -> String {
    let servers = app.choices.servers.min;
    let Traffic {
        nat_gb, log_gb, words, ..
    } = traffic;
    let out = match app.nat() {
        Some(Nat::Gateway | Nat::GatewayPerZone) => format!("{nat_gb} GB out through the NAT gateway, "),
        Some(Nat::Instance) => format!("{nat_gb} GB out through the NAT instance, "),
        Some(Nat::Endpoints) => String::new(),
        None => "without what your network costs, ".to_owned(),
    };
    let database = app.aurora().map_or_else(String::new, |aurora| {
        format!(
            "Aurora at {} capacity units on average with {AURORA_GB} GB, ",
            amount(average_capacity(app, aurora, traffic))
        )
    });
    format!(
        "{} running all month ({HOURS} h), {words} ({out}{database}{log_gb} GB of logs, \
         within CloudFront's free 1 TB), {RELEASES} releases; US dollars without tax.",
        if servers == 1 {
            "1 server".to_owned()
        } else {
            format!("{servers} servers")
        }
    )
}

fn write_line(line: Line) -> PriceLine {
    let mut merged: Vec<Term> = Vec::new();
    for next in line.terms.into_iter().filter(|t| t.quantity > 0.0) {
        match merged.iter_mut().find(|t| t.what == next.what && t.unit == next.unit) {
            Some(term) => term.quantity += next.quantity,
            None => merged.push(next),
        }
    }
    let monthly = cents(merged.iter().map(|t| t.quantity * t.unit.usd).sum());
    let formula: Vec<String> = merged
        .iter()
        .map(|t| format!("{} {} × {} USD", amount(t.quantity), t.what, amount(t.unit.usd)))
        .collect();
    if merged.is_empty() {
        let (formula, source) = ("nothing runs".to_owned(), "the choices".to_owned());
        return PriceLine {
            id: line.id.to_owned(),
            label: line.label,
            monthly,
            formula,
            source,
            bundled: None,
            fresh: None,
        };
    }
    let mut sources: Vec<&str> = merged.iter().map(|t| t.unit.source).collect();
    sources.sort_unstable();
    sources.dedup();
    PriceLine {
        id: line.id.to_owned(),
        label: line.label,
        monthly,
        formula: formula.join(" + "),
        source: sources.join("; "),
        bundled: merged.iter().any(|t| t.unit.asked.is_none()).then(|| DATE.to_owned()),
        // The oldest of them: nothing looks fresher than it is.
        fresh: merged.iter().filter_map(|t| t.unit.asked).min().map(day),
    }
}

/// `20261128` as `2026-11-28`.
fn day(number: u32) -> String {
    format!("{:04}-{:02}-{:02}", number / 10_000, number / 100 % 100, number % 100)
}

fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

fn line_of(app: &Application, charge: Charge, traffic: &Traffic) -> (&'static str, String) {
    let servers = app.choices.servers;
    let size = format!(
        "{} vCPU, {} GB",
        amount(f64::from(servers.cpu_units) / 1024.0),
        amount(f64::from(servers.memory_mib) / 1024.0)
    );
    match charge {
        Charge::Fargate => (
            "servers",
            format!(
                "Servers: {} × {size} on {}",
                servers.min,
                if app.choices.launch == Launch::FargateSpot {
                    "Fargate Spot"
                } else {
                    "Fargate"
                }
            ),
        ),
        Charge::Machines => (
            "servers",
            format!(
                "Servers: {} on {} × {}",
                servers.min,
                machines(app),
                app.instance().name(app.choices.cpu)
            ),
        ),
        Charge::LoadBalancer => ("load-balancer", "Load balancer".to_owned()),
        Charge::PublicAddresses {
            line: "alb-addresses",
            count,
        } => ("alb-addresses", format!("{count} public addresses of the load balancer")),
        Charge::PublicAddresses { line, .. } => (line, way_out(app)),
        Charge::NatGateway | Charge::NatInstance | Charge::Endpoint => ("nat", way_out(app)),
        Charge::Database => {
            let label = app.engine().map_or("Database", |e| e.label);
            (
                "database",
                format!(
                    "{label}: {}, {} GB{}",
                    app.choices.database_options.class.name(),
                    app.choices.database_options.storage_gb,
                    if app.choices.database_options.multi_az {
                        ", with a standby"
                    } else {
                        ""
                    }
                ),
            )
        }
        Charge::AuroraCapacity | Charge::AuroraStorage => {
            let label = app.engine().map_or("Aurora", |e| e.label);
            let capacity = app.aurora().map_or(0.0, |aurora| average_capacity(app, aurora, traffic));
            (
                "database",
                format!(
                    "{label}: {} capacity units on average{}",
                    amount(capacity),
                    if app.choices.database_options.multi_az {
                        ", with a standby"
                    } else {
                        ""
                    }
                ),
            )
        }
        Charge::Secret => ("secrets", "Secrets in Secrets Manager".to_owned()),
        Charge::Key => ("key", "Encryption key of its own".to_owned()),
        Charge::WebFirewall { rules } => (
            "web-firewall",
            format!(
                "Web firewall with {rules} rules, {} million requests",
                amount(traffic.million_requests)
            ),
        ),
        Charge::Insights => ("insights", "Detailed metrics of the servers".to_owned()),
        Charge::Logs
        | Charge::Storage
        | Charge::Artifacts
        | Charge::Images
        | Charge::Alarm
        | Charge::Builds
        | Charge::Pipeline => ("operations", "Logs, storage, images, alarm, builds and pipeline".to_owned()),
    }
}

fn terms_of(app: &Application, charge: Charge, prices: &Prices, fresh: Option<&FreshPrices>, traffic: &Traffic) -> Vec<Term> {
    let servers = app.choices.servers;
    match charge {
        Charge::Fargate => {
            let (processor, memory) = match app.choices.cpu {
                CpuArchitecture::Arm64 => (prices.fargate_arm_vcpu, prices.fargate_arm_gb),
                CpuArchitecture::X86_64 => (prices.fargate_x86_vcpu, prices.fargate_x86_gb),
            };
            let ordinary = match app.choices.launch {
                Launch::FargateSpot => servers.min.min(app.choices.spot_base),
                Launch::Fargate | Launch::Ec2 => servers.min,
            };
            let (ordinary, spot) = (f64::from(ordinary), f64::from(servers.min - ordinary));
            let (vcpus, gb) = (
                f64::from(servers.cpu_units) / 1024.0 * HOURS,
                f64::from(servers.memory_mib) / 1024.0 * HOURS,
            );
            vec![
                term(ordinary * vcpus, "vCPU-hours", processor),
                term(ordinary * gb, "GB-hours", memory),
                term(spot * vcpus, "vCPU-hours of Spot", table::spot(processor)),
                term(spot * gb, "GB-hours of Spot", table::spot(memory)),
            ]
        }
        Charge::Machines => {
            let number = f64::from(machines(app));
            let kind = app.instance().name(app.choices.cpu);
            vec![
                term(number * HOURS, format!("h {kind}"), prices.machine(kind)),
                term(number * MACHINE_STORAGE, "GB disk", prices.disk_gb),
            ]
        }
        Charge::LoadBalancer => {
            vec![
                term(HOURS, "h", prices.balancer_hour),
                term(traffic.capacity_units * HOURS, "capacity unit hours", prices.balancer_unit),
            ]
        }
        Charge::PublicAddresses { count, .. } => vec![term(f64::from(count) * HOURS, "address-hours", prices.address_hour)],
        Charge::NatGateway => {
            let gateways = if app.choices.nat == Nat::GatewayPerZone { 2.0 } else { 1.0 };
            vec![
                term(HOURS, "h", prices.nat_hour),
                term(traffic.nat_gb / gateways, "GB", prices.nat_gb),
            ]
        }
        Charge::NatInstance => {
            let kind = crate::stacks::NAT_INSTANCE;
            vec![
                term(HOURS, format!("h {kind}"), prices.machine(kind)),
                term(NAT_STORAGE, "GB disk", prices.disk_gb),
            ]
        }
        Charge::Endpoint => vec![term(2.0 * HOURS, "endpoint-hours", prices.endpoint_hour)],
        Charge::Database => {
            let options = app.choices.database_options;
            let copies = if options.multi_az { 2.0 } else { 1.0 };
            let class = options.class.name();
            let told = app
                .engine()
                .and_then(|engine| table::told(fresh?.units.get(&fresh::database_unit(engine.name, class))?));
            vec![
                term(
                    copies * HOURS,
                    format!("h {class}"),
                    told.unwrap_or_else(|| prices.database(class)),
                ),
                term(copies * f64::from(options.storage_gb), "GB", prices.database_gb),
            ]
        }
        Charge::AuroraCapacity => {
            let capacity = app.aurora().map_or(0.0, |aurora| average_capacity(app, aurora, traffic));
            vec![term(capacity * HOURS, "capacity unit hours", prices.aurora_hour)]
        }
        Charge::AuroraStorage => vec![
            term(AURORA_GB, "GB", prices.aurora_gb),
            term(
                AURORA_READS_AND_WRITES * traffic.million_requests,
                "million reads and writes",
                prices.aurora_requests,
            ),
        ],
        Charge::Secret => vec![term(1.0, "secrets", prices.secret)],
        Charge::Logs => vec![term(traffic.log_gb, "GB of logs", prices.logs_gb)],
        Charge::Storage => vec![term(UI_GB, "GB in S3", prices.storage_gb)],
        Charge::Artifacts => vec![term(ARTIFACT_GB, "GB in S3", prices.storage_gb)],
        Charge::Images => vec![term(IMAGE_GB, "GB of images", prices.images_gb)],
        Charge::Alarm => vec![term(1.0, "alarm", prices.alarm)],
        Charge::Key => vec![
            term(1.0, "key", prices.key),
            term(KEY_REQUESTS / 10_000.0, "× 10,000 requests", prices.key_requests),
        ],
        Charge::WebFirewall { rules } => vec![
            term(1.0, "web firewall", prices.web_firewall),
            term(f64::from(rules), "rules", prices.web_rule),
            term(traffic.million_requests, "million requests", prices.web_requests),
        ],
        Charge::Insights => vec![term(INSIGHT_METRICS, "metrics", prices.metric)],
        Charge::Builds => {
            let minute = match app.choices.cpu {
                CpuArchitecture::Arm64 => prices.build_arm_minute,
                CpuArchitecture::X86_64 => prices.build_x86_minute,
            };
            vec![term(RELEASES * BUILD_MINUTES, "build minutes", minute)]
        }
        Charge::Pipeline => {
            vec![term(
                (RELEASES * ACTION_MINUTES - FREE_ACTION_MINUTES).max(0.0),
                "pipeline minutes",
                prices.action_minute,
            )]
        }
    }
}
