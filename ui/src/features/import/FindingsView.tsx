import { useState } from "react";
import type { Edit, Findings, Overrides } from "../../host/index.ts";
import { Badge, ErrorNotice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../ui/words.ts";
import { FactRow } from "./FactRow.tsx";
import { anythingSet, type FactGroup, groupsOf } from "./facts.ts";
import { blocking, isComplete, isHalf } from "./completeness.ts";
import { Questions } from "./Questions.tsx";
import { Warnings } from "./Warnings.tsx";
import css from "./FindingsView.module.css";

type FindingsViewProps = {
  project: string;
  findings: Findings;
  overrides: Overrides;
  onChange: (edits: Edit[]) => Promise<unknown>;
  onForget: () => Promise<unknown>;
  onContinue: () => void;
};

export function FindingsView({ project, findings, overrides, onChange, onForget, onContinue }: FindingsViewProps) {
  const [error, setError] = useState<unknown>(null);
  const open = blocking(findings).length;
  const groups = groupsOf(findings, overrides);
  // While no half is chosen there is only what surrounds them.
  const onLeft = (g: FactGroup) => (groups.some((x) => left.has(x.title)) ? left.has(g.title) : g.title === "Build");
  const group = (g: FactGroup) => <Group key={g.title} project={project} group={g} findings={findings} onChange={onChange} />;
  return (
    <section className={css.view} aria-label={`Findings about ${findings.name}`}>
      <header className={css.verdict} data-verdict={isHalf(findings) || (findings.verdict === "deployable" && open > 0) ? "needsChoice" : findings.verdict}>
        <div>
          <p className={css.verdictWord}><Verdict findings={findings} /></p>
          <h2 className={css.name}>{findings.name}</h2>
          <p className={css.reason}><Ticks text={findings.reason} /></p>
        </div>
        {findings.verdict === "notSupported" || isHalf(findings) ? null : (
          <div className={css.onward}>
            <Button tone="primary" size="l" disabled={!isComplete(findings)} onClick={onContinue}>Show the plan</Button>
            {open > 0 ? <p className={css.why}>{count(open, "question")} to answer first</p> : null}
          </div>
        )}
      </header>
      <Questions project={project} findings={findings} onChange={onChange} />
      {findings.warnings.length > 0 ? <Warnings project={project} warnings={findings.warnings} /> : null}
      {error ? <ErrorNotice error={error} /> : null}
      <div className={css.groups}>
        <div className={css.column}>{groups.filter(onLeft).map(group)}</div>
        <div className={css.column}>{groups.filter((g) => !onLeft(g)).map(group)}</div>
      </div>
      {anythingSet(overrides) ? (
        <footer className={css.foot}>
          <p>What you set is kept on this computer for this folder. Nothing is written into the project.</p>
          <Button size="s" icon="undo" onClick={() => void onForget().then(() => setError(null), setError)}>Forget everything I set</Button>
        </footer>
      ) : null}
    </section>
  );
}

/** What the user wrote stands on the left, what surrounds it on the right. */
const left = new Set(["What was seen", "Front end", "API"]);

function Group({ project, group, findings, onChange }: { project: string; group: FactGroup; findings: Findings; onChange: FindingsViewProps["onChange"] }) {
  const variables = findings.backends.find((b) => b.path === findings.chosen.backend)?.envVars ?? [];
  return (
    <section className={css.group} aria-label={group.title}>
      <header className={css.groupHead}><h3>{group.title}</h3><p title={group.subtitle}>{group.subtitle}</p></header>
      <ul>{group.facts.map((fact, i) => <FactRow key={`${fact.label}:${fact.editable?.field ?? i}`} project={project} group={group.title} fact={fact} variables={variables} onChange={onChange} />)}</ul>
    </section>
  );
}

function Verdict({ findings }: { findings: Findings }) {
  switch (findings.verdict) {
    case "deployable": return isHalf(findings) ? <Badge tone="warn">Half of an application</Badge> : isComplete(findings) ? <Badge tone="ok">Can be deployed</Badge> : <Badge tone="warn">Your answer is needed</Badge>;
    case "needsChoice": return <Badge tone="warn">Your choice is needed</Badge>;
    case "notSupported": return <Badge tone="bad">Not supported</Badge>;
  }
}
