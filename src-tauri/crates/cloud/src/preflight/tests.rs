//! What is said about an account that has room, one that has none, and one that says nothing.

use super::*;
use crate::audit::AuditLog;
use crate::testing::{Request, Server};

fn plan() -> Plan {
    let mut plan = crate::journal::tests::pending("shop-1").plan;
    let resource = |kind: &str| zonke_plan::PlannedResource {
        logical_id: kind.replace("::", ""),
        resource_type: kind.to_owned(),
        description: String::new(),
        line: 1,
    };
    plan.stacks = vec![zonke_plan::PlannedStack {
        role: StackRole::Base,
        name: "shop-base".to_owned(),
        region: "eu-west-1".to_owned(),
        template_file: String::new(),
        template: String::new(),
        parameters: Vec::new(),
        resources: ["AWS::EC2::EIP", "AWS::EC2::VPC", "AWS::Lambda::Function"]
            .map(resource)
            .to_vec(),
    }];
    plan.policies = serde_json::from_value(serde_json::json!([{ "name": "shop-deployer", "document": "", "statements": [{
        "sid": "Servers", "why": "", "actions": ["ecs:UpdateService", "ecs:Describe*"], "resources": ["*"], "condition": null
    }] }]))
    .unwrap();
    plan.inputs.choices.database = zonke_plan::Database::Postgres;
    plan
}

/// An account with `free` of everything left, whose decisions are `decision`.
fn account(request: &Request, roomy: bool) -> (u16, &'static str, String) {
    let text = |body: String| (200, "", body);
    let pick = |good: &str, bad: &str| if roomy { good.to_owned() } else { bad.to_owned() };
    let action = request
        .body
        .split('&')
        .find_map(|p| p.strip_prefix("Action="))
        .unwrap_or_default();
    let target = request
        .head
        .lines()
        .find_map(|l| l.strip_prefix("x-amz-target: "))
        .unwrap_or_default();
    match (action, target.rsplit('.').next().unwrap_or_default()) {
        ("DescribeStacks", _) if roomy => (
            400,
            "",
            "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>"
                .to_owned(),
        ),
        ("DescribeStacks", _) => text(
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackId>id</StackId><StackName>shop-base</StackName>\
             <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks>\
             </DescribeStacksResult></DescribeStacksResponse>"
                .to_owned(),
        ),
        ("DescribeRegions", _) => text(format!("<R><optInStatus>{}</optInStatus></R>", pick("opt-in-not-required", "not-opted-in"))),
        ("SimulatePrincipalPolicy", _) => text(format!(
            "<R><member><EvalActionName>ecs:UpdateService</EvalActionName><EvalDecision>{}</EvalDecision></member></R>",
            pick("allowed", "implicitDeny")
        )),
        ("DescribeLoadBalancers", _) => text(pick("<R><LoadBalancerArn>arn</LoadBalancerArn></R>", "<R/>")),
        ("DescribeAddresses" | "DescribeVpcs", _) => text("<R/>".to_owned()),
        (_, "getservicequota") => text(format!("{{\"Quota\":{{\"Value\":{}}}}}", pick("64.0", "0.0"))),
        (_, "getaccountplanstate") => text(format!("{{\"accountPlanType\":\"{}\"}}", pick("PAID", "FREE"))),
        (_, "listbuilds") => text(pick("{\"ids\":[\"a:1\"]}", "{\"ids\":[]}")),
        (_, "listsecrets") => text(pick(
            "{\"SecretList\":[{\"Name\":\"shop/app\"}]}",
            "{\"SecretList\":[{\"Name\":\"shop/app\",\"DeletedDate\":1760000000}]}",
        )),
        _ if request.head.starts_with("get /2020-05-31/distribution") => {
            text(pick("<DistributionList><DomainName>d1.cloudfront.net</DomainName></DistributionList>", "<DistributionList/>"))
        }
        _ => refused(),
    }
}

fn refused() -> (u16, &'static str, String) {
    let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>You may not ask.</Message></Error></ErrorResponse>";
    (403, "", body.to_owned())
}

async fn results(answer: impl Fn(&Request) -> (u16, &'static str, String) + Send + Sync + 'static) -> Vec<PreflightCheck> {
    let server = Server::answering(answer).await;
    let told = std::sync::Mutex::new(0);
    let preflight = preflight(&server.session(&AuditLog::off()), &plan(), |_| *told.lock().unwrap() += 1).await;
    assert_eq!(*told.lock().unwrap(), 14, "each check is told as soon as it is known");
    preflight.checks
}

fn of(checks: &[PreflightCheck], id: PreflightId) -> &PreflightCheck {
    checks.iter().find(|c| c.id == id).unwrap()
}

#[tokio::test]
async fn an_account_with_room_is_told_so() {
    let checks = results(|request| account(request, true)).await;
    for check in &checks {
        // The connection speaks another protocol, which this server does not.
        let expected = if check.id == PreflightId::Connection {
            PreflightResult::Unknown
        } else {
            PreflightResult::Ok
        };
        assert_eq!(check.result, expected, "{check:?}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_with_its_fix() {
    let checks = results(|request| account(request, false)).await;
    for (id, word) in [
        (PreflightId::Region, "not enabled"),
        (PreflightId::Permissions, "not allowed"),
        (PreflightId::AccountPlan, "free plan"),
        (PreflightId::Fargate, "0 vCPUs"),
        (PreflightId::Functions, "0 of 0"),
        (PreflightId::Names, "something else"),
        (PreflightId::Secrets, "gone for good"),
    ] {
        let check = of(&checks, id);
        assert_eq!(check.result, PreflightResult::Blocked, "{check:?}");
        assert!(
            check.found.contains(word) && !check.fix.is_empty() && check.link.is_some(),
            "{check:?}"
        );
    }
    assert_eq!(of(&checks, PreflightId::Permissions).missing, ["ecs:UpdateService"]);
    assert_eq!(of(&checks, PreflightId::Secrets).missing, ["shop/app"]);
    for gate in [PreflightId::CloudFront, PreflightId::LoadBalancers, PreflightId::Builds] {
        assert_eq!(
            of(&checks, gate).result,
            PreflightResult::Unknown,
            "{gate:?} cannot be known without making something"
        );
    }
}

#[tokio::test]
async fn what_aws_does_not_say_is_unknown_and_never_passed() {
    let checks = results(|_| refused()).await;
    for check in checks.iter().filter(|c| c.id != PreflightId::Identity) {
        assert_eq!(check.result, PreflightResult::Unknown, "{check:?}");
        assert!(!check.found.is_empty());
    }
}
