import { useId, useRef, useState } from "react";
import type { Edit, EnvVar, Evidence } from "../../host/index.ts";
import { Badge, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Excerpt } from "./Excerpt.tsx";
import type { Fact } from "./facts.ts";
import { FieldEditor } from "./FieldEditor.tsx";
import css from "./FactRow.module.css";

type FactRowProps = { project: string; group: string; fact: Fact; variables: EnvVar[]; onChange: (edits: Edit[]) => Promise<unknown> };

/** How sure a finding is, in words. What the sources say needs none. */
const sure: Record<Evidence["confidence"], { short: string | null; long: string }> = {
  high: { short: null, long: "The sources say so." },
  medium: { short: "likely", long: "Likely: something points to it." },
  low: { short: "assumed", long: "Assumed: it is the usual case, nothing says it." },
};

/** One finding: its value, where it comes from, and the way to change it, all in its place. */
export function FactRow({ project, group, fact, variables, onChange }: FactRowProps) {
  const [shown, setShown] = useState<"nothing" | "evidence" | "editor">("nothing");
  const change = useRef<HTMLButtonElement>(null);
  const id = useId();
  const { editable, evidence } = fact;
  const known = evidence.length > 0;
  const set = editable?.state === "set";
  const confidence = evidence[0] && !set ? sure[evidence[0].confidence].short : null;
  const close = () => {
    setShown("nothing");
    // Whoever edited by keyboard goes on where they came from.
    requestAnimationFrame(() => change.current?.focus());
  };
  const words = (
    <>
      <span className={css.label}>{fact.label}</span>
      <span className={css.value} data-missing={fact.missing || undefined}>
        {fact.value}
        {set ? <> <Badge tone="run">you set this</Badge></> : null}
        {editable?.state === "ignored" ? <> <Badge tone="warn">yours does not fit</Badge></> : null}
        {confidence && !fact.missing ? <> <span className={css.confidence}>{confidence}</span></> : null}
      </span>
    </>
  );
  return (
    <li className={css.fact} data-open={shown === "nothing" ? undefined : true}>
      <div className={css.row}>
        {known ? (
          <button type="button" className={css.open} aria-expanded={shown === "evidence"} aria-controls={id} onClick={() => setShown(shown === "evidence" ? "nothing" : "evidence")} title="Show where it was read">
            {words}
            <span className={css.twist} data-open={shown === "evidence" || undefined}><Icon name="chevron" size={12} /></span>
          </button>
        ) : <div className={css.open}>{words}</div>}
        {editable ? (
          <button ref={change} type="button" className={css.change} aria-label={`Change ${fact.label} of ${group}`} aria-expanded={shown === "editor"} onClick={() => setShown(shown === "editor" ? "nothing" : "editor")} title="Change it">
            <Icon name="pencil" size={14} />
          </button>
        ) : null}
      </div>
      {shown === "editor" && editable ? (
        <FieldEditor label={fact.label} editable={editable} variables={variables} onClose={close}
          onSave={(value) => onChange([{ field: editable.field, value }]).then(close)} />
      ) : null}
      {shown === "evidence" ? (
        <ul id={id} className={css.evidence}>
          {evidence.map((e) => <EvidenceItem key={`${e.field}:${e.file}:${e.line}:${e.value}`} project={project} evidence={e} />)}
        </ul>
      ) : null}
      {editable && editable.state !== "found" && shown !== "nothing" ? (
        <div className={css.undo}>
          <Button size="s" icon="undo" onClick={() => void onChange([{ field: editable.field, value: null }]).then(close, () => {})}>Use what was found</Button>
        </div>
      ) : null}
    </li>
  );
}

function EvidenceItem({ project, evidence: e }: { project: string; evidence: Evidence }) {
  // What the user set, and what holds for the whole folder, was read from no file.
  const inFile = e.file !== "." && e.file !== "";
  return (
    <li className={css.item}>
      {inFile ? <code className={css.where}>{e.file}{e.line === null ? "" : `:${e.line}`}</code> : null}
      <p><Ticks text={e.why} />{inFile ? <span className={css.sure}> {sure[e.confidence].long}</span> : null}</p>
      {inFile ? <Excerpt project={project} file={e.file} line={e.line} /> : null}
    </li>
  );
}
