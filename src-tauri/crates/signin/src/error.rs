//! What can go wrong between a person and their credentials.

use std::error::Error as StdError;
use std::path::PathBuf;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_vault::VaultError;

/// Result of signing in.
pub type Result<T> = std::result::Result<T, SignInError>;

/// What the user interface reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum SignInCode {
    /// Nobody is signed in to this profile yet: offer to sign in.
    SignInNeeded,
    /// The session is over: offer to sign in and go on with what was being done.
    SessionExpired,
    /// A code of an MFA device is needed: ask for it in place.
    MfaNeeded,
    /// The person, or the directory, said no.
    Denied,
    /// The browser did not come back in time: offer the device code.
    BrowserSilent,
    /// No browser could be opened: offer the device code.
    BrowserNotOpened,
    /// The device code was not confirmed in time: start again.
    CodeExpired,
    /// The person changed their mind.
    Cancelled,
    /// No keychain: offer to keep secrets in memory for this run.
    KeychainUnavailable,
    /// The keychain is locked: offer to try again.
    KeychainLocked,
    /// The keychain refuses the app.
    KeychainDenied,
    /// The keychain asks its user something, or hangs.
    KeychainSilent,
    /// The keychain does not have what the profile needs: offer to enter it again.
    SecretMissing,
    /// This computer's clock is wrong.
    ClockSkew,
    /// AWS was not reached.
    Network,
    /// AWS said no for a reason of its own.
    Refused,
    /// An input is not acceptable.
    InvalidInput,
    /// There is no such profile.
    NotFound,
    /// The name is taken, or something else still needs the profile.
    Conflict,
    /// A file cannot be read or written.
    File,
}

