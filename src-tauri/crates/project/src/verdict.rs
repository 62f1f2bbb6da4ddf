//! Whether the project can be deployed, and which halves would be.

use crate::backend::Server;
use crate::eval::value::AppKind;
use crate::frontend::Client;
use crate::other::Foreign;
use crate::trail::Trail;
use crate::{Chosen, Field, FrontendKind, InspectOptions, Verdict};

/// The verdict with its reason and the chosen halves.
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) chosen: Chosen,
}

/// What one half lacks.
const TOGETHER: &str = "Both halves are deployed together: pick the folder that holds both.";

/// State of one half.
enum Half {
    Chosen(String),
    Several(usize),
    Foreign(String),
    Absent,
}

/// Decides; what the user picked counts first.
pub(crate) fn decide(
    clients: &[Client],
    servers: &[Server],
    foreign: &[Foreign],
    options: &InspectOptions,
    trail: &mut Trail,
) -> Decision {
    let interface = interface(clients, foreign, options, trail);
    let server = server(servers, foreign, options, trail);
    let chosen = Chosen {
        frontend: picked(&interface),
        backend: picked(&server),
    };
    let decision = |verdict, reason: String| Decision {
        verdict,
        reason,
        chosen: chosen.clone(),
    };
    match (&interface, &server) {
        (Half::Foreign(what), Half::Foreign(other)) => decision(
            Verdict::NotSupported,
            format!("The front end is {what} and the back end is {other}. Zonké deploys React with NestJS."),
        ),
        (Half::Foreign(what), Half::Absent) => decision(
            Verdict::NotSupported,
            format!("The front end is {what}, and there is no NestJS application."),
        ),
        (Half::Foreign(what), _) => decision(
            Verdict::NotSupported,
            format!("The front end is {what}, which has no static React build. The NestJS half alone is not deployed."),
        ),
        (Half::Absent, Half::Foreign(what)) => decision(
            Verdict::NotSupported,
            format!("The back end is {what}, not NestJS, and there is no React application."),
        ),
        (_, Half::Foreign(what)) => decision(
            Verdict::NotSupported,
            format!("The back end is {what}, not a NestJS application that serves HTTP. The React half alone is not deployed."),
        ),
        (Half::Absent, Half::Absent) => decision(
            Verdict::NotSupported,
            "There is no React application with a static build and no NestJS application in this folder.".to_owned(),
        ),
        (Half::Several(n), Half::Several(m)) => decision(
            Verdict::NeedsChoice,
            format!("There are {n} front ends and {m} NestJS applications. Pick the pair to deploy."),
        ),
        (Half::Several(n), _) => decision(
            Verdict::NeedsChoice,
            format!("There are {n} front ends. Pick the one to deploy."),
        ),
        (_, Half::Several(m)) => decision(
            Verdict::NeedsChoice,
            format!("There are {m} NestJS applications. Pick the one to deploy."),
        ),
        (Half::Chosen(path), Half::Absent) => decision(
            Verdict::Deployable,
            format!("Front end only: one React application in {path}, and no NestJS application. {TOGETHER}"),
        ),
        (Half::Absent, Half::Chosen(path)) => decision(
            Verdict::Deployable,
            format!("Back end only: one NestJS application in {path}, and no React application. {TOGETHER}"),
        ),
        (Half::Chosen(front), Half::Chosen(back)) => decision(
            Verdict::Deployable,
            format!("One React application in {front} and one NestJS application in {back}."),
        ),
    }
}

fn picked(half: &Half) -> Option<String> {
    match half {
        Half::Chosen(path) => Some(path.clone()),
        Half::Several(_) | Half::Foreign(_) | Half::Absent => None,
    }
}

