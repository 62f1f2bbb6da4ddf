//! The profiles the user keeps: facts in a file, secrets in the keychain.
//!
//! Longer than 500 lines because saving, changing and removing a profile keep one list and one keychain in step.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_vault::VaultError;

use crate::center::{IdentityCenter, IdentityCenters, Timing, region_name};
use crate::error::{Result, SignInError};
use crate::keychain::{Keeping, Keychain};
use crate::keys::{AccessKeys, StoredKeys};
use crate::profile::{NewRole, ProfileChange, RoleSource, SavedProfile, SsoChoice, Way};
use crate::provider::Slot;
use crate::registry::Registry;
use crate::session::StoredSession;
use crate::time;

/// Addresses to use instead of AWS's own, for a private endpoint of a company's network or a stand-in for AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// OIDC side of IAM Identity Center.
    pub oidc: Option<String>,
    /// Portal side of IAM Identity Center.
    pub sso: Option<String>,
    /// STS.
    pub sts: Option<String>,
}

impl Endpoints {
    /// Where AWS's own variables send every program that signs in to IAM Identity Center: `AWS_ENDPOINT_URL_SSO_OIDC` and
    /// `AWS_ENDPOINT_URL_SSO`. Roles are assumed where their profile says.
    pub fn of_this_computer() -> Self {
        let address = |name: &str| std::env::var(name).ok().filter(|address| !address.trim().is_empty());
        Self {
            oidc: address("AWS_ENDPOINT_URL_SSO_OIDC"),
            sso: address("AWS_ENDPOINT_URL_SSO"),
            sts: None,
        }
    }
}

/// Whether a saved profile can be used right now, as far as this computer knows without asking AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ProfileHealth {
    /// Credentials are there, or can be had without the user.
    #[serde(rename_all = "camelCase")]
    Ready {
        /// End of the credentials at hand, milliseconds since the epoch.
        until: Option<f64>,
    },
    /// The user has to sign in.
    SignInNeeded,
    /// The user has to enter a code of their MFA device.
    MfaNeeded,
    /// The keychain has lost the key.
    SecretMissing,
    /// The keychain does not answer.
    #[serde(rename_all = "camelCase")]
    KeychainProblem {
        /// What is wrong.
        message: String,
        /// What to do next.
        hint: String,
    },
}

/// The profiles the user keeps.
#[derive(Debug)]
pub struct SavedProfiles {
    registry: Registry,
    pub(crate) keychain: Keychain,
    /// Profiles whose key is in memory: they end with the program, like it.
    in_memory: Mutex<Vec<SavedProfile>>,
    pub(crate) centers: IdentityCenters,
    pub(crate) endpoints: Endpoints,
    pub(crate) slots: Mutex<HashMap<String, Arc<Slot>>>,
}

impl SavedProfiles {
    /// The profiles in the app's own `folder`, with their secrets in `keychain`.
    pub fn open(folder: &Path, keychain: Keychain) -> Arc<Self> {
        Self::open_with(folder, keychain, Endpoints::of_this_computer(), Timing::default())
    }

    /// The same, with other addresses and times.
    pub fn open_with(folder: &Path, keychain: Keychain, endpoints: Endpoints, timing: Timing) -> Arc<Self> {
        Arc::new(Self {
            registry: Registry::in_folder(folder),
            centers: IdentityCenters::new(keychain.clone(), endpoints.clone(), timing),
            keychain,
            in_memory: Mutex::default(),
            endpoints,
            slots: Mutex::default(),
        })
    }

    /// IAM Identity Center, for signing in before anything is saved.
    pub fn identity_centers(&self) -> &IdentityCenters {
        &self.centers
    }

    /// Whether secrets outlive the program.
    pub fn keeping(&self) -> Keeping {
        self.keychain.keeping()
    }

    /// Whether a secret can be kept and read now.
    ///
    /// # Errors
    /// [`SignInError::Keychain`] with the reason.
    pub async fn check_keychain(&self) -> Result<()> {
        self.keychain.check().await
    }

