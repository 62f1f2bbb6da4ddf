//! Credentials of a saved profile, renewed ahead of their end, fetched once however many ask.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_types::region::Region;
use tokio_util::sync::CancellationToken;

use crate::center::SignInMethod;
use crate::error::{Result, SignInError};
use crate::keys::StoredKeys;
use crate::profile::{SavedProfile, Way};
use crate::prompts::Prompts;
use crate::saved::{SavedProfiles, center_of, keys_entry, lock, session_entry};
use crate::session::{AHEAD_MS, StoredSession};
use crate::time;

/// Begins the name of a profile that stands in the AWS files and is not saved.
pub(crate) const AWS_FILES: &str = "aws:";

/// Credentials of one profile in this process. Its lock makes everybody wait for the one who fetches.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    state: tokio::sync::Mutex<State>,
    /// Access key id that AWS no longer accepts, whatever its end says.
    refused: Mutex<Option<String>>,
}

impl Slot {
    fn is_refused(&self, access_key_id: &str) -> bool {
        lock(&self.refused).as_deref() == Some(access_key_id)
    }
}

#[derive(Default)]
struct State {
    credentials: Option<Credentials>,
    /// The latest failure: whoever was waiting for it gets it too, instead of failing again by themselves.
    failure: Option<(Instant, SignInError)>,
}

/// The SDK's own way of printing credentials shows the access key id.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("filled", &self.credentials.is_some())
            .field("failure", &self.failure)
            .finish()
    }
}

/// The credentials of one saved profile, for the AWS SDK.
///
/// Nothing here ever asks the user something: a caller that gets a [`SignInError`] which says so calls
/// [`SavedProfiles::sign_in`] and tries again. The error is the source of the SDK's `CredentialsError`. Fetching can take
/// longer than the five seconds the SDK's identity cache waits by default, so give it more; a fetch whose caller has gone is
/// finished anyway, because a refresh token that was used and not kept would be lost.
#[derive(Clone, Debug)]
pub struct SavedCredentials {
    profiles: Arc<SavedProfiles>,
    id: String,
}

impl SavedCredentials {
    /// Credentials of the profile with this id.
    pub fn new(profiles: Arc<SavedProfiles>, id: impl Into<String>) -> Self {
        Self { profiles, id: id.into() }
    }
}

impl ProvideCredentials for SavedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.profiles
                .credentials(&self.id)
                .await
                .map_err(CredentialsError::provider_error)
        })
    }
}

impl SavedProfiles {
    /// Credentials of a profile that are good for at least the next minutes. Asks nobody.
    ///
    /// # Errors
    /// A sign-in is needed, the keychain or AWS does not give them, or there is no such profile.
    pub async fn credentials(self: &Arc<Self>, name: &str) -> Result<Credentials> {
        self.credentials_of(self.find(name)?).await
    }

    /// The same for a profile that was found already.
    pub(crate) async fn credentials_of(self: &Arc<Self>, profile: SavedProfile) -> Result<Credentials> {
        let asked = Instant::now();
        let slot = Arc::clone(lock(&self.slots).entry(profile.id.clone()).or_default());
        let profiles = Arc::clone(self);
        let task = tokio::spawn(async move {
            let mut state = slot.state.lock().await;
            let usable = |c: &&Credentials| is_fresh(c) && !slot.is_refused(c.access_key_id());
            if let Some(credentials) = state.credentials.as_ref().filter(usable) {
                return Ok(credentials.clone());
            }
            if let Some((_, error)) = state.failure.as_ref().filter(|(at, _)| *at >= asked) {
                return Err(error.clone());
            }
            let refused = lock(&slot.refused).clone();
            let fetched = profiles.fetch(&profile, refused.as_deref()).await.and_then(|credentials| {
                // Whoever keeps them has not noticed yet that they are over.
                if refused.as_deref() == Some(credentials.access_key_id()) {
                    return Err(over(&profile));
                }
                Ok(credentials)
            });
            match &fetched {
                Ok(credentials) => {
                    // Credentials of the AWS files that name no end may change there at any time.
                    let keep = credentials.expiry().is_some() || !matches!(profile.way, Way::AwsProfile { .. });
                    *state = State {
                        credentials: keep.then(|| credentials.clone()),
                        failure: None,
                    };
                    if !profile.id.starts_with(AWS_FILES) {
                        profiles.note_use(&profile.id);
                    }
                }
                Err(error) => state.failure = Some((Instant::now(), error.clone())),
            }
            fetched
        });
        task.await.map_err(|_| SignInError::Cancelled)?
    }

    /// Signs the user in to a profile: browser or code for IAM Identity Center, MFA code for a role, and for a role on top of
    /// another saved profile both if needed. Afterwards [`Self::credentials`] answers.
    ///
    /// # Errors
    /// The user or AWS says no, nobody answers in time, or it is cancelled.
    pub async fn sign_in(
        self: &Arc<Self>,
        name: &str,
        method: SignInMethod,
        prompts: &dyn Prompts,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let profile = self.resolve(name)?;
        match &profile.way {
            Way::IdentityCenter { .. } => {
                if let Some(center) = center_of(&profile.way) {
                    self.centers.sign_in(&center, method, prompts, cancel).await?;
                }
            }
            Way::AssumeRole { .. } => {
                let session = self.sign_in_to_role(&profile, method, prompts, cancel).await?;
                self.keep_session(&profile, &session).await;
            }
            Way::AccessKeys { .. } | Way::AwsProfile { .. } => {}
        }
        self.forget(&profile.id);
        self.credentials_of(profile).await.map(drop)
    }

