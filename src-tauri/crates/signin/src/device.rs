//! Signing in with a code on any device (RFC 8628), for when no browser of this computer can come back to it.

use std::time::Duration;

use aws_sdk_ssooidc::Client;
use tokio_util::sync::CancellationToken;

use crate::center::{IdentityCenter, Timing};
use crate::error::{Result, SignInError, aws_code, from_aws};
use crate::oidc::{DEVICE_GRANT, StoredToken, incomplete, refused_token, register};
use crate::prompts::{DeviceCode, Prompts};
use crate::time;

pub(crate) async fn with_code(
    oidc: &Client,
    center: &IdentityCenter,
    prompts: &dyn Prompts,
    timing: &Timing,
    cancel: &CancellationToken,
) -> Result<StoredToken> {
    let doing = "get a sign-in code from IAM Identity Center";
    let client = register(oidc, center, DEVICE_GRANT).await?;
    let started = oidc
        .start_device_authorization()
        .client_id(&client.id)
        .client_secret(&client.secret)
        .start_url(&center.start_url)
        .send()
        .await
        .map_err(|error| from_aws(doing, &error))?;
    let (Some(device_code), Some(user_code), Some(url)) =
        (started.device_code(), started.user_code(), started.verification_uri())
    else {
        return Err(incomplete(doing, "code"));
    };
    // RFC 8628, section 3.2: five seconds if the server names no interval.
    let mut pause = Duration::from_secs(u64::try_from(started.interval()).ok().filter(|s| *s > 0).unwrap_or(5));
    let life = Duration::from_secs(u64::try_from(started.expires_in()).unwrap_or_default());
    let end = tokio::time::Instant::now() + life;
    prompts.show_code(&DeviceCode {
        user_code: user_code.to_owned(),
        verification_url: url.to_owned(),
        complete_url: started.verification_uri_complete().unwrap_or(url).to_owned(),
        expires_at: time::now() + life.as_secs_f64() * 1000.0,
    });
    loop {
        tokio::select! {
            () = cancel.cancelled() => return Err(SignInError::Cancelled),
            () = tokio::time::sleep_until(end) => return Err(SignInError::CodeExpired),
            () = tokio::time::sleep(pause) => {}
        }
        let answer = oidc
            .create_token()
            .client_id(&client.id)
            .client_secret(&client.secret)
            .grant_type(DEVICE_GRANT)
            .device_code(device_code)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => return StoredToken::from_answer(&answer, client, None),
            Err(error) => error,
        };
        match aws_code(&error) {
            // Nobody has confirmed it yet, or the network is away for a moment: the person may still be at it.
            Some("AuthorizationPendingException" | "InternalServerException") | None => {}
            // RFC 8628, section 3.5: longer pauses from now on.
            Some("SlowDownException") => pause += timing.slow_down,
            Some(_) => return Err(refused_token(&error)),
        }
    }
}
