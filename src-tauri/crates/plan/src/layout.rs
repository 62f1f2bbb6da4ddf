//! How this project is installed, built and started: the commands that end up in the Dockerfile and in `build.env`.

use zonke_project::PackageManagerName;

use crate::application::{Application, database_url_name};

/// Node.js for projects that ask for none: the newest version with long-term support that Lambda knows as well.
const DEFAULT_NODE: u32 = 24;

/// Oldest version that runs our own scripts.
const OLDEST_NODE: u32 = 14;

/// Address that tools may ask for while nothing connects to it, such as the generation of the Prisma client.
const NO_DATABASE: &str = "postgresql://build:build@127.0.0.1:5432/build";
const NO_DATABASE_MYSQL: &str = "mysql://build:build@127.0.0.1:3306/build";

/// Major version of Node.js.
pub(crate) fn node(app: &Application) -> u32 {
    app.findings
        .node
        .wanted
        .as_deref()
        .and_then(|wanted| wanted.parse().ok())
        .filter(|major| (1..100).contains(major))
        .map_or(DEFAULT_NODE, |major: u32| major.max(OLDEST_NODE))
}

/// Image that servers are built on. Debian, because native modules are published for it.
fn base_image(app: &Application) -> String {
    let node = node(app);
    let debian = if node < 16 { "bullseye" } else { "bookworm" };
    format!("public.ecr.aws/docker/library/node:{node}-{debian}-slim")
}

/// Name of the package manager's command.
pub(crate) fn command(manager: PackageManagerName) -> &'static str {
    match manager {
        PackageManagerName::Npm => "npm",
        PackageManagerName::YarnClassic | PackageManagerName::YarnBerry => "yarn",
        PackageManagerName::Pnpm => "pnpm",
        PackageManagerName::Bun => "bun",
    }
}

/// Puts the package manager in place; nothing for npm, which comes with Node.js.
///
/// Not by way of corepack where it can be avoided: Node.js stopped shipping it.
pub(crate) fn setup(app: &Application) -> String {
    let manager = &app.findings.package_manager;
    let version = manager
        .version
        .as_deref()
        .map(|v| v.split('+').next().unwrap_or(v))
        .filter(|v| is_version(v));
    let install = |package: &str, default: &str| format!("npm install --global --force {package}@{}", version.unwrap_or(default));
    match manager.name {
        PackageManagerName::Npm => String::new(),
        PackageManagerName::YarnClassic => install("yarn", "1"),
        // The repository brings its own release or names it in package.json; corepack knows both ways.
        PackageManagerName::YarnBerry => "npm install --global --force corepack && corepack enable yarn".to_owned(),
        PackageManagerName::Pnpm => install("pnpm", "10"),
        PackageManagerName::Bun => install("bun", "1"),
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
}

/// Installs exactly what the lockfile says, including what only builds need.
pub(crate) fn install(app: &Application) -> &'static str {
    let manager = &app.findings.package_manager;
    let locked = manager.lockfile.is_some();
    match manager.name {
        PackageManagerName::Npm if locked => "npm ci --include=dev",
        PackageManagerName::Npm => "npm install --include=dev",
        PackageManagerName::YarnClassic => yarn_classic(locked, app.findings.node.wanted.is_some()),
        PackageManagerName::YarnBerry if locked => "yarn install --immutable",
        PackageManagerName::YarnBerry => "yarn install --no-immutable",
        PackageManagerName::Pnpm if locked => "pnpm install --frozen-lockfile --prod=false",
        PackageManagerName::Pnpm => "pnpm install --no-frozen-lockfile --prod=false",
        PackageManagerName::Bun if locked => "bun install --frozen-lockfile",
        PackageManagerName::Bun => "bun install",
    }
}

/// How Yarn 1 installs.
///
/// It gives up where a package does not list the running Node.js; where the repository asks for no version, that version is our
/// choice and no reason to give up. And it gives up on a download after 30 seconds, in which some icon sets do not arrive.
fn yarn_classic(locked: bool, wants_node: bool) -> &'static str {
    match (locked, wants_node) {
        (true, true) => "yarn install --frozen-lockfile --production=false --network-timeout 300000",
        (true, false) => "yarn install --frozen-lockfile --production=false --network-timeout 300000 --ignore-engines",
        (false, true) => "yarn install --production=false --network-timeout 300000",
        (false, false) => "yarn install --production=false --network-timeout 300000 --ignore-engines",
    }
}

