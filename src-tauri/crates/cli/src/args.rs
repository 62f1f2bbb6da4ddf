//! Arguments of the command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use zonke_cloud::view::AccountTarget;
use zonke_plan::SETTINGS;
use zonke_project::{Edit, Field};

/// From a folder to production in your own AWS account.
#[derive(Debug, Parser)]
#[command(name = "zonke", version, propagate_version = true)]
pub(crate) struct Zonke {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find out what is in a folder
    Inspect(Inspect),
    /// Show what would be built and what it costs, without an account
    Plan(Plan),
    /// Ask the account whether a deployment would work, without changing anything
    Preflight(Preflight),
    /// Make the role that may deploy, with exactly the rights of the plan in its region
    Role(Role),
    /// Write a folder that deploys and updates with the AWS CLI alone
    Eject(Eject),
    /// The local practice account
    Practice(Practice),
    /// Deploy a folder, or roll out changed settings
    Deploy(Deploy),
    /// Show how an application is doing
    Status(Status),
    /// List the applications of an account
    Apps(Apps),
    /// Release the latest commit again
    Release(App),
    /// Set the number of servers
    Scale(Scale),
    /// List, set or delete secrets
    Secret(Secret),
    /// Save ways into AWS accounts, with their secrets in the keychain
    Profile(Profile),
    /// Print the credentials of a saved profile for the AWS CLI and the SDKs (`credential_process`)
    Credentials(Credentials),
}

/// A folder, and what is known better about it. What is set is remembered for the folder, as in the app.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// Folder of the project
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) known: Known,
}

/// What is known better about a folder.
#[derive(Clone, Debug, Args)]
pub(crate) struct Known {
    /// Set a finding, such as port=8080 or outputDir=web/build; an empty value means none
    #[arg(long, value_name = "FIELD=VALUE", value_parser = edit)]
    pub(crate) set: Vec<Edit>,
    /// Use what was found again
    #[arg(long, value_name = "FIELD")]
    pub(crate) unset: Vec<Field>,
    /// Forget everything that was set for the folder before
    #[arg(long)]
    pub(crate) forget: bool,
}

fn edit(text: &str) -> Result<Edit, String> {
    let (field, value) = text.split_once('=').ok_or("write FIELD=VALUE, such as port=8080")?;
    Ok(Edit {
        field: field.parse()?,
        value: Some(value.to_owned()),
    })
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Settings of a plan; what is not given follows from the folder. Preset, file, own arguments and options count in this order.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = options())]
pub(crate) struct Settings {
    /// Start from a preset
    #[arg(long, value_enum)]
    pub(crate) preset: Option<Preset>,
    /// Take choices from a JSON file, such as inputs.choices of a plan.json; it may hold as few as one likes
    #[arg(long, value_name = "FILE")]
    pub(crate) choices: Option<PathBuf>,
    /// Set any choice, such as nat=instance or servers.max=4; an empty value means none. --help lists them
    #[arg(long, value_name = "OPTION=VALUE", value_parser = choice)]
    pub(crate) option: Vec<Choice>,
    /// Name of the application: 3 to 20 lower-case letters, digits and hyphens
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// AWS region
    #[arg(long, value_name = "REGION", env = "AWS_REGION")]
    pub(crate) region: Option<String>,
    /// Database
    #[arg(long, value_enum)]
    pub(crate) database: Option<Database>,
    /// What runs the servers
    #[arg(long, value_enum)]
    pub(crate) launch: Option<Launch>,
    /// Branch whose commits are released
    #[arg(long)]
    pub(crate) branch: Option<String>,
    /// Repository at the source host
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) repository: Option<String>,
    /// Processor
    #[arg(long, value_enum)]
    pub(crate) cpu: Option<Cpu>,
    /// How CloudFront reaches the load balancer
    #[arg(long, value_enum)]
    pub(crate) origin: Option<Origin>,
}

/// A choice by its path, and what to make it.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) path: String,
    pub(crate) text: String,
}

fn choice(text: &str) -> Result<Choice, String> {
    let (path, text) = text.split_once('=').ok_or("write OPTION=VALUE, such as nat=instance")?;
    Ok(Choice {
        path: path.to_owned(),
        text: text.to_owned(),
    })
}

