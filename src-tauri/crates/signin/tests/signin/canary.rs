//! Secrets turn up nowhere but in the keychain.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use zonke_signin::{
    AccessKeys, NewRole, RoleSource, SavedCredentials, SavedProfiles, SignInMethod, SsoChoice, Timing, credential_process,
    keys_from_csv,
};

use crate::directory::center;
use crate::people::{Behavior, Person};
use crate::profiles::Drawer;
use crate::stand_in::{CANARY, StandIn};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn files_below(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files_below(&entry.path(), found);
        } else {
            found.push((entry.path().display().to_string(), fs::read(entry.path()).unwrap()));
        }
    }
}

/// Goes through every way in, with failures on the way, while everything that can be seen is collected.
#[tokio::test]
async fn no_secret_is_in_a_file_a_log_an_error_or_a_printed_value() {
    let log = Log::default();
    // As the app does it, with everything on.
    let no_secret = filter_fn(|line| zonke_vault::may_be_logged(line.target(), *line.level() > tracing::Level::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(log.clone())
        .with_filter(no_secret);
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(lines));

    let (aws, folder, drawer) = (StandIn::start(), tempfile::tempdir().unwrap(), Drawer::default());
    let profiles = SavedProfiles::open_with(folder.path(), drawer.keychain(), aws.endpoints(), Timing::default());
    let mut printed = Vec::new();
    let person = Person::who(&aws, Behavior::Allows);
    let cancel = CancellationToken::new();

    for method in [SignInMethod::Browser, SignInMethod::DeviceCode] {
        aws.rules().token_seconds = 60;
        profiles
            .identity_centers()
            .sign_in(&center(), method, &person, &cancel)
            .await
            .unwrap();
    }
    let choice = SsoChoice {
        account_id: "111111111111".into(),
        role_name: "Deploy".into(),
        label: "directory".into(),
    };
    printed.push(format!("{:?}", profiles.add_sso(&center(), &[choice], None)));
    let csv = keys_from_csv("Access key ID,Secret access key\nAKIACANARY0000000009,CANARY-csv-secret\n").unwrap();
    printed.push(format!("{csv:?} {:?}", profiles.add_keys("keys", None, &csv, None).await));
    let role = NewRole {
        label: "role".into(),
        role_arn: "arn:aws:iam::111111111111:role/deployer".into(),
        mfa_serial: Some("arn:aws:iam::111111111111:mfa/ada".into()),
        external_id: None,
        source: RoleSource::Saved { id: "keys".into() },
        region: None,
    };
    printed.push(format!("{:?}", profiles.add_role(&role)));
    profiles
        .sign_in("role", SignInMethod::Browser, &person, &cancel)
        .await
        .unwrap();

    for name in ["directory", "keys", "role"] {
        let provider = SavedCredentials::new(Arc::clone(&profiles), name);
        printed.push(format!("{provider:?} {:?}", profiles.health(name).await));
        let credentials = profiles.credentials(name).await.unwrap();
        // The SDK prints the access key id itself; ours must not.
        assert!(!format!("{credentials:?}").contains(credentials.secret_access_key()));
        let handed_out = credential_process(&profiles, name).await.unwrap();
        assert!(
            handed_out.expose().contains(CANARY),
            "the canary must be alive to prove anything"
        );
        printed.push(format!("{handed_out:?} {handed_out}"));
    }

    // Failures on every side.
    aws.rules().portal_error = Some("ForbiddenException");
    aws.rules().renewal_error = Some("InvalidGrantException");
    aws.rules().sts_error = Some(("AccessDenied", "no"));
    let mut errors = vec![
        AccessKeys::typed("CANARY/wrong", "CANARY wrong").unwrap_err(),
        profiles.identity_centers().accounts(&center()).await.unwrap_err(),
        profiles
            .identity_centers()
            .sign_in(
                &center(),
                SignInMethod::Browser,
                &Person::who(&aws, Behavior::Denies),
                &cancel,
            )
            .await
            .unwrap_err(),
        profiles
            .sign_in("role", SignInMethod::Browser, &person, &cancel)
            .await
            .unwrap_err(),
    ];
    for value in drawer.0.lock().unwrap().values_mut() {
        value.push_str(CANARY);
    }
    let again = SavedProfiles::open_with(folder.path(), drawer.keychain(), aws.endpoints(), Timing::default());
    for name in ["directory", "keys", "role"] {
        errors.push(again.credentials(name).await.unwrap_err());
    }
    printed.extend(errors.iter().map(|e| format!("{e} {e:?} {}", e.hint())));
    printed.push(format!("{profiles:?} {again:?}"));
    printed.extend(person.seen.lock().unwrap().clone());
    drop(guard);

    let mut files = Vec::new();
    files_below(folder.path(), &mut files);
    let log = log.0.lock().unwrap().clone();
    println!(
        "{} files, {} bytes of log at its most detailed, {} printed values",
        files.len(),
        log.len(),
        printed.len()
    );
    assert!(!files.is_empty());
    for (name, bytes) in files {
        assert!(!has_canary(&bytes), "{name}");
    }
    for text in &printed {
        assert!(!has_canary(text.as_bytes()), "{text}");
    }
    let leaks: Vec<_> = String::from_utf8_lossy(&log)
        .lines()
        .filter(|l| has_canary(l.as_bytes()))
        .map(str::to_owned)
        .collect();
    assert!(leaks.is_empty(), "{} lines of the log: {leaks:#?}", leaks.len());
}

fn has_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|w| w.eq_ignore_ascii_case(CANARY.as_bytes()))
}
