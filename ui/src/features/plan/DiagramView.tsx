import { useMemo, useState } from "react";
import type { Diagram } from "../../host/index.ts";
import { zoneWord } from "../../ui/words.ts";
import { layOut } from "./layout.ts";
import css from "./DiagramView.module.css";

type DiagramViewProps = { diagram: Diagram; /** Shows the resources a box stands for. */ onOpen?: (resources: string[]) => void };

/** Mean width of a letter of an arrow's words, a little too wide, so that they never leave the picture on the left. */
const LETTER = 6;

/** What talks to what. Rows go from what anyone can reach down to what only the servers can. */
export function DiagramView({ diagram, onOpen }: DiagramViewProps) {
  const layout = useMemo(() => layOut(diagram), [diagram]);
  const [active, setActive] = useState<string | null>(null);
  const touches = (id: string) => active === null || active === id || diagram.edges.some((e) => (e.from === active && e.to === id) || (e.to === active && e.from === id));
  return (
    <figure className={css.figure}>
      <svg className={css.svg} viewBox={`-1 -1 ${layout.width + 2} ${layout.height + 2}`} style={{ maxWidth: layout.width * 1.25, maxHeight: layout.height * 1.25 }} role="group" aria-label="Architecture">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0.5 0.5L7.5 4L0.5 7.5z" className={css.arrowHead} /></marker>
        </defs>
        {layout.zones.map((z) => (
          <g key={z.zone}>
            <rect x={z.x} y={z.y} width={z.width} height={z.height} rx="10" className={`${css.zone} ${css[z.zone]}`} />
            <text x={z.x + 12} y={z.y + 16} className={css.zoneTitle}>{zoneWord[z.zone].title}</text>
          </g>
        ))}
        <g className={css.edges}>
          {layout.edges.map(({ edge, path, aside }) => (
            <path key={`${edge.from}>${edge.to}`} d={path} className={css.edge} data-aside={aside || undefined} markerEnd="url(#arrow)" data-dim={active !== null && edge.from !== active && edge.to !== active ? true : undefined} data-active={active !== null && (edge.from === active || edge.to === active) ? true : undefined} />
          ))}
        </g>
        {/* After the arrows, with a rim of the zone's color: an arrow may pass behind the words. */}
        {layout.zones.filter((z) => z.zone !== "account").map((z) => <text key={z.zone} x={z.x + z.width - 12} y={z.y + 16} textAnchor="end" className={css.zoneSentence} style={{ stroke: `var(--zone-${z.zone})` }}>{zoneWord[z.zone].sentence}</text>)}
        {layout.nodes.map(({ node, x, y, width, height }) => {
          const opens = onOpen !== undefined && node.resources.length > 0;
          const shared = {
            className: `${css.node} ${css[`node-${node.zone}`]}`, "data-dim": touches(node.id) ? undefined : true,
            onMouseEnter: () => setActive(node.id), onMouseLeave: () => setActive(null),
          };
          const about = `${node.label}: ${node.detail}${node.resources.length > 0 ? `\n${node.resources.join(", ")}` : ""}`;
          const content = (
            <>
              <rect x={x} y={y} width={width} height={height} rx="8" className={css.nodeBox} />
              <text x={x + width / 2} y={y + 21} textAnchor="middle" className={css.nodeLabel}>{shorten(node.label, 23)}</text>
              <text x={x + width / 2} y={y + 38} textAnchor="middle" className={css.nodeDetail}>{shorten(node.detail, 29)}</text>
              {opens ? null : <title>{about}</title>}
            </>
          );
          // The button lies over the drawing, so that its name is its label and not the shortened words of the picture.
          return (
            <g key={node.id} {...shared}>
              <g aria-hidden="true">{content}</g>
              {opens ? (
                <rect className={css.hit} x={x} y={y} width={width} height={height} rx="8" role="button" tabIndex={0} aria-label={`${node.label}, ${node.detail}: show in the template`}
                  onFocus={() => setActive(node.id)} onBlur={() => setActive(null)} onClick={() => onOpen(node.resources)}
                  onKeyDown={(event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onOpen(node.resources); } }}>
                  <title>{about}</title>
                </rect>
              ) : null}
            </g>
          );
        })}
        <g className={css.edges} aria-hidden="true">
          {layout.edges.filter(({ edge, aside }) => edge.label !== "" && (active === null ? !aside : edge.from === active || edge.to === active)).map((placed) => {
            const at = active === placed.edge.from && placed.aside ? placed.nearTo : active === placed.edge.to && placed.aside ? placed.nearFrom : placed.label;
            return <text key={`${placed.edge.from}>${placed.edge.to}`} x={at.anchor === "end" ? Math.max(at.x, placed.edge.label.length * LETTER) : at.x} y={at.y + 3.5} textAnchor={at.x > layout.width - 40 ? "end" : at.anchor} className={css.edgeLabel}>{placed.edge.label}</text>;
          })}
        </g>
      </svg>
      <figcaption className="visually-hidden">
        <ul>
          {diagram.edges.map((e) => {
            const name = (id: string) => diagram.nodes.find((n) => n.id === id)?.label ?? id;
            return <li key={`${e.from}>${e.to}`}>{`${name(e.from)} to ${name(e.to)}: ${e.label}`}</li>;
          })}
        </ul>
      </figcaption>
    </figure>
  );
}

const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);
