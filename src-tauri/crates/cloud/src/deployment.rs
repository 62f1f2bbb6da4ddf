//! A deployment as AWS tells it: three stacks and a pipeline become one view. Pure except for [`Watch::look`].

use std::collections::HashMap;
use std::sync::Arc;

use zonke_plan::{Plan, StackRole};

use crate::error::{CloudError, Result};
use crate::infra;
use crate::pipeline::{self, Descriptions, pipeline_name};
use crate::session::{Session, Work};
use crate::stacks::{self, Event, Operation, ROLES, StackState, stack_name, state_of};
use crate::time::now;
use crate::view::{
    DeploymentDelta, DeploymentPhase, DeploymentView, DnsRecord, Outcome, PipelineView, StackView, StepView, WorkState,
};

mod certificate;
mod failure;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use failure::stack_failure;
pub(crate) use rows::plain_type;

use failure::first_failure;
use rows::rows;

/// Looks at a deployment again and again, reading only what is new.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    operations: [Operation; 3],
    edge: Operation,
    seen: HashMap<String, StackState>,
    descriptions: Option<Descriptions>,
    looked_for_plan: bool,
    /// Bucket in which the infrastructure was seen.
    uploaded: Option<String>,
}

/// One stack with its latest operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StackFacts {
    pub(crate) role: StackRole,
    pub(crate) state: StackState,
    pub(crate) events: Vec<Event>,
}

/// Resources of the latest operation of a stack that belongs to no plan, in the order they began.
pub(crate) fn stack_rows(stack: &StackFacts) -> Vec<crate::view::ResourceRow> {
    rows(stack, None)
}

/// Everything a view is folded from.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) app: String,
    pub(crate) stacks: Vec<StackFacts>,
    pub(crate) pipeline: Option<PipelineView>,
    /// Whether the infrastructure lies in the bucket; unknown while there is no bucket, or if AWS does not say.
    pub(crate) uploaded: Option<bool>,
    pub(crate) work: Option<Work>,
    /// Milliseconds since the epoch.
    pub(crate) now: f64,
    pub(crate) plan: Option<Arc<Plan>>,
    /// Records that prove the domain, while the certificate waits for them.
    pub(crate) records: Vec<DnsRecord>,
}

impl Facts {
    fn stack(&self, role: StackRole) -> Option<&StackFacts> {
        self.stacks.iter().find(|s| s.role == role)
    }
}

impl Watch {
    /// Looks once.
    pub(crate) async fn look(&mut self, session: &Session, app: &str) -> Result<DeploymentView> {
        let facts = self.facts(session, app).await?;
        Ok(fold(&facts))
    }

    pub(crate) async fn facts(&mut self, session: &Session, app: &str) -> Result<Facts> {
        let plan = session.known_plan(app);
        let names = ROLES.map(|role| stack_name(app, role));
        let (a, b, c) = tokio::try_join!(
            stacks::describe(session, &names[0]),
            stacks::describe(session, &names[1]),
            stacks::describe(session, &names[2])
        )?;
        let mut facts = Facts {
            app: app.to_owned(),
            work: session.work(app),
            now: now(),
            plan,
            ..Facts::default()
        };
        self.look_at_edge(session, &mut facts).await?;
        for ((role, state), operation) in ROLES.into_iter().zip([a, b, c]).zip(&mut self.operations) {
            facts
                .stacks
                .extend(read(session, role, state, operation, &mut self.seen).await?);
        }
        let Some(first) = facts.stack(StackRole::Pipeline) else {
            return Ok(facts);
        };
        if let Ok(bucket) = infra::bucket(&first.state) {
            let known = self.uploaded.as_ref() == Some(&bucket);
            if known || facts.work != Some(Work::Going) {
                facts.uploaded = if known {
                    Some(true)
                } else {
                    infra::exists(session, &bucket).await?
                };
                self.uploaded = (facts.uploaded == Some(true)).then(|| bucket.clone());
            }
            if session.known_plan(app).is_none() && !self.looked_for_plan && facts.uploaded == Some(true) {
                self.looked_for_plan = true;
                // Descriptions are a courtesy: an infrastructure of another version of the app must not hide the deployment.
                if let Err(error) = infra::plan_of(session, &bucket).await {
                    tracing::warn!(%error, "the deployed plan cannot be read");
                }
            }
        }
        let name = pipeline_name(app);
        if self.descriptions.is_none() {
            self.descriptions = pipeline::descriptions(session, &name).await?;
        }
        if let Some(descriptions) = &self.descriptions {
            facts.pipeline = pipeline::look(session, &name, descriptions).await?;
        }
        if facts.plan.is_none() {
            facts.plan = session.known_plan(app);
            self.look_at_edge(session, &mut facts).await?;
        }
        Ok(facts)
    }

