//! The edge stack: what CloudFront accepts from us-east-1 only, wherever the application runs: the certificate of the site
//! and the web firewall. The app deploys it before the pipeline passes the base stack on, which needs its answers.

use crate::application::Application;
use crate::choices::Dns;
use crate::model::{Output, Resource, Section, Template};
use crate::plan::{StackRole, Zone};
use crate::price::Charge;
use crate::value::{Value, get_att, map, refer};

/// The only region that CloudFront takes certificates and web firewalls from.
pub const REGION: &str = "us-east-1";

/// Seconds over which the requests of one address are counted.
const RATE_WINDOW: i64 = 300;

/// The edge stack, if anything belongs into it.
pub(super) fn template(app: &Application) -> Option<Template> {
    let mut sections = Vec::new();
    let mut outputs = Vec::new();
    if app.domain().is_some() {
        sections.push(certificate(app));
        outputs.push(Output {
            name: "CertificateArn",
            description: "Certificate of the site; issued",
            value: refer("Certificate"),
        });
    }
    if app.web_firewall().is_some() {
        sections.push(firewall(app));
        outputs.push(Output {
            name: "WebAclArn",
            description: "Web firewall of the site",
            value: get_att("WebFirewall", "Arn"),
        });
    }
    if sections.is_empty() {
        return None;
    }
    Some(Template {
        role: StackRole::Edge,
        name: crate::stacks::name(app.name(), StackRole::Edge),
        description: format!(
            "{}: what CloudFront takes from {REGION} only. Deployed by the app before the pipeline.",
            app.name()
        ),
        parameters: Vec::new(),
        sections,
        outputs,
    })
}

fn certificate(app: &Application) -> Section {
    let names = app.domain_names();
    let mut properties = vec![(
        "DomainName".to_owned(),
        Value::from(names.first().cloned().unwrap_or_default()),
    )];
    if names.len() > 1 {
        properties.push(("SubjectAlternativeNames".to_owned(), names[1..].to_vec().into()));
    }
    properties.push(("ValidationMethod".to_owned(), "DNS".into()));
    let description = match app.domain().map(|d| &d.dns) {
        Some(Dns::Route53 { zone_id }) => {
            let options: Vec<Value> = names
                .iter()
                .map(|name| map! { "DomainName": name, "HostedZoneId": zone_id.as_str() })
                .collect();
            properties.push((
                "DomainValidationOptions".to_owned(),
                Value::from(options).note("CloudFormation writes the records that prove the domain is yours."),
            ));
            "Certificate of the site; proven by records in the hosted zone"
        }
        _ => "Certificate of the site; waits until the records that it asks for are at your DNS provider",
    };
    Section {
        heading: "Certificate",
        resources: vec![
            Resource::new(
                "Certificate",
                "AWS::CertificateManager::Certificate",
                description,
                Value::Map(properties),
            )
            .zone(Zone::Edge)
            .node("domain"),
        ],
    }
}

/// AWS's rule groups: name, why, and rules that would refuse what applications do all day.
fn rule_groups(app: &Application) -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    let mut groups: Vec<(&str, &str, &'static [&str])> = vec![
        (
            "AWSManagedRulesAmazonIpReputationList",
            "Addresses that AWS has seen attacking others",
            &[],
        ),
        (
            "AWSManagedRulesCommonRuleSet",
            "What attacks on any web application look like; large bodies are counted only, because uploads have them",
            &["SizeRestrictions_BODY"],
        ),
        (
            "AWSManagedRulesKnownBadInputsRuleSet",
            "Requests that exploit known holes, such as Log4j's",
            &[],
        ),
    ];
    if app.backend.database.is_some() || app.engine().is_some() {
        groups.push(("AWSManagedRulesSQLiRuleSet", "SQL in places where none belongs", &[]));
    }
    groups
}

fn visibility(metric: &str) -> Value {
    map! { "CloudWatchMetricsEnabled": true, "MetricName": metric, "SampledRequestsEnabled": true }
}

fn firewall(app: &Application) -> Section {
    let name = app.name();
    let mut rules = Vec::new();
    for (priority, (group, why, counted)) in (0_i64..).zip(rule_groups(app)) {
        let mut statement = vec![
            ("VendorName".to_owned(), Value::from("AWS")),
            ("Name".to_owned(), group.into()),
        ];
        if !counted.is_empty() {
            let overrides: Vec<Value> = counted
                .iter()
                .map(|rule| map! { "Name": *rule, "ActionToUse": map! { "Count": Value::Map(Vec::new()) } })
                .collect();
            statement.push(("RuleActionOverrides".to_owned(), overrides.into()));
        }
        let short = group.trim_start_matches("AWSManagedRules");
        rules.push(
            map! {
                "Name": short,
                "Priority": priority,
                "Statement": map! { "ManagedRuleGroupStatement": Value::Map(statement) },
                "OverrideAction": map! { "None": Value::Map(Vec::new()) },
                "VisibilityConfig": visibility(short),
            }
            .note(why),
        );
    }
    let limit = app.web_firewall().map_or(0, |w| w.requests_per_five_minutes);
    rules.push(
        map! {
            "Name": "TooManyRequests",
            "Priority": i64::try_from(rules.len()).unwrap_or_default(),
            "Statement": map! { "RateBasedStatement": map! {
                "AggregateKeyType": "IP",
                "EvaluationWindowSec": RATE_WINDOW,
                "Limit": limit,
            } },
            "Action": map! { "Block": Value::Map(Vec::new()) },
            "VisibilityConfig": visibility("TooManyRequests"),
        }
        .note("One address may not ask more often than this in five minutes"),
    );
    let count = u32::try_from(rules.len()).unwrap_or_default();
    Section {
        heading: "Web firewall",
        resources: vec![
            Resource::new(
                "WebFirewall",
                "AWS::WAFv2::WebACL",
                "Refuses known attacks and floods before they reach the site",
                map! {
                    "Name": format!("{name}-web-firewall"),
                    "Description": format!("Refuses known attacks and floods on {name}"),
                    "Scope": "CLOUDFRONT",
                    "DefaultAction": map! { "Allow": Value::Map(Vec::new()) },
                    "Rules": rules,
                    "VisibilityConfig": visibility(&format!("{name}-web-firewall")),
                },
            )
            .zone(Zone::Edge)
            .node("firewall")
            .charge(Charge::WebFirewall { rules: count })
            .accept(
                "CKV2_AWS_31",
                "logging every request costs extra; samples are kept for three hours",
            ),
        ],
    }
}
