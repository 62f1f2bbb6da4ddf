import type { Diagram, DiagramEdge, DiagramNode, Zone } from "../../host/index.ts";

export type Box = { x: number; y: number; width: number; height: number };
export type PlacedNode = Box & { node: DiagramNode };
export type PlacedZone = Box & { zone: Zone };
export type PlacedEdge = { edge: DiagramEdge; path: string; labelX: number; labelY: number };
export type Layout = { width: number; height: number; zones: PlacedZone[]; nodes: PlacedNode[]; edges: PlacedEdge[] };

/** Zones stacked from what anyone can reach down to what nobody can; the account's services stand beside them. */
const stacked: Zone[] = ["outside", "edge", "public", "private", "isolated"];

const NODE = { width: 150, height: 50 };
const GAP = 26;
const PAD = 14;
const TITLE = 24;
const ROW_GAP = 30;
const COLUMN_GAP = 64;

/**
 * Places a diagram. General graph layouts mix the zones; here a zone is a row, and only the order within rows is searched,
 * by the mean position of each node's neighbors.
 */
export function layOut(diagram: Diagram): Layout {
  const neighbors = new Map<string, string[]>(diagram.nodes.map((n) => [n.id, []]));
  for (const { from, to } of diagram.edges) {
    neighbors.get(from)?.push(to);
    neighbors.get(to)?.push(from);
  }
  const rows = stacked.map((zone) => ({ zone, nodes: diagram.nodes.filter((n) => n.zone === zone) })).filter((r) => r.nodes.length > 0);
  const aside = diagram.nodes.filter((n) => n.zone === "account");

  const rowWidth = (n: number) => n * NODE.width + (n - 1) * GAP;
  const inner = Math.max(rowWidth(2), ...rows.map((r) => rowWidth(r.nodes.length)));
  const centers = new Map<string, number>();
  const spread = (nodes: DiagramNode[]) => {
    const left = (inner - rowWidth(nodes.length)) / 2;
    nodes.forEach((n, i) => centers.set(n.id, left + i * (NODE.width + GAP) + NODE.width / 2));
  };
  for (const row of rows) spread(row.nodes);
  for (const n of aside) centers.set(n.id, inner + COLUMN_GAP);
  for (let sweep = 0; sweep < 4; sweep += 1) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const mean = (n: DiagramNode) => {
        const xs = (neighbors.get(n.id) ?? []).map((id) => centers.get(id) ?? 0);
        return xs.length === 0 ? (centers.get(n.id) ?? 0) : xs.reduce((a, b) => a + b, 0) / xs.length;
      };
      row.nodes = row.nodes.map((n) => ({ n, at: mean(n) })).toSorted((a, b) => a.at - b.at).map(({ n }) => n);
      spread(row.nodes);
    }
  }

  const zones: PlacedZone[] = [];
  const placed = new Map<string, PlacedNode>();
  const rowHeight = TITLE + NODE.height + PAD;
  const asideHeight = TITLE + aside.length * (NODE.height + PAD);
  const rowsHeight = rows.length * rowHeight + (rows.length - 1) * ROW_GAP;
  const height = Math.max(rowsHeight, asideHeight);
  const rowGap = rows.length > 1 ? (height - rows.length * rowHeight) / (rows.length - 1) : 0;
  rows.forEach((row, i) => {
    const y = i * (rowHeight + rowGap);
    zones.push({ zone: row.zone, x: 0, y, width: inner + 2 * PAD, height: rowHeight });
    for (const node of row.nodes) placed.set(node.id, { node, x: PAD + (centers.get(node.id) ?? 0) - NODE.width / 2, y: y + TITLE, ...NODE });
  });
  const left = inner + 2 * PAD + COLUMN_GAP;
  if (aside.length > 0) {
    zones.push({ zone: "account", x: left, y: 0, width: NODE.width + 2 * PAD, height });
    const meanY = (n: DiagramNode) => {
      const ys = (neighbors.get(n.id) ?? []).map((id) => placed.get(id)?.y).filter((y) => y !== undefined);
      return ys.length === 0 ? height : ys.reduce((a, b) => a + b, 0) / ys.length;
    };
    const gap = (height - TITLE - aside.length * NODE.height) / aside.length;
    aside.map((n) => ({ n, at: meanY(n) })).toSorted((a, b) => a.at - b.at).forEach(({ n }, i) => {
      placed.set(n.id, { node: n, x: left + PAD, y: TITLE + gap / 2 + i * (NODE.height + gap), ...NODE });
    });
  }
  const width = aside.length > 0 ? left + NODE.width + 2 * PAD : inner + 2 * PAD;
  return { width, height, zones, nodes: [...placed.values()], edges: route(diagram.edges, placed) };
}

