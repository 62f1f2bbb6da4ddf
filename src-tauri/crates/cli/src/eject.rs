//! `zonke eject`.

use std::process::ExitCode;

use crate::args::Eject;
use crate::failure::Failure;
use crate::{plan, print};

pub(crate) fn run(arguments: &Eject) -> Result<ExitCode, Failure> {
    let plan = plan::make(&arguments.folder, &arguments.settings)?;
    zonke_home::write_ejected(&arguments.out, &zonke_plan::eject(&plan)?)?;
    print::line(format!("Written to {}", arguments.out.display()));
    print::line("README.md in it says how to go on.");
    Ok(ExitCode::SUCCESS)
}
