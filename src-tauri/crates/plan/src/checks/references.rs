//! Templates are complete in themselves: every name resolves, and nothing exceeds CloudFormation's limits.

use std::collections::BTreeSet;

use super::{Finding, Statement, Subject, ensure};
use crate::model::Template;
use crate::plan::StackRole;

/// Longest template that can be handed over directly, in bytes. The app does so with the edge and the pipeline stack.
pub(crate) const MAX_INLINE: usize = 51_200;
/// Longest template that CloudFormation reads from a bucket, in bytes.
const MAX_TEMPLATE: usize = 1_000_000;
const MAX_RESOURCES: usize = 500;
const MAX_PARAMETERS: usize = 200;

pub(super) const STATEMENTS: [Statement; 2] = [
    (
        "references-resolve",
        "Every name in the templates leads somewhere",
        references_resolve,
    ),
    (
        "within-limits",
        "The templates are within CloudFormation's limits",
        within_limits,
    ),
];

const PSEUDO: [&str; 5] = [
    "AWS::AccountId",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// What is wrong with the names of a template; nothing if all is well.
pub(crate) fn problems(template: &Template) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names: BTreeSet<&str> = PSEUDO.into_iter().collect();
    for name in template
        .parameters
        .iter()
        .map(|p| p.name)
        .chain(template.resources().map(|r| r.id.as_str()))
    {
        if !names.insert(name) {
            problems.push(format!("{name} occurs twice"));
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            problems.push(format!("{name} is no valid logical id"));
        }
    }
    let mut used = BTreeSet::new();
    let values = template
        .resources()
        .map(|r| (r.id.as_str(), &r.properties))
        .chain(template.outputs.iter().map(|o| (o.name, &o.value)));
    for (id, value) in values {
        for name in value.references() {
            if !names.contains(name.as_str()) {
                problems.push(format!("{id} names {name}, which does not exist"));
            }
            used.insert(name);
        }
    }
    for resource in template.resources() {
        problems.extend(
            resource
                .depends_on
                .iter()
                .filter(|id| template.resource(id).is_none())
                .map(|id| format!("{} waits for {id}, which does not exist", resource.id)),
        );
    }
    problems.extend(
        template
            .parameters
            .iter()
            .filter(|p| !used.contains(p.name))
            .map(|p| format!("parameter {} is not used", p.name)),
    );
    if let Some(cycle) = cycle(template) {
        problems.push(format!("{cycle} waits for itself"));
    }
    problems
}

/// A resource that, by way of others, needs itself.
fn cycle(template: &Template) -> Option<&str> {
    let mut waiting: Vec<(&str, BTreeSet<String>)> = template
        .resources()
        .map(|r| {
            let needs = r.properties.references().into_iter().chain(r.depends_on.iter().cloned());
            (r.id.as_str(), needs.filter(|id| template.resource(id).is_some()).collect())
        })
        .collect();
    // Take away whatever needs nothing any more; what is left at the end needs itself.
    loop {
        let ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, needs)| needs.is_empty())
            .map(|(id, _)| *id)
            .collect();
        if ready.is_empty() {
            return waiting.first().map(|(id, _)| *id);
        }
        waiting.retain(|(_, needs)| !needs.is_empty());
        for (_, needs) in &mut waiting {
            needs.retain(|id| !ready.contains(&id.as_str()));
        }
    }
}

fn references_resolve(subject: &Subject) -> Finding {
    let problems: Vec<String> = subject.templates.iter().flat_map(problems).collect();
    ensure(problems.is_empty(), problems.join("; "))?;
    // What the service stack reads, the base stack must write.
    let written: BTreeSet<&str> = subject
        .of_kind("AWS::SSM::Parameter")
        .filter_map(|p| p.at("Name")?.text())
        .collect();
    for parameter in subject
        .templates
        .iter()
        .flat_map(|t| &t.parameters)
        .filter(|p| p.kind.starts_with("AWS::SSM::Parameter::Value<"))
    {
        let path = parameter.default.as_ref().and_then(|d| d.text()).unwrap_or_default();
        ensure(
            path.starts_with("/aws/service/") || written.contains(path),
            format!("nobody writes {path}, which {} reads", parameter.name),
        )?;
    }
    Ok(format!(
        "{} resources in {} stacks",
        subject.resources().count(),
        subject.templates.len()
    ))
}

fn within_limits(subject: &Subject) -> Finding {
    let mut sizes = Vec::new();
    for template in subject.templates {
        let size = template.write().0.len();
        let limit = if matches!(template.role, StackRole::Pipeline | StackRole::Edge) {
            MAX_INLINE
        } else {
            MAX_TEMPLATE
        };
        ensure(
            size <= limit,
            format!("{} has {size} bytes; {limit} are allowed", template.name),
        )?;
        ensure(
            template.resources().count() <= MAX_RESOURCES,
            format!("{} has too many resources", template.name),
        )?;
        ensure(
            template.parameters.len() <= MAX_PARAMETERS,
            format!("{} has too many parameters", template.name),
        )?;
        sizes.push(format!("{} {} kB", template.name, size.div_ceil(1024)));
    }
    Ok(sizes.join(", "))
}
