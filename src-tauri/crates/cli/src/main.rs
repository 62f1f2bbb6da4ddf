//! The `zonke` command: the same core as the app, for scripts and terminals. It adds no logic of its own.

mod args;
mod credentials;
mod deploy;
mod desk;
mod eject;
mod failure;
mod inspect;
mod interrupt;
mod operate;
mod plan;
mod practice;
mod preflight;
mod print;
mod profile;
mod role;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

use crate::args::{Command, Zonke};
use crate::failure::Failure;

fn main() -> ExitCode {
    zonke_vault::leave_no_core();
    let zonke = Zonke::parse();
    zonke_home::start_logging();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = format!("the operating system gives this program no threads: {error}");
            print::failure(&Failure::new(problem, "Close other programs, then try again."));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        match Box::pin(run(zonke.command)).await {
            Ok(code) => code,
            Err(failure) => {
                print::failure(&failure);
                failure.exit_code()
            }
        }
    });
    // A question that was given up still reads from the terminal: nobody waits for its answer.
    runtime.shutdown_background();
    code
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments).await,
        Command::Preflight(arguments) => Box::pin(preflight::run(&arguments)).await,
        Command::Role(arguments) => Box::pin(role::run(&arguments)).await,
        Command::Eject(arguments) => eject::run(&arguments).await,
        Command::Practice(arguments) => practice::run(&arguments).await,
        Command::Deploy(arguments) => deploy::run(&arguments).await,
        Command::Status(arguments) => Box::pin(operate::status(&arguments)).await,
        Command::Apps(arguments) => operate::apps(&arguments).await,
        Command::Release(arguments) => operate::release(&arguments).await,
        Command::Scale(arguments) => operate::scale(&arguments).await,
        Command::Secret(arguments) => operate::secret(&arguments).await,
        Command::Profile(arguments) => profile::run(&arguments).await,
        Command::Credentials(arguments) => credentials::run(&arguments).await,
    }
}
