//! The role of whoever deploys: a stack of its own, reviewed and made by somebody who may already do so.
//!
//! Nothing of it is remembered on this computer. A review is a change set in the account, and what became of it is read from the
//! stack, so that an app that was closed meanwhile finds it again.

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_plan::{Deployer, Holder, Inputs, StackRole, deployer_stack};

use crate::deploy::change_set::{delete_change_set, execute_change_set, make_change_set, row};
use crate::deployment::{StackFacts, stack_failure, stack_rows};
use crate::error::{CloudError, ErrorCode, Result};
use crate::infra;
use crate::session::Session;
use crate::stacks::{self, Operation, StackState, TAG_ROLE, stack_name, state_of};
use crate::time::since_epoch;
use crate::view::{AccountView, ChangeRow, StackView};

/// How a role for a plan is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeployerWish {
    /// Whether only the identity that is connected now may take it on; otherwise whoever in the account has the right to.
    pub only_me: bool,
    /// Id that must be told to take it on.
    pub external_id: Option<String>,
    /// Longest session, 1 to 12 hours.
    pub session_hours: u32,
    /// ARN of an IAM policy that nothing the role does may go beyond.
    pub permissions_boundary: Option<String>,
}

/// What would change in the account for the role, before anything is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeployerReview {
    /// Names this review when it is executed or discarded; nothing if the role is already as wanted.
    pub id: Option<String>,
    /// Application.
    pub app: String,
    /// Stack that holds the role.
    pub stack: String,
    /// Account it would change.
    pub account: AccountView,
    /// Whether the role exists already.
    pub update: bool,
    /// Who may take the role on: `user/NAME` or `role/NAME`; nothing stands for everybody in the account who has the right to.
    pub trusted: Option<String>,
    /// Every change, in words.
    pub changes: Vec<ChangeRow>,
    /// ARN of the role, if it exists.
    pub role_arn: Option<String>,
}

/// Makes a change set for the role of this plan and explains it. Nothing is made yet. Where the application runs with other choices,
/// the role may also delete what these lack.
///
/// # Errors
/// A field of the wish breaks a rule of IAM, the stack is busy or belongs to something else, the session is the root user's, or
/// AWS refuses.
pub async fn review_deployer(session: &Session, inputs: &Inputs, wish: &DeployerWish) -> Result<DeployerReview> {
    session.refuse_root()?;
    in_this_region(session, inputs)?;
    let trusted = if wish.only_me { Some(myself(session).await?) } else { None };
    let deployer = Deployer {
        holder: Holder::Role {
            trusted: trusted.clone(),
            external_id: wish.external_id.clone(),
            session_hours: wish.session_hours,
        },
        permissions_boundary: wish.permissions_boundary.clone(),
    };
    let planned = deployer_stack(&infra::with_before(session, inputs).await, &deployer).map_err(|e| infra::planning(&e))?;
    let existing = existing(session, &planned.name).await?;
    let app = inputs.choices.name();
    let id = format!("{}-{:x}", planned.name, since_epoch().as_millis());
    let tags = zonke_plan::stack_tags(&inputs.choices, StackRole::Deployer);
    let made = make_change_set(session, &tags, &planned, &id, existing.as_ref(), &[]).await?;
    Ok(DeployerReview {
        id: made.is_some().then_some(id),
        app,
        stack: planned.name.clone(),
        account: session.account().clone(),
        update: existing.is_some(),
        trusted,
        changes: made
            .unwrap_or_default()
            .iter()
            .filter_map(|change| row(change, &planned))
            .collect(),
        role_arn: existing.as_ref().and_then(role_arn),
    })
}

