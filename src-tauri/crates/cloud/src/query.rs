//! Single operations of AWS's query protocol, for services of which the app needs too little for a crate of the SDK.
//!
//! The EC2 crate of the SDK alone is larger than all others together. These operations go through the SDK's own machinery,
//! with its signing, retries, time limits and audit, and only the reading of the answer is ours.

use aws_config::{BehaviorVersion, Region, SdkConfig};
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
use crate::watch::Again;

/// A service that speaks the query protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api {
    /// Name in the audit log and in messages.
    pub(crate) name: &'static str,
    /// Name in addresses and signatures.
    pub(crate) id: &'static str,
    /// Version of the API.
    pub(crate) version: &'static str,
}

impl Api {
    /// Whether there is one for all regions of a partition.
    fn is_global(self) -> bool {
        self.id == "iam"
    }
}

/// An answer with an error in it.
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

/// Sends one request and returns the XML of the answer.
pub(crate) async fn ask(session: &Session, api: Api, operation: &'static str, query: &[(&str, &str)]) -> Result<String> {
    let mut body = format!("Action={operation}&Version={}", api.version);
    for (key, value) in query {
        body.extend(["&", key, "=", &escaped(value)]);
    }
    let config = &session.0.config;
    let endpoint = config
        .endpoint_url()
        .map_or_else(|| endpoint(api, &session.account().region), str::to_owned);
    let mut builder = Operation::builder()
        .service_name(api.name)
        .operation_name(operation)
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .runtime_plugin(signing(config, api)?)
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(Again)
        .interceptor(session.0.watch.ear())
        .interceptor(session.0.watch.audit())
        .interceptor(session.0.watch.gate());
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
        .doing(|| format!("ask {} ({operation})", api.name))
}

/// A value as it stands in a form.
fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default().to_ascii_uppercase();
            escaped.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    escaped
}

fn endpoint(api: Api, region: &str) -> String {
    let id = api.id;
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    match (api.is_global(), signing_region(api, region)) {
        (true, "us-east-1") => format!("https://{id}.{suffix}"),
        (_, region) => format!("https://{id}.{region}.{suffix}"),
    }
}

/// A service that is global signs with the first region of the partition.
fn signing_region(api: Api, region: &str) -> &str {
    match (api.is_global(), region.starts_with("cn-"), region.starts_with("us-gov-")) {
        (false, ..) => region,
        (true, true, _) => "cn-north-1",
        (true, _, true) => "us-gov-west-1",
        (true, false, false) => "us-east-1",
    }
}

fn signing(config: &SdkConfig, api: Api) -> Result<StaticRuntimePlugin> {
    let missing = || {
        CloudError::new(
            ErrorCode::CredentialsInvalid,
            "The session has no credentials.",
            "Sign in again.",
        )
    };
    let credentials = config.credentials_provider().ok_or_else(missing)?;
    let region = config.region().ok_or_else(missing)?;
    let region = SigningRegion::from(Region::new(signing_region(api, region.as_ref()).to_owned()));
    let id = api.id;
    let mut layer = Layer::new(id);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(region),
        name: Some(SigningName::from_static(id)),
        ..SigV4OperationSigningConfig::default()
    });
    let components = RuntimeComponentsBuilder::new(id)
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
pub(crate) fn texts(xml: &str, name: &str) -> Vec<String> {
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
    fn chinese_regions_and_global_services_have_their_own_addresses() {
        let api = |id| Api {
            name: id,
            id,
            version: "",
        };
        assert_eq!(endpoint(api("ec2"), "eu-west-1"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(endpoint(api("ec2"), "cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
        assert_eq!(endpoint(api("iam"), "eu-west-1"), "https://iam.amazonaws.com");
        assert_eq!(endpoint(api("iam"), "cn-north-1"), "https://iam.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn values_are_escaped_as_in_a_form() {
        assert_eq!(escaped("arn:aws:x/a b+é"), "arn%3Aaws%3Ax%2Fa%20b%2B%C3%A9");
        assert_eq!(escaped("pl-1_2.3~"), "pl-1_2.3~");
    }
}
