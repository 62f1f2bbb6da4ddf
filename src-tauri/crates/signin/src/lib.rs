//! Every way into an AWS account, up to the credentials. What is done with them is the business of `zonke-cloud`.
//!
//! [`SavedProfiles`] keeps what the app knows about the accounts of its user: the facts in a file of the app's own folder, the
//! secrets in the keychain of the operating system. [`SavedCredentials`] hands the credentials of one profile to the AWS SDK
//! and renews them ahead of their end. [`Surroundings`] looks at what the computer has already and ranks the ways in.
//!
//! There is no file fallback for a secret: without a keychain a [`Keychain`] over memory keeps it until the program ends, if
//! the user wants that.

mod assume;
mod aws_files;
mod center;
mod csv;
mod desk;
mod device;
mod error;
mod files;
mod keychain;
mod keys;
mod loopback;
mod move_key;
mod oidc;
mod process;
mod profile;
mod prompts;
mod provider;
mod registry;
mod saved;
mod session;
mod surroundings;
mod time;

pub use center::{IdentityCenter, IdentityCenters, SignInMethod, SsoAccount, Timing};
pub use csv::{keys_from_csv, keys_from_csv_file};
pub use desk::{PatientCredentials, SignInDesk, SignInHow, SignInNeed};
pub use error::{Result, SignInCode, SignInError};
pub use keychain::{KEYCHAIN_SERVICE, Keeping, Keychain};
pub use keys::{AccessKeys, KeyAge, key_age};
pub use move_key::{MoveKey, MovedKey};
pub use process::credential_process;
pub use profile::{NewRole, ProfileChange, RoleSource, SavedProfile, SsoChoice, Way};
pub use prompts::{DeviceCode, Prompts, open_in_browser};
pub use provider::SavedCredentials;
pub use saved::{Endpoints, ProfileHealth, SavedProfiles};
pub use surroundings::{Surroundings, WayIn, WayInKind};
pub use time::now;
