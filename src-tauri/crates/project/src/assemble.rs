//! Puts the findings together.

use std::path::Path;
use std::thread::{self, JoinHandle};

use crate::ahead::Project;
use crate::backend::Server;
use crate::context::Context;
use crate::eval::value::AppKind;
use crate::git::Checkout;
use crate::git_index::Compared;
use crate::manifest::Manifest;
use crate::memory::{Memory, Said};
use crate::modules::Modules;
use crate::sources::Sources;
use crate::trail::{Source, Trail};
use crate::tree::Tree;
use crate::tsconfig::TsConfigs;
use crate::{
    Findings, Git, InspectError, InspectOptions, Question, backend, candidates, exposure, frontend, git, git_index, node, other,
    overrides, place, reach, services, verdict, workspace,
};

/// Everything about the folder.
pub(crate) fn findings(tree: &Tree, asked: &Path, options: &InspectOptions) -> Result<Findings, InspectError> {
    let stop = || {
        if options.cancelled() {
            Err(InspectError::Cancelled { path: asked.to_owned() })
        } else {
            Ok(())
        }
    };
    // Files are compared with the index of git while the sources are read.
    let checkout = git::checkout(tree.root());
    let index = checkout.clone().and_then(|c| {
        let compare = move || git_index::compare(&c.git, &c.top, &c.inner);
        thread::Builder::new().name("git".to_owned()).spawn(compare).ok()
    });
    let mut index = Comparing {
        thread: index,
        found: None,
    };
    let memory = Memory::of(tree, options);
    if let Some(known) = memory.as_ref().and_then(|memory| memory.recall(tree)) {
        let (git, told) = ask_git(checkout.as_ref(), &mut index, tree, &known.secrets);
        if known.agrees(&Said::new(git.as_ref(), &told)) {
            return Ok(known.findings);
        }
    }
    let manifests = Manifest::all(tree);
    stop()?;
    let tsconfigs = TsConfigs::default();
    let sources = Sources::new(tree, options);
    let project = Project {
        tree,
        manifests: &manifests,
        tsconfigs: &tsconfigs,
        sources: &sources,
        options,
    };
    let modules = Modules::new(project);
    let context = Context::new(tree, &manifests, &modules);
    // The two halves share few programs, so each is read by a thread of its own.
    let (mut servers, clients) = thread::scope(|scope| {
        let clients = crate::on_deep_stack(scope, || {
            let modules = Modules::new(project);
            frontend::all(&Context::new(tree, &manifests, &modules))
        });
        let servers: Vec<Server<'_>> = candidates::nest(&context)
            .iter()
            .filter_map(|candidate| backend::read(&context, candidate))
            .collect();
        let clients = clients.and_then(|c| c.join().map_err(|_| "its sources confuse the reader".to_owned()));
        (servers, clients)
    });
    stop()?;
    let mut clients = clients.map_err(|cause| InspectError::Unreadable {
        path: asked.to_owned(),
        cause,
    })?;
    let mut trail = Trail::default();
    servers.sort_by_key(|s| {
        (
            s.kind != AppKind::Http,
            secondary(&s.backend.path),
            !primary(
                &s.backend.path,
                &["api", "server", "backend", "api-gateway", "gateway", "main", "core"],
            ),
            !s.backend.path.contains("gateway"),
            s.backend.path.len(),
            s.backend.path.clone(),
        )
    });
    clients.sort_by_key(|c| {
        (
            c.frontend.kind == crate::FrontendKind::Ssr,
            secondary(&c.frontend.path),
            !primary(
                &c.frontend.path,
                &["web", "client", "frontend", "app", "ui", "webapp", "site"],
            ),
            c.frontend.path.len(),
            c.frontend.path.clone(),
        )
    });
    let known: Vec<String> = servers
        .iter()
        .map(|s| s.backend.path.clone())
        .chain(clients.iter().map(|c| c.frontend.path.clone()))
        .collect();
    let foreign = other::all(&context, &known);
    clients.retain(|c| {
        !foreign
            .iter()
            .any(|f| f.interface && f.path == c.frontend.path && f.what != "React Native")
    });
    let decision = verdict::decide(&clients, &servers, &foreign, options, &mut trail);
    let halves: Vec<String> = match (&decision.chosen.backend, &decision.chosen.frontend) {
        (Some(back), Some(front)) => vec![back.clone(), front.clone()],
        (Some(one), None) if clients.is_empty() => vec![one.clone()],
        (None, Some(one)) if servers.is_empty() => vec![one.clone()],
        // What is not supported still says how the repository installs.
        _ if clients.is_empty() || servers.is_empty() => {
            known.iter().cloned().chain(foreign.iter().map(|f| f.path.clone())).collect()
        }
        _ => known.clone(),
    };
    let package_manager = workspace::package_manager(tree, &manifests, &halves, &mut trail);
    let node = node::wanted(&context, &halves, &mut trail);
    let monorepo_tool = workspace::tool(tree, &manifests, &mut trail);
    node::broken_json(&context, &mut trail);
    let secrets = exposure::warn(&context, &mut trail);
    for server in &servers {
        let chosen = decision.chosen.backend.as_ref() == Some(&server.backend.path);
        if chosen {
            services::warn(&context, &server.modules, &mut trail);
            database(server, &mut trail);
        } else if server.kind == AppKind::Microservice {
            trail.warn(
                "microservice",
                Some(Source::new(&server.main, None)),
                format!(
                    "{} answers messages, not HTTP, so it cannot be the API behind the website.",
                    server.backend.path
                ),
            );
        }
    }
    if let [first, ..] = tree.unread() {
        trail.warn(
            "folder-unreadable",
            Some(Source::new(first, None)),
            format!(
                "{first} could not be listed, so nothing in it is part of these findings. Give your user read permission for it."
            ),
        );
    }
    if tree.truncated() {
        trail.warn(
            "too-many-files",
            None,
            format!(
                "Only the first {} files were looked at. Pick the folder of one project.",
                options.max_files
            ),
        );
    }
    let reach = match (&decision.chosen.backend, &decision.chosen.frontend) {
        (Some(_), Some(_)) => {
            let server = servers
                .iter()
                .find(|s| decision.chosen.backend.as_ref() == Some(&s.backend.path));
            let imported = server.iter().flat_map(|s| &s.modules).map(|m| &*m.path);
            reach::reach(&context, &halves, &known, imported, &mut trail)
        }
        _ => Vec::new(),
    };
    let (git, told) = ask_git(checkout.as_ref(), &mut index, tree, &secrets);
    let said = Said::new(git.as_ref(), &told);
    trail.append(told);
    let mut frontends = Vec::new();
    for (i, client) in clients.into_iter().enumerate() {
        let chosen = decision.chosen.frontend.as_ref() == Some(&client.frontend.path);
        absorb(&mut trail, client.trail, "frontends", i, chosen);
        frontends.push(client.frontend);
    }
    let mut backends = Vec::new();
    for (i, server) in servers.into_iter().enumerate() {
        let chosen = decision.chosen.backend.as_ref() == Some(&server.backend.path);
        absorb(&mut trail, server.trail, "backends", i, chosen);
        backends.push(server.backend);
    }
    let mut findings = Findings {
        verdict: decision.verdict,
        reason: if tree.files().next().is_none() {
            "This folder holds no files to look at. Pick the folder that the project was cloned into.".to_owned()
        } else {
            decision.reason
        },
        name: name(tree, &manifests, git.as_ref()),
        package_manager,
        node,
        monorepo_tool,
        frontends,
        backends,
        chosen: decision.chosen,
        reach,
        git,
        evidence: Vec::new(),
        warnings: Vec::new(),
        questions: Vec::new(),
    };
    let told = overrides::apply::apply(&mut findings, &options.overrides, tree, &mut trail);
    findings.questions = open_questions(trail.questions, &told);
    findings.evidence = trail.evidence;
    findings.warnings = trail.warnings;
    stop()?;
    if let Some(memory) = memory {
        memory.keep(tree, secrets, said, &findings);
    }
    Ok(findings)
}

