//! Whether whoever is signed in may do what the plan's policy lists, as IAM's own simulator says.

use std::collections::BTreeMap;

use serde_json::Value;
use zonke_plan::{Plan, PolicyStatement};

use super::{PreflightCheck, PreflightId, PreflightResult, check, unknown};
use crate::error::Result;
use crate::infra;
use crate::proof::IAM;
use crate::query::{ask, texts};
use crate::session::Session;

const TITLE: &str = "Permissions of the plan's policy";

pub(super) async fn permissions(session: &Session, plan: &Plan) -> PreflightCheck {
    let id = PreflightId::Permissions;
    match missing(session, plan).await {
        Ok((0, _)) => unknown(id, TITLE, "There was nothing to ask.".to_owned(), ""),
        Ok((asked, missing)) if missing.is_empty() => check(
            id,
            TITLE,
            PreflightResult::Ok,
            format!("IAM's simulator allows all {asked} actions that were asked for."),
            "",
        ),
        Ok((asked, missing)) => {
            let mut check = check(
                id,
                TITLE,
                PreflightResult::Blocked,
                format!("{} of {asked} actions are not allowed.", missing.len()),
                "Attach the plan's policy to this identity, or ask the account's administrator for it.",
            )
            .at_link("https://console.aws.amazon.com/iam/home");
            check.missing = missing;
            check
        }
        Err(error) => unknown(
            id,
            TITLE,
            error.message,
            "Ask an administrator to compare your rights with the plan's policy.",
        ),
    }
}

/// How many actions were asked for, and which of them are not allowed.
async fn missing(session: &Session, plan: &Plan) -> Result<(usize, Vec<String>)> {
    let principal = principal(session).await?;
    let (mut asked, mut denied) = (0, Vec::new());
    let inputs = infra::with_before(session, &plan.inputs).await;
    let changing = inputs.before.as_ref().and_then(|_| zonke_plan::plan(&inputs).ok());
    let plan = changing.as_ref().unwrap_or(plan);
    for statement in plan.policies.iter().flat_map(|p| &p.statements) {
        let mut answers = Answers::default();
        let resources = if statement.resources.is_empty() {
            vec![None]
        } else {
            statement.resources.iter().map(|r| Some(r.as_str())).collect()
        };
        for resource in resources {
            let query = question(&principal, &session.account().account_id, statement, resource);
            if !query.iter().any(|(key, _)| key.starts_with("ActionNames")) {
                continue;
            }
            let query: Vec<_> = query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let xml = ask(session, IAM, "SimulatePrincipalPolicy", &query).await?;
            for (action, decision) in texts(&xml, "EvalActionName").into_iter().zip(texts(&xml, "EvalDecision")) {
                answers.take(action, resource.map_or("", kind), decision == "allowed");
            }
        }
        asked += answers.0.len();
        for action in answers.missing() {
            if !denied.contains(action) {
                denied.push(action.clone());
            }
        }
    }
    denied.sort();
    Ok((asked, denied))
}

/// What the simulator said about the actions of a statement, by the kind of resource.
#[derive(Default)]
struct Answers(BTreeMap<String, BTreeMap<String, bool>>);

impl Answers {
    fn take(&mut self, action: String, kind: &str, allowed: bool) {
        let all = self.0.entry(action).or_default().entry(kind.to_owned()).or_insert(true);
        *all &= allowed;
    }

    /// Actions that there is no kind of resource for on all of which they are allowed. An action works on some of the kinds in its
    /// statement only, and someone whose policy says so for just those lacks nothing.
    fn missing(&self) -> impl Iterator<Item = &String> {
        let lacks = |kinds: &BTreeMap<String, bool>| !kinds.values().any(|all| *all);
        self.0.iter().filter(move |(_, kinds)| lacks(kinds)).map(|(action, _)| action)
    }
}

/// The service of an ARN or an action.
fn service(name: &str) -> &str {
    match name.strip_prefix("arn:") {
        Some(rest) => rest.split(':').nth(1).unwrap_or_default(),
        None => name.split(':').next().unwrap_or_default(),
    }
}

/// What kind of resource an ARN names: `stack` of `arn:aws:cloudformation:*:*:stack/shop/*`. Buckets and their objects, pipelines and
/// their stages are told apart by the slash alone.
fn kind(arn: &str) -> &str {
    let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    match service(arn) {
        "s3" | "codepipeline" if name.contains('/') => "part",
        "s3" | "codepipeline" => "whole",
        _ => name.split(['/', ':']).next().unwrap_or_default(),
    }
}

/// The user or role that policies are attached to. A session's ARN leaves the path of its role out.
pub(crate) async fn principal(session: &Session) -> Result<String> {
    let arn = &session.account().arn;
    let mut parts = arn.split(':').nth(5).unwrap_or_default().split('/');
    let (Some("assumed-role"), Some(role)) = (parts.next(), parts.next()) else {
        return Ok(arn.clone());
    };
    let xml = ask(session, IAM, "GetRole", &[("RoleName", role)]).await?;
    Ok(texts(&xml, "Arn").into_iter().next().unwrap_or_else(|| arn.clone()))
}

