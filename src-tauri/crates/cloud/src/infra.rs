//! The infrastructure of an application, as it lies in its account: `infra.zip` in the bucket of the pipeline stack.
//!
//! `inputs.json` inside it is what every later change is planned from, so a change needs nothing but the account.

use std::sync::Arc;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use zonke_plan::{AccountFacts, Choices, Inputs, Plan, StackRole};

use crate::error::{CloudError, Doing, ErrorCode, Result, from_sdk};
use crate::session::Session;
use crate::stacks::{self, StackState, stack_name};
use crate::{connection, ec2};

/// Key of the infrastructure in the bucket; the pipeline's second source.
pub(crate) const KEY: &str = "infra/infra.zip";

/// The infrastructure of an application as it lies in its account.
#[derive(Clone, Debug)]
pub(crate) struct Deployed {
    pub(crate) inputs: Inputs,
    pub(crate) facts: AccountFacts,
}

/// Turns a planner's refusal into words.
pub(crate) fn planning(error: &zonke_plan::PlanError) -> CloudError {
    CloudError::invalid(format!("{error}."), "Change this setting and try again.")
}

/// The pipeline stack of an application.
pub(crate) async fn pipeline_stack(session: &Session, app: &str) -> Result<StackState> {
    stacks::describe(session, &stack_name(app, StackRole::Pipeline))
        .await?
        .ok_or_else(|| {
            CloudError::not_found(
                format!(
                    "There is no application `{app}` in {} of account {}.",
                    session.account().region,
                    session.account().account_id
                ),
                "Check the name and the region, or deploy it first.",
            )
        })
}

/// The bucket of the pipeline stack.
pub(crate) fn bucket(stack: &StackState) -> Result<String> {
    stack.outputs.get("ArtifactBucketName").cloned().ok_or_else(|| {
        CloudError::conflict(
            format!("The stack `{}` has no bucket yet ({}).", stack.name, stack.status),
            "Wait until it is complete, then try again.",
        )
    })
}

/// Whether the infrastructure was uploaded, if AWS says so: without the right to list a bucket, S3 refuses to say that
/// something is missing.
pub(crate) async fn exists(session: &Session, bucket: &str) -> Result<Option<bool>> {
    match session.0.s3.head_object().bucket(bucket).key(KEY).send().await {
        Ok(_) => Ok(Some(true)),
        Err(SdkError::ServiceError(context)) if context.raw().status().as_u16() == 404 => Ok(Some(false)),
        Err(SdkError::ServiceError(context)) if context.raw().status().as_u16() == 403 => Ok(None),
        Err(error) => Err(from_sdk(&format!("look for {KEY} in the bucket `{bucket}`"), &error)),
    }
}

async fn fetch(session: &Session, bucket: &str) -> Result<Option<Vec<u8>>> {
    let output = match session.0.s3.get_object().bucket(bucket).key(KEY).send().await {
        Ok(output) => output,
        Err(error) => {
            let error = from_sdk(&format!("read {KEY} in the bucket `{bucket}`"), &error);
            return if error.code == ErrorCode::NotFound {
                Ok(None)
            } else {
                Err(error)
            };
        }
    };
    let body = output.body.collect().await.map_err(|e| {
        CloudError::new(
            ErrorCode::Network,
            format!("Could not read {KEY} in the bucket `{bucket}`: {e}."),
            "Check the network connection and try again.",
        )
    })?;
    Ok(Some(body.to_vec()))
}

/// The plan that the infrastructure in the account was made from, if it was uploaded.
pub(crate) async fn plan_of(session: &Session, bucket: &str) -> Result<Option<Arc<Plan>>> {
    let Some(zip) = fetch(session, bucket).await? else {
        return Ok(None);
    };
    let inputs = zonke_plan::read_inputs(&zip).map_err(|e| planning(&e))?;
    let plan = Arc::new(zonke_plan::plan(&inputs).map_err(|e| planning(&e))?);
    session.learn_plan(Arc::clone(&plan));
    Ok(Some(plan))
}

/// What the infrastructure in the account was planned from, if it was uploaded.
pub(crate) async fn inputs_of(session: &Session, bucket: &str) -> Result<Option<Inputs>> {
    let Some(zip) = fetch(session, bucket).await? else {
        return Ok(None);
    };
    zonke_plan::read_inputs(&zip).map(Some).map_err(|e| planning(&e))
}

/// What the infrastructure of a running application was planned from.
///
/// # Errors
/// There is no such application, its infrastructure was not uploaded yet, or AWS refuses.
pub async fn deployed_inputs(session: &Session, app: &str) -> Result<Inputs> {
    Ok(deployed(session, app).await?.inputs)
}

/// The same inputs with what the account runs now as what was before, so that rights to take it away are among those of the plan.
/// Without an application there, or without the right to look, the inputs as they are.
pub(crate) async fn with_before(session: &Session, inputs: &Inputs) -> Inputs {
    let mut inputs = inputs.clone();
    if let Ok(operated) = deployed_inputs(session, &inputs.choices.name()).await {
        let mut wanted = inputs.choices.clone();
        wanted.servers.min = operated.choices.servers.min;
        wanted.servers.max = operated.choices.servers.max;
        inputs.before = before(&operated, &wanted);
    }
    inputs
}

