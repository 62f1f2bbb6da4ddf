//! A deployment as AWS tells it: three stacks and a pipeline become one view. Pure except for [`Watch::look`].

use std::collections::HashMap;
use std::sync::Arc;

use zonke_diagnosis::{Evidence, EvidenceKind, diagnose, is_consequence};
use zonke_plan::{Plan, StackRole};

use crate::error::Result;
use crate::infra;
use crate::pipeline::{self, Descriptions, pipeline_name};
use crate::session::{Session, Work};
use crate::stacks::{self, Event, Operation, ROLES, StackState, stack_name, state_of};
use crate::view::{
    DeploymentDelta, DeploymentPhase, DeploymentView, Failure, Outcome, PipelineView, ResourceRow, StackView, StepView, WorkState,
};

/// Looks at a deployment again and again, reading only what is new.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    operations: [Operation; 3],
    seen: HashMap<String, StackState>,
    descriptions: Option<Descriptions>,
    looked_for_plan: bool,
}

/// One stack with its latest operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StackFacts {
    pub(crate) role: StackRole,
    pub(crate) state: StackState,
    pub(crate) events: Vec<Event>,
}

/// Everything a view is folded from.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) app: String,
    pub(crate) stacks: Vec<StackFacts>,
    pub(crate) pipeline: Option<PipelineView>,
    /// Whether the infrastructure lies in the bucket; unknown while there is no bucket.
    pub(crate) uploaded: Option<bool>,
    pub(crate) work: Option<Work>,
    pub(crate) plan: Option<Arc<Plan>>,
}

impl Watch {
    /// Looks once.
    pub(crate) async fn look(&mut self, session: &Session, app: &str) -> Result<DeploymentView> {
        let facts = self.facts(session, app).await?;
        Ok(fold(&facts))
    }

