//! Unit prices by region, in US dollars, on demand, without tax.
//!
//! A price is *confirmed* if it was read in a price list or a bill of the stated month for this very region, or in a table that AWS
//! itself publishes for it. The others are what AWS's price pages are known to say or what a secondary site says, which is named
//! then; they are marked, and a plan that uses one says so.

use super::fresh::{FreshPrices, FreshUnit};

/// Day of this table.
pub(super) const DATE: &str = "2026-11-23";

/// A unit price with its origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) usd: f64,
    pub(super) source: &'static str,
    pub(super) confirmed: bool,
    /// Day on which AWS's price list told it, written as the number `YYYYMMDD`; nothing for a price of this table.
    pub(super) asked: Option<u32>,
}

/// Every unit price of a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prices {
    /// Whether the region is in the table; otherwise the prices are those of a neighbor.
    pub(super) known: bool,
    pub(super) fargate_x86_vcpu: Unit,
    pub(super) fargate_x86_gb: Unit,
    pub(super) fargate_arm_vcpu: Unit,
    pub(super) fargate_arm_gb: Unit,
    /// Hour of a `t4g.small`; larger ones cost twice as much for each step.
    small_arm_hour: Unit,
    /// Hour of a `t3.small`.
    small_x86_hour: Unit,
    pub(super) disk_gb: Unit,
    pub(super) balancer_hour: Unit,
    pub(super) balancer_unit: Unit,
    pub(super) nat_hour: Unit,
    pub(super) nat_gb: Unit,
    pub(super) address_hour: Unit,
    database_hour: Unit,
    /// Hour of an interface endpoint in one zone.
    pub(super) endpoint_hour: Unit,
    pub(super) database_gb: Unit,
    /// Hour of a capacity unit of Aurora Serverless v2.
    pub(super) aurora_hour: Unit,
    pub(super) aurora_gb: Unit,
    /// A million reads and writes of Aurora's storage.
    pub(super) aurora_requests: Unit,
    pub(super) secret: Unit,
    pub(super) logs_gb: Unit,
    pub(super) storage_gb: Unit,
    pub(super) images_gb: Unit,
    pub(super) alarm: Unit,
    pub(super) build_x86_minute: Unit,
    pub(super) build_arm_minute: Unit,
    pub(super) action_minute: Unit,
    pub(super) key: Unit,
    /// 10,000 requests to a key.
    pub(super) key_requests: Unit,
    pub(super) web_firewall: Unit,
    pub(super) web_rule: Unit,
    /// A million requests.
    pub(super) web_requests: Unit,
    /// A metric of one's own for a month.
    pub(super) metric: Unit,
}

const PAGE: &str = "AWS price page, not confirmed against a price list";
const FARGATE: &str = "price list AmazonECS of 2026-07-07";
const BALANCER: &str = "price list AWSELB of 2026-07-20";
const EC2_LIST: &str = "price list AmazonEC2 of 2026-09-25";
const BILL: &str = "bill of eu-west-1, July 2026";
const RDS: &str = "price list AmazonRDS of 2026-07-29";
const RDS_STORAGE: &str = "price list AmazonRDS of 2026-05-31";
const S3: &str = "price list AmazonS3 of 2026-07-28";
const WAF: &str = "price list awswaf of 2026-01-07";
/// Of Aurora Standard, not I/O-Optimized: `acu_calculator.py` and `io-optimized-pricing-tables.md` in the repository
/// `aws/agent-toolkit-for-aws`, figures of 2026-03-28.
const AURORA: &str = "AWS agent toolkit, table of 2026-03-28";
const AUDIT: &str = "Pricing API, May 2026";

const fn read(usd: f64, source: &'static str) -> Unit {
    Unit {
        usd,
        source,
        confirmed: true,
        asked: None,
    }
}

/// Read at a site that is not AWS's.
const fn secondary(usd: f64, source: &'static str) -> Unit {
    Unit {
        usd,
        source,
        confirmed: false,
        asked: None,
    }
}

