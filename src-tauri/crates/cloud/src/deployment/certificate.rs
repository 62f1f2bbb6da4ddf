//! What a person sees of the edge stack: the certificate that waits for records, and what goes away at the end.

use serde_json::{Value, json};
use zonke_plan::{Dns, StackRole};

use super::{Facts, OwnWork, own_work};
use crate::error::{Doing, Result};
use crate::query::{self, JsonApi};
use crate::session::{Session, Work};
use crate::stacks::{StackState, state_of};
use crate::view::{DnsRecord, StepView, WorkState};

const ACM: JsonApi = JsonApi {
    name: "Certificate Manager",
    id: "acm",
    target: "CertificateManager",
    home: None,
};

/// Records that prove the domain, as the certificate of a stack that is being built asks for them; none until AWS names them.
pub(super) async fn records(there: &Session, stack: &StackState) -> Result<Vec<DnsRecord>> {
    let output = there.0.cfn.describe_stack_resources().stack_name(&stack.id).send().await;
    let output = output.doing(|| format!("list the resources of `{}`", stack.name))?;
    let certificate = output
        .stack_resources()
        .iter()
        .filter(|r| r.resource_type() == Some("AWS::CertificateManager::Certificate"))
        .find_map(|r| r.physical_resource_id().filter(|id| id.starts_with("arn:")));
    let Some(arn) = certificate else {
        return Ok(Vec::new());
    };
    let asked = query::ask_json(there, ACM, "DescribeCertificate", &json!({ "CertificateArn": arn })).await;
    match asked {
        Ok(answer) => Ok(read(&answer)),
        // The records are a courtesy here; the AWS console shows them too.
        Err(error) => {
            tracing::warn!(%error, "the certificate cannot be looked at");
            Ok(Vec::new())
        }
    }
}

fn read(answer: &Value) -> Vec<DnsRecord> {
    let options = answer
        .pointer("/Certificate/DomainValidationOptions")
        .and_then(Value::as_array);
    let mut records: Vec<DnsRecord> = Vec::new();
    for option in options.into_iter().flatten() {
        let text = |key: &str| option.pointer(&format!("/ResourceRecord/{key}")).and_then(Value::as_str);
        let (Some(name), Some(kind), Some(value)) = (text("Name"), text("Type"), text("Value")) else {
            continue;
        };
        let record = DnsRecord {
            name: name.trim_end_matches('.').to_owned(),
            kind: kind.to_owned(),
            value: value.trim_end_matches('.').to_owned(),
            seen: option.get("ValidationStatus").and_then(Value::as_str) == Some("SUCCESS"),
        };
        if !records.contains(&record) {
            records.push(record);
        }
    }
    records
}

/// The step before everything else.
pub(super) fn step(facts: &Facts) -> Option<StepView> {
    let plan = facts.plan.as_ref()?;
    plan.stack(StackRole::Edge)?;
    let choices = &plan.inputs.choices;
    let title = match (&choices.domain, choices.web_firewall) {
        (Some(domain), None) => format!("Get a certificate for {}", domain.name),
        (Some(domain), Some(_)) => format!("Get a certificate for {} and set up the web firewall", domain.name),
        (None, _) => "Set up the web firewall".to_owned(),
    };
    let stack = facts.stack(StackRole::Edge);
    let (state, detail) = match stack {
        None if matches!(own_work(facts), OwnWork::Going) => (WorkState::Running, "Waiting for AWS to begin".to_owned()),
        None => (WorkState::Waiting, String::new()),
        Some(stack) => {
            let state = state_of(&stack.state.status);
            let waits = stack.state.busy() && facts.records.iter().any(|r| !r.seen);
            let outside = choices.domain.as_ref().is_some_and(|d| d.dns == Dns::Outside);
            let detail = match (waits, outside) {
                (true, true) => {
                    "AWS issues the certificate when it sees the records below. Enter them at your DNS provider; AWS looks every few minutes for 72 hours, and this goes on by itself, also while the app is closed."
                }
                (true, false) => {
                    "The records that prove the domain are in the hosted zone; AWS has to see them there, which takes some minutes. If it takes longer, the domain's name servers are not those of the zone."
                }
                (false, _) => "",
            };
            (state, detail.to_owned())
        }
    };
    Some(StepView {
        id: "edgeStack".to_owned(),
        title,
        records: if state == WorkState::Running {
            facts.records.clone()
        } else {
            Vec::new()
        },
        state,
        detail,
    })
}

/// The step after the release, if something goes away then.
pub(super) fn last_step(facts: &Facts) -> Option<StepView> {
    if facts.work != Some(Work::TakingAway) {
        return None;
    }
    let execution = facts.pipeline.as_ref().and_then(|p| p.execution.as_ref());
    let released = execution.is_some_and(|e| e.state == WorkState::Succeeded);
    let (state, detail) = if released {
        (WorkState::Running, "In us-east-1; the site does not use it any more")
    } else {
        (WorkState::Waiting, "After the release: until then the site uses it")
    };
    Some(StepView {
        id: "edgeStack:away".to_owned(),
        title: "Take away what the site does not use any more".to_owned(),
        state,
        detail: detail.to_owned(),
        records: Vec::new(),
    })
}

/// What is left to do at a DNS provider outside the account once the site is there; begins with a space.
pub(super) fn still_to_enter(facts: &Facts) -> String {
    let domain = facts.plan.as_ref().and_then(|p| p.inputs.choices.domain.as_ref());
    let target = facts
        .stack(StackRole::Base)
        .and_then(|base| base.state.outputs.get("DomainTarget"));
    let (Some(domain), Some(target)) = (domain.filter(|d| d.dns == Dns::Outside), target) else {
        return String::new();
    };
    let www = if domain.www {
        format!(" and `www.{}`", domain.name)
    } else {
        String::new()
    };
    format!(
        " If you have not yet: at your DNS provider, lead `{}`{www} to `{target}`, as CNAME, or as ALIAS or ANAME where the name is the domain itself.",
        domain.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_names_the_records_it_waits_for_once_each() {
        let option = |domain: &str, status: &str| {
            json!({ "DomainName": domain, "ValidationStatus": status,
                "ResourceRecord": { "Name": format!("_a.{domain}."), "Type": "CNAME", "Value": "_b.acm-validations.aws." } })
        };
        let pending = json!({ "DomainName": "new.example", "ValidationStatus": "PENDING_VALIDATION" });
        let options = [
            option("a.example", "PENDING_VALIDATION"),
            option("a.example", "PENDING_VALIDATION"),
            option("b.example", "SUCCESS"),
            pending,
        ];
        let records = read(&json!({ "Certificate": { "DomainValidationOptions": options } }));
        let shown: Vec<_> = records.iter().map(|r| (r.name.as_str(), r.value.as_str(), r.seen)).collect();
        let value = "_b.acm-validations.aws";
        assert_eq!(shown, [("_a.a.example", value, false), ("_a.b.example", value, true)]);
        assert!(read(&json!({})).is_empty());
    }
}
