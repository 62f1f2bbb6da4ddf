//! Where secrets are kept: the keychain of the operating system, or memory for one run.

use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Secret;

/// Why a keychain did not do what it was asked. Never contains a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no keychain on this computer, or it cannot be reached.
    #[error("no keychain can be reached: {reason}")]
    Unavailable {
        /// What the operating system says.
        reason: String,
    },
    /// The keychain is locked, or there is none for this user yet.
    #[error("the keychain is locked: {reason}")]
    Locked {
        /// What the operating system says.
        reason: String,
    },
    /// The keychain refuses this program.
    #[error("the keychain refused: {reason}")]
    Denied {
        /// What the operating system says.
        reason: String,
    },
    /// No such entry.
    #[error("the keychain has no entry `{name}`")]
    NotFound {
        /// Name of the entry.
        name: String,
    },
    /// The keychain did not answer; usually a question to the user is open on the screen.
    #[error("the keychain did not answer within {seconds} seconds")]
    TimedOut {
        /// How long the app waited.
        seconds: u64,
    },
}

impl VaultError {
    /// What the user can do about it, one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => {
                "Start a keychain (GNOME Keyring or KWallet on Linux) and start the app again, or keep the secret in memory for this run."
            }
            Self::Locked { .. } => "Unlock the keychain and try again.",
            Self::Denied { .. } => "Allow the app to use the keychain and try again.",
            Self::NotFound { .. } => "Enter the secret again.",
            Self::TimedOut { .. } => "Answer the keychain's question on the screen and try again.",
        }
    }
}

/// A place that keeps secrets by name. Calls block: use it through a [`Vault`].
pub trait SecretStore: Send + 'static {
    /// Keeps a secret, in place of one of the same name.
    ///
    /// # Errors
    /// The store is unavailable, locked or refuses.
    fn put(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError>;

    /// Reads a secret.
    ///
    /// # Errors
    /// The store is unavailable, locked or refuses, or has no such secret.
    fn get(&mut self, name: &str) -> Result<Secret, VaultError>;

    /// Forgets a secret.
    ///
    /// # Errors
    /// The store is unavailable, locked or refuses, or has no such secret.
    fn delete(&mut self, name: &str) -> Result<(), VaultError>;
}

/// Keeps secrets in memory until the program ends. The user chooses this; it is never a silent fallback.
#[derive(Debug, Default)]
pub struct MemoryStore(HashMap<String, Secret>);

impl SecretStore for MemoryStore {
    fn put(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        self.0.insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn get(&mut self, name: &str) -> Result<Secret, VaultError> {
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.0
            .remove(name)
            .map(drop)
            .ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
    }
}

/// The keychain of the operating system: Secret Service, macOS Keychain or Windows Credential Manager.
///
/// The library opens the keychain once per process and remembers a failure, so a keychain that is started later is found
/// only by a new start of the app.
#[derive(Clone, Debug)]
pub struct OsStore {
    service: String,
}

impl OsStore {
    /// Entries of this app; `service` is what the user sees in the keychain's own window.
    pub fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
        }
    }

    fn entry(&self, name: &str) -> Result<keyring::Entry, VaultError> {
        if let Err(error) = keyring::Entry::store_status() {
            return Err(VaultError::Unavailable {
                reason: error.to_string(),
            });
        }
        keyring::Entry::new(&self.service, name).map_err(|error| in_words(&error, name))
    }
}

impl SecretStore for OsStore {
    fn put(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        self.entry(name)?
            .set_password(secret.expose())
            .map_err(|error| in_words(&error, name))
    }

    fn get(&mut self, name: &str) -> Result<Secret, VaultError> {
        self.entry(name)?
            .get_password()
            .map(Secret::from)
            .map_err(|error| in_words(&error, name))
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.entry(name)?.delete_credential().map_err(|error| in_words(&error, name))
    }
}

/// Errors of the library that carry the stored bytes are never printed with them.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library's errors grow; whatever is new means that it does not work"
)]
fn in_words(error: &keyring::Error, name: &str) -> VaultError {
    match error {
        keyring::Error::NoEntry => VaultError::NotFound { name: name.to_owned() },
        keyring::Error::NoStorageAccess(_) => VaultError::Locked {
            reason: error.to_string(),
        },
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => VaultError::Denied {
            reason: "the entry was not written by this app".to_owned(),
        },
        keyring::Error::Ambiguous(_) => VaultError::Denied {
            reason: format!("several entries are called `{name}`"),
        },
        keyring::Error::TooLong(..)
        | keyring::Error::Invalid(..)
        | keyring::Error::BadStoreFormat(_)
        | keyring::Error::NotSupportedByStore(_) => VaultError::Denied {
            reason: error.to_string(),
        },
        // No store, a failure of the platform, or something newer than this app.
        _ => VaultError::Unavailable {
            reason: error.to_string(),
        },
    }
}

type Job = Box<dyn FnOnce(&mut dyn SecretStore) + Send>;

