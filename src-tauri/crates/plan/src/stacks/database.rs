//! Secrets, the database, and the Lambda that migrates it.

use crate::application::{Application, Engine};
use crate::choices::Aurora;
use crate::model::{OnDelete, Resource, Section};
use crate::plan::Zone;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Name of the database and of its user.
pub(super) const NAME: &str = "app";

pub(crate) fn secrets(app: &Application) -> Section {
    let resources = vec![
        Resource::new(
            "AppSecret",
            "AWS::SecretsManager::Secret",
            "The application's secrets, one JSON key for each environment variable",
            map! {
                "Name": format!("{}/app", app.name()),
                "Description": "Secrets of the application, one JSON key for each environment variable",
                "SecretString": Value::from("{}").note("Written once, at creation. Values are set in the app and never pass through a template."),
            },
        )
        .node("secrets")
        .charge(Charge::Secret)
        .accept("CKV_AWS_149", "encrypted with the account's own key; a separate one costs extra"),
    ];
    Section {
        heading: "Secrets",
        resources,
    }
}

/// The password, as CloudFormation fetches it.
pub(super) const PASSWORD: &str = "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}";

/// Seconds that Prisma waits for a connection to a database that may have to wake up first, which takes up to half a minute.
const WAKING: u32 = 40;

/// The version of the engine, as the templates name it.
pub(super) fn version(engine: Engine) -> Value {
    Value::from(engine.version)
        .note("The major version only: minor upgrades come by themselves, and a full version would then be a downgrade.")
}

/// What becomes of a version that is past its support.
pub(super) fn lifecycle() -> Value {
    Value::from("open-source-rds-extended-support-disabled").note("Otherwise an old version would silently become a paid one.")
}

/// The engine's setting for TLS, its value, and both in words.
pub(super) fn tls(app: &Application) -> (&'static str, &'static str, &'static str) {
    let parameter = if app.is_postgres() {
        "rds.force_ssl"
    } else {
        "require_secure_transport"
    };
    if app.demands_database_tls() {
        (parameter, "1", "Database settings: connections must use TLS")
    } else {
        (parameter, "0", "Database settings: connections may use TLS")
    }
}

/// The address of the database, as the servers read it.
fn address(app: &Application, engine: Engine) -> Value {
    // Prisma's MySQL connector needs to be told that the RDS certificate authority is not in the system's store.
    let (scheme, query) = if app.is_postgres() {
        ("postgresql", "schema=public&sslmode=require")
    } else {
        ("mysql", "sslaccept=accept_invalid_certs")
    };
    let patience = if app.aurora().is_some_and(Aurora::pauses) && app.backend.prisma.is_some() {
        format!("&connect_timeout={WAKING}")
    } else {
        String::new()
    };
    sub(format!(
        "{scheme}://{NAME}:{PASSWORD}@${{Database.Endpoint.Address}}:{}/{NAME}?{query}{patience}",
        engine.port
    ))
}

pub(crate) fn database(app: &Application) -> Section {
    let Some(engine) = app.engine() else {
        return Section {
            heading: "Database",
            resources: Vec::new(),
        };
    };
    let name = app.name();
    let mut resources = vec![
        Resource::new(
            "DatabaseSecret",
            "AWS::SecretsManager::Secret",
            "User and password of the database",
            map! {
                "Name": format!("{name}/db"),
                "Description": "User and password of the database",
                "GenerateSecretString": map! {
                    "SecretStringTemplate": format!("{{\"username\":\"{NAME}\",\"dbname\":\"{NAME}\"}}"),
                    "GenerateStringKey": "password",
                    "PasswordLength": 40,
                    "ExcludePunctuation": Value::from(true).note("Then the password needs no escaping in an address."),
                },
            },
        )
        .node("secrets")
        .charge(Charge::Secret)
        .accept(
            "CKV_AWS_149",
            "encrypted with the account's own key; a separate one costs extra",
        ),
        Resource::new(
            "DatabaseSecretAttachment",
            "AWS::SecretsManager::SecretTargetAttachment",
            "Adds host and port of the database to its secret",
            map! {
                "SecretId": refer("DatabaseSecret"),
                "TargetId": refer("Database"),
                "TargetType": if app.aurora().is_some() { "AWS::RDS::DBCluster" } else { "AWS::RDS::DBInstance" },
            },
        )
        .node("secrets"),
        Resource::new(
            "DatabaseUrlSecret",
            "AWS::SecretsManager::Secret",
            "Address of the database with user and password, as the servers read it",
            map! {
                "Name": format!("{name}/db-url"),
                "Description": "Address of the database with user and password, as the servers read it",
                "SecretString": address(app, engine),
            },
        )
        .node("secrets")
        .charge(Charge::Secret)
        .accept(
            "CKV_AWS_149",
            "encrypted with the account's own key; a separate one costs extra",
        ),
        Resource::new(
            "DatabaseSubnets",
            "AWS::RDS::DBSubnetGroup",
            "Puts the database into the isolated subnets",
            map! {
                "DBSubnetGroupDescription": "Isolated subnets",
                "SubnetIds": super::network::subnets(app, Zone::Isolated),
            },
        )
        .zone(Zone::Isolated),
    ];
    match app.aurora() {
        Some(aurora) => resources.extend(super::aurora::resources(app, engine, aurora)),
        None => resources.extend(instance(app, engine)),
    }
    Section {
        heading: "Database",
        resources,
    }
}

