//! Databases and migrations.

use super::DATABASES;
use crate::FixClass;
use crate::catalogue::Row;

/// Databases and migrations.
pub(crate) const DATABASE: &[Row] = &[
    Row {
        code: "prisma-p3009-failed-migration",
        class: FixClass::Code,
        kinds: DATABASES,
        pattern: r"P3009",
        meaning: "An earlier migration failed, and Prisma goes no further until that is settled.",
        fix: "Repair the database, then mark the migration with prisma migrate resolve, as rolled back or as applied.",
    },
    Row {
        code: "prisma-p3018-migration-sql-failed",
        class: FixClass::Code,
        kinds: DATABASES,
        pattern: r"P3018",
        meaning: "The SQL of a migration failed.",
        fix: "Correct the migration; the database's own error stands below it in the log. The next run will ask for prisma migrate resolve.",
    },
    Row {
        code: "prisma-p3005-baseline-needed",
        class: FixClass::Code,
        kinds: DATABASES,
        pattern: r"P3005",
        meaning: "The database has tables already, but no history of migrations.",
        fix: "Mark the first migration as applied: prisma migrate resolve --applied NAME.",
    },
    Row {
        code: "prisma-engine-download",
        class: FixClass::Settings,
        kinds: DATABASES,
        pattern: r"binaries\.prisma\.sh.*(?:ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN)|(?:ENOTFOUND|ETIMEDOUT|EAI_AGAIN).*binaries\.prisma\.sh",
        meaning: "Prisma tries to download its engine while it runs, from a place without the internet.",
        fix: "Release again, so that the build puts the engine into the bundle.",
    },
    Row {
        code: "database-unreachable",
        class: FixClass::Settings,
        kinds: DATABASES,
        pattern: r"P1001|Can'?t reach database server",
        meaning: "The database cannot be reached: it is stopped or still being created, or a firewall rule is missing.",
        fix: "Check that the database runs and that its firewall admits the servers and the migration function.",
    },
    Row {
        code: "database-auth-failed",
        class: FixClass::Settings,
        kinds: DATABASES,
        pattern: r"P1000\b|password authentication failed|Access denied for user",
        meaning: "The database does not accept the password; it was changed in one place only.",
        fix: "Write the new password into the secret of the database's address and replace the servers.",
    },
    Row {
        code: "database-tls-certificate",
        class: FixClass::Settings,
        kinds: DATABASES,
        pattern: r"self[- ]signed certificate|SELF_SIGNED_CERT_IN_CHAIN|unable to get local issuer certificate|P1010|P1011",
        meaning: "The connection to the database fails because its certificate is not known to the app.",
        fix: "Let NODE_EXTRA_CA_CERTS point to the RDS certificates that are part of the image.",
    },
    Row {
        code: "database-tls-required",
        class: FixClass::Code,
        kinds: DATABASES,
        pattern: r"no pg_hba\.conf entry for host.*(?:SSL off|no encryption)",
        meaning: "The database takes encrypted connections only, and the app connects without encryption.",
        fix: "Add sslmode=require to the address of the database.",
    },
    Row {
        code: "migration-lambda-timeout",
        class: FixClass::Code,
        kinds: DATABASES,
        pattern: r"Task timed out after 900",
        meaning: "The migration took longer than 15 minutes, the most a function may run.",
        fix: "Look for a lock in the database first; run a long migration as a task of its own.",
    },
];
