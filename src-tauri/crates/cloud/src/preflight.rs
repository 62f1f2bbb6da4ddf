//! Everything that can be known before the first deployment: would it work in this account?

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_plan::{Plan, StackRole};

use crate::session::Session;
use crate::stacks::stack_name;
use crate::time::now;

mod account;
mod permissions;
#[cfg(test)]
mod tests;
mod things;

pub(crate) use permissions::principal;

/// What was looked at before a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    /// Application.
    pub app: String,
    /// Account, twelve digits.
    pub account_id: String,
    /// Region.
    pub region: String,
    /// Every check, in the order they are shown.
    pub checks: Vec<PreflightCheck>,
    /// When the last of them was made, milliseconds since the epoch.
    pub at: f64,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PreflightCheck {
    /// What it is about.
    pub id: PreflightId,
    /// What was looked at, a few words.
    pub title: String,
    /// How it stands.
    pub result: PreflightResult,
    /// What was found, one sentence.
    pub found: String,
    /// What to do about it, one sentence; empty if nothing is to be done.
    pub fix: String,
    /// Where in the AWS console to do it.
    pub link: Option<String>,
    /// The single things that are missing, such as permissions or names.
    pub missing: Vec<String>,
    /// When it was looked at, milliseconds since the epoch.
    pub at: f64,
}

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PreflightResult {
    /// Nothing stands in the way.
    Ok,
    /// It cannot be known from here; the deployment will show it.
    Unknown,
    /// It will work, but not as one may expect.
    Warning,
    /// The deployment would fail.
    Blocked,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PreflightId {
    /// Who we are, and that it is not the root user.
    Identity,
    /// Whether the region is enabled.
    Region,
    /// Whether everything the plan's policy allows is allowed.
    Permissions,
    /// Free or paid plan of the account.
    AccountPlan,
    /// Elastic addresses left.
    Addresses,
    /// Networks left.
    Networks,
    /// Fargate vCPUs.
    Fargate,
    /// Functions at a time.
    Functions,
    /// Whether CloudFront is unlocked for the account.
    CloudFront,
    /// Whether load balancers are unlocked for the account.
    LoadBalancers,
    /// Whether builds are unlocked for the account.
    Builds,
    /// Stacks and buckets of the same name.
    Names,
    /// Secrets that wait for their deletion under a name that is needed.
    Secrets,
    /// The connection to the source host.
    Connection,
}

/// Looks at everything at once; `seen` hears of each check as soon as it is known.
pub async fn preflight(session: &Session, plan: &Plan, seen: impl Fn(&PreflightCheck) + Send + Sync) -> Preflight {
    let account = session.account();
    let existing = things::existing(session, plan).await;
    // What the base stack holds already is not needed a second time.
    let base = stack_name(&plan.inputs.choices.name(), StackRole::Base);
    let new = !existing.as_ref().is_ok_and(|stacks| stacks.iter().any(|s| s.name == base));
    let asked: [BoxFuture<'_, PreflightCheck>; 14] = [
        Box::pin(async { identity(session) }),
        Box::pin(account::region(session)),
        Box::pin(permissions::permissions(session, plan)),
        Box::pin(account::plan_of_account(session, plan)),
        Box::pin(account::addresses(session, plan, new)),
        Box::pin(account::networks(session, plan, new)),
        Box::pin(account::fargate(session, plan)),
        Box::pin(account::functions(session, plan)),
        Box::pin(things::cloudfront(session)),
        Box::pin(things::load_balancers(session)),
        Box::pin(things::builds(session)),
        Box::pin(async { things::names(session, plan, &existing) }),
        Box::pin(things::secrets(session, plan)),
        Box::pin(things::source_host(session, plan)),
    ];
    let numbered = asked
        .into_iter()
        .enumerate()
        .map(|(place, check)| async move { (place, check.await) });
    let mut answers: FuturesUnordered<_> = numbered.collect();
    let mut checks = Vec::new();
    while let Some((place, check)) = answers.next().await {
        seen(&check);
        checks.push((place, check));
    }
    checks.sort_by_key(|(place, _)| *place);
    let checks = checks.into_iter().map(|(_, check)| check).collect();
    Preflight {
        app: plan.inputs.choices.app.clone(),
        account_id: account.account_id.clone(),
        region: account.region.clone(),
        checks,
        at: now(),
    }
}

fn check(
    id: PreflightId,
    title: &str,
    result: PreflightResult,
    found: impl Into<String>,
    fix: impl Into<String>,
) -> PreflightCheck {
    PreflightCheck {
        id,
        title: title.to_owned(),
        result,
        found: found.into(),
        fix: fix.into(),
        link: None,
        missing: Vec::new(),
        at: now(),
    }
}

/// A check that could not be made: never taken for a success.
fn unknown(id: PreflightId, title: &str, why: String, fix: impl Into<String>) -> PreflightCheck {
    check(id, title, PreflightResult::Unknown, why, fix)
}

impl PreflightCheck {
    /// The same, with the place in the AWS console where it is mended.
    fn at_link(mut self, link: &str) -> Self {
        self.link = Some(link.to_owned());
        self
    }
}

fn identity(session: &Session) -> PreflightCheck {
    let account = session.account();
    let who = crate::proof::who(&account.arn);
    let title = "Who you are";
    if account.root {
        return check(
            PreflightId::Identity,
            title,
            PreflightResult::Blocked,
            format!("You are {who} of account {}.", account.account_id),
            "Sign in as a user or a role; the root user is for account matters only.",
        );
    }
    if account.read_only {
        return check(
            PreflightId::Identity,
            title,
            PreflightResult::Blocked,
            format!("You are {who}, through a profile that is read-only."),
            "Turn read-only off for this profile, or use another one.",
        );
    }
    check(
        PreflightId::Identity,
        title,
        PreflightResult::Ok,
        format!("You are {who} in account {}.", account.account_id),
        "",
    )
}
