//! Alarms: what they watch is there, and someone hears of it.

use super::options::must_exist;
use super::{Finding, Statement, Subject, ensure, flag, is, target};
use crate::model::Resource;
use crate::plan::StackRole;
use crate::value::Value;

pub(super) const STATEMENT: Statement = (
    "alarms-reach-someone",
    "Every alarm and every failed release is reported to the address that was chosen",
    alarms_reach_someone,
);

fn alarms_reach_someone(subject: &Subject) -> Finding {
    let subscription = subject.only("AWS::SNS::Subscription")?;
    ensure(
        is(subscription.at("Protocol"), "email") && subscription.at("Endpoint").and_then(target) == Some("AlarmEmail"),
        "nobody hears of alarms",
    )?;
    let pipeline = subject.template(StackRole::Pipeline)?;
    let address = pipeline
        .parameters
        .iter()
        .find(|p| p.name == "AlarmEmail")
        .and_then(|p| p.value.as_deref());
    ensure(address == subject.app.alarm_address(), "another address hears of alarms")?;
    let mut count = 0;
    for alarm in subject.of_kind("AWS::CloudWatch::Alarm") {
        let told = alarm.at("AlarmActions.0").and_then(target) == Some("AlarmTopic");
        ensure(told, format!("{} tells nobody", alarm.id))?;
        let off = flag(alarm.at("ActionsEnabled"), false);
        ensure(!off, format!("{} is switched off", alarm.id))?;
        watches(alarm)?;
        count += 1;
    }
    let mut needed = vec!["Errors", "UnhealthyServers", "BusyServers"];
    if subject.app.engine().is_some() {
        needed.push("BusyDatabase");
    }
    for id in needed {
        must_exist(subject, id)?;
    }
    let rule = subject.only("AWS::Events::Rule")?;
    ensure(
        rule.at("EventPattern.detail.pipeline.0").and_then(Value::text) == Some(subject.app.name())
            && rule.at("Targets.0.Arn").and_then(target) == Some("AlarmTopic"),
        "failed releases are not reported",
    )?;
    let policy = subject.only("AWS::SNS::TopicPolicy")?;
    let statements = policy.must("PolicyDocument.Statement")?.items();
    for service in ["cloudwatch.amazonaws.com", "events.amazonaws.com"] {
        let may = statements
            .iter()
            .any(|s| is(s.at("Principal.Service"), service) && s.get("Condition").is_some());
        ensure(may, format!("{service} may not report"))?;
    }
    Ok(format!("{count} alarms and failed releases"))
}

/// Names under which AWS measures what alarms watch. Source: the chapter on metrics in the guide of each service.
const METRICS: [(&str, &[&str]); 3] = [
    ("AWS/ApplicationELB", &["HTTPCode_Target_5XX_Count", "UnHealthyHostCount"]),
    ("AWS/ECS", &["CPUUtilization", "MemoryUtilization"]),
    (
        "AWS/RDS",
        &[
            "ACUUtilization",
            "CPUUtilization",
            "DatabaseConnections",
            "FreeStorageSpace",
            "FreeableMemory",
        ],
    ),
];

/// An alarm about a metric or a resource that does not exist would never go off.
fn watches(alarm: &Resource) -> Result<(), String> {
    let text = |property: &str| alarm.at(property).and_then(Value::text).unwrap_or_default();
    let known = METRICS
        .iter()
        .any(|(space, names)| *space == text("Namespace") && names.contains(&text("MetricName")));
    ensure(known, format!("AWS does not measure what {} watches", alarm.id))?;
    for dimension in alarm.at("Dimensions").map(Value::items).unwrap_or_default() {
        let name = dimension.get("Name").and_then(Value::text).unwrap_or_default();
        let ours = dimension.get("Value").and_then(target).is_some() || name == "ClusterName";
        ensure(ours, format!("{} watches another {name}", alarm.id))?;
    }
    Ok(())
}