/// A store with a thread of its own and a time limit, because a keychain may wait for the user for as long as it likes and
/// must not be called from an async task.
///
/// Once a call has timed out, later calls queue behind it on the same thread; they fail with [`VaultError::TimedOut`] until
/// the keychain answers again.
#[derive(Clone)]
pub struct Vault {
    jobs: Arc<Mutex<mpsc::Sender<Job>>>,
    limit: Duration,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Vault {
    /// A vault over `store` that waits at most `limit` for each answer.
    pub fn new(store: impl SecretStore, limit: Duration) -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        std::thread::spawn(move || {
            let mut store = store;
            while let Ok(job) = inbox.recv() {
                job(&mut store);
            }
        });
        Self {
            jobs: Arc::new(Mutex::new(jobs)),
            limit,
        }
    }

    /// Keeps a secret, in place of one of the same name.
    ///
    /// # Errors
    /// The store is unavailable, locked, refuses or does not answer.
    pub async fn put(&self, name: &str, secret: Secret) -> Result<(), VaultError> {
        let name = name.to_owned();
        self.run(move |store| store.put(&name, &secret)).await
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// The store is unavailable, locked, refuses or does not answer, or has no such secret.
    pub async fn get(&self, name: &str) -> Result<Secret, VaultError> {
        let name = name.to_owned();
        self.run(move |store| store.get(&name)).await
    }

    /// Forgets a secret.
    ///
    /// # Errors
    /// The store is unavailable, locked, refuses or does not answer, or has no such secret.
    pub async fn delete(&self, name: &str) -> Result<(), VaultError> {
        let name = name.to_owned();
        self.run(move |store| store.delete(&name)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn SecretStore) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // Nobody waits any more after a time-out: the answer is dropped, and a secret in it is overwritten.
            drop(answer.send(job(store)));
        });
        let gone = || VaultError::Unavailable {
            reason: "the keychain thread ended".to_owned(),
        };
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send(job)
            .map_err(|_| gone())?;
        match tokio::time::timeout(self.limit, answered).await {
            Ok(answer) => answer.map_err(|_| gone())?,
            Err(_) => Err(VaultError::TimedOut {
                seconds: self.limit.as_secs(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_can_be_kept_read_replaced_and_forgotten() {
        let vault = Vault::new(MemoryStore::default(), Duration::from_secs(5));
        assert_eq!(vault.get("work").await, Err(VaultError::NotFound { name: "work".to_owned() }));
        vault.put("work", Secret::from("one")).await.unwrap();
        vault.put("work", Secret::from("two")).await.unwrap();
        assert_eq!(vault.get("work").await.unwrap().expose(), "two");
        vault.delete("work").await.unwrap();
        assert_eq!(
            vault.delete("work").await,
            Err(VaultError::NotFound { name: "work".to_owned() })
        );
    }

    /// A keychain that waits for its user: it answers only when the test says so.
    struct Waiting(mpsc::Receiver<()>);

    impl SecretStore for Waiting {
        fn put(&mut self, _: &str, _: &Secret) -> Result<(), VaultError> {
            self.0.recv().map_err(|_| VaultError::Locked {
                reason: "dismissed".to_owned(),
            })
        }

        fn get(&mut self, _: &str) -> Result<Secret, VaultError> {
            self.0.recv().map_err(|_| VaultError::Locked {
                reason: "dismissed".to_owned(),
            })?;
            Ok(Secret::from("late"))
        }

        fn delete(&mut self, name: &str) -> Result<(), VaultError> {
            Err(VaultError::NotFound { name: name.to_owned() })
        }
    }

    #[tokio::test]
    async fn a_keychain_that_waits_for_its_user_does_not_block_the_app() {
        let (user, prompt) = mpsc::channel();
        let vault = Vault::new(Waiting(prompt), Duration::from_millis(20));
        assert_eq!(vault.get("work").await, Err(VaultError::TimedOut { seconds: 0 }));
        user.send(()).unwrap();
        // The first answer was dropped; the thread goes on with the next question.
        user.send(()).unwrap();
        let vault = Vault {
            limit: Duration::from_secs(5),
            ..vault
        };
        assert_eq!(vault.get("work").await.unwrap().expose(), "late");
        drop(user);
        assert!(matches!(vault.get("work").await, Err(VaultError::Locked { .. })));
    }

    #[test]
    fn errors_of_the_library_become_distinct_and_keep_the_bytes_back() {
        let name = "work";
        assert!(matches!(
            in_words(&keyring::Error::NoEntry, name),
            VaultError::NotFound { .. }
        ));
        assert!(matches!(
            in_words(&keyring::Error::NoDefaultStore, name),
            VaultError::Unavailable { .. }
        ));
        assert!(matches!(
            in_words(&keyring::Error::NoStorageAccess("locked".into()), name),
            VaultError::Locked { .. }
        ));
        assert!(matches!(
            in_words(&keyring::Error::PlatformFailure("no bus".into()), name),
            VaultError::Unavailable { .. }
        ));
        let foreign = in_words(&keyring::Error::BadEncoding(b"canary".to_vec()), name);
        assert!(matches!(foreign, VaultError::Denied { .. }));
        assert!(!foreign.to_string().contains("canary") && !format!("{foreign:?}").contains("99, 97, 110"));
    }
}
