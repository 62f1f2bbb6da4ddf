//! IAM Identity Center: signing in, what one may use, and the credentials of a role.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::error::{Result, SignInError, aws_code, from_aws};
use crate::keychain::{Keychain, hex};
use crate::oidc::{RenewError, StoredToken, incomplete, renew, with_browser};
use crate::prompts::Prompts;
use crate::saved::Endpoints;
use crate::session::{StoredSession, is_fresh};
use crate::{device, time};

/// A directory of people, by the address of its access portal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IdentityCenter {
    /// Address of the access portal, such as `https://d-1234567890.awsapps.com/start`.
    pub start_url: String,
    /// Region the directory is in.
    pub region: String,
}

impl IdentityCenter {
    /// A directory as somebody typed it or copied it from the browser.
    ///
    /// # Errors
    /// [`SignInError::Invalid`] when the address or the region cannot be right.
    pub fn new(start_url: &str, region: &str) -> Result<Self> {
        let start_url = start_url
            .trim()
            .split(['#', '?'])
            .next()
            .unwrap_or_default()
            .trim_end_matches('/');
        let host = start_url
            .strip_prefix("https://")
            .unwrap_or_default()
            .split('/')
            .next()
            .unwrap_or_default();
        if host.is_empty() || !host.contains('.') || start_url.contains(char::is_whitespace) {
            return Err(SignInError::invalid(
                format!("`{start_url}` is not the address of an access portal."),
                "It starts with https:// and stands in the invitation or on the start page of IAM Identity Center.",
            ));
        }
        Ok(Self {
            start_url: start_url.to_owned(),
            region: region_name(region)?,
        })
    }

    /// Name under which its session is kept.
    pub(crate) fn entry(&self) -> String {
        let digest = Sha256::digest(format!("{}|{}", self.start_url, self.region));
        format!("sso/{}/token", hex(&digest[..8]))
    }
}

/// A region as somebody typed it.
pub(crate) fn region_name(region: &str) -> Result<String> {
    let region = region.trim().to_lowercase();
    let parts: Vec<_> = region.split('-').collect();
    let whole = parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
        && parts.last().is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()));
    if !whole {
        return Err(SignInError::invalid(
            format!("`{region}` is not the name of a region."),
            "Write it like `eu-central-1`.",
        ));
    }
    Ok(region)
}

/// How to sign in to a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum SignInMethod {
    /// The browser of this computer, which comes back by itself.
    Browser,
    /// A code to be typed into any browser.
    DeviceCode,
}

/// An account that somebody may use, with their roles in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SsoAccount {
    /// Twelve digits.
    pub id: String,
    /// Its name in the organization.
    pub name: String,
    /// Permission sets, in alphabetical order.
    pub roles: Vec<String>,
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long the browser may stay away.
    pub browser: Duration,
    /// How much longer to wait between two questions when told to slow down.
    pub slow_down: Duration,
}

impl Default for Timing {
    /// Ten minutes, as long as AWS accepts an authorization; five seconds, as RFC 8628 (3.5) says.
    fn default() -> Self {
        Self {
            browser: Duration::from_mins(10),
            slow_down: Duration::from_secs(5),
        }
    }
}

/// Everything the app does with IAM Identity Center. Sessions are kept in the keychain and nowhere else.
#[derive(Debug)]
pub struct IdentityCenters {
    keychain: Keychain,
    endpoints: Endpoints,
    timing: Timing,
    /// One renewal per directory at a time: a refresh token works once.
    renewals: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Roles are listed per account; AWS throttles more than a few at once.
const AT_ONCE: usize = 4;

impl IdentityCenters {
    pub(crate) fn new(keychain: Keychain, endpoints: Endpoints, timing: Timing) -> Self {
        Self {
            keychain,
            endpoints,
            timing,
            renewals: Mutex::default(),
        }
    }

    /// Signs a person in. Afterwards [`Self::accounts`] answers until the session is over.
    ///
    /// # Errors
    /// The keychain cannot keep the session (asked first), the person or the directory says no, nobody answers in time, or the
    /// sign-in is cancelled.
    pub async fn sign_in(
        &self,
        center: &IdentityCenter,
        method: SignInMethod,
        prompts: &dyn Prompts,
        cancel: &CancellationToken,
    ) -> Result<()> {
        self.keychain.check().await?;
        let oidc = self.oidc(center);
        let token = match method {
            SignInMethod::Browser => {
                with_browser(&oidc, center, &self.authorize_url(center), prompts, &self.timing, cancel).await
            }
            SignInMethod::DeviceCode => device::with_code(&oidc, center, prompts, &self.timing, cancel).await,
        };
        let token = token.map_err(|error| error.of_directory(&center.start_url, false))?;
        self.keychain.put_json(&center.entry(), &token).await
    }

