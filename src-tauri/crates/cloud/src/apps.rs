//! The applications of an account.

use zonke_plan::StackRole;

use crate::deployment::{self, Watch};
use crate::error::{CloudError, Result};
use crate::servers;
use crate::session::Session;
use crate::stacks::{self, TAG_APP, stack_name, state_of};
use crate::view::{ApplicationSummary, DeploymentPhase, StatusView};

/// Applications of the connected account and region, by name.
///
/// # Errors
/// AWS cannot be reached or refuses.
pub async fn applications(session: &Session) -> Result<Vec<ApplicationSummary>> {
    let (pipelines, bases) = tokio::try_join!(
        stacks::tagged(session, StackRole::Pipeline),
        stacks::tagged(session, StackRole::Base)
    )?;
    let mut applications = Vec::new();
    for stack in pipelines.iter().filter(|s| !s.in_review()) {
        let Some(app) = stack.tags.get(TAG_APP) else { continue };
        let base = bases.iter().find(|b| b.name == stack_name(app, StackRole::Base));
        applications.push(ApplicationSummary {
            app: app.clone(),
            region: session.account().region.clone(),
            status: stack.status.clone(),
            state: state_of(&stack.status),
            site_url: base.and_then(|b| b.outputs.get("SiteUrl").cloned()),
        });
    }
    applications.sort_by(|a, b| a.app.cmp(&b.app));
    Ok(applications)
}

/// An application as it stands now.
///
/// # Errors
/// There is no such application, or AWS cannot be reached or refuses.
pub async fn status(session: &Session, app: &str) -> Result<StatusView> {
    let mut watch = Watch::default();
    let (facts, servers) = tokio::join!(watch.facts(session, app), servers::look(session, app));
    let facts = facts?;
    let view = deployment::fold(&facts);
    if view.phase == DeploymentPhase::Absent {
        return Err(CloudError::not_found(
            format!(
                "There is no application `{app}` in {} of account {}.",
                session.account().region,
                session.account().account_id
            ),
            "Check the name and the region, or deploy it first.",
        ));
    }
    Ok(StatusView {
        app: app.to_owned(),
        account: session.account().clone(),
        phase: view.phase,
        site_url: deployment::site_url(&facts),
        stacks: facts.stacks.iter().map(|s| s.state.summary(s.role)).collect(),
        servers: servers?,
        pipeline: facts.pipeline,
        outcome: view.outcome,
    })
}
