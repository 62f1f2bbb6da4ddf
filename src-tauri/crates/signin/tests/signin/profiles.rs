//! What is kept of a profile, where, and what is left of it when it is removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zonke_signin::{
    AccessKeys, Keeping, Keychain, MoveKey, ProfileHealth, SavedProfiles, SignInCode, SignInMethod, SsoChoice, Timing,
    credential_process,
};
use zonke_vault::{Secret, SecretStore, Vault, VaultError};

use crate::directory::{center, open};
use crate::people::{Behavior, Person};
use crate::stand_in::StandIn;

/// A keychain the test looks into, and which it can lock.
#[derive(Clone, Default)]
pub(crate) struct Drawer(pub(crate) Arc<Mutex<BTreeMap<String, String>>>, Arc<Mutex<bool>>);

impl Drawer {
    pub(crate) fn keychain(&self) -> Keychain {
        Keychain::over(Vault::new(self.clone(), Duration::from_secs(10)), Keeping::Keychain)
    }

    fn lock(&self, locked: bool) {
        *self.1.lock().unwrap() = locked;
    }

    fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    fn opened(&self) -> Result<(), VaultError> {
        if *self.1.lock().unwrap() {
            Err(VaultError::Locked {
                reason: "the prompt was dismissed".to_owned(),
            })
        } else {
            Ok(())
        }
    }
}

impl SecretStore for Drawer {
    fn put(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        self.opened()?;
        self.0.lock().unwrap().insert(name.to_owned(), secret.expose().to_owned());
        Ok(())
    }

    fn get(&mut self, name: &str) -> Result<Secret, VaultError> {
        self.opened()?;
        let found = self.0.lock().unwrap().get(name).map(|v| Secret::from(v.as_str()));
        found.ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
    }

    fn delete(&mut self, name: &str) -> Result<(), VaultError> {
        self.opened()?;
        self.0
            .lock()
            .unwrap()
            .remove(name)
            .map(drop)
            .ok_or_else(|| VaultError::NotFound { name: name.to_owned() })
    }
}

fn keys() -> AccessKeys {
    AccessKeys::typed("AKIACANARY0000000001", "CANARY-typed-secret").unwrap()
}

#[tokio::test]
async fn keys_are_kept_used_renamed_and_really_removed() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(folder.path(), drawer.keychain());
    let saved = profiles
        .add_keys(" Work: main ", Some("EU-west-1"), &keys(), None)
        .await
        .unwrap();
    assert_eq!(
        (saved.id.as_str(), saved.label.as_str(), saved.region.as_deref()),
        ("work-main", "Work: main", Some("eu-west-1"))
    );
    assert_eq!(
        profiles.credentials("work: MAIN").await.unwrap().access_key_id(),
        "AKIACANARY0000000001"
    );

    profiles.rename("work-main", "Shop").unwrap();
    profiles.set_region("shop", Some("us-east-1")).unwrap();
    profiles.set_marks("shop", true, true).unwrap();
    // Another process sees the same, and the id still leads there.
    let other = SavedProfiles::open(folder.path(), drawer.keychain());
    let found = other.find("work-main").unwrap();
    assert_eq!(
        (
            found.label.as_str(),
            found.region.as_deref(),
            found.read_only,
            found.production
        ),
        ("Shop", Some("us-east-1"), true, true)
    );
    assert!(found.last_used_at.unwrap() >= found.created_at);

    for taken in ["SHOP", "work-main"] {
        assert_eq!(
            profiles.add_keys(taken, None, &keys(), None).await.unwrap_err().code(),
            SignInCode::Conflict,
            "{taken}"
        );
    }
    for label in ["", " ", "a\nb"] {
        assert_eq!(
            profiles.add_keys(label, None, &keys(), None).await.unwrap_err().code(),
            SignInCode::InvalidInput
        );
    }
    assert_eq!(drawer.entries(), ["profile/work-main/keys"]);

    profiles.remove("Shop").await.unwrap();
    assert_eq!(drawer.entries(), Vec::<String>::new());
    assert_eq!(profiles.credentials("Shop").await.unwrap_err().code(), SignInCode::NotFound);
    assert_eq!(profiles.list().unwrap(), []);
}

