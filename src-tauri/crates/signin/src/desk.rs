//! Where calls wait for a person: a sign-in that is over pauses what was being done instead of failing it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use serde::{Deserialize, Serialize};
use specta::Type;
use tokio::sync::watch;

use crate::error::{Result, SignInCode, SignInError};
use crate::profile::{SavedProfile, Way};
use crate::saved::{SavedProfiles, lock};
use crate::time;

/// A profile that needs its user before calls can go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInNeed {
    /// Names the profile when signing in again or putting it off: its id, or `aws:NAME` for one of the AWS files.
    pub profile: String,
    /// What its user calls it.
    pub label: String,
    /// How it can be met.
    pub how: SignInHow,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do next, one sentence.
    pub hint: String,
    /// When it arose, milliseconds since the epoch.
    pub since: f64,
    /// Calls that wait for it and go on afterwards.
    pub waiting: u32,
    /// Whether the user does not want to be asked now: calls fail at once until they sign in.
    pub put_off: bool,
}

/// How a need can be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum SignInHow {
    /// In the browser, or with a device code.
    Browser,
    /// With a code of an MFA device.
    #[serde(rename_all = "camelCase")]
    Mfa {
        /// Serial number or ARN of the device.
        serial: String,
    },
    /// Outside the app, because another program keeps the session.
    #[serde(rename_all = "camelCase")]
    Elsewhere {
        /// What to run in a terminal.
        command: String,
    },
}

#[derive(Debug, Default)]
struct Needs(BTreeMap<String, SignInNeed>);

/// Everybody who waits for a sign-in, and who is asked for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignInDesk(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    needs: Mutex<Needs>,
    changed: watch::Sender<Vec<SignInNeed>>,
}

/// Takes a waiting call off the list, also when its future is dropped.
struct Waiting<'a> {
    inner: &'a Inner,
    profile: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut needs = lock(&self.inner.needs);
        if let Some(need) = needs.0.get_mut(self.profile) {
            need.waiting = need.waiting.saturating_sub(1);
        }
        self.inner.tell(&needs);
    }
}

impl Inner {
    fn tell(&self, needs: &Needs) {
        self.changed.send_replace(needs.0.values().cloned().collect());
    }
}

impl SignInDesk {
    /// A desk with somebody behind it, who watches [`Self::needs`].
    pub fn open() -> Self {
        Self(Some(Arc::new(Inner {
            needs: Mutex::default(),
            changed: watch::Sender::new(Vec::new()),
        })))
    }

    /// A desk with nobody behind it: calls fail at once, as in a script.
    pub fn closed() -> Self {
        Self(None)
    }

    /// What is needed now, and every change of it. Ends at once for a closed desk.
    pub fn needs(&self) -> watch::Receiver<Vec<SignInNeed>> {
        self.0.as_ref().map_or_else(
            || watch::Sender::new(Vec::new()).subscribe(),
            |inner| inner.changed.subscribe(),
        )
    }

    /// The profile is signed in: whoever waits goes on.
    pub fn met(&self, profile: &str) {
        self.change(|needs| {
            needs.0.remove(profile);
        });
    }

    /// The user does not want to sign in now: whoever waits fails, and nobody asks again until [`Self::ask_again`] or
    /// [`Self::met`].
    pub fn put_off(&self, profile: &str) {
        self.change(|needs| {
            if let Some(need) = needs.0.get_mut(profile) {
                need.put_off = true;
            }
        });
    }

