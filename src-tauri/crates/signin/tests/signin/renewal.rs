//! Sessions that end: renewed ahead of it, once, and without losing anything.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::ProvideCredentials;
use tokio_util::sync::CancellationToken;
use zonke_signin::{ProfileHealth, SavedCredentials, SavedProfiles, SignInCode, SignInError, SignInMethod};

use crate::directory::{center, open, saves_work};
use crate::people::{Behavior, Person};
use crate::stand_in::StandIn;

struct Signed {
    aws: StandIn,
    profiles: Arc<SavedProfiles>,
    folder: tempfile::TempDir,
}

async fn signed_in(prepare: impl FnOnce(&StandIn)) -> Signed {
    let aws = StandIn::start();
    prepare(&aws);
    let folder = tempfile::tempdir().unwrap();
    let profiles = open(&folder, &aws, Duration::from_secs(30));
    let person = Person::who(&aws, Behavior::Allows);
    saves_work(&profiles, &person).await;
    Signed { aws, profiles, folder }
}

const ROLE: &str = "GET /federation/credentials";

#[tokio::test]
async fn many_who_ask_at_once_cause_one_request() {
    let it = signed_in(|aws| aws.rules().slow = Duration::from_millis(100)).await;
    let provider = SavedCredentials::new(Arc::clone(&it.profiles), "work");
    let answers = futures::future::join_all((0..20).map(|_| provider.provide_credentials())).await;
    let first = answers[0].as_ref().unwrap().secret_access_key().to_owned();
    assert!(answers.iter().all(|a| a.as_ref().unwrap().secret_access_key() == first));
    assert_eq!(it.aws.asked(ROLE), 1);
    provider.provide_credentials().await.unwrap();
    assert_eq!(it.aws.asked(ROLE), 1);
}

#[tokio::test]
async fn many_who_wait_for_a_failure_get_it_without_repeating_it() {
    let it = signed_in(|aws| {
        aws.rules().slow = Duration::from_millis(100);
        aws.rules().portal_error = Some("ForbiddenException");
    })
    .await;
    let answers = futures::future::join_all((0..20).map(|_| it.profiles.credentials("work"))).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!(
            (error.code(), error.request_id()),
            (SignInCode::Refused, Some("request-7")),
            "{error}"
        );
        assert!(error.to_string().contains("Deploy") && error.to_string().contains("111111111111"));
    }
    assert_eq!(it.aws.asked(ROLE), 1);
}

#[tokio::test]
async fn credentials_about_to_end_are_renewed_and_the_old_ones_used_if_that_fails() {
    let it = signed_in(|aws| aws.rules().role_seconds = 120).await;
    let first = it.profiles.credentials("work").await.unwrap();
    let second = it.profiles.credentials("work").await.unwrap();
    assert_ne!(
        first.secret_access_key(),
        second.secret_access_key(),
        "two minutes are too few to begin with"
    );
    it.aws.rules().portal_error = Some("ForbiddenException");
    let third = it.profiles.credentials("work").await.unwrap();
    assert_eq!(second.secret_access_key(), third.secret_access_key());
}

#[tokio::test]
async fn the_session_with_the_directory_is_renewed_ahead_of_its_end() {
    let it = signed_in(|aws| aws.rules().token_seconds = 60).await;
    it.profiles.credentials("work").await.unwrap();
    assert_eq!(it.aws.asked("POST /token"), 2);
    // The refresh token that came with the renewal is the one that works next.
    it.aws.rules().token_seconds = 3600;
    it.profiles.identity_centers().accounts(&center()).await.unwrap();
    assert_eq!(it.aws.asked("POST /token"), 3);
    it.profiles.identity_centers().accounts(&center()).await.unwrap();
    assert_eq!(it.aws.asked("POST /token"), 3);
}

