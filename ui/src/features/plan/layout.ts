import type { Diagram, DiagramEdge, DiagramNode, Zone } from "../../host/index.ts";

export type Box = { x: number; y: number; width: number; height: number };
export type PlacedNode = Box & { node: DiagramNode };
export type PlacedZone = Box & { zone: Zone };
export type Point = { x: number; y: number };
export type LabelPlace = Point & { anchor: "start" | "middle" | "end" };
export type PlacedEdge = { edge: DiagramEdge; path: string; /** Where its words stand: in the middle, or near an end when it is looked at from the other. */ label: LabelPlace; nearFrom: LabelPlace; nearTo: LabelPlace; /** Touches a service beside the network: background, not the way of a request. */ aside: boolean };
export type Layout = { width: number; height: number; zones: PlacedZone[]; nodes: PlacedNode[]; edges: PlacedEdge[] };

/** Zones stacked from what anyone can reach down to what nobody can; the account's services stand beside them. */
const stacked: Zone[] = ["outside", "edge", "public", "private", "isolated"];

const NODE = { width: 176, height: 50 };
const GAP = 16;
const PAD = 14;
const TITLE = 24;
/** Room right of the account's boxes for arrows that pass others. */
const LOOP = 26;
const ROW_GAP = 28;
const COLUMN_GAP = 58;

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
  const beside = new Set(aside.map((n) => n.id));
  for (let sweep = 0; sweep < 4; sweep += 1) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const mean = (n: DiagramNode) => {
        const [near, far] = partition(neighbors.get(n.id) ?? [], (id) => !beside.has(id));
        const xs = near.map((id) => centers.get(id) ?? 0);
        const middle = xs.length === 0 ? (centers.get(n.id) ?? 0) : xs.reduce((a, b) => a + b, 0) / xs.length;
        // Whoever has most to do with the account's services stands next to them.
        return middle + far.length * NODE.width;
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
    zones.push({ zone: "account", x: left, y: 0, width: NODE.width + PAD + LOOP, height });
    const gap = (height - TITLE - aside.length * NODE.height) / aside.length;
    orderAside(aside, neighbors, placed).forEach((n, i) => {
      placed.set(n.id, { node: n, x: left + PAD, y: TITLE + gap / 2 + i * (NODE.height + gap), ...NODE });
    });
  }
  const width = aside.length > 0 ? left + NODE.width + PAD + LOOP : inner + 2 * PAD;
  return { width, height, zones, nodes: [...placed.values()], edges: route(diagram.edges, placed) };
}

/** Orders the account's services so that arrows to the rows and among themselves stay short. */
function orderAside(aside: DiagramNode[], neighbors: Map<string, string[]>, placed: Map<string, PlacedNode>): DiagramNode[] {
  const cost = (order: DiagramNode[], total: number) => {
    const y = new Map(order.map((n, i) => [n.id, ((i + 0.5) / order.length) * total]));
    let sum = 0;
    for (const n of order) {
      for (const other of neighbors.get(n.id) ?? []) {
        const here = y.get(n.id) ?? 0;
        const row = placed.get(other);
        // Arrows within the column count more: they would run behind the boxes between.
        sum += row ? Math.abs(here - row.y) : Math.abs(here - (y.get(other) ?? 0)) * 1.5;
      }
    }
    return sum;
  };
  const total = Math.max(...[...placed.values()].map((p) => p.y + p.height), 1);
  let best = aside;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < best.length; i += 1) {
      for (let j = i + 1; j < best.length; j += 1) {
        const next = best.slice();
        [next[i], next[j]] = [next[j] as DiagramNode, next[i] as DiagramNode];
        if (cost(next, total) < cost(best, total) - 1e-6) {
          best = next;
          changed = true;
        }
      }
    }
  }
  return best;
}

function partition<T>(list: T[], first: (item: T) => boolean): [T[], T[]] {
  return [list.filter(first), list.filter((item) => !first(item))];
}

type Side = "top" | "bottom" | "left" | "right";

