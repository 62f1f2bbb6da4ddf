import type { Choices } from "../bindings.gen.ts";

type Refused = { field: string; value: string; rule: string };

const memory: Record<number, [number, number]> = { 256: [512, 2048], 512: [1024, 4096], 1024: [2048, 8192], 2048: [4096, 16_384], 4096: [8192, 30_720] };

/** The first rule that these choices break; the ones of the real planner that a person meets in the panel. */
export function refusalOf(c: Choices): Refused | null {
  const refused = (field: string, value: string | number, rule: string): Refused => ({ field, value: String(value), rule });
  const { servers, databaseOptions: db } = c;
  const [low, high] = memory[servers.cpuUnits] ?? [0, 0];
  if (!/^[a-z](?:[a-z0-9]|-(?!-)){1,18}[a-z0-9]$/.test(c.app)) return refused("app", c.app, "3 to 20 characters, lower-case letters, digits and single hyphens, starting with a letter, such as guestbook");
  if (c.branch.trim() === "") return refused("branch", c.branch, "the name of a branch, such as main");
  if (c.repository !== null && !/^[\w.-]+(?:\/[\w.-]+)+$/.test(c.repository)) return refused("repository", c.repository, "owner/name as the source host shows it, such as acme/shop");
  if (servers.max > 100) return refused("servers.max", servers.max, "at most 100 servers");
  if (servers.min > servers.max) return refused("servers.min", servers.min, `not more than servers.max, which is ${servers.max}`);
  if (servers.memoryMib < low || servers.memoryMib > high) return refused("servers.memoryMib", servers.memoryMib, `with ${servers.cpuUnits} CPU units: ${low} to ${high} MiB`);
  if (c.domain && !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(c.domain.name)) return refused("domain.name", c.domain.name, "a domain in lower-case letters, such as example.com or app.example.com, at most 60 characters");
  if (c.domain?.dns.kind === "route53" && !/^Z[A-Z0-9]+$/.test(c.domain.dns.zoneId)) return refused("domain.dns.zoneId", c.domain.dns.zoneId, "the id of a public hosted zone of this account, such as Z0123456789ABCDEFGHIJ");
  const net = c.network;
  if (net && !/^vpc-[0-9a-f]{8,17}$/.test(net.vpcId)) return refused("network.vpcId", net.vpcId, "the id of a VPC in the plan's region and account, such as vpc-0123456789abcdef0");
  const kinds: [string, string, string[], boolean][] = net ? [["network.publicSubnets", "the load balancer", net.publicSubnets, true], ["network.privateSubnets", "the servers", net.privateSubnets, true], ["network.isolatedSubnets", "the database", net.isolatedSubnets ?? [], c.database !== "none"]] : [];
  const seen = new Set<string>();
  for (const [field, whom, ids, needed] of kinds) {
    const strange = ids.find((id) => !/^subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
    if (strange !== undefined) return refused(field, strange, "ids of subnets of this VPC, such as subnet-0123456789abcdef0, with commas between them");
    for (const id of ids) {
      if (seen.has(id)) return refused(field, id, "each subnet once: what stands in it decides who can reach it");
      seen.add(id);
    }
    if (needed && (ids.length < 2 || ids.length > 6)) return refused(field, ids.join(", "), `2 to 6 subnets for ${whom}, in at least two zones`);
  }
  if (c.webFirewall && c.webFirewall.requestsPerFiveMinutes < 10) return refused("webFirewall.requestsPerFiveMinutes", c.webFirewall.requestsPerFiveMinutes, "10 to 2000000000 requests of one address in five minutes");
  if (c.alarmAddress && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(c.alarmAddress)) return refused("alarmAddress", c.alarmAddress, "an e-mail address, such as ops@example.com");
  if (c.database !== "none" && db && ((db.storageGb ?? 20) < 20 || (db.storageGb ?? 20) > 65_536)) return refused("databaseOptions.storageGb", db.storageGb ?? 20, "20 to 65536 GB");
  if (c.database !== "none" && db?.aurora && (db.aurora.maxAcu ?? 4) < (db.aurora.minAcu ?? 0.5)) return refused("databaseOptions.aurora.maxAcu", db.aurora.maxAcu ?? 4, `not less than the lowest capacity, which is ${db.aurora.minAcu ?? 0.5}`);
  if (c.rollout?.kind === "blueGreen" && c.scaleBy?.metric === "requests") return refused("scaleBy.perMinute", c.scaleBy.perMinute, "with blue/green releases the number of servers can follow the processors only");
  if (c.scaleBy?.metric === "cpu" && (c.scaleBy.percent < 10 || c.scaleBy.percent > 90)) return refused("scaleBy.percent", c.scaleBy.percent, "10 to 90 percent, such as 60");
  return null;
}
