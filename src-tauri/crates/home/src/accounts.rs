//! The saved profiles of this computer's user, and who is asked when one of them needs its user.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_cloud::view::AccountTarget;
use zonke_cloud::{Access, CloudError, ErrorCode, Session};
use zonke_signin::{
    Keeping, Keychain, MoveKey, PatientCredentials, ProfileHealth, Result as SignInResult, SavedProfile, SavedProfiles,
    SignInCode, SignInDesk, SignInError, Surroundings, Way, key_age,
};

use crate::Home;

/// The profiles, and the desk where calls wait for their user.
#[derive(Debug)]
pub(crate) struct Accounts {
    profiles: Mutex<Arc<SavedProfiles>>,
    desk: SignInDesk,
}

/// A saved profile, with what this computer knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileView {
    /// What is saved.
    pub profile: SavedProfile,
    /// Whether it can be used right now.
    pub health: ProfileHealth,
    /// What to say about its long-lived key, if it has one.
    pub key: Option<zonke_signin::KeyAge>,
    /// What is kept where, one sentence.
    pub kept: String,
}

/// Whether secrets can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum KeychainView {
    /// In the keychain of the operating system.
    Ready,
    /// In memory until the app is closed, because its user said so.
    MemoryOnly,
    /// The keychain does not answer; nothing is kept until the user decides.
    #[serde(rename_all = "camelCase")]
    Problem {
        /// What the user interface reacts to.
        code: SignInCode,
        /// What is wrong.
        message: String,
        /// What to do next.
        hint: String,
    },
}

/// Who the app is in the connected account, as AWS says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccountProof {
    /// Twelve digits.
    pub account_id: String,
    /// Its alias, if it has one and we may see it.
    pub alias: Option<String>,
    /// Who we are, in words: `IAM user ada`, `role Deployer as ada`.
    pub who: String,
    /// Who we are, as AWS writes it.
    pub arn: String,
    /// Whether that is the root user, with which nothing may be changed.
    pub root: bool,
    /// Region in use.
    pub region: String,
    /// How long a connection to that region takes to open, milliseconds.
    pub latency_ms: Option<f64>,
    /// What to say about the long-lived key, if one is in use.
    pub key: Option<zonke_signin::KeyAge>,
}

impl Accounts {
    pub(crate) fn new(folder: &std::path::Path) -> Self {
        Self {
            profiles: Mutex::new(SavedProfiles::open(folder, Keychain::of_this_computer())),
            desk: SignInDesk::closed(),
        }
    }

    pub(crate) fn ask_at(&mut self, desk: SignInDesk) {
        self.desk = desk;
    }

    fn lock(&self) -> MutexGuard<'_, Arc<SavedProfiles>> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Home {
    /// The saved profiles, with their secrets where the user wants them kept in this run.
    pub fn profiles(&self) -> Arc<SavedProfiles> {
        Arc::clone(&self.accounts.lock())
    }

    /// Where calls wait for a sign-in.
    pub fn desk(&self) -> &SignInDesk {
        &self.accounts.desk
    }

    /// Keeps secrets in the keychain again, or in memory for this run. What was kept in memory before is gone.
    pub async fn keep(&self, keeping: Keeping) -> KeychainView {
        if self.profiles().keeping() != keeping {
            let keychain = match keeping {
                Keeping::Keychain => Keychain::of_this_computer(),
                Keeping::MemoryOnly => Keychain::in_memory(),
            };
            *self.accounts.lock() = SavedProfiles::open(self.data_dir(), keychain);
        }
        self.keychain().await
    }

    /// Whether secrets can be kept now.
    pub async fn keychain(&self) -> KeychainView {
        let profiles = self.profiles();
        if profiles.keeping() == Keeping::MemoryOnly {
            return KeychainView::MemoryOnly;
        }
        match profiles.check_keychain().await {
            Ok(()) => KeychainView::Ready,
            Err(error) => KeychainView::Problem {
                code: error.code(),
                message: error.to_string(),
                hint: error.hint().to_owned(),
            },
        }
    }