#[tokio::test]
async fn a_locked_keychain_loses_nothing_and_is_named() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(folder.path(), drawer.keychain());
    profiles.add_keys("work", None, &keys(), None).await.unwrap();
    drawer.lock(true);
    assert_eq!(profiles.remove("work").await.unwrap_err().code(), SignInCode::KeychainLocked);
    assert_eq!(
        profiles.add_keys("more", None, &keys(), None).await.unwrap_err().code(),
        SignInCode::KeychainLocked
    );
    assert_eq!(
        profiles.credentials("work").await.unwrap_err().code(),
        SignInCode::KeychainLocked
    );
    assert!(matches!(
        profiles.health("work").await.unwrap(),
        ProfileHealth::KeychainProblem { .. }
    ));
    assert_eq!(
        profiles.list().unwrap().len(),
        1,
        "a keychain that is locked is no reason to forget a profile"
    );

    // Nobody is sent through a sign-in whose result would be lost.
    let aws = StandIn::start();
    let person = Person::who(&aws, Behavior::Allows);
    let refused = profiles
        .identity_centers()
        .sign_in(&center(), SignInMethod::Browser, &person, &CancellationToken::new())
        .await;
    assert_eq!(refused.unwrap_err().code(), SignInCode::KeychainLocked);
    assert!(person.seen.lock().unwrap().is_empty());

    drawer.lock(false);
    profiles.credentials("work").await.unwrap();
}

#[tokio::test]
async fn a_key_that_was_deleted_in_the_keychain_is_asked_for_again() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(folder.path(), drawer.keychain());
    profiles.add_keys("work", None, &keys(), None).await.unwrap();
    drawer.0.lock().unwrap().clear();
    assert_eq!(
        profiles.credentials("work").await.unwrap_err().code(),
        SignInCode::SecretMissing
    );
    assert_eq!(profiles.health("work").await.unwrap(), ProfileHealth::SecretMissing);
}

