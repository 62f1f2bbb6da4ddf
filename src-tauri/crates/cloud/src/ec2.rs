//! The two questions the app asks EC2, over EC2's query protocol.

use crate::error::{CloudError, Result};
use crate::query::{Api, ask, texts};
use crate::session::Session;

/// EC2 and the version of its API.
pub(crate) const EC2: Api = Api {
    name: "EC2",
    id: "ec2",
    version: "2016-11-15",
};
/// Prefix list of the servers that CloudFront fetches from origins with.
const CLOUDFRONT: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// The first two availability zones of the region by name.
pub(crate) async fn zones(session: &Session) -> Result<[String; 2]> {
    let query = [
        ("Filter.1.Name", "zone-type"),
        ("Filter.1.Value.1", "availability-zone"),
        ("Filter.2.Name", "state"),
        ("Filter.2.Value.1", "available"),
    ];
    let answer = ask(session, EC2, "DescribeAvailabilityZones", &query).await?;
    let mut zones = texts(&answer, "zoneName");
    zones.sort();
    zones.dedup();
    let mut zones = zones.into_iter();
    match (zones.next(), zones.next()) {
        (Some(a), Some(b)) => Ok([a, b]),
        _ => Err(CloudError::invalid(
            format!(
                "The region {} offers this account fewer than two availability zones.",
                session.account().region
            ),
            "Choose another region: the load balancer and the database need two zones.",
        )),
    }
}

/// Id of CloudFront's prefix list in the region.
pub(crate) async fn cloudfront_prefix_list(session: &Session) -> Result<String> {
    let query = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", CLOUDFRONT)];
    let answer = ask(session, EC2, "DescribeManagedPrefixLists", &query).await?;
    texts(&answer, "prefixListId").into_iter().next().ok_or_else(|| {
        CloudError::not_found(
            format!("The region {} has no prefix list {CLOUDFRONT}.", session.account().region),
            "Choose another region: without the list the load balancer could not be closed to everyone but CloudFront.",
        )
    })
}
