//! The secrets of an application: one JSON secret whose keys become environment variables.
//!
//! Values pass through memory on their way to Secrets Manager and are never read back for show. A new value reaches the
//! servers because the secret's version is a parameter of the service stack: a changed parameter makes ECS replace them.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_cloudformation::types::{Capability, Parameter, Tag};
use serde_json::{Map, Value};
use zeroize::Zeroizing;
use zonke_plan::{Database, Plan, StackRole};
use zonke_vault::Secret;

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::infra::{self, Deployed};
use crate::release;
use crate::session::Session;
use crate::stacks::{self, StackState, stack_name};
use crate::time::ms;
use crate::view::{SecretKey, SecretsView};

/// Largest secret of Secrets Manager, in bytes.
const LARGEST: usize = 65_536;
/// Longest time a rollout may take before a deletion gives up; AWS's own limit for a service is three hours.
const ROLLOUT: Duration = Duration::from_hours(1);

/// Adds a secret or changes its value, and replaces the servers so that they see it.
///
/// Returns when AWS has begun to replace them.
///
/// # Errors
/// The key is no name for a variable, AWS owns it, the value is too long, a rollout is going on, or AWS refuses.
pub async fn secret_put(session: &Session, app: &str, key: &str, value: Secret) -> Result<()> {
    session.refuse_root()?;
    zonke_plan::validate_secret_key(key).map_err(|e| infra::planning(&e))?;
    let mut deployed = infra::deployed(session, app).await?;
    refuse_managed(&deployed, key)?;
    let service = ready(session, app).await?;
    let mut content = read(session, app).await?;
    content
        .values
        .insert(key.to_owned(), Value::String(value.expose().to_owned()));
    drop(value);
    let version = uuid::Uuid::new_v4().to_string();
    deployed.inputs.secret_keys = content.keys(&deployed.inputs.secret_keys, Some(key));
    // Planned first: a list the planner refuses must not leave a value behind.
    let plan = plan_again(&mut deployed, &version)?;
    write(session, app, &content, &version).await?;
    roll_out(session, &plan, &deployed, service.as_ref()).await
}

/// Deletes a secret: first the servers stop expecting it, then it goes. Returns when it is gone.
///
/// # Errors
/// There is no such secret, AWS owns it, a rollout is going on or fails, or AWS refuses.
pub async fn secret_delete(session: &Session, app: &str, key: &str) -> Result<()> {
    session.refuse_root()?;
    let mut deployed = infra::deployed(session, app).await?;
    refuse_managed(&deployed, key)?;
    let service = ready(session, app).await?;
    if !read(session, app).await?.values.contains_key(key) {
        return Err(CloudError::not_found(
            format!("`{app}` has no secret `{key}`."),
            "Refresh the list of secrets.",
        ));
    }
    // The version is chosen beforehand, so that one rollout serves both the shorter list and the new version.
    let version = uuid::Uuid::new_v4().to_string();
    deployed.inputs.secret_keys.retain(|k| k != key);
    let plan = plan_again(&mut deployed, &version)?;
    roll_out(session, &plan, &deployed, service.as_ref()).await?;
    if service.is_some() {
        settled(session, app).await?;
    }
    // Read again: another secret may have been changed meanwhile.
    let mut content = read(session, app).await?;
    content.values.remove(key);
    write(session, app, &content, &version).await?;
    session.touch();
    Ok(())
}

/// The application secret's content. Overwritten in memory when dropped, as far as the JSON reader leaves that possible.
struct Content {
    values: Map<String, Value>,
    /// Version they were read from.
    version: String,
}

impl Content {
    fn keys(&self, planned: &[String], added: Option<&str>) -> Vec<String> {
        let keys: BTreeSet<_> = planned
            .iter()
            .map(String::as_str)
            .chain(added)
            .filter(|k| self.values.contains_key(*k))
            .collect();
        keys.into_iter().map(str::to_owned).collect()
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        for (_, value) in std::mem::take(&mut self.values) {
            if let Value::String(text) = value {
                drop(Zeroizing::new(text));
            }
        }
    }
}

fn secret_name(app: &str) -> String {
    format!("{app}/app")
}