const fn known(usd: f64) -> Unit {
    Unit {
        usd,
        source: PAGE,
        confirmed: false,
        asked: None,
    }
}

/// A price that AWS's price list told; nothing if its day is none.
pub(super) fn told(unit: &FreshUnit) -> Option<Unit> {
    let day = unit.date.replace('-', "").parse().ok().filter(|_| unit.date.len() == 10)?;
    Some(Unit {
        usd: unit.usd,
        source: "AWS Price List",
        confirmed: true,
        asked: Some(day),
    })
}

/// Price of the same on Spot: AWS sets it by demand, on average about 70 % below.
pub(super) fn spot(unit: Unit) -> Unit {
    Unit {
        usd: unit.usd * 0.3,
        source: "average discount of 70 %; AWS changes it by demand",
        confirmed: false,
        asked: None,
    }
}

impl Prices {
    /// Puts what the price list told in the place of what the table says.
    pub(super) fn refresh(&mut self, fresh: &FreshPrices) {
        for (name, unit) in &fresh.units {
            let Some(unit) = told(unit) else { continue };
            let place = match name.as_str() {
                "fargate_x86_vcpu" => &mut self.fargate_x86_vcpu,
                "fargate_x86_gb" => &mut self.fargate_x86_gb,
                "fargate_arm_vcpu" => &mut self.fargate_arm_vcpu,
                "fargate_arm_gb" => &mut self.fargate_arm_gb,
                "small_arm_hour" => &mut self.small_arm_hour,
                "small_x86_hour" => &mut self.small_x86_hour,
                "disk_gb" => &mut self.disk_gb,
                "balancer_hour" => &mut self.balancer_hour,
                "balancer_unit" => &mut self.balancer_unit,
                "nat_hour" => &mut self.nat_hour,
                "nat_gb" => &mut self.nat_gb,
                "address_hour" => &mut self.address_hour,
                "endpoint_hour" => &mut self.endpoint_hour,
                "database_gb" => &mut self.database_gb,
                "secret" => &mut self.secret,
                "logs_gb" => &mut self.logs_gb,
                "storage_gb" => &mut self.storage_gb,
                "images_gb" => &mut self.images_gb,
                "alarm" => &mut self.alarm,
                "metric" => &mut self.metric,
                "key" => &mut self.key,
                "key_requests" => &mut self.key_requests,
                // Hours of databases are looked up by engine and class.
                _ => continue,
            };
            *place = unit;
        }
    }

    /// Price of an hour of a database of this class. Only the smallest was read; RDS prices the others in fixed proportion to
    /// it in every region, as its price page shows.
    pub(super) fn database(&self, class: &str) -> Unit {
        let factor = match class {
            "db.t4g.micro" => return self.database_hour,
            "db.t4g.small" => 2.0,
            "db.t4g.medium" => 4.0625,
            "db.t4g.large" => 8.0625,
            "db.m7g.large" => 10.5,
            _ => 21.0,
        };
        Unit {
            confirmed: false,
            source: PAGE,
            usd: self.database_hour.usd * factor,
            asked: None,
        }
    }

    /// Price of an hour of a machine.
    pub(super) fn machine(&self, kind: &str) -> Unit {
        let (family, size) = kind.split_once('.').unwrap_or((kind, "small"));
        let small = if family == "t4g" {
            self.small_arm_hour
        } else {
            self.small_x86_hour
        };
        let factor = match size {
            "nano" => 0.25,
            "micro" => 0.5,
            "medium" => 2.0,
            "large" => 4.0,
            "xlarge" => 8.0,
            _ => 1.0,
        };
        Unit {
            usd: small.usd * factor,
            ..small
        }
    }
}

