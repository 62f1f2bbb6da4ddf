//! The rules that choices and inputs must obey, so that a plan that exists can be deployed.

mod capacity;

use crate::choices::{Choices, Launch, Servers};
use crate::error::PlanError;
use crate::plan::Inputs;

mod network;
mod options;

pub(crate) use options::validate_boundary;

/// Longest name of an application with its environment: a target group or load balancer name has at most 32 characters.
const LONGEST_NAME: usize = 20;

/// Fargate's sizes: CPU units, smallest and largest memory and its step, all in MiB.
/// Source: "Task CPU and memory" in the Amazon ECS developer guide.
const FARGATE_SIZES: [(u32, u32, u32, u32); 5] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
];

/// Most servers of one application. A guard against typing errors, well below the account's own limits.
pub const MAX_SERVERS: u32 = 100;

/// Most secrets of one application: beyond this the task definition comes near its size limit of 64 KB.
pub const MAX_SECRET_KEYS: usize = 100;

/// Environment variables that the stacks themselves set, or that must not be set by accident.
///
/// Names that start with `AWS_`, `ECS_` or `ZONKE_` are reserved as well.
const RESERVED_KEYS: [&str; 9] = [
    "DATABASE_URL_SECRET",
    "HOME",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_ENV",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "PATH",
    "PORT",
];

impl Choices {
    /// Checks every choice against its rule.
    ///
    /// # Errors
    /// The first rule that is broken, with field, value and rule.
    pub fn validate(&self) -> Result<(), PlanError> {
        validate_app(&self.app)?;
        validate_region(&self.region)?;
        validate_branch(&self.branch)?;
        if let Some(repository) = &self.repository {
            validate_repository(repository)?;
        }
        validate_servers(self.servers, self.launch)?;
        options::validate(self)?;
        network::validate(self)?;
        capacity::validate(self)
    }
}

impl Inputs {
    /// Checks choices, secret keys and findings against their rules.
    ///
    /// # Errors
    /// The first rule that is broken, with field, value and rule.
    pub fn validate(&self) -> Result<(), PlanError> {
        self.choices.validate()?;
        if self.secret_keys.len() > MAX_SECRET_KEYS {
            return Err(PlanError::choice(
                "secretKeys",
                self.secret_keys.len(),
                format!("at most {MAX_SECRET_KEYS} secrets"),
            ));
        }
        for (index, key) in self.secret_keys.iter().enumerate() {
            validate_secret_key(key)?;
            if self.secret_keys.iter().take(index).any(|earlier| earlier == key) {
                return Err(PlanError::choice("secretKeys", key, "each name may occur once"));
            }
            if crate::application::database_url_name(self).is_some_and(|name| name == key) {
                return Err(PlanError::choice(
                    "secretKeys",
                    key,
                    "this variable is filled in by the database of the plan",
                ));
            }
        }
        let revision = &self.secrets_revision;
        if revision.is_empty() || revision.len() > 255 || !revision.chars().all(|c| c.is_ascii_graphic()) {
            return Err(PlanError::choice(
                "secretsRevision",
                revision,
                "1 to 255 printable characters without spaces",
            ));
        }
        Ok(())
    }
}

/// Checks the name of a secret, which becomes an environment variable.
///
/// # Errors
/// The rule that is broken.
pub fn validate_secret_key(key: &str) -> Result<(), PlanError> {
    let mut chars = key.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') || key.len() > 128 {
        let rule = "up to 128 letters, digits and underscores, not starting with a digit, such as JWT_SECRET";
        return Err(PlanError::choice("secretKeys", key, rule));
    }
    if RESERVED_KEYS.contains(&key) || ["AWS_", "ECS_", "ZONKE_"].iter().any(|prefix| key.starts_with(prefix)) {
        return Err(PlanError::choice(
            "secretKeys",
            key,
            "this variable is set by the servers' environment; choose another name",
        ));
    }
    Ok(())
}

