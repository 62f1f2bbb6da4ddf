//! What the user knows better: which findings they may replace, and what they set.

pub(crate) mod apply;
pub(crate) mod check;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Chosen;

/// A finding that the user may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// Path of the front end to deploy.
    Frontend,
    /// Path of the back end to deploy.
    Backend,
    /// `npm`, `yarnClassic`, `yarnBerry`, `pnpm` or `bun`.
    PackageManager,
    /// The lockfile that counts; empty for none.
    Lockfile,
    /// Folders where an install has to run, separated by commas.
    InstallRoots,
    /// Major version of Node.js.
    Node,
    /// Branch whose commits are released.
    Branch,
    /// Build command of the front end.
    FrontendBuild,
    /// Where the front end's build puts `index.html`.
    OutputDir,
    /// Prefix of the variables that the bundler bakes in; empty for none.
    EnvPrefix,
    /// Names of build-time variables, separated by commas.
    BuildVariables,
    /// How the page finds the API: a path such as `/api`, or the name of a build variable.
    ApiWiring,
    /// Build command of the back end.
    BackendBuild,
    /// The file that the build creates and that is started.
    EntryFile,
    /// Start command of the back end.
    StartCommand,
    /// Variable that sets the port; empty for none.
    PortEnv,
    /// Port without that variable.
    Port,
    /// Path in front of every route; empty for none.
    GlobalPrefix,
    /// Route that answers without a login; empty for none.
    HealthPath,
    /// Object-relational mapper, or `none`.
    Orm,
    /// Database engine; empty or `none` for none.
    Database,
    /// Prisma schema: a file, or the folder of a split schema.
    PrismaSchema,
    /// Folder of Prisma migrations; empty for none.
    PrismaMigrations,
    /// Variable that holds the database's address; empty for none.
    PrismaUrlEnv,
    /// What the server's variables are: `JWT_SECRET=secret, LOG_LEVEL=setting, OLD=unused`.
    Variables,
}

/// What a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Project,
    Frontend,
    Backend,
}

impl Field {
    /// Every field, in the order in which they are applied: what others follow from comes first.
    pub const ALL: [Self; 25] = [
        Self::Frontend,
        Self::Backend,
        Self::PackageManager,
        Self::Lockfile,
        Self::InstallRoots,
        Self::Node,
        Self::Branch,
        Self::FrontendBuild,
        Self::OutputDir,
        Self::EnvPrefix,
        Self::BuildVariables,
        Self::ApiWiring,
        Self::BackendBuild,
        Self::EntryFile,
        Self::StartCommand,
        Self::PortEnv,
        Self::Port,
        Self::GlobalPrefix,
        Self::HealthPath,
        Self::Orm,
        Self::Database,
        Self::PrismaSchema,
        Self::PrismaMigrations,
        Self::PrismaUrlEnv,
        Self::Variables,
    ];