async fn read(session: &Session, app: &str) -> Result<Content> {
    let name = secret_name(app);
    let output = session
        .0
        .secrets
        .get_secret_value()
        .secret_id(&name)
        .send()
        .await
        .doing(|| format!("read the secret `{name}`"))?;
    let version = output.version_id.unwrap_or_default();
    let text = Zeroizing::new(output.secret_string.unwrap_or_default());
    // The reader's own message could quote a value, so it is not passed on.
    let parsed = serde_json::from_str(&text).map_err(|_| {
        CloudError::conflict(
            format!("The secret `{name}` does not hold a JSON object."),
            "Correct it in the AWS console, or delete it and deploy again.",
        )
    });
    parsed.map(|values| Content { values, version })
}

/// Writes a new version, unless somebody else has written one since the content was read: theirs would be lost.
async fn write(session: &Session, app: &str, content: &Content, version: &str) -> Result<()> {
    let name = secret_name(app);
    let text = Zeroizing::new(serde_json::to_string(&content.values).unwrap_or_default());
    if text.len() > LARGEST {
        return Err(CloudError::invalid(
            format!(
                "The secrets of `{app}` would be {} bytes together; Secrets Manager takes {LARGEST}.",
                text.len()
            ),
            "Put large values such as certificates into a secret of their own and read it from the server.",
        ));
    }
    if read(session, app).await?.version != content.version {
        return Err(CloudError::conflict(
            format!("The secrets of `{app}` were just changed by somebody else."),
            "Look at the list, then try again.",
        ));
    }
    session
        .0
        .secrets
        .put_secret_value()
        .secret_id(&name)
        .secret_string(text.as_str())
        .client_request_token(version)
        .send()
        .await
        .doing(|| format!("write the secret `{name}`"))?;
    Ok(())
}

fn managed(deployed: &Deployed) -> Vec<String> {
    if deployed.inputs.choices.database == Database::None {
        return Vec::new();
    }
    let prisma = deployed
        .inputs
        .findings
        .backend()
        .and_then(|b| b.prisma.as_ref())
        .and_then(|p| p.url_env.clone());
    vec![prisma.unwrap_or_else(|| "DATABASE_URL".to_owned())]
}

fn refuse_managed(deployed: &Deployed, key: &str) -> Result<()> {
    if managed(deployed).iter().any(|m| m == key) {
        return Err(CloudError::invalid(
            format!("`{key}` is the address of the database, which AWS keeps."),
            "Choose another name; the servers receive the address by themselves.",
        ));
    }
    Ok(())
}

/// The service stack, if it exists and can be changed now.
async fn ready(session: &Session, app: &str) -> Result<Option<StackState>> {
    release::refuse_during(session, app).await?;
    let stack = stacks::describe(session, &stack_name(app, StackRole::Service))
        .await?
        .filter(|s| !s.in_review());
    match stack {
        Some(stack) if stack.busy() => Err(CloudError::conflict(
            format!("The servers of `{app}` are just being replaced (`{}`).", stack.status),
            "Wait until that has ended, then try again.",
        )),
        // After a failed first release there is nothing to roll out to; the next release takes the secret along.
        Some(stack) if stack.only_deletable() => Ok(None),
        other => Ok(other),
    }
}

/// Plans again with the new list and version.
fn plan_again(deployed: &mut Deployed, version: &str) -> Result<Plan> {
    version.clone_into(&mut deployed.inputs.secrets_revision);
    zonke_plan::plan(&deployed.inputs).map_err(|e| infra::planning(&e))
}

/// Uploads the plan for later releases and updates the servers now.
async fn roll_out(session: &Session, plan: &Plan, deployed: &Deployed, service: Option<&StackState>) -> Result<()> {
    infra::upload(session, plan, &deployed.facts).await?;
    if let Some(service) = service {
        update_service(session, plan, service).await?;
    }
    session.touch();
    Ok(())
}