/// What was before these choices. The same ones again may be a second attempt: what was before the first may still be there.
pub(crate) fn before(operated: &Inputs, wanted: &Choices) -> Option<Box<Choices>> {
    if operated.choices == *wanted {
        operated.before.clone()
    } else {
        Some(Box::new(operated.choices.clone()))
    }
}

/// What a change to a running application starts from.
pub(crate) async fn deployed(session: &Session, app: &str) -> Result<Deployed> {
    let stack = pipeline_stack(session, app).await?;
    let bucket = bucket(&stack)?;
    let zip = fetch(session, &bucket).await?.ok_or_else(|| {
        CloudError::conflict(
            format!("The infrastructure of `{app}` was not uploaded yet."),
            "Deploy the application again; it goes on from here.",
        )
    })?;
    let inputs = zonke_plan::read_inputs(&zip).map_err(|e| planning(&e))?;
    // Zones stay as they are: other ones would replace the subnets.
    let mut facts = zonke_plan::read_account_facts(&zip).map_err(|e| planning(&e))?;
    facts.artifact_bucket = bucket;
    Ok(Deployed { inputs, facts })
}

/// Answers of the account for this plan: those of an earlier upload where there is one.
pub(crate) async fn facts_for(session: &Session, plan: &Plan, bucket: &str, connection_arn: &str) -> Result<AccountFacts> {
    let earlier = fetch(session, bucket)
        .await?
        .and_then(|zip| zonke_plan::read_account_facts(&zip).ok());
    let (zones, cloudfront_prefix_list) = match earlier {
        Some(facts) => (facts.zones, facts.cloudfront_prefix_list),
        None => tokio::try_join!(ec2::zones(session), ec2::cloudfront_prefix_list(session))?,
    };
    let edge = match plan.stack(StackRole::Edge) {
        Some(planned) => stacks::describe(&session.at_edge(), &planned.name).await?,
        None => None,
    };
    let made = |output: &str| edge.as_ref().and_then(|stack| stack.outputs.get(output).cloned());
    Ok(AccountFacts {
        zones,
        cloudfront_prefix_list,
        connection_arn: connection_arn.to_owned(),
        artifact_bucket: bucket.to_owned(),
        certificate_arn: made("CertificateArn"),
        web_acl_arn: made("WebAclArn"),
    })
}

/// Uploads the infrastructure of a plan and what it needs beside it; returns the version of `infra.zip`.
pub(crate) async fn upload(session: &Session, plan: &Plan, facts: &AccountFacts) -> Result<String> {
    let bucket = &facts.artifact_bucket;
    let (key, migrator) = zonke_plan::migrator_zip();
    put(session, bucket, &key, migrator, None).await?;
    // By it an ejected folder knows that it was made from the same.
    let made_from = plan.made_from();
    let version = put(session, bucket, KEY, zonke_plan::infra_zip_for(plan, facts), Some(&made_from)).await?;
    session.learn_plan(Arc::new(plan.clone()));
    session.touch();
    Ok(version)
}

async fn put(session: &Session, bucket: &str, key: &str, bytes: Vec<u8>, made_from: Option<&str>) -> Result<String> {
    let output = session
        .0
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .content_type("application/zip")
        .set_metadata(made_from.map(|sum| [("made-from".to_owned(), sum.to_owned())].into()))
        .body(ByteStream::from(bytes))
        .send()
        .await
        .doing(|| format!("upload {key} to the bucket `{bucket}`"))?;
    Ok(output.version_id().unwrap_or_default().to_owned())
}

/// Makes sure that the connection to the source host can be used.
pub(crate) async fn require_connection(session: &Session, plan: &Plan, arn: &str) -> Result<()> {
    if connection::is_available(session, arn).await? {
        return Ok(());
    }
    let host = zonke_plan::host_name(plan.inputs.choices.provider);
    let region = &session.account().region;
    Err(CloudError::conflict(
        format!("The connection to {host} is not finished."),
        format!("Finish it at https://{region}.console.aws.amazon.com/codesuite/settings/connections, then deploy again."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_before_stays_known_through_a_second_attempt_with_the_same_choices() {
        let mut operated = crate::journal::tests::pending("shop-1").plan.inputs;
        let choices = operated.choices.clone();
        let wanted = Choices {
            log_days: choices.log_days + 1,
            ..choices.clone()
        };
        assert_eq!(before(&operated, &choices), None);
        assert_eq!(before(&operated, &wanted), Some(Box::new(choices.clone())));
        operated.before = before(&operated, &wanted);
        operated.choices = wanted.clone();
        assert_eq!(
            before(&operated, &wanted),
            Some(Box::new(choices.clone())),
            "it may have failed half-way"
        );
        assert_eq!(before(&operated, &choices), Some(Box::new(wanted)));
    }
}
