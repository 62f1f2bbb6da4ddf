//! What a first deployment that failed leaves behind, and how it goes away.
//!
//! The database and the load balancer are protected from deletion, and a bucket can only be deleted when it is empty. When
//! the creation of a stack fails after them, AWS cannot take them back: the stack ends in `ROLLBACK_FAILED`. Such a stack never
//! served anybody, so everything in it may go. A stack that was complete once is never touched here, whatever its state: what
//! becomes of its data is for its owner to decide.

use aws_sdk_cloudformation::types::{ResourceStatus, StackResourceSummary};
use aws_sdk_rds::operation::modify_db_cluster::ModifyDBClusterError;
use aws_sdk_rds::operation::modify_db_instance::ModifyDBInstanceError;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use tokio::time::Instant;
use zonke_plan::StackRole;

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::query::{self, Api};
use crate::session::Session;
use crate::stacks::{self, LONGEST, StackState, stack_name};

/// Elastic Load Balancing and the version of its API.
pub(crate) const ELB: Api = Api {
    name: "Elastic Load Balancing",
    id: "elasticloadbalancing",
    version: "2015-12-01",
};

/// How often a deletion is tried: a load balancer may write a last log into a bucket that was empty a moment ago.
const ATTEMPTS: u32 = 3;

/// What of the stack an application has in this role can only be deleted.
///
/// # Errors
/// The stack cannot be deleted by itself but was complete once, or AWS refuses.
pub(crate) async fn find(session: &Session, app: &str, role: StackRole) -> Result<Option<StackState>> {
    let Some(stack) = stacks::describe(session, &stack_name(app, role)).await? else {
        return Ok(None);
    };
    if !stack.only_deletable() {
        return Ok(None);
    }
    if !never_complete(session, &stack).await? {
        return Err(CloudError::conflict(
            format!(
                "The stack `{}` was in use once and could not be deleted (`{}`): {}",
                stack.name,
                stack.status,
                stack.reason.unwrap_or_default()
            ),
            "Decide what becomes of its data, delete the stack in the AWS console, then try again.",
        ));
    }
    Ok(Some(stack))
}