/// Why somebody could not be signed in. Never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Nobody is signed in yet.
    #[error("nobody is signed in to {what} yet")]
    SignInNeeded {
        /// Profile or start URL.
        what: String,
    },
    /// The session is over and cannot be renewed without its user.
    #[error("the session of {what} is over")]
    SessionExpired {
        /// Profile or start URL.
        what: String,
    },
    /// The role wants a code of an MFA device.
    #[error("`{profile}` needs a code of the MFA device {serial}")]
    MfaNeeded {
        /// Label of the profile.
        profile: String,
        /// Serial number or ARN of the device.
        serial: String,
    },
    /// The person, or the directory, said no.
    #[error("the sign-in was refused: {reason}")]
    Denied {
        /// What the directory says.
        reason: String,
    },
    /// The browser did not come back.
    #[error("the browser did not come back within {seconds} seconds")]
    BrowserSilent {
        /// How long the app waited.
        seconds: u64,
    },
    /// No browser could be opened.
    #[error("no browser could be opened: {reason}")]
    BrowserNotOpened {
        /// What the operating system says.
        reason: String,
    },
    /// Nobody confirmed the device code in time.
    #[error("the code was not confirmed in time")]
    CodeExpired,
    /// The person changed their mind.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// The keychain did not do what it was asked.
    #[error(transparent)]
    Keychain(#[from] VaultError),
    /// An entry of the keychain is not whole.
    #[error("the entry `{name}` of the keychain is damaged")]
    KeychainDamaged {
        /// Name of the entry.
        name: String,
    },
    /// The keychain does not have what the profile needs.
    #[error("the keychain has no secret for `{profile}`")]
    SecretMissing {
        /// Label of the profile.
        profile: String,
    },
    /// This computer's clock is wrong.
    #[error("this computer's clock is wrong: {detail}")]
    ClockSkew {
        /// How that was noticed.
        detail: String,
    },
    /// AWS was not reached.
    #[error("could not {doing}: {reason}")]
    Network {
        /// What was being done.
        doing: String,
        /// What the network says.
        reason: String,
    },
    /// AWS said no for a reason of its own.
    #[error("could not {doing}: {message} ({code})")]
    Refused {
        /// What was being done.
        doing: String,
        /// AWS's error code.
        code: String,
        /// AWS's words.
        message: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// IAM Identity Center does not sign in, or does not say which accounts and roles may be used.
    #[error("could not {doing} in the directory {start_url}: {message} ({code})")]
    DirectoryRefused {
        /// What was being done.
        doing: String,
        /// Address of the directory's access portal.
        start_url: String,
        /// AWS's error code.
        code: String,
        /// AWS's words.
        message: String,
        /// AWS's id of the request.
        request_id: Option<String>,
        /// Whether its user was signed in already, so that address and region are right and an assignment is missing.
        signed_in: bool,
    },
    /// Credentials of a profile of the AWS files cannot be had.
    #[error("the AWS profile `{profile}` gives no credentials: {reason}")]
    AwsProfile {
        /// Name of the profile.
        profile: String,
        /// What the AWS SDK says.
        reason: String,
    },
    /// An input is not acceptable.
    #[error("{message}")]
    Invalid {
        /// What is wrong with which input.
        message: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// There is no such profile.
    #[error("there is no saved profile `{name}`")]
    NoSuchProfile {
        /// What was asked for.
        name: String,
    },
    /// Another profile has this name already.
    #[error("another saved profile is called `{name}`")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Another profile stands on this one.
    #[error("`{user}` signs in through `{name}`")]
    StillNeeded {
        /// Profile to be removed.
        name: String,
        /// Profile that needs it.
        user: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A file was written by a newer version.
    #[error("{path} was written by a newer version of the app (format {version})")]
    NewerFile {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
}

impl SignInError {
    /// What the user interface reacts to.
    pub fn code(&self) -> SignInCode {
        match self {
            Self::SignInNeeded { .. } => SignInCode::SignInNeeded,
            Self::SessionExpired { .. } => SignInCode::SessionExpired,
            Self::MfaNeeded { .. } => SignInCode::MfaNeeded,
            Self::Denied { .. } => SignInCode::Denied,
            Self::BrowserSilent { .. } => SignInCode::BrowserSilent,
            Self::BrowserNotOpened { .. } => SignInCode::BrowserNotOpened,
            Self::CodeExpired => SignInCode::CodeExpired,
            Self::Cancelled => SignInCode::Cancelled,
            Self::Keychain(VaultError::Unavailable { .. }) => SignInCode::KeychainUnavailable,
            Self::Keychain(VaultError::Locked { .. }) => SignInCode::KeychainLocked,
            Self::Keychain(VaultError::Denied { .. }) => SignInCode::KeychainDenied,
            Self::Keychain(VaultError::TimedOut { .. }) => SignInCode::KeychainSilent,
            Self::Keychain(VaultError::NotFound { .. }) | Self::KeychainDamaged { .. } | Self::SecretMissing { .. } => {
                SignInCode::SecretMissing
            }
            Self::ClockSkew { .. } => SignInCode::ClockSkew,
            Self::Network { .. } => SignInCode::Network,
            Self::Refused { .. } | Self::DirectoryRefused { .. } | Self::AwsProfile { .. } => SignInCode::Refused,
            Self::Invalid { .. } => SignInCode::InvalidInput,
            Self::NoSuchProfile { .. } => SignInCode::NotFound,
            Self::NameTaken { .. } | Self::StillNeeded { .. } => SignInCode::Conflict,
            Self::File { .. } | Self::NewerFile { .. } => SignInCode::File,
        }
    }

    /// What to do next, one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::SignInNeeded { .. } | Self::SessionExpired { .. } => "Sign in; what you were doing goes on where it stopped.",
            Self::MfaNeeded { .. } => "Enter the six digits that the device shows now.",
            Self::Denied { .. } => "Sign in again and allow the access, or ask whoever runs your IAM Identity Center.",
            Self::BrowserSilent { .. } | Self::BrowserNotOpened { .. } => {
                "Sign in with a code instead; any browser on any device will do."
            }
            Self::CodeExpired => "Start again; a new code is made.",
            Self::Cancelled => "Start again when you like.",
            Self::Keychain(error) => error.hint(),
            Self::KeychainDamaged { .. } | Self::SecretMissing { .. } => "Sign in again, or enter the access key again.",
            Self::ClockSkew { .. } => "Let the operating system set date, time and time zone, then try again.",
            Self::Network { .. } => "Check the network, a proxy or VPN, and the region; then try again.",
            Self::Refused { code, .. } | Self::DirectoryRefused { code, .. } if is_passing(code) => {
                "AWS is busy or has a problem of its own: wait a minute, then try again."
            }
            Self::Refused { .. } => "Check that the account, the role and the region are right and that you may use them.",
            Self::DirectoryRefused { signed_in: false, .. } => {
                "Check the address of the access portal and the region of the directory; both are in the console under IAM Identity Center, Settings."
            }
            Self::DirectoryRefused { signed_in: true, .. } => {
                "Ask whoever runs your IAM Identity Center whether you are still assigned to the account, under AWS accounts there; then sign in again."
            }
            Self::AwsProfile { .. } => {
                "Make the profile work with the AWS CLI first: `aws sts get-caller-identity --profile NAME`."
            }
            Self::Invalid { hint, .. } => hint,
            Self::NoSuchProfile { .. } => "List them with `zonke profile list`.",
            Self::NameTaken { .. } => "Choose another name.",
            Self::StillNeeded { .. } => "Remove the profile that needs it first.",
            Self::File { .. } => "Check that the file and its folder may be read and written, and that there is room.",
            Self::NewerFile { .. } => "Use the newer version of the app; this one leaves the file alone.",
        }
    }

    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        if let Self::Refused { code, .. } | Self::DirectoryRefused { code, .. } = self {
            return is_passing(code);
        }
        matches!(
            self.code(),
            SignInCode::Network | SignInCode::KeychainLocked | SignInCode::KeychainSilent
        )
    }

    /// AWS's id of the refused request.
    pub fn request_id(&self) -> Option<&str> {
        if let Self::Refused { request_id, .. } | Self::DirectoryRefused { request_id, .. } = self {
            request_id.as_deref()
        } else {
            None
        }
    }

    pub(crate) fn invalid(message: impl Into<String>, hint: &'static str) -> Self {
        Self::Invalid {
            message: message.into(),
            hint,
        }
    }

    /// The same refusal as one of a directory: what can be done about it is not what can be done about a role.
    pub(crate) fn of_directory(self, start_url: &str, signed_in: bool) -> Self {
        let Self::Refused {
            doing,
            code,
            message,
            request_id,
        } = self
        else {
            return self;
        };
        Self::DirectoryRefused {
            doing,
            start_url: start_url.to_owned(),
            code,
            message,
            request_id,
            signed_in,
        }
    }

    /// The error of a file operation on `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File {
            path,
            reason: error.to_string(),
        }
    }
}

/// AWS's error code, if AWS answered at all.
pub(crate) fn aws_code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Whether a refusal with this code of AWS is about the moment and not about what was asked.
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "TooManyRequestsException"
            | "SlowDownException"
            | "Throttling"
            | "ThrottledException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "InternalError"
            | "InternalFailure"
            | "InternalServerError"
            | "InternalServerException"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
    )
}

/// A failed request in our words.
pub(crate) fn from_aws<E>(doing: &str, error: &SdkError<E, HttpResponse>) -> SignInError
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let Some(service) = error.as_service_error() else {
        return SignInError::Network {
            doing: doing.to_owned(),
            reason: last_cause(error),
        };
    };
    let code = service.code().unwrap_or("no code").to_owned();
    let message = service.message().unwrap_or("AWS gives no reason").to_owned();
    if matches!(code.as_str(), "RequestTimeTooSkewed" | "RequestExpired") || zonke_diagnosis::is_clock_skew(&message) {
        return SignInError::ClockSkew { detail: message };
    }
    let request_id = error.raw_response().and_then(|r| r.request_id()).map(str::to_owned);
    SignInError::Refused {
        doing: doing.to_owned(),
        code,
        message,
        request_id,
    }
}

fn last_cause(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
