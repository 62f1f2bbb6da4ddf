//! How an account is reached: credentials, and where to use them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::watch;

use crate::audit::AuditLog;
use crate::error::{CloudError, Result};
use crate::session::{ATTEMPT, Endpoint, practice_config, retries};
use crate::watch::{Refused, Watch};

/// How an account is reached.
#[derive(Clone)]
pub struct Access {
    /// Short name of the way in.
    pub label: String,
    /// Profile of the AWS files whose settings count, such as its region. Its credentials do not: those are given.
    pub aws_profile: Option<String>,
    /// Region to use instead of the profile's own.
    pub region: Option<String>,
    /// Address to use instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Whether this is an account of production.
    pub production: bool,
    /// Gives the credentials for every attempt of a request. It keeps them itself, and may wait for a person.
    pub credentials: SharedCredentialsProvider,
    /// Told the access key id of credentials that AWS does not accept any more.
    pub refused: Refused,
    /// How many calls wait for a person to sign in. One whose sender is gone says that nobody ever waits.
    pub waiting: watch::Receiver<u32>,
    /// The practice account, if that is what it is.
    pub practice: Option<Endpoint>,
}

impl Access {
    /// Access with these credentials to AWS itself.
    pub fn new(credentials: Arc<impl ProvideCredentials + 'static>, refused: Refused) -> Self {
        Self {
            label: String::new(),
            aws_profile: None,
            region: None,
            endpoint_url: None,
            read_only: false,
            production: false,
            credentials: SharedCredentialsProvider::new(Given(credentials)),
            refused,
            waiting: watch::Sender::new(0).subscribe(),
            practice: None,
        }
    }

    /// Access to the practice account.
    pub fn to_practice(endpoint: &Endpoint) -> Self {
        let secret = endpoint.secret_access_key.expose();
        let credentials = Credentials::new(&endpoint.access_key_id, secret, None, None, "practice");
        Self {
            label: "Practice account".to_owned(),
            practice: Some(endpoint.clone()),
            ..Self::new(Arc::new(credentials), Arc::new(|_| {}))
        }
    }

    pub(crate) fn watch(&self, audit: &AuditLog) -> Watch {
        Watch::new(
            audit,
            &self.label,
            self.read_only,
            Arc::clone(&self.refused),
            self.waiting.clone(),
        )
    }

    pub(crate) async fn configuration(&self) -> Result<SdkConfig> {
        if let Some(endpoint) = &self.practice {
            return Ok(practice_config(endpoint));
        }
        let region = self.region.clone().map(Region::new);
        let mut builder = if let Some(name) = &self.aws_profile {
            if !crate::profiles().iter().any(|p| p.name == *name) {
                return Err(CloudError::invalid(
                    format!("There is no profile `{name}` in the AWS configuration files."),
                    "Choose one of the listed profiles, or make it with `aws configure`.",
                ));
            }
            // The default chain would let AWS_ACCESS_KEY_ID and its like win over the profile, and so deploy as somebody
            // else than the app shows: credentials are given, and only the other settings are the profile's.
            let mut loader = aws_config::defaults(BehaviorVersion::latest())
                .profile_name(name)
                .credentials_provider(self.credentials.clone());
            if let Some(region) = region {
                loader = loader.region(region);
            }
            loader.load().await.into_builder()
        } else {
            // Built without looking at the environment, so that nothing meant for another account reaches this one.
            let mut builder = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .credentials_provider(self.credentials.clone());
            builder.set_region(region);
            builder
        };
        if let Some(url) = &self.endpoint_url {
            builder.set_endpoint_url(Some(url.clone()));
        }
        Ok(builder
            .identity_cache(IdentityCache::no_cache())
            .timeout_config(timeouts())
            .retry_config(retries())
            // The SDK would sign with AWS's time and say nothing, while every end of a session is still compared with the wrong clock.
            .disable_clock_skew_correction(true)
            .build())
    }
}

/// Limits for the network alone: while credentials wait for a person no clock may run.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(ATTEMPT)
        .build()
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("label", &self.label).finish_non_exhaustive()
    }
}

/// A provider that is shared with whoever tells it of refusals.
#[derive(Debug)]
struct Given<P>(Arc<P>);

impl<P: ProvideCredentials> ProvideCredentials for Given<P> {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.provide_credentials()
    }
}
