//! What the app asked of AWS, one line of JSON per request. Never a value.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::date_time::Format;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use specta::Type;

/// One request, as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// When the answer came, RFC 3339, UTC.
    pub time: String,
    /// Profile that was used, or `Practice account`.
    pub profile: String,
    /// AWS service, as the SDK calls it.
    pub service: String,
    /// Operation, such as `DescribeStacks`.
    pub operation: String,
    /// What it was about: a stack, pipeline, bucket and key, or secret, by name.
    pub resource: Option<String>,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// `ok`, an AWS error code, an HTTP status, `no answer`, or `not sent` when the app itself refused.
    pub result: String,
}

/// Writes an [`AuditEntry`] for every request of the sessions it is given to.
///
/// It is an interceptor of the SDK, so that no request can pass it by. A log that cannot be written does not stop the work;
/// it is reported once through `tracing`.
#[derive(Clone, Debug)]
pub struct AuditLog {
    sink: Option<Arc<Sink>>,
}

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

/// Which entries of the log to show. What is left empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AuditFilter {
    /// Only calls through this profile.
    pub profile: Option<String>,
    /// Only calls of this service.
    pub service: Option<String>,
    /// Only calls with this text in operation, resource, request id or result, without regard to case.
    pub text: Option<String>,
    /// Only calls that did not succeed.
    pub failed: bool,
    /// Only calls that change something, or would have.
    pub changes: bool,
}

impl AuditFilter {
    fn matches(&self, entry: &AuditEntry) -> bool {
        let same = |wanted: &Option<String>, there: &str| wanted.as_deref().is_none_or(|w| w.is_empty() || w == there);
        let text = self.text.as_deref().unwrap_or_default().trim().to_lowercase();
        let fields = [
            Some(&entry.operation),
            entry.resource.as_ref(),
            entry.request_id.as_ref(),
            Some(&entry.result),
        ];
        same(&self.profile, &entry.profile)
            && same(&self.service, &entry.service)
            && (!self.failed || entry.result != "ok")
            && (!self.changes || !crate::watch::only_reads(&entry.operation))
            && (text.is_empty() || fields.iter().flatten().any(|field| field.to_lowercase().contains(&text)))
    }
}

/// Part of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// The entries, newest first.
    pub entries: Vec<AuditEntry>,
    /// How many match in all.
    pub total: u32,
    /// Profiles that stand anywhere in the log, in alphabetical order.
    pub profiles: Vec<String>,
    /// Services that stand anywhere in the log, in alphabetical order.
    pub services: Vec<String>,
}

#[derive(Default)]
struct Seen {
    profiles: BTreeSet<String>,
    services: BTreeSet<String>,
}

impl Seen {
    fn note(&mut self, entry: &AuditEntry) {
        for (set, name) in [(&mut self.profiles, &entry.profile), (&mut self.services, &entry.service)] {
            if !set.contains(name) {
                set.insert(name.clone());
            }
        }
    }
}

/// The log starts a new file beyond this size, and keeps one old file beside it.
const LARGEST: u64 = 10 * 1024 * 1024;

