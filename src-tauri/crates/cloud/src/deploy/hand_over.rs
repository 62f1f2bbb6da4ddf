//! What is left of a deployment after its confirmation, until AWS needs this computer no more.

use std::time::Duration;

use zonke_plan::StackRole;

use super::change_set::{Execution, execute_change_set, execution_of};
use super::edge;
use crate::error::{CloudError, Doing, ErrorCode, Result};
use crate::infra;
use crate::journal::{EdgeStep, Journal, Pending, Reserved};
use crate::pipeline::{self, pipeline_name};
use crate::remains;
use crate::session::{Session, Work};
use crate::stacks::{self, StackState, stack_name};
use crate::time::now;

/// Longest time an execution may take to read its sources before another one is started.
const UNDECIDED: Duration = Duration::from_mins(10);

/// Begins with a confirmed deployment, so that a refusal is known at once.
pub(super) async fn begin(session: &Session, pending: &Pending) -> Result<()> {
    let (session, role, change_set) = match (&pending.edge, &pending.change_set) {
        (Some(EdgeStep::First { change_set }), _) => (&session.at_edge(), StackRole::Edge, change_set),
        (_, Some(change_set)) => (session, StackRole::Pipeline, change_set),
        (_, None) => return Ok(()),
    };
    execute_change_set(session, &stack_name(&pending.app(), role), change_set).await
}

/// Does what is left of a confirmed deployment and notes how it ended.
pub(super) async fn carry_on(session: Session, mut pending: Pending, journal: Journal, reserved: Reserved) {
    let mut attempt = 0;
    let result = loop {
        match hand_over(&session, &mut pending, &journal).await {
            // The network, or AWS being busy, must not end a deployment.
            Err(error) if error.retryable && attempt < 30 => {
                attempt += 1;
                tracing::warn!(%error, app = pending.app(), attempt, "the deployment waits for AWS");
                tokio::time::sleep(session.pause() * 2).await;
            }
            result => break result,
        }
    };
    let result = match result {
        Ok(Some(execution)) if matches!(pending.edge, Some(EdgeStep::Last { .. })) => {
            session.set_work(&pending.app(), Work::TakingAway);
            edge::take_away(&session, &pending, &execution)
                .await
                .map(|()| Some(execution))
        }
        result => result,
    };
    // After a new sign-in it can go on; anything else needs a new review.
    let again = result.as_ref().is_err_and(|error| error.signed_out() || error.retryable);
    if !again {
        journal.remove(&pending.id);
    }
    drop(reserved);
    match result {
        Ok(Some(execution)) => session.set_work(&pending.app(), Work::HandedOver { execution, at: now() }),
        // The stack failed: its own events say why.
        Ok(None) => session.forget_work(&pending.app()),
        Err(error) => {
            tracing::warn!(%error, app = pending.app(), "the deployment stopped");
            session.set_work(&pending.app(), Work::Failed { error, at: now() });
        }
    }
}

/// Goes on with a deployment of an earlier run of the app, which may have been killed before AWS had begun.
pub(super) async fn take_up(session: Session, pending: Pending, journal: Journal, reserved: Reserved) {
    if let Err(error) = begin(&session, &pending).await {
        // Usually AWS has begun long ago and knows the change set no more.
        tracing::info!(%error, app = pending.app(), "the change set is not executed again");
    }
    carry_on(session, pending, journal, reserved).await;
}

/// Uploads the infrastructure as soon as there is a bucket, waits for the stack and makes the pipeline run with it. Returns
/// the execution, or nothing if the stack failed.
async fn hand_over(session: &Session, pending: &mut Pending, journal: &Journal) -> Result<Option<String>> {
    let app = pending.app();
    let name = stack_name(&app, StackRole::Pipeline);
    remains::clear(session, &app).await?;
    if !edge::prepare(session, pending).await? {
        return Ok(None);
    }
    if let (Some(EdgeStep::First { .. }), Some(change_set)) = (&pending.edge, &pending.change_set)
        && execution_of(session, &name, change_set).await? == Execution::Due
    {
        execute_change_set(session, &name, change_set).await?;
    }
    let started = tokio::time::Instant::now();
    loop {
        let Some(stack) = stacks::describe(session, &name).await? else {
            return Ok(None);
        };
        if !stack.busy() && !stack.settled() && !stack.in_review() {
            return Ok(None);
        }
        // A new pipeline starts by itself and should find its source. An existing one must not: a commit could take the new
        // templates along before the roles they need are there, or after they were refused.
        let wanted = stack.settled() || stack.status.starts_with("CREATE_");
        if wanted
            && pending.uploaded.is_none()
            && let Some(bucket) = bucket_of(session, &stack).await?
        {
            let facts = infra::facts_for(session, &pending.plan, &bucket, &pending.connection_arn).await?;
            pending.uploaded = Some(infra::upload(session, &pending.plan, &facts).await?);
            journal.save(pending)?;
        }
        if let (true, Some(version)) = (stack.settled(), &pending.uploaded) {
            return ensure_execution(session, &app, version).await.map(Some);
        }
        if started.elapsed() > stacks::LONGEST {
            return Err(CloudError::new(
                ErrorCode::Other,
                format!("`{name}` did not come to an end within an hour."),
                "Look at the stack in the AWS console.",
            ));
        }
        tokio::time::sleep(session.pause()).await;
    }
}

/// The bucket, as soon as it is complete; a pipeline starts by itself when it is created, and should find its source there.
async fn bucket_of(session: &Session, stack: &StackState) -> Result<Option<String>> {
    if let Some(bucket) = stack.outputs.get("ArtifactBucketName") {
        return Ok(Some(bucket.clone()));
    }
    let output = session.0.cfn.describe_stack_resources().stack_name(&stack.id).send().await;
    let output = output.doing(|| format!("list the resources of `{}`", stack.name))?;
    let ready = |status: &str| matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE");
    Ok(output
        .stack_resources()
        .iter()
        .find(|r| r.logical_resource_id() == Some("ArtifactBucket") && r.resource_status().is_some_and(|s| ready(s.as_str())))
        .and_then(|r| r.physical_resource_id())
        .map(str::to_owned))
}

/// Makes sure that the pipeline runs with this version of the infrastructure; returns the execution that does.
async fn ensure_execution(session: &Session, app: &str, version: &str) -> Result<String> {
    let name = pipeline_name(app);
    let started = tokio::time::Instant::now();
    loop {
        let output = session
            .0
            .pipeline
            .list_pipeline_executions()
            .pipeline_name(&name)
            .max_results(5)
            .send()
            .await;
        let output = output.doing(|| format!("list the executions of the pipeline `{name}`"))?;
        let executions = output.pipeline_execution_summaries();
        let with_ours = executions.iter().find(|e| {
            e.source_revisions().iter().any(|r| r.revision_id() == Some(version))
                && e.status().is_some_and(|s| matches!(s.as_str(), "InProgress" | "Succeeded"))
        });
        if let Some(id) = with_ours.and_then(|e| e.pipeline_execution_id()) {
            return Ok(id.to_owned());
        }
        // An execution that has not read its sources yet may still take ours.
        let undecided = executions
            .first()
            .is_some_and(|e| e.source_revisions().is_empty() && e.status().is_some_and(|s| s.as_str() == "InProgress"));
        if !undecided || started.elapsed() > UNDECIDED {
            return pipeline::start(session, &name).await;
        }
        tokio::time::sleep(session.pause()).await;
    }
}
