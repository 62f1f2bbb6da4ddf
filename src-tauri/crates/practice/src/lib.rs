//! The practice account: a local AWS emulator that the app starts, watches and resets.
//!
//! It is ministack (MIT), pinned, in a private virtual environment, together with an
//! extension of ours (`emulator/`, embedded in this crate) for what it lacks: resource types, pipelines, connections, scaling,
//! servers that start and fail, and time. The app talks to it with the same AWS SDK as to AWS.
//!
//! The server outlives the app: it runs in a session of its own and is found again through a file. Everything in it lives in its
//! memory, so it is gone once the server ends.
//!
//! Nothing outside the given folder is written, the user's AWS configuration is neither read nor passed on, and the server only
//! answers on the loopback address, to those who know an access key that is made for each start.

mod error;
mod extension;
mod http;
mod options;
mod practice;
mod python;
mod server;
mod status;

pub use error::PracticeError;
pub use options::PracticeOptions;
pub use practice::Practice;
pub use status::{PracticeEndpoint, PracticeProgress, PracticeState, PracticeStatus, PracticeStep};
