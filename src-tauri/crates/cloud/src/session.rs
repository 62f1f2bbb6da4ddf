//! A connected account: configuration, clients and what goes on in it on behalf of this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::sync::watch;
use zonke_plan::Plan;
use zonke_vault::Secret;

use crate::access::Access;
use crate::audit::AuditLog;
use crate::error::{CloudError, Doing, ErrorCode, Result, hint_of};
use crate::view::{AccountTarget, AccountView};
use crate::watch::{Again, Watch};

/// Where an account that is not behind AWS's own addresses is reached: the practice account.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Base URL of every service.
    pub url: String,
    /// Region to use.
    pub region: String,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: Secret,
}

/// A connected account. Cheap to clone.
#[derive(Clone)]
pub struct Session(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    id: u64,
    pub(crate) config: SdkConfig,
    account: AccountView,
    pub(crate) watch: Watch,
    pub(crate) cfn: aws_sdk_cloudformation::Client,
    pub(crate) connections: aws_sdk_codeconnections::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) pipeline: aws_sdk_codepipeline::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) scaling: aws_sdk_applicationautoscaling::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    deployments: Mutex<HashMap<String, Work>>,
    plans: Mutex<HashMap<String, Arc<Plan>>>,
    changed: watch::Sender<u64>,
    tempo: f64,
    at_edge: OnceLock<Session>,
}

/// What this process still does, or last did, for the deployment of an application.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// The rest of a deployment is being done.
    Going,
    /// Everything was handed over to AWS; the pipeline runs this execution.
    HandedOver {
        /// Execution of the pipeline that belongs to the deployment.
        execution: String,
        /// When, milliseconds since the epoch.
        at: f64,
    },
    /// Everything was handed over; after the release, something is taken away that the site still uses now.
    TakingAway,
    /// It could not be done.
    Failed {
        /// Why.
        error: CloudError,
        /// When, milliseconds since the epoch.
        at: f64,
    },
}

/// Longest time one attempt of a request may take; AWS's own consoles wait about as long.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(20);
/// Longest time for a request with its retries.
const OPERATION: Duration = Duration::from_mins(1);
/// Longest time for an upload with its retries.
const UPLOAD: Duration = Duration::from_mins(10);

impl Session {
    /// Signs in and asks AWS who we are.
    ///
    /// Refuses nothing by itself; see [`AccountView::root`].
    ///
    /// # Errors
    /// The profile does not exist or has no usable credentials or region, or AWS cannot be reached or refuses.
    pub async fn connect(target: &AccountTarget, access: Access, audit: AuditLog) -> Result<Self> {
        let label = access.label.clone();
        let config = access.configuration().await?;
        let region = config.region().map(|r| r.as_ref().to_owned()).ok_or_else(|| {
            CloudError::invalid(
                format!("The profile `{label}` names no region."),
                "Add a region to the profile, or choose one here.",
            )
        })?;
        let watch = access.watch(&audit);
        let sts = aws_sdk_sts::Client::from_conf(
            aws_sdk_sts::config::Builder::from(&config)
                .interceptor(watch.audit())
                .interceptor(watch.ear())
                .retry_classifier(Again)
                .build(),
        );
        let identity = sts
            .get_caller_identity()
            .send()
            .await
            .doing(|| format!("sign in to AWS with `{label}`"))?;
        let arn = identity.arn().unwrap_or_default().to_owned();
        let practice = *target == AccountTarget::Practice;
        let account = AccountView {
            target: target.clone(),
            label,
            account_id: identity.account().unwrap_or_default().to_owned(),
            root: !practice && arn.ends_with(":root"),
            arn,
            region,
            practice,
            read_only: access.read_only,
            production: access.production,
            endpoint_url: config.endpoint_url().filter(|_| !practice).map(str::to_owned),
        };
        Ok(Self::watched(config, account, &watch, 1.0))
    }

    /// A session over a ready configuration.
    #[cfg(test)]
    pub(crate) fn over(config: SdkConfig, account: AccountView, audit: &AuditLog) -> Self {
        Self::at_tempo(config, account, audit, 1.0)
    }

    /// A session whose waiting times are multiplied by `tempo`.
    #[cfg(test)]
    pub(crate) fn at_tempo(config: SdkConfig, account: AccountView, audit: &AuditLog, tempo: f64) -> Self {
        let watch = Watch::new(
            audit,
            &account.label,
            account.read_only,
            Arc::new(|_| {}),
            watch::Sender::new(0).subscribe(),
        );
        Self::watched(config, account, &watch, tempo)
    }

