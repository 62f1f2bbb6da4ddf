//! Unit prices that AWS itself told, in place of those of the bundled table: what to ask its price list, and how to read an answer.
//! Asking is not done here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use super::Charge;
use crate::application::Application;
use crate::error::PlanError;
use crate::plan::Inputs;

/// Unit prices of a region as AWS's price list had them. Given to a plan, they take the place of the bundled ones of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FreshPrices {
    /// Region they are of; they count for no other.
    pub region: String,
    /// By the name that a [`PriceQuestion`] gives them.
    pub units: BTreeMap<String, FreshUnit>,
}

/// A unit price with its day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FreshUnit {
    /// US dollars, on demand, without tax.
    pub usd: f64,
    /// Day it was asked, `YYYY-MM-DD`, UTC.
    pub date: String,
}

/// One question to the price list: all products of a service that these attributes have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceQuestion {
    /// Code of the service, such as `AmazonECS`.
    pub service: &'static str,
    /// Attributes and the values they must have.
    pub attributes: Vec<(&'static str, String)>,
    units: Vec<Wanted>,
}

/// One unit price among the products of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    /// Usage type without the abbreviation of the region that stands before it outside Virginia.
    usage: String,
    /// How many of the list's units one unit of the table is.
    times: u32,
}

fn wanted(name: impl Into<String>, usage: impl Into<String>) -> Wanted {
    Wanted {
        name: name.into(),
        usage: usage.into(),
        times: 1,
    }
}

impl PriceQuestion {
    /// Names of the unit prices that an answer should have.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(|u| u.name.as_str())
    }

    /// Reads the products of an answer, each the JSON text that `GetProducts` gives. What is missing or ambiguous is left out, so
    /// that the bundled price stays.
    pub fn read(&self, products: &[String]) -> BTreeMap<String, f64> {
        let products: Vec<Value> = products.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        self.units
            .iter()
            .filter_map(|unit| Some((unit.name.clone(), price_of(&products, &unit.usage)? * f64::from(unit.times))))
            .collect()
    }
}

/// Price of the products with this usage type. Other things end in the same words (`TS-LoadBalancerUsage`), so the shortest name
/// counts; if products of that name have different prices, none does.
fn price_of(products: &[Value], usage: &str) -> Option<f64> {
    let fitting: Vec<(&str, f64)> = products
        .iter()
        .filter_map(|product| {
            let name = product.pointer("/product/attributes/usagetype")?.as_str()?;
            let region = name.strip_suffix(usage)?;
            let is_region = region.is_empty() || region.strip_suffix('-').is_some_and(|r| !r.is_empty() && !r.contains('-'));
            Some((name, on_demand(product)?)).filter(|_| is_region)
        })
        .collect();
    let shortest = fitting.iter().map(|(name, _)| name.len()).min()?;
    let mut prices = fitting.iter().filter(|(name, _)| name.len() == shortest).map(|(_, usd)| *usd);
    let first = prices.next()?;
    prices.all(|usd| (usd - first).abs() < f64::EPSILON).then_some(first)
}

/// What the first unit costs that is not free, on demand.
fn on_demand(product: &Value) -> Option<f64> {
    let terms = product.pointer("/terms/OnDemand")?.as_object()?;
    let mut steps: Vec<(f64, f64)> = terms
        .values()
        .filter_map(|term| term.get("priceDimensions")?.as_object())
        .flat_map(|dimensions| dimensions.values())
        .filter_map(|step| {
            let number = |value: &Value| value.as_str()?.parse::<f64>().ok().filter(|n| n.is_finite());
            let begin = step.get("beginRange").and_then(number).unwrap_or(0.0);
            Some((begin, number(step.pointer("/pricePerUnit/USD")?)?))
        })
        .filter(|(_, usd)| *usd > 0.0)
        .collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    steps.first().map(|(_, usd)| *usd)
}

/// Classes of the database that can be chosen: all are asked at once, so that choosing another one needs no question.
const CLASSES: [&str; 6] = [
    "db.t4g.micro",
    "db.t4g.small",
    "db.t4g.medium",
    "db.t4g.large",
    "db.m7g.large",
    "db.m7g.xlarge",
];

/// Name of the price of an hour of a database.
pub(super) fn database_unit(engine: &str, class: &str) -> String {
    format!("database {engine} {class}")
}

