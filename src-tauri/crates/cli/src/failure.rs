//! Why a command did not do what it was asked to.

use std::process::ExitCode;

use zonke_cloud::{CloudError, ErrorCode};
use zonke_home::{EjectError, HomeError, ProjectsError};
use zonke_plan::PlanError;
use zonke_practice::PracticeError;
use zonke_project::{ChangeError, InspectError};
use zonke_signin::{SignInCode, SignInError};

/// What failed and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: String,
    /// Whether signing in again is all that is missing.
    signed_out: bool,
}

/// Exit code when signing in again is all that is missing, so that a script can tell it from every other failure.
const SIGNED_OUT: u8 = 3;

impl Failure {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
            signed_out: false,
        }
    }

    /// The session is over, and nobody signs in now.
    pub(crate) fn signed_out(message: impl Into<String>) -> Self {
        Self {
            signed_out: true,
            ..Self::new(message, SIGN_IN)
        }
    }

    /// How the program ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.signed_out {
            ExitCode::from(SIGNED_OUT)
        } else {
            ExitCode::FAILURE
        }
    }
}

impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        Self::new(error.to_string(), "")
    }
}

impl From<ProjectsError> for Failure {
    fn from(error: ProjectsError) -> Self {
        let hint = match &error {
            ProjectsError::Change(ChangeError::Override(wrong)) => wrong.hint.clone(),
            ProjectsError::Change(ChangeError::Inspect(_)) | ProjectsError::NotWritable { .. } => String::new(),
        };
        Self::new(error.to_string(), hint)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::new(error.to_string(), "")
    }
}

impl From<PracticeError> for Failure {
    fn from(error: PracticeError) -> Self {
        Self::new(error.to_string(), error.hint())
    }
}

impl From<EjectError> for Failure {
    fn from(error: EjectError) -> Self {
        let also = match error {
            EjectError::Changed { .. } => " With --overwrite they are lost.",
            EjectError::Occupied { .. } | EjectError::NotWritable { .. } => "",
        };
        Self::new(error.to_string(), format!("{}{also}", error.hint()))
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        Self::new(error.to_string(), "")
    }
}

/// A command waits for nobody: it is run again after the sign-in.
const SIGN_IN: &str = "Sign in (`zonke profile sign-in NAME` for a saved profile, `aws login` or `aws sso login` for one of the AWS files; a \
     temporary key in a file comes from whatever wrote it), then run this command again: it goes on where it stopped, and nothing is done twice.";

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Self {
        if error.code == ErrorCode::CredentialsExpired {
            Self::signed_out(error.message)
        } else {
            Self::new(error.message, error.hint)
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        if matches!(
            error.code(),
            SignInCode::SessionExpired | SignInCode::SignInNeeded | SignInCode::MfaNeeded
        ) {
            return Self::signed_out(error.to_string());
        }
        Self::new(error.to_string(), error.hint())
    }
}
