//! The connection to the source host. One serves every application of an account and region.

use aws_sdk_codeconnections::types::{ConnectionStatus, ProviderType, Tag};
use zonke_plan::connection_name;
use zonke_project::GitProvider;

use crate::error::{CloudError, Doing, Result};
use crate::session::Session;
use crate::view::ConnectionView;

/// A connection as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) available: bool,
}

impl Connection {
    pub(crate) fn view(&self, session: &Session) -> ConnectionView {
        let region = &session.account().region;
        ConnectionView {
            name: self.name.clone(),
            available: self.available,
            console_url: format!("https://{region}.console.aws.amazon.com/codesuite/settings/connections?region={region}"),
        }
    }
}

fn provider_type(provider: GitProvider) -> ProviderType {
    match provider {
        GitProvider::GitHub => ProviderType::Github,
        GitProvider::GitLab => ProviderType::Gitlab,
        GitProvider::Bitbucket => ProviderType::Bitbucket,
        GitProvider::AzureDevOps => ProviderType::AzureDevOps,
    }
}

/// The connection to this host, an available one if possible.
pub(crate) async fn find(session: &Session, provider: GitProvider) -> Result<Option<Connection>> {
    let name = connection_name(provider);
    let kind = provider_type(provider);
    let mut found: Option<Connection> = None;
    let mut pages = session
        .0
        .connections
        .list_connections()
        .provider_type_filter(kind)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for connection in page
            .doing(|| "list the connections to source hosts".to_owned())?
            .connections()
        {
            let ours = connection.connection_name() == Some(name.as_str());
            let available = connection.connection_status() == Some(&ConnectionStatus::Available);
            if let (true, Some(arn)) = (ours, connection.connection_arn())
                && found.as_ref().is_none_or(|f| !f.available && available)
            {
                found = Some(Connection {
                    arn: arn.to_owned(),
                    name: name.clone(),
                    available,
                });
            }
        }
    }
    Ok(found)
}

/// The connection to this host, made if there is none. It is free of charge, and every application of the account shares it.
pub(crate) async fn find_or_create(session: &Session, provider: GitProvider) -> Result<Connection> {
    if let Some(found) = find(session, provider).await? {
        return Ok(found);
    }
    let name = connection_name(provider);
    let tag = Tag::builder()
        .key("zonke:shared")
        .value("true")
        .build()
        .map_err(|e| CloudError::invalid(format!("Could not tag the connection: {e}."), "Try again."))?;
    let created = session
        .0
        .connections
        .create_connection()
        .connection_name(&name)
        .provider_type(provider_type(provider))
        .tags(tag)
        .send()
        .await
        .doing(|| format!("create the connection `{name}`"))?;
    Ok(Connection {
        arn: created.connection_arn().to_owned(),
        name,
        available: false,
    })
}

/// Whether the pipeline can use a connection now.
pub(crate) async fn is_available(session: &Session, arn: &str) -> Result<bool> {
    let output = session
        .0
        .connections
        .get_connection()
        .connection_arn(arn)
        .send()
        .await
        .doing(|| "look at the connection to the source host".to_owned())?;
    Ok(output.connection().and_then(|c| c.connection_status()) == Some(&ConnectionStatus::Available))
}