/// A statement as a question about one of its resources. The simulator knows no patterns: they are replaced by something that fits
/// them. Only actions of the resource's own service are asked for, where the statement has a resource of their service at all.
fn question(principal: &str, account: &str, statement: &PolicyStatement, resource: Option<&str>) -> Vec<(String, String)> {
    let concrete = |pattern: &str| match pattern {
        "*" => "*".to_owned(),
        pattern => pattern.replace(":*:", &format!(":{account}:")).replace('*', "zonke"),
    };
    let fits = |action: &str| {
        let own = |resource: &str| service(resource) == service(action);
        resource.is_none_or(own) || !statement.resources.iter().any(|r| own(r))
    };
    let mut query = vec![
        ("PolicySourceArn".to_owned(), principal.to_owned()),
        ("MaxItems".to_owned(), "1000".to_owned()),
    ];
    let actions = statement.actions.iter().filter(|a| !a.contains('*') && fits(a));
    for (n, action) in (1..).zip(actions) {
        query.push((format!("ActionNames.member.{n}"), action.clone()));
    }
    if let Some(resource) = resource {
        query.push(("ResourceArns.member.1".to_owned(), concrete(resource)));
    }
    for (n, (key, values)) in (1..).zip(conditions(statement)) {
        let at = format!("ContextEntries.member.{n}");
        query.push((format!("{at}.ContextKeyName"), key));
        query.push((format!("{at}.ContextKeyType"), values.1.to_owned()));
        query.push((format!("{at}.ContextKeyValues.member.1"), concrete(&values.0)));
    }
    query
}

/// The keys of a statement's condition, each with a value that meets it and its type.
fn conditions(statement: &PolicyStatement) -> Vec<(String, (String, &'static str))> {
    let condition = statement
        .condition
        .as_deref()
        .and_then(|c| serde_json::from_str::<Value>(c).ok());
    let mut found = Vec::new();
    for (operator, keys) in condition.iter().filter_map(Value::as_object).flatten() {
        let kind = if operator.starts_with("For") { "stringList" } else { "string" };
        for (key, value) in keys.as_object().into_iter().flatten() {
            let value = value.as_array().and_then(|many| many.first()).unwrap_or(value);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            found.push((key.clone(), (text, kind)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_becomes_a_question_without_patterns() {
        let statement = PolicyStatement {
            sid: "PassRoles".to_owned(),
            why: String::new(),
            actions: vec!["iam:PassRole".to_owned(), "iam:Get*".to_owned()],
            resources: vec!["arn:aws:iam::*:role/zonke/shop/shop-pipeline-*".to_owned()],
            condition: Some(r#"{"StringEquals":{"iam:PassedToService":["codebuild.amazonaws.com","x"]}}"#.to_owned()),
        };
        let query = question(
            "arn:aws:iam::1:user/ada",
            "111122223333",
            &statement,
            Some(&statement.resources[0]),
        );
        let value = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
        assert_eq!(value("ActionNames.member.1"), Some("iam:PassRole"));
        assert_eq!(value("ActionNames.member.2"), None, "the simulator knows no patterns");
        assert_eq!(
            value("ResourceArns.member.1"),
            Some("arn:aws:iam::111122223333:role/zonke/shop/shop-pipeline-zonke")
        );
        assert_eq!(value("ContextEntries.member.1.ContextKeyName"), Some("iam:PassedToService"));
        assert_eq!(
            value("ContextEntries.member.1.ContextKeyValues.member.1"),
            Some("codebuild.amazonaws.com")
        );
    }

    #[test]
    fn a_resource_is_asked_about_with_the_actions_of_its_service() {
        let statement = PolicyStatement {
            sid: "Build".to_owned(),
            why: String::new(),
            actions: ["s3:CreateBucket", "logs:CreateLogGroup", "sts:GetCallerIdentity"]
                .map(str::to_owned)
                .to_vec(),
            resources: ["arn:aws:s3:::shop-*", "arn:aws:logs:eu-west-1:*:log-group:/zonke/*"]
                .map(str::to_owned)
                .to_vec(),
            condition: None,
        };
        let asked = |resource: usize| {
            let query = question(
                "arn:aws:iam::1:user/ada",
                "1",
                &statement,
                Some(&statement.resources[resource]),
            );
            let actions = query.into_iter().filter(|(key, _)| key.starts_with("ActionNames"));
            actions.map(|(_, action)| action).collect::<Vec<_>>()
        };
        assert_eq!(asked(0), ["s3:CreateBucket", "sts:GetCallerIdentity"]);
        assert_eq!(asked(1), ["logs:CreateLogGroup", "sts:GetCallerIdentity"]);
    }

    #[test]
    fn an_action_is_there_if_one_kind_of_resource_takes_it_everywhere() {
        let mut answers = Answers::default();
        for (action, resource, allowed) in [
            // Objects, not buckets: nothing is missing.
            ("s3:GetObject", "arn:aws:s3:::shop", false),
            ("s3:GetObject", "arn:aws:s3:::shop/*", true),
            // One of two stacks: that is not enough.
            (
                "cloudformation:CreateStack",
                "arn:aws:cloudformation:eu-west-1:*:stack/shop-base/*",
                true,
            ),
            (
                "cloudformation:CreateStack",
                "arn:aws:cloudformation:eu-west-1:*:stack/shop-service/*",
                false,
            ),
            ("logs:CreateLogGroup", "arn:aws:logs:eu-west-1:*:log-group:/zonke/*", false),
        ] {
            answers.take(action.to_owned(), kind(resource), allowed);
        }
        let missing: Vec<_> = answers.missing().collect();
        assert_eq!(missing, ["cloudformation:CreateStack", "logs:CreateLogGroup"]);
    }
}
