//! The servers of an application: an ECS service and its scaling.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, DesiredStatus, HealthStatus, Service, Task, TaskField};

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::infra;
use crate::release;
use crate::session::Session;
use crate::time::ms;
use crate::view::{RolloutView, ServersView, ServiceEvent, TaskView, WorkState};

/// Most servers the app lets a person ask for; AWS's own limit is 5,000 per service.
const MOST: u32 = 100;
/// Service events that are shown.
const EVENTS: usize = 20;
/// Stopped servers that are shown; ECS forgets them after an hour.
const STOPPED: usize = 10;

/// Sets the number of servers, or the range it may move in, at once and for every later release.
///
/// # Errors
/// The numbers make no sense, the application has no servers yet, or AWS refuses.
pub async fn scale(session: &Session, app: &str, min: u32, max: u32) -> Result<()> {
    session.refuse_root()?;
    if min > max || max > MOST {
        return Err(CloudError::invalid(
            format!("{min} to {max} servers is not a range the app can set."),
            format!("Choose a lowest number that is not above the highest, and at most {MOST}."),
        ));
    }
    let mut deployed = infra::deployed(session, app).await?;
    if service(session, app).await?.is_none() {
        return Err(CloudError::conflict(
            format!("`{app}` has no servers yet."),
            "Wait until the first release has reached its end, then try again.",
        ));
    }
    release::refuse_during(session, app).await?;
    deployed.inputs.choices.servers.min = min;
    deployed.inputs.choices.servers.max = max;
    // Planned first: numbers the planner refuses must not reach AWS either.
    let plan = zonke_plan::plan(&deployed.inputs).map_err(|e| infra::planning(&e))?;
    session
        .0
        .scaling
        .register_scalable_target()
        .service_namespace(ServiceNamespace::Ecs)
        .resource_id(scalable(app))
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .min_capacity(count(min))
        .max_capacity(count(max))
        .send()
        .await
        .doing(|| format!("set the number of servers of `{app}`"))?;
    infra::upload(session, &plan, &deployed.facts).await?;
    session.touch();
    Ok(())
}

