//! The keychain of a Linux desktop for real: gnome-keyring on a message bus of its own, in a home folder of its own.
//!
//! Each test starts the bus, the keychain and then itself once more inside; the second run is the one that checks.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "whatever fails on the way to a check fails the check")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use zonke_signin::{AccessKeys, KEYCHAIN_SERVICE, Keeping, Keychain, SavedProfiles, SignInCode};
use zonke_testkit::{KEYCHAIN_PID, KeychainState, Sandbox, inside};
use zonke_vault::{OsStore, Secret, Vault, VaultError};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn keychain(limit: Duration) -> (Keychain, Vault) {
    let vault = Vault::new(OsStore::new(KEYCHAIN_SERVICE), limit);
    (Keychain::over(vault.clone(), Keeping::Keychain), vault)
}

const LIMIT: Duration = Duration::from_secs(20);

fn keys() -> AccessKeys {
    AccessKeys::typed("AKIACANARY0000000001", &format!("CANARY{}", "s".repeat(3000))).unwrap()
}

fn signal(name: &str) {
    let pid = std::env::var(KEYCHAIN_PID).unwrap();
    assert!(
        Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_key_is_kept_found_by_another_process_and_really_removed() {
    let Some(folder) = inside() else {
        let sandbox = Sandbox::new();
        for _process in ["the first keeps it", "the second finds and removes it"] {
            sandbox.run_inside(
                "a_key_is_kept_found_by_another_process_and_really_removed",
                KeychainState::Unlocked,
            );
        }
        return;
    };
    block_on(async {
        let (keychain, vault) = keychain(LIMIT);
        let profiles = SavedProfiles::open(&folder.join("profiles"), keychain.clone());
        if profiles.list().unwrap().is_empty() {
            keychain.check().await.unwrap();
            assert!(matches!(
                vault.get("profile/work/keys").await,
                Err(VaultError::NotFound { .. })
            ));
            profiles.add_keys("work", None, &keys(), None).await.unwrap();
        }
        let found = profiles.credentials("work").await.unwrap();
        assert_eq!(found.secret_access_key(), keys().secret_access_key.expose());
        if found_by_the_second(&folder) {
            profiles.remove("work").await.unwrap();
            for entry in [
                "profile/work/keys",
                "profile/work/keys#1",
                "profile/work/keys#2",
                "profile/work/keys#3",
            ] {
                assert!(matches!(vault.get(entry).await, Err(VaultError::NotFound { .. })), "{entry}");
            }
        }
    });
}

/// Leaves a mark at the first call.
fn found_by_the_second(folder: &Path) -> bool {
    let mark = folder.join("first");
    let second = mark.exists();
    std::fs::write(mark, "").unwrap();
    second
}

#[test]
fn a_locked_keychain_is_called_locked_and_keeps_what_it_has() {
    let Some(folder) = inside() else {
        let sandbox = Sandbox::new();
        for state in [KeychainState::Unlocked, KeychainState::Locked] {
            sandbox.run_inside("a_locked_keychain_is_called_locked_and_keeps_what_it_has", state);
        }
        return;
    };
    block_on(async {
        let profiles = SavedProfiles::open(&folder.join("profiles"), keychain(LIMIT).0);
        if profiles.list().unwrap().is_empty() {
            profiles.add_keys("work", None, &keys(), None).await.unwrap();
            return;
        }
        for error in [
            profiles.credentials("work").await.map(drop),
            profiles.remove("work").await.map(drop),
        ] {
            let error = error.unwrap_err();
            println!("{error} — {}", error.hint());
            assert_eq!(error.code(), SignInCode::KeychainLocked, "{error}");
        }
        assert_eq!(profiles.list().unwrap().len(), 1);
    });
}

#[test]
fn a_keychain_that_dies_in_the_middle_is_called_unavailable() {
    if inside().is_none() {
        return Sandbox::new().run_inside(
            "a_keychain_that_dies_in_the_middle_is_called_unavailable",
            KeychainState::Unlocked,
        );
    }
    block_on(async {
        let (keychain, vault) = keychain(LIMIT);
        keychain.check().await.unwrap();
        vault.put("kept", Secret::from("CANARY")).await.unwrap();
        // It hangs first, so that the question is on its way when it dies.
        signal("STOP");
        let asked = tokio::spawn({
            let vault = vault.clone();
            async move { vault.get("kept").await }
        });
        tokio::task::yield_now().await;
        signal("KILL");
        let begin = Instant::now();
        for result in [asked.await.unwrap(), vault.get("kept").await] {
            let error = result.unwrap_err();
            println!("{error} — {}", error.hint());
            assert!(matches!(error, VaultError::Unavailable { .. }), "{error:?}");
        }
        assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    });
}

#[test]
fn a_slow_keychain_leaves_the_app_responsive_and_answers_later() {
    if inside().is_none() {
        return Sandbox::new().run_inside(
            "a_slow_keychain_leaves_the_app_responsive_and_answers_later",
            KeychainState::Unlocked,
        );
    }
    block_on(async {
        let (patient, vault) = keychain(LIMIT);
        patient.check().await.unwrap();
        vault.put("kept", Secret::from("CANARY")).await.unwrap();
        signal("STOP");
        let hurried = Vault::new(OsStore::new(KEYCHAIN_SERVICE), Duration::from_secs(1));
        let (mut longest, mut turns, begin) = (Duration::ZERO, 0, Instant::now());
        let asked = hurried.get("kept");
        tokio::pin!(asked);
        let result = loop {
            let turn = Instant::now();
            tokio::select! {
                biased;
                result = &mut asked => break result,
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
            longest = longest.max(turn.elapsed());
            turns += 1;
        };
        println!(
            "waited {:?}, {turns} other things done meanwhile, the longest pause {longest:?}",
            begin.elapsed()
        );
        assert_eq!(result, Err(VaultError::TimedOut { seconds: 1 }));
        assert!(turns > 10, "the app stood still");
        signal("CONT");
        assert_eq!(vault.get("kept").await.unwrap().expose(), "CANARY");
    });
}

#[test]
fn without_a_keychain_the_app_says_so_and_offers_memory() {
    let Some(folder) = inside() else {
        return Sandbox::new().run_inside("without_a_keychain_the_app_says_so_and_offers_memory", KeychainState::Missing);
    };
    block_on(async {
        let profiles = SavedProfiles::open(&folder.join("profiles"), keychain(LIMIT).0);
        let error = profiles.add_keys("work", None, &keys(), None).await.unwrap_err();
        println!("{error} — {}", error.hint());
        assert_eq!(error.code(), SignInCode::KeychainUnavailable, "{error}");
        assert!(error.hint().contains("memory"));
        assert_eq!(profiles.list().unwrap(), []);
        let profiles = SavedProfiles::open(&folder.join("profiles"), Keychain::in_memory());
        profiles.add_keys("work", None, &keys(), None).await.unwrap();
        profiles.credentials("work").await.unwrap();
    });
    assert!(
        !folder.join("profiles/profiles.json").exists(),
        "no file holds what there was no keychain for"
    );
}
