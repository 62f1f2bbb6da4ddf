//! Review, then deploy: a change set on the pipeline stack, the upload of the infrastructure, the pipeline's start.
//!
//! The rest is the pipeline's work and needs no computer. What this app still has to do after a change set was confirmed is
//! kept in a [`Journal`], so that an app that was killed goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    Capability, Change, ChangeAction as Action, ChangeSetStatus, ChangeSetType, Parameter, Replacement, ResourceAttribute, Tag,
};
use zonke_plan::{CheckResult, Plan, PlannedStack, StackRole};

use crate::connection;
use crate::deployment::{StackFacts, plain_type, stack_failure};
use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::infra;
use crate::journal::Pending;
use crate::pipeline::{self, pipeline_name};
use crate::session::{Session, Work};
use crate::stacks::{self, Operation, StackState, stack_name};
use crate::time::now;
use crate::view::{ChangeAction, ChangeRow, ConnectionView, Failure, LaterStack, ReviewView};

pub use crate::journal::Journal;

/// Largest template that travels inside a request, in bytes; AWS's limit.
const INLINE: usize = 51_200;
/// Longest time a change set may take to be computed.
const CHANGE_SET: Duration = Duration::from_secs(300);
/// Longest time a stack may take to be deleted or completed.
const STACK: Duration = Duration::from_secs(3600);
/// Longest time a fresh connection may take in the practice account, where nobody has to finish it.
const PRACTICE_CONNECTION: Duration = Duration::from_secs(30);

/// Makes a change set for the pipeline stack and explains it. Nothing is built yet.
///
/// Remains of a first attempt that failed are removed, because AWS allows nothing else; why it failed is part of the review.
/// What is operated in the account keeps its value when an application is deployed again: its secrets and the number of its
/// servers.
///
/// # Errors
/// The plan cannot be deployed as it is, the stack is busy, the session is the root user's, or AWS refuses.
pub async fn review(session: &Session, plan: &Plan, journal: &Journal) -> Result<ReviewView> {
    session.refuse_root()?;
    deployable(session, plan)?;
    journal.tidy(now());
    let connection = connection::find_or_create(session, plan.inputs.choices.provider).await?;
    let (existing, previous_failure) = make_room(session, plan).await?;
    let existing = existing.filter(|s| !s.in_review());
    let plan = &keep_operated(session, plan, existing.as_ref()).await?;
    let app = &plan.inputs.choices.app;
    let planned = pipeline_of(plan)?;

    let id = format!("{app}-{:x}", now() as u64);
    let made = make_change_set(session, plan, &id, existing.as_ref(), &connection.arn).await?;
    let pending = Pending {
        id: id.clone(),
        account_id: session.account().account_id.clone(),
        region: session.account().region.clone(),
        reviewed_at: now(),
        change_set: made.as_ref().map(|_| id.clone()),
        confirmed: false,
        connection_arn: connection.arn.clone(),
        uploaded: None,
        plan: plan.clone(),
    };
    journal.save(&pending)?;
    Ok(ReviewView {
        id,
        app: app.clone(),
        account: session.account().clone(),
        update: existing.is_some(),
        changes: made.unwrap_or_default().iter().filter_map(|c| row(c, planned)).collect(),
        later: plan
            .stacks
            .iter()
            .filter(|s| s.role != StackRole::Pipeline)
            .map(|s| LaterStack {
                role: s.role,
                name: s.name.clone(),
                resources: u32::try_from(s.resources.len()).unwrap_or(u32::MAX),
            })
            .collect(),
        monthly: plan.price.total,
        connection: connection.view(session),
        previous_failure,
    })
}

/// Whether the connection of a review can be used now; a person finishes it in the AWS console.
///
/// # Errors
/// The review is not known any more, or AWS refuses.
pub async fn connection_state(session: &Session, id: &str, journal: &Journal) -> Result<ConnectionView> {
    let pending = load(session, id, journal)?;
    let mut connection = connection::find_or_create(session, pending.plan.inputs.choices.provider).await?;
    connection.available = connection::is_available(session, &connection.arn).await?;
    Ok(connection.view(session))
}

