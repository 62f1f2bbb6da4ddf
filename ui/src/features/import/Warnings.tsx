import { useState } from "react";
import type { Warning } from "../../host/index.ts";
import { Ticks } from "../../ui/bits.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Excerpt } from "./Excerpt.tsx";
import { byWeight, type Weight, weightWords } from "./warnings.ts";
import css from "./Warnings.module.css";

/** What the user should know, by how much it weighs. The lightest are folded away. */
export function Warnings({ project, warnings }: { project: string; warnings: readonly Warning[] }) {
  return (
    <div className={css.groups}>
      {byWeight(warnings).map((group) => <WeightGroup key={group.weight} project={project} weight={group.weight} warnings={group.warnings} />)}
    </div>
  );
}

function WeightGroup({ project, weight, warnings }: { project: string; weight: Weight; warnings: Warning[] }) {
  const words = weightWords[weight];
  return (
    <details className={css.group} data-weight={weight} open={weight !== "know" || undefined}>
      <summary className={css.head}>
        <span className={css.icon}><Icon name={weight === "know" ? "info" : "warn"} /></span>
        <span className={css.title}>{words.title} <span className={css.count}>{warnings.length}</span></span>
        <span className={css.sentence}>{words.sentence}</span>
        <span className={css.twist}><Icon name="chevron" size={12} /></span>
      </summary>
      <ul>{warnings.map((w) => <WarningItem key={`${w.code}:${w.file}:${w.line}:${w.message}`} project={project} warning={w} />)}</ul>
    </details>
  );
}

function WarningItem({ project, warning }: { project: string; warning: Warning }) {
  const [shown, setShown] = useState(false);
  return (
    <li className={css.item}>
      <p><Ticks text={warning.message} /></p>
      {warning.file ? (
        <>
          <button type="button" className={css.where} aria-expanded={shown} onClick={() => setShown(!shown)}>{warning.file}{warning.line === null ? "" : `:${warning.line}`}<Icon name="chevron" size={11} /></button>
          {shown ? <Excerpt project={project} file={warning.file} line={warning.line} /> : null}
        </>
      ) : null}
    </li>
  );
}