    /// The stack of certificate and web firewall; only a plan says that there is one.
    async fn look_at_edge(&mut self, session: &Session, facts: &mut Facts) -> Result<()> {
        let Some(planned) = facts.plan.as_ref().and_then(|p| p.stack(StackRole::Edge)) else {
            return Ok(());
        };
        let there = session.at_edge();
        let state = stacks::describe(&there, &planned.name).await?;
        if let Some(state) = state.as_ref().filter(|s| s.busy()) {
            facts.records = certificate::records(&there, state).await?;
        }
        let read = read(&there, StackRole::Edge, state, &mut self.edge, &mut self.seen).await?;
        // It is deployed before the others.
        facts.stacks.splice(0..0, read);
        Ok(())
    }
}

/// A stack with its latest operation, of which only what is new is read; nothing for one that only a change set made room for.
async fn read(
    session: &Session,
    role: StackRole,
    state: Option<StackState>,
    operation: &mut Operation,
    seen: &mut HashMap<String, StackState>,
) -> Result<Option<StackFacts>> {
    let Some(state) = state.filter(|s| !s.in_review()) else {
        return Ok(None);
    };
    // The status was read before the events: at rest, what was read with the same status is complete.
    if state.busy() || seen.get(&state.name) != Some(&state) {
        operation.refresh(session, &state.id).await?;
        seen.insert(state.name.clone(), state.clone());
    }
    Ok(Some(StackFacts {
        role,
        state,
        events: operation.events.clone(),
    }))
}

/// The view of these facts.
pub(crate) fn fold(facts: &Facts) -> DeploymentView {
    let phase = phase(facts);
    let stacks = facts.stacks.iter().map(|s| stack_view(s, facts.plan.as_deref())).collect();
    DeploymentView {
        app: facts.app.clone(),
        phase,
        steps: steps(facts),
        stacks,
        outcome: outcome(facts, phase),
    }
}

fn phase(facts: &Facts) -> DeploymentPhase {
    let edge = facts.stack(StackRole::Edge);
    if let Some(edge) = edge.filter(|s| !s.state.settled()) {
        return if edge.state.busy() {
            DeploymentPhase::Running
        } else {
            DeploymentPhase::Failed
        };
    }
    let Some(first) = facts.stack(StackRole::Pipeline) else {
        return match &facts.work {
            Some(Work::Going) => DeploymentPhase::Running,
            Some(Work::Failed { .. }) => DeploymentPhase::Failed,
            // The certificate is there, and the pipeline was never begun.
            _ if edge.is_some() => DeploymentPhase::Interrupted,
            Some(Work::HandedOver { .. } | Work::TakingAway) | None => DeploymentPhase::Absent,
        };
    };
    if first.state.busy() {
        return DeploymentPhase::Running;
    }
    if !first.state.settled() {
        return DeploymentPhase::Failed;
    }
    match own_work(facts) {
        OwnWork::Going => return DeploymentPhase::Running,
        OwnWork::Failed(_) => return DeploymentPhase::Failed,
        OwnWork::None => {}
    }
    if facts.uploaded == Some(false) {
        return DeploymentPhase::Interrupted;
    }
    match facts.pipeline.as_ref().and_then(|p| p.execution.as_ref()).map(|e| e.state) {
        Some(WorkState::Running | WorkState::Waiting) => DeploymentPhase::Running,
        Some(WorkState::Succeeded) if facts.work == Some(Work::TakingAway) => DeploymentPhase::Running,
        Some(WorkState::Succeeded) => DeploymentPhase::Succeeded,
        Some(WorkState::Failed | WorkState::RolledBack | WorkState::Skipped) => DeploymentPhase::Failed,
        None => DeploymentPhase::Interrupted,
    }
}

/// What this process does for the deployment, as far as AWS does not tell more by now.
enum OwnWork<'f> {
    None,
    Going,
    Failed(&'f CloudError),
}

/// AWS lists a new execution a moment after it has accepted it; this is how long it may take, milliseconds.
const LISTING: f64 = 60_000.0;