async fn update_service(session: &Session, plan: &Plan, service: &StackState) -> Result<()> {
    let app = &plan.inputs.choices.name();
    let role = infra::pipeline_stack(session, app)
        .await?
        .outputs
        .get("StackRoleArn")
        .cloned();
    let planned = plan
        .stack(StackRole::Service)
        .ok_or_else(|| CloudError::invalid("The plan has no service stack.", "Review the deployment again."))?;
    let given: Vec<_> = planned
        .parameters
        .iter()
        .map(|p| Parameter::builder().parameter_key(&p.name).parameter_value(&p.value).build())
        .collect();
    // Whatever the plan does not know, above all the image that runs, stays as it is.
    let kept = service
        .parameters
        .keys()
        .filter(|name| !planned.parameters.iter().any(|p| p.name == **name) && planned.template.contains(name.as_str()))
        .map(|name| Parameter::builder().parameter_key(name).use_previous_value(true).build());
    let tags = plan.tags(StackRole::Service);
    let result = session
        .0
        .cfn
        .update_stack()
        .stack_name(&service.name)
        .template_body(&planned.template)
        .set_parameters(Some(given.into_iter().chain(kept).collect()))
        .capabilities(Capability::CapabilityNamedIam)
        .set_tags(Some(
            tags.iter()
                .map(|t| Tag::builder().key(&t.name).value(&t.value).build())
                .collect(),
        ))
        .set_role_arn(role)
        .disable_rollback(false)
        .send()
        .await;
    match result {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .and_then(|e| e.meta().message())
                .is_some_and(zonke_diagnosis::is_no_changes) =>
        {
            Ok(())
        }
        Err(error) => Err(from_sdk(&format!("update the stack `{}`", service.name), &error)),
    }
}

/// Waits until the service stack has taken the latest update.
async fn settled(session: &Session, app: &str) -> Result<()> {
    let name = stack_name(app, StackRole::Service);
    let started = tokio::time::Instant::now();
    loop {
        let stack = stacks::describe(session, &name).await?;
        match stack {
            Some(stack) if stack.settled() => return Ok(()),
            Some(stack) if stack.busy() && started.elapsed() < ROLLOUT => tokio::time::sleep(session.pause()).await,
            stack => {
                let status = stack.map_or_else(|| "gone".to_owned(), |s| s.status);
                return Err(CloudError::conflict(
                    format!("The servers could not be replaced, so the secret was kept (`{name}` is {status})."),
                    "Look at the servers' events for the cause, then delete the secret again.",
                ));
            }
        }
    }
}

/// Names of the keys of a version, so that values are only read when there is a new one.
#[derive(Debug, Default)]
pub(crate) struct Names {
    version: String,
    keys: BTreeSet<String>,
}

impl Names {
    /// The secrets as they stand, by name, if the application has any place for them.
    pub(crate) async fn look(&mut self, session: &Session, app: &str) -> Result<Option<SecretsView>> {
        let name = secret_name(app);
        let secret = match session.0.secrets.describe_secret().secret_id(&name).send().await {
            Ok(secret) => secret,
            Err(error) => {
                let error = from_sdk(&format!("look at the secret `{name}`"), &error);
                return if error.code == ErrorCode::NotFound {
                    Ok(None)
                } else {
                    Err(error)
                };
            }
        };
        let stages = secret.version_ids_to_stages();
        let current = stages.and_then(|v| v.iter().find(|(_, stages)| stages.iter().any(|s| s == "AWSCURRENT")));
        let version = current.map(|(version, _)| version.clone()).unwrap_or_default();
        if self.version != version {
            self.keys = read(session, app).await?.values.keys().cloned().collect();
            self.version.clone_from(&version);
        }
        let stack = stacks::describe(session, &stack_name(app, StackRole::Service))
            .await?
            .filter(|s| !s.in_review());
        let injected = injected(session, app).await?;
        let changed_at = secret.last_changed_date().map(ms);
        Ok(Some(fold(name, version, changed_at, &self.keys, stack.as_ref(), &injected)))
    }
}