fn validate_app(app: &str) -> Result<(), PlanError> {
    let rule = "3 to 20 characters, lower-case letters, digits and single hyphens, starting with a letter, such as guestbook";
    let valid = (3..=LONGEST_NAME).contains(&app.len())
        && app.starts_with(|c: char| c.is_ascii_lowercase())
        && !app.ends_with('-')
        && !app.contains("--")
        && app.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !valid {
        return Err(PlanError::choice("app", app, rule));
    }
    // Secrets, parameters and capacity providers with these beginnings are AWS's own.
    if ["aws", "ssm", "ecs", "fargate"]
        .iter()
        .any(|reserved| app.starts_with(reserved))
    {
        return Err(PlanError::choice(
            "app",
            app,
            "names starting with aws, ssm, ecs or fargate are reserved by AWS",
        ));
    }
    Ok(())
}

fn validate_region(region: &str) -> Result<(), PlanError> {
    let parts: Vec<&str> = region.split('-').collect();
    let shape = matches!(parts.as_slice(), [a, .., n] if parts.len() >= 3 && a.len() == 2 && n.len() == 1)
        && parts
            .iter()
            .rev()
            .skip(1)
            .all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_lowercase()))
        && region.ends_with(|c: char| c.is_ascii_digit());
    if !shape {
        return Err(PlanError::choice(
            "region",
            region,
            "the code of an AWS region, such as eu-west-1",
        ));
    }
    if region.starts_with("cn-") || region.contains("-gov-") || region.contains("-iso") {
        let rule =
            "China, GovCloud and isolated regions lack parts of this architecture (CloudFront with global managed policies)";
        return Err(PlanError::choice("region", region, rule));
    }
    Ok(())
}

fn validate_branch(branch: &str) -> Result<(), PlanError> {
    let rule = "the name of a branch, such as main, without spaces and without * ? [ ] { } ! \\ ^ ~ : , at most 255 characters";
    let valid = !branch.is_empty()
        && branch.len() <= 255
        && branch
            .chars()
            .all(|c| c.is_ascii_graphic() && !"*?[]{}!\\^~:,\"'$#".contains(c))
        && !branch.starts_with(['/', '-'])
        && !branch.ends_with(['/', '.'])
        && !branch.contains("..");
    if valid {
        Ok(())
    } else {
        Err(PlanError::choice("branch", branch, rule))
    }
}

fn validate_repository(repository: &str) -> Result<(), PlanError> {
    let part = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let parts: Vec<&str> = repository.split('/').collect();
    if parts.len() >= 2 && parts.iter().all(|p| part(p)) && repository.len() <= 200 {
        return Ok(());
    }
    Err(PlanError::choice(
        "repository",
        repository,
        "owner/name as the source host shows it, such as acme/shop",
    ))
}

fn validate_servers(servers: Servers, launch: Launch) -> Result<(), PlanError> {
    if servers.max > MAX_SERVERS {
        return Err(PlanError::choice(
            "servers.max",
            servers.max,
            format!("at most {MAX_SERVERS} servers"),
        ));
    }
    if servers.min > servers.max {
        return Err(PlanError::choice(
            "servers.min",
            servers.min,
            format!("not more than servers.max, which is {}", servers.max),
        ));
    }
    let Some((_, low, high, step)) = FARGATE_SIZES.iter().find(|(cpu, ..)| *cpu == servers.cpu_units) else {
        return Err(PlanError::choice(
            "servers.cpuUnits",
            servers.cpu_units,
            "one of 256, 512, 1024, 2048, 4096",
        ));
    };
    // The smallest Fargate size alone knows 512, 1024 and 2048 but not 1536.
    let fits = (*low..=*high).contains(&servers.memory_mib)
        && servers.memory_mib.is_multiple_of(*step)
        && !(servers.cpu_units == 256 && servers.memory_mib == 1536);
    if !fits {
        let rule = format!("with {} CPU units: {low} to {high} MiB in steps of {step}", servers.cpu_units);
        return Err(PlanError::choice("servers.memoryMib", servers.memory_mib, rule));
    }
    // On EC2 the agent and the operating system need a part of the machine; the instance type is chosen to leave room.
    if launch == Launch::Ec2 && crate::application::instance_for(servers).is_none() {
        return Err(PlanError::choice(
            "servers.memoryMib",
            servers.memory_mib,
            "at most 15360 MiB on EC2 machines",
        ));
    }
    Ok(())
}
