//! Every way into an account against a stand-in for AWS: what goes well, what is refused, who never answers, and what may be
//! seen of a secret.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "whatever fails on the way to a check fails the check"
)]

mod canary;
mod directory;
mod people;
mod profiles;
mod renewal;
mod roles;
mod stand_in;
