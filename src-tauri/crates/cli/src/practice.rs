//! `zonke practice`.

use std::process::ExitCode;

use zonke_home::Home;
use zonke_practice::{PracticeProgress, PracticeStatus};

use crate::args::{Practice, PracticeAction};
use crate::failure::Failure;
use crate::print;

pub(crate) async fn run(arguments: &Practice) -> Result<ExitCode, Failure> {
    let home = Home::open()?;
    let practice = home.practice();
    let json = match &arguments.action {
        PracticeAction::Start(json) => {
            practice.start(progress).await?;
            json.json
        }
        PracticeAction::Stop(json) => {
            practice.stop().await?;
            json.json
        }
        PracticeAction::Reset(json) => {
            practice.reset().await?;
            json.json
        }
        PracticeAction::Status(json) => json.json,
    };
    let status = practice.status().await;
    if json {
        print::json(&status)?;
    } else {
        text(&status);
    }
    Ok(ExitCode::SUCCESS)
}

/// Says how far the start is.
#[expect(clippy::needless_pass_by_value, reason = "a callback gets its value whole")]
pub(crate) fn progress(progress: PracticeProgress) {
    print::note(format!("practice account: {}", progress.detail));
}

fn text(status: &PracticeStatus) {
    print::line(format!("practice account: {}", status.detail));
}
