//! The two questions the app asks EC2, over EC2's query protocol.
//!
//! The EC2 crate of the SDK is larger than all others together. These operations go through the SDK's own machinery, with its
//! signing, retries, time limits and audit, and only the reading of the answer is ours.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::error::{CloudError, Doing, ErrorCode, Result};
use crate::session::Session;

/// Version of the EC2 API.
const VERSION: &str = "2016-11-15";
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
    let answer = ask(session, "DescribeAvailabilityZones", &query).await?;
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
    let answer = ask(session, "DescribeManagedPrefixLists", &query).await?;
    texts(&answer, "prefixListId").into_iter().next().ok_or_else(|| {
        CloudError::not_found(
            format!("The region {} has no prefix list {CLOUDFRONT}.", session.account().region),
            "Choose another region: without the list the load balancer could not be closed to everyone but CloudFront.",
        )
    })
}

/// An answer of EC2 with an error in it.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

async fn ask(session: &Session, operation: &'static str, query: &[(&str, &str)]) -> Result<String> {
    let mut body = format!("Action={operation}&Version={VERSION}");
    for (key, value) in query {
        // Nothing above needs escaping; values of users never come here.
        body.extend(["&", key, "=", value]);
    }
    let config = &session.0.config;
    let endpoint = config
        .endpoint_url()
        .map_or_else(|| endpoint(&session.account().region), str::to_owned);
    let mut builder = Operation::builder()
        .service_name("EC2")
        .operation_name(operation)
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .runtime_plugin(signing(config)?)
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .interceptor(session.0.audit.interceptor(&session.account().label));
    if let Some(retry) = config.retry_config() {
        builder = builder.standard_retry(retry);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    builder
        .serializer(|body: String| {
            let request = http::Request::builder()
                .method("POST")
                .uri("/")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("content-length", body.len())
                .body(SdkBody::from(body))?;
            Ok(HttpRequest::try_from(request)?)
        })
        .deserializer(|response: &HttpResponse| {
            let text = response
                .body()
                .bytes()
                .map(|b| String::from_utf8_lossy(b).into_owned())
                .unwrap_or_default();
            if response.status().is_success() {
                return Ok(text);
            }
            let refusal = ErrorMetadata::builder()
                .code(texts(&text, "Code").into_iter().next().unwrap_or_default())
                .message(texts(&text, "Message").into_iter().next().unwrap_or_default());
            Err(OrchestratorError::operation(Refusal(refusal.build())))
        })
        .build()
        .invoke(body)
        .await
        .doing(|| format!("ask EC2 ({operation})"))
}

fn endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("https://ec2.{region}.{suffix}")
}

fn signing(config: &SdkConfig) -> Result<StaticRuntimePlugin> {
    let missing = || {
        CloudError::new(
            ErrorCode::CredentialsInvalid,
            "The session has no credentials.",
            "Sign in again.",
        )
    };
    let credentials = config.credentials_provider().ok_or_else(missing)?;
    let region = config.region().cloned().ok_or_else(missing)?;
    let mut layer = Layer::new("ec2");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(region)),
        name: Some(SigningName::from_static("ec2")),
        ..SigV4OperationSigningConfig::default()
    });
    let components = RuntimeComponentsBuilder::new("ec2")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_identity_cache(Some(config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build())))
        .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    Ok(StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components))
}

/// Texts of every element of this name.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.local_name().as_ref() == name.as_bytes() => {
                if let Ok(text) = reader.read_text(start.name()) {
                    found.push(text.trim().to_owned());
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_element_name() {
        let xml = "<DescribeManagedPrefixListsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>\
            <prefixListSet><item><prefixListId>pl-4fa04526</prefixListId><prefixListName>x</prefixListName></item></prefixListSet>\
            </DescribeManagedPrefixListsResponse>";
        assert_eq!(texts(xml, "prefixListId"), ["pl-4fa04526"]);
        assert!(texts("not xml <", "a").is_empty());
    }

    #[test]
    fn chinese_regions_have_their_own_domain() {
        assert_eq!(endpoint("eu-west-1"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(endpoint("cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
    }
}
