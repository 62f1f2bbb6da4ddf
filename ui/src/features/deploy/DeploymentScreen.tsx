import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback } from "react";
import { useAccount, useConnect } from "../../app/account.ts";
import { type Live, useLive, useNow } from "../../app/live.ts";
import { useReady } from "../../app/ready.ts";
import type { DeploymentDelta, DeploymentView, Host, Listener, Outcome, ResourceRow, StackView, StepView } from "../../host/index.ts";
import { Address, Badge, Empty, ErrorNotice, Loading, Notice, PracticeBadge, SiteAddress, StateMark, Ticks, TroubleNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { LiveStatus } from "../../ui/LiveStatus.tsx";
import { Page } from "../../ui/Page.tsx";
import { count, lengthOfTime, stackWord } from "../../ui/words.ts";
import { mergeDeployment } from "./merge.ts";
import css from "./Deployment.module.css";

export function useDeployment(app: string): Live<DeploymentView> {
  const watch = useCallback((host: Host, listener: Listener<DeploymentView, DeploymentDelta>) => host.deploymentWatch(app, listener), [app]);
  return useLive(watch, mergeDeployment);
}

const phaseWord = {
  absent: { tone: "plain", word: "Nothing there" }, running: { tone: "run", word: "Deploying" }, interrupted: { tone: "warn", word: "Interrupted" },
  succeeded: { tone: "ok", word: "Deployed" }, failed: { tone: "bad", word: "Failed" },
} as const;

export function DeploymentScreen() {
  useReady("deployment");
  const { app } = useParams({ from: "/applications/$app/deployment" });
  const account = useAccount();
  const navigate = useNavigate();
  const live = useDeployment(app);
  const view = live.kind === "live" ? live.state : null;
  return (
    <Page
      title={<>{`Deployment of ${app}`}{view ? <Badge tone={phaseWord[view.phase].tone}>{phaseWord[view.phase].word}</Badge> : null}{account?.practice ? <PracticeBadge /> : null}</>}
      lead={view?.phase === "running" ? "You may close the app; AWS goes on by itself and this view comes back." : null}
      actions={<><LiveStatus live={live} /><Button onClick={() => void navigate({ to: "/applications/$app/$tab", params: { app, tab: "overview" } })}>Open the application</Button></>}
    >
      {live.kind === "waiting" ? <Loading>Asking CloudFormation where the deployment stands</Loading> : null}
      {live.kind === "failed" ? <ErrorNotice error={live.error} retry={live.retry} /> : null}
      {live.kind === "live" && live.trouble ? <TroubleNotice trouble={live.trouble} /> : null}
      {view ? <DeploymentBody view={view} /> : null}
    </Page>
  );
}

export function DeploymentBody({ view }: { view: DeploymentView }) {
  if (view.phase === "absent") return <Empty title="Nothing of this application exists here" action={<Link to="/new/import">Import a project</Link>} />;
  return (
    <>
      {view.outcome ? <OutcomeNotice outcome={view.outcome} /> : null}
      {view.phase === "interrupted" ? <Interrupted /> : null}
      {view.steps.filter((step) => step.records.length > 0).map((step) => <Records key={step.id} step={step} />)}
      <div className={css.columns}>
        <ol className={css.steps} aria-label="Steps">
          {view.steps.map((step) => (
            <li key={step.id} className={css.step} data-state={step.state}>
              <StateMark state={step.state} />
              <div><p className={css.stepTitle}>{step.title}</p>{step.records.length > 0 ? <p className={css.stepDetail}>Waits for {count(step.records.filter((r) => !r.seen).length, "record")}, see above</p> : step.detail ? <p className={css.stepDetail}>{step.detail}</p> : null}</div>
            </li>
          ))}
        </ol>
        <div className={css.stacks}>
          {view.stacks.map((stack) => <StackTree key={stack.role} stack={stack} />)}
          {view.stacks.length === 0 ? <Loading>Waiting for the first resource</Loading> : null}
        </div>
      </div>
    </>
  );
}

/** What a person enters at the DNS provider, ready to be copied. */
function Records({ step }: { step: StepView }) {
  return (
    <Notice tone="warn" title={step.title}>
      <p>{step.detail}</p>
      <div className={css.records}>
        <table>
          <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Value</th><th scope="col">Seen by AWS</th></tr></thead>
          <tbody>
            {step.records.map((record) => (
              <tr key={record.name}>
                <td><Address url={record.name} label="name of the record" /></td>
                <td>{record.kind}</td>
                <td><Address url={record.value} label="value of the record" /></td>
                <td>{record.seen ? "yes" : "not yet"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Notice>
  );
}

function OutcomeNotice({ outcome }: { outcome: Outcome }) {
  const account = useAccount();
  const { failure } = outcome;
  if (!failure) {
    return (
      <Notice tone={outcome.siteUrl ? "ok" : "info"} title={outcome.sentence}>
        <p><Ticks text={outcome.hint} /></p>
        {outcome.siteUrl ? <SiteAddress url={outcome.siteUrl} practice={account?.practice ?? false} /> : null}
      </Notice>
    );
  }
  return (
    <section className={css.failure} role="alert" aria-label="What failed">
      <p className={css.failureWhat}><StateMark state="failed" />{failure.what}{failure.resourceType ? <code>{failure.resourceType}</code> : null}</p>
      <h2>{failure.meaning || outcome.sentence}</h2>
      <p><strong>What to do:</strong> <Ticks text={failure.fix || outcome.hint} /></p>
      <details className={css.evidence}><summary>What AWS says</summary><p>{failure.reason}</p></details>
    </section>
  );
}

/** Connecting again hands the missing files to the pipeline; if the app no longer has them, the folder is needed once more. */
function Interrupted() {
  const account = useAccount();
  const connect = useConnect();
  const navigate = useNavigate();
  return (
    <>
      <Notice
        tone="warn" title="The app was closed before the pipeline got its files"
        actions={
          <>
            <Button size="s" disabled={connect.isPending} onClick={() => void navigate({ to: "/new/import" })}>Deploy from the folder</Button>
            <Button size="s" tone="primary" busy={connect.isPending} disabled={!account} onClick={() => account && connect.mutate(account.target)}>Continue</Button>
          </>
        }
      >
        <p>Nothing is lost: what is built stays. Continue uploads the files; if they are no longer on this computer, deploy once more from the project's folder.</p>
      </Notice>
      {connect.error ? <ErrorNotice error={connect.error} /> : null}
      {connect.isSuccess ? <Loading>Still waiting for the files. If this stays, deploy from the folder.</Loading> : null}
    </>
  );
}

const rank = (row: ResourceRow): number => (row.state === "failed" ? 0 : row.endedAt === null ? 1 : 2);

function StackTree({ stack }: { stack: StackView }) {
  const now = useNow();
  const of = (state: ResourceRow["state"]) => stack.resources.filter((r) => r.state === state);
  const going = of("running").length;
  // What failed first comes first, then what goes on now, then the rest with the latest on top.
  const rows = stack.resources.toSorted((a, b) => rank(a) - rank(b) || (a.endedAt === null || a.state === "failed" ? a.startedAt - b.startedAt : (b.endedAt ?? 0) - (a.endedAt ?? 0)));
  return (
    <details className={css.stack} open={stack.state !== "succeeded" || stack.role !== "pipeline" ? true : undefined}>
      <summary className={css.stackHead}>
        <StateMark state={stack.state} />
        <span className={css.stackName}>{stackWord[stack.role].title} <span className={css.stackSentence}>{stackWord[stack.role].sentence}</span></span>
        <span className={css.stackCount}>{stack.state === "succeeded" ? count(stack.resources.length, "resource") : stack.state !== "running" ? `${of("rolledBack").length} undone` : `${of("succeeded").length} done${going > 0 ? `, ${going} going on` : ""}`}</span>
        <code className={css.stackStatus}>{stack.status}</code>
      </summary>
      <ul>
        {rows.map((row) => (
          <li key={row.logicalId} className={css.resource} data-state={row.state}>
            <StateMark state={row.state} />
            <div className={css.resourceWords}>
              <p>{row.description}</p>
              {row.reason && row.state !== "succeeded" ? <p className={css.reason}>{row.reason}</p> : null}
            </div>
            <code className={css.logicalId} title={row.resourceType}>{row.logicalId}</code>
            <span className={css.time}>{lengthOfTime((row.endedAt ?? Math.max(now, row.startedAt)) - row.startedAt)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
