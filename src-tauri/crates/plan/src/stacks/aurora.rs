//! The database as Aurora Serverless v2: a cluster that holds the data, and instances that follow the load.

use super::database::{NAME, PASSWORD, tls};
use crate::application::{Application, Engine};
use crate::choices::Aurora;
use crate::model::{OnDelete, Resource};
use crate::plan::Zone;
use crate::price::Charge;
use crate::value::{Value, get_att, list, map, refer, sub};

/// Settings, cluster and instances. The cluster has the logical id of the instance that stands in its place in other plans, so that
/// CloudFormation itself refuses to turn one into the other.
pub(super) fn resources(app: &Application, engine: Engine, aurora: Aurora) -> Vec<Resource> {
    let mut resources = vec![
        settings(app, engine),
        cluster(app, engine, aurora),
        instance(app, engine, "A"),
    ];
    if app.choices.database_options.multi_az {
        resources.push(instance(app, engine, "B"));
    }
    resources
}

fn settings(app: &Application, engine: Engine) -> Resource {
    let (parameter, value, description) = tls(app);
    Resource::new(
        "DatabaseSettings",
        "AWS::RDS::DBClusterParameterGroup",
        description,
        map! {
            "Description": "Settings of the application's database",
            "Family": engine.parameter_family,
            "Parameters": Value::Map(vec![(parameter.to_owned(), value.into())]),
        },
    )
    .zone(Zone::Isolated)
}

fn cluster(app: &Application, engine: Engine, aurora: Aurora) -> Resource {
    let options = app.choices.database_options;
    let mut capacity = vec![
        ("MinCapacity".to_owned(), aurora.min_acu.into()),
        ("MaxCapacity".to_owned(), aurora.max_acu.into()),
    ];
    if aurora.pauses() {
        capacity.push(("SecondsUntilAutoPause".to_owned(), (aurora.pause_minutes * 60).into()));
    }
    let logs = if app.is_postgres() {
        list!["postgresql"]
    } else {
        list!["error", "slowquery"]
    };
    let mut cluster = Resource::new(
        "Database",
        "AWS::RDS::DBCluster",
        format!("{} {}: holds the data", engine.label, engine.version),
        map! {
            "Engine": engine.name,
            "EngineVersion": super::database::version(engine),
            "EngineLifecycleSupport": super::database::lifecycle(),
            "DatabaseName": NAME,
            "MasterUsername": NAME,
            "MasterUserPassword": sub(PASSWORD),
            "ServerlessV2ScalingConfiguration": Value::Map(capacity),
            "StorageEncrypted": true,
            "DBSubnetGroupName": refer("DatabaseSubnets"),
            "VpcSecurityGroupIds": list![get_att("DatabaseGroup", "GroupId")],
            "DBClusterParameterGroupName": refer("DatabaseSettings"),
            "EnableHttpEndpoint": Value::from(false)
                .note("The Data API would be a way in that knows no network; it stays off."),
            "BackupRetentionPeriod": options.backup_days,
            "CopyTagsToSnapshot": true,
            "DeletionProtection": true,
            "EnableCloudwatchLogsExports": logs,
            "Tags": list![map! { "Key": "Name", "Value": app.name() }],
        },
    )
    .zone(Zone::Isolated)
    .node("database")
    .charge(Charge::AuroraStorage)
    .on_delete(OnDelete::Snapshot)
    .accept("CKV_AWS_162", "the application signs in with a password from Secrets Manager");
    if !app.demands_database_tls() {
        let reason = "drivers of MySQL connect without TLS unless the code says otherwise, and would be refused";
        cluster.accepted.push(("CKV2_AWS_69", reason));
    }
    cluster
}

fn instance(app: &Application, engine: Engine, letter: &str) -> Resource {
    let standby = letter == "B";
    let mut instance = Resource::new(
        if standby { "DatabaseStandby" } else { "DatabaseServer" },
        "AWS::RDS::DBInstance",
        if standby {
            "Standby in the second zone: takes over when the first one fails, and has its capacity to do so at once"
        } else {
            "Answers the database's connections; its capacity follows the load"
        },
        map! {
            "DBClusterIdentifier": refer("Database"),
            "Engine": engine.name,
            "DBInstanceClass": "db.serverless",
            "PromotionTier": 1,
            "PubliclyAccessible": false,
            "AutoMinorVersionUpgrade": true,
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "Tags": list![map! { "Key": "Name", "Value": app.name() }],
        },
    )
    .zone(Zone::Isolated)
    .node("database")
    .charge(Charge::AuroraCapacity)
    .accept("CKV_AWS_118", "enhanced monitoring costs extra");
    if app.existing().is_none() {
        // Where the zones of the subnets are not known, Aurora itself puts each instance into another one.
        instance.set("AvailabilityZone", refer(format!("Zone{letter}")));
    }
    if standby {
        // The first instance of a cluster is the one that writes.
        instance = instance.after(["DatabaseServer"]);
    }
    instance
}
