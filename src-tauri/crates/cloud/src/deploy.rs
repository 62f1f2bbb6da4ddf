//! Review, then deploy: a change set on the edge stack, if there is one, and on the pipeline stack, the upload of the infrastructure, the pipeline's start.
//!
//! The rest is the pipeline's work and needs no computer. What this app still has to do after a change set was confirmed is
//! kept in a [`Journal`], so that an app that was killed goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use zonke_plan::{CheckResult, FreshPrices, Plan, PlannedStack, StackRole};

use crate::connection;
use crate::deployment::{StackFacts, stack_failure};
use crate::error::{CloudError, ErrorCode, Result};
use crate::infra;
use crate::journal::{EdgeStep, Pending};
use crate::remains;
use crate::session::{Session, Work};
use crate::stacks::{self, Operation, StackState, stack_name};
use crate::time::{now, since_epoch};
use crate::view::{ConnectionView, Failure, LaterStack, ReviewView};

pub(crate) mod change_set;
mod edge;
#[cfg(test)]
mod expiry_tests;
mod hand_over;
mod moves;

use change_set::{delete_change_set, make_change_set, row};
use hand_over::{begin, carry_on, take_up};
use moves::refuse_moves;

pub use crate::journal::Journal;

/// Longest time a fresh connection may take in the practice account, where nobody has to finish it.
const PRACTICE_CONNECTION: Duration = Duration::from_secs(30);

/// Makes a change set for the pipeline stack and explains it. Nothing is built yet.
///
/// Remains of a first attempt that failed are removed, because AWS allows nothing else; why it failed is part of the review.
/// What is operated in the account keeps its value when an application is deployed again: its secrets and the number of its
/// servers. What is reviewed is priced anew then, with the same `prices` that the plan was made with.
///
/// # Errors
/// The plan cannot be deployed as it is, the stack is busy, the session is the root user's, or AWS refuses.
pub async fn review(session: &Session, plan: &Plan, prices: Option<&FreshPrices>, journal: &Journal) -> Result<ReviewView> {
    session.refuse_root()?;
    deployable(session, plan)?;
    journal.tidy(now());
    supersede(session, plan, journal).await?;
    let connection = connection::find_or_create(session, plan.inputs.choices.provider).await?;
    let (existing, previous_failure) = make_room(session, plan).await?;
    let existing = existing.filter(|s| !s.in_review());
    let plan = &keep_operated(session, plan, prices, existing.as_ref()).await?;
    let app = &plan.inputs.choices.name();
    let planned = pipeline_of(plan)?;

    let id = format!("{app}-{:x}", since_epoch().as_millis());
    let edge = edge::review(session, plan, &id).await?;
    let answered = plan.pipeline_parameters(&connection.arn);
    let made = make_change_set(session, &plan.tags(planned.role), planned, &id, existing.as_ref(), &answered).await?;
    let pending = Pending {
        id: id.clone(),
        account_id: session.account().account_id.clone(),
        region: session.account().region.clone(),
        reviewed_at: now(),
        change_set: made.as_ref().map(|_| id.clone()),
        confirmed: false,
        edge: edge.step,
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
        edge: edge.view,
        changes: made.unwrap_or_default().iter().filter_map(|c| row(c, planned)).collect(),
        later: plan
            .stacks
            .iter()
            .filter(|s| matches!(s.role, StackRole::Base | StackRole::Service))
            .map(|s| LaterStack {
                role: s.role,
                name: s.name.clone(),
                resources: u32::try_from(s.resources.len()).unwrap_or(u32::MAX),
            })
            .collect(),
        monthly: plan.price.total,
        connection: connection.view(session),
        previous_failure: edge.failure.or(previous_failure),
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
    // Noted first: if the app is killed right after AWS has begun, the next start must know.
    pending.confirmed = true;
    journal.save(&pending)?;
    if let Err(error) = begin(session, &pending).await {
        pending.confirmed = false;
        journal.save(&pending)?;
        return Err(error);
    }
    session.learn_plan(Arc::new(pending.plan.clone()));
    session.set_work(&pending.app(), Work::Going);
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
    for (session, role, change_set) in change_sets(session, &pending) {
        let name = stack_name(&pending.app(), role);
        if let Some(change_set) = change_set {
            delete_change_set(&session, &name, &change_set).await?;
        }
        if stacks::describe(&session, &name).await?.is_some_and(|s| s.in_review()) {
            stacks::delete(&session, &name).await?;
        }
    }
    journal.remove(id);
    Ok(())
}

/// The change sets of a review, with where they are.
fn change_sets(session: &Session, pending: &Pending) -> Vec<(Session, StackRole, Option<String>)> {
    let mut found = vec![(session.clone(), StackRole::Pipeline, pending.change_set.clone())];
    let edge = match &pending.edge {
        Some(EdgeStep::First { change_set }) => Some(change_set.clone()),
        Some(EdgeStep::Last { change_set }) => change_set.clone(),
        None => return found,
    };
    found.push((session.at_edge(), StackRole::Edge, edge));
    found
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
                resumed.push(pending.app());
                session.learn_plan(Arc::new(pending.plan.clone()));
                session.set_work(&pending.app(), Work::Going);
                tokio::spawn(take_up(session.clone(), pending, journal.clone(), reserved));
            }
            // Another process does it.
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, id = pending.id, "an unfinished deployment cannot be taken up"),
        }
        tokio::task::yield_now().await;
    }
    resumed
}