type Side = "top" | "bottom" | "left" | "right";

function route(edges: DiagramEdge[], placed: Map<string, PlacedNode>): PlacedEdge[] {
  const known = edges.flatMap((edge) => {
    const a = placed.get(edge.from);
    const b = placed.get(edge.to);
    if (!a || !b || a === b) return [];
    const aside = (n: PlacedNode) => n.node.zone === "account";
    let sides: [Side, Side];
    if (aside(a) && aside(b)) sides = a.y < b.y ? ["bottom", "top"] : ["top", "bottom"];
    else if (aside(b)) sides = ["right", "left"];
    else if (aside(a)) sides = ["left", "right"];
    else if (a.y === b.y) sides = a.x < b.x ? ["right", "left"] : ["left", "right"];
    else sides = a.y < b.y ? ["bottom", "top"] : ["top", "bottom"];
    return [{ edge, a, b, sides }];
  });
  // Arrows that share a side of a box are spread over it, in the order of their other ends.
  const ports = new Map<string, { edge: DiagramEdge; other: number }[]>();
  const note = (node: PlacedNode, side: Side, edge: DiagramEdge, other: PlacedNode) => {
    const key = `${node.node.id}:${side}`;
    const list = ports.get(key) ?? [];
    list.push({ edge, other: side === "top" || side === "bottom" ? other.x : other.y });
    ports.set(key, list.toSorted((p, q) => p.other - q.other));
  };
  for (const { edge, a, b, sides } of known) {
    note(a, sides[0], edge, b);
    note(b, sides[1], edge, a);
  }
  const point = (n: PlacedNode, side: Side, edge: DiagramEdge) => {
    const list = ports.get(`${n.node.id}:${side}`) ?? [];
    const share = (list.findIndex((p) => p.edge === edge) + 1) / (list.length + 1);
    switch (side) {
      case "top": return { x: n.x + n.width * share, y: n.y };
      case "bottom": return { x: n.x + n.width * share, y: n.y + n.height };
      case "left": return { x: n.x, y: n.y + n.height * share };
      case "right": return { x: n.x + n.width, y: n.y + n.height * share };
    }
  };
  return known.map(({ edge, a, b, sides }) => {
    const p = point(a, sides[0], edge);
    const q = point(b, sides[1], edge);
    const upright = sides[0] === "top" || sides[0] === "bottom";
    const reach = upright ? (q.y - p.y) / 2 : (q.x - p.x) / 2;
    const c1 = upright ? { x: p.x, y: p.y + reach } : { x: p.x + reach, y: p.y };
    const c2 = upright ? { x: q.x, y: q.y - reach } : { x: q.x - reach, y: q.y };
    const at = (u: number, v: number, w: number, z: number, t: number) => (1 - t) ** 3 * u + 3 * (1 - t) ** 2 * t * v + 3 * (1 - t) * t * t * w + t ** 3 * z;
    // Into the account column many arrows run side by side; their words stand near the box they explain.
    const t = upright ? 0.5 : b.node.zone === "account" ? 0.84 : a.node.zone === "account" ? 0.16 : 0.5;
    return { edge, path: `M${p.x} ${p.y}C${c1.x} ${c1.y} ${c2.x} ${c2.y} ${q.x} ${q.y}`, labelX: at(p.x, c1.x, c2.x, q.x, t), labelY: at(p.y, c1.y, c2.y, q.y, t) };
  });
}
