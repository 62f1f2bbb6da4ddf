//! The edge stack in us-east-1: certificate and web firewall. What CloudFront needs is made before everything else; what it
//! does not need any more goes away after the release, because CloudFront uses it until then.

use aws_sdk_cloudformation::types::Change;
use tokio::time::Instant;
use zonke_plan::{Dns, Plan, StackRole};

use super::change_set::{Execution, execute_change_set, execution_of, make_change_set, row};
use crate::error::{CloudError, Doing, ErrorCode, Result};
use crate::journal::{EdgeStep, Pending};
use crate::pipeline::pipeline_name;
use crate::remains;
use crate::session::Session;
use crate::stacks::{self, LONGEST, StackState, stack_name};
use crate::view::{ChangeAction, ChangeRow, EdgeReview, Failure};

/// What a review has to say about the edge stack.
#[derive(Debug, Default)]
pub(super) struct Reviewed {
    /// Nothing if it stays as it is.
    pub(super) step: Option<EdgeStep>,
    pub(super) view: Option<EdgeReview>,
    /// Why a first attempt failed; its remains are removed.
    pub(super) failure: Option<Failure>,
}

/// Makes the change set of the edge stack, if the plan has one or the account still does.
pub(super) async fn review(session: &Session, plan: &Plan, id: &str) -> Result<Reviewed> {
    let there = &session.at_edge();
    let app = &plan.inputs.choices.name();
    let name = &stack_name(app, StackRole::Edge);
    let planned = plan.stack(StackRole::Edge);
    let mut existing = match stacks::describe(there, name).await {
        // Rights in that region come with a plan that needs them.
        Err(error) if planned.is_none() && error.code == ErrorCode::AccessDenied => None,
        state => state?,
    };
    let mut reviewed = Reviewed::default();
    if let Some(state) = existing.as_ref().filter(|s| s.busy()) {
        return Err(CloudError::conflict(
            format!(
                "`{name}` in {} is being changed (`{}`).",
                there.account().region,
                state.status
            ),
            "Wait until that has ended, then review again.",
        ));
    }
    if let Some(remains) = remains::find(there, app, StackRole::Edge).await? {
        reviewed.failure = super::failure_of(there, plan, StackRole::Edge, &remains).await?;
        remains::remove(there, &remains).await?;
        existing = None;
    }
    existing = existing.filter(|s| !s.in_review());
    let (step, changes) = match (planned, &existing) {
        (None, None) => return Ok(reviewed),
        (None, Some(state)) => (EdgeStep::Last { change_set: None }, removals(there, state).await?),
        (Some(planned), _) => {
            let Some(made) = make_change_set(there, &plan.tags(StackRole::Edge), planned, id, existing.as_ref(), &[]).await?
            else {
                return Ok(reviewed);
            };
            let rows: Vec<ChangeRow> = made.iter().filter_map(|c: &Change| row(c, planned)).collect();
            (step_of(id, &rows), rows)
        }
    };
    let after_release = matches!(step, EdgeStep::Last { .. });
    let outside = plan.inputs.choices.domain.as_ref().is_some_and(|d| d.dns == Dns::Outside);
    let made_anew =
        |c: &ChangeRow| matches!(c.action, ChangeAction::Add | ChangeAction::Replace) && c.resource_type == CERTIFICATE;
    reviewed.view = Some(EdgeReview {
        name: name.clone(),
        region: there.account().region.clone(),
        waits_for_dns: outside && changes.iter().any(made_anew),
        changes,
        after_release,
    });
    reviewed.step = Some(step);
    Ok(reviewed)
}

const CERTIFICATE: &str = "AWS::CertificateManager::Certificate";

/// When a change set is executed: one that takes something away waits for the release.
fn step_of(id: &str, changes: &[ChangeRow]) -> EdgeStep {
    let change_set = id.to_owned();
    let takes = |c: &ChangeRow| c.action == ChangeAction::Remove;
    let makes = |c: &ChangeRow| matches!(c.action, ChangeAction::Add | ChangeAction::Replace | ChangeAction::MayReplace);
    if changes.iter().any(takes) && !changes.iter().any(makes) {
        EdgeStep::Last {
            change_set: Some(change_set),
        }
    } else {
        EdgeStep::First { change_set }
    }
}

