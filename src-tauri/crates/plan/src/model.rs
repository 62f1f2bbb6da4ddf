//! The typed model of an application's stacks. Templates, price, roles, checks and the diagram are all read from it, so a
//! resource is described in exactly one place.

use crate::plan::{PlannedResource, StackRole, Zone};
use crate::price::Charge;
use crate::value::{Value, map};
use crate::yaml;

/// One template before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) role: StackRole,
    /// Stack name.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) parameters: Vec<ParameterDeclaration>,
    pub(crate) sections: Vec<Section>,
    pub(crate) outputs: Vec<Output>,
}

/// Resources that belong together, under a heading of their own in the template.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) resources: Vec<Resource>,
}

/// One resource with everything that is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    /// What it is for, a short phrase in plain words.
    pub(crate) description: String,
    /// Who can reach it.
    pub(crate) zone: Zone,
    /// Box of the diagram it belongs to; empty for things a diagram leaves out.
    pub(crate) node: &'static str,
    /// What it costs.
    pub(crate) charges: Vec<Charge>,
    pub(crate) depends_on: Vec<String>,
    pub(crate) on_delete: OnDelete,
    /// Why a checker may grumble and is wrong here: rule and reason, written into the template's metadata.
    pub(crate) accepted: Vec<(&'static str, &'static str)>,
    pub(crate) properties: Value,
}

/// What happens to a resource when its stack lets go of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// CloudFormation's default.
    Delete,
    /// Deleted with the stack, but kept when an update would replace it, because it holds data.
    DeleteButKeepReplaced,
    /// A snapshot is taken first.
    Snapshot,
    /// Kept, because something that outlives the stack needs it.
    Keep,
}

/// A parameter of a template.
#[derive(Clone, Debug)]
pub(crate) struct ParameterDeclaration {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) description: String,
    pub(crate) default: Option<Value>,
    pub(crate) pattern: Option<&'static str>,
    /// How the account answers it, if only an account can.
    pub(crate) answered_by_account: Option<&'static str>,
    /// Value known when planning, if it differs from a default.
    pub(crate) value: Option<String>,
}

/// An output of a template.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) value: Value,
}

impl Resource {
    pub(crate) fn new(id: impl Into<String>, kind: &'static str, description: impl Into<String>, properties: Value) -> Self {
        Self {
            id: id.into(),
            kind,
            description: description.into(),
            zone: Zone::Account,
            node: "",
            charges: Vec::new(),
            depends_on: Vec::new(),
            on_delete: OnDelete::Delete,
            accepted: Vec::new(),
            properties,
        }
    }

    pub(crate) fn zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    pub(crate) fn node(mut self, node: &'static str) -> Self {
        self.node = node;
        self
    }

    pub(crate) fn charge(mut self, charge: Charge) -> Self {
        self.charges.push(charge);
        self
    }

    pub(crate) fn after<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        self.depends_on.extend(ids.into_iter().map(Into::into));
        self
    }

    pub(crate) fn on_delete(mut self, policy: OnDelete) -> Self {
        self.on_delete = policy;
        self
    }

    /// Sets a property: in its place if it has one, at the end otherwise.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        let Value::Map(entries) = &mut self.properties else { return };
        match entries.iter_mut().find(|(k, _)| k == key) {
            Some((_, old)) => *old = value.into(),
            None => entries.push((key.to_owned(), value.into())),
        }
    }

    /// Takes an excuse back.
    pub(crate) fn no_longer_accept(&mut self, rule: &str) {
        self.accepted.retain(|(accepted, _)| *accepted != rule);
    }

    pub(crate) fn accept(mut self, rule: &'static str, reason: &'static str) -> Self {
        self.accepted.push((rule, reason));
        self
    }
}

impl ParameterDeclaration {
    pub(crate) fn new(name: &'static str, kind: &'static str, description: impl Into<String>) -> Self {
        Self {
            name,
            kind,
            description: description.into(),
            default: None,
            pattern: None,
            answered_by_account: None,
            value: None,
        }
    }

