//! What a plan lacks that ran before: whoever deploys, and the role of the stacks, may take it away and nothing else.

use std::path::Path;

use serde_json::Value;
use zonke_plan::{Choices, Dns, Domain, Inputs, Plan, StackRole, WebFirewall, plan};

const ZONE: &str = "Z0123456789ABCDEFGHIJ";

/// The example with these choices, after it ran with those.
fn after(before: Option<Choices>, change: impl FnOnce(&mut Choices)) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let findings = zonke_project::inspect(&folder).expect("the example");
    let mut choices = chosen();
    change(&mut choices);
    let inputs = Inputs {
        before: before.map(Box::new),
        ..Inputs::new(findings, Some(choices))
    };
    plan(&inputs).expect("a plan")
}

fn chosen() -> Choices {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
    let mut choices = Choices::suggested(&zonke_project::inspect(&folder).expect("the example"));
    choices.repository = Some("sam/guestbook".to_owned());
    choices
}

fn with_edge() -> Choices {
    let mut choices = chosen();
    choices.domain = Some(Domain {
        name: "guestbook.example.com".to_owned(),
        www: false,
        dns: Dns::Route53 {
            zone_id: ZONE.to_owned(),
        },
    });
    choices.web_firewall = Some(WebFirewall {
        requests_per_five_minutes: 2000,
    });
    choices
}

/// Statements of the deployer's policies that allow an action.
fn allowing<'a>(plan: &'a Plan, action: &str) -> Vec<&'a zonke_plan::PolicyStatement> {
    let statements = plan.policies.iter().flat_map(|p| &p.statements);
    statements.filter(|s| s.actions.iter().any(|a| a == action)).collect()
}

fn pipeline(plan: &Plan) -> &str {
    &plan.stack(StackRole::Pipeline).expect("the pipeline stack").template
}

fn sizes(plan: &Plan) -> Vec<usize> {
    let documents = plan.policies.iter();
    let size = |p: &zonke_plan::PlannedPolicy| serde_json::from_str::<Value>(&p.document).expect("JSON").to_string().len();
    documents.map(size).collect()
}

#[test]
fn an_edge_stack_that_goes_can_be_taken_down_with_the_records_of_its_domain() {
    let plain = after(None, |_| ());
    assert!(
        allowing(&plain, "acm:DeleteCertificate").is_empty(),
        "what never was needs no right"
    );
    assert!(!pipeline(&plain).contains("route53:"));

    let left = after(Some(with_edge()), |_| ());
    for action in ["acm:DeleteCertificate", "wafv2:DeleteWebACL", "wafv2:GetWebACL"] {
        let [statement] = allowing(&left, action)[..] else {
            panic!("{action} is allowed once");
        };
        assert_eq!(statement.sid, "LeaveEdgeStack");
        assert!(statement.why.contains("before"), "{}", statement.why);
        let condition = statement.condition.as_deref().unwrap_or_default();
        assert!(
            condition.contains("cloudformation.amazonaws.com"),
            "through CloudFormation only: {condition}"
        );
        assert!(
            statement.resources.iter().all(|r| r.contains(":us-east-1:")),
            "{:?}",
            statement.resources
        );
    }
    for action in ["acm:RequestCertificate", "wafv2:CreateWebACL", "wafv2:UpdateWebACL"] {
        assert!(allowing(&left, action).is_empty(), "{action} makes something");
    }
    let [stacks] = allowing(&left, "cloudformation:DeleteStack")[..] else {
        panic!("one statement about stacks");
    };
    let edge = "arn:aws:cloudformation:us-east-1:*:stack/guestbook-edge/*";
    assert!(stacks.resources.iter().any(|r| r == edge), "{:?}", stacks.resources);
    assert!(sizes(&left).iter().all(|size| *size <= 6144), "{:?}", sizes(&left));

    // The records stand in the base stack, which the role of the stacks updates.
    let template = pipeline(&left);
    let at = template.find("Sid: Dns").expect("a statement about records");
    let statement = &template[at..template[at + 4..].find("Sid:").map_or(template.len(), |next| at + 4 + next)];
    assert!(statement.contains("route53:ChangeResourceRecordSets"), "{statement}");
    assert!(
        statement.contains(&format!("hostedzone/{ZONE}")),
        "that zone and no other: {statement}"
    );
    assert!(
        statement.contains("ChangeResourceRecordSetsActions") && statement.contains("DELETE"),
        "{statement}"
    );
}

#[test]
fn the_half_of_an_edge_stack_that_goes_can_be_deleted_and_the_other_half_is_built_on() {
    let left = after(Some(with_edge()), |choices| choices.web_firewall = with_edge().web_firewall);
    assert_eq!(allowing(&left, "acm:DeleteCertificate").len(), 1);
    assert!(allowing(&left, "acm:RequestCertificate").is_empty());
    assert_eq!(allowing(&left, "wafv2:UpdateWebACL").len(), 1);
    assert!(sizes(&left).iter().all(|size| *size <= 6144), "{:?}", sizes(&left));
}

#[test]
fn what_stays_needs_no_right_of_its_own_and_another_application_is_nobodys_concern() {
    let edge = |choices: &mut Choices| *choices = with_edge();
    assert_eq!(after(Some(with_edge()), edge).policies, after(None, edge).policies);
    let mut other = with_edge();
    other.app = "other".to_owned();
    assert_eq!(after(Some(other), |_| ()).policies, after(None, |_| ()).policies);
}

#[test]
fn alarms_that_go_can_be_deleted_in_the_stack_of_the_pipeline() {
    let mut before = chosen();
    before.alarm_address = Some("ops@example.com".to_owned());
    let left = after(Some(before), |_| ());
    for action in ["sns:DeleteTopic", "events:DeleteRule", "events:RemoveTargets"] {
        assert_eq!(allowing(&left, action).len(), 1, "{action}");
    }
    assert!(allowing(&left, "sns:CreateTopic").is_empty());
    assert!(sizes(&left).iter().all(|size| *size <= 6144), "{:?}", sizes(&left));
}
