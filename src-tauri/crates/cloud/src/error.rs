//! Errors of AWS in the app's own words: one table from AWS error code to [`ErrorCode`].
//!
//! Longer than 500 lines because the table, its words and what finds them in a chain of causes are one thing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "errors of the SDK grow; the rest is treated alike"
)]

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::watch::ReadOnly;

/// What kind of error it is. A code exists because somebody reacts to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The session is over: sign in again and repeat.
    CredentialsExpired,
    /// There are no credentials, or AWS does not know them.
    CredentialsInvalid,
    /// The keychain that has the credentials is locked: unlock it and repeat.
    KeychainLocked,
    /// The keychain that has the credentials refuses or cannot be reached.
    KeychainUnavailable,
    /// AWS knows who asks, and refuses.
    AccessDenied,
    /// Too many requests: wait and repeat.
    Throttled,
    /// AWS could not be reached, or did not answer in time.
    Network,
    /// The clock of this computer is wrong.
    ClockSkew,
    /// It does not exist.
    NotFound,
    /// It is busy or in a state that does not allow this now.
    Conflict,
    /// AWS or the app does not accept the values.
    InvalidInput,
    /// The region is not enabled in this account.
    RegionDisabled,
    /// The root user may not deploy.
    RootRefused,
    /// The profile may only read, and this would change something.
    ReadOnly,
    /// Anything else.
    Other,
}

/// Why something in AWS did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct CloudError {
    /// What kind of error it is.
    pub code: ErrorCode,
    /// What failed and why, one or two sentences.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Whether the same request may succeed later without any change.
    pub retryable: bool,
    /// AWS's id of the request, for AWS support.
    pub request_id: Option<String>,
}

/// Result of everything in this crate.
pub type Result<T, E = CloudError> = std::result::Result<T, E>;

impl CloudError {
    /// An error that the app itself finds.
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let retryable = matches!(code, ErrorCode::Throttled | ErrorCode::Network);
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            retryable,
            request_id: None,
        }
    }

    /// The account cannot be reached because what runs it on this computer is not there: the practice account.
    pub fn not_running(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::Network, message, hint)
    }

    pub(crate) fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message, hint)
    }

    pub(crate) fn conflict(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message, hint)
    }

    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message, hint)
    }

    /// The same refusal, understood better: `reason` completes the sentence.
    fn meaning(self, code: ErrorCode, what: &str, reason: &str) -> Self {
        Self {
            request_id: self.request_id,
            ..Self::new(code, format!("Could not {what}: {reason}."), hint_of(code))
        }
    }

    /// Whether a new sign-in is needed before anything helps.
    pub fn signed_out(&self) -> bool {
        matches!(self.code, ErrorCode::CredentialsExpired | ErrorCode::CredentialsInvalid)
    }
}

