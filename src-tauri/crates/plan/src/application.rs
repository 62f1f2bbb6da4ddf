//! What the stacks need to know about an application, derived from findings and choices.

use zonke_project::{ApiWiring, Backend, EnvVar, Findings, Frontend, FrontendKind, Question, Verdict};

use crate::choices::{Choices, CpuArchitecture, Database, Domain, Launch, MachineSize, Nat, Rollout, Servers, WebFirewall};
use crate::error::PlanError;
use crate::plan::Inputs;
use crate::validate::MAX_SERVERS;

mod engine;
mod network;

pub(crate) use engine::Engine;

/// An application that can be planned: both halves are known.
#[derive(Clone, Debug)]
pub(crate) struct Application<'a> {
    name: String,
    pub(crate) inputs: &'a Inputs,
    pub(crate) findings: &'a Findings,
    pub(crate) choices: &'a Choices,
    pub(crate) backend: &'a Backend,
    pub(crate) frontend: &'a Frontend,
}

/// An EC2 instance type for container instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstanceType {
    /// Type with a Graviton processor, and its Intel counterpart.
    pub(crate) names: [&'static str; 2],
    pub(crate) vcpus: u32,
    /// Memory that ECS can give to tasks: total less what agent and system keep.
    pub(crate) usable_mib: u32,
    /// Network interfaces; one is the machine's own, every server needs one.
    pub(crate) interfaces: u32,
}

/// Smallest first. Interfaces: "Maximum IP addresses per network interface" in the Amazon EC2 user guide.
const INSTANCE_TYPES: [InstanceType; 4] = [
    InstanceType {
        names: ["t4g.small", "t3.small"],
        vcpus: 2,
        usable_mib: 1800,
        interfaces: 3,
    },
    InstanceType {
        names: ["t4g.medium", "t3.medium"],
        vcpus: 2,
        usable_mib: 3700,
        interfaces: 3,
    },
    InstanceType {
        names: ["t4g.large", "t3.large"],
        vcpus: 2,
        usable_mib: 7600,
        interfaces: 3,
    },
    InstanceType {
        names: ["t4g.xlarge", "t3.xlarge"],
        vcpus: 4,
        usable_mib: 15500,
        interfaces: 4,
    },
];

/// The smallest machine that holds one server of this size.
pub(crate) fn instance_for(servers: Servers) -> Option<InstanceType> {
    INSTANCE_TYPES.into_iter().find(|t| t.holds(servers))
}

/// The machine of this size.
pub(crate) fn machine_of(size: MachineSize) -> InstanceType {
    let [small, medium, large, xlarge] = INSTANCE_TYPES;
    match size {
        MachineSize::Small => small,
        MachineSize::Medium => medium,
        MachineSize::Large => large,
        MachineSize::Xlarge => xlarge,
    }
}

impl InstanceType {
    pub(crate) fn name(self, cpu: CpuArchitecture) -> &'static str {
        match cpu {
            CpuArchitecture::Arm64 => self.names[0],
            CpuArchitecture::X86_64 => self.names[1],
        }
    }

    /// Whether one server of this size fits.
    pub(crate) fn holds(self, size: Servers) -> bool {
        self.vcpus * 1024 >= size.cpu_units && self.usable_mib >= size.memory_mib
    }

    /// How many servers of this size fit on one machine.
    pub(crate) fn servers(self, size: Servers) -> u32 {
        (self.interfaces - 1)
            .min(self.vcpus * 1024 / size.cpu_units.max(1))
            .min(self.usable_mib / size.memory_mib.max(1))
            .max(1)
    }
}