/// Executes a reviewed change set. Returns as soon as AWS has begun; the rest goes on by itself and the live view shows it.
///
/// # Errors
/// The review is not known any more, the connection to the source host is not finished, or AWS refuses.
pub async fn execute(session: &Session, id: &str, journal: &Journal) -> Result<()> {
    session.refuse_root()?;
    let mut pending = load(session, id, journal)?;
    let Some(reserved) = journal.reserve(id)? else {
        return Err(CloudError::conflict(
            "This deployment is going on already.",
            "Watch it in the deployment view.",
        ));
    };
    await_connection(session, &pending).await?;
    if let Some(change_set) = &pending.change_set {
        let stack = stack_name(pending.app(), StackRole::Pipeline);
        session
            .0
            .cfn
            .execute_change_set()
            .stack_name(&stack)
            .change_set_name(change_set)
            .client_request_token(id)
            // AWS documents the opposite default.
            .disable_rollback(false)
            .send()
            .await
            .doing(|| format!("execute the change set of `{stack}`"))?;
    }
    pending.confirmed = true;
    journal.save(&pending)?;
    session.learn_plan(Arc::new(pending.plan.clone()));
    session.set_work(pending.app(), Work::Going);
    tokio::spawn(carry_on(session.clone(), pending, journal.clone(), reserved));
    Ok(())
}

/// Throws a review away: its change set, and the empty stack that was made for it.
///
/// # Errors
/// AWS refuses.
pub async fn discard(session: &Session, id: &str, journal: &Journal) -> Result<()> {
    let pending = load(session, id, journal)?;
    if pending.confirmed {
        return Err(CloudError::conflict(
            "This deployment was confirmed and is going on.",
            "Watch it in the deployment view.",
        ));
    }
    let name = stack_name(pending.app(), StackRole::Pipeline);
    if let Some(change_set) = &pending.change_set {
        delete_change_set(session, &name, change_set).await?;
    }
    if stacks::describe(session, &name).await?.is_some_and(|s| s.in_review()) {
        delete_stack(session, &name).await?;
    }
    journal.remove(id);
    Ok(())
}

/// Goes on with every confirmed deployment of this account that an earlier run of the app left unfinished; returns the
/// applications they belong to. Each goes on in a task of its own.
pub async fn resume(session: Session, journal: Journal) -> Vec<String> {
    let mut resumed = Vec::new();
    for pending in journal.all() {
        let account = session.account();
        if !pending.confirmed || pending.account_id != account.account_id || pending.region != account.region {
            continue;
        }
        match journal.reserve(&pending.id) {
            Ok(Some(reserved)) => {
                resumed.push(pending.app().to_owned());
                session.learn_plan(Arc::new(pending.plan.clone()));
                session.set_work(pending.app(), Work::Going);
                tokio::spawn(carry_on(session.clone(), pending, journal.clone(), reserved));
            }
            // Another process does it.
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, id = pending.id, "an unfinished deployment cannot be taken up"),
        }
        tokio::task::yield_now().await;
    }
    resumed
}

fn load(session: &Session, id: &str, journal: &Journal) -> Result<Pending> {
    let pending = journal.load(id)?;
    let account = session.account();
    if pending.account_id != account.account_id || pending.region != account.region {
        return Err(CloudError::conflict(
            format!(
                "The review `{id}` belongs to account {} in {}.",
                pending.account_id, pending.region
            ),
            "Connect that account, or review the deployment again.",
        ));
    }
    Ok(pending)
}

fn pipeline_of(plan: &Plan) -> Result<&PlannedStack> {
    plan.stack(StackRole::Pipeline)
        .ok_or_else(|| CloudError::invalid("The plan has no pipeline stack.", "Make the plan again."))
}

