//! The one error type that crosses to the user interface.

use serde::Serialize;
use specta::Type;
use zonke_cloud::{CloudError, ErrorCode};
use zonke_home::{EjectError, ProjectsError};
use zonke_plan::PlanError;
use zonke_practice::PracticeError;
use zonke_project::{ChangeError, ExcerptError, InspectError};
use zonke_signin::{SignInCode, SignInError};

/// What went wrong, in words for the user, with a code for the user interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IpcError {
    /// What the user interface reacts to.
    pub code: IpcCode,
    /// What failed, one sentence.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// AWS's request id, or empty.
    pub request_id: String,
}

/// What the user interface reacts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum IpcCode {
    /// No account is connected, or the session is over: connect again.
    SignedOut,
    /// The signed-in identity lacks a permission.
    AccessDenied,
    /// The root user must not deploy.
    RootRefused,
    /// The profile is read-only, and this would have changed something.
    ReadOnly,
    /// This computer's clock is wrong; the message says by how much.
    ClockSkew,
    /// There is no keychain, or it refuses or does not answer: offer to keep secrets in memory for this run.
    KeychainUnavailable,
    /// The keychain is locked: offer to try again, or to keep secrets in memory for this run.
    KeychainLocked,
    /// The browser did not come back or could not be opened: offer the device code.
    BrowserSilent,
    /// The user changed their mind.
    Cancelled,
    /// AWS or the network did not answer in time.
    Unavailable,
    /// Something that was named does not exist.
    NotFound,
    /// Something else is going on, or exists already.
    Conflict,
    /// An input is not acceptable; the message names it.
    InvalidInput,
    /// The practice account cannot run on this computer.
    PracticeUnavailable,
    /// Anything else.
    Failed,
}

impl IpcError {
    /// An error of the shell itself.
    pub fn new(code: IpcCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            retryable: false,
            request_id: String::new(),
        }
    }

    /// No account is connected.
    pub fn signed_out() -> Self {
        Self::new(
            IpcCode::SignedOut,
            "No account is connected.",
            "Choose the practice account or an AWS profile first.",
        )
    }
}

impl From<CloudError> for IpcError {
    fn from(error: CloudError) -> Self {
        let code = match error.code {
            ErrorCode::CredentialsExpired | ErrorCode::CredentialsInvalid => IpcCode::SignedOut,
            ErrorCode::KeychainLocked => IpcCode::KeychainLocked,
            ErrorCode::KeychainUnavailable => IpcCode::KeychainUnavailable,
            ErrorCode::AccessDenied => IpcCode::AccessDenied,
            ErrorCode::RootRefused => IpcCode::RootRefused,
            ErrorCode::ReadOnly => IpcCode::ReadOnly,
            ErrorCode::ClockSkew => IpcCode::ClockSkew,
            ErrorCode::Throttled | ErrorCode::Network => IpcCode::Unavailable,
            ErrorCode::NotFound => IpcCode::NotFound,
            ErrorCode::Conflict => IpcCode::Conflict,
            ErrorCode::InvalidInput | ErrorCode::RegionDisabled => IpcCode::InvalidInput,
            ErrorCode::Other => IpcCode::Failed,
        };
        Self {
            code,
            message: error.message,
            hint: error.hint,
            retryable: error.retryable,
            request_id: error.request_id.unwrap_or_default(),
        }
    }
}

impl From<SignInError> for IpcError {
    fn from(error: SignInError) -> Self {
        let code = match error.code() {
            SignInCode::SignInNeeded | SignInCode::SessionExpired | SignInCode::MfaNeeded | SignInCode::SecretMissing => {
                IpcCode::SignedOut
            }
            SignInCode::Denied | SignInCode::Refused => IpcCode::AccessDenied,
            SignInCode::BrowserSilent | SignInCode::BrowserNotOpened => IpcCode::BrowserSilent,
            SignInCode::Cancelled => IpcCode::Cancelled,
            SignInCode::KeychainUnavailable | SignInCode::KeychainDenied | SignInCode::KeychainSilent => {
                IpcCode::KeychainUnavailable
            }
            SignInCode::KeychainLocked => IpcCode::KeychainLocked,
            SignInCode::ClockSkew => IpcCode::ClockSkew,
            SignInCode::Network => IpcCode::Unavailable,
            SignInCode::InvalidInput | SignInCode::CodeExpired => IpcCode::InvalidInput,
            SignInCode::NotFound => IpcCode::NotFound,
            SignInCode::Conflict => IpcCode::Conflict,
            SignInCode::File => IpcCode::Failed,
        };
        let text = error.to_string();
        let mut letters = text.chars();
        let message: String = letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default();
        Self {
            code,
            message: if message.ends_with('.') {
                message
            } else {
                format!("{message}.")
            },
            hint: error.hint().to_owned(),
            retryable: error.retryable(),
            request_id: error.request_id().unwrap_or_default().to_owned(),
        }
    }
}

impl From<InspectError> for IpcError {
    fn from(error: InspectError) -> Self {
        let code = if matches!(error, InspectError::Cancelled { .. }) {
            IpcCode::Cancelled
        } else {
            IpcCode::InvalidInput
        };
        Self::new(code, error.to_string(), "")
    }
}

impl From<ProjectsError> for IpcError {
    fn from(error: ProjectsError) -> Self {
        match error {
            ProjectsError::Change(ChangeError::Inspect(error)) => error.into(),
            ProjectsError::Change(ChangeError::Override(error)) => {
                Self::new(IpcCode::InvalidInput, error.to_string(), error.hint)
            }
            ProjectsError::NotWritable { .. } => Self::new(IpcCode::Failed, error.to_string(), ""),
        }
    }
}

impl From<ExcerptError> for IpcError {
    fn from(error: ExcerptError) -> Self {
        Self::new(IpcCode::NotFound, error.to_string(), error.hint())
    }
}

impl From<PlanError> for IpcError {
    fn from(error: PlanError) -> Self {
        let hint = match error {
            PlanError::Choice { .. } => "Change this setting; the rest of the plan is kept.",
            PlanError::Project { .. } | PlanError::Archive { .. } => "",
        };
        Self::new(IpcCode::InvalidInput, error.to_string(), hint)
    }
}

impl From<EjectError> for IpcError {
    fn from(error: EjectError) -> Self {
        let code = match &error {
            EjectError::Occupied { .. } | EjectError::Changed { .. } => IpcCode::Conflict,
            EjectError::NotWritable { .. } => IpcCode::Failed,
        };
        Self::new(code, format!("{error}."), error.hint())
    }
}

impl From<PracticeError> for IpcError {
    fn from(error: PracticeError) -> Self {
        Self::new(IpcCode::PracticeUnavailable, error.to_string(), error.hint())
    }
}
