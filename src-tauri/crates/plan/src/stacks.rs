//! The three stacks of an application.

mod base;
mod compute;
mod database;
pub(crate) mod edge;
mod network;
pub(crate) mod pipeline;
mod roles;
mod service;

use crate::application::Application;
use crate::model::Template;

/// Pipeline, base and service stack, in the order they are deployed.
pub(crate) fn all(app: &Application) -> Vec<Template> {
    let base = base::template(app);
    let service = service::template(app);
    let pipeline = pipeline::template(app, &[&base, &service]);
    vec![pipeline, base, service]
}

/// Name of a stack.
pub(crate) fn name(app: &str, role: crate::plan::StackRole) -> String {
    format!("{app}-{}", crate::model::role_name(role))
}

/// Tags that mark everything of an application; the first finds it again, the others help in bills and consoles.
pub(crate) fn tags(app: &str, role: crate::plan::StackRole) -> [(&'static str, String); 2] {
    [
        ("zonke:app", app.to_owned()),
        ("zonke:role", crate::model::role_name(role).to_owned()),
    ]
}