    /// Its name in commands and files, such as `outputDir`.
    pub fn name(self) -> &'static str {
        self.spelled().0
    }

    /// What it is called in a sentence, such as `the output folder`.
    pub fn words(self) -> &'static str {
        self.spelled().1
    }

    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::Frontend
            | Self::Backend
            | Self::PackageManager
            | Self::Lockfile
            | Self::InstallRoots
            | Self::Node
            | Self::Branch => Scope::Project,
            Self::FrontendBuild | Self::OutputDir | Self::EnvPrefix | Self::BuildVariables | Self::ApiWiring => Scope::Frontend,
            Self::BackendBuild
            | Self::EntryFile
            | Self::StartCommand
            | Self::PortEnv
            | Self::Port
            | Self::GlobalPrefix
            | Self::HealthPath
            | Self::Orm
            | Self::Database
            | Self::PrismaSchema
            | Self::PrismaMigrations
            | Self::PrismaUrlEnv
            | Self::Variables => Scope::Backend,
        }
    }

    /// Name, words, and the path into the findings below the half it belongs to.
    fn spelled(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Frontend => ("frontend", "the front end", "chosen.frontend"),
            Self::Backend => ("backend", "the API", "chosen.backend"),
            Self::PackageManager => ("packageManager", "the package manager", "packageManager.name"),
            Self::Lockfile => ("lockfile", "the lockfile", "packageManager.lockfile"),
            Self::InstallRoots => ("installRoots", "the folders to install in", "packageManager.installRoots"),
            Self::Node => ("node", "the Node.js version", "node.wanted"),
            Self::Branch => ("branch", "the branch", "git.branch"),
            Self::FrontendBuild => ("frontendBuild", "the front end's build command", "buildCommand"),
            Self::OutputDir => ("outputDir", "the output folder", "outputDir"),
            Self::EnvPrefix => ("envPrefix", "the prefix of build variables", "envPrefix"),
            Self::BuildVariables => ("buildVariables", "the build variables", "envVars"),
            Self::ApiWiring => ("apiWiring", "the way to the API", "apiWiring"),
            Self::BackendBuild => ("backendBuild", "the API's build command", "buildCommand"),
            Self::EntryFile => ("entryFile", "the entry file", "entryFile"),
            Self::StartCommand => ("startCommand", "the start command", "startCommand"),
            Self::PortEnv => ("portEnv", "the port's variable", "port.env"),
            Self::Port => ("port", "the port", "port.default"),
            Self::GlobalPrefix => ("globalPrefix", "the prefix of routes", "globalPrefix"),
            Self::HealthPath => ("healthPath", "the health route", "healthPath"),
            Self::Orm => ("orm", "the database library", "orm"),
            Self::Database => ("database", "the database", "database"),
            Self::PrismaSchema => ("prismaSchema", "the Prisma schema", "prisma.schema"),
            Self::PrismaMigrations => ("prismaMigrations", "the folder of migrations", "prisma.migrations"),
            Self::PrismaUrlEnv => ("prismaUrlEnv", "the variable of the database's address", "prisma.urlEnv"),
            Self::Variables => ("variables", "the server's variables", "envVars"),
        }
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |t: &str| t.replace(['-', '_'], "").to_lowercase();
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|f| plain(f.name()) == plain(text))
            .ok_or_else(|| format!("there is no field {text:?}; the fields are {}", names()))
    }
}

/// Sets one field, or takes back what was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// Which one; a field of a half means the half that is chosen.
    pub field: Field,
    /// The new value as text; nothing to use what was found.
    pub value: Option<String>,
}

/// Everything the user set for one folder, as text in the spelling of each [`Field`].
///
/// Every value is checked against the folder again whenever it is used, so that a project that has moved on, or a file that
/// somebody else wrote, cannot lead outside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Overrides {
    /// What holds for the whole project.
    pub project: BTreeMap<Field, String>,
    /// What holds for one front end, by its path.
    pub frontends: BTreeMap<String, BTreeMap<Field, String>>,
    /// What holds for one back end, by its path.
    pub backends: BTreeMap<String, BTreeMap<Field, String>>,
}

impl Overrides {
    /// What was set for a field of the project or of the chosen half.
    pub fn get(&self, field: Field, chosen: &Chosen) -> Option<&str> {
        let fields = match field.scope() {
            Scope::Project => Some(&self.project),
            Scope::Frontend => self.frontends.get(chosen.frontend.as_deref()?),
            Scope::Backend => self.backends.get(chosen.backend.as_deref()?),
        };
        fields?.get(&field).map(String::as_str)
    }

    /// Sets a field, or takes it back. Without a chosen half, a field of a half stays as it is.
    pub fn put(&mut self, field: Field, chosen: &Chosen, value: Option<String>) {
        let fields = match (field.scope(), &chosen.frontend, &chosen.backend) {
            (Scope::Project, ..) => &mut self.project,
            (Scope::Frontend, Some(path), _) => self.frontends.entry(path.clone()).or_default(),
            (Scope::Backend, _, Some(path)) => self.backends.entry(path.clone()).or_default(),
            _ => return,
        };
        match value {
            Some(value) => drop(fields.insert(field, value)),
            None => drop(fields.remove(&field)),
        }
        self.frontends.retain(|_, fields| !fields.is_empty());
        self.backends.retain(|_, fields| !fields.is_empty());
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.project.is_empty() && self.frontends.is_empty() && self.backends.is_empty()
    }
}

/// Why a value cannot be used, with the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be set: {reason}.", sentence(.field.words()))]
pub struct OverrideError {
    /// The field.
    pub field: Field,
    /// What is wrong with the value, as the end of a sentence.
    pub reason: String,
    /// What to do instead.
    pub hint: String,
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