impl<'a> Application<'a> {
    /// Checks inputs and findings, and brings them together.
    pub(crate) fn new(inputs: &'a Inputs) -> Result<Self, PlanError> {
        inputs.validate()?;
        let findings = &inputs.findings;
        if findings.verdict == Verdict::NotSupported {
            return Err(PlanError::project(format!(
                "{}. Nothing can be built from it as it is",
                findings.reason.trim_end_matches('.')
            )));
        }
        let frontend = findings
            .frontend()
            .ok_or_else(|| missing_half("front end", "React", findings.frontends.is_empty()))?;
        let backend = findings
            .backend()
            .ok_or_else(|| missing_half("back end", "NestJS", findings.backends.is_empty()))?;
        if let Some(open) = findings.questions.iter().find(|q| q.blocks) {
            return Err(unanswered(open));
        }
        if frontend.kind == FrontendKind::Ssr {
            let reason = format!(
                "{} is rendered by a server; only front ends with a static build can be served from S3",
                frontend.name
            );
            return Err(PlanError::project(reason));
        }
        let application = Self {
            name: inputs.choices.name(),
            inputs,
            findings,
            choices: &inputs.choices,
            backend,
            frontend,
        };
        for (what, command) in [
            ("build command of the front end", &frontend.build_command),
            ("build command of the back end", &backend.build_command),
            ("start command", &backend.start_command),
        ] {
            one_line(what, command)?;
        }
        for (what, path) in application.paths() {
            relative_path(what, path)?;
        }
        if let Some(prefix) = &frontend.env_prefix
            && let Some(name) = inputs
                .choices
                .ui_variables
                .keys()
                .find(|name| !name.starts_with(prefix.as_str()))
        {
            let rule = format!(
                "a name that begins with {prefix}; the bundler of {} leaves out all others",
                frontend.name
            );
            return Err(PlanError::choice("uiVariables", name, rule));
        }
        Ok(application)
    }

    /// Every path that ends up in a generated command.
    fn paths(&self) -> Vec<(&'static str, &'a str)> {
        let mut paths = vec![
            ("folder of the front end", self.frontend.path.as_str()),
            ("output folder of the front end", self.frontend.output_dir.as_str()),
            ("folder of the back end", self.backend.path.as_str()),
            ("entry file of the back end", self.backend.entry_file.as_str()),
        ];
        if let Some(prisma) = &self.backend.prisma {
            paths.push(("Prisma schema", &prisma.schema));
            paths.extend(prisma.migrations.as_deref().map(|m| ("folder of migrations", m)));
        }
        paths.extend(
            self.findings
                .package_manager
                .install_roots
                .iter()
                .map(|r| ("install root", r.as_str())),
        );
        paths.extend(
            self.findings
                .git
                .as_ref()
                .map(|g| ("folder inside the repository", g.folder.as_str())),
        );
        paths
    }