    /// The user wants something of this profile again.
    pub fn ask_again(&self, profile: &str) {
        self.change(|needs| {
            if needs.0.get(profile).is_some_and(|need| need.put_off) {
                needs.0.remove(profile);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Needs)) {
        if let Some(inner) = &self.0 {
            let mut needs = lock(&inner.needs);
            change(&mut needs);
            inner.tell(&needs);
        }
    }

    /// Waits until `profile` is signed in.
    ///
    /// # Errors
    /// `problem`, if nobody is behind the desk or the user does not want to.
    async fn wait(&self, profile: &SavedProfile, problem: SignInError) -> Result<()> {
        let Some(inner) = &self.0 else { return Err(problem) };
        let mut changed = inner.changed.subscribe();
        {
            let mut needs = lock(&inner.needs);
            let need = needs.0.entry(profile.id.clone()).or_insert_with(|| need(profile, &problem));
            if need.put_off {
                return Err(problem);
            }
            need.waiting += 1;
            inner.tell(&needs);
        }
        let waiting = Waiting {
            inner,
            profile: &profile.id,
        };
        let mine = |needs: &Vec<SignInNeed>| needs.iter().find(|n| n.profile == profile.id).cloned();
        let outcome = changed
            .wait_for(|needs| mine(needs).is_none_or(|need| need.put_off))
            .await
            .map(|needs| mine(&needs).is_none());
        drop(waiting);
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(problem),
        }
    }
}

fn need(profile: &SavedProfile, problem: &SignInError) -> SignInNeed {
    let mut hint = problem.hint().to_owned();
    let how = match (&profile.way, problem) {
        (_, SignInError::MfaNeeded { serial, .. })
        | (
            Way::AssumeRole {
                mfa_serial: Some(serial),
                ..
            },
            _,
        ) => SignInHow::Mfa { serial: serial.clone() },
        (Way::AwsProfile { name }, _) => {
            let command;
            (command, hint) = crate::surroundings::sign_in_command(name);
            SignInHow::Elsewhere { command }
        }
        (Way::IdentityCenter { .. } | Way::AssumeRole { .. } | Way::AccessKeys { .. }, _) => SignInHow::Browser,
    };
    let mut message = problem.to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    SignInNeed {
        profile: profile.id.clone(),
        label: profile.label.clone(),
        hint,
        how,
        message: format!("{message}."),
        since: time::now(),
        waiting: 0,
        put_off: false,
    }
}

/// Whether its user can end this problem by signing in.
pub(crate) fn can_be_signed_in(error: &SignInError) -> bool {
    matches!(
        error.code(),
        SignInCode::SignInNeeded | SignInCode::SessionExpired | SignInCode::MfaNeeded
    )
}

/// Credentials of one profile for the AWS SDK, which wait at a desk while its user has to sign in.
///
/// They must not be asked under a time limit: a person may take as long as they like. Nothing has been sent to AWS while they
/// wait, so the call that goes on afterwards is the same one, made once.
#[derive(Clone, Debug)]
pub struct PatientCredentials {
    profiles: Arc<SavedProfiles>,
    profile: String,
    region: Option<String>,
    desk: SignInDesk,
    waiting: watch::Sender<u32>,
}

/// Counts a call that waits, also when its future is dropped.
struct Counted<'a>(&'a watch::Sender<u32>);

impl<'a> Counted<'a> {
    fn one(waiting: &'a watch::Sender<u32>) -> Self {
        waiting.send_modify(|n| *n += 1);
        Self(waiting)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n = n.saturating_sub(1));
    }
}

impl PatientCredentials {
    /// Credentials of the saved profile with this id, or of a profile of the AWS files named `aws:NAME`. `region` is where to
    /// ask for them when the profile itself names none.
    pub fn new(profiles: Arc<SavedProfiles>, profile: impl Into<String>, region: Option<String>, desk: SignInDesk) -> Self {
        Self {
            profiles,
            profile: profile.into(),
            region,
            desk,
            waiting: watch::Sender::new(0),
        }
    }

    /// How many calls wait for the user right now, and every change of it.
    pub fn waiting(&self) -> watch::Receiver<u32> {
        self.waiting.subscribe()
    }

    /// Notes that AWS no longer accepts credentials with this access key id, whatever they say of their end.
    pub fn refused(&self, access_key_id: &str) {
        self.profiles.refuse(&self.profile, access_key_id);
    }

    async fn get(&self) -> Result<aws_credential_types::Credentials> {
        loop {
            let mut profile = self.profiles.resolve(&self.profile)?;
            profile.region = profile.region.or_else(|| self.region.clone());
            match self.profiles.credentials_of(profile.clone()).await {
                Err(problem) if can_be_signed_in(&problem) => {
                    let _counted = Counted::one(&self.waiting);
                    self.desk.wait(&profile, problem).await?;
                }
                other => return other,
            }
        }
    }
}

impl ProvideCredentials for PatientCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.get().await.map_err(CredentialsError::provider_error) })
    }
}
