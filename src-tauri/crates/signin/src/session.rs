//! Credentials that end by themselves, as the keychain keeps them.

use aws_credential_types::Credentials;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::time;

/// Renewed this long before its end, so that no request is signed with credentials that end on the way.
pub(crate) const AHEAD_MS: f64 = 5.0 * 60_000.0;

#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredSession {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
    /// Milliseconds since the epoch.
    pub(crate) expires_at: f64,
}

impl StoredSession {
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::new(
            &self.access_key_id,
            &self.secret_access_key,
            Some(self.session_token.clone()),
            Some(time::system(self.expires_at)),
            "zonke",
        )
    }

    /// Whether it can be used without thinking of renewing it.
    pub(crate) fn is_fresh(&self) -> bool {
        is_fresh(self.expires_at)
    }

    /// Whether AWS still accepts it.
    pub(crate) fn is_valid(&self) -> bool {
        self.expires_at > time::now()
    }
}

pub(crate) fn is_fresh(expires_at: f64) -> bool {
    expires_at - time::now() > AHEAD_MS
}