fn deployable(session: &Session, plan: &Plan) -> Result<()> {
    let choices = &plan.inputs.choices;
    if choices.region != session.account().region {
        return Err(CloudError::conflict(
            format!(
                "The plan is for {}, the session is in {}.",
                choices.region,
                session.account().region
            ),
            "Choose the same region for both.",
        ));
    }
    if choices.repository.is_none() {
        return Err(CloudError::invalid(
            "The plan names no repository.",
            "Enter the repository as owner/name.",
        ));
    }
    if let Some(check) = plan.checks.iter().find(|c| c.result == CheckResult::Failed) {
        return Err(CloudError::invalid(
            format!("The plan does not hold: {}.", check.title),
            check.detail.clone(),
        ));
    }
    Ok(())
}

/// The pipeline stack, if it exists and can be updated. A stack whose creation failed is deleted; its failure is returned.
async fn make_room(session: &Session, plan: &Plan) -> Result<(Option<StackState>, Option<Failure>)> {
    let name = &stack_name(&plan.inputs.choices.app, StackRole::Pipeline);
    let Some(state) = stacks::describe(session, name).await? else {
        return Ok((None, None));
    };
    if state.busy() {
        return Err(CloudError::conflict(
            format!("`{name}` is being changed (`{}`).", state.status),
            "Wait until that has ended, then review again.",
        ));
    }
    if !state.only_deletable() {
        return Ok((Some(state), None));
    }
    let mut operation = Operation::default();
    operation.refresh(session, &state.id).await?;
    let facts = StackFacts {
        role: StackRole::Pipeline,
        state,
        events: operation.events,
    };
    let failure = stack_failure(&facts, Some(plan));
    delete_stack(session, name).await?;
    Ok((None, failure))
}

/// The plan with what the account's owner operates there. A folder knows nothing of it, and deploying it again must neither
/// take secrets away from the servers nor change their number.
async fn keep_operated(session: &Session, plan: &Plan, existing: Option<&StackState>) -> Result<Plan> {
    let Some(bucket) = existing.and_then(|s| infra::bucket(s).ok()) else {
        return Ok(plan.clone());
    };
    let Some(operated) = infra::inputs_of(session, &bucket).await? else {
        return Ok(plan.clone());
    };
    let mut inputs = plan.inputs.clone();
    let added = inputs
        .secret_keys
        .iter()
        .filter(|k| !operated.secret_keys.contains(k))
        .cloned()
        .collect::<Vec<_>>();
    inputs.secret_keys = operated.secret_keys;
    inputs.secret_keys.extend(added);
    inputs.secrets_revision = operated.secrets_revision;
    inputs.choices.servers.min = operated.choices.servers.min;
    inputs.choices.servers.max = operated.choices.servers.max;
    zonke_plan::plan(&inputs).map_err(|e| infra::planning(&e))
}

async fn delete_stack(session: &Session, name: &str) -> Result<()> {
    session
        .0
        .cfn
        .delete_stack()
        .stack_name(name)
        .send()
        .await
        .doing(|| format!("delete the stack `{name}`"))?;
    let started = tokio::time::Instant::now();
    loop {
        match stacks::describe(session, name).await? {
            None => return Ok(()),
            Some(stack) if (stack.busy() || stack.in_review()) && started.elapsed() < STACK => {
                tokio::time::sleep(session.pause()).await
            }
            Some(stack) => {
                return Err(CloudError::conflict(
                    format!(
                        "The remains of the stack `{name}` cannot be deleted (`{}`): {}",
                        stack.status,
                        stack.reason.unwrap_or_default()
                    ),
                    "Delete the stack in the AWS console, then review again.",
                ));
            }
        }
    }
}

