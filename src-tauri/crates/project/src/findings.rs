//! What was found in a folder: plain values that the app shows, the command prints and the plan starts from.
//!
//! Paths are relative to the inspected folder, `/`-separated, without a leading `./`; `.` is the folder itself.
//! Environment variables appear by name only. A value from the project never enters these types, because it may be a secret.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The answer about one folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// Whether this can be deployed as it is.
    pub verdict: Verdict,
    /// One sentence that explains the verdict.
    pub reason: String,
    /// A name for the application, taken from the root package, the repository or the folder.
    pub name: String,
    /// The package manager that installs the deployed halves.
    pub package_manager: PackageManager,
    /// The Node.js version the project asks for.
    pub node: NodeVersion,
    /// What ties the packages of the repository together.
    pub monorepo_tool: MonorepoTool,
    /// Every React application with a static build, best first.
    pub frontends: Vec<Frontend>,
    /// Every NestJS application, best first.
    pub backends: Vec<Backend>,
    /// The pair that would be deployed; a side is empty when it is absent or must be chosen.
    pub chosen: Chosen,
    /// What the deployment is made from: folders with `/` at their end, single files, or `.` alone for everything. Empty when it
    /// was not found out.
    #[serde(default)]
    pub reach: Vec<String>,
    /// The git checkout around the folder.
    pub git: Option<Git>,
    /// Where each finding comes from.
    pub evidence: Vec<Evidence>,
    /// What the user should know before deploying.
    pub warnings: Vec<Warning>,
    /// What only the user can tell; those that block come first.
    pub questions: Vec<Question>,
}

impl Findings {
    /// The front end that would be deployed.
    pub fn frontend(&self) -> Option<&Frontend> {
        let path = self.chosen.frontend.as_deref()?;
        self.frontends.iter().find(|f| f.path == path)
    }

    /// The back end that would be deployed.
    pub fn backend(&self) -> Option<&Backend> {
        let path = self.chosen.backend.as_deref()?;
        self.backends.iter().find(|b| b.path == path)
    }
}

/// Whether the project can be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Every half that exists is supported and unique.
    Deployable,
    /// Several candidates for a half: the user picks.
    NeedsChoice,
    /// A half is another technology, or there is nothing to deploy.
    NotSupported,
}

/// The package manager that governs the deployed halves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PackageManager {
    /// Which one.
    pub name: PackageManagerName,
    /// Exact version, when the project pins one; else the major version that reads the lockfile, where today's does not.
    pub version: Option<String>,
    /// The governing lockfile.
    pub lockfile: Option<String>,
    /// Folders where an install has to run, the back end's first.
    pub install_roots: Vec<String>,
}

/// Package managers we know how to drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum PackageManagerName {
    /// npm.
    Npm,
    /// Yarn 1.
    YarnClassic,
    /// Yarn 2 and later.
    YarnBerry,
    /// pnpm.
    Pnpm,
    /// Bun.
    Bun,
}

/// The Node.js version the project asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NodeVersion {
    /// Major version as text (`"22"`), if stated and unambiguous.
    pub wanted: Option<String>,
    /// The file that states it.
    pub source: Option<String>,
}

/// What ties the packages of the repository together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MonorepoTool {
    /// Nothing.
    None,
    /// The package manager's workspaces.
    Workspaces,
    /// Nx.
    Nx,
    /// Turborepo.
    Turborepo,
    /// Lerna.
    Lerna,
}

/// A React application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Frontend {
    /// Package folder.
    pub path: String,
    /// Package name, or the folder's name.
    pub name: String,
    /// `spa` has a static build; everything else does not.
    pub kind: FrontendKind,
    /// `vite`, `cra`, `craco`, `webpack`, `rsbuild`, …
    pub bundler: String,
    /// Runs in [`Frontend::path`].
    pub build_command: String,
    /// Where the build puts `index.html`.
    pub output_dir: String,
    /// Prefix of variables that the bundler bakes in, such as `VITE_`.
    pub env_prefix: Option<String>,
    /// Build-time variables that the sources read, by name. They are public by nature.
    pub env_vars: Vec<String>,
    /// How the user interface finds the API.
    pub api_wiring: ApiWiring,
}

/// How a front end can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FrontendKind {
    /// Static files with client-side routing.
    Spa,
    /// Static pages exported by a framework.
    StaticExport,
    /// Rendered by a server, which static hosting cannot do.
    Ssr,
}

/// How the user interface finds the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind", content = "value")]
pub enum ApiWiring {
    /// Same origin, below this path.
    Relative(String),
    /// A build-time variable of this name.
    Env(String),
    /// An address written into the sources.
    HardCoded(String),
    /// No call was found.
    Unknown,
}

/// A NestJS application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Backend {
    /// Package folder.
    pub path: String,
    /// Package name, or the folder's name.
    pub name: String,
    /// HTTP adapter.
    pub adapter: Adapter,
    /// Runs in [`Backend::path`].
    pub build_command: String,
    /// Starts the built server, from [`Backend::path`]. This is what works, which is not always what the package declares.
    pub start_command: String,
    /// The file that the build creates and the start command runs.
    pub entry_file: String,
    /// Where it listens.
    pub port: Port,
    /// Path in front of every route, without slashes at its ends.
    pub global_prefix: Option<String>,
    /// A route that answers without a login, prefix included.
    pub health_path: Option<String>,
    /// First segments of all routes, sorted, prefix included; empty when no controller was found.
    pub route_roots: Vec<String>,
    /// Whether the server listens on loopback only unless told otherwise.
    pub loopback_only: bool,
    /// The object-relational mapper in use.
    pub orm: String,
    /// The database in use, such as `postgresql`.
    pub database: Option<String>,
    /// How the server learns where its database is.
    pub connection: Option<DatabaseConnection>,
    /// Prisma, if it is in use.
    pub prisma: Option<Prisma>,
    /// Variables the server reads.
    pub env_vars: Vec<EnvVar>,
}

