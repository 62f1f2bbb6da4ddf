import type { Warning } from "../../host/index.ts";

/** How much a warning weighs. */
export type Weight = "before" | "different" | "know";

export const weightWords: Record<Weight, { title: string; sentence: string }> = {
  before: { title: "Do this before deploying", sentence: "The deployment would fail, or leave something out." },
  different: { title: "Different in AWS", sentence: "It will run, but not as on your computer." },
  know: { title: "Good to know", sentence: "Nothing needs to be done." },
};

/** Codes of the importer that stop a deployment or break it; what is not named here is good to know. */
const before = new Set(["prisma-schema-missing", "branch-not-pushed", "commits-not-pushed", "uncommitted-changes", "no-remote", "large-files", "submodules", "loopback-host", "committed-key", "broken-json", "overrides-damaged", "override-unknown", "proxy-strips-prefix", "too-many-files"]);
const different = new Set(["database-not-created", "run-time-settings", "public-path", "api-hard-coded", "microservice", "several-databases", "prisma-two-addresses", "committed-settings", "other-server", "other-interface", "build-migrates", "privileged-port", "body-limit"]);

export function weightOf(warning: Warning): Weight {
  if (before.has(warning.code)) return "before";
  return different.has(warning.code) || warning.code.startsWith("needs-") ? "different" : "know";
}

/** Heaviest first, each group in the order of the importer. */
export function byWeight(warnings: readonly Warning[]): { weight: Weight; warnings: Warning[] }[] {
  return (["before", "different", "know"] as const)
    .map((weight) => ({ weight, warnings: warnings.filter((w) => weightOf(w) === weight) }))
    .filter((group) => group.warnings.length > 0);
}
