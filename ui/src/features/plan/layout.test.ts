import { describe, expect, it } from "vitest";
import { makePlan, suggested } from "../../host/fake/planner.ts";
import { inspect } from "../../host/fake/projects.ts";
import type { Choices, Diagram } from "../../host/index.ts";
import { type Box, layOut } from "./layout.ts";

const findings = inspect("/home/sam/projects/guestbook");
const diagramOf = (extra: Partial<Choices>): Diagram => makePlan(findings, { ...suggested(findings), ...extra }).diagram;
const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const within = (a: Box, b: Box) => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

describe.each([
  ["with a database", diagramOf({})],
  ["without a database", diagramOf({ database: "none" })],
  ["with an internal load balancer", diagramOf({ origin: "vpcOrigin" })],
  ["of nothing", { nodes: [], edges: [] }],
])("the picture %s", (_, diagram) => {
  const layout = layOut(diagram);

  it("places every box inside its zone and no two on each other", () => {
    expect(layout.nodes).toHaveLength(diagram.nodes.length);
    for (const node of layout.nodes) {
      const zone = layout.zones.find((z) => z.zone === node.node.zone);
      expect(zone && within(node, zone)).toBe(true);
      for (const other of layout.nodes) if (other !== node) expect(overlap(node, other)).toBe(false);
    }
  });

  it("draws every arrow", () => {
    expect(layout.edges).toHaveLength(diagram.edges.length);
    expect(layout.edges.every((e) => !e.path.includes("NaN"))).toBe(true);
  });

  it("stacks the zones from what anyone can reach to what nobody can", () => {
    const order = layout.zones.filter((z) => z.zone !== "account").toSorted((a, b) => a.y - b.y).map((z) => z.zone);
    expect(order).toEqual(["outside", "edge", "public", "private", "isolated"].filter((z) => diagram.nodes.some((n) => n.zone === z)));
  });
});

it("an arrow to a box that does not exist is left out", () => {
  expect(layOut({ nodes: [{ id: "a", label: "A", detail: "", zone: "edge", resources: [] }], edges: [{ from: "a", to: "b", label: "" }] }).edges).toEqual([]);
});
