//! Faults of a database that is Aurora Serverless v2.

use super::{OTHERS, add, all_are_found, drop, fault, resource, set, with, without};
use crate::choices::{Aurora, Database};
use crate::model::{OnDelete, Resource, Template};
use crate::value::{get_att, list, map, refer};

#[test]
fn planted_faults_of_aurora_are_found() {
    all_are_found(
        "aurora",
        |choices| {
            choices.database = Database::Postgres;
            choices.database_options.multi_az = true;
            choices.database_options.aurora = Some(Aurora {
                min_acu: 0.0,
                ..Aurora::default()
            });
            choices.own_key = true;
            choices.alarm_address = Some("ops@example.com".to_owned());
        },
        vec![
            fault(
                "public instance of the cluster",
                "database-isolated",
                set("DatabaseStandby", "PubliclyAccessible", true),
            ),
            fault(
                "cluster with the Data API",
                "database-isolated",
                set("Database", "EnableHttpEndpoint", true),
            ),
            fault(
                "cluster in private subnets",
                "database-isolated",
                set(
                    "DatabaseSubnets",
                    "SubnetIds",
                    list![refer("PrivateSubnetA"), refer("PrivateSubnetB")],
                ),
            ),
            fault(
                "instance of another cluster",
                "database-isolated",
                set("DatabaseServer", "DBClusterIdentifier", "another"),
            ),
            fault(
                "cluster behind the servers' firewall",
                "database-admits-servers-only",
                set("Database", "VpcSecurityGroupIds.0", get_att("ServerGroup", "GroupId")),
            ),
            fault(
                "cluster without a firewall of its own",
                "database-admits-servers-only",
                drop("Database", "", "VpcSecurityGroupIds"),
            ),
            fault(
                "unencrypted cluster",
                "database-protected",
                set("Database", "StorageEncrypted", false),
            ),
            fault(
                "unprotected cluster",
                "database-protected",
                set("Database", "DeletionProtection", false),
            ),
            fault(
                "cluster deleted without a snapshot",
                "database-protected",
                |t: &mut Vec<Template>| resource(t, "Database").on_delete = OnDelete::Delete,
            ),
            fault(
                "full version of the cluster",
                "database-protected",
                set("Database", "EngineVersion", "18.3"),
            ),
            fault(
                "password of the cluster in the template",
                "no-secret-values",
                set("Database", "MasterUserPassword", "hunter2hunter2"),
            ),
            fault(
                "cluster encrypted with another key",
                "own-key-everywhere",
                drop("Database", "", "KmsKeyId"),
            ),
            fault(
                "another engine of the cluster",
                "database-as-chosen",
                set("Database", "Engine", "aurora-mysql"),
            ),
            fault(
                "another engine of an instance",
                "database-as-chosen",
                set("DatabaseServer", "Engine", "aurora-mysql"),
            ),
            fault(
                "instance of a fixed size",
                "database-as-chosen",
                set("DatabaseServer", "DBInstanceClass", "db.r7g.large"),
            ),
            fault(
                "more capacity than chosen",
                "database-as-chosen",
                set("Database", "ServerlessV2ScalingConfiguration.MaxCapacity", 128),
            ),
            fault(
                "cluster that never pauses",
                "database-as-chosen",
                drop("Database", "ServerlessV2ScalingConfiguration", "SecondsUntilAutoPause"),
            ),
            fault(
                "cluster without its standby",
                "database-as-chosen",
                without("DatabaseStandby"),
            ),
            fault(
                "standby in the same zone",
                "database-as-chosen",
                set("DatabaseStandby", "AvailabilityZone", refer("ZoneA")),
            ),
            fault(
                "fewer days of backups",
                "database-as-chosen",
                set("Database", "BackupRetentionPeriod", 1),
            ),
            fault(
                "alarm about an instance instead of the cluster",
                "alarms-reach-someone",
                set("BusyDatabase", "Dimensions.0.Value", "another"),
            ),
            fault(
                "second cluster beside the first",
                "database-as-chosen",
                with(Resource::new(
                    "Copy",
                    "AWS::RDS::DBCluster",
                    "a copy",
                    map! { "Engine": "aurora-postgresql", "SourceDBClusterIdentifier": refer("Database") },
                )),
            ),
            fault(
                "class that Aurora does not have",
                OTHERS,
                set("DatabaseServer", "DBInstanceClass", "db.serverles"),
            ),
            fault(
                "settings of another engine",
                OTHERS,
                set("DatabaseSettings", "Family", "aurora-postgresql"),
            ),
            fault(
                "property that only an instance has",
                OTHERS,
                add("Database", "", "MaxAllocatedStorage", 100),
            ),
        ],
    );
}
