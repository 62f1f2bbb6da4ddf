import type { Choices, DatabaseOptions } from "../../../host/index.ts";

/** Choices of which each is there. */
export type Complete = { [K in keyof Choices]-?: Exclude<Choices[K], undefined> } & { databaseOptions: Required<DatabaseOptions> };

/** Choices that an earlier version left out mean what they meant then. */
export function complete(choices: Choices): Complete {
  return {
    spotBase: 1, machine: null, nat: "gateway", scaleBy: { metric: "cpu", percent: 60 }, environment: null, domain: null, webFirewall: null, logDays: 30, ownKey: false,
    alarmAddress: null, containerInsights: false, rollout: { kind: "rolling" }, releaseOn: "whatMatters", tags: {}, permissionsBoundary: null, dockerfile: null, uiVariables: {}, uiConfig: null,
    ...choices,
    databaseOptions: { class: "db.t4g.micro", storageGb: 20, maxStorageGb: 100, multiAz: false, backupDays: 7, ...choices.databaseOptions },
  };
}
