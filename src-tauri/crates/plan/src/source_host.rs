//! The source host a repository lies at, as its owner and AWS call it.

use zonke_project::GitProvider;

/// Name of the source host, as its owner writes it.
pub fn host_name(provider: GitProvider) -> &'static str {
    match provider {
        GitProvider::GitHub => "GitHub",
        GitProvider::GitLab => "GitLab",
        GitProvider::Bitbucket => "Bitbucket",
        GitProvider::AzureDevOps => "Azure DevOps",
    }
}

/// Name of the connection to the source host, such as `zonke-github`. Every application of an account and region shares it.
pub fn connection_name(provider: GitProvider) -> String {
    format!("zonke-{}", host_name(provider).to_lowercase().replace(' ', "-"))
}

/// What AWS calls the source host. Source: `ProviderType` of `CreateConnection` in the `CodeConnections` API reference.
pub(crate) fn provider_type(provider: GitProvider) -> &'static str {
    match provider {
        GitProvider::GitHub => "GitHub",
        GitProvider::GitLab => "GitLab",
        GitProvider::Bitbucket => "Bitbucket",
        GitProvider::AzureDevOps => "AzureDevOps",
    }
}
