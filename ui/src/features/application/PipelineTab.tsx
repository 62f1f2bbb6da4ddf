import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { useProductionGuard } from "../../app/production.tsx";
import type { PipelineView, StageView } from "../../host/index.ts";
import { Badge, Empty, ErrorNotice, StateMark } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { LiveStatus } from "../../ui/LiveStatus.tsx";
import { dateAndTime, lengthOfTime, stateWord, timeOfDay } from "../../ui/words.ts";
import { LiveGate } from "./LiveGate.tsx";
import { usePipeline } from "./watches.ts";
import css from "./application.module.css";

export function PipelineTab({ app }: { app: string }) {
  const host = useHost();
  const live = usePipeline(app);
  const guard = useProductionGuard();
  const start = useMutation({ mutationFn: () => host.pipelineStart(app) });
  const state = live.kind === "live" ? live.state : null;
  return (
    <div className={css.tab}>
      <div className={css.tabHead}>
        <p className={css.quiet}>{state ? <code>{state.name}</code> : null}</p>
        <LiveStatus live={live} />
        <Button icon="play" busy={start.isPending} disabled={!state || state.execution?.state === "running"} onClick={() => void guard(`Release ${app}`).then((yes) => yes && start.mutate())}>Run now</Button>
      </div>
      {start.error ? <ErrorNotice error={start.error} /> : null}
      <LiveGate live={live} waitsFor="Asking CodePipeline about its stages">{(view) => <PipelineBody view={view} />}</LiveGate>
    </div>
  );
}

function PipelineBody({ view }: { view: PipelineView }) {
  // Until someone picks a stage, the one that matters is shown: the failed one, else the running one, else the last that ended.
  const [picked, setPicked] = useState<string | null>(null);
  const interesting = view.stages.find((s) => s.state === "failed") ?? view.stages.find((s) => s.state === "running") ?? view.stages.findLast((s) => s.state === "succeeded") ?? view.stages[0];
  const shown = view.stages.find((s) => s.name === picked) ?? interesting;
  if (view.stages.length === 0) return <Empty title="The pipeline has no stages yet">They appear as soon as CloudFormation has made it.</Empty>;
  return (
    <>
      <ol className={css.stages} aria-label="Stages">
        {view.stages.map((stage, i) => (
          <li key={stage.name} className={css.stageItem}>
            {i > 0 ? <span className={css.stageArrow} aria-hidden="true"><Icon name="chevron" size={12} /></span> : null}
            <button type="button" className={css.stage} data-state={stage.state} data-outdated={stage.outdated || undefined} aria-pressed={stage === shown} onClick={() => setPicked(stage.name)}>
              <span className={css.stageHead}><StateMark state={stage.state} />{stage.name}</span>
              <span className={css.stageActions}>{stage.actions.map((a) => <span key={a.name} className={css.stageAction} data-state={a.state}>{a.name}</span>)}</span>
            </button>
          </li>
        ))}
      </ol>
      {shown ? <StageDetails stage={shown} /> : null}
      <section className={css.part} aria-labelledby="history">
        <h2 id="history">Runs</h2>
        {view.history.length === 0 ? <p className={css.quiet}>No run yet.</p> : (
          <table className={css.table}>
            <thead><tr><th scope="col">State</th><th scope="col">Commit</th><th scope="col">Started by</th><th scope="col">When</th><th scope="col">Took</th></tr></thead>
            <tbody>
              {view.history.map((run) => (
                <tr key={run.id}>
                  <td><StateMark state={run.state} words /></td>
                  <td>{run.commit ? <code>{run.commit.slice(0, 7)}</code> : null} {run.message}</td>
                  <td>{run.trigger}</td>
                  <td>{run.startedAt === null ? null : dateAndTime(run.startedAt)}</td>
                  <td>{run.startedAt === null || run.updatedAt === null || run.state === "running" ? null : lengthOfTime(run.updatedAt - run.startedAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  );
}

function StageDetails({ stage }: { stage: StageView }) {
  return (
    <section className={css.part} aria-label={`Actions of ${stage.name}`}>
      <h2>{stage.name} {stage.outdated ? <Badge title="This stage has not run in the latest run yet.">from an earlier run</Badge> : null}</h2>
      <ul className={css.rows}>
        {stage.actions.map((action) => (
          <li key={action.name} className={css.actionRow} data-state={action.state}>
            <StateMark state={action.state} />
            <div><p><strong>{action.name}</strong> {action.description}</p>{action.detail ? <p className={action.state === "failed" ? css.bad : css.quiet}>{action.detail}</p> : null}</div>
            <span className={css.quiet}>{stateWord[action.state]}{action.updatedAt === null ? "" : `, ${timeOfDay(action.updatedAt)}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