    pub(crate) fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    pub(crate) fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub(crate) fn answered_by_account(mut self, how: &'static str) -> Self {
        self.answered_by_account = Some(how);
        self
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl Template {
    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.sections.iter().flat_map(|s| &s.resources)
    }

    pub(crate) fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources().find(|r| r.id == id)
    }

    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources().filter(move |r| r.kind == kind)
    }

    /// File name inside `infra.zip` and in a plan's folder.
    pub(crate) fn file(&self) -> String {
        format!("{}.template.yaml", role_name(self.role))
    }

    /// The template as YAML, and where each resource begins in it.
    pub(crate) fn write(&self) -> (String, Vec<PlannedResource>) {
        let mut out = String::from("AWSTemplateFormatVersion: \"2010-09-09\"\n");
        yaml::sentence(&mut out, "Description", &self.description);
        if !self.parameters.is_empty() {
            out.push_str("\nParameters:\n");
            for parameter in &self.parameters {
                write_declaration(&mut out, parameter);
            }
        }
        out.push_str("\nResources:");
        let mut planned = Vec::new();
        for section in self.sections.iter().filter(|s| !s.resources.is_empty()) {
            out.push('\n');
            yaml::comment(
                &mut out,
                2,
                &format!(
                    "---- {} {}",
                    section.heading,
                    "-".repeat(70_usize.saturating_sub(section.heading.len()))
                ),
            );
            for (index, resource) in section.resources.iter().enumerate() {
                if index > 0 {
                    out.push('\n');
                }
                yaml::comment(&mut out, 2, &resource.description);
                planned.push(PlannedResource {
                    logical_id: resource.id.clone(),
                    resource_type: resource.kind.to_owned(),
                    description: resource.description.clone(),
                    line: u32::try_from(out.matches('\n').count() + 1).unwrap_or(u32::MAX),
                });
                write_resource(&mut out, resource);
            }
        }
        if !self.outputs.is_empty() {
            out.push_str("\nOutputs:\n");
            for output in &self.outputs {
                let body = Value::Map(vec![
                    ("Description".to_owned(), output.description.into()),
                    ("Value".to_owned(), output.value.clone()),
                ]);
                yaml::entry(&mut out, 2, output.name, &body);
            }
        }
        (out, planned)
    }
}

/// Name of a stack's role in file names and tags.
pub(crate) fn role_name(role: StackRole) -> &'static str {
    match role {
        StackRole::Pipeline => "pipeline",
        StackRole::Base => "base",
        StackRole::Service => "service",
        StackRole::Edge => "edge",
        StackRole::Deployer => "deployer",
    }
}

/// One property a line: declarations are read from top to bottom.
fn write_declaration(out: &mut String, parameter: &ParameterDeclaration) {
    out.push_str("  ");
    out.push_str(parameter.name);
    out.push_str(":\n");
    yaml::entry(out, 4, "Type", &parameter.kind.into());
    if let Some(default) = &parameter.default {
        yaml::entry(out, 4, "Default", default);
    }
    if let Some(pattern) = parameter.pattern {
        yaml::entry(out, 4, "AllowedPattern", &pattern.into());
    }
    yaml::entry(out, 4, "Description", &Value::from(&parameter.description));
}

fn write_resource(out: &mut String, resource: &Resource) {
    out.push_str("  ");
    out.push_str(&resource.id);
    out.push_str(":\n");
    yaml::entry(out, 4, "Type", &Value::from(resource.kind));
    if !resource.depends_on.is_empty() {
        let depends = match resource.depends_on.as_slice() {
            [one] => Value::from(one),
            many => Value::from(many.to_vec()),
        };
        yaml::entry(out, 4, "DependsOn", &depends);
    }
    match resource.on_delete {
        OnDelete::Delete => {}
        OnDelete::DeleteButKeepReplaced => {
            yaml::entry(out, 4, "DeletionPolicy", &"Delete".into());
            yaml::entry(out, 4, "UpdateReplacePolicy", &"Retain".into());
        }
        OnDelete::Snapshot => {
            yaml::entry(out, 4, "DeletionPolicy", &"Snapshot".into());
            yaml::entry(out, 4, "UpdateReplacePolicy", &"Snapshot".into());
        }
        OnDelete::Keep => {
            yaml::entry(out, 4, "DeletionPolicy", &"Retain".into());
            yaml::entry(out, 4, "UpdateReplacePolicy", &"Retain".into());
        }
    }
    if let Some(metadata) = accepted_metadata(&resource.accepted) {
        yaml::entry(out, 4, "Metadata", &metadata);
    }
    if let Value::Map(entries) = &resource.properties
        && !entries.is_empty()
    {
        out.push_str("    Properties:\n");
        for (key, value) in entries {
            yaml::entry(out, 6, key, value);
        }
    }
}

/// Findings of checkers that are wrong or paid for here, each with its reason, in the form that the checker reads.
pub(crate) fn accepted_metadata(accepted: &[(&str, &str)]) -> Option<Value> {
    let (checkov, lint): (Vec<_>, Vec<_>) = accepted.iter().partition(|(rule, _)| rule.starts_with("CKV"));
    let mut metadata = Vec::new();
    if !lint.is_empty() {
        let rules: Vec<Value> = lint.iter().map(|(rule, why)| Value::from(*rule).note(why)).collect();
        metadata.push(("cfn-lint".to_owned(), map! { "config": map! { "ignore_checks": rules } }));
    }
    if !checkov.is_empty() {
        let rules: Vec<Value> = checkov
            .iter()
            .map(|(rule, why)| map! { "id": *rule, "comment": *why })
            .collect();
        metadata.push(("checkov".to_owned(), map! { "skip": rules }));
    }
    (!metadata.is_empty()).then_some(Value::Map(metadata))
}