    /// Every saved profile with its health.
    ///
    /// # Errors
    /// The list cannot be read.
    pub async fn saved(&self) -> SignInResult<Vec<ProfileView>> {
        let profiles = self.profiles();
        let mut views = Vec::new();
        for profile in profiles.list()? {
            views.push(view(&profiles, profile).await?);
        }
        Ok(views)
    }

    /// One saved profile with its health.
    ///
    /// # Errors
    /// There is no such profile, or the list cannot be read.
    pub async fn saved_profile(&self, id: &str) -> SignInResult<ProfileView> {
        let profiles = self.profiles();
        let profile = profiles.find(id)?;
        view(&profiles, profile).await
    }

    /// The AWS files to move a key out of. The line that stays names the `zonke` command beside this program by its full path,
    /// because other programs may have another `PATH`.
    pub fn move_key(&self) -> MoveKey {
        let surroundings = Surroundings::of_this_computer();
        let name = if cfg!(windows) { "zonke.exe" } else { "zonke" };
        let command = std::env::current_exe()
            .ok()
            .and_then(|program| program.parent().map(|folder| folder.join(name)))
            .filter(|command| command.is_file())
            .map_or_else(|| name.to_owned(), |command| command.display().to_string());
        MoveKey {
            credentials: surroundings.credentials().to_owned(),
            config: surroundings.config().to_owned(),
            command,
        }
    }

    /// A profile that stands in no AWS file may be a saved one: who types a name need not know which.
    pub(crate) fn saved_if_named(&self, target: &AccountTarget) -> AccountTarget {
        match target {
            AccountTarget::Profile { name, region } if !zonke_cloud::profiles().iter().any(|p| p.name == *name) => {
                self.profiles().find(name).map_or_else(
                    |_| target.clone(),
                    |profile| AccountTarget::Saved {
                        id: profile.id,
                        region: region.clone(),
                    },
                )
            }
            AccountTarget::Profile { .. } | AccountTarget::Practice | AccountTarget::Saved { .. } => target.clone(),
        }
    }

    /// How the cloud gets into `target`, if that is not the practice account.
    pub(crate) fn access(&self, target: &AccountTarget) -> Result<Option<Access>, CloudError> {
        let profiles = self.profiles();
        let (key, region) = match target {
            AccountTarget::Practice => return Ok(None),
            AccountTarget::Profile { name, region } => (format!("aws:{name}"), region.clone()),
            AccountTarget::Saved { id, region } => (profiles.find(id).map_err(|e| in_cloud(&e))?.id, region.clone()),
        };
        self.desk().ask_again(&key);
        let credentials = Arc::new(PatientCredentials::new(
            Arc::clone(&profiles),
            key.clone(),
            region.clone(),
            self.desk().clone(),
        ));
        let told = Arc::clone(&credentials);
        let refused = Arc::new(move |access_key_id: &str| told.refused(access_key_id));
        let access = Access {
            waiting: credentials.waiting(),
            ..Access::new(Arc::new(Explained(credentials)), refused)
        };
        Ok(Some(match target {
            AccountTarget::Practice => return Ok(None),
            AccountTarget::Profile { name, region } => Access {
                label: name.clone(),
                aws_profile: Some(name.clone()),
                region: region.clone(),
                ..access
            },
            AccountTarget::Saved { .. } => {
                let profile = profiles.find(&key).map_err(|e| in_cloud(&e))?;
                Access {
                    endpoint_url: profiles.endpoint_url(&profile),
                    label: profile.label,
                    aws_profile: match profile.way {
                        Way::AwsProfile { name } => Some(name),
                        Way::IdentityCenter { .. } | Way::AccessKeys { .. } | Way::AssumeRole { .. } => None,
                    },
                    region: region.or(profile.region),
                    read_only: profile.read_only,
                    production: profile.production,
                    ..access
                }
            }
        }))
    }

