//! What the account itself allows: its region, its plan and its quotas.

use serde_json::{Value, json};
use zonke_plan::{Launch, Plan};

use super::{PreflightCheck, PreflightId, PreflightResult, check, unknown};
use crate::ec2::EC2;
use crate::error::Result;
use crate::query::{JsonApi, ask, ask_json, texts};
use crate::session::Session;

const QUOTAS: JsonApi = JsonApi {
    name: "Service Quotas",
    id: "servicequotas",
    target: "ServiceQuotasV20190624",
    home: None,
};
/// There is one for all regions, and it has an address like no other service.
const FREE_TIER: JsonApi = JsonApi {
    name: "Free Tier",
    id: "freetier",
    target: "AWSFreeTierService",
    home: Some(("https://freetier.us-east-1.api.aws", "us-east-1")),
};

/// A quota by its service and code, from AWS's list of quotas.
type Quota = (&'static str, &'static str);
const ADDRESSES: Quota = ("ec2", "L-0263D0A3");
const NETWORKS: Quota = ("vpc", "L-F678F1CE");
const FARGATE: Quota = ("fargate", "L-3032A538");
const FARGATE_SPOT: Quota = ("fargate", "L-36FBB829");
const FUNCTIONS: Quota = ("lambda", "L-B99A9384");

pub(super) async fn region(session: &Session) -> PreflightCheck {
    let (id, title) = (PreflightId::Region, "Region");
    let name = &session.account().region;
    let query = [("RegionName.1", name.as_str()), ("AllRegions", "true")];
    match ask(session, EC2, "DescribeRegions", &query).await {
        Ok(xml) => match texts(&xml, "optInStatus").first().map(String::as_str) {
            Some("not-opted-in") => check(
                id,
                title,
                PreflightResult::Blocked,
                format!("{name} is not enabled in this account."),
                "Enable the region in the account settings, or choose another one.",
            )
            .at_link("https://console.aws.amazon.com/billing/home#/account"),
            Some(_) => check(id, title, PreflightResult::Ok, format!("{name} is enabled."), ""),
            None => unknown(id, title, format!("AWS does not say whether {name} is enabled."), ""),
        },
        Err(error) => unknown(id, title, error.message, error.hint),
    }
}

pub(super) async fn plan_of_account(session: &Session, plan: &Plan) -> PreflightCheck {
    let (id, title) = (PreflightId::AccountPlan, "Plan of the account");
    let answer = match ask_json(session, FREE_TIER, "GetAccountPlanState", &json!({})).await {
        Ok(answer) => answer,
        Err(error) => return unknown(id, title, error.message, error.hint),
    };
    let days = plan.inputs.choices.database_options.backup_days;
    let has_database = plan.inputs.choices.database != zonke_plan::Database::None;
    match answer.get("accountPlanType").and_then(Value::as_str) {
        Some("PAID") => check(id, title, PreflightResult::Ok, "The account is on the paid plan.", ""),
        Some("FREE") if has_database && days > 1 => check(
            id,
            title,
            PreflightResult::Blocked,
            format!("The account is on the free plan, which keeps backups of a database for 1 day; this plan wants {days}."),
            "Keep backups for 1 day, or upgrade the account to the paid plan.",
        )
        .at_link("https://console.aws.amazon.com/billing/home#/freetier"),
        Some("FREE") => check(
            id,
            title,
            PreflightResult::Warning,
            "The account is on the free plan: it is closed when its credits are used up or its time is over.",
            "Upgrade the account before people depend on the application.",
        )
        .at_link("https://console.aws.amazon.com/billing/home#/freetier"),
        _ => unknown(id, title, "AWS does not say which plan the account is on.".to_owned(), ""),
    }
}

pub(super) async fn addresses(session: &Session, plan: &Plan, new: bool) -> PreflightCheck {
    let need = if new { count(plan, "AWS::EC2::EIP") } else { 0.0 };
    let used = async { Ok(many(&ask(session, EC2, "DescribeAddresses", &[]).await?, "allocationId")) };
    room(session, PreflightId::Addresses, "Elastic IP addresses", ADDRESSES, need, used).await
}

pub(super) async fn networks(session: &Session, plan: &Plan, new: bool) -> PreflightCheck {
    let need = if new { count(plan, "AWS::EC2::VPC") } else { 0.0 };
    let used = async { Ok(many(&ask(session, EC2, "DescribeVpcs", &[]).await?, "vpcId")) };
    room(session, PreflightId::Networks, "Networks (VPCs)", NETWORKS, need, used).await
}

