//! Everything that talks to AWS: sessions, deployments and live views.