    /// All of them, in the order they were saved.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn list(&self) -> Result<Vec<SavedProfile>> {
        let mut profiles = self.registry.read()?;
        profiles.extend(lock(&self.in_memory).iter().cloned());
        Ok(profiles)
    }

    /// The profile of this id or label.
    ///
    /// # Errors
    /// There is none, or the file cannot be read.
    pub fn find(&self, name: &str) -> Result<SavedProfile> {
        let profiles = self.list()?;
        let found = profiles
            .iter()
            .find(|p| p.id == name)
            .or_else(|| profiles.iter().find(|p| same(&p.label, name)));
        found
            .cloned()
            .ok_or_else(|| SignInError::NoSuchProfile { name: name.to_owned() })
    }

    /// Saves several roles of a directory at once: all of them, or none.
    ///
    /// # Errors
    /// A label is taken or empty, or the file cannot be written.
    pub fn add_sso(&self, center: &IdentityCenter, choices: &[SsoChoice], region: Option<&str>) -> Result<Vec<SavedProfile>> {
        let region = region.map(region_name).transpose()?;
        let memory = lock(&self.in_memory).clone();
        self.registry.change(|profiles| {
            let mut added = Vec::new();
            for choice in choices {
                let way = Way::IdentityCenter {
                    start_url: center.start_url.clone(),
                    sso_region: center.region.clone(),
                    account_id: choice.account_id.clone(),
                    role_name: choice.role_name.clone(),
                };
                let mut profile = fresh(profiles.iter().chain(&memory), &choice.label, way, region.clone())?;
                profile.account_id = Some(choice.account_id.clone());
                profiles.push(profile.clone());
                added.push(profile);
            }
            Ok(added)
        })
    }

    /// Saves an access key: the key in the keychain, or in memory if the user keeps everything there. `endpoint_url` is where
    /// to use it instead of at AWS.
    ///
    /// # Errors
    /// The label is taken or empty, or the keychain or the file does not keep it. Then nothing is kept.
    pub async fn add_keys(
        &self,
        label: &str,
        region: Option<&str>,
        keys: &AccessKeys,
        endpoint_url: Option<&str>,
    ) -> Result<SavedProfile> {
        let region = region.map(region_name).transpose()?;
        let endpoint_url = endpoint_url.map(address).transpose()?;
        let key_created_at = None;
        let mut profile = fresh(self.list()?.iter(), label, Way::AccessKeys { key_created_at }, region)?;
        profile.memory_only = self.keeping() == Keeping::MemoryOnly;
        profile.endpoint_url = endpoint_url;
        let entry = keys_entry(&profile.id);
        self.keychain.put_json(&entry, &StoredKeys::from(keys)).await?;
        let saved = self.insert(profile);
        if saved.is_err() {
            self.keychain.delete(&entry).await?;
        }
        saved
    }

    /// Where the credentials of a profile are used instead of at AWS; a role is where the profile is that assumes it.
    pub fn endpoint_url(&self, profile: &SavedProfile) -> Option<String> {
        match &profile.way {
            Way::AssumeRole {
                source: RoleSource::Saved { id },
                ..
            } => self.find(id).ok().and_then(|source| self.endpoint_url(&source)),
            Way::AssumeRole {
                source: RoleSource::AwsProfile { name },
                ..
            }
            | Way::AwsProfile { name } => crate::surroundings::endpoint_url(name),
            Way::IdentityCenter { .. } | Way::AccessKeys { .. } => profile.endpoint_url.clone(),
        }
    }

    /// Saves a role that another profile assumes.
    ///
    /// # Errors
    /// The label is taken or empty, the source does not exist, or the file cannot be written.
    pub fn add_role(&self, role: &NewRole) -> Result<SavedProfile> {
        let parts: Vec<_> = role.role_arn.trim().splitn(6, ':').collect();
        let [_, _, "iam", _, account, name] = parts.as_slice() else {
            return Err(not_a_role(&role.role_arn));
        };
        if !name.starts_with("role/") || account.len() != 12 {
            return Err(not_a_role(&role.role_arn));
        }
        let source = match &role.source {
            RoleSource::Saved { id } => RoleSource::Saved { id: self.find(id)?.id },
            RoleSource::AwsProfile { name } => RoleSource::AwsProfile { name: name.clone() },
        };
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let way = Way::AssumeRole {
            role_arn: role.role_arn.trim().to_owned(),
            mfa_serial: given(&role.mfa_serial),
            external_id: given(&role.external_id),
            source,
        };
        let region = role.region.as_deref().map(region_name).transpose()?;
        let mut profile = fresh(self.list()?.iter(), &role.label, way, region)?;
        profile.account_id = Some((*account).to_owned());
        self.insert(profile)
    }

    /// Saves a name for a profile of the AWS configuration files.
    ///
    /// # Errors
    /// The label is taken or empty, or the file cannot be written.
    pub fn add_aws_profile(&self, label: &str, name: &str, region: Option<&str>) -> Result<SavedProfile> {
        let region = region.map(region_name).transpose()?;
        self.insert(fresh(
            self.list()?.iter(),
            label,
            Way::AwsProfile { name: name.to_owned() },
            region,
        )?)
    }

    fn insert(&self, profile: SavedProfile) -> Result<SavedProfile> {
        if profile.memory_only {
            lock(&self.in_memory).push(profile.clone());
            return Ok(profile);
        }
        self.registry.change(|profiles| {
            // Another process may have taken the name since it was chosen.
            check_label(profiles.iter(), &profile.label, None)?;
            if profiles.iter().any(|p| p.id == profile.id) {
                return Err(SignInError::NameTaken {
                    name: profile.id.clone(),
                });
            }
            profiles.push(profile.clone());
            Ok(profile)
        })
    }

    /// Calls a profile something else. Its id stays, so what refers to it goes on working.
    ///
    /// # Errors
    /// There is no such profile, the label is taken or empty, or the file cannot be written.
    pub fn rename(&self, name: &str, label: &str) -> Result<SavedProfile> {
        let label = label.trim();
        let id = self.find(name)?.id;
        check_label(self.list()?.iter(), label, Some(&id))?;
        self.update(&id, |profile| label.clone_into(&mut profile.label))
    }

    /// Changes the region to start with.
    ///
    /// # Errors
    /// There is no such profile, that is no region, or the file cannot be written.
    pub fn set_region(&self, name: &str, region: Option<&str>) -> Result<SavedProfile> {
        let region = region.map(region_name).transpose()?;
        self.update(&self.find(name)?.id, |profile| profile.region = region)
    }

    /// Marks a profile as read-only, and its account as production.
    ///
    /// # Errors
    /// There is no such profile, or the file cannot be written.
    pub fn set_marks(&self, name: &str, read_only: bool, production: bool) -> Result<SavedProfile> {
        self.update(&self.find(name)?.id, |profile| {
            profile.read_only = read_only;
            profile.production = production;
        })
    }

    /// Changes everything about a profile that its user may change, at once.
    ///
    /// # Errors
    /// There is no such profile, the label is taken or empty, that is no region, or the file cannot be written. Then nothing
    /// is changed.
    pub fn change(&self, name: &str, change: &ProfileChange) -> Result<SavedProfile> {
        let id = self.find(name)?.id;
        let label = change.label.trim();
        check_label(self.list()?.iter(), label, Some(&id))?;
        let region = change.region.as_deref().map(region_name).transpose()?;
        self.update(&id, |profile| {
            label.clone_into(&mut profile.label);
            profile.region = region;
            profile.read_only = change.read_only;
            profile.production = change.production;
        })
    }

    /// Notes what AWS has told of a profile: its account, and when its access key was made. A note that is lost harms nobody.
    pub fn note_facts(&self, id: &str, account_id: &str, key_made_at: Option<f64>) {
        let noted = self.update(id, |profile| {
            profile.account_id = Some(account_id.to_owned());
            if let (Way::AccessKeys { key_created_at }, Some(at)) = (&mut profile.way, key_made_at) {
                *key_created_at = Some(at);
            }
        });
        if let Err(error) = noted {
            tracing::debug!(%error, "the account of the profile could not be noted");
        }
    }

    /// Notes that credentials were fetched. A note that is lost harms nobody.
    pub(crate) fn note_use(&self, id: &str) {
        if let Err(error) = self.update(id, |profile| profile.last_used_at = Some(time::now())) {
            tracing::debug!(%error, "the last use could not be noted");
        }
    }

    fn update(&self, id: &str, change: impl FnOnce(&mut SavedProfile)) -> Result<SavedProfile> {
        if let Some(profile) = lock(&self.in_memory).iter_mut().find(|p| p.id == id) {
            change(profile);
            return Ok(profile.clone());
        }
        self.registry.change(|profiles| {
            let profile = profiles
                .iter_mut()
                .find(|p| p.id == id)
                .ok_or_else(|| SignInError::NoSuchProfile { name: id.to_owned() })?;
            change(profile);
            Ok(profile.clone())
        })
    }

    /// Removes a profile, first its secrets from the keychain and then the rest. The session with a directory goes with the
    /// last profile that uses it.
    ///
    /// # Errors
    /// There is no such profile, another one stands on it, or the keychain does not remove its secrets: then it stays.
    pub async fn remove(&self, name: &str) -> Result<SavedProfile> {
        let profile = self.find(name)?;
        let others: Vec<_> = self.list()?.into_iter().filter(|p| p.id != profile.id).collect();
        if let Some(user) = others
            .iter()
            .find(|p| matches!(&p.way, Way::AssumeRole { source: RoleSource::Saved { id }, .. } if *id == profile.id))
        {
            return Err(SignInError::StillNeeded {
                name: profile.label,
                user: user.label.clone(),
            });
        }
        if self.keeping() == Keeping::MemoryOnly && !profile.memory_only {
            let reason = "its secrets are in the keychain, which is not used in this run".to_owned();
            return Err(VaultError::Unavailable { reason }.into());
        }
        self.keychain.delete(&session_entry(&profile.id)).await?;
        self.keychain.delete(&keys_entry(&profile.id)).await?;
        if let Some(center) = center_of(&profile.way)
            && !others.iter().any(|p| center_of(&p.way).as_ref() == Some(&center))
        {
            self.centers.sign_out(&center).await?;
        }
        self.forget(&profile.id);
        lock(&self.in_memory).retain(|p| p.id != profile.id);
        if !profile.memory_only {
            self.registry.change(|profiles| {
                profiles.retain(|p| p.id != profile.id);
                Ok(())
            })?;
        }
        Ok(profile)
    }

    /// Whether a profile can be used right now, without asking AWS.
    ///
    /// # Errors
    /// There is no such profile, or the file cannot be read.
    pub async fn health(&self, name: &str) -> Result<ProfileHealth> {
        let profile = self.find(name)?;
        match self.look(&profile).await {
            Ok(health) => Ok(health),
            Err(error @ SignInError::Keychain(_)) => Ok(ProfileHealth::KeychainProblem {
                message: error.to_string(),
                hint: error.hint().to_owned(),
            }),
            Err(SignInError::KeychainDamaged { .. }) => Ok(ProfileHealth::SecretMissing),
            Err(error) => Err(error),
        }
    }

    async fn look(&self, profile: &SavedProfile) -> Result<ProfileHealth> {
        if matches!(profile.way, Way::AccessKeys { .. }) {
            let keys: Option<StoredKeys> = self.keychain.get_json(&keys_entry(&profile.id)).await?;
            return Ok(if keys.is_some() {
                ProfileHealth::Ready { until: None }
            } else {
                ProfileHealth::SecretMissing
            });
        }
        let session: Option<StoredSession> = self.keychain.get_json(&session_entry(&profile.id)).await?;
        let session = session.filter(StoredSession::is_valid);
        if let Some(session) = &session {
            return Ok(ProfileHealth::Ready {
                until: Some(session.expires_at),
            });
        }
        Ok(match &profile.way {
            Way::IdentityCenter { .. } => match center_of(&profile.way) {
                Some(center) if self.centers.is_signed_in(&center).await? => ProfileHealth::Ready { until: None },
                _ => ProfileHealth::SignInNeeded,
            },
            Way::AssumeRole { mfa_serial: Some(_), .. } => ProfileHealth::MfaNeeded,
            Way::AssumeRole {
                source: RoleSource::Saved { id },
                ..
            } => match Box::pin(self.health(id)).await? {
                ProfileHealth::Ready { .. } => ProfileHealth::Ready { until: None },
                problem @ (ProfileHealth::SignInNeeded
                | ProfileHealth::MfaNeeded
                | ProfileHealth::SecretMissing
                | ProfileHealth::KeychainProblem { .. }) => problem,
            },
            Way::AccessKeys { .. } | Way::AssumeRole { .. } | Way::AwsProfile { .. } => ProfileHealth::Ready { until: None },
        })
    }
}