#[tokio::test]
async fn a_session_that_is_over_asks_for_a_sign_in_and_goes_on_after_it() {
    for error in ["InvalidGrantException", "ExpiredTokenException", "InvalidClientException"] {
        let it = signed_in(|aws| {
            aws.rules().token_seconds = -1;
            aws.rules().renewal_error = Some(error);
        })
        .await;
        let provider = SavedCredentials::new(Arc::clone(&it.profiles), "work");
        let refused = provider.provide_credentials().await.unwrap_err();
        let cause = std::error::Error::source(&refused).and_then(|e| e.downcast_ref::<SignInError>());
        assert_eq!(cause.map(SignInError::code), Some(SignInCode::SessionExpired), "{error}");

        it.aws.rules().token_seconds = 3600;
        let person = Person::who(&it.aws, Behavior::Allows);
        it.profiles
            .sign_in("work", SignInMethod::Browser, &person, &CancellationToken::new())
            .await
            .unwrap();
        provider.provide_credentials().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_ended_early_in_aws_is_renewed_once_and_then_over() {
    let it = signed_in(|_| ()).await;
    it.aws.rules().valid.clear();
    it.profiles.credentials("work").await.unwrap();
    assert_eq!((it.aws.asked("POST /token"), it.aws.asked(ROLE)), (2, 2));

    let it = signed_in(|_| ()).await;
    it.aws.rules().valid.clear();
    it.aws.rules().renewal_error = Some("InvalidGrantException");
    assert_eq!(
        it.profiles.credentials("work").await.unwrap_err().code(),
        SignInCode::SessionExpired
    );
    assert_eq!(
        it.profiles.identity_centers().accounts(&center()).await.unwrap_err().code(),
        SignInCode::SessionExpired
    );
}

#[tokio::test]
async fn a_network_that_is_away_for_a_moment_is_not_the_end_of_a_session() {
    let it = signed_in(|aws| aws.rules().token_seconds = 60).await;
    it.aws.rules().renewal_error = Some("InternalServerException");
    it.profiles.credentials("work").await.unwrap();

    let it = signed_in(|aws| aws.rules().token_seconds = -1).await;
    it.aws.rules().renewal_error = Some("InternalServerException");
    assert_eq!(it.profiles.credentials("work").await.unwrap_err().code(), SignInCode::Refused);
    it.aws.rules().renewal_error = None;
    it.profiles.credentials("work").await.unwrap();
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_lose_the_renewed_session() {
    let it = signed_in(|aws| {
        aws.rules().token_seconds = 60;
        aws.rules().slow = Duration::from_millis(200);
    })
    .await;
    it.aws.rules().token_seconds = 3600;
    let given_up = tokio::time::timeout(Duration::from_millis(50), it.profiles.credentials("work")).await;
    assert!(given_up.is_err());
    it.profiles.credentials("work").await.unwrap();
    assert_eq!((it.aws.asked("POST /token"), it.aws.asked(ROLE)), (2, 1));
}

#[tokio::test]
async fn credentials_that_have_ended_on_arrival_mean_a_wrong_clock() {
    let it = signed_in(|aws| aws.rules().role_seconds = -1800).await;
    let error = it.profiles.credentials("work").await.unwrap_err();
    println!("{error} — {}", error.hint());
    assert_eq!(error.code(), SignInCode::ClockSkew);
    assert!(
        error.to_string().contains("30 minutes ago") || error.to_string().contains("31 minutes ago"),
        "{error}"
    );
}

#[tokio::test]
async fn health_is_known_without_asking_aws_and_removing_signs_out() {
    let it = signed_in(|_| ()).await;
    assert_eq!(
        it.profiles.health("work").await.unwrap(),
        ProfileHealth::Ready { until: None }
    );
    it.profiles.credentials("work").await.unwrap();
    let asked = it.aws.rules().log.len();
    assert!(matches!(
        it.profiles.health("work").await.unwrap(),
        ProfileHealth::Ready { until: Some(_) }
    ));
    assert_eq!(it.aws.rules().log.len(), asked);
    assert!(it.profiles.find("work").unwrap().last_used_at.is_some());

    it.profiles.identity_centers().sign_out(&center()).await.unwrap();
    assert_eq!(it.aws.asked("POST /logout"), 1);
    assert_eq!(
        it.profiles.identity_centers().accounts(&center()).await.unwrap_err().code(),
        SignInCode::SignInNeeded
    );
    drop(it.folder);
}
