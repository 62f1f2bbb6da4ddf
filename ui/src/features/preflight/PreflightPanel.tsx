import { useCallback, useEffect, useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { useNow } from "../../app/live.ts";
import { OpenLink } from "../../app/OpenLink.tsx";
import { type Choices, type Findings, HostError, type PreflightCheck, type PreflightResult, type WorkState } from "../../host/index.ts";
import { Badge, ErrorNotice, Loading, StateMark, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { count, lengthOfTime } from "../../ui/words.ts";
import css from "./preflight.module.css";

const shown: Record<PreflightResult, { word: string; tone: "ok" | "warn" | "bad" | "plain"; state: WorkState }> = {
  ok: { word: "fine", tone: "ok", state: "succeeded" },
  unknown: { word: "cannot be known", tone: "plain", state: "skipped" },
  warning: { word: "look at this", tone: "warn", state: "rolledBack" },
  blocked: { word: "would fail", tone: "bad", state: "failed" },
};

type State = { checks: PreflightCheck[]; at: number | null; running: boolean; error: HostError | null };

/** What can be known before a deployment: every check as soon as it is known, with its fix, and how old it is. */
export function PreflightPanel({ findings, choices }: { findings: Findings; choices: Choices }) {
  const host = useHost();
  const now = useNow();
  const [state, setState] = useState<State>({ checks: [], at: null, running: true, error: null });
  const attempt = useRef(0);
  const run = useCallback(async () => {
    attempt.current += 1;
    const mine = attempt.current;
    const current = () => mine === attempt.current;
    const found: PreflightCheck[] = [];
    setState((before) => ({ ...before, running: true, error: null }));
    try {
      const whole = await host.preflightRun(findings, choices, (check) => {
        found.push(check);
        // An earlier round stays visible until each of its checks has been made again.
        if (current()) setState((before) => ({ ...before, checks: [...found, ...before.checks.filter((old) => !found.some((f) => f.id === old.id))] }));
      });
      if (current()) setState({ checks: whole.checks, at: whole.at, running: false, error: null });
    } catch (thrown) {
      if (current()) setState((before) => ({ ...before, running: false, error: HostError.from(thrown) }));
    }
  }, [host, findings, choices]);
  useEffect(() => {
    void run();
    return () => {
      attempt.current += 1;
    };
  }, [run]);

  const blocked = state.checks.filter((c) => c.result === "blocked").length;
  const warned = state.checks.filter((c) => c.result === "warning").length;
  const summary = state.running ? `${count(state.checks.length, "check")} so far` : blocked > 0 ? `${count(blocked, "check")} would fail` : warned > 0 ? `${count(warned, "check")} to look at` : "Nothing stands in the way";
  return (
    <section className={css.panel} aria-labelledby="preflight-title">
      <div className={css.head}>
        <h2 id="preflight-title">Would it work in this account?</h2>
        <p className={css.age} role="status">{summary}{state.at !== null && !state.running ? `, checked ${now - state.at < 5000 ? "just now" : `${lengthOfTime(now - state.at)} ago`}` : ""}</p>
        <Button size="s" busy={state.running} onClick={() => void run()}>Check again</Button>
      </div>
      {state.error ? <ErrorNotice error={state.error} /> : null}
      {state.checks.length > 0 ? (
        <ul className={css.checks} aria-label="Checks of the account">
          {state.checks.map((check) => {
            const old = state.running && state.at !== null && check.at <= state.at;
            return (
              <li key={check.id} data-result={check.result}>
                {!old && check.result === "warning" ? <span className={css.warn}><Icon name="warn" /></span> : <StateMark state={old ? "running" : shown[check.result].state} />}
                <div className={css.words}>
                  <p className={css.title}>{check.title} {check.result === "ok" ? null : <Badge tone={shown[check.result].tone}>{shown[check.result].word}</Badge>}</p>
                  <p className={css.found}><Ticks text={check.found} /></p>
                  {check.missing.length > 0 ? <ul className={css.missing} aria-label="Missing">{check.missing.map((m) => <li key={m}><code>{m}</code></li>)}</ul> : null}
                  {check.fix ? <p><Ticks text={check.fix} /></p> : null}
                </div>
                {check.link ? <OpenLink url={check.link}>Open in the console</OpenLink> : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      {state.running && state.at === null ? <Loading>{state.checks.length === 0 ? "Asking AWS" : "Asking AWS for the rest"}</Loading> : null}
    </section>
  );
}
