import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { useProductionGuard } from "../../app/production.tsx";
import type { ServersView } from "../../host/index.ts";
import { Badge, Empty, ErrorNotice, StateMark } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField, TextField } from "../../ui/fields.tsx";
import { LiveStatus } from "../../ui/LiveStatus.tsx";
import { count, dateAndTime, timeOfDay } from "../../ui/words.ts";
import { LiveGate } from "./LiveGate.tsx";
import { useServers } from "./watches.ts";
import css from "./application.module.css";

export function ServersTab({ app }: { app: string }) {
  const live = useServers(app);
  return (
    <div className={css.tab}>
      <div className={css.tabHead}>
        <p className={css.quiet}>{live.kind === "live" && live.state.service ? <>Service <code>{live.state.service}</code> on {live.state.launch}</> : null}</p>
        <LiveStatus live={live} />
      </div>
      <LiveGate live={live} waitsFor="Asking ECS about the servers">{(view) => <ServersBody app={app} view={view} />}</LiveGate>
    </div>
  );
}

function ServersBody({ app, view }: { app: string; view: ServersView }) {
  return (
    <>
      <div className={css.serversTop}>
        <dl className={css.numbers}>
          <div><dt>Desired</dt><dd>{view.desired}</dd></div>
          <div><dt>Running</dt><dd data-tone={view.running >= view.desired && view.running > 0 ? "ok" : undefined}>{view.running}</dd></div>
          <div><dt>Starting</dt><dd data-tone={view.pending > 0 ? "run" : undefined}>{view.pending}</dd></div>
        </dl>
        <Scale key={`${view.min}-${view.max}`} app={app} view={view} />
      </div>
      <section className={css.part} aria-labelledby="tasks">
        <h2 id="tasks">Servers</h2>
        {view.tasks.length === 0 ? <Empty title="No server runs">{view.desired > 0 ? "They start as soon as the pipeline has built the service." : "Set the number above zero to start one."}</Empty> : (
          <table className={css.table}>
            <thead><tr><th scope="col">Server</th><th scope="col">State</th><th scope="col">Health</th><th scope="col">Zone</th><th scope="col">Version</th><th scope="col">Since</th></tr></thead>
            <tbody>
              {view.tasks.map((task) => (
                <tr key={task.id} data-gone={task.status === "STOPPED" || undefined}>
                  <td><code>{task.id}</code></td>
                  <td>{sentence(task.status)}{task.stoppedReason ? <span className={css.quiet}>: {task.stoppedReason}</span> : null}</td>
                  <td><Badge tone={task.health === "HEALTHY" ? "ok" : task.health === "UNHEALTHY" ? "bad" : "plain"}>{sentence(task.health)}</Badge></td>
                  <td>{task.zone}</td>
                  <td><code>{task.taskDefinition}</code></td>
                  <td>{task.startedAt === null ? null : dateAndTime(task.startedAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <div className={css.two}>
        <section className={css.part} aria-labelledby="rollouts">
          <h2 id="rollouts">Rollouts</h2>
          {view.rollouts.length === 0 ? <p className={css.quiet}>None yet.</p> : (
            <ul className={css.rows}>
              {view.rollouts.map((r) => (
                <li key={r.taskDefinition} className={css.actionRow}>
                  <StateMark state={r.state} />
                  <div><p><code>{r.taskDefinition}</code></p><p className={css.quiet}>{r.running} of {r.desired} running{r.failed > 0 ? `, ${r.failed} failed to start` : ""}</p></div>
                  <Badge>{sentence(r.status)}</Badge>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section className={css.part} aria-labelledby="events">
          <h2 id="events">Events</h2>
          {view.events.length === 0 ? <p className={css.quiet}>None yet.</p> : (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
            <ol className={css.events} tabIndex={0} aria-label="Service events">
              {view.events.map((e) => <li key={`${e.at}:${e.message}`}><time>{timeOfDay(e.at)}</time><p>{e.message}</p></li>)}
            </ol>
          )}
        </section>
      </div>
    </>
  );
}

const sentence = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase().replaceAll("_", " ");

function Scale({ app, view }: { app: string; view: ServersView }) {
  const host = useHost();
  const [mode, setMode] = useState<"fixed" | "range">(view.min === view.max ? "fixed" : "range");
  const [min, setMin] = useState(String(view.min));
  const [max, setMax] = useState(String(view.max));
  const lowest = Number(min);
  const highest = mode === "fixed" ? lowest : Number(max);
  const whole = (text: string) => /^\d{1,3}$/.test(text);
  const problem = !whole(min) || (mode === "range" && !whole(max)) ? "A whole number." : highest < lowest ? "The highest is below the lowest." : null;
  const changed = lowest !== view.min || highest !== view.max;
  const guard = useProductionGuard();
  const scale = useMutation({ mutationFn: () => host.serversScale(app, lowest, highest) });
  return (
    <form className={css.scale} aria-label="Number of servers" onSubmit={(event) => { event.preventDefault(); if (!problem && changed) void guard(`Scale ${app}`).then((yes) => yes && scale.mutate()); }}>
      <ChoiceField label="Number of servers" value={mode} onValue={setMode} options={[{ value: "fixed", label: "Fixed" }, { value: "range", label: "By traffic" }]} />
      {mode === "fixed" ? (
        <TextField label="Servers" type="number" min={0} max={999} value={min} onValue={setMin} error={problem} />
      ) : (
        <div className={css.pair}>
          <TextField label="At least" type="number" min={0} max={999} value={min} onValue={setMin} error={problem} />
          <TextField label="At most" type="number" min={0} max={999} value={max} onValue={setMax} />
        </div>
      )}
      <Button type="submit" tone="primary" busy={scale.isPending} disabled={problem !== null || !changed}>{mode === "fixed" && !problem ? `Scale to ${count(lowest, "server")}` : "Set the range"}</Button>
      {lowest === 0 && highest === 0 && changed ? <p className={css.quiet}>With no server the API answers nothing.</p> : null}
      {scale.error ? <div className={css.scaleError}><ErrorNotice error={scale.error} /></div> : null}
    </form>
  );
}
