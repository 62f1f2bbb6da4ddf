//! What stands between the app and AWS for every request: the log, the gate of read-only profiles, and an ear for refusals.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
    InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::ErrorKind;
use tokio::sync::watch;

use crate::audit::{AuditInterceptor, AuditLog, error_code};
use crate::error::is_session_of_ec2_over;

/// Told the access key id of credentials that AWS does not accept any more.
pub type Refused = Arc<dyn Fn(&str) + Send + Sync>;

/// Watches every request of a session.
#[derive(Clone)]
pub(crate) struct Watch {
    audit: AuditLog,
    label: String,
    read_only: bool,
    refused: Refused,
    waiting: watch::Receiver<u32>,
}

impl Watch {
    pub(crate) fn new(audit: &AuditLog, label: &str, read_only: bool, refused: Refused, waiting: watch::Receiver<u32>) -> Self {
        Self {
            audit: audit.clone(),
            label: label.to_owned(),
            read_only,
            refused,
            waiting,
        }
    }

    /// How many calls wait for a person to sign in.
    pub(crate) fn waiting(&self) -> watch::Receiver<u32> {
        self.waiting.clone()
    }

    pub(crate) fn audit(&self) -> AuditInterceptor {
        self.audit.interceptor(&self.label)
    }

    pub(crate) fn gate(&self) -> Gate {
        Gate {
            closed_for: self.read_only.then(|| self.label.clone()),
        }
    }

    pub(crate) fn ear(&self) -> Ear {
        Ear(Arc::clone(&self.refused))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("label", &self.label).finish_non_exhaustive()
    }
}

/// A request that would change something, through a profile that may only read.
#[derive(Debug, thiserror::Error)]
#[error("the profile `{profile}` is read-only, and {operation} would change something")]
pub(crate) struct ReadOnly {
    pub(crate) profile: String,
    pub(crate) operation: String,
}

/// Lets only requests through that read, if the profile is read-only.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    closed_for: Option<String>,
}

/// Beginnings of the names of operations that change nothing. Whatever is new or unusual counts as a change.
const READING: &[&str] = &[
    "Get",
    "List",
    "Describe",
    "BatchGet",
    "Head",
    "Lookup",
    "Simulate",
    "Filter",
    "Validate",
    "Estimate",
    "DetectStack",
    "StartQuery",
    "StopQuery",
    "StartLiveTail",
];

pub(crate) fn only_reads(operation: &str) -> bool {
    READING.iter().any(|start| operation.starts_with(start))
}

#[dyn_dispatch_hint]
impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "ReadOnlyGate"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(profile) = &self.closed_for else {
            return Ok(());
        };
        let operation = cfg.load::<Metadata>().map_or("this request", Metadata::name);
        if only_reads(operation) {
            return Ok(());
        }
        Err(ReadOnly {
            profile: profile.clone(),
            operation: operation.to_owned(),
        }
        .into())
    }
}

/// What the services call credentials that are over.
const OVER: [&str; 4] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
    "ExpiredSession",
];

fn says_they_are_over(response: &HttpResponse) -> bool {
    let code = || error_code(response);
    !response.status().is_success() && (OVER.contains(&code().as_str()) || is_session_of_ec2_over(Some(&code()), response))
}

/// Has a request sent again whose credentials are over. AWS looks at the credentials first, so a request that was refused for
/// them has done nothing; the SDK asks for credentials anew before every attempt.
#[derive(Debug)]
pub(crate) struct Again;

impl ClassifyRetry for Again {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if context.response().is_some_and(says_they_are_over) {
            RetryAction::retryable_error(ErrorKind::TransientError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "CredentialsOver"
    }
}

/// Hears when AWS says that credentials are over, and tells whoever gave them before they are asked again.
#[derive(Clone)]
pub(crate) struct Ear(Refused);

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}

/// The access key id of this attempt. The request itself is gone by the time there is an answer.
struct SignedWith(Option<String>);

/// Without the access key id, which is nobody's business.
impl fmt::Debug for SignedWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedWith")
    }
}

impl Storable for SignedWith {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Ear {
    fn name(&self) -> &'static str {
        "CredentialsRefused"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state()
            .store_put(SignedWith(access_key_id(context.request())));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(says_they_are_over)
            && let Some(id) = cfg.load::<SignedWith>().and_then(|signed| signed.0.as_deref())
        {
            (self.0)(id);
        }
        Ok(())
    }
}

/// The access key id a request was signed with: `Credential=ID/date/region/service/aws4_request`.
fn access_key_id(request: &HttpRequest) -> Option<String> {
    let (_, rest) = request.headers().get("authorization")?.split_once("Credential=")?;
    rest.split('/').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::only_reads;

    #[test]
    fn only_what_reads_passes_a_closed_gate() {
        for reads in [
            "DescribeStacks",
            "GetSecretValue",
            "ListStacks",
            "HeadObject",
            "SimulatePrincipalPolicy",
            "BatchGetBuilds",
        ] {
            assert!(only_reads(reads), "{reads}");
        }
        for changes in [
            "CreateChangeSet",
            "ExecuteChangeSet",
            "PutObject",
            "PutSecretValue",
            "StartPipelineExecution",
            "UpdateService",
            "DeleteStack",
            "RegisterScalableTarget",
            "",
        ] {
            assert!(!only_reads(changes), "{changes}");
        }
    }
}