fn own_work(facts: &Facts) -> OwnWork<'_> {
    let executions = facts.pipeline.as_ref().map(|p| p.history.as_slice()).unwrap_or_default();
    let began_after = |at: f64| {
        executions
            .first()
            .and_then(|e| e.started_at)
            .is_some_and(|started| started > at)
    };
    match &facts.work {
        Some(Work::Going) => OwnWork::Going,
        Some(Work::HandedOver { execution, at })
            if facts.now - at < LISTING && !executions.iter().any(|e| e.id == *execution) =>
        {
            OwnWork::Going
        }
        // Somebody else started the pipeline since: that is what counts now.
        Some(Work::Failed { error, at }) if !began_after(*at) => OwnWork::Failed(error),
        Some(Work::HandedOver { .. } | Work::Failed { .. } | Work::TakingAway) | None => OwnWork::None,
    }
}

fn stack_view(stack: &StackFacts, plan: Option<&Plan>) -> StackView {
    StackView {
        role: stack.role,
        name: stack.state.name.clone(),
        status: stack.state.status.clone(),
        state: state_of(&stack.state.status),
        resources: rows(stack, plan),
    }
}

/// Stages of a pipeline before AWS can name them.
const STAGES: [&str; 4] = ["Source", "Build", "Migrate", "Deploy"];

fn steps(facts: &Facts) -> Vec<StepView> {
    let mut steps: Vec<StepView> = certificate::step(facts).into_iter().collect();
    steps.push(pipeline_step(facts));
    match &facts.pipeline {
        Some(pipeline) => {
            // While the files are on their way the stages shown are those of an older execution.
            let handing_over = matches!(own_work(facts), OwnWork::Going);
            steps.extend(pipeline.stages.iter().map(|stage| {
                let current = !stage.outdated && !handing_over;
                let state = if current { stage.state } else { WorkState::Waiting };
                let going = stage.actions.iter().find(|a| a.state == WorkState::Running);
                let failed = stage.actions.iter().find(|a| a.state == WorkState::Failed);
                let detail = match state {
                    WorkState::Running => going.map(|a| a.description.clone()),
                    WorkState::Failed => failed.map(|a| a.detail.clone().unwrap_or_else(|| a.description.clone())),
                    WorkState::Waiting | WorkState::Succeeded | WorkState::RolledBack | WorkState::Skipped => None,
                };
                StepView {
                    id: format!("stage:{}", stage.name),
                    title: stage_title(&stage.name),
                    state,
                    detail: detail.unwrap_or_default(),
                    records: Vec::new(),
                }
            }));
        }
        None if facts.stacks.is_empty() && facts.work.is_none() => {}
        None => {
            let migrates = facts
                .plan
                .as_ref()
                .is_none_or(|p| p.stacks.iter().any(|s| s.template.contains("Name: Migrate")));
            steps.extend(STAGES.iter().filter(|s| migrates || **s != "Migrate").map(|name| StepView {
                id: format!("stage:{name}"),
                title: stage_title(name),
                state: WorkState::Waiting,
                detail: String::new(),
                records: Vec::new(),
            }));
        }
    }
    steps.extend(certificate::last_step(facts));
    steps
}

fn pipeline_step(facts: &Facts) -> StepView {
    let stack = facts.stack(StackRole::Pipeline);
    let (mut state, mut detail) = match (stack, &facts.work) {
        (None, Some(Work::Going)) if facts.stack(StackRole::Edge).is_some() => (WorkState::Waiting, String::new()),
        (None, Some(Work::Going)) => (WorkState::Running, "Waiting for AWS to begin".to_owned()),
        (None, _) => (WorkState::Waiting, String::new()),
        (Some(stack), _) => {
            let rows = rows(stack, None);
            let done = rows.iter().filter(|r| r.ended_at.is_some()).count();
            let planned = facts
                .plan
                .as_ref()
                .and_then(|p| p.stack(StackRole::Pipeline))
                .map_or(0, |s| s.resources.len());
            let all = if stack.state.updated_at.is_none() {
                planned.max(rows.len())
            } else {
                rows.len()
            };
            let detail = if stack.state.busy() && all > 0 {
                format!("{done} of {all} resources")
            } else {
                String::new()
            };
            (state_of(&stack.state.status), detail)
        }
    };
    if state == WorkState::Succeeded {
        match own_work(facts) {
            OwnWork::Going => (state, detail) = (WorkState::Running, "Handing the infrastructure over to AWS".to_owned()),
            OwnWork::Failed(error) => (state, detail) = (WorkState::Failed, error.message.clone()),
            OwnWork::None => {}
        }
    }
    if facts.work == Some(Work::Going)
        && let Some(remains) = facts.stacks.iter().find(|s| going_away(s))
    {
        detail = format!("Removing what is left of `{}`", remains.state.name);
    }
    StepView {
        id: "pipelineStack".to_owned(),
        title: "Set up the pipeline".to_owned(),
        state,
        detail,
        records: Vec::new(),
    }
}

