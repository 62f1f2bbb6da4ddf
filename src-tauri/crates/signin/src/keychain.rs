//! Secrets of the saved profiles in the keychain, under names that stay the same.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use zonke_vault::{MemoryStore, OsStore, Secret, Vault, VaultError};

use crate::error::{Result, SignInError};
use crate::files;

/// What the entries of this app are called in the keychain's own window.
pub const KEYCHAIN_SERVICE: &str = "zonke";

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Keeping {
    /// In the keychain, until they are removed.
    Keychain,
    /// In memory, until the program ends. Only ever because the user said so.
    MemoryOnly,
}

/// The keychain of the operating system, for values of any length.
///
/// Windows keeps at most 2,560 bytes in one entry, as UTF-16, and session tokens are longer than that: every value is cut into
/// entries of at most 1,000 characters. The first carries the number of entries and a checksum, so that a value of which a
/// part is missing, or which another process is just replacing, is never taken for a whole one.
#[derive(Clone, Debug)]
pub struct Keychain {
    vault: Vault,
    keeping: Keeping,
}

/// How long the keychain may take to answer; it may be asking its user something meanwhile.
const LIMIT: Duration = Duration::from_secs(30);
/// Longest part, in bytes of ASCII: 2,000 bytes as UTF-16.
const PART: usize = 1000;
const MARK: &str = "zonke1";

impl Keychain {
    /// The keychain of the operating system.
    pub fn of_this_computer() -> Self {
        Self::over(Vault::new(OsStore::new(KEYCHAIN_SERVICE), LIMIT), Keeping::Keychain)
    }

    /// Memory, for this run.
    pub fn in_memory() -> Self {
        Self::over(Vault::new(MemoryStore::default(), LIMIT), Keeping::MemoryOnly)
    }

    /// Any vault.
    pub fn over(vault: Vault, keeping: Keeping) -> Self {
        Self { vault, keeping }
    }

    /// Whether secrets outlive the program.
    pub fn keeping(&self) -> Keeping {
        self.keeping
    }

    /// Whether a secret can be kept and read now. Asked before a person is sent through a sign-in whose result would be lost.
    ///
    /// # Errors
    /// [`SignInError::Keychain`] with the reason.
    pub async fn check(&self) -> Result<()> {
        let name = format!("check/{}", files::random_text(6));
        let value = Secret::from(files::random_text(6));
        self.vault.put(&name, value.clone()).await?;
        let read = self.vault.get(&name).await;
        let deleted = self.vault.delete(&name).await;
        if read? != value {
            return Err(VaultError::Denied {
                reason: "it does not give back what it was given".to_owned(),
            }
            .into());
        }
        Ok(deleted?)
    }

    pub(crate) async fn put(&self, name: &str, value: &Secret) -> Result<()> {
        let parts = cut(value.expose());
        for (number, part) in parts.iter().enumerate().skip(1) {
            self.vault.put(&part_name(name, number), Secret::from(*part)).await?;
        }
        let first = format!(
            "{MARK}:{}:{}:{}",
            parts.len(),
            checksum(value.expose()),
            parts.first().unwrap_or(&"")
        );
        self.vault.put(name, Secret::from(first)).await?;
        self.delete_parts_from(name, parts.len().max(1)).await
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Secret> {
        let damaged = || SignInError::KeychainDamaged { name: name.to_owned() };
        let first = self.vault.get(name).await?;
        let mut fields = first.expose().splitn(4, ':');
        let (Some(MARK), Some(count), Some(sum), Some(start)) = (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(damaged());
        };
        let count: usize = count.parse().map_err(|_| damaged())?;
        // Reserved at once: growing would leave copies behind that nobody overwrites.
        let mut value = zeroize::Zeroizing::new(String::with_capacity(PART * count.min(64)));
        value.push_str(start);
        for number in 1..count {
            match self.vault.get(&part_name(name, number)).await {
                Ok(part) => value.push_str(part.expose()),
                Err(VaultError::NotFound { .. }) => return Err(damaged()),
                Err(error) => return Err(error.into()),
            }
        }
        if checksum(&value) != sum {
            return Err(damaged());
        }
        Ok(Secret::from(value.as_str()))
    }

    /// Forgets a value. One that is not there is forgotten already.
    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        self.delete_parts_from(name, 1).await?;
        absent_is_fine(self.vault.delete(name).await)
    }

