import type { PracticeProgress, PracticeStatus, PracticeStep, WorkState } from "../../host/index.ts";
import { Notice, StateMark, Ticks } from "../../ui/bits.tsx";
import css from "./Welcome.module.css";

/** What keeps the practice account from answering, if anything does. */
export function PracticeTrouble({ status }: { status: PracticeStatus | undefined }) {
  if (status?.state !== "failed") return null;
  return <Notice tone="warn" title="The practice account ended by itself"><p><Ticks text={status.detail} /></p></Notice>;
}

const steps: { step: PracticeStep; title: string }[] = [
  { step: "python", title: "Find Python" },
  { step: "environment", title: "Create a private environment" },
  { step: "packages", title: "Install the emulator" },
  { step: "server", title: "Start it" },
];

/** How far the start is; what was there already is passed over at once. */
export function PracticeSteps({ progress }: { progress: PracticeProgress }) {
  const at = steps.findIndex((s) => s.step === progress.step);
  const current = at === -1 ? steps.length : at;
  const state = (i: number): WorkState => (i < current ? "succeeded" : i === current ? "running" : "waiting");
  return (
    <div className={css.progress}>
      <ol aria-label="Starting the practice account">
        {steps.map((s, i) => <li key={s.step}><StateMark state={state(i)} />{s.title}</li>)}
      </ol>
      <p className={css.detail} role="status">{progress.detail}</p>
    </div>
  );
}
