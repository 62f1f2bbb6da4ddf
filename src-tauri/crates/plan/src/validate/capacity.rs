//! Rules for sizes: database, machines, Spot and what scales the servers.

use super::MAX_SERVERS;
use crate::choices::{Aurora, Choices, Database, DatabaseOptions, Launch, Rollout, ScaleBy};
use crate::error::PlanError;

/// Storage of a `gp3` database in GB. Source: "Amazon RDS DB instance storage" in the Amazon RDS user guide.
const STORAGE_GB: std::ops::RangeInclusive<u32> = 20..=65_536;

pub(super) fn validate(choices: &Choices) -> Result<(), PlanError> {
    if choices.database != Database::None {
        database(choices.database_options)?;
    }
    if choices.launch == Launch::FargateSpot && choices.spot_base > MAX_SERVERS {
        return Err(PlanError::choice(
            "spotBase",
            choices.spot_base,
            format!("at most {MAX_SERVERS} servers"),
        ));
    }
    if let (Launch::Ec2, Some(machine)) = (choices.launch, choices.machine)
        && !crate::application::machine_of(machine).holds(choices.servers)
    {
        let rule = "too small for one server of this size; choose a larger machine or a smaller server";
        return Err(PlanError::choice("machine", format!("{machine:?}").to_lowercase(), rule));
    }
    if let (ScaleBy::Requests { per_minute }, Rollout::BlueGreen { .. }) = (choices.scale_by, choices.rollout) {
        // Each release moves the traffic to the other target group; the metric follows one of them only.
        let rule = "with blue/green releases the number of servers can follow the processors only";
        return Err(PlanError::choice("scaleBy.perMinute", per_minute, rule));
    }
    match choices.scale_by {
        ScaleBy::Cpu { percent } if !(10..=90).contains(&percent) => {
            Err(PlanError::choice("scaleBy.percent", percent, "10 to 90 percent, such as 60"))
        }
        ScaleBy::Requests { per_minute } if !(1..=1_000_000).contains(&per_minute) => Err(PlanError::choice(
            "scaleBy.perMinute",
            per_minute,
            "1 to 1000000 requests a minute, such as 1000",
        )),
        ScaleBy::Cpu { .. } | ScaleBy::Requests { .. } => Ok(()),
    }
}

fn database(options: DatabaseOptions) -> Result<(), PlanError> {
    if let Some(aurora) = options.aurora {
        capacity(aurora)?;
    }
    if !STORAGE_GB.contains(&options.storage_gb) {
        return Err(PlanError::choice(
            "databaseOptions.storageGb",
            options.storage_gb,
            "20 to 65536 GB",
        ));
    }
    // RDS wants room of at least a tenth before it grows storage by itself.
    let fixed = options.max_storage_gb == options.storage_gb;
    let least = options.storage_gb + options.storage_gb.div_ceil(10);
    if !fixed && !(least..=*STORAGE_GB.end()).contains(&options.max_storage_gb) {
        let rule = format!("{} to keep it fixed, or {least} to 65536 GB", options.storage_gb);
        return Err(PlanError::choice(
            "databaseOptions.maxStorageGb",
            options.max_storage_gb,
            rule,
        ));
    }
    if !(1..=35).contains(&options.backup_days) {
        return Err(PlanError::choice(
            "databaseOptions.backupDays",
            options.backup_days,
            "1 to 35 days",
        ));
    }
    Ok(())
}

/// Capacity that every version of the planned engines takes. Source: "Aurora Serverless v2 capacity" in the Amazon Aurora user
/// guide; the pause is `SecondsUntilAutoPause` of the API, 300 to 86,400 seconds.
fn capacity(aurora: Aurora) -> Result<(), PlanError> {
    let half = |acu: f64| acu.is_finite() && (acu * 2.0).fract() == 0.0;
    if !half(aurora.min_acu) || !(0.0..=256.0).contains(&aurora.min_acu) {
        let rule = "0 to 256 capacity units in steps of a half; 0 lets the database pause";
        return Err(PlanError::choice("databaseOptions.aurora.minAcu", aurora.min_acu, rule));
    }
    if !half(aurora.max_acu) || !(1.0..=256.0).contains(&aurora.max_acu) {
        let rule = "1 to 256 capacity units in steps of a half";
        return Err(PlanError::choice("databaseOptions.aurora.maxAcu", aurora.max_acu, rule));
    }
    if aurora.max_acu < aurora.min_acu {
        let rule = format!("not less than the lowest capacity, which is {}", aurora.min_acu);
        return Err(PlanError::choice("databaseOptions.aurora.maxAcu", aurora.max_acu, rule));
    }
    if !(5..=1440).contains(&aurora.pause_minutes) {
        return Err(PlanError::choice(
            "databaseOptions.aurora.pauseMinutes",
            aurora.pause_minutes,
            "5 to 1440 minutes",
        ));
    }
    Ok(())
}