    /// From the last to the first, so that an interruption leaves no hole that would hide the rest from the next attempt.
    async fn delete_parts_from(&self, name: &str, first: usize) -> Result<()> {
        let mut end = first;
        loop {
            match self.vault.get(&part_name(name, end)).await {
                Ok(_) => end += 1,
                Err(VaultError::NotFound { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        for number in (first..end).rev() {
            absent_is_fine(self.vault.delete(&part_name(name, number)).await)?;
        }
        Ok(())
    }

    pub(crate) async fn put_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(value).map_err(|_| SignInError::KeychainDamaged { name: name.to_owned() })?;
        self.put(name, &Secret::from(text)).await
    }

    /// `None` if there is no such entry.
    pub(crate) async fn get_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        match self.get(name).await {
            // The parser's words could quote the value: they are dropped.
            Ok(text) => serde_json::from_str(text.expose())
                .map(Some)
                .map_err(|_| SignInError::KeychainDamaged { name: name.to_owned() }),
            Err(SignInError::Keychain(VaultError::NotFound { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn absent_is_fine(result: std::result::Result<(), VaultError>) -> Result<()> {
    match result {
        Ok(()) | Err(VaultError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn part_name(name: &str, number: usize) -> String {
    format!("{name}#{number}")
}

fn cut(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let mut end = rest.len().min(PART);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

/// Tells a whole value from a torn one.
fn checksum(value: &str) -> String {
    hex(&Sha256::digest(value.as_bytes())[..8])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, MutexGuard};

    use zonke_vault::SecretStore;

    use super::*;

    /// Shares its entries with the test and refuses what Windows would refuse.
    #[derive(Clone, Default)]
    struct Entries(Arc<Mutex<BTreeMap<String, String>>>);

    impl Entries {
        fn open(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
            self.0.lock().unwrap()
        }
    }

    impl SecretStore for Entries {
        fn put(&mut self, name: &str, secret: &Secret) -> std::result::Result<(), VaultError> {
            if secret.expose().encode_utf16().count() * 2 > 2560 {
                return Err(VaultError::Denied {
                    reason: "too long".to_owned(),
                });
            }
            self.open().insert(name.to_owned(), secret.expose().to_owned());
            Ok(())
        }

        fn get(&mut self, name: &str) -> std::result::Result<Secret, VaultError> {
            let found = self.open().get(name).map(|v| Secret::from(v.as_str()));
            found.ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
        }

        fn delete(&mut self, name: &str) -> std::result::Result<(), VaultError> {
            self.open()
                .remove(name)
                .map(drop)
                .ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
        }
    }

    fn keychain() -> (Keychain, Entries) {
        let entries = Entries::default();
        (Keychain::over(Vault::new(entries.clone(), LIMIT), Keeping::Keychain), entries)
    }

    #[tokio::test]
    async fn a_value_longer_than_windows_keeps_is_cut_and_comes_back_whole() {
        let (keychain, entries) = keychain();
        for length in [0, 1, 999, 1000, 1001, 2560, 7000] {
            let value = Secret::from("é7".repeat(length).chars().take(length).collect::<String>());
            keychain.put("sso/x", &value).await.unwrap();
            assert_eq!(keychain.get("sso/x").await.unwrap(), value, "{length}");
        }
        assert!(entries.open().len() > 5);
        keychain.put("sso/x", &Secret::from("short")).await.unwrap();
        assert_eq!(entries.open().len(), 1, "parts of the longer value must not stay");
    }

    #[tokio::test]
    async fn deleting_leaves_nothing_behind_even_after_an_interruption() {
        let (keychain, entries) = keychain();
        keychain.put("sso/x", &Secret::from("s".repeat(5000))).await.unwrap();
        // The first entry is gone already, as if the program had ended in the middle of a deletion.
        entries.open().remove("sso/x");
        keychain.delete("sso/x").await.unwrap();
        assert!(entries.open().is_empty());
        keychain.delete("sso/x").await.unwrap();
    }

    #[tokio::test]
    async fn a_torn_value_is_not_taken_for_a_whole_one() {
        let (keychain, entries) = keychain();
        keychain.put("sso/x", &Secret::from("canary-".repeat(500))).await.unwrap();
        entries.open().insert("sso/x#2".to_owned(), "other".to_owned());
        let error = keychain.get("sso/x").await.unwrap_err();
        assert_eq!(
            error,
            SignInError::KeychainDamaged {
                name: "sso/x".to_owned()
            }
        );
        entries.open().remove("sso/x#2");
        assert!(matches!(
            keychain.get("sso/x").await,
            Err(SignInError::KeychainDamaged { .. })
        ));
        entries
            .open()
            .insert("sso/x".to_owned(), "{\"foreign\":\"canary\"}".to_owned());
        let error = keychain.get_json::<serde_json::Value>("sso/x").await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }

    #[tokio::test]
    async fn the_check_leaves_no_trace() {
        let (keychain, entries) = keychain();
        keychain.check().await.unwrap();
        assert!(entries.open().is_empty());
    }
}
