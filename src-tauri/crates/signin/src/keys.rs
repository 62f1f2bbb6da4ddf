//! Long-lived access keys: only into the keychain, and not without a word about their age.

use serde::{Deserialize, Serialize};
use specta::Type;
use zeroize::{Zeroize, ZeroizeOnDrop};
use zonke_vault::Secret;

use crate::error::{Result, SignInError};

/// An access key on its way into the keychain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccessKeys {
    /// Access key id.
    pub access_key_id: Secret,
    /// Secret access key.
    pub secret_access_key: Secret,
}

impl AccessKeys {
    /// Keys as somebody typed or pasted them.
    ///
    /// # Errors
    /// [`SignInError::Invalid`] when they cannot be right; the value is not in the error.
    pub fn typed(access_key_id: &str, secret_access_key: &str) -> Result<Self> {
        let (id, secret) = (access_key_id.trim(), secret_access_key.trim());
        if id.is_empty() || secret.is_empty() {
            return Err(SignInError::invalid(
                "The access key id or the secret access key is empty.",
                "Enter both parts of the key.",
            ));
        }
        if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(SignInError::invalid(
                "The access key id has characters that no access key id has.",
                "The id has 20 letters and digits and starts with AKIA; the longer part is the secret.",
            ));
        }
        if secret.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(SignInError::invalid(
                "The secret access key has a space or a line break in it.",
                "Copy the secret access key again, in one piece.",
            ));
        }
        if id.starts_with("ASIA") {
            return Err(SignInError::invalid(
                "This is a temporary key: it works only together with a session token, and only for hours.",
                "Sign in through IAM Identity Center or `aws login` instead, or make an access key in IAM.",
            ));
        }
        Ok(Self {
            access_key_id: Secret::from(id),
            secret_access_key: Secret::from(secret),
        })
    }
}

/// How the keychain keeps them.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredKeys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

impl From<&AccessKeys> for StoredKeys {
    fn from(keys: &AccessKeys) -> Self {
        Self {
            access_key_id: keys.access_key_id.expose().to_owned(),
            secret_access_key: keys.secret_access_key.expose().to_owned(),
        }
    }
}

/// How old a long-lived key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyAge {
    /// Full days since it was made, if that is known.
    pub days: Option<u32>,
    /// Whether it should be replaced.
    pub old: bool,
    /// The warning, one sentence.
    pub sentence: String,
}

/// Days after which a key should be replaced: the CIS AWS Foundations Benchmark asks for rotation within 90 days.
const OLD: u32 = 90;

/// What to say about a key that was made at `created_at`; both times in milliseconds since the epoch.
pub fn key_age(created_at: Option<f64>, now: f64) -> KeyAge {
    let Some(created_at) = created_at else {
        return KeyAge {
            days: None,
            old: false,
            sentence: "The age of this access key is not known. Access keys never end by themselves; prefer a way in that does."
                .to_owned(),
        };
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days since 1970 fit, and the sign is cut off before"
    )]
    let days = ((now - created_at) / 86_400_000.0).max(0.0) as u32;
    let old = days >= OLD;
    let sentence = match (days, old) {
        (_, true) => {
            format!("This access key is {days} days old. Replace it, or switch to a way in whose sessions end by themselves.")
        }
        (1, false) => "This access key is 1 day old. Access keys never end by themselves.".to_owned(),
        (_, false) => format!("This access key is {days} days old. Access keys never end by themselves."),
    };
    KeyAge {
        days: Some(days),
        old,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_right_are_refused_without_showing_them() {
        let secret = "canary/secret+7f3a9b2c4d5e6f708192a3b4c5d";
        for (id, key) in [
            ("", secret),
            ("AKIACANARY0000000001", ""),
            (secret, "AKIACANARY0000000001"),
            ("AKIACANARY0000000001", "canary two"),
            ("ASIACANARY0000000001", secret),
        ] {
            let error = AccessKeys::typed(id, key).unwrap_err();
            let shown = format!("{error} {error:?} {}", error.hint());
            assert!(!shown.contains("CANARY") && !shown.contains("canary"), "{shown}");
        }
        let keys = AccessKeys::typed(" AKIACANARY0000000001\n", &format!("{secret}\r\n")).unwrap();
        assert_eq!(
            (keys.access_key_id.expose(), keys.secret_access_key.expose()),
            ("AKIACANARY0000000001", secret)
        );
        assert!(!format!("{keys:?}").contains("anary"));
    }

    #[test]
    fn an_old_key_gets_a_warning() {
        let day = 86_400_000.0;
        assert_eq!(key_age(Some(0.0), day * 89.5).days, Some(89));
        assert!(!key_age(Some(0.0), day * 89.5).old);
        assert!(key_age(Some(0.0), day * 90.0).old);
        assert_eq!(key_age(Some(day), 0.0).days, Some(0), "a clock that was set back");
        assert!(key_age(None, day).sentence.contains("not known"));
    }
}