#[tokio::test]
async fn the_session_with_the_directory_goes_with_the_last_profile_that_uses_it() {
    let (aws, folder, drawer) = (StandIn::start(), tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open_with(folder.path(), drawer.keychain(), aws.endpoints(), Timing::default());
    let person = Person::who(&aws, Behavior::Allows);
    profiles
        .identity_centers()
        .sign_in(&center(), SignInMethod::Browser, &person, &CancellationToken::new())
        .await
        .unwrap();
    let choices = ["One", "Two"].map(|label| SsoChoice {
        account_id: "111111111111".into(),
        role_name: "Read".into(),
        label: label.into(),
    });
    profiles.add_sso(&center(), &choices, None).unwrap();
    for name in ["one", "two"] {
        profiles.credentials(name).await.unwrap();
    }
    assert!(
        drawer.entries().len() > 6,
        "long tokens take several entries: {:?}",
        drawer.entries()
    );
    profiles.remove("one").await.unwrap();
    assert!(drawer.entries().iter().any(|e| e.starts_with("sso/")) && !drawer.entries().iter().any(|e| e.contains("/one/")));
    profiles.remove("two").await.unwrap();
    assert_eq!(drawer.entries(), Vec::<String>::new());
    assert_eq!(aws.asked("POST /logout"), 1);
}

#[tokio::test]
async fn without_a_keychain_a_key_lives_as_long_as_the_program() {
    let (aws, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let profiles = open(&folder, &aws, Duration::from_secs(5));
    assert!(profiles.add_keys("run", None, &keys(), None).await.unwrap().memory_only);
    profiles.credentials("run").await.unwrap();
    profiles.rename("run", "this run").unwrap();
    assert_eq!(open(&folder, &aws, Duration::from_secs(5)).list().unwrap(), []);
    profiles.remove("this run").await.unwrap();
    assert_eq!(profiles.list().unwrap(), []);
}

fn aws_files(folder: &Path) -> MoveKey {
    let credentials = folder.join("credentials");
    fs::write(
        &credentials,
        "# keep me\n[default]\naws_access_key_id = AKIACANARY0000000002\naws_secret_access_key = CANARY-file-secret\nregion = eu-west-3\n\n\
         [ci]\naws_access_key_id = AKIAOTHER00000000001\naws_secret_access_key = other\n",
    )
    .unwrap();
    #[cfg(unix)]
    fs::set_permissions(&credentials, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    MoveKey {
        credentials,
        config: folder.join("config"),
        command: "zonke".to_owned(),
    }
}

#[tokio::test]
async fn a_key_moves_from_the_file_into_the_keychain() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(&folder.path().join("data"), drawer.keychain());
    let files = aws_files(folder.path());
    let moved = files.run(&profiles, "default", "Main").await.unwrap();
    assert_eq!(moved.line, "credential_process = zonke credentials main");
    assert_eq!(moved.profile.region.as_deref(), Some("eu-west-3"));
    assert_eq!(
        fs::read_to_string(&files.credentials).unwrap(),
        "# keep me\n[default]\ncredential_process = zonke credentials main\nregion = eu-west-3\n\n\
         [ci]\naws_access_key_id = AKIAOTHER00000000001\naws_secret_access_key = other\n"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&files.credentials).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "no copy with the key in it may stay: {names:?}");

    let answer = credential_process(&profiles, "main").await.unwrap();
    let json: serde_json::Value = serde_json::from_str(answer.expose()).unwrap();
    let expected =
        serde_json::json!({ "Version": 1, "AccessKeyId": "AKIACANARY0000000002", "SecretAccessKey": "CANARY-file-secret" });
    assert_eq!(json, expected);
    assert_eq!(
        files.run(&profiles, "default", "Again").await.unwrap_err().code(),
        SignInCode::InvalidInput
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_cannot_be_moved_stays_where_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(&folder.path().join("data"), drawer.keychain());
    let mut files = aws_files(folder.path());
    let before = fs::read_to_string(&files.credentials).unwrap();

    drawer.lock(true);
    assert_eq!(
        files.run(&profiles, "default", "Main").await.unwrap_err().code(),
        SignInCode::KeychainLocked
    );
    drawer.lock(false);
    fs::write(&files.config, "[default]\naws_access_key_id = AKIAELSEWHERE\n").unwrap();
    assert_eq!(
        files.run(&profiles, "default", "Main").await.unwrap_err().code(),
        SignInCode::InvalidInput
    );
    fs::remove_file(&files.config).unwrap();
    let memory = SavedProfiles::open(folder.path(), Keychain::in_memory());
    assert_eq!(
        files.run(&memory, "default", "Main").await.unwrap_err().code(),
        SignInCode::InvalidInput
    );
    assert_eq!(fs::read_to_string(&files.credentials).unwrap(), before);
    assert_eq!((drawer.entries(), profiles.list().unwrap()), (Vec::new(), Vec::new()));

    // Files of a person who keeps them elsewhere, behind a link.
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("dotfiles-credentials");
    fs::rename(&files.credentials, &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &files.credentials).unwrap();
    files.command = "/opt/Zonke Desktop/zonke".to_owned();
    let moved = files.run(&profiles, "default", "Main").await.unwrap();
    assert_eq!(
        moved.line,
        "credential_process = \"/opt/Zonke Desktop/zonke\" credentials main"
    );
    assert!(fs::symlink_metadata(&files.credentials).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains(&moved.line));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[tokio::test]
async fn a_profile_of_the_aws_files_is_not_handed_out_again() {
    let (folder, drawer) = (tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open(folder.path(), drawer.keychain());
    profiles.add_aws_profile("mine", "default", None).unwrap();
    let error = credential_process(&profiles, "mine").await.unwrap_err();
    assert!(
        error.to_string().contains("`default`") && error.hint().contains("--profile"),
        "{error}"
    );
}