/// Environment variables that the running task definition takes from secrets: name, and the secret it comes from.
async fn injected(session: &Session, app: &str) -> Result<Vec<(String, String)>> {
    let service = crate::servers::service(session, app).await?;
    let Some(definition) = service.as_ref().and_then(|s| s.task_definition()) else {
        return Ok(Vec::new());
    };
    let output = session
        .0
        .ecs
        .describe_task_definition()
        .task_definition(definition)
        .send()
        .await
        .doing(|| format!("read the task definition of `{app}`"))?;
    let containers = output
        .task_definition()
        .map(aws_sdk_ecs::types::TaskDefinition::container_definitions)
        .unwrap_or_default();
    Ok(containers
        .iter()
        .flat_map(aws_sdk_ecs::types::ContainerDefinition::secrets)
        .map(|s| (s.name().to_owned(), s.value_from().to_owned()))
        .collect())
}

fn fold(
    secret_name: String,
    version: String,
    changed_at: Option<f64>,
    keys: &BTreeSet<String>,
    stack: Option<&StackState>,
    injected: &[(String, String)],
) -> SecretsView {
    let mut rows: Vec<_> = keys
        .iter()
        .map(|name| SecretKey {
            name: name.clone(),
            managed: false,
            injected: injected.iter().any(|(n, _)| n == name),
        })
        .collect();
    // What the servers receive from other secrets is AWS's own: the address and the parts of the database's access.
    let foreign = injected.iter().filter(|(name, from)| {
        !keys.contains(name) && !from.contains(&format!(":{secret_name}-")) && !from.contains(&format!("{secret_name}:"))
    });
    rows.extend(foreign.map(|(name, _)| SecretKey {
        name: name.clone(),
        managed: true,
        injected: true,
    }));
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    // Without own secrets there is nothing that could be stale; otherwise the stack must carry this very version.
    let servers_current =
        keys.is_empty() || stack.is_some_and(|s| s.settled() && s.parameters.get("SecretsRevision") == Some(&version));
    SecretsView {
        secret_name,
        version,
        changed_at,
        keys: rows,
        servers_current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(status: &str, revision: &str) -> StackState {
        StackState {
            status: status.to_owned(),
            parameters: [("SecretsRevision".to_owned(), revision.to_owned())].into(),
            ..StackState::default()
        }
    }

    fn view(keys: &[&str], stack: Option<&StackState>) -> SecretsView {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop";
        let injected = [
            ("TOKEN".to_owned(), format!("{arn}/app-AbCdEf:TOKEN::")),
            ("GONE".to_owned(), format!("{arn}/app-AbCdEf:GONE::")),
            ("DATABASE_URL".to_owned(), format!("{arn}/db-url-AbCdEf")),
        ];
        let keys = keys.iter().map(|k| (*k).to_owned()).collect();
        fold("shop/app".to_owned(), "v2".to_owned(), None, &keys, stack, &injected)
    }

    #[test]
    fn keys_say_whether_the_servers_know_them_and_who_owns_them() {
        let view = view(&["TOKEN", "NEW"], None);
        let keys: Vec<_> = view.keys.iter().map(|k| (k.name.as_str(), k.managed, k.injected)).collect();
        assert_eq!(
            keys,
            [("DATABASE_URL", true, true), ("NEW", false, false), ("TOKEN", false, true)],
            "a key that was just deleted but is still expected by running servers is no secret any more"
        );
    }

    #[test]
    fn servers_are_current_only_with_this_version_and_after_the_rollout() {
        assert!(view(&["TOKEN"], Some(&stack("UPDATE_COMPLETE", "v2"))).servers_current);
        assert!(!view(&["TOKEN"], Some(&stack("UPDATE_IN_PROGRESS", "v2"))).servers_current);
        assert!(!view(&["TOKEN"], Some(&stack("UPDATE_COMPLETE", "v1"))).servers_current);
        assert!(!view(&["TOKEN"], None).servers_current);
        assert!(view(&[], None).servers_current, "without secrets nothing can be stale");
    }

    #[test]
    fn only_keys_that_exist_are_planned_and_each_once_in_order() {
        let content = Content {
            values: serde_json::from_str(r#"{"B":"1","A":"2"}"#).unwrap(),
            version: String::new(),
        };
        let planned = ["B".to_owned(), "LOST".to_owned()];
        assert_eq!(content.keys(&planned, Some("A")), ["A", "B"]);
        assert_eq!(content.keys(&planned, Some("B")), ["B"]);
    }
}
