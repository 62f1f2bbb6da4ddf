import { useId, useState } from "react";
import type { Backend, Findings, Frontend } from "../../host/index.ts";
import { Badge, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/fields.tsx";
import { Icon } from "../../ui/icons.tsx";
import { count } from "../../ui/words.ts";
import { type Fact, type FactGroup, groupsOf } from "./groups.ts";
import css from "./FindingsView.module.css";

type FindingsViewProps = { findings: Findings; onChoose: (chosen: Findings["chosen"]) => void; onContinue: () => void };

/** Whether everything that had to be chosen has been. */
export function isComplete(findings: Findings): boolean {
  if (findings.verdict === "notSupported") return false;
  const open = (chosen: string | null, candidates: unknown[]) => chosen === null && candidates.length > 0;
  return !open(findings.chosen.frontend, findings.frontends) && !open(findings.chosen.backend, findings.backends);
}

export function FindingsView({ findings, onChoose, onContinue }: FindingsViewProps) {
  const complete = isComplete(findings);
  const groups = groupsOf(findings);
  return (
    <section className={css.view} aria-label={`Findings about ${findings.name}`}>
      <header className={css.verdict} data-verdict={findings.verdict}>
        <div>
          <p className={css.verdictWord}><Verdict findings={findings} complete={complete} /></p>
          <h2 className={css.name}>{findings.name}</h2>
          <p className={css.reason}><Ticks text={findings.reason} /></p>
        </div>
        {findings.verdict !== "notSupported" ? <Button tone="primary" size="l" disabled={!complete} onClick={onContinue}>Show the plan</Button> : null}
      </header>
      {findings.verdict === "needsChoice" ? <Candidates findings={findings} onChoose={onChoose} /> : null}
      {findings.warnings.length > 0 ? (
        <div className={css.warnings}>
          {findings.warnings.map((w) => (
            <Notice key={`${w.code}:${w.file}:${w.line}`} tone="warn" title={<Ticks text={w.message} />}>
              {w.file ? <p className={css.where}>{w.file}{w.line === null ? "" : `:${w.line}`}</p> : null}
            </Notice>
          ))}
        </div>
      ) : null}
      <div className={css.groups}>
        <div className={css.column}>{groups.filter((g) => left.has(g.title)).map((g) => <Group key={g.title} group={g} />)}</div>
        <div className={css.column}>{groups.filter((g) => !left.has(g.title)).map((g) => <Group key={g.title} group={g} />)}</div>
      </div>
    </section>
  );
}

/** What the user wrote stands on the left, what surrounds it on the right. */
const left = new Set(["What was seen", "Front end", "API"]);

function Group({ group }: { group: FactGroup }) {
  return (
    <section className={css.group} aria-label={group.title}>
      <header className={css.groupHead}><h3>{group.title}</h3><p title={group.subtitle}>{group.subtitle}</p></header>
      <ul>{group.facts.map((fact) => <FactRow key={`${fact.label}:${fact.value}`} fact={fact} />)}</ul>
    </section>
  );
}

function Verdict({ findings, complete }: { findings: Findings; complete: boolean }) {
  switch (findings.verdict) {
    case "deployable": return <Badge tone="ok">Can be deployed</Badge>;
    case "needsChoice": return complete ? <Badge tone="ok">Can be deployed</Badge> : <Badge tone="warn">Your choice is needed</Badge>;
    case "notSupported": return <Badge tone="bad">Not supported</Badge>;
  }
}

function Candidates({ findings, onChoose }: { findings: Findings; onChoose: FindingsViewProps["onChoose"] }) {
  const { chosen, frontends, backends } = findings;
  return (
    <div className={css.candidates}>
      {frontends.length > 1 ? (
        <ChoiceField label="Which front end?" layout="list" value={chosen.frontend} onValue={(frontend) => onChoose({ ...chosen, frontend })}
          options={frontends.map((f, i) => ({ value: f.path, label: `${f.name}${i === 0 ? " (suggested)" : ""}`, detail: frontendDetail(f) }))} />
      ) : null}
      {backends.length > 1 ? (
        <ChoiceField label="Which API?" layout="list" value={chosen.backend} onValue={(backend) => onChoose({ ...chosen, backend })}
          options={backends.map((b, i) => ({ value: b.path, label: `${b.name}${i === 0 ? " (suggested)" : ""}`, detail: backendDetail(b) }))} />
      ) : null}
    </div>
  );
}

const frontendDetail = (f: Frontend): string => `${f.path}, ${f.bundler}, builds to ${f.outputDir}`;
const backendDetail = (b: Backend): string => [b.path, b.port.default === null ? null : `port ${b.port.default}`, b.database ?? "no database", b.healthPath ? `health at ${b.healthPath}` : "no health route"].filter(Boolean).join(", ");

function FactRow({ fact }: { fact: Fact }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const known = fact.evidence.length > 0;
  const words = <><span className={css.factLabel}>{fact.label}</span><span className={css.factValue} data-missing={fact.missing || undefined}>{fact.value}</span></>;
  return (
    <li className={css.fact}>
      {known ? (
        <button type="button" className={css.factButton} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} title={`Show ${count(fact.evidence.length, "source")}`}>
          {words}
          <span className={css.twist} data-open={open || undefined}><Icon name="chevron" size={12} /></span>
        </button>
      ) : <div className={css.factButton}>{words}</div>}
      {open ? (
        <ul id={id} className={css.evidence}>
          {fact.evidence.map((e) => (
            <li key={`${e.field}:${e.file}:${e.line}`}>
              <code>{e.file}{e.line === null ? "" : `:${e.line}`}</code>
              <p><Ticks text={e.why} />{e.confidence === "high" ? null : <span className={css.confidence}> ({e.confidence === "medium" ? "likely" : "a usual case, not stated"})</span>}</p>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}