pub(crate) fn keys_entry(id: &str) -> String {
    format!("profile/{id}/keys")
}

pub(crate) fn session_entry(id: &str) -> String {
    format!("profile/{id}/session")
}

pub(crate) fn center_of(way: &Way) -> Option<IdentityCenter> {
    if let Way::IdentityCenter {
        start_url, sso_region, ..
    } = way
    {
        Some(IdentityCenter {
            start_url: start_url.clone(),
            region: sso_region.clone(),
        })
    } else {
        None
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The address of something that speaks AWS's language. Without TLS only on this computer: what is sent there has secrets in it.
fn address(url: &str) -> Result<String> {
    let url = url.trim().trim_end_matches('/');
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase();
    let fine = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => !host(rest).is_empty() && !host(rest).contains('@'),
        (_, Some(rest)) => {
            let host = host(rest);
            let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
        }
        (None, None) => false,
    };
    if fine && !url.contains(char::is_whitespace) {
        return Ok(url.to_owned());
    }
    Err(SignInError::invalid(
        format!("`{url}` is not an address that can be used instead of AWS."),
        "Write https://HOST, or http://localhost:PORT for an emulator on this computer.",
    ))
}

fn not_a_role(arn: &str) -> SignInError {
    SignInError::invalid(
        format!("`{arn}` is not the ARN of a role."),
        "It looks like `arn:aws:iam::123456789012:role/NAME`.",
    )
}

fn check_label<'a>(mut taken: impl Iterator<Item = &'a SavedProfile>, label: &str, own_id: Option<&str>) -> Result<()> {
    if label.is_empty() || label.chars().count() > 60 || label.chars().any(char::is_control) {
        return Err(SignInError::invalid(
            "The name of a profile has 1 to 60 characters on one line.",
            "Enter another name.",
        ));
    }
    if taken.any(|p| Some(p.id.as_str()) != own_id && (same(&p.label, label) || same(&p.id, label))) {
        return Err(SignInError::NameTaken { name: label.to_owned() });
    }
    Ok(())
}

fn fresh<'a>(
    taken: impl Iterator<Item = &'a SavedProfile>,
    label: &str,
    way: Way,
    region: Option<String>,
) -> Result<SavedProfile> {
    let label = label.trim();
    let taken: Vec<_> = taken.collect();
    check_label(taken.iter().copied(), label, None)?;
    let base = id_from(label);
    let used = |id: &str| taken.iter().any(|p| p.id == id || same(&p.label, id));
    let mut id = base.clone();
    let mut number = 2;
    while used(&id) {
        id = format!("{base}-{number}");
        number += 1;
    }
    Ok(SavedProfile {
        id,
        label: label.to_owned(),
        way,
        region,
        endpoint_url: None,
        account_id: None,
        read_only: false,
        production: false,
        memory_only: false,
        created_at: time::now(),
        last_used_at: None,
    })
}

/// An id that can be read, and typed in a terminal without quotes.
fn id_from(label: &str) -> String {
    let mut id = String::new();
    for c in label.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c);
        } else if !id.ends_with('-') && !id.is_empty() {
            id.push('-');
        }
    }
    id.truncate(40);
    let id = id.trim_end_matches('-');
    if id.is_empty() { "profile".to_owned() } else { id.to_owned() }
}
