//! `zonke profile`: the saved ways into accounts.

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use async_trait::async_trait;
use zonke_home::Home;
use zonke_signin::{
    AccessKeys, DeviceCode, IdentityCenter, Keychain, MoveKey, Prompts, SavedProfile, SavedProfiles, SignInMethod, SsoChoice,
    Surroundings, Way, keys_from_csv, open_in_browser,
};
use zonke_vault::Secret;

use crate::args::{AddKeys, AddSso, Import, Profile, ProfileAction};
use crate::failure::Failure;
use crate::interrupt::Interruptible;
use crate::print;

pub(crate) async fn run(arguments: &Profile) -> Result<ExitCode, Failure> {
    let profiles = SavedProfiles::open(Home::open()?.data_dir(), Keychain::of_this_computer());
    match &arguments.action {
        ProfileAction::List(json) => {
            let all = profiles.list()?;
            if json.json {
                print::json(&all)?;
            } else {
                all.iter().for_each(row);
            }
        }
        ProfileAction::AddKeys(arguments) => {
            let keys = read_keys(arguments)?;
            let saved = profiles
                .add_keys(&arguments.name, arguments.region.as_deref(), &keys, None)
                .await?;
            print::line(format!("{} is saved; its key is in the keychain.", saved.label));
        }
        ProfileAction::AddSso(arguments) => add_sso(&profiles, arguments).await?,
        ProfileAction::Import(arguments) => import(&profiles, arguments).await?,
        ProfileAction::SignIn(name) => {
            profiles
                .sign_in(&name.name, SignInMethod::Browser, &Terminal, Interruptible::sign_in().token())
                .await?;
            print::line(format!("{} is signed in.", name.name));
        }
        ProfileAction::Rename(names) => {
            let renamed = profiles.rename(&names.name, &names.to)?;
            print::line(format!("{} is now called {}.", names.name, renamed.label));
        }
        ProfileAction::Remove(name) => {
            let removed = profiles.remove(&name.name).await?;
            print::line(format!(
                "{} is removed, and its secrets are gone from the keychain.",
                removed.label
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(profile: &SavedProfile) {
    let way = match &profile.way {
        Way::IdentityCenter { role_name, .. } => format!("IAM Identity Center, {role_name}"),
        Way::AccessKeys { .. } => "access key in the keychain".to_owned(),
        Way::AssumeRole { role_arn, .. } => role_arn.clone(),
        Way::AwsProfile { name } => format!("AWS profile {name}"),
    };
    let account = profile.account_id.as_deref().unwrap_or("-");
    let region = profile.region.as_deref().unwrap_or("-");
    print::line(format!(
        "{:<20} {:<20} {account:<13} {region:<16} {way}",
        profile.id, profile.label
    ));
}

/// The key comes from standard input, where no other process and no history sees it.
fn read_keys(arguments: &AddKeys) -> Result<AccessKeys, Failure> {
    if io::stdin().is_terminal() {
        print::note("Enter the access key id and the secret access key, one per line, then Ctrl-D:");
    }
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("standard input could not be read: {error}"), ""))?;
    let text = Secret::from(text);
    if arguments.csv {
        return Ok(keys_from_csv(text.expose())?);
    }
    let mut lines = text.expose().lines();
    Ok(AccessKeys::typed(
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    )?)
}

async fn add_sso(profiles: &SavedProfiles, arguments: &AddSso) -> Result<(), Failure> {
    let center = IdentityCenter::new(&arguments.start_url, &arguments.sso_region)?;
    let centers = profiles.identity_centers();
    let method = if arguments.device_code {
        SignInMethod::DeviceCode
    } else {
        SignInMethod::Browser
    };
    centers
        .sign_in(&center, method, &Terminal, Interruptible::sign_in().token())
        .await?;
    if arguments.role.is_empty() {
        for account in centers.accounts(&center).await? {
            for role in &account.roles {
                print::line(format!("{}/{role}  {}", account.id, account.name));
            }
        }
        print::note("Save some of them with --role ACCOUNT/ROLE, as often as you like.");
        return Ok(());
    }
    let choices: Vec<_> = arguments.role.iter().map(|role| choice(role)).collect::<Result<_, _>>()?;
    for saved in profiles.add_sso(&center, &choices, arguments.region.as_deref())? {
        print::line(format!("{} is saved as {}.", saved.label, saved.id));
    }
    Ok(())
}

/// The line that stays in the AWS file names this program by its full path: other programs may have another `PATH`.
async fn import(profiles: &SavedProfiles, arguments: &Import) -> Result<(), Failure> {
    let surroundings = Surroundings::of_this_computer();
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(
            format!("the path of this program is not known: {error}"),
            "Start it by its full path.",
        )
    })?;
    let files = MoveKey {
        credentials: surroundings.credentials().to_owned(),
        config: surroundings.config().to_owned(),
        command: program.display().to_string(),
    };
    let name = arguments.name.as_ref().unwrap_or(&arguments.profile);
    let moved = files.run(profiles, &arguments.profile, name).await?;
    print::line(format!(
        "The key of {} is in the keychain; its place in {} has:",
        arguments.profile,
        files.credentials.display()
    ));
    print::line(moved.line);
    Ok(())
}

/// `123456789012/Role`, or `123456789012/Role=label`.
fn choice(text: &str) -> Result<SsoChoice, Failure> {
    let (role, label) = text.split_once('=').unwrap_or((text, ""));
    let (account, role) = role.split_once('/').ok_or_else(|| {
        Failure::new(
            format!("`{text}` is not an account and a role."),
            "Write it like 123456789012/Deployer.",
        )
    })?;
    let label = if label.is_empty() {
        format!("{role} {account}")
    } else {
        label.to_owned()
    };
    Ok(SsoChoice {
        account_id: account.to_owned(),
        role_name: role.to_owned(),
        label,
    })
}

/// The person at the terminal.
pub(crate) struct Terminal;

#[async_trait]
impl Prompts for Terminal {
    fn open(&self, url: &str) -> io::Result<()> {
        print::note(format!("Sign in at: {url}"));
        if let Err(error) = open_in_browser(url) {
            print::note(format!(
                "No browser could be opened ({error}); open the address yourself, or use --device-code."
            ));
        }
        Ok(())
    }

    fn show_code(&self, code: &DeviceCode) {
        print::note(format!(
            "Open {} in any browser and enter the code {}.",
            code.verification_url, code.user_code
        ));
    }

    async fn mfa_code(&self, profile: &str, serial: &str) -> Option<Secret> {
        print::note(format!("Code of the MFA device {serial} for {profile}:"));
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let line = line.await.ok()?.ok()?;
        Some(Secret::from(line.trim())).filter(|code| !code.is_empty())
    }
}
