//! `zonke eject`.

use std::process::ExitCode;

use zonke_plan::{EjectOptions, Plan};

use crate::args::{Eject, Folder};
use crate::deploy::connect;
use crate::desk::open_home;
use crate::failure::Failure;
use crate::{plan, print};

pub(crate) async fn run(arguments: &Eject) -> Result<ExitCode, Failure> {
    let plan = planned(arguments).await?;
    let files = zonke_plan::eject(&plan, EjectOptions { cdk: arguments.cdk })?;
    let ejected = zonke_home::write_ejected(&arguments.out, &files, arguments.overwrite)?;
    print::line(format!("Written to {}", ejected.folder));
    for entry in &ejected.content {
        print::line(format!("  {:<24} {}", entry.name, entry.about));
    }
    print::line("README.md says how to go on. To deploy:");
    print::line(format!("  {}", ejected.first_command));
    Ok(ExitCode::SUCCESS)
}

/// The plan of a folder, or the one that an application in the account runs with.
async fn planned(arguments: &Eject) -> Result<Plan, Failure> {
    let account = &arguments.account;
    match (&arguments.dir, &arguments.deployed) {
        (None, Some(app)) => {
            let home = open_home()?;
            let session = connect(&home, account, arguments.settings.region.as_deref()).await?;
            let inputs = zonke_cloud::deployed_inputs(&session, app).await?;
            Ok(home.prices().plan(&inputs)?)
        }
        (Some(_), _) if account.practice || account.profile.is_some() => Err(Failure::new(
            "a folder is ejected without an account",
            "Leave the account out, or name a running application with --deployed.",
        )),
        (dir, _) => {
            let folder = Folder {
                dir: dir.clone().unwrap_or_default(),
                known: arguments.known.clone(),
            };
            plan::make(&folder, &arguments.settings)
        }
    }
}