/// Every choice for the end of the long help.
fn options() -> String {
    let rows = SETTINGS.iter().map(|s| format!("\n  {:<36} {}", s.path, s.values));
    format!("Options for --option:{}", rows.collect::<String>())
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Preset {
    /// The least money at which servers and database stay in their own networks
    Frugal,
    /// Ordinary servers and a managed way out
    Standard,
    /// Nothing in one zone only
    HighAvailability,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Database {
    None,
    Postgres,
    Mysql,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Launch {
    Fargate,
    FargateSpot,
    Ec2,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Cpu {
    Arm64,
    #[value(name = "x86_64")]
    X86_64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Origin {
    PublicAlb,
    VpcOrigin,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) folder: Folder,
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Write templates, infra.zip, plan.json and the IAM policy into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Ask AWS for the prices of this plan's region first, with a profile of your AWS configuration that may `pricing:GetProducts`;
    /// they are kept for later plans
    #[arg(long, value_name = "PROFILE")]
    pub(crate) refresh_prices: Option<String>,
    /// Print the plan as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Preflight {
    #[command(flatten)]
    pub(crate) folder: Folder,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(flatten)]
    pub(crate) account: Account,
    /// Print the checks as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Role {
    #[command(flatten)]
    pub(crate) folder: Folder,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(flatten)]
    pub(crate) account: Account,
    /// Let everybody in the account take it on whose own rights allow it, and not only the identity that makes it
    #[arg(long)]
    pub(crate) whole_account: bool,
    /// Id that must be told to take the role on
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Longest session in hours
    #[arg(long, value_name = "HOURS", default_value_t = 1)]
    pub(crate) hours: u32,
    /// ARN of an IAM policy that nothing the role does may go beyond
    #[arg(long, value_name = "ARN")]
    pub(crate) boundary: Option<String>,
    /// Make it without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Save a profile of this name that takes the role on
    #[arg(long, value_name = "NAME")]
    pub(crate) save: Option<String>,
    /// Ask no account, and write the template to this file instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["practice", "profile", "yes", "save", "whole_account"])]
    pub(crate) template: Option<PathBuf>,
    /// With --template: a user in a group instead of a role
    #[arg(long, requires = "template")]
    pub(crate) user: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Eject {
    /// Folder of the project
    #[arg(required_unless_present = "deployed")]
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) known: Known,
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Write what this application runs with instead, read from the account
    #[arg(long, value_name = "APP", conflicts_with = "dir")]
    pub(crate) deployed: Option<String>,
    #[command(flatten)]
    pub(crate) account: Account,
    /// Folder to write; files of an earlier one are written anew unless you changed them
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Write over files that you changed since
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Add the stacks as an app of the AWS CDK, in TypeScript
    #[arg(long)]
    pub(crate) cdk: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Practice {
    #[command(subcommand)]
    pub(crate) action: PracticeAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PracticeAction {
    /// Install it if needed and start it
    Start(Json),
    /// Stop it; everything in it is gone
    Stop(Json),
    /// Empty it
    Reset(Json),
    /// Say whether it runs
    Status(Json),
}

#[derive(Debug, Args)]
pub(crate) struct Json {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which account; without it, the one that was used last.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Account {
    /// The practice account
    #[arg(long)]
    pub(crate) practice: bool,
    /// A profile of your AWS configuration
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

impl Account {
    /// The account that was asked for, in this region if one is given.
    pub(crate) fn target(&self, region: Option<&str>) -> Option<AccountTarget> {
        if self.practice {
            Some(AccountTarget::Practice)
        } else {
            self.profile.clone().map(|name| AccountTarget::Profile {
                name,
                region: region.map(str::to_owned),
            })
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) folder: Folder,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(flatten)]
    pub(crate) account: Account,
    /// Deploy without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print the live events as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Application; not needed when the account has only one
    pub(crate) app: Option<String>,
    #[command(flatten)]
    pub(crate) account: Account,
    /// AWS region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Apps {
    #[command(flatten)]
    pub(crate) account: Account,
    /// AWS region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the field is what the argument is called")]
pub(crate) struct App {
    /// Application
    pub(crate) app: String,
    #[command(flatten)]
    pub(crate) account: Account,
    /// AWS region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Scale {
    #[command(flatten)]
    pub(crate) app: App,
    /// Number of servers, or the lowest number
    #[arg(long, value_name = "N")]
    pub(crate) min: u32,
    /// Highest number; the same as the lowest if left out
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Secret {
    #[command(subcommand)]
    pub(crate) action: SecretAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretAction {
    /// List the names
    List(App),
    /// Add or update one; its value is read from standard input
    Set(SecretOf),
    /// Delete one
    Delete(SecretOf),
}

#[derive(Debug, Args)]
pub(crate) struct SecretOf {
    #[command(flatten)]
    pub(crate) app: App,
    /// Name of the environment variable
    #[arg(long, value_name = "NAME")]
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct Credentials {
    /// Id or name of the saved profile
    pub(crate) profile: String,
}

#[derive(Debug, Args)]
pub(crate) struct Profile {
    #[command(subcommand)]
    pub(crate) action: ProfileAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// List the saved profiles
    List(Json),
    /// Save an access key; it is read from standard input, one part per line
    AddKeys(AddKeys),
    /// Sign in to IAM Identity Center and save roles
    AddSso(AddSso),
    /// Move the access key of an AWS profile from its file into the keychain
    Import(Import),
    /// Sign in again to a profile whose session is over
    SignIn(ProfileName),
    /// Call a profile something else
    Rename(Rename),
    /// Remove a profile and its secrets
    Remove(ProfileName),
}

#[derive(Debug, Args)]
pub(crate) struct AddKeys {
    /// What to call the profile
    pub(crate) name: String,
    /// AWS region to start with
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Standard input is the CSV file that the AWS console offers
    #[arg(long)]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AddSso {
    /// Address of the access portal, such as <https://d-1234567890.awsapps.com/start>
    pub(crate) start_url: String,
    /// Region of the directory
    #[arg(long, value_name = "REGION")]
    pub(crate) sso_region: String,
    /// Role to save; without any, they are listed
    #[arg(long, value_name = "ACCOUNT/ROLE[=NAME]")]
    pub(crate) role: Vec<String>,
    /// AWS region to start with
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Sign in with a code in any browser
    #[arg(long)]
    pub(crate) device_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Profile of the AWS credentials file
    pub(crate) profile: String,
    /// What to call the saved profile; the same if left out
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ProfileName {
    /// Id or name of the saved profile
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// Id or name of the saved profile
    pub(crate) name: String,
    /// Its new name
    pub(crate) to: String,
}