    /// Name of everything in AWS, with the environment.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn domain(&self) -> Option<&'a Domain> {
        self.choices.domain.as_ref()
    }

    /// Names that the site answers to, the first foremost; none without a domain.
    pub(crate) fn domain_names(&self) -> Vec<String> {
        let Some(domain) = self.domain() else { return Vec::new() };
        let mut names = vec![domain.name.clone()];
        if domain.www {
            names.push(format!("www.{}", domain.name));
        }
        names
    }

    pub(crate) fn web_firewall(&self) -> Option<WebFirewall> {
        self.choices.web_firewall
    }

    pub(crate) fn log_days(&self) -> u32 {
        self.choices.log_days
    }

    pub(crate) fn own_key(&self) -> bool {
        self.choices.own_key
    }

    pub(crate) fn alarm_address(&self) -> Option<&'a str> {
        self.choices.alarm_address.as_deref()
    }

    pub(crate) fn permissions_boundary(&self) -> Option<&'a str> {
        self.choices.permissions_boundary.as_deref()
    }

    /// Minutes for which old servers stay beside new ones; nothing for a rolling release.
    pub(crate) fn bake_minutes(&self) -> Option<u32> {
        match self.choices.rollout {
            Rollout::Rolling => None,
            Rollout::BlueGreen { bake_minutes } => Some(bake_minutes),
        }
    }

    pub(crate) fn is_ec2(&self) -> bool {
        self.choices.launch == Launch::Ec2
    }

    /// SSM parameters of AWS that name machine images which this plan starts, as patterns.
    pub(crate) fn image_parameters(&self) -> Vec<&'static str> {
        let mut patterns = Vec::new();
        if self.is_ec2() {
            patterns.push("/aws/service/ecs/*");
        }
        if self.nat() == Some(Nat::Instance) {
            patterns.push("/aws/service/ami-amazon-linux-latest/*");
        }
        patterns
    }

    pub(crate) fn is_arm(&self) -> bool {
        self.choices.cpu == CpuArchitecture::Arm64
    }

    /// Whether a migration Lambda is needed: there is a database of ours and there are Prisma migrations for it.
    pub(crate) fn migrates(&self) -> bool {
        self.engine().is_some() && self.backend.prisma.as_ref().is_some_and(|p| p.migrations.is_some())
    }

    /// Port the server listens on inside its container.
    pub(crate) fn port(&self) -> u16 {
        match (&self.backend.port.env, self.backend.port.default) {
            // The server obeys a variable: a port below 1024 would need root for nothing.
            (Some(_), Some(port)) if port >= 1024 => port,
            (None, Some(port)) if port > 0 => port,
            _ => 3000,
        }
    }

    /// Variable that tells the server its port.
    pub(crate) fn port_variable(&self) -> &'a str {
        self.backend.port.env.as_deref().unwrap_or("PORT")
    }

    /// Path below which CloudFront sends requests to the servers, without slashes at its ends.
    pub(crate) fn api_prefix(&self) -> String {
        let of = |text: &str| text.trim_matches('/').to_owned();
        let prefix = self.backend.global_prefix.as_deref().map(of).filter(|p| !p.is_empty());
        prefix
            .or_else(|| match &self.frontend.api_wiring {
                ApiWiring::Relative(path) => Some(of(path)).filter(|p| is_path_prefix(p)),
                ApiWiring::Env(_) | ApiWiring::HardCoded(_) | ApiWiring::Unknown => None,
            })
            .unwrap_or_else(|| "api".to_owned())
    }

    /// Whether the servers do not know the prefix, so that the load balancer has to take it off.
    pub(crate) fn strips_prefix(&self) -> bool {
        // Without a prefix of their own, controllers may still begin with it.
        let root = self.api_prefix();
        let root = root.split('/').next().unwrap_or_default();
        let own = self.backend.route_roots.iter().any(|r| r == root);
        !own && self
            .backend
            .global_prefix
            .as_deref()
            .is_none_or(|p| p.trim_matches('/').is_empty())
    }

    /// Path that the load balancer asks, and the answers it accepts.
    pub(crate) fn health(&self) -> (String, &'static str) {
        match &self.backend.health_path {
            Some(path) => (format!("/{}", path.trim_start_matches('/')), "200-399"),
            // Any answer, even 404, proves that the process serves requests.
            None => ("/".to_owned(), "200-499"),
        }
    }

    /// Machine type on EC2.
    pub(crate) fn instance(&self) -> InstanceType {
        let chosen = self.choices.machine.map(machine_of);
        chosen
            .or_else(|| instance_for(self.choices.servers))
            .unwrap_or(INSTANCE_TYPES[INSTANCE_TYPES.len() - 1])
    }

    /// Most machines: enough for as many servers as an application may have, which a rolling deployment briefly doubles.
    ///
    /// Not for the chosen number alone: that changes without this stack. ECS starts only machines that servers need.
    pub(crate) fn max_instances(&self) -> u32 {
        (MAX_SERVERS * 2).div_ceil(self.instance().servers(self.choices.servers))
    }

    /// Variables that the server reads for the parts of a database address, with the key of the database secret for each.
    ///
    /// Only without Prisma, which takes one address.
    pub(crate) fn database_parts(&self) -> Vec<(&'a str, &'static str)> {
        if self.engine().is_none() || self.backend.prisma.is_some() {
            return Vec::new();
        }
        let taken = |name: &str| self.inputs.secret_keys.iter().any(|k| k == name);
        self.backend
            .env_vars
            .iter()
            .filter(|v| !taken(&v.name))
            .filter_map(|v| database_part(&v.name).map(|key| (v.name.as_str(), key)))
            .collect()
    }

    /// Whether the database refuses connections without TLS.
    ///
    /// PostgreSQL on RDS does so by itself. MySQL drivers connect without TLS unless told in code; only Prisma is told in
    /// the address, so that other applications would not start.
    pub(crate) fn demands_database_tls(&self) -> bool {
        self.choices.database == Database::Postgres || self.backend.prisma.is_some()
    }

    /// Folder of the project inside the repository, `.` for its root.
    pub(crate) fn folder(&self) -> &'a str {
        self.findings.git.as_ref().map_or(".", |g| g.folder.as_str())
    }
}

