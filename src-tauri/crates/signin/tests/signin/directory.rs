//! Signing in to IAM Identity Center.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zonke_signin::{IdentityCenter, Keychain, SavedProfiles, SignInCode, SignInError, SignInMethod, SsoChoice, Timing};

use crate::people::{Behavior, Person};
use crate::stand_in::StandIn;

pub(crate) fn center() -> IdentityCenter {
    IdentityCenter::new("https://d-1234567890.awsapps.com/start", "eu-central-1").unwrap()
}

pub(crate) fn open(folder: &tempfile::TempDir, aws: &StandIn, browser: Duration) -> Arc<SavedProfiles> {
    let timing = Timing {
        browser,
        slow_down: Duration::from_secs(1),
    };
    SavedProfiles::open_with(folder.path(), Keychain::in_memory(), aws.endpoints(), timing)
}

/// Somebody signs in with the browser and saves the profile `work`.
pub(crate) async fn saves_work(profiles: &SavedProfiles, person: &Person<'_>) {
    profiles
        .identity_centers()
        .sign_in(&center(), SignInMethod::Browser, person, &CancellationToken::new())
        .await
        .unwrap();
    let choice = SsoChoice {
        account_id: "111111111111".into(),
        role_name: "Deploy".into(),
        label: "work".into(),
    };
    profiles.add_sso(&center(), &[choice], None).unwrap();
}

const PATIENT: Duration = Duration::from_secs(30);

async fn attempt(
    aws: &StandIn,
    behavior: Behavior,
    method: SignInMethod,
    browser: Duration,
) -> (Result<(), SignInError>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = open(&folder, aws, browser);
    let person = Person::who(aws, behavior);
    let result = profiles
        .identity_centers()
        .sign_in(&center(), method, &person, &CancellationToken::new())
        .await;
    let signed_in = profiles.identity_centers().is_signed_in(&center()).await.unwrap();
    assert_eq!(signed_in, result.is_ok(), "a failed sign-in must leave nobody signed in");
    (result, person.seen.into_inner().unwrap())
}

#[tokio::test]
async fn the_browser_signs_in_and_several_roles_are_saved_at_once() {
    let aws = StandIn::start();
    let folder = tempfile::tempdir().unwrap();
    let profiles = open(&folder, &aws, PATIENT);
    let centers = profiles.identity_centers();
    assert_eq!(
        centers.accounts(&center()).await.unwrap_err().code(),
        SignInCode::SignInNeeded
    );

    let person = Person::who(&aws, Behavior::IsAttacked);
    centers
        .sign_in(&center(), SignInMethod::Browser, &person, &CancellationToken::new())
        .await
        .unwrap();
    let accounts = centers.accounts(&center()).await.unwrap();
    let listed: Vec<_> = accounts
        .iter()
        .map(|a| (a.name.as_str(), a.id.as_str(), a.roles.join(" ")))
        .collect();
    assert_eq!(
        listed,
        [
            ("shop production", "222222222222", "Deploy Read".to_owned()),
            ("Shop test", "111111111111", "Deploy Read".to_owned())
        ]
    );

    let choice = |account: &str, role: &str, label: &str| SsoChoice {
        account_id: account.into(),
        role_name: role.into(),
        label: label.into(),
    };
    let chosen = [
        choice("222222222222", "Deploy", "Production"),
        choice("111111111111", "Deploy", "Test"),
    ];
    let saved = profiles.add_sso(&center(), &chosen, Some("eu-central-1")).unwrap();
    assert_eq!(
        saved.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(),
        ["production", "test"]
    );
    for profile in &saved {
        let credentials = profiles.credentials(&profile.id).await.unwrap();
        assert!(credentials.secret_access_key().contains("role-secret") && credentials.expiry().is_some());
    }
    assert_eq!(
        aws.asked("GET /federation/credentials role_name=Deploy&account_id=222222222222"),
        1
    );

    // All of them or none.
    let clash = [
        choice("111111111111", "Read", "Reading"),
        choice("111111111111", "Deploy", "TEST"),
    ];
    assert_eq!(
        profiles.add_sso(&center(), &clash, None).unwrap_err().code(),
        SignInCode::Conflict
    );
    assert_eq!(profiles.list().unwrap().len(), 2);
}