    /// Asks the connected account for everything that proves who we are in it, and notes what is worth knowing next time.
    ///
    /// # Errors
    /// AWS cannot be reached or refuses. What only some may see is left out instead.
    pub async fn proof(&self, session: &Session) -> Result<AccountProof, CloudError> {
        let facts = zonke_cloud::prove(session).await?;
        let account = session.account();
        if let AccountTarget::Saved { id, .. } = &account.target {
            self.profiles().note_facts(id, &account.account_id, facts.key_created_at);
        }
        Ok(AccountProof {
            account_id: account.account_id.clone(),
            alias: facts.alias,
            who: facts.who,
            arn: account.arn.clone(),
            root: account.root,
            region: account.region.clone(),
            latency_ms: facts.latency_ms,
            key: facts
                .long_lived_key
                .then(|| key_age(facts.key_created_at, zonke_signin::now())),
        })
    }
}

async fn view(profiles: &SavedProfiles, profile: SavedProfile) -> SignInResult<ProfileView> {
    let health = profiles.health(&profile.id).await?;
    let key = match &profile.way {
        Way::AccessKeys { key_created_at } if profile.endpoint_url.is_none() => {
            Some(key_age(*key_created_at, zonke_signin::now()))
        }
        Way::AccessKeys { .. } | Way::IdentityCenter { .. } | Way::AssumeRole { .. } | Way::AwsProfile { .. } => None,
    };
    Ok(ProfileView {
        kept: kept(&profile),
        profile,
        health,
        key,
    })
}

fn kept(profile: &SavedProfile) -> String {
    let place = if profile.memory_only {
        "memory, until the app is closed"
    } else {
        "the keychain"
    };
    match &profile.way {
        Way::IdentityCenter { .. } => format!("The session is in {place}; it ends by itself, and no key exists."),
        Way::AccessKeys { .. } => format!("The access key is in {place} and nowhere else."),
        Way::AssumeRole { .. } => format!("The session of the role is in {place}; it ends by itself."),
        Way::AwsProfile { .. } => "Only its name is kept; credentials stay with the AWS configuration files.".to_owned(),
    }
}

/// Credentials whose failures the cloud can hand on: what is wrong and what helps, in the words of signing in.
#[derive(Debug)]
struct Explained(Arc<PatientCredentials>);

impl ProvideCredentials for Explained {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.0.provide_credentials().await.map_err(|error| {
                let known = error
                    .source()
                    .and_then(|source| source.downcast_ref::<SignInError>())
                    .map(in_cloud);
                known.map_or(error, CredentialsError::provider_error)
            })
        })
    }
}

fn in_cloud(error: &SignInError) -> CloudError {
    let code = match error.code() {
        SignInCode::SignInNeeded | SignInCode::SessionExpired | SignInCode::MfaNeeded => ErrorCode::CredentialsExpired,
        SignInCode::KeychainLocked => ErrorCode::KeychainLocked,
        SignInCode::KeychainUnavailable | SignInCode::KeychainDenied | SignInCode::KeychainSilent => {
            ErrorCode::KeychainUnavailable
        }
        SignInCode::ClockSkew => ErrorCode::ClockSkew,
        SignInCode::Network => ErrorCode::Network,
        SignInCode::NotFound => ErrorCode::NotFound,
        SignInCode::Conflict => ErrorCode::Conflict,
        SignInCode::InvalidInput | SignInCode::CodeExpired => ErrorCode::InvalidInput,
        SignInCode::SecretMissing
        | SignInCode::Denied
        | SignInCode::Refused
        | SignInCode::BrowserSilent
        | SignInCode::BrowserNotOpened
        | SignInCode::Cancelled
        | SignInCode::File => ErrorCode::CredentialsInvalid,
    };
    let text = error.to_string();
    let end = if text.ends_with('.') { "" } else { "." };
    CloudError {
        retryable: error.retryable(),
        request_id: error.request_id().map(str::to_owned),
        ..CloudError::new(code, format!("{text}{end}"), error.hint())
    }
}
