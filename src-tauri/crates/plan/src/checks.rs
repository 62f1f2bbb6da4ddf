//! What must hold for every plan, as statements that are evaluated on the model.
//!
//! Each statement looks at the resources themselves, not at the choices they came from: a template that was generated wrongly
//! fails here, whatever it was meant to be.

mod alarms;
mod edge;
mod existing;
mod machines;
mod network;
mod open;
mod operation;
mod options;
mod references;
mod rights;
mod secrets;

use crate::application::Application;
use crate::model::{Resource, Template};
use crate::plan::{Check, CheckResult, StackRole};
use crate::value::Value;

/// The stacks under examination.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) app: &'a Application<'a>,
    pub(crate) templates: &'a [Template],
}

/// Evidence for a statement, or what breaks it.
type Finding = Result<String, String>;

/// A statement: its name, what it says, and how it is evaluated.
type Statement = (&'static str, &'static str, fn(&Subject) -> Finding);

/// Evaluates everything.
pub(crate) fn check(app: &Application, templates: &[Template]) -> Vec<Check> {
    let subject = Subject { app, templates };
    let mut checks: Vec<Check> = statements(app)
        .map(|(id, title, evaluate)| {
            let (result, detail) = match evaluate(&subject) {
                Ok(evidence) if app.existing().is_some() && existing::VOUCHED.contains(&id) => (CheckResult::Accepted, evidence),
                Ok(evidence) => (CheckResult::Satisfied, evidence),
                Err(problem) => (CheckResult::Failed, problem),
            };
            Check {
                id: id.to_owned(),
                title: title.to_owned(),
                result,
                detail,
            }
        })
        .collect();
    checks.extend(open::choices(app));
    checks
}

/// The statements that apply to this application.
fn statements(app: &Application) -> impl Iterator<Item = Statement> {
    let database = app.engine().is_some();
    let migrates = app.migrates();
    let own_network = app.existing().is_some();
    edge::STATEMENTS
        .into_iter()
        .chain(network::STATEMENTS)
        .chain(network::DATABASE_STATEMENTS.into_iter().filter(move |_| database))
        .chain(existing::STATEMENTS.into_iter().filter(move |_| own_network))
        .chain(machines::statements(app))
        .chain(operation::STATEMENTS)
        .chain(secrets::STATEMENTS)
        .chain(rights::STATEMENTS)
        .chain(
            operation::MIGRATION_STATEMENTS
                .into_iter()
                .chain(secrets::MIGRATION_STATEMENTS)
                .filter(move |_| migrates),
        )
        .chain(options::STATEMENTS)
        .chain(options::chosen(app))
        .chain(references::STATEMENTS)
}

impl<'a> Subject<'a> {
    pub(crate) fn template(&self, role: StackRole) -> Result<&'a Template, String> {
        self.templates
            .iter()
            .find(|t| t.role == role)
            .ok_or_else(|| format!("there is no {role:?} stack"))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &'a Resource> {
        self.templates.iter().flat_map(Template::resources)
    }

    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'a Resource> {
        self.resources().filter(move |r| r.kind == kind)
    }

    /// The one resource of a kind.
    pub(crate) fn only(&self, kind: &'static str) -> Result<&'a Resource, String> {
        let mut found = self.of_kind(kind);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(format!("there is no {kind}")),
            (Some(_), Some(_)) => Err(format!("there is more than one {kind}")),
        }
    }

    /// What holds the data of the application: a cluster, or an instance by itself.
    pub(crate) fn database(&self) -> Result<&'a Resource, String> {
        match self.of_kind("AWS::RDS::DBCluster").next() {
            Some(_) => self.only("AWS::RDS::DBCluster"),
            None => self.only("AWS::RDS::DBInstance"),
        }
    }

    /// The resource that a `!Ref` or `!GetAtt` names, in the base stack.
    pub(crate) fn named(&self, value: &Value) -> Result<&'a Resource, String> {
        let id = target(value).ok_or("a property does not name a resource")?;
        self.template(StackRole::Base)?
            .resource(id)
            .ok_or_else(|| format!("there is no {id}"))
    }
}

impl Resource {
    /// A property, by its path.
    pub(crate) fn at(&self, path: &str) -> Option<&Value> {
        self.properties.at(path)
    }

    /// A property that must be there.
    pub(crate) fn must(&self, path: &str) -> Result<&Value, String> {
        self.at(path).ok_or_else(|| format!("{} has no {path}", self.id))
    }
}

/// Logical id that a `!Ref` or `!GetAtt` names.
pub(crate) fn target(value: &Value) -> Option<&str> {
    match value.bare() {
        Value::Ref(id) | Value::GetAtt(id, _) => Some(id),
        Value::Text(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Flag(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Sub(_)
        | Value::Base64(_)
        | Value::Noted(..) => None,
    }
}

/// A condition of a statement.
fn ensure(holds: bool, problem: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem.into()) }
}

/// Whether a property is this text.
fn is(value: Option<&Value>, text: &str) -> bool {
    value.and_then(Value::text) == Some(text)
}

/// Whether a property is a flag with this value.
fn flag(value: Option<&Value>, expected: bool) -> bool {
    matches!(value, Some(Value::Flag(actual)) if *actual == expected)
}