#[tokio::test]
async fn whoever_says_no_or_never_answers_is_told_what_to_do_next() {
    let aws = StandIn::start();
    for (behavior, browser, code) in [
        (Behavior::Denies, PATIENT, SignInCode::Denied),
        (Behavior::GoesAway, Duration::from_millis(50), SignInCode::BrowserSilent),
        (Behavior::HasNone, PATIENT, SignInCode::BrowserNotOpened),
    ] {
        let (result, _) = attempt(&aws, behavior, SignInMethod::Browser, browser).await;
        let error = result.unwrap_err();
        println!("{behavior:?}: {error} — {}", error.hint());
        assert_eq!(error.code(), code, "{behavior:?}");
        assert!(!error.hint().is_empty());
    }
    assert_eq!(aws.asked("POST /token"), 0);
}

#[tokio::test]
async fn a_sign_in_can_be_cancelled_while_the_browser_is_open_and_while_a_code_is_shown() {
    let aws = StandIn::start();
    aws.rules().device = std::iter::repeat_n("AuthorizationPendingException", 50).collect();
    let folder = tempfile::tempdir().unwrap();
    let profiles = open(&folder, &aws, PATIENT);
    for method in [SignInMethod::Browser, SignInMethod::DeviceCode] {
        let person = Person::who(&aws, Behavior::GoesAway);
        let cancel = CancellationToken::new();
        let gives_up = async {
            while person.seen.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            cancel.cancel();
        };
        let center = center();
        let sign_in = profiles.identity_centers().sign_in(&center, method, &person, &cancel);
        let (result, ()) = tokio::join!(sign_in, gives_up);
        assert_eq!(result, Err(SignInError::Cancelled), "{method:?}");
    }
}

#[tokio::test]
async fn a_code_is_waited_for_and_confirmed() {
    let aws = StandIn::start();
    aws.rules().device = [
        "AuthorizationPendingException",
        "SlowDownException",
        "InternalServerException",
    ]
    .into();
    let (result, seen) = attempt(&aws, Behavior::GoesAway, SignInMethod::DeviceCode, PATIENT).await;
    result.unwrap();
    assert_eq!(seen, ["ABCD-EFGH https://device.sso.example/?user_code=ABCD-EFGH"]);
    assert_eq!(aws.asked("POST /token"), 4);
}

