//! The stacks of an application.

mod alarms;
mod aspects;
mod aurora;
mod base;
mod compute;
mod database;
mod domain;
pub(crate) mod edge;
mod network;
pub(crate) mod pipeline;
mod roles;
mod service;
mod targets;
pub(crate) mod viewer;

pub(crate) use network::NAT_INSTANCE;

use crate::application::Application;
use crate::choices::Choices;
use crate::model::Template;
use crate::plan::StackRole;

/// The stacks in the order they are deployed: the edge stack if there is one, pipeline, base and service stack.
pub(crate) fn all(app: &Application) -> Vec<Template> {
    let mut edge = viewer::template(app);
    let mut base = base::template(app);
    let mut service = service::template(app);
    for template in edge.iter_mut().chain([&mut base, &mut service]) {
        aspects::apply(app, template);
    }
    let mut pipeline = pipeline::template(app, &[&base, &service]);
    aspects::apply(app, &mut pipeline);
    edge.into_iter().chain([pipeline, base, service]).collect()
}

/// Name of a stack.
pub(crate) fn name(app: &str, role: StackRole) -> String {
    format!("{app}-{}", crate::model::role_name(role))
}

/// Region of a stack.
pub(crate) fn region<'a>(app: &Application<'a>, role: StackRole) -> &'a str {
    match role {
        StackRole::Edge => viewer::REGION,
        StackRole::Pipeline | StackRole::Base | StackRole::Service | StackRole::Deployer => &app.choices.region,
    }
}

/// Tags on everything of an application. The first finds it again, the others help in bills and consoles; then the user's own.
pub(crate) fn tags(choices: &Choices, role: StackRole) -> Vec<(String, String)> {
    let mut tags = vec![
        ("zonke:app".to_owned(), choices.name()),
        ("zonke:role".to_owned(), crate::model::role_name(role).to_owned()),
    ];
    if let Some(environment) = &choices.environment {
        tags.push(("zonke:application".to_owned(), choices.app.clone()));
        tags.push(("zonke:environment".to_owned(), environment.clone()));
    }
    tags.extend(choices.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
    tags
}
