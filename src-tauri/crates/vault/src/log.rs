//! What may stand in a log.

/// Whether a line of the log may be written, by the module it comes from and whether it is below the level `warn`.
///
/// Details are for our own crates: the AWS SDK's `info` and `debug` lines show access key ids, and its `trace` lines the access
/// tokens of IAM Identity Center and whole answers. A setting of the person who looks for a fault must not put those into a file.
///
/// ```
/// assert!(zonke_vault::may_be_logged("zonke_cloud::stacks", true));
/// assert!(zonke_vault::may_be_logged("aws_smithy_runtime::client::orchestrator", false));
/// assert!(!zonke_vault::may_be_logged("aws_config::profile::credentials", true));
/// ```
pub fn may_be_logged(target: &str, below_warn: bool) -> bool {
    !below_warn || target.starts_with("zonke")
}