/// What to ask AWS's price list for the prices of exactly this plan. Aurora, web firewall, builds, pipeline and what is priced by
/// demand are not among it: their bundled prices stay.
///
/// # Errors
/// [`PlanError`] if the inputs cannot be planned.
pub fn price_questions(inputs: &Inputs) -> Result<Vec<PriceQuestion>, PlanError> {
    let app = Application::new(inputs)?;
    let templates = crate::stacks::all(&app);
    let mut questions: Vec<PriceQuestion> = Vec::new();
    for charge in templates
        .iter()
        .flat_map(crate::model::Template::resources)
        .flat_map(|r| &r.charges)
    {
        for question in questions_of(&app, *charge) {
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    Ok(questions)
}

fn questions_of(app: &Application, charge: Charge) -> Vec<PriceQuestion> {
    let ask = |service: &'static str, attributes: &[(&'static str, &str)], units: Vec<Wanted>| PriceQuestion {
        service,
        attributes: std::iter::once(("regionCode", app.choices.region.clone()))
            .chain(attributes.iter().map(|(name, value)| (*name, (*value).to_owned())))
            .collect(),
        units,
    };
    let machine = |kind: &str, name: &str| {
        let shared = [
            ("instanceType", kind),
            ("operatingSystem", "Linux"),
            ("tenancy", "Shared"),
            ("preInstalledSw", "NA"),
            ("capacitystatus", "Used"),
        ];
        ask("AmazonEC2", &shared, vec![wanted(name, format!("BoxUsage:{kind}"))])
    };
    let machines = || {
        vec![
            machine("t4g.small", "small_arm_hour"),
            machine("t3.small", "small_x86_hour"),
            ask(
                "AmazonEC2",
                &[("volumeApiName", "gp3"), ("productFamily", "Storage")],
                vec![wanted("disk_gb", "EBS:VolumeUsage.gp3")],
            ),
        ]
    };
    match charge {
        Charge::Fargate => vec![ask(
            "AmazonECS",
            &[],
            vec![
                wanted("fargate_x86_vcpu", "Fargate-vCPU-Hours:perCPU"),
                wanted("fargate_x86_gb", "Fargate-GB-Hours"),
                wanted("fargate_arm_vcpu", "Fargate-ARM-vCPU-Hours:perCPU"),
                wanted("fargate_arm_gb", "Fargate-ARM-GB-Hours"),
            ],
        )],
        Charge::Machines | Charge::NatInstance => machines(),
        Charge::LoadBalancer => vec![ask(
            "AWSELB",
            &[("productFamily", "Load Balancer-Application")],
            vec![
                wanted("balancer_hour", "LoadBalancerUsage"),
                wanted("balancer_unit", "LCUUsage"),
            ],
        )],
        Charge::NatGateway => vec![ask(
            "AmazonEC2",
            &[("productFamily", "NAT Gateway")],
            vec![wanted("nat_hour", "NatGateway-Hours"), wanted("nat_gb", "NatGateway-Bytes")],
        )],
        Charge::PublicAddresses { .. } => vec![ask("AmazonVPC", &[], vec![wanted("address_hour", "PublicIPv4:InUseAddress")])],
        Charge::Endpoint => vec![ask(
            "AmazonVPC",
            &[("productFamily", "VpcEndpoint")],
            vec![wanted("endpoint_hour", "VpcEndpoint-Hours")],
        )],
        Charge::Database => app.engine().map_or_else(Vec::new, |engine| {
            let mut questions: Vec<PriceQuestion> = CLASSES
                .iter()
                .map(|class| {
                    let attributes = [
                        ("instanceType", *class),
                        ("databaseEngine", engine.label),
                        ("deploymentOption", "Single-AZ"),
                    ];
                    let unit = wanted(database_unit(engine.name, class), format!("InstanceUsage:{class}"));
                    ask("AmazonRDS", &attributes, vec![unit])
                })
                .collect();
            let storage = [
                ("productFamily", "Database Storage"),
                ("databaseEngine", engine.label),
                ("deploymentOption", "Single-AZ"),
            ];
            questions.push(ask("AmazonRDS", &storage, vec![wanted("database_gb", "RDS:GP3-Storage")]));
            questions
        }),
        Charge::Secret => vec![ask(
            "AWSSecretsManager",
            &[],
            vec![wanted("secret", "AWSSecretsManager-Secrets")],
        )],
        Charge::Logs => vec![ask(
            "AmazonCloudWatch",
            &[("productFamily", "Data Payload")],
            vec![wanted("logs_gb", "DataProcessing-Bytes")],
        )],
        Charge::Storage | Charge::Artifacts => vec![ask(
            "AmazonS3",
            &[("productFamily", "Storage"), ("volumeType", "Standard")],
            vec![wanted("storage_gb", "TimedStorage-ByteHrs")],
        )],
        Charge::Images => vec![ask("AmazonECR", &[], vec![wanted("images_gb", "TimedStorage-ByteHrs")])],
        Charge::Alarm => vec![ask(
            "AmazonCloudWatch",
            &[("productFamily", "Alarm")],
            vec![wanted("alarm", "CW:AlarmMonitorUsage")],
        )],
        Charge::Insights => vec![ask(
            "AmazonCloudWatch",
            &[("productFamily", "Metric")],
            vec![wanted("metric", "CW:MetricMonitorUsage")],
        )],
        Charge::Key => vec![ask(
            "awskms",
            &[],
            vec![
                wanted("key", "KMS-Keys"),
                Wanted {
                    times: 10_000,
                    ..wanted("key_requests", "KMS-Requests")
                },
            ],
        )],
        Charge::AuroraCapacity | Charge::AuroraStorage | Charge::Builds | Charge::Pipeline | Charge::WebFirewall { .. } => {
            Vec::new()
        }
    }
}