/// Throws away earlier reviews of the same application that nobody confirmed.
async fn supersede(session: &Session, plan: &Plan, journal: &Journal) -> Result<()> {
    let account = session.account();
    for earlier in journal.all() {
        let same = earlier.app() == plan.inputs.choices.name()
            && earlier.account_id == account.account_id
            && earlier.region == account.region;
        if same && !earlier.confirmed {
            for (session, role, change_set) in change_sets(session, &earlier) {
                if let Some(change_set) = change_set {
                    delete_change_set(&session, &stack_name(&earlier.app(), role), &change_set).await?;
                }
            }
            journal.remove(&earlier.id);
        }
    }
    Ok(())
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
    let app = &plan.inputs.choices.name();
    let name = &stack_name(app, StackRole::Pipeline);
    let Some(state) = stacks::describe(session, name).await? else {
        return Ok((None, None));
    };
    if state.busy() {
        return Err(CloudError::conflict(
            format!("`{name}` is being changed (`{}`).", state.status),
            "Wait until that has ended, then review again.",
        ));
    }
    if state.only_deletable() {
        let Some(remains) = remains::find(session, app, StackRole::Pipeline).await? else {
            return Ok((None, None));
        };
        let failure = failure_of(session, plan, StackRole::Pipeline, &remains).await?;
        remains::remove(session, &remains).await?;
        return Ok((None, failure));
    }
    let mut failure: Option<Failure> = None;
    for role in [StackRole::Base, StackRole::Service] {
        // They are removed when the deployment is confirmed.
        if let Some(remains) = remains::find(session, app, role).await? {
            let other = failure_of(session, plan, role, &remains).await?;
            failure = failure.or(other);
        }
    }
    Ok((Some(state), failure))
}

/// Why a stack never came up, and what is done about its remains.
async fn failure_of(session: &Session, plan: &Plan, role: StackRole, remains: &StackState) -> Result<Option<Failure>> {
    let mut operation = Operation::default();
    operation.refresh(session, &remains.id).await?;
    let facts = StackFacts {
        role,
        state: remains.clone(),
        events: operation.events,
    };
    let Some(mut failure) = stack_failure(&facts, Some(plan)) else {
        return Ok(None);
    };
    failure.fix = format!("{} {}", failure.fix, remains::announcement(session, remains).await?);
    Ok(Some(failure))
}

/// The plan with what the account's owner operates there. A folder knows nothing of it, and deploying it again must neither
/// take secrets away from the servers nor change their number.
async fn keep_operated(
    session: &Session,
    plan: &Plan,
    prices: Option<&FreshPrices>,
    existing: Option<&StackState>,
) -> Result<Plan> {
    let Some(bucket) = existing.and_then(|s| infra::bucket(s).ok()) else {
        return Ok(plan.clone());
    };
    let Some(operated) = infra::inputs_of(session, &bucket).await? else {
        return Ok(plan.clone());
    };
    if stacks::describe(session, &stack_name(&plan.inputs.choices.name(), StackRole::Base))
        .await?
        .is_some_and(|base| !base.only_deletable())
    {
        refuse_moves(&operated.choices, &plan.inputs.choices)?;
    }
    let mut inputs = plan.inputs.clone();
    let added = inputs
        .secret_keys
        .iter()
        .filter(|k| !operated.secret_keys.contains(k))
        .cloned()
        .collect::<Vec<_>>();
    inputs.secret_keys.clone_from(&operated.secret_keys);
    inputs.secret_keys.extend(added);
    inputs.secrets_revision.clone_from(&operated.secrets_revision);
    inputs.choices.servers.min = operated.choices.servers.min;
    inputs.choices.servers.max = operated.choices.servers.max;
    inputs.before = infra::before(&operated, &inputs.choices);
    zonke_plan::plan_priced(&inputs, prices).map_err(|e| infra::planning(&e))
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