/// AWS's error codes, from the API references of the services in use and from the SDK's own retry lists.
const TABLE: &[(&[&str], ErrorCode)] = &[
    (
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "TokenRefreshRequired",
            "UnauthorizedException",
            "InvalidGrantException",
        ],
        ErrorCode::CredentialsExpired,
    ),
    (
        &[
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
            "InvalidToken",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "AuthFailure",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
        ],
        ErrorCode::CredentialsInvalid,
    ),
    (
        &[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "NotAuthorized",
            "Forbidden",
        ],
        ErrorCode::AccessDenied,
    ),
    (
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "BandwidthLimitExceeded",
            "LimitExceededException.Throttling",
            "SlowDown",
            "PriorRequestNotComplete",
        ],
        ErrorCode::Throttled,
    ),
    (
        &["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"],
        ErrorCode::ClockSkew,
    ),
    (
        &[
            "NoSuchBucket",
            "NoSuchKey",
            "NotFound",
            "ResourceNotFoundException",
            "PipelineNotFoundException",
            "PipelineExecutionNotFoundException",
            "ClusterNotFoundException",
            "ServiceNotFoundException",
            "ServiceNotActiveException",
            "DBInstanceNotFound",
            "LoadBalancerNotFound",
            "ChangeSetNotFound",
            "ChangeSetNotFoundException",
            "ObjectNotFoundException",
        ],
        ErrorCode::NotFound,
    ),
    (
        &[
            "AlreadyExistsException",
            "InvalidChangeSetStatus",
            "OperationInProgressException",
            "ConcurrentUpdateException",
            "ConflictException",
            "ResourceExistsException",
            "ConcurrentPipelineExecutionsLimitExceededException",
            "InvalidRequestException",
            "TokenAlreadyExistsException",
            "ResourceInUseException",
            "UpdateInProgressException",
        ],
        ErrorCode::Conflict,
    ),
    (
        &[
            "ValidationError",
            "ValidationException",
            "InvalidParameterException",
            "InvalidParameterValue",
            "InvalidParameterCombination",
            "InsufficientCapabilitiesException",
            "LimitExceededException",
            "InvalidInputException",
            "MalformedPolicyDocument",
        ],
        ErrorCode::InvalidInput,
    ),
    (
        &["OptInRequired", "SubscriptionRequiredException", "RegionDisabledException"],
        ErrorCode::RegionDisabled,
    ),
    (
        &[
            "InternalFailure",
            "InternalError",
            "InternalServiceError",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "ServerException",
        ],
        ErrorCode::Network,
    ),
];

/// The kind of an AWS error code, by the table.
pub(crate) fn code_of(aws: &str) -> ErrorCode {
    TABLE
        .iter()
        .find(|(names, _)| names.contains(&aws))
        .map_or(ErrorCode::Other, |(_, code)| *code)
}

const OVER: &str = "the session is over";

/// What AWS means by a refusal of credentials, and what helps, where its own words ("the security token is invalid") mislead whoever
/// has never seen a token.
fn meaning_of(aws: &str) -> Option<(&'static str, &'static str)> {
    Some(match aws {
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => (
            "AWS does not know this access key: it was deleted or switched off, or the region is not enabled for its account",
            "Look at the user's security credentials in IAM: switch the key on or make a new one and save that, or sign in another way.",
        ),
        "SignatureDoesNotMatch" | "InvalidSignatureException" => (
            "the secret access key does not belong to this access key id",
            "Save the key again and copy both parts from the same place; a lost secret cannot be shown again, only replaced by a new key.",
        ),
        // EC2 says the same of every credential that it does not accept.
        "AuthFailure" => (
            "AWS does not accept this access key",
            "Save the access key again, make a new one in IAM, or sign in another way.",
        ),
        _ => return None,
    })
}

/// What to do about an error of this kind.
pub(crate) fn hint_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::CredentialsExpired => "Sign in again; what you were doing continues afterwards.",
        ErrorCode::CredentialsInvalid => "Check the profile's access keys or sign in again.",
        ErrorCode::KeychainLocked => "Unlock the keychain and try again.",
        ErrorCode::KeychainUnavailable => "Start the keychain and try again.",
        ErrorCode::AccessDenied => {
            "Ask the account's administrator for the permission named above; the plan lists the whole policy it needs."
        }
        ErrorCode::Throttled => "AWS asks to slow down; the app tries again by itself.",
        ErrorCode::Network => "Check the network connection and try again.",
        ErrorCode::ClockSkew => "Set this computer's clock to automatic and try again.",
        ErrorCode::NotFound => "Check the application's name and the region, then refresh.",
        ErrorCode::Conflict => "Wait until the current operation has ended, then try again.",
        ErrorCode::InvalidInput => "Correct the value named above and try again.",
        ErrorCode::RegionDisabled => "Enable the region in the AWS account settings, or choose another one.",
        ErrorCode::RootRefused => "Sign in as a user or role with the plan's policy; the root user is for account matters only.",
        ErrorCode::ReadOnly => "Turn read-only off for this profile, or use another one.",
        ErrorCode::Other => "Try again; if it stays, the request id helps AWS support to find the cause.",
    }
}