/// The comparison of the files with the index of git, under way or done.
struct Comparing {
    thread: Option<JoinHandle<Option<Compared>>>,
    found: Option<Compared>,
}

impl Comparing {
    /// Waits for it.
    fn done(&mut self) -> Option<&Compared> {
        if let Some(thread) = self.thread.take() {
            self.found = thread.join().ok().flatten();
        }
        self.found.as_ref()
    }
}

/// What git says about the folder, and what there is to tell about that.
fn ask_git(checkout: Option<&Checkout>, index: &mut Comparing, tree: &Tree, secrets: &[String]) -> (Option<Git>, Trail) {
    let mut trail = Trail::default();
    let git = checkout.map(|checkout| git::read(checkout, index.done(), tree, secrets, &mut trail));
    (git, trail)
}

/// Questions that the user has not answered yet, those that block first.
fn open_questions(mut questions: Vec<Question>, told: &[String]) -> Vec<Question> {
    // A port is answered by its variable as well as by its number.
    let topic = |field: &str| field.replace(".port.default", ".port").replace(".port.env", ".port");
    let told: Vec<String> = told.iter().map(|field| topic(field)).collect();
    questions.retain(|q| !told.contains(&topic(&q.field)));
    questions.sort_by_key(|q| !q.blocks);
    questions
}