    /// A saved profile by its id, or one of the AWS files by `aws:NAME`. No id has a colon.
    pub(crate) fn resolve(&self, key: &str) -> Result<SavedProfile> {
        match key.strip_prefix(AWS_FILES) {
            Some(name) => Ok(SavedProfile {
                id: key.to_owned(),
                label: name.to_owned(),
                way: Way::AwsProfile { name: name.to_owned() },
                region: None,
                endpoint_url: None,
                account_id: None,
                read_only: false,
                production: false,
                memory_only: false,
                created_at: 0.0,
                last_used_at: None,
            }),
            None => self.find(key),
        }
    }

    /// AWS does not accept credentials with this access key id any more: they are not handed out again.
    pub(crate) fn refuse(&self, id: &str, access_key_id: &str) {
        let slot = Arc::clone(lock(&self.slots).entry(id.to_owned()).or_default());
        *lock(&slot.refused) = Some(access_key_id.to_owned());
    }

    /// Drops what this process remembers of a profile.
    pub(crate) fn forget(&self, id: &str) {
        lock(&self.slots).remove(id);
    }

    async fn fetch(self: &Arc<Self>, profile: &SavedProfile, refused: Option<&str>) -> Result<Credentials> {
        match &profile.way {
            Way::AccessKeys { .. } => {
                let keys: Option<StoredKeys> = self.keychain.get_json(&keys_entry(&profile.id)).await?;
                let keys = keys.ok_or_else(|| SignInError::SecretMissing {
                    profile: profile.label.clone(),
                })?;
                Ok(Credentials::new(
                    &keys.access_key_id,
                    &keys.secret_access_key,
                    None,
                    None,
                    "zonke",
                ))
            }
            Way::AwsProfile { name } => aws_profile_credentials(name, profile.region.as_deref()).await,
            Way::IdentityCenter { .. } | Way::AssumeRole { .. } => Ok(self.session(profile, refused).await?.credentials()),
        }
    }

    /// The session at hand, or a new one ahead of its end. A new one that cannot be had is no reason to refuse the old one
    /// while AWS still accepts it.
    async fn session(self: &Arc<Self>, profile: &SavedProfile, refused: Option<&str>) -> Result<StoredSession> {
        // A damaged cache is as good as none.
        let at_hand: Option<StoredSession> = match self.keychain.get_json(&session_entry(&profile.id)).await {
            Err(SignInError::KeychainDamaged { .. }) => None,
            other => other?.filter(|s: &StoredSession| refused != Some(s.access_key_id.as_str())),
        };
        if let Some(session) = at_hand.as_ref().filter(|s| s.is_fresh()) {
            return Ok(session.clone());
        }
        match self.new_session(profile).await {
            Ok(session) => {
                self.keep_session(profile, &session).await;
                Ok(session)
            }
            Err(error) => at_hand.filter(StoredSession::is_valid).ok_or(error),
        }
    }

    async fn new_session(self: &Arc<Self>, profile: &SavedProfile) -> Result<StoredSession> {
        let session = match (&profile.way, center_of(&profile.way)) {
            (
                Way::IdentityCenter {
                    account_id, role_name, ..
                },
                Some(center),
            ) => self.centers.role_credentials(&center, account_id, role_name).await?,
            _ => Box::pin(self.assume(profile, None)).await?,
        };
        in_the_future(session)
    }

    /// The session is good for this process even if the keychain does not keep it.
    async fn keep_session(&self, profile: &SavedProfile, session: &StoredSession) {
        if let Err(error) = self.keychain.put_json(&session_entry(&profile.id), session).await {
            tracing::warn!(profile = profile.label, %error, "the session could not be kept in the keychain");
        }
    }
}

/// A session that is over when it arrives can only mean that the clock is ahead.
pub(crate) fn in_the_future(session: StoredSession) -> Result<StoredSession> {
    if session.is_valid() {
        return Ok(session);
    }
    let minutes = ((time::now() - session.expires_at) / 60_000.0).ceil();
    Err(SignInError::ClockSkew {
        detail: format!("AWS has just given credentials that would have ended {minutes} minutes ago"),
    })
}

/// The session of a profile is over, although nothing on this computer says so.
fn over(profile: &SavedProfile) -> SignInError {
    SignInError::SessionExpired {
        what: match &profile.way {
            Way::AwsProfile { name } => format!("the AWS profile `{name}`"),
            Way::IdentityCenter { .. } | Way::AccessKeys { .. } | Way::AssumeRole { .. } => profile.label.clone(),
        },
    }
}

fn is_fresh(credentials: &Credentials) -> bool {
    credentials
        .expiry()
        .is_none_or(|end| time::of(end) - time::of(SystemTime::now()) > AHEAD_MS)
}

/// Asks the AWS files' own profile, and only it: the environment variables that usually come first belong to somebody else.
pub(crate) async fn aws_profile_credentials(name: &str, region: Option<&str>) -> Result<Credentials> {
    let mut config = ProviderConfig::with_default_region().await;
    if let Some(region) = region {
        config = config.with_region(Some(Region::new(region.to_owned())));
    }
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_name(name)
        .build();
    provider.provide_credentials().await.map_err(|error| {
        let reason = chain(&error);
        if zonke_diagnosis::is_clock_skew(&reason) {
            SignInError::ClockSkew { detail: reason }
        } else if zonke_diagnosis::is_session_over(&reason) {
            SignInError::SessionExpired {
                what: format!("the AWS profile `{name}`"),
            }
        } else if zonke_diagnosis::is_never_signed_in(&reason) {
            SignInError::SignInNeeded {
                what: format!("the AWS profile `{name}`"),
            }
        } else {
            SignInError::AwsProfile {
                profile: name.to_owned(),
                reason,
            }
        }
    })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(at) = cause {
        let more = at.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = at.source();
    }
    text
}
