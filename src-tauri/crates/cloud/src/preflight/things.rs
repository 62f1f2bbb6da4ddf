//! What stands in the account already: names that are taken, and signs that a service is unlocked.

use serde_json::{Value, json};
use zonke_plan::Plan;

use super::{PreflightCheck, PreflightId, PreflightResult, check, unknown};
use crate::connection;
use crate::error::{Doing, Result};
use crate::query::{JsonApi, ask, ask_json, list_distributions, texts};
use crate::remains::ELB;
use crate::session::Session;
use crate::stacks::{self, StackState, TAG_APP};

const CODEBUILD: JsonApi = JsonApi {
    name: "CodeBuild",
    id: "codebuild",
    target: "CodeBuild_20161006",
    home: None,
};

/// The stacks of the plan that exist in the session's region.
pub(super) async fn existing(session: &Session, plan: &Plan) -> Result<Vec<StackState>> {
    let here = plan.stacks.iter().filter(|s| s.region == session.account().region);
    let found = futures::future::try_join_all(here.map(|s| stacks::describe(session, &s.name))).await?;
    Ok(found.into_iter().flatten().collect())
}

pub(super) fn names(session: &Session, plan: &Plan, existing: &Result<Vec<StackState>>) -> PreflightCheck {
    let (id, title) = (PreflightId::Names, "Names");
    let existing = match existing {
        Ok(existing) => existing,
        Err(error) => return unknown(id, title, error.message.clone(), error.hint.clone()),
    };
    let app = plan.inputs.choices.name();
    let foreign: Vec<_> = existing
        .iter()
        .filter(|s| s.tags.get(TAG_APP) != Some(&app))
        .map(|s| s.name.clone())
        .collect();
    if foreign.is_empty() {
        let found = if existing.is_empty() {
            format!("No stack of `{app}` exists yet; buckets get names of their own.")
        } else {
            format!("`{app}` stands here already and is updated.")
        };
        return check(id, title, PreflightResult::Ok, found, "");
    }
    let mut check = check(
        id,
        title,
        PreflightResult::Blocked,
        "Stacks of these names belong to something else.",
        "Deploy under another name, or delete those stacks if nobody needs them.",
    )
    .at_link(&format!(
        "https://{0}.console.aws.amazon.com/cloudformation/home?region={0}#/stacks",
        session.account().region
    ));
    check.missing = foreign;
    check
}

pub(super) async fn secrets(session: &Session, plan: &Plan) -> PreflightCheck {
    let (id, title) = (PreflightId::Secrets, "Secrets that wait for their deletion");
    let app = plan.inputs.choices.name();
    let answer = session
        .0
        .secrets
        .list_secrets()
        .include_planned_deletion(true)
        .filters(
            aws_sdk_secretsmanager::types::Filter::builder()
                .key(aws_sdk_secretsmanager::types::FilterNameStringType::Name)
                .values(format!("{app}/"))
                .build(),
        )
        .send()
        .await
        .doing(|| "list the secrets that wait for their deletion".to_owned());
    let secrets = match answer {
        Ok(answer) => answer.secret_list.unwrap_or_default(),
        Err(error) => return unknown(id, title, error.message, error.hint),
    };
    let waiting: Vec<_> = secrets
        .iter()
        .filter(|s| s.deleted_date().is_some())
        .filter_map(|s| s.name().map(str::to_owned))
        .collect();
    if waiting.is_empty() {
        return check(id, title, PreflightResult::Ok, "None has a name that is needed.", "");
    }
    let mut check = check(
        id,
        title,
        PreflightResult::Blocked,
        "AWS keeps these names until the secrets are gone for good.",
        "Cancel their deletion and delete them without a waiting time, or deploy under another name.",
    )
    .at_link(&format!(
        "https://{0}.console.aws.amazon.com/secretsmanager/listsecrets?region={0}",
        session.account().region
    ));
    check.missing = waiting;
    check
}

pub(super) async fn source_host(session: &Session, plan: &Plan) -> PreflightCheck {
    let (id, title) = (PreflightId::Connection, "Connection to the source host");
    let provider = plan.inputs.choices.provider;
    let host = zonke_plan::host_name(provider);
    match connection::find(session, provider).await {
        Ok(Some(connection)) if connection.available => check(
            id,
            title,
            PreflightResult::Ok,
            format!("The connection to {host} is ready."),
            "",
        ),
        Ok(Some(connection)) => check(
            id,
            title,
            PreflightResult::Warning,
            format!("The connection to {host} is not finished."),
            "Finish it in the AWS console; the deployment waits for it.",
        )
        .at_link(&connection.view(session).console_url),
        Ok(None) => check(
            id,
            title,
            PreflightResult::Warning,
            format!("There is no connection to {host} yet."),
            "The review makes it; you finish it once in the AWS console.",
        ),
        Err(error) => unknown(id, title, error.message, error.hint),
    }
}

/// What AWS says to somebody whose account is not unlocked can only be found out by making something; what exists already
/// proves that it is.
fn gate(id: PreflightId, title: &str, what: &str, exists: Result<bool>) -> PreflightCheck {
    match exists {
        Ok(true) => check(id, title, PreflightResult::Ok, format!("The account has {what} already."), ""),
        Ok(false) => unknown(
            id,
            title,
            format!("The account never had {what}, and AWS holds some new accounts back until somebody asks."),
            "If the deployment is refused for it, open a support case of the kind \"Account and billing\".",
        )
        .at_link("https://console.aws.amazon.com/support/home#/case/create"),
        Err(error) => unknown(id, title, error.message, error.hint),
    }
}

pub(super) async fn cloudfront(session: &Session) -> PreflightCheck {
    let answer = list_distributions(session).await;
    let exists = answer.map(|xml| !texts(&xml, "DomainName").is_empty());
    gate(PreflightId::CloudFront, "CloudFront", "a distribution", exists)
}

pub(super) async fn load_balancers(session: &Session) -> PreflightCheck {
    let answer = ask(session, ELB, "DescribeLoadBalancers", &[]).await;
    let exists = answer.map(|xml| !texts(&xml, "LoadBalancerArn").is_empty());
    gate(PreflightId::LoadBalancers, "Load balancers", "a load balancer", exists)
}

pub(super) async fn builds(session: &Session) -> PreflightCheck {
    let answer = ask_json(session, CODEBUILD, "ListBuilds", &json!({})).await;
    let exists = answer.map(|json| json.get("ids").and_then(Value::as_array).is_some_and(|ids| !ids.is_empty()));
    gate(PreflightId::Builds, "Builds", "a build", exists)
}