/// Folders where an install has to run before this half can be built: those it lies in.
pub(crate) fn install_folders<'a>(app: &Application<'a>, half: &'a str) -> Vec<&'a str> {
    let roots = &app.findings.package_manager.install_roots;
    let holds = |root: &str| root == "." || root == half || half.starts_with(&format!("{root}/"));
    let mut folders: Vec<&str> = roots.iter().map(String::as_str).filter(|root| holds(root)).collect();
    if folders.is_empty() {
        folders = if roots.is_empty() {
            vec![half]
        } else {
            roots.iter().map(String::as_str).collect()
        };
    }
    // From the outside in, as the package managers look things up.
    folders.sort_by_key(|folder| if *folder == "." { 0 } else { folder.len() });
    folders
}

/// Folder from which the Prisma command is looked up: the package that the schema belongs to.
fn prisma_folder<'a>(app: &Application<'a>, schema: &'a str) -> &'a str {
    let backend = app.backend.path.as_str();
    if backend == "." || schema.starts_with(&format!("{backend}/")) {
        return backend;
    }
    let mut folder = schema.rsplit_once('/').map_or(".", |(folder, _)| folder);
    while let Some((parent, last)) = folder.rsplit_once('/') {
        if !matches!(last, "prisma" | "src" | "schema" | "db") {
            break;
        }
        folder = parent;
    }
    if folder == "prisma" { "." } else { folder }
}

/// Variables that Prisma's tools refuse to start without, even where nothing connects.
fn placeholders<'a>(app: &Application<'a>) -> Option<(&'a str, &'static str)> {
    let prisma = app.backend.prisma.as_ref()?;
    let address = if app.backend.database.as_deref() == Some("mysql") {
        NO_DATABASE_MYSQL
    } else {
        NO_DATABASE
    };
    Some((prisma.url_env.as_deref().unwrap_or("DATABASE_URL"), address))
}

