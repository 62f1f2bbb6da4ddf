//! CloudFormation stacks as they are in AWS.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_cloudformation::types::Stack;
use tokio::time::Instant;
use zonke_plan::StackRole;

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::session::Session;
use crate::time::ms;
use crate::view::{StackSummary, WorkState};

/// Longest time a stack may take to come to rest.
pub(crate) const LONGEST: Duration = Duration::from_hours(1);

/// The three roles, in the order they are deployed.
pub(crate) const ROLES: [StackRole; 3] = [StackRole::Pipeline, StackRole::Base, StackRole::Service];

/// Tag that names the application of a stack.
pub(crate) const TAG_APP: &str = "zonke:app";
/// Tag that names the role of a stack.
pub(crate) const TAG_ROLE: &str = "zonke:role";

/// Name of a role in tags and stack names.
pub(crate) fn role_name(role: StackRole) -> &'static str {
    match role {
        StackRole::Pipeline => "pipeline",
        StackRole::Base => "base",
        StackRole::Service => "service",
        StackRole::Edge => "edge",
        StackRole::Deployer => "deployer",
    }
}

/// Name of a stack of an application.
pub(crate) fn stack_name(app: &str, role: StackRole) -> String {
    format!("{app}-{}", role_name(role))
}

/// A stack as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StackState {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: f64,
    pub(crate) updated_at: Option<f64>,
    pub(crate) outputs: HashMap<String, String>,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) tags: HashMap<String, String>,
}

impl StackState {
    fn of(stack: &Stack) -> Self {
        Self {
            name: stack.stack_name().unwrap_or_default().to_owned(),
            id: stack.stack_id().unwrap_or_default().to_owned(),
            status: stack.stack_status().map(|s| s.as_str().to_owned()).unwrap_or_default(),
            reason: stack.stack_status_reason().map(str::to_owned),
            created_at: stack.creation_time().map_or(0.0, ms),
            updated_at: stack.last_updated_time().map(ms),
            outputs: stack
                .outputs()
                .iter()
                .filter_map(|o| Some((o.output_key()?.to_owned(), o.output_value()?.to_owned())))
                .collect(),
            parameters: stack
                .parameters()
                .iter()
                .filter_map(|p| Some((p.parameter_key()?.to_owned(), p.parameter_value()?.to_owned())))
                .collect(),
            tags: stack
                .tags()
                .iter()
                .filter_map(|t| Some((t.key()?.to_owned(), t.value()?.to_owned())))
                .collect(),
        }
    }

    pub(crate) fn summary(&self, role: StackRole) -> StackSummary {
        StackSummary {
            role,
            name: self.name.clone(),
            status: self.status.clone(),
            state: state_of(&self.status),
        }
    }

    pub(crate) fn busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && !self.in_review()
    }

    /// A stack without resources that a change set made room for.
    pub(crate) fn in_review(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }

    /// Whether the stack holds what its latest template says.
    pub(crate) fn settled(&self) -> bool {
        matches!(
            self.status.as_str(),
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" | "IMPORT_COMPLETE"
        )
    }

    /// Whether its creation failed: it was never complete.
    pub(crate) fn failed_to_come_up(&self) -> bool {
        matches!(
            self.status.as_str(),
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED"
        )
    }

    /// Whether AWS takes it back or deletes it right now.
    pub(crate) fn being_undone(&self) -> bool {
        matches!(self.status.as_str(), "ROLLBACK_IN_PROGRESS" | "DELETE_IN_PROGRESS")
    }

    /// Whether AWS allows nothing but deletion.
    pub(crate) fn only_deletable(&self) -> bool {
        self.failed_to_come_up() || self.status == "DELETE_FAILED"
    }
}

/// Deletes a stack and waits until it is gone.
pub(crate) async fn delete(session: &Session, name: &str) -> Result<()> {
    let before = describe(session, name).await?.map(|s| s.status);
    session
        .0
        .cfn
        .delete_stack()
        .stack_name(name)
        .send()
        .await
        .doing(|| format!("delete the stack `{name}`"))?;
    session.touch();
    let started = Instant::now();
    // A moment passes until AWS tells that it has begun.
    let begun = |status: &str| before.as_deref() != Some(status) || started.elapsed() > session.pause() * 5;
    loop {
        match describe(session, name).await? {
            None => return Ok(()),
            Some(stack) if (stack.busy() || stack.in_review() || !begun(&stack.status)) && started.elapsed() < LONGEST => {
                tokio::time::sleep(session.pause()).await;
            }
            Some(stack) => {
                return Err(CloudError::conflict(
                    format!(
                        "The remains of the stack `{name}` cannot be deleted (`{}`): {}",
                        stack.status,
                        stack.reason.unwrap_or_default()
                    ),
                    "Delete the stack in the AWS console, then try again.",
                ));
            }
        }
    }
}

