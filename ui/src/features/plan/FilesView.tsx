import { useMemo, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { Plan } from "../../host/index.ts";
import { CopyButton } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeView } from "../../ui/CodeView.tsx";
import { nameOf, stackWord } from "../../ui/words.ts";
import { EjectDialog } from "../eject/EjectDialog.tsx";
import css from "./views.module.css";

export type FilePlace = { path: string; line: number | null };

type Entry = { path: string; description: string; text: string };

/** Templates first; a template that is also packed into the zip is listed once. */
function entriesOf(plan: Plan): { templates: Entry[]; others: Entry[] } {
  const templates = plan.stacks.map((s) => ({ path: s.templateFile, description: `${stackWord[s.role].title} stack ${s.name}: ${s.resources.length} resources.`, text: s.template }));
  const names = new Set(templates.map((t) => t.path));
  return { templates, others: plan.files.filter((f) => !names.has(f.path)) };
}

export function FilesView({ plan, place, onPlace }: { plan: Plan; place: FilePlace | null; onPlace: (place: FilePlace) => void }) {
  const host = useHost();
  const [ejecting, setEjecting] = useState(false);
  const { findings, choices } = plan.inputs;
  const { templates, others } = useMemo(() => entriesOf(plan), [plan]);
  const all = [...templates, ...others];
  const shown = all.find((e) => e.path === place?.path) ?? all[0];
  const list = (title: string, entries: Entry[]) => (
    <section aria-label={title}>
      <h2 className={css.listTitle}>{title}</h2>
      <ul>
        {entries.map((e) => (
          <li key={e.path}><button type="button" className={css.file} aria-current={e.path === shown?.path || undefined} title={e.description} onClick={() => onPlace({ path: e.path, line: null })}>{e.path}</button></li>
        ))}
      </ul>
    </section>
  );
  return (
    <div className={css.files}>
      <div className={css.fileSide}>
        <nav className={css.fileList} aria-label="Files">
          {list("Templates", templates)}
          {list("Generated files", others)}
        </nav>
        <div className={css.leave}>
          <p>All of it deploys without this app, too.</p>
          <Button size="s" onClick={() => setEjecting(true)}>Eject to a folder</Button>
        </div>
        <EjectDialog name={nameOf(choices)} of="this plan" write={(options) => host.planEject(findings, choices, options)} open={ejecting} onClose={() => setEjecting(false)} />
      </div>
      {shown ? (
        <div className={css.filled}>
          <div className={css.fileHead}><p>{shown.description}</p><CopyButton text={shown.text} label={`Copy ${shown.path}`} /></div>
          <CodeView path={shown.path} text={shown.text} line={place?.path === shown.path ? place.line : null} />
        </div>
      ) : null}
    </div>
  );
}
