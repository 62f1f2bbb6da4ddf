//! Roles on top of other profiles.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zonke_signin::{AccessKeys, NewRole, ProfileHealth, RoleSource, SavedProfiles, SignInCode, SignInMethod};

use crate::directory::open;
use crate::people::{Behavior, Person};
use crate::stand_in::StandIn;

const STS: &str = "POST / ";

async fn with_role(aws: &StandIn, folder: &tempfile::TempDir, mfa: bool) -> Arc<SavedProfiles> {
    let profiles = open(folder, aws, Duration::from_secs(30));
    let keys = AccessKeys::typed("AKIACANARY0000000001", "CANARY-base-secret").unwrap();
    let base = profiles.add_keys("Base", None, &keys, None).await.unwrap();
    let role = NewRole {
        label: "Deployer".into(),
        role_arn: "arn:aws:iam::111111111111:role/team/deployer".into(),
        mfa_serial: mfa.then(|| "arn:aws:iam::111111111111:mfa/ada".into()),
        external_id: Some("agreed-42".into()),
        source: RoleSource::Saved { id: base.id },
        region: Some("eu-west-1".into()),
    };
    let saved = profiles.add_role(&role).unwrap();
    assert_eq!(saved.account_id.as_deref(), Some("111111111111"));
    profiles
}

#[tokio::test]
async fn a_role_is_assumed_with_its_external_id_and_kept() {
    let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let profiles = with_role(&aws, &folder, false).await;
    let credentials = profiles.credentials("deployer").await.unwrap();
    assert!(credentials.session_token().unwrap().contains("assumed"));
    profiles.credentials("Deployer").await.unwrap();
    let log = aws.rules().log.clone();
    let asked: Vec<_> = log.iter().filter(|l| l.starts_with(STS)).collect();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].contains("ExternalId=agreed-42") && asked[0].contains("RoleSessionName=zonke-deployer"),
        "{}",
        asked[0]
    );
}

#[tokio::test]
async fn a_role_with_mfa_asks_for_a_code_and_only_then_aws() {
    let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let profiles = with_role(&aws, &folder, true).await;
    assert_eq!(
        profiles.credentials("deployer").await.unwrap_err().code(),
        SignInCode::MfaNeeded
    );
    assert_eq!(profiles.health("deployer").await.unwrap(), ProfileHealth::MfaNeeded);
    assert_eq!(aws.asked(STS), 0);

    let attempt = async |mfa: Option<&'static str>| {
        let person = Person {
            mfa,
            ..Person::who(&aws, Behavior::Allows)
        };
        let result = profiles
            .sign_in("deployer", SignInMethod::Browser, &person, &CancellationToken::new())
            .await;
        assert_eq!(*person.seen.lock().unwrap(), ["Deployer arn:aws:iam::111111111111:mfa/ada"]);
        result.map_err(|error| (error.code(), error.to_string()))
    };
    assert_eq!(attempt(None).await.unwrap_err().0, SignInCode::Cancelled);
    assert_eq!(attempt(Some("12345")).await.unwrap_err().1, "An MFA code has six digits.");
    assert_eq!(aws.asked(STS), 0);
    assert_eq!(
        attempt(Some("654321")).await.unwrap_err(),
        (SignInCode::InvalidInput, "AWS did not accept the MFA code.".to_owned())
    );
    attempt(Some("123456")).await.unwrap();
    profiles.credentials("deployer").await.unwrap();
    assert_eq!(aws.asked(STS), 2);
}

#[tokio::test]
async fn refusals_of_sts_become_what_they_mean() {
    for (code, message, expected) in [
        (
            "AccessDenied",
            "User: x is not authorized to perform: sts:AssumeRole",
            SignInCode::Refused,
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            SignInCode::SessionExpired,
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261123T110000Z is now earlier than 20261123T114500Z",
            SignInCode::ClockSkew,
        ),
        ("RequestExpired", "Request has expired.", SignInCode::ClockSkew),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            SignInCode::Refused,
        ),
    ] {
        let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
        aws.rules().sts_error = Some((code, message));
        let profiles = with_role(&aws, &folder, false).await;
        let error = profiles.credentials("deployer").await.unwrap_err();
        println!("{code}: {error} — {}", error.hint());
        assert_eq!(error.code(), expected, "{code}");
    }
}

#[tokio::test]
async fn a_profile_that_another_stands_on_stays() {
    let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let profiles = with_role(&aws, &folder, false).await;
    assert_eq!(profiles.remove("Base").await.unwrap_err().code(), SignInCode::Conflict);
    // The role itself is in the file, and this run does not reach the keychain where its session may be.
    assert_eq!(
        profiles.remove("Deployer").await.unwrap_err().code(),
        SignInCode::KeychainUnavailable
    );
}

#[tokio::test]
async fn what_is_no_role_is_not_saved() {
    let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let profiles = open(&folder, &aws, Duration::from_secs(30));
    for arn in [
        "",
        "deployer",
        "arn:aws:iam::111111111111:user/ada",
        "arn:aws:sts::111111111111:role/x",
        "arn:aws:iam::1:role/x",
    ] {
        let role = NewRole {
            label: "Deployer".into(),
            role_arn: arn.into(),
            mfa_serial: None,
            external_id: None,
            source: RoleSource::AwsProfile { name: "default".into() },
            region: None,
        };
        assert_eq!(
            profiles.add_role(&role).unwrap_err().code(),
            SignInCode::InvalidInput,
            "{arn}"
        );
    }
}
