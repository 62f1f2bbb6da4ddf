//! Review, then deploy: a change set on the pipeline stack, the upload of the infrastructure, the pipeline's start.
//!
//! The rest is the pipeline's work and needs no computer. What this app still has to do after a change set was confirmed is
//! kept in a [`Journal`], so that an app that was killed goes on where it stopped.

use std::sync::Arc;
use std::time::Duration;

use zonke_plan::{CheckResult, Choices, Database, Launch, Plan, PlannedStack, Rollout, StackRole};

use crate::connection;
use crate::deployment::{StackFacts, stack_failure};
use crate::error::{CloudError, ErrorCode, Result};
use crate::infra;
use crate::journal::Pending;
use crate::remains;
use crate::session::{Session, Work};
use crate::stacks::{self, Operation, StackState, stack_name};
use crate::time::{now, since_epoch};
use crate::view::{ConnectionView, Failure, LaterStack, ReviewView};

mod change_set;
#[cfg(test)]
mod expiry_tests;
mod hand_over;

use change_set::{delete_change_set, make_change_set, row};
use hand_over::{begin, carry_on, take_up};

pub use crate::journal::Journal;

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
    supersede(session, plan, journal).await?;
    let connection = connection::find_or_create(session, plan.inputs.choices.provider).await?;
    let (existing, previous_failure) = make_room(session, plan).await?;
    let existing = existing.filter(|s| !s.in_review());
    let plan = &keep_operated(session, plan, existing.as_ref()).await?;
    let app = &plan.inputs.choices.name();
    let planned = pipeline_of(plan)?;

    let id = format!("{app}-{:x}", since_epoch().as_millis());
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
    let name = stack_name(&pending.app(), StackRole::Pipeline);
    if let Some(change_set) = &pending.change_set {
        delete_change_set(session, &name, change_set).await?;
    }
    if stacks::describe(session, &name).await?.is_some_and(|s| s.in_review()) {
        stacks::delete(session, &name).await?;
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
            if let Some(change_set) = &earlier.change_set {
                delete_change_set(session, &stack_name(&earlier.app(), StackRole::Pipeline), change_set).await?;
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
    if plan.stack(StackRole::Edge).is_some() {
        return Err(CloudError::invalid(
            "A domain of your own and the web firewall need a stack in us-east-1, which this version cannot deploy yet.",
            "Leave both out for now; the plan, its price and its templates are right already.",
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
async fn keep_operated(session: &Session, plan: &Plan, existing: Option<&StackState>) -> Result<Plan> {
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
    inputs.secret_keys = operated.secret_keys;
    inputs.secret_keys.extend(added);
    inputs.secrets_revision = operated.secrets_revision;
    inputs.choices.servers.min = operated.choices.servers.min;
    inputs.choices.servers.max = operated.choices.servers.max;
    zonke_plan::plan(&inputs).map_err(|e| infra::planning(&e))
}

/// Refuses what AWS cannot change in place while the application runs; it would fail half-way.
fn refuse_moves(running: &Choices, wanted: &Choices) -> Result<()> {
    if running.origin != wanted.origin {
        // A load balancer with another scheme is another one, and a target group belongs to one load balancer only.
        return Err(CloudError::invalid(
            "The load balancer of a running application cannot change between public and internal.",
            "Keep the setting as it is, or deploy under another name with the new one.",
        ));
    }
    if running.launch == Launch::Ec2 && wanted.launch != Launch::Ec2 {
        // The cluster would lose the machines in the stack before the one that stops using them.
        return Err(CloudError::invalid(
            "The servers of a running application cannot go back from EC2 to Fargate in one step.",
            "Keep EC2, or deploy under another name with Fargate.",
        ));
    }
    if running.own_key != wanted.own_key {
        // Database and images would be made anew, and CloudFormation cannot make a second repository of the same name.
        return Err(CloudError::invalid(
            "The encryption key of a running application cannot change: its database and images would have to be made anew.",
            "Keep the setting as it is, or deploy under another name with the new one.",
        ));
    }
    if running.rollout != Rollout::Rolling && wanted.rollout == Rollout::Rolling {
        // The traffic may lead to the second group of servers, which the stack would take away.
        return Err(CloudError::invalid(
            "A running application cannot go back from blue/green to rolling releases in one step.",
            "Keep blue/green releases, or deploy under another name with rolling ones.",
        ));
    }
    if (running.web_firewall.is_some() && wanted.web_firewall.is_none()) || (running.domain.is_some() && wanted.domain.is_none())
    {
        // They belong to a stack that is changed first, while CloudFront still uses them.
        return Err(CloudError::invalid(
            "The domain and the web firewall of a running application cannot be taken away: CloudFront still uses them.",
            "Keep the setting as it is, or deploy under another name without it.",
        ));
    }
    if running.database != Database::None {
        if running.database != wanted.database {
            // Its data would be gone: RDS cannot turn one engine into another, and nothing deletes a database in passing.
            return Err(CloudError::invalid(
                "The database of a running application cannot be taken away or become another engine.",
                "Keep the database as it is, or deploy under another name and move the data.",
            ));
        }
        if wanted.database_options.storage_gb < running.database_options.storage_gb {
            return Err(CloudError::invalid(
                "The storage of a running database cannot become smaller.",
                format!("Keep at least {} GB.", running.database_options.storage_gb),
            ));
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use zonke_plan::{Nat, Origin};

    use super::*;

    #[test]
    fn what_aws_cannot_change_in_place_is_refused_with_a_way_out() {
        let running: Choices = serde_json::from_value(serde_json::json!({
            "app": "shop", "region": "eu-west-1", "branch": "main", "repository": "sam/shop", "provider": "gitHub",
            "database": "none", "launch": "fargate", "cpu": "arm64", "origin": "publicAlb",
            "servers": { "cpuUnits": 512, "memoryMib": 1024, "min": 1, "max": 1 },
        }))
        .unwrap();
        let moved = Choices {
            origin: Origin::VpcOrigin,
            ..running.clone()
        };
        let refused = refuse_moves(&running, &moved).unwrap_err();
        assert!(
            refused.message.contains("load balancer") && refused.hint.contains("another name"),
            "{refused:?}"
        );

        let machines = Choices {
            launch: Launch::Ec2,
            ..running.clone()
        };
        assert!(
            refuse_moves(&running, &machines).is_ok(),
            "to EC2 works: Fargate stays with the cluster"
        );
        assert!(refuse_moves(&machines, &running).is_err());
        let spot = Choices {
            launch: Launch::FargateSpot,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &spot).is_ok());
        assert!(refuse_moves(&machines, &spot).is_err());

        let database = Choices {
            database: Database::Postgres,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &database).is_ok(), "a database can be added");
        assert!(refuse_moves(&database, &running).unwrap_err().message.contains("taken away"));
        let mut larger = database.clone();
        larger.database_options.storage_gb = 50;
        assert!(refuse_moves(&database, &larger).is_ok());
        assert!(refuse_moves(&larger, &database).unwrap_err().hint.contains("50 GB"));
        for nat in [Nat::GatewayPerZone, Nat::Instance, Nat::Endpoints] {
            let other = Choices { nat, ..running.clone() };
            assert!(refuse_moves(&running, &other).is_ok(), "{nat:?}: the route changes in place");
        }
        assert!(refuse_moves(&running, &running).is_ok());

        let key = Choices {
            own_key: true,
            ..running.clone()
        };
        assert!(refuse_moves(&running, &key).is_err() && refuse_moves(&key, &running).is_err());
        let two_groups = Choices {
            rollout: Rollout::BlueGreen { bake_minutes: 5 },
            ..running.clone()
        };
        assert!(refuse_moves(&running, &two_groups).is_ok() && refuse_moves(&two_groups, &running).is_err());
        let protected = Choices {
            web_firewall: Some(zonke_plan::WebFirewall {
                requests_per_five_minutes: 2000,
            }),
            ..running.clone()
        };
        assert!(refuse_moves(&running, &protected).is_ok() && refuse_moves(&protected, &running).is_err());
    }
}
