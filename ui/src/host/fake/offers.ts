import type { Choices, Offer, Preset, Quote } from "../bindings.gen.ts";
import { priceOf } from "./price.ts";
import { refusalOf } from "./rules.ts";

export function quoteOf(c: Choices, day: string | null): Quote {
  const refusal = refusalOf(c);
  return refusal ? { monthly: null, refusal: { field: refusal.field, rule: refusal.rule } } : { monthly: priceOf(c, day).total, refusal: null };
}

const start = { machine: null, scaleBy: { metric: "cpu", percent: 60 }, spotBase: 1, logDays: 30, origin: "publicAlb", launch: "fargate", nat: "gateway", containerInsights: false } as const;
const database = { class: "db.t4g.micro", storageGb: 20, maxStorageGb: 100, multiAz: false, backupDays: 7 } as const;

const presets: { preset: Preset; title: string; sentence: string; tradeOffs: string[]; part: Partial<Choices> }[] = [
  {
    preset: "frugal", title: "Frugal", sentence: "For a trial or a site that may be away for minutes; as isolated as the others.",
    tradeOffs: ["The one server is Spot: AWS may take it with two minutes' notice.", "The way out is one small machine."],
    part: { ...start, launch: "fargateSpot", spotBase: 0, nat: "instance", origin: "vpcOrigin", logDays: 7, servers: { cpuUnits: 256, memoryMib: 512, min: 1, max: 1 }, databaseOptions: database },
  },
  {
    preset: "standard", title: "Standard", sentence: "For a site that people use: ordinary servers and a managed way out.",
    tradeOffs: ["One server: if it fails, the site is away for about two minutes."], part: { ...start, servers: { cpuUnits: 512, memoryMib: 1024, min: 1, max: 1 }, databaseOptions: database },
  },
  {
    preset: "highAvailability", title: "High availability", sentence: "For a site that must stay up when a zone of AWS fails.", tradeOffs: ["Two servers, two ways out and a standby database run all month, whether anyone comes or not."],
    part: { ...start, nat: "gatewayPerZone", servers: { cpuUnits: 512, memoryMib: 1024, min: 2, max: 6 }, databaseOptions: { ...database, class: "db.t4g.small", multiAz: true, backupDays: 14 } },
  },
];

export function offersOf(c: Choices, day: string | null): Offer[] {
  const plain = (value: unknown): string => JSON.stringify(value, (_, held: unknown) => (held && typeof held === "object" && !Array.isArray(held) ? Object.fromEntries(Object.entries(held).toSorted()) : held));
  return presets.map(({ preset, title, sentence, tradeOffs, part }) => {
    const choices: Choices = { ...c, ...part, databaseOptions: { ...part.databaseOptions, ...(c.databaseOptions?.aurora === undefined ? {} : { aurora: c.databaseOptions.aurora }) } };
    return { preset, title, sentence, tradeOffs, choices, chosen: plain(choices) === plain(c), quote: quoteOf(choices, day) };
  });
}