/// What goes with the stack, in words.
async fn removals(there: &Session, stack: &StackState) -> Result<Vec<ChangeRow>> {
    let output = there.0.cfn.list_stack_resources().stack_name(&stack.id).send().await;
    let output = output.doing(|| format!("list the resources of `{}`", stack.name))?;
    let row = |r: &aws_sdk_cloudformation::types::StackResourceSummary| {
        let resource_type = r.resource_type().unwrap_or_default();
        ChangeRow {
            logical_id: r.logical_resource_id().unwrap_or_default().to_owned(),
            resource_type: resource_type.to_owned(),
            description: crate::deployment::plain_type(resource_type),
            action: ChangeAction::Remove,
            properties: Vec::new(),
        }
    };
    Ok(output.stack_resource_summaries().iter().map(row).collect())
}

/// Makes what CloudFront needs before the pipeline, and waits for it: with DNS elsewhere until a person has entered the
/// records, which may take days. False if the stack failed; its own events say why.
pub(super) async fn prepare(session: &Session, pending: &Pending) -> Result<bool> {
    match &pending.edge {
        Some(EdgeStep::First { change_set }) => carry_out(&session.at_edge(), &pending.app(), change_set).await,
        Some(EdgeStep::Last { .. }) | None => Ok(true),
    }
}

/// Takes away what the site used until this execution of the pipeline. A release that fails leaves everything in place.
pub(super) async fn take_away(session: &Session, pending: &Pending, execution: &str) -> Result<()> {
    let Some(EdgeStep::Last { change_set }) = &pending.edge else {
        return Ok(());
    };
    let app = pending.app();
    if !released(session, &app, execution).await? {
        return Ok(());
    }
    let there = session.at_edge();
    let name = stack_name(&app, StackRole::Edge);
    match change_set {
        None => stacks::delete(&there, &name).await,
        Some(change_set) if carry_out(&there, &app, change_set).await? => Ok(()),
        Some(_) => Err(CloudError::conflict(
            format!(
                "`{name}` in {} could not be changed after the release.",
                there.account().region
            ),
            "The site works. Look at the stack's events in the AWS console, then deploy again.",
        )),
    }
}

/// Waits until an execution of the pipeline has ended; whether it succeeded.
async fn released(session: &Session, app: &str, execution: &str) -> Result<bool> {
    let name = pipeline_name(app);
    loop {
        let output = session.0.pipeline.get_pipeline_execution();
        let output = output.pipeline_name(&name).pipeline_execution_id(execution).send().await;
        let output = output.doing(|| format!("look at the execution of the pipeline `{name}`"))?;
        let status = output
            .pipeline_execution()
            .and_then(|e| e.status())
            .map(|s| s.as_str().to_owned());
        match status.as_deref() {
            Some("InProgress" | "Stopping") => tokio::time::sleep(session.pause()).await,
            status => return Ok(status == Some("Succeeded")),
        }
    }
}

/// Executes a change set of the edge stack, unless that has begun already, and waits for its end; whether it succeeded.
async fn carry_out(there: &Session, app: &str, change_set: &str) -> Result<bool> {
    let name = stack_name(app, StackRole::Edge);
    let started = Instant::now();
    loop {
        match execution_of(there, &name, change_set).await? {
            Execution::Due => execute_change_set(there, &name, change_set).await?,
            Execution::Succeeded => return Ok(true),
            Execution::Failed => return Ok(false),
            Execution::Unknown => match stacks::describe(there, &name).await? {
                Some(stack) if stack.settled() => return Ok(true),
                Some(stack) if stack.busy() || started.elapsed() < LONGEST => {}
                _ => return Ok(false),
            },
            Execution::Going => {}
        }
        tokio::time::sleep(there.pause()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: ChangeAction) -> ChangeRow {
        ChangeRow {
            logical_id: "WebFirewall".to_owned(),
            resource_type: "AWS::WAFv2::WebACL".to_owned(),
            description: String::new(),
            action,
            properties: Vec::new(),
        }
    }

    #[test]
    fn what_goes_away_waits_for_the_release_and_what_is_made_does_not() {
        let last = EdgeStep::Last {
            change_set: Some("shop-1".to_owned()),
        };
        let first = EdgeStep::First {
            change_set: "shop-1".to_owned(),
        };
        assert_eq!(step_of("shop-1", &[change(ChangeAction::Remove)]), last);
        assert_eq!(
            step_of("shop-1", &[change(ChangeAction::Modify), change(ChangeAction::Remove)]),
            last
        );
        for makes in [ChangeAction::Add, ChangeAction::Modify, ChangeAction::Replace] {
            assert_eq!(step_of("shop-1", &[change(makes)]), first, "{makes:?}");
        }
        assert_eq!(
            step_of("shop-1", &[change(ChangeAction::Remove), change(ChangeAction::Add)]),
            first
        );
    }
}