    pub(crate) async fn facts(&mut self, session: &Session, app: &str) -> Result<Facts> {
        let names = ROLES.map(|role| stack_name(app, role));
        let (a, b, c) = tokio::try_join!(
            stacks::describe(session, &names[0]),
            stacks::describe(session, &names[1]),
            stacks::describe(session, &names[2])
        )?;
        let mut facts = Facts {
            app: app.to_owned(),
            work: session.work(app),
            ..Facts::default()
        };
        for ((role, state), operation) in ROLES.into_iter().zip([a, b, c]).zip(&mut self.operations) {
            let Some(state) = state.filter(|s| !s.in_review()) else {
                continue;
            };
            // The status was read before the events: at rest, what was read with the same status is complete.
            if state.busy() || self.seen.get(&state.name) != Some(&state) {
                operation.refresh(session, &state.id).await?;
                self.seen.insert(state.name.clone(), state.clone());
            }
            facts.stacks.push(StackFacts {
                role,
                state,
                events: operation.events.clone(),
            });
        }
        let Some(first) = facts.stacks.first().filter(|s| s.role == StackRole::Pipeline) else {
            return Ok(facts);
        };
        if let Ok(bucket) = infra::bucket(&first.state) {
            if facts.work != Some(Work::Going) {
                facts.uploaded = Some(infra::exists(session, &bucket).await?);
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
        facts.plan = session.known_plan(app);
        Ok(facts)
    }
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
    let Some(first) = facts.stacks.iter().find(|s| s.role == StackRole::Pipeline) else {
        return match &facts.work {
            Some(Work::Going) => DeploymentPhase::Running,
            Some(Work::Failed(_)) => DeploymentPhase::Failed,
            Some(Work::HandedOver { .. }) | None => DeploymentPhase::Absent,
        };
    };
    if first.state.busy() {
        return DeploymentPhase::Running;
    }
    if !first.state.settled() {
        return DeploymentPhase::Failed;
    }
    match &facts.work {
        Some(Work::Going) => return DeploymentPhase::Running,
        Some(Work::Failed(_)) => return DeploymentPhase::Failed,
        // AWS lists a new execution a moment after it has accepted it.
        Some(Work::HandedOver { execution }) if !listed(facts, execution) => return DeploymentPhase::Running,
        Some(Work::HandedOver { .. }) | None => {}
    }
    if facts.uploaded == Some(false) {
        return DeploymentPhase::Interrupted;
    }
    match facts.pipeline.as_ref().and_then(|p| p.execution.as_ref()).map(|e| e.state) {
        Some(WorkState::Running | WorkState::Waiting) => DeploymentPhase::Running,
        Some(WorkState::Succeeded) => DeploymentPhase::Succeeded,
        Some(WorkState::Failed | WorkState::RolledBack | WorkState::Skipped) => DeploymentPhase::Failed,
        None => DeploymentPhase::Interrupted,
    }
}

fn listed(facts: &Facts, execution: &str) -> bool {
    facts
        .pipeline
        .as_ref()
        .is_some_and(|p| p.history.iter().any(|e| e.id == execution))
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

/// Resources of the latest operation, in the order they began.
fn rows(stack: &StackFacts, plan: Option<&Plan>) -> Vec<ResourceRow> {
    let mut rows: Vec<ResourceRow> = Vec::new();
    let mut undoing = false;
    for event in &stack.events {
        if event.of_stack {
            undoing |= event.status.contains("ROLLBACK_IN_PROGRESS");
            continue;
        }
        let index = rows.iter().position(|r| r.logical_id == event.logical_id).unwrap_or_else(|| {
            rows.push(ResourceRow {
                stack: stack.role,
                logical_id: event.logical_id.clone(),
                resource_type: event.resource_type.clone(),
                description: describe(plan, stack.role, &event.logical_id, &event.resource_type),
                status: String::new(),
                state: WorkState::Waiting,
                reason: None,
                started_at: event.at,
                ended_at: None,
            });
            rows.len() - 1
        });
        apply(&mut rows[index], event, undoing);
    }
    rows
}

fn apply(row: &mut ResourceRow, event: &Event, undoing: bool) {
    row.status.clone_from(&event.status);
    let reason = event.reason.as_deref().filter(|r| !is_consequence(r));
    let state = if event.status.ends_with("_FAILED") {
        if reason.is_some() {
            WorkState::Failed
        } else {
            WorkState::Skipped
        }
    } else if event.status == "DELETE_SKIPPED" {
        WorkState::Skipped
    } else if undoing {
        WorkState::RolledBack
    } else if event.status.ends_with("_COMPLETE") {
        WorkState::Succeeded
    } else {
        WorkState::Running
    };
    let ended = !event.status.ends_with("_IN_PROGRESS");
    row.ended_at = ended.then_some(event.at);
    // What failed stays marked while it is cleaned up: it is what a person looks for.
    if row.state == WorkState::Failed && state == WorkState::RolledBack {
        return;
    }
    row.state = state;
    if state == WorkState::Failed {
        row.reason = row.reason.take().or_else(|| reason.map(str::to_owned));
    } else if state != WorkState::RolledBack {
        // "Resource creation Initiated" and the like say nothing.
        row.reason = reason.map(str::to_owned);
    }
}

fn describe(plan: Option<&Plan>, role: StackRole, logical_id: &str, resource_type: &str) -> String {
    plan.and_then(|p| p.describe(role, logical_id))
        .map_or_else(|| plain_type(resource_type), str::to_owned)
}

/// `AWS::ElasticLoadBalancingV2::LoadBalancer` → `load balancer`.
pub(crate) fn plain_type(resource_type: &str) -> String {
    let last = resource_type.rsplit("::").next().unwrap_or(resource_type);
    let mut words = String::new();
    let chars: Vec<char> = last.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let after_lower = i > 0 && chars[i - 1].is_lowercase();
        let ends_acronym = i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_lower || ends_acronym) {
            words.push(' ');
        }
        let in_acronym = c.is_uppercase()
            && (chars.get(i + 1).is_none_or(|n| n.is_uppercase()) || (i > 0 && chars[i - 1].is_uppercase() && !ends_acronym));
        if in_acronym {
            words.push(*c)
        } else {
            words.extend(c.to_lowercase())
        }
    }
    words
}

/// Stages of a pipeline before AWS can name them.
const STAGES: [&str; 4] = ["Source", "Build", "Migrate", "Deploy"];

fn steps(facts: &Facts) -> Vec<StepView> {
    let mut steps = vec![pipeline_step(facts)];
    match &facts.pipeline {
        Some(pipeline) => {
            // While the files are on their way the stages shown are those of an older execution.
            let handing_over = match &facts.work {
                Some(Work::Going) => true,
                Some(Work::HandedOver { execution }) => !listed(facts, execution),
                Some(Work::Failed(_)) | None => false,
            };
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
            }));
        }
    }
    steps
}