/// Quotes text for a POSIX shell.
pub(crate) fn quote(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Folders with the commands of a package's dependencies, nearest first, as package managers put them before `PATH`.
fn command_folders(root: &str, package: &str) -> String {
    let mut folders = Vec::new();
    let mut folder = Some(package).filter(|p| *p != ".");
    while let Some(path) = folder {
        folders.push(format!("{root}/{path}/node_modules/.bin"));
        folder = path.rsplit_once('/').map(|(parent, _)| parent);
    }
    folders.push(format!("{root}/node_modules/.bin"));
    folders.join(":")
}

/// A build command as it has to be called: Yarn may keep dependencies where only Yarn finds their commands.
fn build(app: &Application, command: &str) -> String {
    match app.findings.package_manager.name {
        PackageManagerName::YarnBerry => format!("yarn exec sh -c {}", quote(command)),
        PackageManagerName::Npm | PackageManagerName::YarnClassic | PackageManagerName::Pnpm | PackageManagerName::Bun => {
            command.to_owned()
        }
    }
}

/// Folder of the back end below this one.
fn home(root: &str, backend: &str) -> String {
    if backend == "." {
        root.to_owned()
    } else {
        format!("{root}/{backend}")
    }
}

/// `cd folder && command`, without the `cd` for the root.
fn inside(folder: &str, command: &str) -> String {
    if folder == "." {
        command.to_owned()
    } else {
        format!("cd {} && {command}", quote(folder))
    }
}

/// Name of the image that the repository's own Dockerfile makes, on the machine that builds.
const OWN_IMAGE: &str = "zonke-own";

/// What every image of servers gets from us: the script that runs before the application, and the database's authority.
fn ours(app: &Application) -> Vec<String> {
    let mut lines = vec![
        "COPY --from=zonke preload.cjs /opt/zonke/".to_owned(),
        format!(
            "ENV NODE_ENV=production {}={} NODE_OPTIONS=--require=/opt/zonke/preload.cjs",
            app.port_variable(),
            app.port()
        ),
    ];
    if app.engine().is_some() {
        lines.extend([
            "# The authority behind the database's certificate.".to_owned(),
            "COPY --from=zonke database-ca.pem /opt/zonke/".to_owned(),
            "ENV NODE_EXTRA_CA_CERTS=/opt/zonke/database-ca.pem".to_owned(),
        ]);
    }
    lines
}

/// The Dockerfile of the servers. The context is the project's folder; `zonke` is the folder of this zip.
pub(crate) fn dockerfile(app: &Application) -> String {
    let Some(own) = &app.choices.dockerfile else {
        return generated(app);
    };
    let mut lines = vec![
        format!("# What {own} of the repository makes, with what a server behind CloudFront and the load balancer needs."),
        format!("FROM {OWN_IMAGE}"),
    ];
    lines.extend(ours(app));
    lines.push(String::new());
    lines.join("\n")
}

fn generated(app: &Application) -> String {
    let image = base_image(app);
    let backend = app.backend.path.as_str();
    let manager = command(app.findings.package_manager.name);
    let mut lines = vec![
        "# Image of the servers. Written for this project; the repository needs no Dockerfile of its own.".to_owned(),
        String::new(),
        "# ---- Build: everything that compiling needs".to_owned(),
        format!("FROM {image} AS build"),
        "RUN apt-get update \\".to_owned(),
        "  && apt-get install --yes --no-install-recommends ca-certificates g++ git make openssl python3 \\".to_owned(),
        "  && rm -rf /var/lib/apt/lists/*".to_owned(),
        "WORKDIR /src".to_owned(),
    ];
    let setup = setup(app);
    if !setup.is_empty() {
        lines.push(format!("RUN {setup}"));
    }
    lines.extend([
        "# Git hooks have no place in an image.".to_owned(),
        "ENV HUSKY=0 CI=true".to_owned(),
    ]);
    if let Some((name, address)) = placeholders(app) {
        lines.push("# Tools ask for an address of the database; while building nothing connects to it.".to_owned());
        lines.push(format!("ENV {name}={address}"));
    }
    lines.extend(["COPY . .".to_owned(), "COPY --from=zonke prebuild.mjs /opt/zonke/".to_owned()]);
    for folder in install_folders(app, backend) {
        lines.push(format!("RUN {}", inside(folder, install(app))));
    }
    if let Some(prisma) = &app.backend.prisma {
        let folder = prisma_folder(app, &prisma.schema);
        let generate = format!(
            "node \"$(node -p \"require.resolve('prisma/build/index.js')\")\" generate --schema {}",
            quote(&format!("/src/{}", prisma.schema))
        );
        lines.extend([
            "# Said explicitly, because package managers more and more refuse to run the scripts of dependencies.".to_owned(),
            format!("RUN {}", inside(folder, &generate)),
        ]);
    }
    lines.extend([
        "# Packages of this repository that the back end needs.".to_owned(),
        format!("RUN node /opt/zonke/prebuild.mjs /src {} {manager}", quote(backend)),
        "# Commands of dependencies come first, as in the project's own scripts.".to_owned(),
        format!("ENV PATH={}:$PATH", command_folders("/src", backend)),
        format!("WORKDIR {}", home("/src", backend)),
        format!("RUN {}", build(app, &app.backend.build_command)),
        format!(
            "RUN test -e {entry} || {{ echo \"The build left no {shown}.\" >&2; exit 1; }}",
            entry = quote(&format!("/src/{}", app.backend.entry_file)),
            shown = app.backend.entry_file.replace(['"', '$', '`', '\\'], "")
        ),
        String::new(),
        "# ---- Run: no compilers, no root".to_owned(),
        format!("FROM {image}"),
        "RUN apt-get update \\".to_owned(),
        "  && apt-get install --yes --no-install-recommends ca-certificates openssl \\".to_owned(),
        "  && rm -rf /var/lib/apt/lists/*".to_owned(),
    ]);
    lines.extend(ours(app));
    // `exec` makes Node itself receive the signal to stop; a compound command has to keep its shell.
    let start = &app.backend.start_command;
    let simple =
        !start.contains(['&', '|', ';', '(', '<', '>']) && !start.split(' ').next().is_some_and(|word| word.contains('='));
    let start = if simple { format!("exec {start}") } else { start.clone() };
    let cmd = serde_json::json!(["sh", "-c", start]);
    lines.extend([
        "COPY --from=build --chown=node:node /src /app".to_owned(),
        format!("ENV PATH={}:$PATH", command_folders("/app", backend)),
        format!("WORKDIR {}", home("/app", backend)),
        "USER node".to_owned(),
        format!("EXPOSE {}", app.port()),
        format!("CMD {cmd}"),
        String::new(),
    ]);
    lines.join("\n")
}

/// What the build scripts need to know, as shell variables.
pub(crate) fn build_env(app: &Application) -> String {
    let prisma = app.backend.prisma.as_ref().filter(|_| app.migrates());
    let ui_folders: Vec<String> = install_folders(app, &app.frontend.path).into_iter().map(quote).collect();
    let assign = |name: &str, value: &str| format!("{name}={}", if value.is_empty() { "''".to_owned() } else { quote(value) });
    let mut lines = vec![
        "# Facts about this project for the build scripts. Read by bash.".to_owned(),
        assign("PROJECT_FOLDER", app.folder()),
        assign("NODE_MAJOR", &node(app).to_string()),
        assign("PACKAGE_MANAGER", command(app.findings.package_manager.name)),
        assign("PACKAGE_MANAGER_SETUP", &setup(app)),
        assign("INSTALL_COMMAND", install(app)),
        format!("UI_INSTALL_FOLDERS=({})", ui_folders.join(" ")),
        assign("UI_FOLDER", &app.frontend.path),
        assign("UI_BUILD_COMMAND", &build(app, &app.frontend.build_command)),
        assign("UI_OUTPUT", &app.frontend.output_dir),
        assign("OWN_DOCKERFILE", app.choices.dockerfile.as_deref().unwrap_or_default()),
        assign("SERVER_PORT", &app.port().to_string()),
        assign("UI_CONFIG", app.choices.ui_config.as_ref().map_or("", |c| c.path.as_str())),
        assign("DATABASE_CERTIFICATES", if app.engine().is_some() { "yes" } else { "" }),
        assign("DATABASE_URL_VARIABLE", database_url_name(app.inputs).unwrap_or_default()),
        assign(
            "PRISMA_VERSION",
            prisma
                .and_then(|p| p.version.as_deref())
                .filter(|v| is_version(v))
                .unwrap_or_default(),
        ),
        assign("PRISMA_SCHEMA", prisma.map_or("", |p| p.schema.as_str())),
        assign(
            "PRISMA_MIGRATIONS",
            prisma.and_then(|p| p.migrations.as_deref()).unwrap_or_default(),
        ),
    ];
    if let Some((name, address)) = placeholders(app) {
        lines.push("# Scripts of an install may ask for an address of the database; nothing connects to this one.".to_owned());
        lines.push(format!("export {name}={address}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Variables for the build of the user interface. Whoever opens the site can read them, so no secret may be among them.
pub(crate) fn ui_env(app: &Application) -> String {
    let mut lines =
        vec!["# Baked into the user interface when it is built. Public: everyone who opens the site can read them.".to_owned()];
    let api = if let zonke_project::ApiWiring::Env(name) = &app.frontend.api_wiring {
        Some(name)
    } else {
        None
    };
    let own = &app.choices.ui_variables;
    let api = api.filter(|name| is_variable(name) && !own.contains_key(*name));
    if let Some(name) = api {
        lines.push("# Same origin as the site: CloudFront sends this path to the servers.".to_owned());
        lines.push(format!("{name}=/{}", app.api_prefix()));
    }
    for (name, value) in own {
        lines.push(format!(
            "{name}={}",
            if value.is_empty() { "''".to_owned() } else { quote(value) }
        ));
    }
    for name in app
        .frontend
        .env_vars
        .iter()
        .filter(|name| is_variable(name) && Some(*name) != api && !own.contains_key(*name))
    {
        lines.push(format!("# {name}= (read by the sources, not set)"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
