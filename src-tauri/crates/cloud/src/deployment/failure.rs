//! Which of many failures was the first specific one, and what it means.

use zonke_diagnosis::{Evidence, EvidenceKind, diagnose, is_consequence};
use zonke_plan::{Plan, StackRole};

use super::rows::describe;
use super::{Facts, OwnWork, StackFacts, own_work};
use crate::stacks::{Event, state_of};
use crate::view::{Failure, WorkState};

/// The first specific failure, in the order things happened.
pub(super) fn first_failure(facts: &Facts) -> Option<Failure> {
    let plan = facts.plan.as_deref();
    let pipeline_stack = facts.stacks.iter().find(|s| s.role == StackRole::Pipeline);
    if let Some(stack) = pipeline_stack.filter(|s| !s.state.settled()) {
        return stack_failure(stack, plan);
    }
    let edge = facts.stacks.iter().find(|s| s.role == StackRole::Edge);
    if let Some(stack) = edge.filter(|s| !s.state.settled()) {
        return stack_failure(stack, plan);
    }
    if let OwnWork::Failed(error) = own_work(facts) {
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
