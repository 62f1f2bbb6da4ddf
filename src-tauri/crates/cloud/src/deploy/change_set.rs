//! The change sets of the stacks that the app deploys itself.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's enums grow, and AWS may answer with words the SDK does not know"
)]

use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeAction as Action, ChangeSetStatus, ChangeSetType, ExecutionStatus, Parameter, Replacement,
    ResourceAttribute, Tag,
};
use zonke_plan::PlannedStack;

use crate::deployment::plain_type;
use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::session::Session;
use crate::stacks::{self, StackState};
use crate::view::{ChangeAction, ChangeRow};

/// Largest template that travels inside a request, in bytes; AWS's limit.
const INLINE: usize = 51_200;
/// Longest time a change set may take to be computed.
const CHANGE_SET: Duration = Duration::from_mins(5);

/// Deletes a change set, if it still exists.
pub(crate) async fn delete_change_set(session: &Session, stack: &str, name: &str) -> Result<()> {
    match session
        .0
        .cfn
        .delete_change_set()
        .stack_name(stack)
        .change_set_name(name)
        .send()
        .await
    {
        Ok(_) => Ok(()),
        Err(error) => {
            let error = from_sdk(&format!("delete the change set of `{stack}`"), &error);
            // Whoever deleted it or its stack did what was wanted.
            if matches!(error.code, ErrorCode::NotFound | ErrorCode::InvalidInput) {
                Ok(())
            } else {
                Err(error)
            }
        }
    }
}

/// Makes the change set; none when nothing would change.
pub(crate) async fn make_change_set(
    session: &Session,
    tags: &[zonke_plan::Parameter],
    planned: &PlannedStack,
    id: &str,
    existing: Option<&StackState>,
    answered: &[zonke_plan::Parameter],
) -> Result<Option<Vec<Change>>> {
    let known = planned
        .parameters
        .iter()
        .filter(|p| !answered.iter().any(|a| a.name == p.name));
    let parameters: Vec<_> = known.chain(answered).collect();
    let request = session
        .0
        .cfn
        .create_change_set()
        .stack_name(&planned.name)
        .change_set_name(id)
        .change_set_type(if existing.is_some() {
            ChangeSetType::Update
        } else {
            ChangeSetType::Create
        })
        .capabilities(Capability::CapabilityNamedIam)
        .set_parameters(Some(
            parameters
                .iter()
                .map(|p| Parameter::builder().parameter_key(&p.name).parameter_value(&p.value).build())
                .collect(),
        ))
        .set_tags(Some(
            tags.iter()
                .map(|t| Tag::builder().key(&t.name).value(&t.value).build())
                .collect(),
        ))
        .description("Reviewed in Zonké Desktop")
        .client_token(id);
    if planned.template.len() > INLINE {
        return Err(CloudError::invalid(
            format!(
                "The template of `{}` is {} bytes; AWS takes {INLINE} in one request.",
                planned.name,
                planned.template.len()
            ),
            "This is a fault of the app: please report it with the plan.",
        ));
    }
    request
        .template_body(&planned.template)
        .send()
        .await
        .doing(|| format!("make the change set of `{}`", planned.name))?;
    let started = tokio::time::Instant::now();
    loop {
        let page = describe_change_set(session, &planned.name, id, None).await?;
        match page.status() {
            Some(ChangeSetStatus::CreateComplete) => return all_changes(session, &planned.name, id, page).await.map(Some),
            Some(ChangeSetStatus::Failed) => {
                let reason = page.status_reason().unwrap_or_default().to_owned();
                delete_change_set(session, &planned.name, id).await?;
                if existing.is_some() && zonke_diagnosis::is_no_changes(&reason) {
                    return Ok(None);
                }
                if existing.is_none() {
                    stacks::delete(session, &planned.name).await?;
                }
                return Err(CloudError::invalid(
                    format!("AWS does not accept the stack `{}`: {reason}", planned.name),
                    "Change the plan accordingly and review again.",
                ));
            }
            _ if started.elapsed() > CHANGE_SET => {
                return Err(CloudError::new(
                    ErrorCode::Network,
                    format!(
                        "AWS did not compute the change set of `{}` in {} minutes.",
                        planned.name,
                        CHANGE_SET.as_secs() / 60
                    ),
                    "Review the deployment again.",
                ));
            }
            _ => tokio::time::sleep(session.pause() / 2).await,
        }
    }
}