/// The database as one instance of RDS, and its settings.
fn instance(app: &Application, engine: Engine) -> [Resource; 2] {
    let (tls_parameter, tls, settings) = tls(app);
    let logs = if app.is_postgres() {
        list!["postgresql", "upgrade"]
    } else {
        list!["error", "slowquery"]
    };
    let options = app.choices.database_options;
    let mut database = Resource::new(
        "Database",
        "AWS::RDS::DBInstance",
        format!("{} {}", engine.label, engine.version),
        map! {
            "Engine": engine.name,
            "EngineVersion": version(engine),
            "EngineLifecycleSupport": lifecycle(),
            "DBInstanceClass": options.class.name(),
            "DBName": NAME,
            "MasterUsername": NAME,
            "MasterUserPassword": sub(PASSWORD),
            "AllocatedStorage": options.storage_gb.to_string(),
            "MaxAllocatedStorage": options.max_storage_gb,
            "StorageType": "gp3",
            "StorageEncrypted": true,
            "MultiAZ": options.multi_az,
            "DBSubnetGroupName": refer("DatabaseSubnets"),
            "VPCSecurityGroups": list![get_att("DatabaseGroup", "GroupId")],
            "DBParameterGroupName": refer("DatabaseSettings"),
            "PubliclyAccessible": false,
            "BackupRetentionPeriod": options.backup_days,
            "CopyTagsToSnapshot": true,
            "DeletionProtection": true,
            "AutoMinorVersionUpgrade": true,
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "EnableCloudwatchLogsExports": logs,
            "Tags": list![map! { "Key": "Name", "Value": app.name() }],
        },
    )
    .zone(Zone::Isolated)
    .node("database")
    .charge(Charge::Database)
    .on_delete(OnDelete::Snapshot)
    .accept("CKV_AWS_118", "enhanced monitoring costs extra")
    .accept("CKV_AWS_161", "the application signs in with a password from Secrets Manager");
    if !options.multi_az {
        let reason = "a standby in a second zone doubles the price";
        database.accepted.insert(0, ("CKV_AWS_157", reason));
    }
    if !app.is_postgres() {
        database.accepted.push((
            "E3691",
            "RDS takes a major version of MySQL; this checker lists full versions only.",
        ));
        if !app.demands_database_tls() {
            let reason = "drivers of MySQL connect without TLS unless the code says otherwise, and would be refused";
            database.accepted.push(("CKV2_AWS_69", reason));
        }
    }
    let settings = Resource::new(
        "DatabaseSettings",
        "AWS::RDS::DBParameterGroup",
        settings,
        map! {
            "Description": "Settings of the application's database",
            "Family": engine.parameter_family,
            "Parameters": Value::Map(vec![(tls_parameter.to_owned(), tls.into())]),
        },
    )
    .zone(Zone::Isolated);
    [settings, database]
}

pub(crate) fn migration(app: &Application) -> Section {
    let name = app.name();
    let architecture = if app.is_arm() { "arm64" } else { "x86_64" };
    let resources = vec![
        Resource::new(
            "MigratorLogs",
            "AWS::Logs::LogGroup",
            "Output of migrations",
            map! { "LogGroupName": format!("/zonke/{name}/migrate"), "RetentionInDays": 30 },
        )
        .node("migrator")
        .accept("CKV_AWS_158", "encrypted by AWS; a key of your own costs extra"),
        super::roles::role(
            app,
            "MigratorRole",
            "What migrations may do: read secrets and their own bundle",
            "lambda.amazonaws.com",
            false,
            &["service-role/AWSLambdaVPCAccessExecutionRole"],
            vec![
                map! { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": list![refer("DatabaseUrlSecret"), refer("AppSecret")] },
                map! {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": sub("arn:${AWS::Partition}:s3:::${ArtifactBucket}/migrations/*"),
                },
            ],
        )
        .node("migrator"),
        Resource::new(
            "Migrator",
            "AWS::Lambda::Function",
            "Runs the Prisma migrations of a commit; started by the pipeline before the servers change",
            map! {
                "FunctionName": format!("{name}-migrate"),
                "Description": "Runs the Prisma migrations of a commit",
                "Runtime": "nodejs24.x",
                "Architectures": list![architecture],
                "Handler": "index.handler",
                "Role": get_att("MigratorRole", "Arn"),
                "Timeout": 900,
                "MemorySize": 1769,
                "EphemeralStorage": map! { "Size": 2048 },
                "Code": map! { "S3Bucket": refer("ArtifactBucket"), "S3Key": refer("MigratorKey") },
                "LoggingConfig": map! { "LogGroup": refer("MigratorLogs"), "LogFormat": "JSON" },
                "VpcConfig": map! {
                    "SubnetIds": super::network::subnets(app, Zone::Private),
                    "SecurityGroupIds": list![get_att("MigratorGroup", "GroupId")],
                },
                "Environment": map! { "Variables": map! {
                    "DATABASE_URL_SECRET": refer("DatabaseUrlSecret"),
                    "APP_SECRET": refer("AppSecret"),
                    "BUNDLE_BUCKET": refer("ArtifactBucket"),
                } }
                .note("Names of secrets only: the values are read when a migration runs, and become its environment variables then."),
            },
        )
        .zone(Zone::Private)
        .node("migrator")
        // Without routes the function could reach neither secrets nor bundles.
        .after(super::network::way_out(app))
        .after(super::network::made(app, &["PrivateRoutesA", "PrivateRoutesB"]))
        .accept("CKV_AWS_115", "new accounts refuse reserved concurrency; the pipeline runs one migration at a time")
        .accept("CKV_AWS_116", "called synchronously: its caller sees every failure")
        .accept("CKV_AWS_173", "holds names, not values"),
    ];
    Section {
        heading: "Migrations",
        resources,
    }
}