/// Says what was going on when AWS answered with an error.
pub(crate) trait Doing<T> {
    /// Turns an SDK error into the app's own; `what` completes the sentence "Could not …".
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E> Doing<T> for std::result::Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| from_sdk(&what(), &error))
    }
}

pub(crate) fn from_sdk<E>(what: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let id = context
                .err()
                .meta()
                .request_id()
                .or_else(|| context.raw().request_id())
                .map(str::to_owned);
            let mut error = from_service(
                what,
                context.err().code(),
                context.err().message(),
                context.raw().status().as_u16(),
                id,
            );
            let aws = context.err().code();
            let ahead = clock_skew(context.raw());
            if is_session_of_ec2_over(aws, context.raw()) {
                error = error.meaning(ErrorCode::CredentialsExpired, what, OVER);
            } else if error.code == ErrorCode::ClockSkew || (aws == Some("AuthFailure") && ahead.is_some_and(is_too_far)) {
                let words = ahead.and_then(skew_words);
                error = error.meaning(
                    ErrorCode::ClockSkew,
                    what,
                    words.as_deref().unwrap_or("this computer's clock is wrong"),
                );
            }
            error
        }
        SdkError::TimeoutError(_) => unreachable_aws(what, "AWS did not answer in time"),
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .map_or_else(|| unreachable_aws(what, "no connection"), |e| from_connector(what, e)),
        SdkError::ResponseError(context) => {
            let mut error = unreachable_aws(what, "AWS's answer was incomplete");
            error.request_id = context.raw().request_id().map(str::to_owned);
            error
        }
        _ => {
            // Before anything is sent only the gate, the credentials and the endpoint can fail.
            let chain = chain(error);
            read_only(what, error)
                .or_else(|| credentials_problem(what, error))
                .unwrap_or_else(|| {
                    CloudError::new(
                        ErrorCode::Other,
                        format!("Could not {what}: {chain}."),
                        hint_of(ErrorCode::Other),
                    )
                })
        }
    }
}

/// An answer of AWS with an error in it.
pub(crate) fn from_service(
    what: &str,
    aws: Option<&str>,
    text: Option<&str>,
    status: u16,
    request_id: Option<String>,
) -> CloudError {
    let mut code = aws.map_or(ErrorCode::Other, code_of);
    if code == ErrorCode::Other {
        code = match status {
            401 => ErrorCode::CredentialsInvalid,
            403 => ErrorCode::AccessDenied,
            404 => ErrorCode::NotFound,
            429 => ErrorCode::Throttled,
            500.. => ErrorCode::Network,
            _ => ErrorCode::Other,
        };
    }
    // A wrong clock is reported as a wrong signature; only the text tells them apart.
    if code == ErrorCode::CredentialsInvalid && text.is_some_and(zonke_diagnosis::is_clock_skew) {
        code = ErrorCode::ClockSkew;
    }
    let meaning = aws.and_then(meaning_of).filter(|_| code == ErrorCode::CredentialsInvalid);
    let reason = match (text, aws) {
        _ if code == ErrorCode::CredentialsExpired => OVER.to_owned(),
        _ if let Some((words, _)) = meaning => words.to_owned(),
        (Some(text), _) if !text.trim().is_empty() => text.trim().trim_end_matches('.').to_owned(),
        (_, Some(aws)) => aws.to_owned(),
        (_, None) => format!("HTTP status {status}"),
    };
    let retryable = matches!(code, ErrorCode::Throttled | ErrorCode::Network);
    CloudError {
        code,
        message: format!("Could not {what}: {reason}."),
        hint: meaning.map_or_else(|| hint_of(code), |(_, hint)| hint).to_owned(),
        retryable,
        request_id,
    }
}

fn from_connector(what: &str, error: &ConnectorError) -> CloudError {
    if let Some(problem) = credentials_problem(what, error) {
        return problem;
    }
    if error.is_timeout() {
        return unreachable_aws(what, "the connection timed out");
    }
    unreachable_aws(what, &last_cause(error))
}