fn pipeline_step(facts: &Facts) -> StepView {
    let stack = facts.stacks.iter().find(|s| s.role == StackRole::Pipeline);
    let (mut state, mut detail) = match (stack, &facts.work) {
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
        match &facts.work {
            Some(Work::Going) => (state, detail) = (WorkState::Running, "Handing the infrastructure over to AWS".to_owned()),
            Some(Work::Failed(error)) => (state, detail) = (WorkState::Failed, error.message.clone()),
            Some(Work::HandedOver { .. }) | None => {}
        }
    }
    StepView {
        id: "pipelineStack".to_owned(),
        title: "Set up the pipeline".to_owned(),
        state,
        detail,
    }
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
            let branch = facts.plan.as_ref().map_or_else(
                || "the chosen branch".to_owned(),
                |p| format!("`{}`", p.inputs.choices.branch),
            );
            Some(Outcome {
                sentence: format!("{app} is live."),
                hint: format!("From now on every commit to {branch} is released."),
                site_url,
                failure: None,
            })
        }
        DeploymentPhase::Failed => {
            let failure = first_failure(facts);
            let sentence = failure.as_ref().map_or_else(
                || format!("The deployment of {app} did not reach its end."),
                |f| format!("The deployment of {app} failed: {}", f.meaning),
            );
            let hint = failure
                .as_ref()
                .map_or_else(|| "Start the pipeline again.".to_owned(), |f| f.fix.clone());
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

/// The first specific failure, in the order things happened.
fn first_failure(facts: &Facts) -> Option<Failure> {
    let plan = facts.plan.as_deref();
    let pipeline_stack = facts.stacks.iter().find(|s| s.role == StackRole::Pipeline);
    if let Some(stack) = pipeline_stack.filter(|s| !s.state.settled()) {
        return stack_failure(stack, plan);
    }
    if let Some(Work::Failed(error)) = &facts.work {
        return Some(Failure {
            what: "Handing over to AWS".to_owned(),
            resource_type: None,
            reason: error.message.clone(),
            meaning: error.message.clone(),
            fix: error.hint.clone(),
        });
    }
    let pipeline = facts.pipeline.as_ref()?;
    let began = pipeline.execution.as_ref().and_then(|e| e.started_at).unwrap_or(0.0);
    // Clocks of two AWS services: a stack operation of this execution may seem to begin slightly before it.
    let of_this_run = |s: &&StackFacts| s.role != StackRole::Pipeline && s.events.first().is_some_and(|e| e.at >= began - 5000.0);
    if let Some(failure) = facts
        .stacks
        .iter()
        .filter(of_this_run)
        .filter(|s| !s.state.settled())
        .find_map(|s| stack_failure(s, plan))
    {
        return Some(failure);
    }
    let (stage, action) = pipeline
        .stages
        .iter()
        .filter(|s| !s.outdated)
        .find_map(|s| Some((s, s.actions.iter().find(|a| a.state == WorkState::Failed)?)))?;
    let reason = action.detail.clone().unwrap_or_else(|| "AWS gives no reason.".to_owned());
    let evidence = Evidence::new(EvidenceKind::PipelineAction, &reason);
    Some(in_words(
        format!("{}/{}", stage.name, action.name),
        None,
        reason,
        &evidence,
        &action.description,
    ))
}

/// The first specific failure of a stack's latest operation.
pub(crate) fn stack_failure(stack: &StackFacts, plan: Option<&Plan>) -> Option<Failure> {
    let specific = |e: &&Event| e.status.ends_with("_FAILED") && e.reason.as_deref().is_some_and(|r| !is_consequence(r));
    let event = stack
        .events
        .iter()
        .filter(|e| !e.of_stack)
        .find(specific)
        .or_else(|| stack.events.iter().find(specific));
    let (what, kind, reason) = match event {
        Some(event) => (
            event.logical_id.clone(),
            event.resource_type.clone(),
            event.reason.clone().unwrap_or_default(),
        ),
        // Nothing of it failed by itself: the stack's own reason is all there is.
        None if state_of(&stack.state.status) != WorkState::Succeeded => {
            let reason = stack
                .state
                .reason
                .clone()
                .unwrap_or_else(|| format!("The stack is {}.", stack.state.status));
            (stack.state.name.clone(), "AWS::CloudFormation::Stack".to_owned(), reason)
        }
        None => return None,
    };
    let evidence = Evidence::new(EvidenceKind::CfnEvent, &reason).about(&kind);
    let description = describe(plan, stack.role, &what, &kind);
    Some(in_words(what, Some(kind), reason, &evidence, &description))
}

fn in_words(what: String, resource_type: Option<String>, reason: String, evidence: &Evidence, description: &str) -> Failure {
    let (meaning, fix) = diagnose(evidence).map_or_else(
        || {
            (
                format!("{what} did not work ({description})."),
                "Correct the cause that AWS names and deploy again.".to_owned(),
            )
        },
        |d| (d.meaning, d.fix),
    );
    Failure {
        what,
        resource_type,
        reason,
        meaning,
        fix,
    }
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
