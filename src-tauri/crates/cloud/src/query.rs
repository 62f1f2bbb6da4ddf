//! Single operations of AWS's query and JSON protocols, for services of which the app needs too little for a crate of the SDK.
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
use serde_json::Value;

use crate::audit::error_code;
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

/// A service that speaks AWS's JSON protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonApi {
    /// Name in the audit log and in messages.
    pub(crate) name: &'static str,
    /// Name in addresses and signatures.
    pub(crate) id: &'static str,
    /// What stands before the operation in the header that names it.
    pub(crate) target: &'static str,
    /// Address and region of a service that has only one.
    pub(crate) home: Option<(&'static str, &'static str)>,
}

/// A request that is ready to be signed.
struct Call {
    name: &'static str,
    id: &'static str,
    operation: &'static str,
    endpoint: String,
    region: String,
    request: http::request::Builder,
    body: String,
}

/// Sends one request and returns the XML of the answer.
pub(crate) async fn ask(session: &Session, api: Api, operation: &'static str, query: &[(&str, &str)]) -> Result<String> {
    let mut body = format!("Action={operation}&Version={}", api.version);
    for (key, value) in query {
        body.extend(["&", key, "=", &escaped(value)]);
    }
    let region = &session.account().region;
    let call = Call {
        name: api.name,
        id: api.id,
        operation,
        endpoint: endpoint(api, region),
        region: signing_region(api, region).to_owned(),
        request: post("application/x-www-form-urlencoded"),
        body,
    };
    send(session, call).await
}

/// Sends one request of the JSON protocol and returns the answer.
pub(crate) async fn ask_json(session: &Session, api: JsonApi, operation: &'static str, body: &Value) -> Result<Value> {
    let region = &session.account().region;
    let own = Api {
        name: api.name,
        id: api.id,
        version: "",
    };
    let call = Call {
        name: api.name,
        id: api.id,
        operation,
        endpoint: api.home.map_or_else(|| endpoint(own, region), |(url, _)| url.to_owned()),
        region: api.home.map_or_else(|| region.clone(), |(_, region)| region.to_owned()),
        request: post("application/x-amz-json-1.1").header("x-amz-target", format!("{}.{operation}", api.target)),
        body: body.to_string(),
    };
    let text = send(session, call).await?;
    serde_json::from_str(&text).map_err(|_| {
        CloudError::new(
            ErrorCode::Other,
            format!("The answer of {} ({operation}) is no JSON.", api.name),
            "Check that the address leads to AWS.",
        )
    })
}

/// The first distribution of the account, as XML: CloudFront speaks neither of the other protocols.
pub(crate) async fn list_distributions(session: &Session) -> Result<String> {
    let call = Call {
        name: "CloudFront",
        id: "cloudfront",
        operation: "ListDistributions",
        endpoint: "https://cloudfront.amazonaws.com".to_owned(),
        region: "us-east-1".to_owned(),
        request: http::Request::builder()
            .method("GET")
            .uri("/2020-05-31/distribution?MaxItems=1"),
        body: String::new(),
    };
    send(session, call).await
}

fn post(content_type: &str) -> http::request::Builder {
    http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", content_type)
}

async fn send(session: &Session, call: Call) -> Result<String> {
    let config = &session.0.config;
    let endpoint = config.endpoint_url().map_or(call.endpoint, str::to_owned);
    let mut builder = Operation::builder()
        .service_name(call.name)
        .operation_name(call.operation)
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .runtime_plugin(signing(config, call.id, call.region)?)
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
    let request = call
        .request
        .header("content-length", call.body.len())
        .body(SdkBody::from(call.body));
    let request = request.map_err(|error| CloudError::invalid(format!("The request is none: {error}."), "Try again."))?;
    builder
        .serializer(|request: http::Request<SdkBody>| Ok(HttpRequest::try_from(request)?))
        .deserializer(|response: &HttpResponse| {
            let text = response
                .body()
                .bytes()
                .map(|b| String::from_utf8_lossy(b).into_owned())
                .unwrap_or_default();
            if response.status().is_success() {
                return Ok(text);
            }
            Err(OrchestratorError::operation(Refusal(refusal(response, &text))))
        })
        .build()
        .invoke(request)
        .await
        .doing(|| format!("ask {} ({})", call.name, call.operation))
}

/// Code and message of a refusal, in whichever protocol.
fn refusal(response: &HttpResponse, text: &str) -> ErrorMetadata {
    let first = |name| texts(text, name).into_iter().next().unwrap_or_default();
    let json = serde_json::from_str::<Value>(text).ok();
    let message = match &json {
        Some(json) => json
            .get("message")
            .or_else(|| json.get("Message"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        None => first("Message"),
    };
    let code = if json.is_some() { error_code(response) } else { first("Code") };
    ErrorMetadata::builder().code(code).message(message).build()
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

fn signing(config: &SdkConfig, id: &'static str, region: String) -> Result<StaticRuntimePlugin> {
    let missing = || {
        CloudError::new(
            ErrorCode::CredentialsInvalid,
            "The session has no credentials.",
            "Sign in again.",
        )
    };
    let credentials = config.credentials_provider().ok_or_else(missing)?;
    let region = SigningRegion::from(Region::new(region));
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