function route(edges: DiagramEdge[], placed: Map<string, PlacedNode>): PlacedEdge[] {
  const known = edges.flatMap((edge) => {
    const a = placed.get(edge.from);
    const b = placed.get(edge.to);
    if (!a || !b || a === b) return [];
    const aside = (n: PlacedNode) => n.node.zone === "account";
    // An arrow to the side would run behind a box that stands further right in the same row.
    const blocked = (n: PlacedNode) => [...placed.values()].some((o) => !aside(o) && o.y === n.y && o.x > n.x);
    let sides: [Side, Side];
    if (aside(a) && aside(b)) {
      const between = [...placed.values()].some((o) => aside(o) && o.y > Math.min(a.y, b.y) && o.y < Math.max(a.y, b.y));
      sides = between ? ["right", "right"] : a.y < b.y ? ["bottom", "top"] : ["top", "bottom"];
    }
    else if (aside(b)) sides = [blocked(a) ? (b.y < a.y ? "top" : "bottom") : "right", "left"];
    else if (aside(a)) sides = ["left", blocked(b) ? (a.y < b.y ? "top" : "bottom") : "right"];
    else if (a.y === b.y) sides = ["top", "top"];
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
  const upright = (side: Side) => side === "top" || side === "bottom";
  return known.map(({ edge, a, b, sides }) => {
    const p = point(a, sides[0], edge);
    const q = point(b, sides[1], edge);
    const bent = upright(sides[0]) !== upright(sides[1]);
    // Both ends on the same side: an arc past whatever stands between.
    const arc = sides[0] === sides[1];
    const reach = (side: Side) => (arc ? LOOP : bent ? (upright(side) ? 26 : COLUMN_GAP * 0.9) : (upright(side) ? Math.abs(q.y - p.y) : Math.abs(q.x - p.x)) / 2);
    const out = (from: Point, side: Side) => {
      const d = reach(side);
      return { x: from.x + (side === "right" ? d : side === "left" ? -d : 0), y: from.y + (side === "bottom" ? d : side === "top" ? -d : 0) };
    };
    const c1 = out(p, sides[0]);
    const c2 = out(q, sides[1]);
    const at = (t: number) => {
      const [i, j, k, l] = [(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t ** 3];
      return { x: i * p.x + j * c1.x + k * c2.x + l * q.x, y: i * p.y + j * c1.y + k * c2.y + l * q.y };
    };
    const aside = a.node.zone === "account" || b.node.zone === "account";
    const box = !arc && upright(sides[0]) && upright(sides[1]) ? inTheWay(at, a, b, placed) : null;
    if (box) {
      // Around a box in a row between, on the side that is nearer.
      const x = Math.abs(box.x - 18 - (p.x + q.x) / 2) < Math.abs(box.x + box.width + 18 - (p.x + q.x) / 2) ? box.x - 18 : box.x + box.width + 18;
      const y = box.y + box.height / 2;
      const words: LabelPlace = x < box.x ? { x: x - 6, y, anchor: "end" } : { x: x + 6, y, anchor: "start" };
      const half = Math.sign(q.y - p.y) * Math.min(Math.abs(y - p.y), Math.abs(q.y - y)) / 2;
      return { edge, aside, path: `M${p.x} ${p.y}C${p.x} ${p.y + half} ${x} ${y - half * 1.4} ${x} ${y}S${q.x} ${q.y - half} ${q.x} ${q.y}`, label: words, nearFrom: words, nearTo: words };
    }
    return { edge, aside, path: `M${p.x} ${p.y}C${c1.x} ${c1.y} ${c2.x} ${c2.y} ${q.x} ${q.y}`, label: on(at(0.5)), nearFrom: on(at(0.24)), nearTo: on(at(0.76)) };
  });
}

const on = (point: Point): LabelPlace => ({ ...point, anchor: "middle" });

/** The box that a curve between two rows would run behind. */
function inTheWay(at: (t: number) => Point, a: PlacedNode, b: PlacedNode, placed: Map<string, PlacedNode>): PlacedNode | null {
  const others = [...placed.values()].filter((o) => o !== a && o !== b);
  for (let i = 1; i < 40; i += 1) {
    const { x, y } = at(i / 40);
    const hit = others.find((o) => x > o.x - 4 && x < o.x + o.width + 4 && y > o.y && y < o.y + o.height);
    if (hit) return hit;
  }
  return null;
}
