//! What `credential_process` of the AWS CLI and the SDKs expects on standard output.

use std::sync::Arc;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Serialize;
use zonke_vault::Secret;

use crate::error::{Result, SignInError};
use crate::profile::Way;
use crate::saved::SavedProfiles;

/// Version 1 of the format, the only one there is:
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    version: u32,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

/// The credentials of a profile as JSON for another program. Asks nobody: another program is waiting, not a person.
///
/// # Errors
/// A sign-in is needed, the keychain or AWS does not give them, there is no such profile, or it stands in the AWS
/// configuration files, from where the other program can read it without us (and could call us again for ever).
pub async fn credential_process(profiles: &Arc<SavedProfiles>, name: &str) -> Result<Secret> {
    let profile = profiles.find(name)?;
    if let Way::AwsProfile { name } = &profile.way {
        return Err(SignInError::invalid(
            format!("`{}` is the profile `{name}` of your AWS configuration files.", profile.label),
            "Use it directly, with `--profile` or `AWS_PROFILE`.",
        ));
    }
    let credentials = profiles.credentials(&profile.id).await?;
    let expiration = credentials
        .expiry()
        .map(DateTime::from)
        .and_then(|end| end.fmt(Format::DateTime).ok());
    let answer = Answer {
        version: 1,
        access_key_id: credentials.access_key_id(),
        secret_access_key: credentials.secret_access_key(),
        session_token: credentials.session_token(),
        expiration,
    };
    serde_json::to_string(&answer)
        .map(Secret::from)
        .map_err(|_| SignInError::KeychainDamaged { name: profile.label })
}