    fn watched(config: SdkConfig, account: AccountView, watch: &Watch, tempo: f64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let upload = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(UPLOAD)
            .build();
        macro_rules! watched {
            ($sdk:ident) => {
                $sdk::config::Builder::from(&config)
                    .interceptor(watch.audit())
                    .interceptor(watch.gate())
                    .interceptor(watch.ear())
                    .retry_classifier(Again)
            };
        }
        macro_rules! client {
            ($sdk:ident) => {
                $sdk::Client::from_conf(watched!($sdk).build())
            };
        }
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            cfn: client!(aws_sdk_cloudformation),
            connections: client!(aws_sdk_codeconnections),
            ecs: client!(aws_sdk_ecs),
            pipeline: client!(aws_sdk_codepipeline),
            rds: client!(aws_sdk_rds),
            s3: aws_sdk_s3::Client::from_conf(
                watched!(aws_sdk_s3)
                    // An emulator has no name for every bucket.
                    .force_path_style(config.endpoint_url().is_some())
                    .timeout_config(upload)
                    .build(),
            ),
            scaling: client!(aws_sdk_applicationautoscaling),
            secrets: client!(aws_sdk_secretsmanager),
            config,
            account,
            watch: watch.clone(),
            deployments: Mutex::default(),
            plans: Mutex::default(),
            changed: watch::Sender::new(0),
            tempo,
            at_edge: OnceLock::new(),
        }))
    }

    /// The connected account.
    pub fn account(&self) -> &AccountView {
        &self.0.account
    }

    /// The same account as its root user.
    #[cfg(test)]
    pub(crate) fn as_root(&self) -> Self {
        let account = AccountView {
            root: true,
            ..self.account().clone()
        };
        Self::watched(self.0.config.clone(), account, &self.0.watch, 1.0)
    }

    /// The same account in the only region that CloudFront takes certificates and web firewalls from.
    pub(crate) fn at_edge(&self) -> Self {
        if self.account().region == zonke_plan::EDGE_REGION {
            return self.clone();
        }
        let make = || {
            let region = Region::from_static(zonke_plan::EDGE_REGION);
            let account = AccountView {
                region: zonke_plan::EDGE_REGION.to_owned(),
                ..self.account().clone()
            };
            let config = self.0.config.to_builder().region(region).build();
            Self::watched(config, account, &self.0.watch, self.0.tempo)
        };
        self.0.at_edge.get_or_init(make).clone()
    }

    /// Distinguishes sessions of one process.
    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }

    /// Refuses to change anything as the root user.
    pub(crate) fn refuse_root(&self) -> Result<()> {
        if self.account().root {
            return Err(CloudError::new(
                ErrorCode::RootRefused,
                format!(
                    "`{}` is the root user of account {}.",
                    self.account().label,
                    self.account().account_id
                ),
                hint_of(ErrorCode::RootRefused),
            ));
        }
        Ok(())
    }

    /// How long to wait between two looks at something that changes.
    pub(crate) fn pause(&self) -> Duration {
        let pause = if self.account().practice {
            Duration::from_millis(400)
        } else {
            Duration::from_secs(3)
        };
        pause.mul_f64(self.0.tempo)
    }

    /// Factor of every waiting time: 1, except in tests.
    pub(crate) fn tempo(&self) -> f64 {
        self.0.tempo
    }

    /// What this process does for the deployment of `app`.
    pub(crate) fn work(&self, app: &str) -> Option<Work> {
        lock(&self.0.deployments).get(app).cloned()
    }

    pub(crate) fn set_work(&self, app: &str, work: Work) {
        lock(&self.0.deployments).insert(app.to_owned(), work);
        self.touch();
    }

    pub(crate) fn forget_work(&self, app: &str) {
        lock(&self.0.deployments).remove(app);
        self.touch();
    }

    /// Says that something was changed through this session, so that live views look again at once.
    pub(crate) fn touch(&self) {
        self.0.changed.send_modify(|n| *n += 1);
    }

    /// Grows with every change made through this session.
    pub(crate) fn touched(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// The latest known plan of `app`, for the descriptions in it.
    pub(crate) fn known_plan(&self, app: &str) -> Option<Arc<Plan>> {
        lock(&self.0.plans).get(app).cloned()
    }

    pub(crate) fn learn_plan(&self, plan: Arc<Plan>) {
        lock(&self.0.plans).insert(plan.inputs.choices.name(), plan);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("account", self.account())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

pub(crate) fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(500))
}

/// Built without looking at the environment, so that nothing meant for AWS reaches the practice account or the other way round.
pub(crate) fn practice_config(endpoint: &Endpoint) -> SdkConfig {
    let credentials = Credentials::new(
        &endpoint.access_key_id,
        endpoint.secret_access_key.expose(),
        None,
        None,
        "practice",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(endpoint.region.clone()))
        .endpoint_url(&endpoint.url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts())
        .retry_config(retries())
        .build()
}