/// Whether a stack of the pipeline has to go, or is going, before the pipeline can make it anew.
pub(crate) async fn any(session: &Session, app: &str) -> Result<bool> {
    for role in [StackRole::Service, StackRole::Base] {
        let going = stacks::describe(session, &stack_name(app, role))
            .await?
            .is_some_and(|s| s.being_undone());
        if going || find(session, app, role).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the stacks of the pipeline whose creation never completed; the next release makes them anew.
pub(crate) async fn clear(session: &Session, app: &str) -> Result<()> {
    for role in [StackRole::Service, StackRole::Base] {
        rest(session, &stack_name(app, role)).await?;
        if let Some(stack) = find(session, app, role).await? {
            remove(session, &stack).await?;
        }
    }
    Ok(())
}

/// Removes a stack that [`find`] has found.
pub(crate) async fn remove(session: &Session, stack: &StackState) -> Result<()> {
    let mut attempt = 1;
    loop {
        for hindrance in hindrances(session, stack).await? {
            hindrance.lift(session).await?;
        }
        match stacks::delete(session, &stack.name).await {
            Err(error) if error.code == ErrorCode::Conflict && attempt < ATTEMPTS => {
                tracing::warn!(%error, attempt, "what is left of a stack is still in use");
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// What [`remove`] does to this stack, in words.
pub(crate) async fn announcement(session: &Session, stack: &StackState) -> Result<String> {
    let found = hindrances(session, stack).await?;
    let named = |buckets: bool| {
        let names: Vec<_> = found
            .iter()
            .filter(|h| matches!(h.kind, Kind::Bucket) == buckets)
            .map(|h| format!("`{}`", h.logical_id))
            .collect();
        (!names.is_empty()).then(|| names.join(" and "))
    };
    let mut said = format!("What is left of `{}`, which was never complete, is removed first", stack.name);
    let steps: Vec<_> = [
        named(false).map(|n| format!("the deletion protection of {n} is switched off")),
        named(true).map(|n| format!("{n} is emptied")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !steps.is_empty() {
        said.push_str(": ");
        said.push_str(&steps.join(", "));
    }
    said.push('.');
    Ok(said)
}

/// Waits until AWS is not undoing the stack any more.
async fn rest(session: &Session, name: &str) -> Result<()> {
    let started = Instant::now();
    while stacks::describe(session, name).await?.is_some_and(|s| s.being_undone()) && started.elapsed() < LONGEST {
        tokio::time::sleep(session.pause()).await;
    }
    Ok(())
}

/// Whether the creation of a stack failed and nothing came after it but attempts to delete it.
async fn never_complete(session: &Session, stack: &StackState) -> Result<bool> {
    if stack.failed_to_come_up() {
        return Ok(true);
    }
    // A failed deletion says nothing about the time before. AWS forgets events after 90 days: without the beginning of the
    // creation among them, the stack may have been complete.
    let mut pages = session
        .0
        .cfn
        .describe_stack_events()
        .stack_name(&stack.id)
        .into_paginator()
        .send();
    let mut created = false;
    while let Some(page) = pages.next().await {
        let page = page.doing(|| format!("read the events of `{}`", stack.name))?;
        let own = page
            .stack_events()
            .iter()
            .filter(|e| e.physical_resource_id() == Some(stack.id.as_str()));
        for status in own.filter_map(|e| e.resource_status()).map(ResourceStatus::as_str) {
            created |= status == "CREATE_IN_PROGRESS";
            if status == "CREATE_COMPLETE" || status.starts_with("UPDATE_") || status.starts_with("IMPORT_") {
                return Ok(false);
            }
        }
    }
    Ok(created)
}

/// A resource that stands in the way of the deletion of its stack.
#[derive(Debug, PartialEq, Eq)]
struct Hindrance {
    kind: Kind,
    logical_id: String,
    physical_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An instance of RDS; one that belongs to a cluster has no protection of its own.
    Database,
    /// A cluster of Aurora.
    Cluster,
    LoadBalancer,
    Bucket,
}

/// What is left of a stack and cannot be deleted as it is. Only what the stack itself has made: the creation of a resource also
/// fails because its name is taken, and then the name belongs to somebody else.
async fn hindrances(session: &Session, stack: &StackState) -> Result<Vec<Hindrance>> {
    let mut found = Vec::new();
    let mut pages = session
        .0
        .cfn
        .list_stack_resources()
        .stack_name(&stack.id)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.doing(|| format!("list the resources of `{}`", stack.name))?;
        found.extend(page.stack_resource_summaries().iter().filter_map(hindrance));
    }
    Ok(found)
}

fn hindrance(resource: &StackResourceSummary) -> Option<Hindrance> {
    let kind = match resource.resource_type()? {
        "AWS::RDS::DBInstance" => Kind::Database,
        "AWS::RDS::DBCluster" => Kind::Cluster,
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => Kind::LoadBalancer,
        "AWS::S3::Bucket" => Kind::Bucket,
        _ => return None,
    };
    let made = matches!(resource.resource_status()?.as_str(), "CREATE_COMPLETE" | "DELETE_FAILED");
    let physical_id = resource.physical_resource_id().filter(|id| !id.is_empty())?;
    made.then(|| Hindrance {
        kind,
        logical_id: resource.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: physical_id.to_owned(),
    })
}

impl Hindrance {
    async fn lift(&self, session: &Session) -> Result<()> {
        let lifted = match self.kind {
            Kind::Database | Kind::Cluster => unprotect_database(session, self.kind, &self.physical_id).await,
            Kind::LoadBalancer => unprotect_load_balancer(session, &self.physical_id).await,
            Kind::Bucket => empty(session, &self.physical_id).await,
        };
        match lifted {
            // Gone already, whatever the stack says.
            Err(error) if error.code == ErrorCode::NotFound => Ok(()),
            result => result,
        }
    }
}

/// Switches the deletion protection of a database off and waits until that is in force.
async fn unprotect_database(session: &Session, kind: Kind, id: &str) -> Result<()> {
    let started = Instant::now();
    while protected(session, kind, id).await? {
        give_up_protection(session, kind, id).await?;
        if started.elapsed() > LONGEST {
            return Err(CloudError::conflict(
                format!("The database `{id}` did not give up its deletion protection within an hour."),
                "Look at it in the AWS console, switch off its deletion protection, then try again.",
            ));
        }
        tokio::time::sleep(session.pause()).await;
    }
    Ok(())
}

/// Whether this instance or cluster is protected from deletion.
async fn protected(session: &Session, kind: Kind, id: &str) -> Result<bool> {
    let doing = || format!("look at the database `{id}`");
    if kind == Kind::Cluster {
        let output = session.0.rds.describe_db_clusters().db_cluster_identifier(id).send().await;
        let output = output.doing(doing)?;
        return Ok(output
            .db_clusters()
            .first()
            .is_some_and(|c| c.deletion_protection() == Some(true)));
    }
    let output = session.0.rds.describe_db_instances().db_instance_identifier(id).send().await;
    let output = output.doing(doing)?;
    Ok(output
        .db_instances()
        .first()
        .is_some_and(|i| i.deletion_protection() == Some(true)))
}

/// Asks for the protection to be switched off; done for now also if the database is still being made, or backed up for the first time.
async fn give_up_protection(session: &Session, kind: Kind, id: &str) -> Result<()> {
    let doing = || format!("switch off the deletion protection of the database `{id}`");
    if kind == Kind::Cluster {
        let request = session.0.rds.modify_db_cluster().db_cluster_identifier(id);
        return match request.deletion_protection(false).apply_immediately(true).send().await {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(ModifyDBClusterError::is_invalid_db_cluster_state_fault) =>
            {
                Err(from_sdk(&doing(), &error))
            }
            _ => Ok(()),
        };
    }
    let request = session.0.rds.modify_db_instance().db_instance_identifier(id);
    match request.deletion_protection(false).apply_immediately(true).send().await {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(ModifyDBInstanceError::is_invalid_db_instance_state_fault) =>
        {
            Err(from_sdk(&doing(), &error))
        }
        _ => Ok(()),
    }
}

async fn unprotect_load_balancer(session: &Session, arn: &str) -> Result<()> {
    let query = [
        ("LoadBalancerArn", arn),
        ("Attributes.member.1.Key", "deletion_protection.enabled"),
        ("Attributes.member.1.Value", "false"),
    ];
    query::ask(session, ELB, "ModifyLoadBalancerAttributes", &query).await?;
    Ok(())
}

/// Deletes every version of everything in a bucket of this account.
async fn empty(session: &Session, bucket: &str) -> Result<()> {
    let owner = session.account().account_id.as_str();
    loop {
        let output = session
            .0
            .s3
            .list_object_versions()
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .send()
            .await;
        let output = output.doing(|| format!("list what is in the bucket `{bucket}`"))?;
        let versions = output.versions().iter().map(|v| (v.key(), v.version_id()));
        let markers = output.delete_markers().iter().map(|m| (m.key(), m.version_id()));
        let objects: Vec<_> = versions
            .chain(markers)
            .filter_map(|(key, version)| {
                let object = ObjectIdentifier::builder()
                    .key(key?)
                    .set_version_id(version.map(str::to_owned));
                object.build().ok()
            })
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let Ok(objects) = Delete::builder().set_objects(Some(objects)).quiet(true).build() else {
            return Ok(());
        };
        let output = session
            .0
            .s3
            .delete_objects()
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .delete(objects)
            .send()
            .await;
        let output = output.doing(|| format!("empty the bucket `{bucket}`"))?;
        if let Some(error) = output.errors().first() {
            return Err(CloudError::conflict(
                format!(
                    "`{}` in the bucket `{bucket}` cannot be deleted: {}",
                    error.key().unwrap_or_default(),
                    error.message().unwrap_or_default()
                ),
                "Empty the bucket in the AWS console, then try again.",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
