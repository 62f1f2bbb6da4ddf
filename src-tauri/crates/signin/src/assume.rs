//! A role on top of another profile, with an external id and a code of an MFA device if its owner asks for them.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_smithy_types::retry::RetryConfig;
use aws_types::region::Region;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use zonke_vault::Secret;

use crate::center::{SignInMethod, limits};
use crate::error::{Result, SignInCode, SignInError, aws_code, from_aws};
use crate::oidc::incomplete;
use crate::profile::{RoleSource, SavedProfile, Way};
use crate::prompts::Prompts;
use crate::provider::{aws_profile_credentials, in_the_future};
use crate::saved::SavedProfiles;
use crate::session::StoredSession;

impl SavedProfiles {
    /// Assumes the role of `profile`. Without a code, a role that wants one is not even tried.
    pub(crate) async fn assume(self: &Arc<Self>, profile: &SavedProfile, code: Option<&Secret>) -> Result<StoredSession> {
        let Way::AssumeRole {
            role_arn,
            mfa_serial,
            external_id,
            source,
        } = &profile.way
        else {
            return Err(SignInError::NoSuchProfile {
                name: profile.label.clone(),
            });
        };
        if let (Some(serial), None) = (mfa_serial, code) {
            return Err(SignInError::MfaNeeded {
                profile: profile.label.clone(),
                serial: serial.clone(),
            });
        }
        let credentials = self.source_credentials(source, profile.region.as_deref()).await?;
        let doing = format!("assume the role {role_arn}");
        let answer = self
            .sts(profile, credentials)
            .assume_role()
            .role_arn(role_arn)
            .role_session_name(session_name(&profile.id))
            .set_external_id(external_id.clone())
            .set_serial_number(mfa_serial.clone())
            .set_token_code(code.map(|code| code.expose().trim().to_owned()))
            .send()
            .await
            .map_err(|error| match (aws_code(&error), from_aws(&doing, &error)) {
                (Some("ExpiredToken" | "ExpiredTokenException"), _) => SignInError::SessionExpired {
                    what: profile.label.clone(),
                },
                (Some("AccessDenied"), SignInError::Refused { message, .. })
                    if message.starts_with("MultiFactorAuthentication") =>
                {
                    SignInError::invalid(
                        "AWS did not accept the MFA code.",
                        "Wait for the next code of the device and enter that; each works once.",
                    )
                }
                (_, error) => error,
            })?;
        let credentials = answer.credentials().ok_or_else(|| incomplete(&doing, "credentials"))?;
        in_the_future(StoredSession {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().to_owned(),
            expires_at: credentials.expiration().as_secs_f64() * 1000.0,
        })
    }

    /// Assumes a role with its user at hand.
    pub(crate) async fn sign_in_to_role(
        self: &Arc<Self>,
        profile: &SavedProfile,
        method: SignInMethod,
        prompts: &dyn Prompts,
        cancel: &CancellationToken,
    ) -> Result<StoredSession> {
        let Way::AssumeRole { mfa_serial, source, .. } = &profile.way else {
            return Err(SignInError::NoSuchProfile {
                name: profile.label.clone(),
            });
        };
        if let RoleSource::Saved { id } = source
            && let Err(error) = self.credentials(id).await
        {
            let can_be_signed_in = matches!(
                error.code(),
                SignInCode::SignInNeeded | SignInCode::SessionExpired | SignInCode::MfaNeeded
            );
            if !can_be_signed_in {
                return Err(error);
            }
            Box::pin(self.sign_in(id, method, prompts, cancel)).await?;
        }
        let Some(serial) = mfa_serial else {
            return self.assume(profile, None).await;
        };
        let code = tokio::select! {
            code = prompts.mfa_code(&profile.label, serial) => code.ok_or(SignInError::Cancelled)?,
            () = cancel.cancelled() => return Err(SignInError::Cancelled),
        };
        let digits = code.expose().trim();
        if digits.len() != 6 || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(SignInError::invalid(
                "An MFA code has six digits.",
                "Enter the six digits that the device shows now.",
            ));
        }
        self.assume(profile, Some(&code)).await
    }

    /// A named type, because the compiler does not see through a future that contains itself: a role's source may be a role.
    fn source_credentials<'a>(
        self: &'a Arc<Self>,
        source: &'a RoleSource,
        region: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Credentials>> {
        match source {
            RoleSource::Saved { id } => Box::pin(self.credentials(id)),
            RoleSource::AwsProfile { name } => Box::pin(aws_profile_credentials(name, region)),
        }
    }

    fn sts(&self, profile: &SavedProfile, credentials: Credentials) -> aws_sdk_sts::Client {
        let region = profile.region.as_deref();
        let mut config = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            // STS answers in every region, so one that is always on will do.
            .region(Region::new(region.unwrap_or("us-east-1").to_owned()))
            .credentials_provider(credentials)
            .timeout_config(limits())
            // A wrong clock is named instead of being worked around: the end of the session is compared with it.
            .disable_clock_skew_correction(true)
            // A code works once; what became of a lost answer must not be found out by sending it again.
            .retry_config(RetryConfig::disabled());
        config.set_endpoint_url(self.endpoints.sts.clone().or_else(|| self.endpoint_url(profile)));
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

/// What the session is called in `CloudTrail`: at most 64 characters, and an id has only such as are allowed.
fn session_name(id: &str) -> String {
    format!("zonke-{id}").chars().take(64).collect()
}
