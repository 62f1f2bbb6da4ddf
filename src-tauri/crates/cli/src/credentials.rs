//! `zonke credentials`: what the AWS CLI and the SDKs call as `credential_process`.

use std::process::ExitCode;

use zonke_home::Home;
use zonke_signin::{Keychain, SavedProfiles};

use crate::args::Credentials;
use crate::failure::Failure;
use crate::print;

pub(crate) async fn run(arguments: &Credentials) -> Result<ExitCode, Failure> {
    let profiles = SavedProfiles::open(Home::open()?.data_dir(), Keychain::of_this_computer());
    let answer = zonke_signin::credential_process(&profiles, &arguments.profile).await?;
    print::line(answer.expose());
    Ok(ExitCode::SUCCESS)
}