/// How a server learns where its database is. Names of variables only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum DatabaseConnection {
    /// One variable holds the whole address.
    Url {
        /// Its name, such as `DATABASE_URL`.
        variable: String,
    },
    /// A variable for each part; a part without one is written into the sources or left at the driver's default.
    Parts {
        /// Host name or address.
        host: Option<String>,
        /// Port.
        port: Option<String>,
        /// User.
        user: Option<String>,
        /// Password.
        password: Option<String>,
        /// Name of the database.
        database: Option<String>,
    },
    /// The address is written into the sources, so a deployed server would look for the developer's own database.
    WrittenDown,
}

/// HTTP adapter of a NestJS application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Adapter {
    /// Express, the default.
    Express,
    /// Fastify, which listens on loopback unless a host is given.
    Fastify,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Variable that sets the port.
    pub env: Option<String>,
    /// Port without that variable.
    pub default: Option<u16>,
}

/// How a back end uses Prisma.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Prisma {
    /// Schema file, or the folder of a split schema.
    pub schema: String,
    /// Folder of migrations, if there is at least one.
    pub migrations: Option<String>,
    /// Variable that holds the connection address.
    pub url_env: Option<String>,
    /// Exact version of the Prisma command, from the lockfile if possible.
    pub version: Option<String>,
}

/// A variable that the server reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Whether the server does not work without it.
    pub required: bool,
    /// Whether its name looks like a secret.
    pub secret: bool,
}

/// The pair that would be deployed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Chosen {
    /// Path of the front end.
    pub frontend: Option<String>,
    /// Path of the back end.
    pub backend: Option<String>,
}

/// The git checkout around the folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Git {
    /// `owner/name` at the provider, from the remote.
    pub repository: Option<String>,
    /// Where the remote is hosted; empty for hosts that AWS cannot connect to by their name alone.
    pub provider: Option<GitProvider>,
    /// Host of the remote, such as `github.com`; empty without a remote.
    pub host: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// The branch the remote considers its default.
    pub default_branch: Option<String>,
    /// The inspected folder, relative to the root of the checkout (`.` when they are the same).
    pub folder: String,
    /// Whether what is committed here is at the remote, as it was last seen.
    pub pushed: Pushed,
    /// Files of the folder that differ from the last commit; empty when that could not be told.
    pub uncommitted: Option<Uncommitted>,
    /// Folders that are repositories of their own.
    pub submodules: Vec<String>,
    /// Patterns of files that are kept in Git LFS.
    pub large_files: Vec<String>,
    /// Files with secrets in them that are part of the repository. Names only.
    pub committed_secrets: Vec<String>,
}

/// Whether the branch is at the remote, as the remote was last seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Pushed {
    /// Both are at the same commit.
    Yes,
    /// The branch is not at the remote.
    NoBranch,
    /// The branch and the remote are at different commits.
    Differs,
    /// There is no remote, no branch or no commit to compare.
    Unknown,
}

/// Files that differ from the last commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Uncommitted {
    /// How many there are: changed, deleted and new ones.
    pub count: u32,
    /// The first 20 of them, sorted.
    pub files: Vec<String>,
    /// Whether every file was compared; a very large checkout is compared in part.
    pub complete: bool,
}

/// Source hosts that AWS can connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum GitProvider {
    /// github.com.
    GitHub,
    /// gitlab.com.
    GitLab,
    /// bitbucket.org.
    Bitbucket,
    /// dev.azure.com.
    AzureDevOps,
}

/// Where a finding comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The finding, as a path into [`Findings`]: `backends[0].port.default`.
    pub field: String,
    /// The value that was found, as text.
    pub value: String,
    /// File it was read from.
    pub file: String,
    /// Line in that file, counted from 1.
    pub line: Option<u32>,
    /// One sentence.
    pub why: String,
    /// How sure we are.
    pub confidence: Confidence,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum Confidence {
    /// Nothing says it; this is the usual case.
    Low,
    /// Something points to it.
    Medium,
    /// The sources say it.
    High,
}

/// Something the user should know before deploying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable name, such as `start-script-wrong`.
    pub code: String,
    /// One sentence with the consequence.
    pub message: String,
    /// File it is about.
    pub file: Option<String>,
    /// Line in that file, counted from 1.
    pub line: Option<u32>,
}

/// Something the sources leave open and the user can tell. It disappears once an override answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The finding it is about, as a path into [`Findings`]: `backends[0].port.default`, `chosen.backend`.
    pub field: String,
    /// One sentence that ends with a question mark.
    pub text: String,
    /// Possible answers, the suggestion first; empty when only the user can name one.
    pub answers: Vec<Answer>,
    /// Whether a deployment without an answer would fail.
    pub blocks: bool,
    /// File that leaves it open.
    pub file: Option<String>,
    /// Line in that file, counted from 1.
    pub line: Option<u32>,
}

/// A possible answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The value the finding would get.
    pub value: String,
    /// Why it could be this one, in one sentence.
    pub reason: String,
}
