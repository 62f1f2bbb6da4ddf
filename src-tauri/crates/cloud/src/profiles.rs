//! Profiles of the AWS configuration files, without reading a secret out of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::view::{ProfileKind, ProfileSummary};

/// Profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that `AWS_CONFIG_FILE` and
/// `AWS_SHARED_CREDENTIALS_FILE` name, in alphabetical order with `default` first.
///
/// Files that cannot be read count as empty.
pub fn profiles() -> Vec<ProfileSummary> {
    let read = |variable: &str, name: &str| {
        let path = std::env::var_os(variable)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
            .or_else(|| std::env::home_dir().map(|home| home.join(".aws").join(name)));
        path.and_then(|p| std::fs::read_to_string(p).ok()).unwrap_or_default()
    };
    parse(
        &read("AWS_CONFIG_FILE", "config"),
        &read("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    )
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a profile may say any of these, and which one counts is decided at the end"
)]
struct Found {
    region: Option<String>,
    keys: bool,
    sso: bool,
    role: bool,
    process: bool,
    login: bool,
}

/// The rules of the file format: `config` heads a profile with `[profile NAME]` (only `default` without the word), `credentials`
/// with `[NAME]`; settings of both files are joined; lines that begin with a space continue a nested setting.
fn parse(config: &str, credentials: &str) -> Vec<ProfileSummary> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (text, is_config) in [(config, true), (credentials, false)] {
        let mut current = None;
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                continue;
            }
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(section) = line.strip_prefix('[') {
                current = section.split(']').next().and_then(|s| profile_name(s.trim(), is_config));
                if let Some(name) = &current {
                    found.entry(name.clone()).or_default();
                }
            } else if let (Some(name), Some((key, value))) = (&current, line.split_once('=')) {
                let profile = found.entry(name.clone()).or_default();
                match key.trim().to_ascii_lowercase().as_str() {
                    "region" => {
                        let region = value.split([' ', '\t', '#', ';']).find(|v| !v.is_empty()).unwrap_or_default();
                        profile.region = Some(region.to_owned()).filter(|r| !r.is_empty());
                    }
                    "aws_access_key_id" => profile.keys = true,
                    "sso_session" | "sso_start_url" | "sso_account_id" => profile.sso = true,
                    "role_arn" => profile.role = true,
                    "credential_process" => profile.process = true,
                    "login_session" => profile.login = true,
                    _ => {}
                }
            }
        }
    }
    let mut profiles: Vec<_> = found
        .into_iter()
        .map(|(name, found)| ProfileSummary {
            name,
            kind: kind(&found),
            region: found.region,
        })
        .collect();
    profiles.sort_by_key(|p| p.name != "default");
    profiles
}

fn profile_name(section: &str, is_config: bool) -> Option<String> {
    if !is_config {
        return Some(section.to_owned());
    }
    if section == "default" {
        return Some(section.to_owned());
    }
    let name = section.strip_prefix("profile")?;
    let name = name.strip_prefix([' ', '\t'])?.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The SDK's own order of preference when a profile says several things.
fn kind(found: &Found) -> ProfileKind {
    if found.role {
        ProfileKind::AssumeRole
    } else if found.sso {
        ProfileKind::Sso
    } else if found.keys {
        ProfileKind::Keys
    } else if found.login {
        ProfileKind::Login
    } else if found.process {
        ProfileKind::Process
    } else {
        ProfileKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_of_both_files_are_joined_without_a_secret() {
        let config = "\
[default]
region = eu-west-1

[profile work]
sso_session = corp
sso_account_id=111122223333
region=eu-central-1 # Frankfurt
s3 =
    region = not-this-one
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
[profile deploy]
role_arn = arn:aws:iam::111122223333:role/deploy
source_profile = default
[profile tool]
credential_process = /opt/bin/keys
[profile browser]
login_session = arn:aws:iam::111122223333:user/ada
[services local]
s3 =
  endpoint_url = http://localhost:4566
[profile \"two words\"]
; nothing in it
";
        let credentials = "\
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = canary-71f3
[old]
aws_access_key_id=AKIAI44QH8DHBEXAMPLE
";
        let profiles = parse(config, credentials);
        let short: Vec<_> = profiles
            .iter()
            .map(|p| (p.name.as_str(), p.region.as_deref(), p.kind))
            .collect();
        assert_eq!(
            short,
            [
                ("default", Some("eu-west-1"), ProfileKind::Keys),
                ("browser", None, ProfileKind::Login),
                ("deploy", None, ProfileKind::AssumeRole),
                ("old", None, ProfileKind::Keys),
                ("tool", None, ProfileKind::Process),
                ("two words", None, ProfileKind::Other),
                ("work", Some("eu-central-1"), ProfileKind::Sso),
            ]
        );
        assert!(!format!("{profiles:?}").contains("canary"));
    }

    #[test]
    fn a_section_of_the_config_file_without_the_word_profile_is_none() {
        assert!(parse("[work]\nregion=eu-west-1\n[profilework]\nregion=x", "").is_empty());
    }
}
