//! Rules of the options around the servers.

use std::collections::BTreeMap;

use crate::choices::{Choices, Dns, Domain, Rollout, UiConfig};
use crate::error::PlanError;

/// Days for which a log can be kept. Source: `RetentionInDays` in the CloudFormation schema of `AWS::Logs::LogGroup`.
const LOG_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Smallest and largest limit of a rate rule. Source: `Limit` in the CloudFormation schema of `AWS::WAFv2::WebACL`.
const RATE: std::ops::RangeInclusive<u32> = 10..=2_000_000_000;

/// Longest time that old servers may stay, in minutes. Source: the CloudFormation schema of `AWS::ECS::Service`.
const MOST_BAKE_MINUTES: u32 = 1440;

/// Tags of the user's own: AWS takes 50, ours and CloudFormation's own need ten.
const MOST_TAGS: usize = 40;

/// Variables or entries of the page.
const MOST_VARIABLES: usize = 100;

/// Longest name of a site: a certificate's first name has at most 64 characters, and `www.` may stand before it.
const LONGEST_DOMAIN: usize = 60;

pub(super) fn validate(choices: &Choices) -> Result<(), PlanError> {
    if let Some(environment) = &choices.environment {
        validate_environment(choices, environment)?;
    }
    if let Some(domain) = &choices.domain {
        validate_domain(domain)?;
    }
    if let Some(firewall) = &choices.web_firewall
        && !RATE.contains(&firewall.requests_per_five_minutes)
    {
        let (field, rule) = (
            "webFirewall.requestsPerFiveMinutes",
            "10 to 2000000000 requests of one address in five minutes",
        );
        return Err(PlanError::choice(field, firewall.requests_per_five_minutes, rule));
    }
    if !LOG_DAYS.contains(&choices.log_days) {
        let known: Vec<String> = LOG_DAYS.iter().map(u32::to_string).collect();
        return Err(PlanError::choice(
            "logDays",
            choices.log_days,
            format!("one of {}", known.join(", ")),
        ));
    }
    if let Some(address) = &choices.alarm_address {
        validate_address(address)?;
    }
    if let Rollout::BlueGreen { bake_minutes } = choices.rollout
        && bake_minutes > MOST_BAKE_MINUTES
    {
        let rule = "0 to 1440 minutes for which the old servers stay";
        return Err(PlanError::choice("rollout.bakeMinutes", bake_minutes, rule));
    }
    validate_tags(&choices.tags)?;
    if let Some(boundary) = &choices.permissions_boundary {
        validate_boundary(boundary)?;
    }
    if let Some(dockerfile) = &choices.dockerfile {
        validate_path(
            "dockerfile",
            dockerfile,
            "the path of a Dockerfile inside the project, such as api/Dockerfile",
        )?;
    }
    validate_public("uiVariables", &choices.ui_variables)?;
    if let Some(config) = &choices.ui_config {
        validate_config(config)?;
    }
    Ok(())
}

fn validate_environment(choices: &Choices, environment: &str) -> Result<(), PlanError> {
    let valid = (2..=12).contains(&environment.len())
        && environment.starts_with(|c: char| c.is_ascii_lowercase())
        && !environment.ends_with('-')
        && !environment.contains("--")
        && environment
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        let rule = "2 to 12 lower-case letters, digits and single hyphens, starting with a letter, such as staging";
        return Err(PlanError::choice("environment", environment, rule));
    }
    let length = choices.name().len();
    if length > super::LONGEST_NAME {
        let rule = format!(
            "with the application's name and a hyphen at most {} characters, because load balancers take no longer names; {} has {length}",
            super::LONGEST_NAME,
            choices.name()
        );
        return Err(PlanError::choice("environment", environment, rule));
    }
    Ok(())
}

fn validate_domain(domain: &Domain) -> Result<(), PlanError> {
    let name = domain.name.as_str();
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let labels: Vec<&str> = name.split('.').collect();
    let top = labels
        .last()
        .is_some_and(|l| l.len() >= 2 && !l.chars().all(|c| c.is_ascii_digit()));
    if labels.len() < 2 || !labels.iter().all(|l| label(l)) || !top || name.len() > LONGEST_DOMAIN {
        let rule = format!(
            "a domain in lower-case letters, such as example.com or app.example.com, at most {LONGEST_DOMAIN} characters"
        );
        return Err(PlanError::choice("domain.name", name, rule));
    }
    if name.ends_with(".cloudfront.net") || name.ends_with(".amazonaws.com") {
        return Err(PlanError::choice(
            "domain.name",
            name,
            "a domain of your own; this one is AWS's",
        ));
    }
    if domain.www && name.starts_with("www.") {
        return Err(PlanError::choice(
            "domain.name",
            name,
            "the name without www., or without asking for www. besides",
        ));
    }
    if let Dns::Route53 { zone_id } = &domain.dns {
        let valid = (2..=32).contains(&zone_id.len())
            && zone_id.starts_with('Z')
            && zone_id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !valid {
            let rule = "the id of a public hosted zone of this account, such as Z0123456789ABCDEFGHIJ";
            return Err(PlanError::choice("domain.dns.zoneId", zone_id, rule));
        }
    }
    Ok(())
}

