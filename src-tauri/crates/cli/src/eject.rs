//! `zonke eject`.

use std::process::ExitCode;

use zonke_plan::EjectOptions;

use crate::args::Eject;
use crate::failure::Failure;
use crate::{plan, print};

pub(crate) fn run(arguments: &Eject) -> Result<ExitCode, Failure> {
    let plan = plan::make(&arguments.folder, &arguments.settings)?;
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