/// Executes a change set, unless that has begun already. The same review executes it only once.
pub(crate) async fn execute_change_set(session: &Session, stack: &str, name: &str) -> Result<()> {
    let request = session
        .0
        .cfn
        .execute_change_set()
        .stack_name(stack)
        .change_set_name(name)
        .client_request_token(name);
    // AWS documents the opposite default.
    request
        .disable_rollback(false)
        .send()
        .await
        .doing(|| format!("execute the change set of `{stack}`"))?;
    Ok(())
}

/// How far the execution of a change set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Execution {
    /// It can begin.
    Due,
    Going,
    Succeeded,
    Failed,
    /// AWS knows the change set no more; the stack has to be looked at.
    Unknown,
}

pub(super) async fn execution_of(session: &Session, stack: &str, name: &str) -> Result<Execution> {
    let change_set = match describe_change_set(session, stack, name, None).await {
        Err(error) if matches!(error.code, ErrorCode::NotFound | ErrorCode::InvalidInput) => return Ok(Execution::Unknown),
        other => other?,
    };
    Ok(match change_set.execution_status() {
        Some(ExecutionStatus::Available) => Execution::Due,
        Some(ExecutionStatus::ExecuteInProgress | ExecutionStatus::Unavailable) => Execution::Going,
        Some(ExecutionStatus::ExecuteComplete) => Execution::Succeeded,
        Some(ExecutionStatus::ExecuteFailed | ExecutionStatus::Obsolete) => Execution::Failed,
        _ => Execution::Unknown,
    })
}

async fn describe_change_set(session: &Session, stack: &str, id: &str, next: Option<String>) -> Result<DescribeChangeSetOutput> {
    let request = session
        .0
        .cfn
        .describe_change_set()
        .stack_name(stack)
        .change_set_name(id)
        .set_next_token(next);
    request.send().await.doing(|| format!("read the change set of `{stack}`"))
}

async fn all_changes(session: &Session, stack: &str, id: &str, first: DescribeChangeSetOutput) -> Result<Vec<Change>> {
    let mut next = first.next_token;
    let mut changes = first.changes.unwrap_or_default();
    while let Some(token) = next {
        let page = describe_change_set(session, stack, id, Some(token)).await?;
        changes.extend(page.changes.unwrap_or_default());
        next = page.next_token;
    }
    Ok(changes)
}

/// A change in words.
pub(crate) fn row(change: &Change, planned: &PlannedStack) -> Option<ChangeRow> {
    let change = change.resource_change()?;
    let logical_id = change.logical_resource_id().unwrap_or_default();
    let resource_type = change.resource_type().unwrap_or_default();
    let action = match change.action()? {
        Action::Remove => ChangeAction::Remove,
        Action::Modify => match change.replacement() {
            Some(Replacement::True) => ChangeAction::Replace,
            Some(Replacement::Conditional) => ChangeAction::MayReplace,
            _ => ChangeAction::Modify,
        },
        // Imports and the like become part of the stack.
        _ => ChangeAction::Add,
    };
    let mut properties: Vec<String> = change
        .details()
        .iter()
        .filter_map(|d| d.target())
        .map(|t| match t.attribute() {
            Some(ResourceAttribute::Properties) | None => t.name().unwrap_or_default().to_owned(),
            Some(attribute) => attribute.as_str().to_owned(),
        })
        .filter(|p| !p.is_empty())
        .collect();
    properties.sort();
    properties.dedup();
    Some(ChangeRow {
        logical_id: logical_id.to_owned(),
        resource_type: resource_type.to_owned(),
        description: planned
            .resources
            .iter()
            .find(|r| r.logical_id == logical_id)
            .map_or_else(|| plain_type(resource_type), |r| r.description.clone()),
        action,
        properties,
    })
}
