import { type FormEvent, useId, useState } from "react";
import type { Edit, Field, Findings, Question } from "../../host/index.ts";
import { HostError } from "../../host/index.ts";
import { Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField, TextField } from "../../ui/fields.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Excerpt } from "./Excerpt.tsx";
import css from "./Questions.module.css";

type QuestionsProps = { project: string; findings: Findings; onChange: (edits: Edit[]) => Promise<unknown> };

/** The field that answers a question, by the end of the finding it asks about. */
const answering: [RegExp, Field, string][] = [
  [/^chosen\.frontend$/, "frontend", "Front end"],
  [/^chosen\.backend$/, "backend", "API"],
  [/\.port\.(default|env)$/, "port", "Port"],
  [/\.outputDir$/, "outputDir", "Output folder"],
  [/\.entryFile$/, "entryFile", "Entry file"],
  [/\.globalPrefix$/, "globalPrefix", "Prefix"],
  [/\.prisma\.schema$/, "prismaSchema", "Prisma schema"],
  [/\.database$/, "database", "Database"],
];
const answer = (question: Question) => answering.find(([end]) => end.test(question.field));

/** Asks instead of guessing. Which halves are deployed stays in view after the choice, so that it can be changed. */
export function Questions({ project, findings, onChange }: QuestionsProps) {
  if (findings.verdict === "notSupported") return null;
  const { chosen } = findings;
  const asked = new Set(findings.questions.map((q) => q.field));
  const again = ([["frontend", chosen.frontend, findings.frontends.filter((f) => f.kind !== "ssr")], ["backend", chosen.backend, findings.backends]] as const)
    .filter(([half, path, all]) => path !== null && all.length > 1 && !asked.has(`chosen.${half}`));
  if (findings.questions.length + again.length === 0) return null;
  return (
    <section className={css.questions} aria-label="Questions">
      {findings.questions.map((q) => <QuestionCard key={`${q.field}:${q.text}`} project={project} question={q} onChange={onChange} />)}
      {again.map(([half, path, all]) => (
        <div key={half} className={css.question} data-answered>
          <ChoiceField label={half === "frontend" ? "Which front end is deployed?" : "Which application is the API?"} layout="list" value={path} onValue={(value) => void onChange([{ field: half, value }]).catch(() => {})}
            options={all.map((x) => ({ value: x.path, label: x.name, detail: `In ${x.path}` }))} />
        </div>
      ))}
    </section>
  );
}

const OTHER = "\u0000other";

/** Candidates with their reasons, the suggestion first; where only the user can know, a field. */
function QuestionCard({ project, question, onChange }: { project: string; question: Question; onChange: QuestionsProps["onChange"] }) {
  const [picked, setPicked] = useState<string | null>(question.answers.length === 0 ? OTHER : null);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const id = useId();
  const [, field, label] = answer(question) ?? [null, null, ""];
  const half = field === "frontend" || field === "backend";
  const give = async (value: string) => {
    if (field === null) return;
    setBusy(true);
    setError(null);
    try {
      await onChange([{ field, value }]);
    } catch (thrown) {
      const { message, hint } = HostError.from(thrown);
      setError(`${message} ${hint}`);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void give(picked === OTHER ? typed : picked ?? "");
  };
  // A half is picked at once; anything else is confirmed, because it may be typed as well.
  const pick = (value: string) => {
    setPicked(value);
    if (half) void give(value);
  };
  const options = [
    ...question.answers.map((a, i) => ({ value: a.value, label: i === 0 ? `${a.value} (suggested)` : a.value, detail: <Ticks text={a.reason} /> })),
    ...(half || question.answers.length === 0 ? [] : [{ value: OTHER, label: "Something else" }]),
  ];
  return (
    <form className={css.question} data-blocks={question.blocks || undefined} aria-labelledby={id} aria-busy={busy || undefined} onSubmit={submit}>
      <h3 id={id}><Ticks text={question.text} /></h3>
      {options.length > 0 ? <ChoiceField label={question.blocks ? "Needed before a plan can be made" : "Worth checking"} layout="list" value={picked} onValue={pick} options={options} /> : null}
      {picked === OTHER ? <TextField label={label} mono value={typed} onValue={setTyped} error={error?.replaceAll("`", "") ?? null} /> : error ? <p className={css.error} role="alert"><Ticks text={error} /></p> : null}
      <div className={css.foot}>
        {half || field === null ? null : <Button type="submit" busy={busy} disabled={picked === null || (picked === OTHER && typed.trim() === "")}>Answer</Button>}
        {question.file ? <button type="button" className={css.source} aria-expanded={shown} onClick={() => setShown(!shown)}><Icon name="chevron" size={12} /><code>{question.file}{question.line === null ? "" : `:${question.line}`}</code></button> : null}
      </div>
      {shown && question.file ? <Excerpt project={project} file={question.file} line={question.line} /> : null}
    </form>
  );
}