#[tokio::test]
async fn being_told_to_slow_down_makes_the_pauses_longer() {
    let aws = StandIn::start();
    aws.rules().device = ["SlowDownException"].into();
    let begin = std::time::Instant::now();
    let (result, _) = attempt(&aws, Behavior::GoesAway, SignInMethod::DeviceCode, PATIENT).await;
    result.unwrap();
    // One second, then one and the second that was added.
    assert!(begin.elapsed() >= Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_code_that_is_refused_or_too_old_ends_the_wait() {
    for (answer, seconds, code) in [
        ("AccessDeniedException", 600, SignInCode::Denied),
        ("ExpiredTokenException", 600, SignInCode::CodeExpired),
        ("InvalidClientException", 600, SignInCode::Refused),
        ("AuthorizationPendingException", 2, SignInCode::CodeExpired),
    ] {
        let aws = StandIn::start();
        aws.rules().device = std::iter::repeat_n(answer, 5).collect();
        aws.rules().device_seconds = seconds;
        let (result, _) = attempt(&aws, Behavior::GoesAway, SignInMethod::DeviceCode, PATIENT).await;
        let error = result.unwrap_err();
        println!("{answer}: {error} — {}", error.hint());
        assert_eq!(error.code(), code, "{answer}");
    }
}

/// Each operation of a sign-in, refused or answered with nothing in it, in both ways of signing in.
#[tokio::test]
async fn whatever_step_of_a_sign_in_aws_refuses_is_named_and_leaves_nobody_signed_in() {
    use SignInMethod::{Browser, DeviceCode};
    let (register, device, token) = ("/client/register", "/device_authorization", "/token");
    for (method, path, error, code) in [
        (Browser, register, "InvalidClientMetadataException", SignInCode::Refused),
        (Browser, register, "InternalServerException", SignInCode::Refused),
        (DeviceCode, register, "InvalidScopeException", SignInCode::Refused),
        (DeviceCode, device, "InvalidRequestException", SignInCode::Refused),
        (DeviceCode, device, "UnauthorizedClientException", SignInCode::Refused),
        (Browser, token, "AccessDeniedException", SignInCode::Denied),
        (Browser, token, "ExpiredTokenException", SignInCode::CodeExpired),
        (Browser, token, "InvalidGrantException", SignInCode::Refused),
        (Browser, token, "InvalidClientException", SignInCode::Refused),
        (Browser, token, "InternalServerException", SignInCode::Refused),
        (DeviceCode, token, "InvalidGrantException", SignInCode::Refused),
    ] {
        let aws = StandIn::start();
        aws.rules().refuse = Some((path, error));
        let person = match method {
            Browser => Behavior::Allows,
            DeviceCode => Behavior::GoesAway,
        };
        let (result, _) = attempt(&aws, person, method, PATIENT).await;
        let problem = result.unwrap_err();
        println!("{method:?} {path} {error}: {problem} — {}", problem.hint());
        assert_eq!(problem.code(), code, "{method:?} {path} {error}: {problem}");
        assert!(!format!("{problem:?}").contains("CANARY"), "{problem:?}");
        if code == SignInCode::Refused {
            // No account and no role has been chosen yet: the portal's address and its region are what can be wrong.
            assert!(problem.to_string().contains("d-1234567890.awsapps.com"), "{problem}");
            // A fault of AWS's own is waited for.
            let passing = error == "InternalServerException";
            let next = if passing { "wait a minute" } else { "region of the directory" };
            assert!(problem.hint().contains(next), "{error}: {}", problem.hint());
            assert_eq!(problem.retryable(), passing, "{error}");
        }
        // A code works once: what became of it is not found out by sending it again.
        assert_eq!(aws.asked(&format!("POST {path}")), 1, "{method:?} {path} {error}");
    }
    for (method, path) in [
        (Browser, register),
        (DeviceCode, device),
        (Browser, token),
        (DeviceCode, token),
    ] {
        let aws = StandIn::start();
        aws.rules().empty = Some(path);
        let (result, _) = attempt(&aws, Behavior::Allows, method, PATIENT).await;
        let problem = result.unwrap_err();
        assert!(
            problem.to_string().contains("incomplete answer"),
            "{method:?} {path}: {problem}"
        );
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_reached_is_a_matter_of_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let aws = StandIn::start();
    // Nothing listens on a port that was just given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut endpoints = aws.endpoints();
    endpoints.oidc = Some(format!("http://{free}"));
    let profiles = SavedProfiles::open_with(folder.path(), Keychain::in_memory(), endpoints, Timing::default());
    let person = Person::who(&aws, Behavior::Allows);
    let error = profiles
        .identity_centers()
        .sign_in(&center(), SignInMethod::Browser, &person, &CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(error.code(), SignInCode::Network, "{error}");
    assert!(error.retryable());
}

/// Signed in, and then the directory does not say what may be used: the sentence names the directory or the account, the hint the assignment.
#[tokio::test]
async fn a_listing_that_is_refused_names_what_was_asked_for_and_whom_to_ask() {
    for (path, named) in [
        ("/assignment/accounts", "could not list your accounts in the directory"),
        ("/assignment/roles", "could not list your roles in the account "),
    ] {
        for error in ["ForbiddenException", "ResourceNotFoundException", "InvalidRequestException"] {
            let aws = StandIn::start();
            let folder = tempfile::tempdir().unwrap();
            let profiles = open(&folder, &aws, PATIENT);
            let centers = profiles.identity_centers();
            let person = Person::who(&aws, Behavior::Allows);
            let token = CancellationToken::new();
            centers
                .sign_in(&center(), SignInMethod::Browser, &person, &token)
                .await
                .unwrap();
            aws.rules().refuse = Some((path, error));
            let problem = centers.accounts(&center()).await.unwrap_err();
            println!("{path} {error}: {problem} — {}", problem.hint());
            assert_eq!(problem.code(), SignInCode::Refused);
            let sentence = problem.to_string();
            assert!(
                sentence.starts_with(named) && sentence.contains("d-1234567890.awsapps.com"),
                "{sentence}"
            );
            assert!(problem.hint().contains("assigned to the account"), "{}", problem.hint());
        }
    }
}

/// What is asked once somebody is signed in: each operation refused, over, throttled for a moment, or answered with nothing in it.
#[tokio::test]
async fn whatever_the_portal_refuses_is_named_and_a_session_that_is_over_is_told_apart() {
    let (accounts, roles, credentials) = ("/assignment/accounts", "/assignment/roles", "/federation/credentials");
    let (refused, over) = (SignInCode::Refused, SignInCode::SessionExpired);
    for (path, error, code) in [
        (accounts, "InvalidRequestException", refused),
        (accounts, "UnauthorizedException", over),
        (accounts, "TooManyRequestsException", refused),
        (roles, "ResourceNotFoundException", refused),
        (roles, "UnauthorizedException", over),
        (credentials, "ResourceNotFoundException", refused),
        (credentials, "ForbiddenException", refused),
        (credentials, "UnauthorizedException", over),
    ] {
        let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
        let profiles = open(&folder, &aws, PATIENT);
        let (centers, person) = (profiles.identity_centers(), Person::who(&aws, Behavior::Allows));
        saves_work(&profiles, &person).await;
        aws.rules().refuse = Some((path, error));
        let problem = if path == credentials {
            profiles.credentials("work").await.map(drop).unwrap_err()
        } else {
            centers.accounts(&center()).await.map(drop).unwrap_err()
        };
        println!("{path} {error}: {problem} — {}", problem.hint());
        assert_eq!(problem.code(), code, "{path} {error}: {problem}");
        assert!(
            !problem.hint().is_empty() && !format!("{problem:?}").contains("CANARY"),
            "{problem:?}"
        );
        if error == "TooManyRequestsException" {
            assert_eq!(aws.asked(&format!("GET {path}")), 4, "a moment later it may work");
            assert!(problem.retryable() && problem.hint().contains("wait a minute"), "{problem:?}");
        }
        if (path, code) == (credentials, over) {
            assert_eq!(aws.asked(&format!("GET {path}")), 2, "renewed once, then given up");
        }

        aws.rules().refuse = None;
        aws.rules().empty = Some(path);
        if path == credentials {
            let nothing = profiles.credentials("work").await.unwrap_err();
            assert!(nothing.to_string().contains("incomplete answer"), "{nothing}");
        } else {
            let found = centers.accounts(&center()).await.unwrap();
            assert!(found.iter().all(|account| account.roles.is_empty()), "{path}: {found:?}");
        }

        // Signing out ends in any case, whatever AWS says of it.
        aws.rules().refuse = Some(("/logout", "InvalidRequestException"));
        centers.sign_out(&center()).await.unwrap();
        assert!(!centers.is_signed_in(&center()).await.unwrap(), "{path} {error}");
    }
}
