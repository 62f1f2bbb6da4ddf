//! Events of a stack become rows, one for each resource.

use zonke_diagnosis::is_consequence;
use zonke_plan::{Plan, StackRole};

use super::StackFacts;
use crate::stacks::Event;
use crate::view::{ResourceRow, WorkState};

/// Resources of the latest operation, in the order they began.
pub(super) fn rows(stack: &StackFacts, plan: Option<&Plan>) -> Vec<ResourceRow> {
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

/// What a resource is for: from the plan, or from its type.
pub(super) fn describe(plan: Option<&Plan>, role: StackRole, logical_id: &str, resource_type: &str) -> String {
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
            words.push(*c);
        } else {
            words.extend(c.to_lowercase());
        }
    }
    words
}
