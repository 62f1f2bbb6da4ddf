//! What the app remembers about a way into an account. Nothing here is a secret, so all of it may lie in a file.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A way into an account that the user keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SavedProfile {
    /// Never changes; secrets are filed under it.
    pub id: String,
    /// What the user calls it; unique without regard to case.
    pub label: String,
    /// How it signs in.
    pub way: Way,
    /// Region to start with.
    pub region: Option<String>,
    /// Address to use instead of AWS's own, for an emulator or a gateway.
    #[serde(default)]
    pub endpoint_url: Option<String>,
    /// Twelve digits, as soon as they are known.
    pub account_id: Option<String>,
    /// Whether the app must not change anything through it.
    pub read_only: bool,
    /// Whether this is a production account: it stands out, and changes want its name typed.
    pub production: bool,
    /// Whether it is gone when the program ends, because its secret is kept in memory.
    #[serde(default)]
    pub memory_only: bool,
    /// When it was saved, milliseconds since the epoch.
    pub created_at: f64,
    /// When credentials were last fetched through it, milliseconds since the epoch.
    pub last_used_at: Option<f64>,
}

/// How a saved profile signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Way {
    /// A role in an account, through IAM Identity Center.
    #[serde(rename_all = "camelCase")]
    IdentityCenter {
        /// Address of the access portal.
        start_url: String,
        /// Region of the directory.
        sso_region: String,
        /// Account, twelve digits.
        account_id: String,
        /// Permission set.
        role_name: String,
    },
    /// An access key in the keychain.
    #[serde(rename_all = "camelCase")]
    AccessKeys {
        /// When the key was made, if known, milliseconds since the epoch.
        key_created_at: Option<f64>,
    },
    /// A role that another profile may assume.
    #[serde(rename_all = "camelCase")]
    AssumeRole {
        /// ARN of the role.
        role_arn: String,
        /// Serial number or ARN of the MFA device the role wants.
        mfa_serial: Option<String>,
        /// Id that the owner of the role agreed on with us.
        external_id: Option<String>,
        /// Who assumes it.
        source: RoleSource,
    },
    /// A profile of the AWS configuration files, with everything it can do: `aws login`, `credential_process`, roles.
    #[serde(rename_all = "camelCase")]
    AwsProfile {
        /// Its name there.
        name: String,
    },
}

/// Who assumes a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum RoleSource {
    /// Another saved profile.
    #[serde(rename_all = "camelCase")]
    Saved {
        /// Its id.
        id: String,
    },
    /// A profile of the AWS configuration files.
    #[serde(rename_all = "camelCase")]
    AwsProfile {
        /// Its name there.
        name: String,
    },
}

/// One of the roles that IAM Identity Center offered, chosen to be saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SsoChoice {
    /// Account, twelve digits.
    pub account_id: String,
    /// Permission set.
    pub role_name: String,
    /// What to call the profile.
    pub label: String,
}

/// A role to be saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewRole {
    /// What to call the profile.
    pub label: String,
    /// ARN of the role.
    pub role_arn: String,
    /// Serial number or ARN of the MFA device the role wants.
    pub mfa_serial: Option<String>,
    /// Id that the owner of the role agreed on with us.
    pub external_id: Option<String>,
    /// Who assumes it.
    pub source: RoleSource,
    /// Region to start with.
    pub region: Option<String>,
}

/// What the user may change about a saved profile. All of it is set at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileChange {
    /// What to call it.
    pub label: String,
    /// Region to start with.
    pub region: Option<String>,
    /// Whether the app must not change anything through it.
    pub read_only: bool,
    /// Whether its account is one of production.
    pub production: bool,
}