/// Whether a stack of the pipeline is removed before the pipeline runs.
fn going_away(stack: &StackFacts) -> bool {
    matches!(stack.role, StackRole::Base | StackRole::Service)
        && (stack.state.failed_to_come_up() || stack.state.status == "DELETE_IN_PROGRESS")
}

fn stage_title(name: &str) -> String {
    match name {
        "Source" => "Fetch the code",
        "Build" => "Build the release and lay the infrastructure",
        "Migrate" => "Migrate the database",
        "Deploy" => "Start the servers and publish the site",
        other => other,
    }
    .to_owned()
}

fn outcome(facts: &Facts, phase: DeploymentPhase) -> Option<Outcome> {
    let app = &facts.app;
    let site_url = site_url(facts);
    match phase {
        DeploymentPhase::Succeeded => {
            let released = facts.plan.as_ref().map_or_else(
                || "what is committed to the chosen branch".to_owned(),
                |p| p.inputs.choices.released(&format!("`{}`", p.inputs.choices.branch)),
            );
            Some(Outcome {
                sentence: format!("{app} is live."),
                hint: format!("From now on {released} is released.{}", certificate::still_to_enter(facts)),
                site_url,
                failure: None,
            })
        }
        DeploymentPhase::Failed => {
            let mut failure = first_failure(facts);
            let sentence = failure.as_ref().map_or_else(
                || format!("The deployment of {app} did not reach its end."),
                |f| format!("The deployment of {app} failed: {}", f.meaning),
            );
            let mut hint = failure
                .as_ref()
                .map_or_else(|| "Start the pipeline again.".to_owned(), |f| f.fix.clone());
            if let Some(remains) = facts.stacks.iter().find(|s| s.state.failed_to_come_up()) {
                hint = format!(
                    "{hint} Deploying again first removes what is left of `{}`.",
                    remains.state.name
                );
                if let Some(failure) = &mut failure {
                    failure.fix.clone_from(&hint);
                }
            }
            Some(Outcome {
                sentence,
                hint,
                site_url,
                failure,
            })
        }
        DeploymentPhase::Absent | DeploymentPhase::Running | DeploymentPhase::Interrupted => None,
    }
}

/// Address of the site, once the base stack has one.
pub(crate) fn site_url(facts: &Facts) -> Option<String> {
    facts
        .stacks
        .iter()
        .find(|s| s.role == StackRole::Base)?
        .state
        .outputs
        .get("SiteUrl")
        .cloned()
}

/// What changed between two views; nothing if only a whole view can tell.
pub(crate) fn delta(old: &DeploymentView, new: &DeploymentView) -> Option<DeploymentDelta> {
    let mut changed = Vec::new();
    for stack in &new.stacks {
        let Some(before) = old.stacks.iter().find(|s| s.role == stack.role) else {
            changed.push(stack.clone());
            continue;
        };
        // A new operation begins with an empty list: rows have to go, which a delta cannot say.
        let kept = before.resources.iter().all(|r| {
            stack
                .resources
                .iter()
                .any(|n| n.logical_id == r.logical_id && n.started_at <= r.started_at)
        });
        if !kept || before.name != stack.name {
            return None;
        }
        let resources: Vec<_> = stack
            .resources
            .iter()
            .filter(|r| !before.resources.contains(r))
            .cloned()
            .collect();
        if !resources.is_empty() || before.status != stack.status {
            changed.push(StackView {
                resources,
                ..stack.clone()
            });
        }
    }
    if old.stacks.iter().any(|s| !new.stacks.iter().any(|n| n.role == s.role)) {
        return None;
    }
    Some(DeploymentDelta {
        phase: new.phase,
        steps: new.steps.clone(),
        stacks: changed,
        outcome: new.outcome.clone(),
    })
}
