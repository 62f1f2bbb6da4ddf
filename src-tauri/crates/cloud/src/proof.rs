//! Who we are in the connected account, beyond its number.

use std::time::{Duration, Instant};

use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use tokio::net::TcpStream;

use crate::error::Result;
use crate::query::{Api, ask, texts};
use crate::session::Session;

/// IAM and the version of its API.
pub(crate) const IAM: Api = Api {
    name: "IAM",
    id: "iam",
    version: "2010-05-08",
};

/// What AWS says of the account and of who we are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Alias of the account, if it has one and we may see it.
    pub alias: Option<String>,
    /// Who we are, in words.
    pub who: String,
    /// How long a connection to the region takes to open, milliseconds.
    pub latency_ms: Option<f64>,
    /// Whether an access key that never ends is in use.
    pub long_lived_key: bool,
    /// When that key was made, if we may see it, milliseconds since the epoch.
    pub key_created_at: Option<f64>,
}

/// Asks for all of it at once. What only some people may see is left out when it is refused.
///
/// # Errors
/// The credentials are not accepted any more, or cannot be had.
pub async fn prove(session: &Session) -> Result<Facts> {
    let account = session.account();
    let key = long_lived_key(session).await;
    let aliases = async {
        let answer = ask(session, IAM, "ListAccountAliases", &[]).await;
        answer.map(|xml| texts(&xml, "member").into_iter().next())
    };
    let made = async {
        let Some(id) = &key else {
            return Ok::<_, crate::CloudError>(None);
        };
        let answer = ask(session, IAM, "ListAccessKeys", &[]).await?;
        Ok(made_at(&answer, id))
    };
    let region = account.region.clone();
    let url = account
        .endpoint_url
        .clone()
        .or_else(|| session.0.config.endpoint_url().map(str::to_owned));
    let (alias, key_created_at, latency_ms) = tokio::join!(aliases, made, latency(&region, url.as_deref()));
    let seen = |answer: Result<Option<String>>| match answer {
        Err(error) if error.signed_out() => Err(error),
        other => Ok(other.unwrap_or(None)),
    };
    Ok(Facts {
        alias: seen(alias)?,
        who: who(&account.arn),
        latency_ms,
        long_lived_key: key.is_some() && !account.practice && account.endpoint_url.is_none(),
        key_created_at: key_created_at.unwrap_or(None),
    })
}

/// How long a TCP connection to AWS in `region`, or to `url`, takes to open, milliseconds. Nothing is sent.
pub async fn latency(region: &str, url: Option<&str>) -> Option<f64> {
    let host = match url {
        Some(url) => host_and_port(url)?,
        None if region.starts_with("cn-") => format!("sts.{region}.amazonaws.com.cn:443"),
        None => format!("sts.{region}.amazonaws.com:443"),
    };
    // Once for the name, which is looked up only the first time, and once to measure.
    let connect = || tokio::time::timeout(Duration::from_secs(3), TcpStream::connect(&host));
    connect().await.ok()?.ok()?;
    let begun = Instant::now();
    connect().await.ok()?.ok()?;
    Some((begun.elapsed().as_secs_f64() * 10_000.0).round() / 10.0)
}

fn host_and_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let named = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(match (named, scheme) {
        (true, _) => host.to_owned(),
        (false, "http") => format!("{host}:80"),
        (false, _) => format!("{host}:443"),
    })
}

/// Id of the access key in use, if it is one that never ends.
async fn long_lived_key(session: &Session) -> Option<String> {
    let credentials = session.0.config.credentials_provider()?.provide_credentials().await.ok()?;
    (credentials.session_token().is_none() && credentials.expiry().is_none()).then(|| credentials.access_key_id().to_owned())
}

/// When the key of this id was made, by the answer to `ListAccessKeys`.
fn made_at(xml: &str, id: &str) -> Option<f64> {
    let ids = texts(xml, "AccessKeyId");
    let dates = texts(xml, "CreateDate");
    let (_, date) = ids.iter().zip(&dates).find(|(found, _)| *found == id)?;
    let date = DateTime::from_str(date, Format::DateTimeWithOffset).ok()?;
    Some(date.as_secs_f64() * 1000.0)
}

/// An ARN of an identity in words.
pub(crate) fn who(arn: &str) -> String {
    let rest = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let mut parts = rest.split('/');
    match (parts.next(), parts.next(), parts.next_back()) {
        (Some("root"), None, _) => "the root user".to_owned(),
        (Some("user"), Some(name), None) | (Some("user"), Some(_), Some(name)) => format!("IAM user {name}"),
        (Some("assumed-role"), Some(role), Some(session)) => match permission_set(role) {
            Some(set) => format!("{session}, through permission set {set}"),
            None => format!("role {role} as {session}"),
        },
        _ => rest.to_owned(),
    }
}

/// IAM Identity Center makes a role `AWSReservedSSO_<permission set>_<16 digits>` in each account.
fn permission_set(role: &str) -> Option<&str> {
    role.strip_prefix("AWSReservedSSO_")?.rsplit_once('_').map(|(set, _)| set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_said_in_words() {
        for (arn, words) in [
            ("arn:aws:iam::111122223333:root", "the root user"),
            ("arn:aws:iam::111122223333:user/ada", "IAM user ada"),
            ("arn:aws:iam::111122223333:user/team/ada", "IAM user ada"),
            ("arn:aws:sts::111122223333:assumed-role/Deployer/ada", "role Deployer as ada"),
            (
                "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Deploy_Prod_0123456789abcdef/ada@example.com",
                "ada@example.com, through permission set Deploy_Prod",
            ),
            ("", ""),
        ] {
            assert_eq!(who(arn), words);
        }
    }

    #[test]
    fn the_age_of_the_key_in_use_is_found_among_several() {
        let xml = "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><AccessKeyId>AKIAOTHER</AccessKeyId>\
            <CreateDate>2020-01-01T00:00:00Z</CreateDate></member><member><AccessKeyId>AKIAMINE</AccessKeyId>\
            <CreateDate>1970-01-02T00:00:00+00:00</CreateDate></member></AccessKeyMetadata></ListAccessKeysResult></ListAccessKeysResponse>";
        assert_eq!(made_at(xml, "AKIAMINE"), Some(86_400_000.0));
        assert_eq!(made_at(xml, "AKIANONE"), None);
    }

    #[test]
    fn an_address_has_a_port() {
        assert_eq!(host_and_port("http://localhost:4566").as_deref(), Some("localhost:4566"));
        assert_eq!(
            host_and_port("https://gateway.example/x").as_deref(),
            Some("gateway.example:443")
        );
        assert_eq!(host_and_port("nonsense"), None);
    }
}