/// Name of the variable that holds the database's address, if the plan has a database.
pub(crate) fn database_url_name(inputs: &Inputs) -> Option<&str> {
    if inputs.choices.database == Database::None {
        return None;
    }
    let backend = inputs.findings.backend();
    let prisma = backend.and_then(|b| b.prisma.as_ref()).and_then(|p| p.url_env.as_deref());
    let looks_like_url = |v: &&EnvVar| {
        ["_URL", "_URI"].iter().any(|end| {
            v.name
                .strip_suffix(end)
                .is_some_and(|head| ["DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "MYSQL", "TYPEORM"].contains(&head))
        })
    };
    let read = || {
        backend
            .and_then(|b| b.env_vars.iter().find(looks_like_url))
            .map(|v| v.name.as_str())
    };
    Some(prisma.or_else(read).unwrap_or("DATABASE_URL"))
}

/// Key of the database secret that a variable of this name asks for.
fn database_part(name: &str) -> Option<&'static str> {
    let heads = [
        "DATABASE_",
        "DB_",
        "POSTGRESQL_",
        "POSTGRES_",
        "PG_",
        "MYSQL_",
        "TYPEORM_",
        "RDS_",
        "PG",
    ];
    let tail = heads.iter().find_map(|head| name.strip_prefix(head))?;
    match tail {
        "HOST" | "HOSTNAME" | "SERVER" => Some("host"),
        "PORT" => Some("port"),
        "USER" | "USERNAME" => Some("username"),
        "PASSWORD" | "PASS" | "PWD" => Some("password"),
        "NAME" | "DB" | "DATABASE" | "DB_NAME" | "DBNAME" => Some("dbname"),
        _ => None,
    }
}

fn is_path_prefix(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c)) && !text.contains("//")
}

fn unanswered(open: &Question) -> PlanError {
    let suggestion = open
        .answers
        .first()
        .map_or_else(String::new, |a| format!(" The suggestion is {}: {}", a.value, a.reason));
    PlanError::project(format!(
        "{} Answer it in the import, or with --set of the command.{suggestion}",
        open.text
    ))
}

fn missing_half(half: &str, kind: &str, none: bool) -> PlanError {
    if none {
        return PlanError::project(format!(
            "it has no {kind} {half}. Zonké deploys a React front end together with a NestJS back end; drop the folder that holds both"
        ));
    }
    PlanError::project(format!("it has several candidates for the {half}. Choose one of them first"))
}

/// A command must be one line: it becomes one step of a Dockerfile or a shell script. A backslash at its end would join it with
/// the next one.
fn one_line(what: &str, command: &str) -> Result<(), PlanError> {
    if command.trim().is_empty() || command.chars().any(char::is_control) || command.trim_end().ends_with('\\') {
        return Err(PlanError::project(format!(
            "the {what} must be one line of shell, such as npm run build, but it is {command:?}"
        )));
    }
    Ok(())
}

/// A path must stay inside the project and survive being written into a Dockerfile and a shell script.
fn relative_path(what: &str, path: &str) -> Result<(), PlanError> {
    let valid = !path.is_empty()
        && !path.starts_with(['/', '-'])
        && path.split('/').all(|part| part != ".." && !part.is_empty())
        && !path.chars().any(|c| c.is_control() || "\"'`$\\*?[]{}!;&|<>".contains(c));
    if valid {
        Ok(())
    } else {
        Err(PlanError::project(format!(
            "the {what} must be a path inside the project, but it is {path:?}"
        )))
    }
}
