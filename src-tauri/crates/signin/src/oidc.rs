//! The OIDC side of IAM Identity Center: registering, authorization code with PKCE, renewing.

use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::operation::create_token::{CreateTokenError, CreateTokenOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::center::{IdentityCenter, Timing};
use crate::error::{Result, SignInError, aws_code, from_aws};
use crate::files::random_text;
use crate::loopback::{Loopback, REGISTERED_REDIRECT};
use crate::prompts::Prompts;
use crate::time;

/// What an access token must allow: listing accounts and getting the credentials of their roles.
pub(crate) const SCOPE: &str = "sso:account:access";
const CLIENT_NAME: &str = "Zonke Desktop";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A session with the directory, as the keychain keeps it. The client is part of it: only the client a token was made for can
/// renew it.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredToken {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// End of the access token, milliseconds since the epoch.
    pub(crate) expires_at: f64,
    pub(crate) client: StoredClient,
}

/// A registration of this app with the directory; it ends after 90 days.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredClient {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl StoredToken {
    pub(crate) fn from_answer(answer: &CreateTokenOutput, client: StoredClient, old_refresh: Option<&str>) -> Result<Self> {
        let access_token = answer
            .access_token()
            .ok_or_else(|| incomplete("sign in", "access token"))?
            .to_owned();
        Ok(Self {
            access_token,
            refresh_token: answer.refresh_token().or(old_refresh).map(str::to_owned),
            expires_at: time::now() + f64::from(answer.expires_in()) * 1000.0,
            client,
        })
    }
}

pub(crate) fn incomplete(doing: &str, what: &str) -> SignInError {
    SignInError::Refused {
        doing: doing.to_owned(),
        code: "incomplete answer".to_owned(),
        message: format!("the answer has no {what}"),
        request_id: None,
    }
}

/// Registers this app anew for every sign-in: that needs no permission and leaves nothing to keep when it is over.
pub(crate) async fn register(oidc: &Client, center: &IdentityCenter, grant: &str) -> Result<StoredClient> {
    let doing = "register the app with IAM Identity Center";
    let mut request = oidc
        .register_client()
        .client_name(CLIENT_NAME)
        .client_type("public")
        .scopes(SCOPE)
        .grant_types(grant)
        .grant_types("refresh_token");
    if grant == "authorization_code" {
        request = request.redirect_uris(REGISTERED_REDIRECT).issuer_url(&center.start_url);
    }
    let answer = request.send().await.map_err(|error| from_aws(doing, &error))?;
    match (answer.client_id(), answer.client_secret()) {
        (Some(id), Some(secret)) => Ok(StoredClient {
            id: id.to_owned(),
            secret: secret.to_owned(),
        }),
        _ => Err(incomplete(doing, "client")),
    }
}

/// Authorization code with PKCE on a loopback redirect (RFC 8252, RFC 7636).
pub(crate) async fn with_browser(
    oidc: &Client,
    center: &IdentityCenter,
    authorize: &str,
    prompts: &dyn Prompts,
    timing: &Timing,
    cancel: &CancellationToken,
) -> Result<StoredToken> {
    let client = register(oidc, center, "authorization_code").await?;
    let loopback = Loopback::bind().await?;
    let redirect = loopback.redirect_uri();
    let verifier = Zeroizing::new(random_text(48));
    let state = random_text(24);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let url = format!(
        "{authorize}?response_type=code&client_id={}&redirect_uri={}&state={}&code_challenge_method=S256&code_challenge={}&scopes={}",
        escaped(&client.id),
        escaped(&redirect),
        escaped(&state),
        escaped(&challenge),
        escaped(SCOPE),
    );
    prompts.open(&url).map_err(|error| SignInError::BrowserNotOpened {
        reason: error.to_string(),
    })?;
    let code = loopback.code(&state, timing.browser, cancel).await?;
    let answer = oidc
        .create_token()
        .client_id(&client.id)
        .client_secret(&client.secret)
        .grant_type("authorization_code")
        .redirect_uri(&redirect)
        .code(code.expose())
        .code_verifier(verifier.as_str())
        .send()
        .await
        .map_err(|error| refused_token(&error))?;
    StoredToken::from_answer(&answer, client, None)
}

/// A refused authorization code in our words.
pub(crate) fn refused_token(error: &SdkError<CreateTokenError, HttpResponse>) -> SignInError {
    match aws_code(error) {
        Some("AccessDeniedException") => SignInError::Denied {
            reason: reason_of(error),
        },
        Some("ExpiredTokenException") => SignInError::CodeExpired,
        _ => from_aws("sign in", error),
    }
}

fn reason_of(error: &SdkError<CreateTokenError, HttpResponse>) -> String {
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message);
    message.unwrap_or("no reason was given").to_owned()
}

/// Why a session could not be renewed.
pub(crate) enum RenewError {
    /// It is over: the person has to sign in again.
    Over,
    /// It may work later.
    Later(SignInError),
}

/// Renews a session without its user.
pub(crate) async fn renew(oidc: &Client, token: &StoredToken) -> std::result::Result<StoredToken, RenewError> {
    let Some(refresh) = &token.refresh_token else {
        return Err(RenewError::Over);
    };
    let answer = oidc
        .create_token()
        .client_id(&token.client.id)
        .client_secret(&token.client.secret)
        .grant_type("refresh_token")
        .refresh_token(refresh)
        .send()
        .await;
    match answer {
        Ok(answer) => StoredToken::from_answer(&answer, token.client.clone(), Some(refresh)).map_err(RenewError::Later),
        Err(error) => Err(match aws_code(&error) {
            Some(
                "InvalidGrantException"
                | "ExpiredTokenException"
                | "InvalidClientException"
                | "UnauthorizedClientException"
                | "AccessDeniedException",
            ) => RenewError::Over,
            _ => RenewError::Later(from_aws("renew the session", &error)),
        }),
    }
}
