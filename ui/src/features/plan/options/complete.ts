import type { Aurora, Choices, DatabaseOptions, ExistingNetwork } from "../../../host/index.ts";

/** Choices of which each is there. */
export type Complete = { [K in keyof Choices]-?: Exclude<Choices[K], undefined> } & { network: Required<ExistingNetwork> | null; databaseOptions: Omit<Required<DatabaseOptions>, "aurora"> & { aurora: Required<Aurora> | null } };

/** What Aurora starts from, as the planner does. */
export const auroraStart: Required<Aurora> = { minAcu: 0.5, maxAcu: 4, pauseMinutes: 10 };

/** Choices that an earlier version left out mean what they meant then. */
export function complete(choices: Choices): Complete {
  return {
    spotBase: 1, machine: null, nat: "gateway", scaleBy: { metric: "cpu", percent: 60 }, environment: null, domain: null, webFirewall: null, logDays: 30, ownKey: false,
    alarmAddress: null, containerInsights: false, rollout: { kind: "rolling" }, releaseOn: "whatMatters", tags: {}, permissionsBoundary: null, dockerfile: null, uiVariables: {}, uiConfig: null,
    ...choices, network: choices.network ? { isolatedSubnets: [], ...choices.network } : null,
    databaseOptions: { class: "db.t4g.micro", storageGb: 20, maxStorageGb: 100, multiAz: false, backupDays: 7, ...choices.databaseOptions, aurora: choices.databaseOptions?.aurora ? { ...auroraStart, ...choices.databaseOptions.aurora } : null },
  };
}