fn interface(clients: &[Client], foreign: &[Foreign], options: &InspectOptions, trail: &mut Trail) -> Half {
    let statics: Vec<&Client> = clients.iter().filter(|c| c.frontend.kind != FrontendKind::Ssr).collect();
    let rendered: Vec<&Client> = clients.iter().filter(|c| c.frontend.kind == FrontendKind::Ssr).collect();
    let others: Vec<&Foreign> = foreign.iter().filter(|f| f.interface).collect();
    if let Some(path) = options.overrides.project.get(&Field::Frontend) {
        if statics.iter().any(|c| c.frontend.path == *path) {
            return Half::Chosen(path.clone());
        }
        trail.warn(
            "override-unknown",
            None,
            format!("There is no React application with a static build in {path} any more, so that choice is ignored."),
        );
    }
    match (statics.as_slice(), rendered.as_slice(), others.as_slice()) {
        ([one], [], rest) => {
            for other in rest {
                trail.warn(
                    "other-interface",
                    Some(other.source.clone()),
                    format!(
                        "{} is a {} application; it is not part of the deployment.",
                        other.path, other.what
                    ),
                );
            }
            Half::Chosen(one.frontend.path.clone())
        }
        ([], [one, ..], _) => Half::Foreign(format!(
            "rendered by a server ({} in {})",
            one.frontend.bundler, one.frontend.path
        )),
        ([], [], [one, ..]) => Half::Foreign(format!("{} ({})", one.what, one.path)),
        ([], [], []) => Half::Absent,
        (several, rendered, _) => {
            ask_frontend(several, rendered, trail);
            Half::Several(several.len() + rendered.len())
        }
    }
}

fn ask_frontend(statics: &[&Client], rendered: &[&Client], trail: &mut Trail) {
    let answers = statics.iter().enumerate().map(|(i, client)| {
        let f = &client.frontend;
        let first = if i == 0 {
            " Its place and name are those of a main application."
        } else {
            ""
        };
        let reason = format!("{} builds it with {} into {}.{first}", f.name, f.bundler, f.output_dir);
        (f.path.clone(), reason)
    });
    let beside = match rendered {
        [] => String::new(),
        [one, ..] => format!(
            " {} is rendered by a server and cannot be served as files.",
            one.frontend.path
        ),
    };
    let source = statics.first().and_then(|c| c.trail.place_of("frontends[*].path"));
    trail.ask(
        "chosen.frontend",
        format!("Which front end is deployed?{beside}"),
        answers,
        true,
        source,
    );
}

fn ask_backend(servers: &[Server], trail: &mut Trail) {
    let answers = servers.iter().enumerate().map(|(i, server)| {
        let b = &server.backend;
        let does = match (server.kind, b.port.default, &b.port.env) {
            (AppKind::Microservice, _, _) => "answers messages, not HTTP".to_owned(),
            (_, Some(port), _) => format!("serves HTTP on port {port}"),
            (_, None, Some(env)) => format!("serves HTTP on the port in {env}"),
            (_, None, None) => "serves HTTP".to_owned(),
        };
        let first = if i == 0 {
            " Its place and name are those of a main application."
        } else {
            ""
        };
        (b.path.clone(), format!("{} {does}.{first}", b.name))
    });
    let source = servers.first().and_then(|s| s.trail.place_of("backends[*].path"));
    trail.ask(
        "chosen.backend",
        "Which NestJS application is the API behind the website?",
        answers,
        true,
        source,
    );
}

fn server(servers: &[Server], foreign: &[Foreign], options: &InspectOptions, trail: &mut Trail) -> Half {
    let others: Vec<&Foreign> = foreign.iter().filter(|f| !f.interface).collect();
    if let Some(path) = options.overrides.project.get(&Field::Backend) {
        if servers.iter().any(|s| s.backend.path == *path) {
            return Half::Chosen(path.clone());
        }
        trail.warn(
            "override-unknown",
            None,
            format!("There is no NestJS application in {path} any more, so that choice is ignored."),
        );
    }
    match servers {
        [one] if one.kind == AppKind::Http => {
            for other in others {
                trail.warn(
                    "other-server",
                    Some(other.source.clone()),
                    format!("{} holds {} code; it is not part of the deployment.", other.path, other.what),
                );
            }
            Half::Chosen(one.backend.path.clone())
        }
        [one] => Half::Foreign(format!("a NestJS microservice without HTTP ({})", one.backend.path)),
        [] => match others.as_slice() {
            [one, ..] => Half::Foreign(format!("{} ({})", one.what, one.path)),
            [] => Half::Absent,
        },
        several => {
            ask_backend(several, trail);
            Half::Several(several.len())
        }
    }
}