fn count(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn number(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

/// Name of the ECS cluster of an application.
pub(crate) fn cluster_name(app: &str) -> String {
    app.to_owned()
}

/// Name of the ECS service of an application.
pub(crate) fn service_name(app: &str) -> String {
    format!("{app}-api")
}

fn scalable(app: &str) -> String {
    format!("service/{}/{}", cluster_name(app), service_name(app))
}

/// The ECS service of an application, if there is one.
pub(crate) async fn service(session: &Session, app: &str) -> Result<Option<Service>> {
    let output = session
        .0
        .ecs
        .describe_services()
        .cluster(cluster_name(app))
        .services(service_name(app))
        .send()
        .await;
    match output {
        Ok(output) => Ok(output
            .services
            .unwrap_or_default()
            .into_iter()
            .find(|s| s.status() != Some("INACTIVE"))),
        Err(error) => {
            let error = from_sdk(&format!("look at the servers of `{app}`"), &error);
            if error.code == ErrorCode::NotFound {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}

/// The servers as they stand, if there are any.
pub(crate) async fn look(session: &Session, app: &str) -> Result<Option<ServersView>> {
    let Some(service) = service(session, app).await? else {
        return Ok(None);
    };
    let targets = session
        .0
        .scaling
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Ecs)
        .resource_ids(scalable(app))
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .send();
    let (targets, running, stopped) = tokio::join!(
        targets,
        tasks(session, app, DesiredStatus::Running),
        tasks(session, app, DesiredStatus::Stopped)
    );
    let targets = targets.doing(|| format!("read the scaling of `{app}`"))?;
    let range = targets
        .scalable_targets()
        .first()
        .map(|t| (number(t.min_capacity()), number(t.max_capacity())));
    let mut stopped = stopped?;
    stopped.truncate(STOPPED);
    let tasks = running?.into_iter().chain(stopped).collect();
    Ok(Some(fold(&service, range, tasks)))
}

async fn tasks(session: &Session, app: &str, status: DesiredStatus) -> Result<Vec<TaskView>> {
    let what = || format!("list the servers of `{app}`");
    let ids = session
        .0
        .ecs
        .list_tasks()
        .cluster(cluster_name(app))
        .service_name(service_name(app))
        .desired_status(status)
        .send()
        .await
        .doing(what)?;
    if ids.task_arns().is_empty() {
        return Ok(Vec::new());
    }
    let output = session
        .0
        .ecs
        .describe_tasks()
        .cluster(cluster_name(app))
        .set_tasks(Some(ids.task_arns().to_vec()))
        .include(TaskField::Tags)
        .send()
        .await
        .doing(what)?;
    let mut tasks = output.tasks.unwrap_or_default();
    tasks.sort_by_key(|t| std::cmp::Reverse(t.stopped_at().or(t.created_at()).map_or(0, aws_smithy_types::DateTime::secs)));
    Ok(tasks.iter().map(task_of).collect())
}

fn fold(service: &Service, range: Option<(u32, u32)>, tasks: Vec<TaskView>) -> ServersView {
    let desired = number(service.desired_count());
    let (min, max) = range.unwrap_or((desired, desired));
    ServersView {
        cluster: last(service.cluster_arn().unwrap_or_default()).to_owned(),
        service: service.service_name().unwrap_or_default().to_owned(),
        launch: launch(service),
        desired,
        running: number(service.running_count()),
        pending: number(service.pending_count()),
        min,
        max,
        rollouts: service.deployments().iter().map(rollout_of).collect(),
        tasks,
        events: service
            .events()
            .iter()
            .take(EVENTS)
            .map(|e| ServiceEvent {
                at: e.created_at().map_or(0.0, ms),
                message: e.message().unwrap_or_default().to_owned(),
            })
            .collect(),
    }
}

fn launch(service: &Service) -> String {
    let provider = service
        .capacity_provider_strategy()
        .first()
        .map(aws_sdk_ecs::types::CapacityProviderStrategyItem::capacity_provider);
    let word = provider
        .or_else(|| service.launch_type().map(aws_sdk_ecs::types::LaunchType::as_str))
        .unwrap_or("EC2");
    if word == "FARGATE" {
        "Fargate".to_owned()
    } else {
        word.to_owned()
    }
}

fn rollout_of(deployment: &Deployment) -> RolloutView {
    let desired = number(deployment.desired_count());
    let running = number(deployment.running_count());
    let state = match deployment.rollout_state() {
        Some(DeploymentRolloutState::Completed) => WorkState::Succeeded,
        Some(DeploymentRolloutState::Failed) => WorkState::Failed,
        Some(DeploymentRolloutState::InProgress) => WorkState::Running,
        // Services without the circuit breaker have no rollout state.
        _ if running == desired && deployment.pending_count() == 0 => WorkState::Succeeded,
        _ => WorkState::Running,
    };
    RolloutView {
        task_definition: last(deployment.task_definition().unwrap_or_default()).to_owned(),
        status: deployment.status().unwrap_or_default().to_owned(),
        state,
        desired,
        running,
        failed: number(deployment.failed_tasks()),
    }
}

fn task_of(task: &Task) -> TaskView {
    let container = task.containers().iter().find_map(|c| c.reason()).map(str::to_owned);
    let exit = task
        .containers()
        .iter()
        .find_map(aws_sdk_ecs::types::Container::exit_code)
        .filter(|c| *c != 0)
        .map(|c| format!("exit code {c}"));
    let reason = [task.stopped_reason().map(str::to_owned), container, exit]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ");
    TaskView {
        id: last(task.task_arn().unwrap_or_default()).to_owned(),
        status: task.last_status().unwrap_or_default().to_owned(),
        health: task.health_status().map_or("UNKNOWN", HealthStatus::as_str).to_owned(),
        zone: task.availability_zone().map(str::to_owned),
        task_definition: last(task.task_definition_arn().unwrap_or_default()).to_owned(),
        started_at: task.started_at().map(ms),
        stopped_reason: Some(reason).filter(|r| !r.is_empty()),
    }
}

/// The name at the end of an ARN.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