/// How far a stack with this status is.
pub(crate) fn state_of(status: &str) -> WorkState {
    match status {
        "REVIEW_IN_PROGRESS" => WorkState::Waiting,
        s if s.contains("ROLLBACK") && !s.ends_with("_FAILED") => WorkState::RolledBack,
        s if s.ends_with("_FAILED") => WorkState::Failed,
        s if s.ends_with("_IN_PROGRESS") => WorkState::Running,
        s if s.ends_with("_COMPLETE") => WorkState::Succeeded,
        _ => WorkState::Waiting,
    }
}

/// The stack of this name, if it exists.
pub(crate) async fn describe(session: &Session, name: &str) -> Result<Option<StackState>> {
    match session.0.cfn.describe_stacks().stack_name(name).send().await {
        Ok(output) => Ok(output
            .stacks()
            .first()
            .map(StackState::of)
            .filter(|s| s.status != "DELETE_COMPLETE")),
        Err(error) => {
            let error = from_sdk(&format!("look at the stack `{name}`"), &error);
            // CloudFormation has no code for "does not exist": the name is the only input that could be invalid.
            if matches!(error.code, ErrorCode::InvalidInput | ErrorCode::NotFound) {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}

/// Every stack of the account and region that carries a role's tag.
pub(crate) async fn tagged(session: &Session, role: StackRole) -> Result<Vec<StackState>> {
    let mut found = Vec::new();
    let mut pages = session.0.cfn.describe_stacks().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.doing(|| "list the stacks of the account".to_owned())?;
        found.extend(
            page.stacks()
                .iter()
                .map(StackState::of)
                .filter(|s| s.tags.get(TAG_ROLE).is_some_and(|r| r == role_name(role))),
        );
    }
    Ok(found)
}

/// Something that happened in a stack.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at: f64,
    pub(crate) logical_id: String,
    pub(crate) resource_type: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    /// Whether it is about the stack itself.
    pub(crate) of_stack: bool,
}

impl Event {
    /// Whether an operation on the stack begins with it.
    fn begins_operation(&self) -> bool {
        self.of_stack
            && matches!(
                self.status.as_str(),
                "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" | "IMPORT_IN_PROGRESS"
            )
    }
}

/// Events of a stack's latest operation, oldest first. Each look reads only what is new.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Operation {
    pub(crate) stack_id: String,
    pub(crate) events: Vec<Event>,
}

impl Operation {
    /// Reads what happened since the last look.
    pub(crate) async fn refresh(&mut self, session: &Session, stack_id: &str) -> Result<()> {
        if self.stack_id != stack_id {
            *self = Self {
                stack_id: stack_id.to_owned(),
                events: Vec::new(),
            };
        }
        let known: HashSet<&str> = self.events.iter().map(|e| e.id.as_str()).collect();
        let mut fresh = Vec::new();
        let mut reached = Reached::End;
        let mut pages = session
            .0
            .cfn
            .describe_stack_events()
            .stack_name(stack_id)
            .into_paginator()
            .send();
        'pages: while let Some(page) = pages.next().await {
            let page = page.doing(|| format!("read the events of `{stack_id}`"))?;
            for event in page.stack_events() {
                let event = event_of(event, stack_id);
                if known.contains(event.id.as_str()) {
                    reached = Reached::Known;
                    break 'pages;
                }
                let begins = event.begins_operation();
                fresh.push(event);
                if begins {
                    reached = Reached::Beginning;
                    break 'pages;
                }
            }
        }
        fresh.reverse();
        match reached {
            Reached::Known => self.events.extend(fresh),
            Reached::Beginning | Reached::End => self.events = fresh,
        }
        Ok(())
    }
}

enum Reached {
    Known,
    Beginning,
    End,
}

fn event_of(event: &aws_sdk_cloudformation::types::StackEvent, stack_id: &str) -> Event {
    let resource_type = event.resource_type().unwrap_or_default();
    Event {
        id: event.event_id().unwrap_or_default().to_owned(),
        at: event.timestamp().map_or(0.0, ms),
        logical_id: event.logical_resource_id().unwrap_or_default().to_owned(),
        of_stack: resource_type == "AWS::CloudFormation::Stack" && event.physical_resource_id() == Some(stack_id),
        resource_type: resource_type.to_owned(),
        status: event.resource_status().map(|s| s.as_str().to_owned()).unwrap_or_default(),
        reason: event.resource_status_reason().map(str::to_owned).filter(|r| !r.is_empty()),
    }
}
