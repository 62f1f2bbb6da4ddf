//! The records of a domain whose zone is in the account.

use crate::application::Application;
use crate::choices::{Dns, Domain};
use crate::model::{Resource, Section};
use crate::plan::Zone;
use crate::value::{get_att, map};

/// CloudFront's zone for alias records, the same for every distribution.
/// Source: `AliasTarget` of `AWS::Route53::RecordSet` in the CloudFormation user guide.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

/// Records that lead the domain to the distribution, where they can be written.
pub(crate) fn records(app: &Application) -> Section {
    let mut resources = Vec::new();
    if let Some(Domain {
        dns: Dns::Route53 { zone_id },
        ..
    }) = app.domain()
    {
        for (host, name) in ["Site", "Www"].iter().zip(app.domain_names()) {
            for (kind, what) in [("A", "IPv4"), ("AAAA", "IPv6")] {
                resources.push(
                    Resource::new(
                        format!("{host}Record{kind}"),
                        "AWS::Route53::RecordSet",
                        format!("Leads {name} to CloudFront, for {what}"),
                        map! {
                            "HostedZoneId": zone_id.as_str(),
                            "Name": name.as_str(),
                            "Type": kind,
                            "AliasTarget": map! { "DNSName": get_att("Distribution", "DomainName"), "HostedZoneId": CLOUDFRONT_ZONE },
                        },
                    )
                    .zone(Zone::Edge)
                    .node("domain"),
                );
            }
        }
    }
    Section {
        heading: "Domain",
        resources,
    }
}
