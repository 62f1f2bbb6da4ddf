//! A network of the user's own.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A network that exists already: everything is put into it, and nothing of it is made, changed or taken away.
///
/// What a plan cannot see of it has to be true all the same: its public subnets lead to an internet gateway, one in each zone; its
/// private ones lead out, through a NAT gateway or endpoints of the AWS services that servers need, and never straight to the internet
/// gateway; its isolated ones lead nowhere; it resolves names of AWS (DNS support and host names are on).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExistingNetwork {
    /// Id of the VPC, such as `vpc-0123456789abcdef0`.
    pub vpc_id: String,
    /// Ids of the subnets for the load balancer: at least two, each in a zone of its own.
    pub public_subnets: Vec<String>,
    /// Ids of the subnets for servers and migrations: at least two, in at least two zones.
    pub private_subnets: Vec<String>,
    /// Ids of the subnets for the database: at least two, in at least two zones. Without a database they mean nothing.
    #[serde(default)]
    pub isolated_subnets: Vec<String>,
}
