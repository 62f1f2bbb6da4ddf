//! Every way into an AWS account, up to the credentials.