fn validate_address(address: &str) -> Result<(), PlanError> {
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._%+-".contains(c)) && !part.contains("..")
    };
    let valid = address.len() <= 254
        && address.split_once('@').is_some_and(|(local, host)| {
            plain(local) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        });
    if valid {
        Ok(())
    } else {
        Err(PlanError::choice(
            "alarmAddress",
            address,
            "an e-mail address, such as ops@example.com",
        ))
    }
}

fn validate_tags(tags: &BTreeMap<String, String>) -> Result<(), PlanError> {
    if tags.len() > MOST_TAGS {
        return Err(PlanError::choice("tags", tags.len(), format!("at most {MOST_TAGS} tags")));
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c));
    for (key, value) in tags {
        if key.is_empty() || key.len() > 128 || !plain(key) || value.len() > 256 || !plain(value) {
            let rule = "keys of 1 to 128 and values of up to 256 letters, digits, spaces and _ . : / = + - @";
            return Err(PlanError::choice("tags", key, rule));
        }
        let lower = key.to_lowercase();
        if lower.starts_with("aws:") || lower.starts_with("zonke:") || lower == "name" {
            return Err(PlanError::choice(
                "tags",
                key,
                "another key: this one is set by AWS or by the stacks themselves",
            ));
        }
    }
    Ok(())
}

pub(crate) fn validate_boundary(boundary: &str) -> Result<(), PlanError> {
    let parts: Vec<&str> = boundary.splitn(6, ':').collect();
    let valid = matches!(parts.as_slice(), ["arn", "aws", "iam", "", account, name]
    if (*account == "aws" || (account.len() == 12 && account.chars().all(|c| c.is_ascii_digit())))
        && name.strip_prefix("policy/").is_some_and(|n| {
            !n.is_empty() && n.len() <= 512 && !n.ends_with('/') && n.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c))
        }));
    if valid {
        Ok(())
    } else {
        let rule = "the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary";
        Err(PlanError::choice("permissionsBoundary", boundary, rule))
    }
}

fn validate_path(field: &'static str, path: &str, rule: &str) -> Result<(), PlanError> {
    let valid = !path.is_empty()
        && path.len() <= 200
        && !path.starts_with(['/', '-', '.'])
        && path.split('/').all(|part| !part.is_empty() && part != "..")
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@".contains(c));
    if valid {
        Ok(())
    } else {
        Err(PlanError::choice(field, path, rule))
    }
}

fn validate_config(config: &UiConfig) -> Result<(), PlanError> {
    let rule = "the path of a JSON file below the site, such as config.json";
    validate_path("uiConfig.path", &config.path, rule)?;
    let json = std::path::Path::new(&config.path).extension().is_some_and(|e| e == "json");
    if !json {
        return Err(PlanError::choice("uiConfig.path", &config.path, rule));
    }
    validate_public("uiConfig.values", &config.values)
}

/// Names and values that everyone who opens the site can read. A refusal names the entry, never its value.
fn validate_public(field: &'static str, values: &BTreeMap<String, String>) -> Result<(), PlanError> {
    if values.len() > MOST_VARIABLES {
        return Err(PlanError::choice(
            field,
            values.len(),
            format!("at most {MOST_VARIABLES} entries"),
        ));
    }
    for (name, value) in values {
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts || name.len() > 128 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let rule = "names of letters, digits and underscores, not starting with a digit, such as VITE_TITLE";
            return Err(PlanError::choice(field, name, rule));
        }
        if value.len() > 4096 || value.chars().any(char::is_control) {
            return Err(PlanError::choice(field, name, "a value of one line, at most 4096 characters"));
        }
        if let Some(reason) = looks_secret(name, value) {
            let rule = format!(
                "a value that everyone may read: {reason}. Set secrets for the servers instead, where the page cannot see them"
            );
            return Err(PlanError::choice(field, name, rule));
        }
    }
    Ok(())
}

/// Why this must not be public.
fn looks_secret(name: &str, value: &str) -> Option<&'static str> {
    let upper = name.to_uppercase();
    if ["SECRET", "PASSWORD", "PASSWD", "PRIVATE_KEY", "CREDENTIAL"]
        .iter()
        .any(|word| upper.contains(word))
    {
        return Some("the name says that it is a secret");
    }
    let starts = [
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "rk_test_",
        "sk-",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xapp-",
        "SG.",
        "npm_",
        "whsec_",
        "AKIA",
        "ASIA",
        "-----BEGIN",
    ];
    if starts.iter().any(|start| value.starts_with(start)) {
        return Some("it begins like a key that must stay secret");
    }
    let password = value
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?']).next()?.split_once('@'))
        .is_some_and(|(user, _)| user.contains(':'));
    if password {
        return Some("it is an address with a password");
    }
    None
}