/// Executes a reviewed change set and waits until the role is there; `seen` hears of every change on the way. Returns the role's
/// ARN. AWS goes on by itself if nobody waits any more.
///
/// # Errors
/// The change set is gone, the role could not be made, or AWS refuses.
pub async fn make_deployer(session: &Session, app: &str, id: &str, seen: impl Fn(StackView) + Send + Sync) -> Result<String> {
    session.refuse_root()?;
    let name = stack_name(app, StackRole::Deployer);
    execute_change_set(session, &name, id).await?;
    let started = tokio::time::Instant::now();
    let mut operation = Operation::default();
    let mut last: Option<StackView> = None;
    loop {
        let Some(stack) = stacks::describe(session, &name).await? else {
            return Err(gone(&name));
        };
        operation.refresh(session, &stack.id).await?;
        let facts = StackFacts {
            role: StackRole::Deployer,
            state: stack.clone(),
            events: operation.events.clone(),
        };
        let view = StackView {
            role: StackRole::Deployer,
            name: name.clone(),
            status: stack.status.clone(),
            state: state_of(&stack.status),
            resources: stack_rows(&facts),
        };
        if last.as_ref() != Some(&view) {
            seen(view.clone());
            last = Some(view);
        }
        if stack.settled() {
            return role_arn(&stack).ok_or_else(|| gone(&name));
        }
        if !stack.busy() && !stack.in_review() {
            return Err(not_made(&facts));
        }
        if started.elapsed() > stacks::LONGEST {
            let message = format!("`{name}` did not come to an end within an hour.");
            return Err(CloudError::new(
                ErrorCode::Other,
                message,
                "Look at the stack in the AWS console.",
            ));
        }
        tokio::time::sleep(session.pause()).await;
    }
}

/// Throws a review away: its change set, and the empty stack that was made for it.
///
/// # Errors
/// AWS refuses.
pub async fn discard_deployer(session: &Session, app: &str, id: &str) -> Result<()> {
    let name = stack_name(app, StackRole::Deployer);
    delete_change_set(session, &name, id).await?;
    if stacks::describe(session, &name).await?.is_some_and(|s| s.in_review()) {
        stacks::delete(session, &name).await?;
    }
    Ok(())
}

fn in_this_region(session: &Session, inputs: &Inputs) -> Result<()> {
    let here = &session.account().region;
    if inputs.choices.region == *here {
        return Ok(());
    }
    Err(CloudError::conflict(
        format!("The plan is for {}, the session is in {here}.", inputs.choices.region),
        "Choose the same region for both.",
    ))
}

/// The stack of the role as it stands; remains of a creation that failed are removed, because AWS allows nothing else.
async fn existing(session: &Session, name: &str) -> Result<Option<StackState>> {
    let Some(state) = stacks::describe(session, name).await? else {
        return Ok(None);
    };
    let ours = state.tags.get(TAG_ROLE).map(String::as_str) == Some(stacks::role_name(StackRole::Deployer));
    if !ours && !state.in_review() {
        return Err(CloudError::conflict(
            format!("The stack `{name}` belongs to something else."),
            "Deploy under another name, or delete that stack if nobody needs it.",
        ));
    }
    if state.busy() {
        return Err(CloudError::conflict(
            format!("`{name}` is being changed (`{}`).", state.status),
            "Wait until that has ended, then review again.",
        ));
    }
    if state.only_deletable() {
        stacks::delete(session, name).await?;
        return Ok(None);
    }
    Ok(Some(state).filter(|s| !s.in_review()))
}

/// Who is connected, as a role's trust names it.
async fn myself(session: &Session) -> Result<String> {
    let arn = crate::preflight::principal(session).await?;
    let name = arn.splitn(6, ':').nth(5).unwrap_or_default();
    if name.starts_with("user/") || name.starts_with("role/") {
        return Ok(name.to_owned());
    }
    Err(CloudError::invalid(
        format!("`{arn}` is neither a user nor a role that another role could name."),
        "Let everybody in the account take the role on whose own rights allow it.",
    ))
}

fn role_arn(stack: &StackState) -> Option<String> {
    stack.outputs.get("RoleArn").cloned()
}

fn gone(name: &str) -> CloudError {
    CloudError::not_found(
        format!("The stack `{name}` holds no role any more."),
        "Somebody else changed it meanwhile; review again.",
    )
}

fn not_made(facts: &StackFacts) -> CloudError {
    match stack_failure(facts, None) {
        Some(failure) => CloudError::invalid(
            format!(
                "The role could not be made: {} ({}: {})",
                failure.meaning, failure.what, failure.reason
            ),
            failure.fix,
        ),
        None => CloudError::invalid(
            format!("`{}` did not come up (`{}`).", facts.state.name, facts.state.status),
            "Look at the stack's events in the AWS console, then review again.",
        ),
    }
}
