//! The database engine, as an instance or as Aurora.

use super::Application;
use crate::choices::{Aurora, Database};

/// A database engine as the templates need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Engine {
    /// RDS engine name.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) label: &'static str,
    /// Major version only: automatic minor upgrades would make a full version in a template a forbidden downgrade.
    pub(crate) version: &'static str,
    pub(crate) parameter_family: &'static str,
    pub(crate) port: u16,
    /// Connections that the smallest class takes by RDS's own formula, in which memory counts: 1 GiB / 9,531,392 bytes for
    /// PostgreSQL, 1 GiB / 12,582,880 bytes for MySQL, less what the engine keeps for itself.
    pub(crate) connections: i64,
}

/// PostgreSQL and MySQL as Aurora, in the same major versions; both may pause.
const AURORA_POSTGRES: Engine = Engine {
    name: "aurora-postgresql",
    label: "Aurora PostgreSQL",
    parameter_family: "aurora-postgresql18",
    ..POSTGRES
};
const AURORA_MYSQL: Engine = Engine {
    name: "aurora-mysql",
    label: "Aurora MySQL",
    parameter_family: "aurora-mysql8.4",
    ..MYSQL
};

/// Connections that Aurora Serverless v2 takes with this highest capacity, by steps: a number for each, and below 1 unit of lowest
/// capacity never more than 2,000. Source: "Maximum connections for Aurora Serverless v2" in the Amazon Aurora user guide.
const AURORA_CONNECTIONS: [(f64, i64, i64); 6] = [
    (1.0, 189, 90),
    (4.0, 823, 135),
    (8.0, 1669, 1000),
    (16.0, 3360, 2000),
    (32.0, 5000, 3000),
    (64.0, 5000, 4000),
];

/// PostgreSQL as it is planned: the newest major version that RDS offers. Checkers already call older ones deprecated for new
/// databases.
const POSTGRES: Engine = Engine {
    name: "postgres",
    label: "PostgreSQL",
    version: "18",
    parameter_family: "postgres18",
    port: 5432,
    connections: 79,
};
/// MySQL as it is planned; 8.0 is past its community support and costs extra on RDS.
const MYSQL: Engine = Engine {
    name: "mysql",
    label: "MySQL",
    version: "8.4",
    parameter_family: "mysql8.4",
    port: 3306,
    connections: 60,
};

impl Application<'_> {
    pub(crate) fn engine(&self) -> Option<Engine> {
        match self.choices.database {
            Database::None => None,
            Database::Postgres if self.aurora().is_some() => Some(self.with_connections(AURORA_POSTGRES)),
            Database::Postgres => Some(POSTGRES),
            Database::Mysql if self.aurora().is_some() => Some(self.with_connections(AURORA_MYSQL)),
            Database::Mysql => Some(MYSQL),
        }
    }

    /// Capacity of Aurora; nothing without a database, or with an instance.
    pub(crate) fn aurora(&self) -> Option<Aurora> {
        let chosen = self.choices.database != Database::None;
        self.choices.database_options.aurora.filter(|_| chosen)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.choices.database == Database::Postgres
    }

    fn with_connections(&self, engine: Engine) -> Engine {
        let Some(aurora) = self.aurora() else { return engine };
        let step = AURORA_CONNECTIONS.iter().rev().find(|(most, ..)| *most <= aurora.max_acu);
        let (_, postgres, mysql) = step.unwrap_or(&AURORA_CONNECTIONS[0]);
        let connections = *if self.is_postgres() { postgres } else { mysql };
        let most = if aurora.min_acu < 1.0 { 2000 } else { i64::MAX };
        Engine {
            connections: connections.min(most),
            ..engine
        }
    }
}