/// What people call the main application.
fn primary(path: &str, names: &[&str]) -> bool {
    names.contains(&place::file_name(path).to_lowercase().as_str())
}

/// What people add next to the main application.
fn secondary(path: &str) -> bool {
    let path = path.to_lowercase();
    [
        "admin",
        "backoffice",
        "dashboard",
        "landing",
        "marketing",
        "worker",
        "legacy",
        "old",
        "widget",
        "internal",
        "mobile",
    ]
    .iter()
    .any(|w| path.contains(w))
}

/// Numbers the evidence of one half; warnings and questions count only for what would be deployed.
fn absorb(trail: &mut Trail, part: Trail, list: &str, index: usize, chosen: bool) {
    let numbered = |field: &str| field.replacen(&format!("{list}[*]"), &format!("{list}[{index}]"), 1);
    for mut evidence in part.evidence {
        evidence.field = numbered(&evidence.field);
        trail.evidence.push(evidence);
    }
    if chosen {
        for mut question in part.questions {
            question.field = numbered(&question.field);
            trail.questions.push(question);
        }
        for warning in part.warnings {
            if !trail.warnings.contains(&warning) {
                trail.warnings.push(warning);
            }
        }
    }
}

fn database(server: &Server, trail: &mut Trail) {
    let Some(engine) = server.backend.database.as_deref() else {
        return;
    };
    if let Some(name) = services::foreign_engine(engine) {
        trail.warn(
            "database-not-created",
            Some(Source::new(&server.main, None)),
            format!("The API keeps its data in {name}. Only PostgreSQL and MySQL databases are created, so bring your own."),
        );
    }
}

/// A name for the application.
fn name(tree: &Tree, manifests: &[Manifest], git: Option<&Git>) -> String {
    let root = manifests.iter().find(|m| m.folder == ".").and_then(|m| m.name());
    let generic = |n: &str| matches!(n, "root" | "monorepo" | "app" | "workspace" | "my-app" | "server" | "client");
    let repository = git
        .filter(|g| g.folder == ".")
        .and_then(|g| g.repository.as_deref())
        .map(place::file_name);
    root.map(|n| n.rsplit('/').next().unwrap_or(n))
        .filter(|n| !generic(n))
        .or(repository)
        .map_or_else(
            || {
                tree.root()
                    .file_name()
                    .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
            },
            str::to_owned,
        )
}