impl AuditLog {
    /// A log in `file`; its folder is created when the first line is written.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self {
            sink: Some(Arc::new(Sink {
                path: file.into(),
                file: Mutex::new(None),
            })),
        }
    }

    /// No log.
    pub fn off() -> Self {
        Self { sink: None }
    }

    /// Where it is written.
    pub fn path(&self) -> Option<&Path> {
        self.sink.as_ref().map(|s| s.path.as_path())
    }

    /// The newest entries that match, and how many there are. `skip` of the newest matches are left out first.
    ///
    /// # Errors
    /// A file of the log cannot be read. A log that has not begun yet is empty.
    pub fn page(&self, filter: &AuditFilter, skip: u32, limit: u32) -> std::io::Result<AuditPage> {
        let mut page = AuditPage::default();
        let mut seen = Seen::default();
        let mut matching = Vec::new();
        for entry in self.entries()? {
            seen.note(&entry);
            if filter.matches(&entry) {
                matching.push(entry);
            }
        }
        page.total = u32::try_from(matching.len()).unwrap_or(u32::MAX);
        page.entries = matching
            .into_iter()
            .rev()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect();
        page.profiles = seen.profiles.into_iter().collect();
        page.services = seen.services.into_iter().collect();
        Ok(page)
    }

    /// Writes every entry that matches to `file`, one line of JSON each, oldest first. Returns how many.
    ///
    /// # Errors
    /// The log cannot be read or the file cannot be written.
    pub fn export(&self, filter: &AuditFilter, file: &Path) -> std::io::Result<u32> {
        let mut out = std::io::BufWriter::new(File::create(file)?);
        let mut written = 0;
        for entry in self.entries()?.filter(|entry| filter.matches(entry)) {
            serde_json::to_writer(&mut out, &entry)?;
            out.write_all(b"\n")?;
            written += 1;
        }
        out.flush()?;
        Ok(written)
    }

    /// All entries, oldest first. Lines that are no entry, such as one that is just being written, are passed over.
    fn entries(&self) -> std::io::Result<impl Iterator<Item = AuditEntry>> {
        let mut text = String::new();
        if let Some(path) = self.path() {
            for file in [path.with_extension("old.jsonl"), path.to_owned()] {
                match std::fs::read(&file) {
                    Ok(bytes) => text.push_str(&String::from_utf8_lossy(&bytes)),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let lines: Vec<_> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(lines.into_iter())
    }

    pub(crate) fn interceptor(&self, profile: &str) -> AuditInterceptor {
        AuditInterceptor {
            log: self.clone(),
            profile: profile.to_owned(),
        }
    }

    fn write(&self, entry: &AuditEntry) {
        let Some(sink) = &self.sink else { return };
        let Ok(mut line) = serde_json::to_vec(entry) else { return };
        line.push(b'\n');
        let mut file = sink.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = sink.append(&mut file, &line) {
            tracing::warn!(path = %sink.path.display(), %error, "the audit log cannot be written");
        }
    }
}

impl Sink {
    fn append(&self, file: &mut Option<File>, line: &[u8]) -> std::io::Result<()> {
        if file.as_ref().is_some_and(|f| f.metadata().map_or(0, |m| m.len()) > LARGEST) {
            *file = None;
            std::fs::rename(&self.path, self.path.with_extension("old.jsonl"))?;
        }
        if file.is_none() {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            *file = Some(OpenOptions::new().create(true).append(true).open(&self.path)?);
        }
        match file {
            // One write per line: lines of two processes do not mix.
            Some(file) => file.write_all(line),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
struct About(Option<String>);

impl Storable for About {
    type Storer = StoreReplace<Self>;
}

#[derive(Clone, Debug)]
pub(crate) struct AuditInterceptor {
    log: AuditLog,
    profile: String,
}

#[dyn_dispatch_hint]
impl Intercept for AuditInterceptor {
    fn name(&self) -> &'static str {
        "AuditLog"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(About(resource(context.request())));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = cfg.load::<Metadata>() else {
            return Ok(());
        };
        let response = context.response();
        let result = match (context.output_or_error(), response) {
            (Some(Ok(_)), _) => "ok".to_owned(),
            (_, Some(response)) => error_code(response),
            (_, None) if cfg.load::<About>().is_none() => "not sent".to_owned(),
            (_, None) => "no answer".to_owned(),
        };
        let time = aws_smithy_types::DateTime::from(SystemTime::now());
        self.log.write(&AuditEntry {
            time: time.fmt(Format::DateTime).unwrap_or_default(),
            profile: self.profile.clone(),
            service: metadata.service().to_owned(),
            operation: metadata.name().to_owned(),
            resource: cfg.load::<About>().and_then(|a| a.0.clone()),
            request_id: response.and_then(|r| r.request_id()).map(str::to_owned),
            result,
        });
        Ok(())
    }
}

/// Fields of a request that name a resource. Only these are ever copied out of a request, so that a value cannot follow.
const NAMES: &[&str] = &[
    "StackName",
    "pipelineName",
    "name",
    "SecretId",
    "ResourceId",
    "cluster",
    "ConnectionName",
    "ConnectionArn",
    "RoleSessionName",
    "taskDefinition",
    "logGroupName",
    "DBInstanceIdentifier",
    "PrefixListName",
];

fn resource(request: &HttpRequest) -> Option<String> {
    let uri = request.uri();
    let path = uri
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(_, path)| path);
    let path = path.split('?').next().unwrap_or_default();
    if !path.is_empty() && !path.starts_with("service/") {
        return Some(path.to_owned());
    }
    let body = request.body().bytes()?;
    if body.first() == Some(&b'{') {
        let json: serde_json::Value = serde_json::from_slice(body).ok()?;
        return NAMES.iter().find_map(|name| json.get(name)?.as_str()).map(str::to_owned);
    }
    let text = std::str::from_utf8(body).ok()?;
    NAMES.iter().find_map(|name| form_value(text, name))
}

fn form_value(form: &str, name: &str) -> Option<String> {
    let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.replace("%3A", ":").replace("%2F", "/"))
}

/// The error code of an answer: in a header, or in the body for the older protocols.
pub(crate) fn error_code(response: &HttpResponse) -> String {
    let status = format!("HTTP {}", response.status().as_u16());
    if let Some(code) = response
        .headers()
        .get("x-amzn-errortype")
        .or_else(|| response.headers().get("x-amzn-query-error"))
    {
        return code.split([':', ';']).next().unwrap_or(code).to_owned();
    }
    let Some(text) = response.body().bytes().and_then(|b| std::str::from_utf8(b).ok()) else {
        return status;
    };
    if let Some((_, rest)) = text.split_once("<Code>") {
        return rest.split('<').next().filter(|c| c.len() < 80).map_or(status, str::to_owned);
    }
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|json| {
            json.get("__type")?
                .as_str()
                .and_then(|t| t.rsplit('#').next())
                .map(str::to_owned)
        })
        .unwrap_or(status)
}