pub(super) async fn fargate(session: &Session, plan: &Plan) -> PreflightCheck {
    let (id, title) = (PreflightId::Fargate, "Fargate vCPUs");
    let choices = &plan.inputs.choices;
    let quota = match choices.launch {
        Launch::Ec2 => return check(id, title, PreflightResult::Ok, "This plan needs none.", ""),
        Launch::Fargate => FARGATE,
        Launch::FargateSpot => FARGATE_SPOT,
    };
    let each = f64::from(choices.servers.cpu_units) / 1024.0;
    // While a release is rolled out the old servers and the new ones run side by side.
    let (least, most) = (each, each * f64::from(choices.servers.max) * 2.0);
    match limit(session, quota).await {
        Ok(limit) if limit < least => check(
            id,
            title,
            PreflightResult::Blocked,
            format!("The account may run {limit} vCPUs at a time; one server needs {each}."),
            "Ask AWS for a higher quota.",
        )
        .at_link(&quota_link(session, quota)),
        Ok(limit) if limit < most => check(
            id,
            title,
            PreflightResult::Warning,
            format!("The account may run {limit} vCPUs at a time; a release at full size needs {most}."),
            "Ask AWS for a higher quota, or allow fewer servers.",
        )
        .at_link(&quota_link(session, quota)),
        Ok(limit) => check(
            id,
            title,
            PreflightResult::Ok,
            format!("This plan needs up to {most} of {limit}; everything else that runs on Fargate shares them."),
            "",
        ),
        Err(error) => unknown(id, title, error.message, error.hint),
    }
}

pub(super) async fn functions(session: &Session, plan: &Plan) -> PreflightCheck {
    let need = count(plan, "AWS::Lambda::Function");
    // Functions that run now cannot be asked for; the account keeps its quota for all of them.
    let used = async { Ok(0.0) };
    room(session, PreflightId::Functions, "Functions at a time", FUNCTIONS, need, used).await
}

/// Whether what is needed still fits below a quota.
async fn room(
    session: &Session,
    id: PreflightId,
    title: &str,
    quota: Quota,
    need: f64,
    used: impl Future<Output = Result<f64>>,
) -> PreflightCheck {
    if need < 1.0 {
        return check(id, title, PreflightResult::Ok, "This plan needs no new ones.", "");
    }
    match tokio::try_join!(limit(session, quota), used) {
        Ok((limit, used)) if used + need > limit => check(
            id,
            title,
            PreflightResult::Blocked,
            format!("{used} of {limit} are in use, and this plan needs {need} more."),
            "Give unused ones back, or ask AWS for a higher quota.",
        )
        .at_link(&quota_link(session, quota)),
        Ok((limit, used)) => check(
            id,
            title,
            PreflightResult::Ok,
            format!("This plan needs {need}; {} of {limit} are free.", limit - used),
            "",
        ),
        Err(error) => unknown(id, title, error.message, error.hint),
    }
}

/// The quota of this account, or AWS's default where the account has none of its own.
async fn limit(session: &Session, (service, code): Quota) -> Result<f64> {
    let body = json!({ "ServiceCode": service, "QuotaCode": code });
    let answer = match ask_json(session, QUOTAS, "GetServiceQuota", &body).await {
        Err(error) if !error.signed_out() => ask_json(session, QUOTAS, "GetAWSDefaultServiceQuota", &body).await?,
        answer => answer?,
    };
    answer.pointer("/Quota/Value").and_then(Value::as_f64).ok_or_else(|| {
        crate::CloudError::not_found(
            format!("AWS does not name the quota {code} of {service}."),
            "Look it up in the Service Quotas console.",
        )
    })
}

fn quota_link(session: &Session, (service, code): Quota) -> String {
    let region = &session.account().region;
    format!("https://{region}.console.aws.amazon.com/servicequotas/home/services/{service}/quotas/{code}")
}

fn count(plan: &Plan, kind: &str) -> f64 {
    let resources = plan.stacks.iter().flat_map(|s| &s.resources);
    number(resources.filter(|r| r.resource_type == kind).count())
}

fn many(xml: &str, element: &str) -> f64 {
    let mut found = texts(xml, element);
    found.sort_unstable();
    found.dedup();
    number(found.len())
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