async fn delete_change_set(session: &Session, stack: &str, name: &str) -> Result<()> {
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
async fn make_change_set(
    session: &Session,
    plan: &Plan,
    id: &str,
    existing: Option<&StackState>,
    connection_arn: &str,
) -> Result<Option<Vec<Change>>> {
    let planned = pipeline_of(plan)?;
    let answered = plan.pipeline_parameters(connection_arn);
    let known = planned
        .parameters
        .iter()
        .filter(|p| !answered.iter().any(|a| a.name == p.name));
    let parameters: Vec<_> = known.chain(&answered).collect();
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
            plan.tags(StackRole::Pipeline)
                .iter()
                .map(|t| Tag::builder().key(&t.name).value(&t.value).build())
                .collect(),
        ))
        .description("Reviewed in Zonké Desktop")
        .client_token(id);
    if planned.template.len() > INLINE {
        return Err(CloudError::invalid(
            format!(
                "The pipeline stack's template is {} bytes; AWS takes {INLINE} in one request.",
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
                    delete_stack(session, &planned.name).await?;
                }
                return Err(CloudError::invalid(
                    format!("AWS does not accept the pipeline stack: {reason}"),
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

fn row(change: &Change, planned: &PlannedStack) -> Option<ChangeRow> {
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

/// In the practice account a connection finishes itself after a moment.
async fn await_connection(session: &Session, pending: &Pending) -> Result<()> {
    let started = tokio::time::Instant::now();
    loop {
        let answer = infra::require_connection(session, &pending.plan, &pending.connection_arn).await;
        match answer {
            Err(error)
                if error.code == ErrorCode::Conflict && session.account().practice && started.elapsed() < PRACTICE_CONNECTION =>
            {
                tokio::time::sleep(session.pause()).await;
            }
            answer => return answer,
        }
    }
}

/// Does what is left of a confirmed deployment and notes how it ended.
async fn carry_on(session: Session, mut pending: Pending, journal: Journal, reserved: crate::journal::Reserved) {
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
    let work = match result {
        Ok(Some(execution)) => Work::HandedOver { execution },
        // The stack failed: its own events say why.
        Ok(None) => Work::HandedOver {
            execution: String::new(),
        },
        Err(error) => {
            tracing::warn!(%error, app = pending.app(), "the deployment stopped");
            // A new sign-in or a repaired permission lets it go on at the next start; anything else needs a new review.
            if error.signed_out() || error.retryable {
                session.set_work(pending.app(), Work::Failed(error));
                return;
            }
            Work::Failed(error)
        }
    };
    drop(reserved);
    journal.remove(&pending.id);
    session.set_work(pending.app(), work);
}

/// Uploads the infrastructure as soon as there is a bucket, waits for the stack and makes the pipeline run with it. Returns
/// the execution, or nothing if the stack failed.
async fn hand_over(session: &Session, pending: &mut Pending, journal: &Journal) -> Result<Option<String>> {
    let app = pending.app().to_owned();
    let name = stack_name(&app, StackRole::Pipeline);
    let started = tokio::time::Instant::now();
    loop {
        let Some(stack) = stacks::describe(session, &name).await? else {
            return Ok(None);
        };
        if !stack.busy() && !stack.settled() && !stack.in_review() {
            return Ok(None);
        }
        if pending.uploaded.is_none()
            && let Some(bucket) = bucket_of(session, &stack).await?
        {
            let facts = infra::facts_for(session, &bucket, &pending.connection_arn).await?;
            pending.uploaded = Some(infra::upload(session, &pending.plan, &facts).await?);
            journal.save(pending)?;
        }
        if let (true, Some(version)) = (stack.settled(), &pending.uploaded) {
            return ensure_execution(session, &app, version).await.map(Some);
        }
        if started.elapsed() > STACK {
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
                && e.status().is_some_and(|s| s.as_str() != "Failed")
        });
        if let Some(id) = with_ours.and_then(|e| e.pipeline_execution_id()) {
            return Ok(id.to_owned());
        }
        // An execution that has not read its sources yet may still take ours.
        let undecided = executions
            .first()
            .is_some_and(|e| e.source_revisions().is_empty() && e.status().is_some_and(|s| s.as_str() == "InProgress"));
        if !undecided {
            return pipeline::start(session, &name, None).await;
        }
        tokio::time::sleep(session.pause()).await;
    }
}