const US_EAST_1: Prices = Prices {
    known: true,
    fargate_x86_vcpu: read(0.04048, FARGATE),
    fargate_x86_gb: read(0.004445, FARGATE),
    fargate_arm_vcpu: read(0.03238, FARGATE),
    fargate_arm_gb: read(0.00356, FARGATE),
    small_arm_hour: known(0.0168),
    small_x86_hour: known(0.0208),
    disk_gb: known(0.08),
    balancer_hour: read(0.0225, BALANCER),
    balancer_unit: read(0.008, BALANCER),
    nat_hour: secondary(0.045, "cloudburn.io, February 2026"),
    nat_gb: secondary(0.045, "cloudburn.io, February 2026"),
    address_hour: read(0.005, BILL),
    database_hour: read(0.016, RDS),
    endpoint_hour: known(0.01),
    database_gb: read(0.115, RDS_STORAGE),
    aurora_hour: read(0.12, AURORA),
    aurora_gb: read(0.10, AURORA),
    aurora_requests: read(0.20, AURORA),
    secret: known(0.40),
    logs_gb: read(0.50, "price list AmazonCloudWatch of 2026-07-29"),
    storage_gb: read(0.023, S3),
    images_gb: read(0.10, AUDIT),
    alarm: known(0.10),
    build_x86_minute: secondary(0.005, "c3x.dev, 2026"),
    build_arm_minute: known(0.0034),
    action_minute: read(0.002, AUDIT),
    key: known(1.0),
    key_requests: known(0.03),
    web_firewall: read(5.0, WAF),
    web_rule: read(1.0, WAF),
    web_requests: read(0.60, WAF),
    metric: known(0.30),
};

const EU_WEST_1: Prices = Prices {
    small_arm_hour: read(0.0184, "Cost Explorer, 2026"),
    small_x86_hour: known(0.0228),
    disk_gb: known(0.088),
    balancer_hour: read(0.0252, BILL),
    balancer_unit: known(0.008),
    nat_hour: read(0.048, EC2_LIST),
    nat_gb: read(0.048, EC2_LIST),
    endpoint_hour: read(0.0104, "two bills of eu-west-1, 2026"),
    database_hour: read(0.017, "Cost Explorer, 2026"),
    database_gb: read(0.127, BILL),
    aurora_hour: known(0.14),
    aurora_gb: known(0.11),
    aurora_requests: known(0.22),
    logs_gb: known(0.57),
    storage_gb: known(0.023),
    ..US_EAST_1
};

/// Prices that differ most between regions, for regions whose table was not confirmed.
struct Difference {
    region: &'static str,
    fargate_vcpu: f64,
    fargate_gb: f64,
    small_arm_hour: f64,
    balancer_hour: f64,
    nat_hour: f64,
    database_hour: f64,
    database_gb: f64,
    logs_gb: f64,
    storage_gb: f64,
}

/// Region, Fargate vCPU-h and GB-h (x86), `t4g.small` h, load balancer h, NAT h, `db.t4g.micro` h, database GB, logs GB, S3 GB.
#[rustfmt::skip]
const UNCONFIRMED: [Difference; 12] = [
    difference("us-east-2",      0.04048, 0.004445, 0.0168, 0.0225,  0.045, 0.016, 0.115, 0.50,  0.023),
    difference("us-west-2",      0.04048, 0.004445, 0.0168, 0.0225,  0.045, 0.016, 0.115, 0.50,  0.023),
    difference("ca-central-1",   0.04456, 0.004865, 0.0184, 0.02475, 0.050, 0.018, 0.127, 0.55,  0.025),
    difference("sa-east-1",      0.0696,  0.0076,   0.0268, 0.034,   0.093, 0.024, 0.219, 0.90,  0.0405),
    difference("eu-central-1",   0.04656, 0.00511,  0.0192, 0.027,   0.052, 0.019, 0.137, 0.63,  0.0245),
    difference("eu-west-2",      0.04656, 0.00511,  0.0188, 0.02646, 0.050, 0.018, 0.133, 0.5985, 0.024),
    difference("eu-west-3",      0.0486,  0.0053,   0.0188, 0.02646, 0.050, 0.018, 0.133, 0.5985, 0.024),
    difference("eu-north-1",     0.0445,  0.0049,   0.0172, 0.02394, 0.046, 0.017, 0.121, 0.5445, 0.023),
    difference("ap-southeast-1", 0.05056, 0.00553,  0.0212, 0.0252,  0.059, 0.025, 0.138, 0.70,  0.025),
    difference("ap-southeast-2", 0.04856, 0.00532,  0.0212, 0.0252,  0.059, 0.025, 0.138, 0.67,  0.025),
    difference("ap-northeast-1", 0.05056, 0.00553,  0.0216, 0.0243,  0.062, 0.025, 0.138, 0.76,  0.025),
    difference("ap-south-1",     0.04256, 0.004655, 0.0112, 0.0239,  0.056, 0.017, 0.131, 0.67,  0.025),
];