fn unreachable_aws(what: &str, reason: &str) -> CloudError {
    CloudError::new(
        ErrorCode::Network,
        format!("Could not {what}: {reason}."),
        hint_of(ErrorCode::Network),
    )
}

/// The SDK reports missing or expired credentials as a failure to send; the cause is somewhere in the chain. Whoever gives the
/// credentials may put a [`CloudError`] there, which says what is wrong and what helps.
fn credentials_problem(what: &str, error: &(dyn StdError + 'static)) -> Option<CloudError> {
    let mut cause = Some(error);
    while let Some(at) = cause {
        if let Some(problem) = at.downcast_ref::<CredentialsError>() {
            if let Some(known) = problem.source().and_then(|source| source.downcast_ref::<CloudError>()) {
                let reason = known.message.trim_end_matches('.');
                return Some(CloudError {
                    message: format!("Could not {what}: {reason}."),
                    ..known.clone()
                });
            }
            let text = chain(problem);
            let code = match problem {
                CredentialsError::ProviderTimedOut(_) => ErrorCode::Network,
                _ if zonke_diagnosis::is_session_over(&text) => ErrorCode::CredentialsExpired,
                _ => ErrorCode::CredentialsInvalid,
            };
            return Some(CloudError::new(
                code,
                format!("Could not {what}: there are no usable credentials ({text})."),
                hint_of(code),
            ));
        }
        cause = at.source();
    }
    None
}

/// The gate of a read-only profile is somewhere in the chain, if it was that.
fn read_only(what: &str, error: &(dyn StdError + 'static)) -> Option<CloudError> {
    let mut cause = Some(error);
    while let Some(at) = cause {
        if let Some(refusal) = at.downcast_ref::<ReadOnly>() {
            return Some(CloudError::new(
                ErrorCode::ReadOnly,
                format!("Could not {what}: {refusal}. Nothing was sent."),
                hint_of(ErrorCode::ReadOnly),
            ));
        }
        cause = at.source();
    }
    None
}

/// How many seconds this computer's clock is ahead, by the `Date` header of an answer that came just now.
fn clock_skew(response: &HttpResponse) -> Option<f64> {
    let date = response.headers().get("date")?;
    let theirs = aws_smithy_types::DateTime::from_str(date, aws_smithy_types::date_time::Format::HttpDate).ok()?;
    let ours = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .ok()?
        .as_secs_f64();
    Some(ours - theirs.as_secs_f64())
}

/// No service accepts more than 15 minutes of difference, and most 5.
fn is_too_far(seconds_ahead: f64) -> bool {
    seconds_ahead.abs() >= 5.0 * 60.0
}

/// Whether EC2 means an ended session. It has one code, `RequestExpired`, for that and for a wrong clock:
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
pub(crate) fn is_session_of_ec2_over(aws: Option<&str>, response: &HttpResponse) -> bool {
    aws == Some("RequestExpired") && !clock_skew(response).is_some_and(is_too_far)
}

/// `seconds` is how much this computer's clock is ahead. Less than a minute is the way of the answer.
fn skew_words(seconds: f64) -> Option<String> {
    let minutes = (seconds.abs() / 60.0).round();
    let way = if seconds > 0.0 { "ahead of" } else { "behind" };
    if seconds.abs() < 60.0 {
        return None;
    }
    if minutes >= 120.0 {
        return Some(format!(
            "this computer's clock is {:.0} hours {way} AWS's",
            (minutes / 60.0).round()
        ));
    }
    let unit = if minutes < 2.0 { "minute" } else { "minutes" };
    Some(format!("this computer's clock is {minutes:.0} {unit} {way} AWS's"))
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(at) = cause {
        let more = at.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = at.source();
    }
    text
}

fn last_cause(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(at) = cause {
        text = at.to_string();
        cause = at.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_aws_code_stands_in_two_rows() {
        let mut seen = std::collections::HashSet::new();
        for (names, _) in TABLE {
            for name in *names {
                assert!(seen.insert(*name), "{name} stands twice");
            }
        }
    }

    #[test]
    fn errors_keep_what_failed_the_reason_and_a_next_step() {
        let cases = [
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                400,
                ErrorCode::CredentialsExpired,
                false,
            ),
            (
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                403,
                ErrorCode::CredentialsInvalid,
                false,
            ),
            (
                "AccessDenied",
                "User: x is not authorized to perform: s3:PutObject",
                403,
                ErrorCode::AccessDenied,
                false,
            ),
            ("ThrottlingException", "Rate exceeded", 400, ErrorCode::Throttled, true),
            (
                "SignatureDoesNotMatch",
                "Signature expired: 20261123T110000Z is now earlier than 20261123T114500Z",
                403,
                ErrorCode::ClockSkew,
                false,
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match",
                403,
                ErrorCode::CredentialsInvalid,
                false,
            ),
            ("ServiceUnavailable", "", 503, ErrorCode::Network, true),
            ("SomethingNew", "Never heard of", 400, ErrorCode::Other, false),
            ("SomethingNew", "Never heard of", 403, ErrorCode::AccessDenied, false),
        ];
        for (aws, text, status, code, retryable) in cases {
            let error = from_service("list the stacks", Some(aws), Some(text), status, Some("r-1".to_owned()));
            assert_eq!((error.code, error.retryable), (code, retryable), "{aws}");
            assert!(
                error.message.starts_with("Could not list the stacks: ") && !error.message.ends_with(".."),
                "{}",
                error.message
            );
            assert!(!error.hint.is_empty());
            assert_eq!(error.request_id.as_deref(), Some("r-1"));
        }
    }

    fn answer_of(seconds_ago: f64) -> HttpResponse {
        use aws_smithy_types::date_time::{DateTime, Format};
        let now = DateTime::from(std::time::SystemTime::now()).as_secs_f64();
        let date = DateTime::from_secs_f64(now - seconds_ago).fmt(Format::HttpDate).unwrap();
        let answer = http::Response::builder().header("date", date);
        answer
            .body(aws_smithy_types::body::SdkBody::empty())
            .unwrap()
            .try_into()
            .unwrap()
    }

    #[test]
    fn a_wrong_clock_is_measured() {
        let words = |seconds| skew_words(seconds).unwrap_or_default();
        assert_eq!(words(-2820.0), "this computer's clock is 47 minutes behind AWS's");
        assert_eq!(words(61.0), "this computer's clock is 1 minute ahead of AWS's");
        assert_eq!(words(7200.0), "this computer's clock is 2 hours ahead of AWS's");
        assert_eq!(words(59.0), "");
        assert!((clock_skew(&answer_of(2820.0)).unwrap() - 2820.0).abs() < 5.0);
    }

    #[test]
    fn one_code_of_ec2_means_an_ended_session_or_a_wrong_clock() {
        let over = |seconds_ago| is_session_of_ec2_over(Some("RequestExpired"), &answer_of(seconds_ago));
        assert!(over(2.0) && !over(1200.0) && !over(-1200.0));
        assert!(!is_session_of_ec2_over(Some("UnauthorizedOperation"), &answer_of(2.0)));
    }

    #[test]
    fn credentials_that_cannot_be_loaded_are_not_a_network_problem() {
        let expired = ConnectorError::other(CredentialsError::provider_error("the SSO session has expired").into(), None);
        assert_eq!(from_connector("x", &expired).code, ErrorCode::CredentialsExpired);
        let none = ConnectorError::other(CredentialsError::not_loaded_no_source().into(), None);
        assert_eq!(from_connector("x", &none).code, ErrorCode::CredentialsInvalid);
        let refused = ConnectorError::io("connection refused".into());
        assert_eq!(from_connector("x", &refused).code, ErrorCode::Network);
        assert!(from_connector("x", &refused).retryable);
    }
}