    /// Accounts and roles the signed-in person may use, by name.
    ///
    /// # Errors
    /// Nobody is signed in, the session is over, or AWS is not reached or refuses.
    pub async fn accounts(&self, center: &IdentityCenter) -> Result<Vec<SsoAccount>> {
        let doing = "list your accounts";
        let token = self.access_token(center).await?;
        let sso = self.sso(center);
        let found: Vec<_> = sso
            .list_accounts()
            .access_token(token.as_str())
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(|error| over_or(doing, center, &error).of_directory(&center.start_url, true))?;
        let mut accounts: Vec<SsoAccount> = stream::iter(found)
            .map(|account| {
                let (sso, token) = (&sso, &token);
                async move {
                    let id = account.account_id().unwrap_or_default().to_owned();
                    let name = account.account_name().unwrap_or(&id).to_owned();
                    let roles: Vec<_> = sso
                        .list_account_roles()
                        .access_token(token.as_str())
                        .account_id(&id)
                        .into_paginator()
                        .items()
                        .send()
                        .try_collect()
                        .await
                        .map_err(|error| {
                            let doing = format!("list your roles in the account {name} ({id})");
                            over_or(&doing, center, &error).of_directory(&center.start_url, true)
                        })?;
                    let mut roles: Vec<_> = roles.into_iter().filter_map(|role| role.role_name).collect();
                    roles.sort();
                    Ok::<_, SignInError>(SsoAccount { id, name, roles })
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        accounts.sort_by_key(|account| (account.name.to_lowercase(), account.id.clone()));
        Ok(accounts)
    }

    /// Whether somebody is signed in, as far as this computer knows.
    ///
    /// # Errors
    /// The keychain does not answer.
    pub async fn is_signed_in(&self, center: &IdentityCenter) -> Result<bool> {
        let token: Option<StoredToken> = self.keychain.get_json(&center.entry()).await?;
        Ok(token.is_some_and(|token| token.refresh_token.is_some() || token.expires_at > time::now()))
    }

    /// Ends the session in AWS, if AWS can be reached, and removes it from the keychain in any case.
    ///
    /// # Errors
    /// The keychain does not remove it.
    pub async fn sign_out(&self, center: &IdentityCenter) -> Result<()> {
        let token: Option<StoredToken> = self.keychain.get_json(&center.entry()).await.unwrap_or(None);
        self.keychain.delete(&center.entry()).await?;
        if let Some(token) = token
            && let Err(error) = self.sso(center).logout().access_token(&token.access_token).send().await
        {
            tracing::debug!(error = %from_aws("sign out", &error), "the session ends by itself");
        }
        Ok(())
    }

    /// Credentials of a role; a session that was ended early in AWS is renewed once.
    pub(crate) async fn role_credentials(&self, center: &IdentityCenter, account: &str, role: &str) -> Result<StoredSession> {
        let doing = format!("get credentials of the role {role} in account {account}");
        let mut token = self.access_token(center).await?;
        let mut answer = self.ask_role(center, account, role, &token).await;
        if answer.as_ref().is_err_and(|error| is_unauthorized(aws_code(error))) {
            token = self.renewed(center, Some(&token)).await?;
            answer = self.ask_role(center, account, role, &token).await;
        }
        let answer = answer.map_err(|error| over_or(&doing, center, &error))?;
        let credentials = answer.role_credentials().ok_or_else(|| incomplete(&doing, "credentials"))?;
        let (Some(id), Some(secret), Some(session)) = (
            credentials.access_key_id(),
            credentials.secret_access_key(),
            credentials.session_token(),
        ) else {
            return Err(incomplete(&doing, "credentials"));
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds since 1970 fit into a double for 285,000 years"
        )]
        let expires_at = credentials.expiration() as f64;
        Ok(StoredSession {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: session.to_owned(),
            expires_at,
        })
    }

    async fn ask_role(
        &self,
        center: &IdentityCenter,
        account: &str,
        role: &str,
        token: &str,
    ) -> std::result::Result<
        aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsOutput,
        SdkError<GetRoleCredentialsError, HttpResponse>,
    > {
        self.sso(center)
            .get_role_credentials()
            .access_token(token)
            .account_id(account)
            .role_name(role)
            .send()
            .await
    }

    /// A valid access token, renewed ahead of its end.
    async fn access_token(&self, center: &IdentityCenter) -> Result<Zeroizing<String>> {
        match self.stored(center).await? {
            Some(token) if is_fresh(token.expires_at) => Ok(Zeroizing::new(token.access_token.clone())),
            Some(_) => self.renewed(center, None).await,
            None => Err(SignInError::SignInNeeded {
                what: center.start_url.clone(),
            }),
        }
    }

    async fn stored(&self, center: &IdentityCenter) -> Result<Option<StoredToken>> {
        self.keychain.get_json(&center.entry()).await
    }

    /// Renews the session, unless another task or process has done so meanwhile. `refused` is a token that AWS no longer
    /// accepts whatever its end says.
    async fn renewed(&self, center: &IdentityCenter, refused: Option<&str>) -> Result<Zeroizing<String>> {
        let turn = {
            let mut renewals = self.renewals.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(renewals.entry(center.entry()).or_default())
        };
        let _turn = turn.lock().await;
        let needed = || SignInError::SignInNeeded {
            what: center.start_url.clone(),
        };
        let usable = |token: &StoredToken| is_fresh(token.expires_at) && refused != Some(token.access_token.as_str());
        let token = self.stored(center).await?.ok_or_else(needed)?;
        if usable(&token) {
            return Ok(Zeroizing::new(token.access_token.clone()));
        }
        match renew(&self.oidc(center), &token).await {
            Ok(renewed) => {
                self.keychain.put_json(&center.entry(), &renewed).await?;
                Ok(Zeroizing::new(renewed.access_token.clone()))
            }
            Err(problem) => {
                // The other process may have been faster: then the refresh token is used up, and there is a new session.
                if let Some(other) = self.stored(center).await?.filter(|t| usable(t)) {
                    return Ok(Zeroizing::new(other.access_token.clone()));
                }
                let still_valid = token.expires_at > time::now() && refused.is_none();
                match problem {
                    _ if still_valid => Ok(Zeroizing::new(token.access_token.clone())),
                    RenewError::Over => Err(SignInError::SessionExpired {
                        what: center.start_url.clone(),
                    }),
                    RenewError::Later(error) => Err(error),
                }
            }
        }
    }

    fn authorize_url(&self, center: &IdentityCenter) -> String {
        match &self.endpoints.oidc {
            Some(url) => format!("{}/authorize", url.trim_end_matches('/')),
            None => format!("https://oidc.{}.{}/authorize", center.region, domain(&center.region)),
        }
    }

    fn oidc(&self, center: &IdentityCenter) -> aws_sdk_ssooidc::Client {
        let mut config = aws_sdk_ssooidc::Config::builder()
            .behavior_version(aws_sdk_ssooidc::config::BehaviorVersion::latest())
            .region(Region::new(center.region.clone()))
            .timeout_config(limits())
            // A code or a refresh token works once: what became of a lost answer must not be found out by sending it again.
            .retry_config(RetryConfig::disabled());
        config.set_endpoint_url(self.endpoints.oidc.clone());
        aws_sdk_ssooidc::Client::from_conf(config.build())
    }

    fn sso(&self, center: &IdentityCenter) -> aws_sdk_sso::Client {
        let mut config = aws_sdk_sso::Config::builder()
            .behavior_version(aws_sdk_sso::config::BehaviorVersion::latest())
            .region(Region::new(center.region.clone()))
            .timeout_config(limits())
            .retry_config(RetryConfig::standard().with_max_attempts(4));
        config.set_endpoint_url(self.endpoints.sso.clone());
        aws_sdk_sso::Client::from_conf(config.build())
    }
}

/// A refused request of the portal: a token that is not accepted means that the session is over.
fn over_or<E>(doing: &str, center: &IdentityCenter, error: &SdkError<E, HttpResponse>) -> SignInError
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
{
    if is_unauthorized(aws_code(error)) {
        return SignInError::SessionExpired {
            what: center.start_url.clone(),
        };
    }
    from_aws(doing, error)
}

fn is_unauthorized(code: Option<&str>) -> bool {
    code == Some("UnauthorizedException")
}

pub(crate) fn limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_mins(1))
        .build()
}

/// Domain of AWS's own addresses in the partition of a region.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_url_is_the_same_however_it_was_copied() {
        let plain = IdentityCenter::new("https://d-1234567890.awsapps.com/start", "eu-central-1").unwrap();
        for copied in [
            "https://d-1234567890.awsapps.com/start/#/?tab=accounts",
            " https://d-1234567890.awsapps.com/start/ ",
        ] {
            assert_eq!(IdentityCenter::new(copied, " EU-Central-1 ").unwrap(), plain);
        }
        for (url, region) in [
            ("", "eu-central-1"),
            ("d-1234567890", "eu-central-1"),
            ("http://d-1234567890.awsapps.com/start", "eu-central-1"),
            ("https://d-1234567890.awsapps.com/start", "Frankfurt"),
            ("https://d-1234567890.awsapps.com/start", "eu-central-"),
        ] {
            assert_eq!(
                IdentityCenter::new(url, region).unwrap_err().code(),
                crate::SignInCode::InvalidInput,
                "{url} {region}"
            );
        }
    }
}