#[expect(clippy::too_many_arguments, reason = "one row of the table above, in its order")]
const fn difference(
    region: &'static str,
    fargate_vcpu: f64,
    fargate_gb: f64,
    small_arm_hour: f64,
    balancer_hour: f64,
    nat_hour: f64,
    database_hour: f64,
    database_gb: f64,
    logs_gb: f64,
    storage_gb: f64,
) -> Difference {
    Difference {
        region,
        fargate_vcpu,
        fargate_gb,
        small_arm_hour,
        balancer_hour,
        nat_hour,
        database_hour,
        database_gb,
        logs_gb,
        storage_gb,
    }
}

/// Unit prices of a region. A region that the table does not know gets those of the nearest one that it does, as unconfirmed.
pub(super) fn of_region(region: &str) -> Prices {
    match region {
        "us-east-1" => US_EAST_1,
        "eu-west-1" => EU_WEST_1,
        _ => match UNCONFIRMED.iter().find(|d| d.region == region) {
            Some(difference) => unconfirmed(difference),
            None => Prices {
                known: false,
                ..neighbor(region)
            },
        },
    }
}

fn unconfirmed(d: &Difference) -> Prices {
    Prices {
        fargate_x86_vcpu: known(d.fargate_vcpu),
        fargate_x86_gb: known(d.fargate_gb),
        // Graviton is a fifth cheaper in every region.
        fargate_arm_vcpu: known(d.fargate_vcpu * 0.8),
        fargate_arm_gb: known(d.fargate_gb * 0.8),
        small_arm_hour: known(d.small_arm_hour),
        small_x86_hour: known(d.small_arm_hour * 1.24),
        disk_gb: known(0.096),
        balancer_hour: known(d.balancer_hour),
        nat_hour: known(d.nat_hour),
        nat_gb: known(d.nat_hour),
        database_hour: known(d.database_hour),
        // A little more than in Virginia, but for the dearest region.
        endpoint_hour: known(if d.region == "sa-east-1" { 0.021 } else { 0.013 }),
        database_gb: known(d.database_gb),
        // Aurora's prices differ between regions as those of instances do.
        aurora_hour: known(cents(0.12 * d.database_hour / 0.016)),
        aurora_gb: known(cents(0.10 * d.database_gb / 0.115)),
        aurora_requests: known(cents(0.20 * d.database_gb / 0.115)),
        logs_gb: known(d.logs_gb),
        storage_gb: known(d.storage_gb),
        ..US_EAST_1
    }
}

/// Prices that are derived are not more exact than a cent.
fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

/// The region of the table that is most like this one: the dearest of its continent, so that nothing looks too cheap.
fn neighbor(region: &str) -> Prices {
    let like = match region.split('-').next().unwrap_or_default() {
        "us" => "us-west-2",
        "ca" | "mx" => "ca-central-1",
        "eu" | "il" => "eu-central-1",
        "sa" => "sa-east-1",
        _ => "ap-northeast-1",
    };
    of_region(like)
}
