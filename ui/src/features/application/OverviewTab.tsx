import { Link } from "@tanstack/react-router";
import { useAccount } from "../../app/account.ts";
import { LiveStatus } from "../../ui/LiveStatus.tsx";
import { SiteAddress, StateMark } from "../../ui/bits.tsx";
import { dateAndTime } from "../../ui/words.ts";
import { useDeployment } from "../deploy/DeploymentScreen.tsx";
import { LiveGate } from "./LiveGate.tsx";
import { usePipeline, useSecrets, useServers } from "./watches.ts";
import css from "./application.module.css";

export function OverviewTab({ app }: { app: string }) {
  const account = useAccount();
  const deployment = useDeployment(app);
  const pipeline = usePipeline(app);
  const servers = useServers(app);
  const secrets = useSecrets(app);
  return (
    <div className={css.cards}>
      <section className={`${css.card} ${css.whole}`} aria-labelledby="card-site">
        <header className={css.cardHead}><h2 id="card-site">Site</h2><LiveStatus live={deployment} /></header>
        <LiveGate live={deployment} waitsFor="Asking CloudFormation">
          {(view) => view.outcome?.siteUrl ? <SiteAddress url={view.outcome.siteUrl} practice={account?.practice ?? false} /> : (
            <p className={css.quiet}>{view.phase === "running" ? "It is being built." : view.phase === "succeeded" ? "The base stack states no address." : "There is no address yet."} <Link className={css.link} to="/applications/$app/deployment" params={{ app }}>See the deployment</Link></p>
          )}
        </LiveGate>
      </section>
      <section className={css.card} aria-labelledby="card-pipeline">
        <header className={css.cardHead}><h2 id="card-pipeline"><Link className={css.cardLink} to="/applications/$app/$tab" params={{ app, tab: "pipeline" }}>Pipeline</Link></h2></header>
        <LiveGate live={pipeline} waitsFor="Asking CodePipeline">
          {(view) => view.execution ? (
            <>
              <p className={css.figure}><StateMark state={view.execution.state} words /></p>
              <p className={css.quiet}>{view.execution.message ?? view.execution.trigger}</p>
              <p className={css.quiet}>{view.execution.startedAt === null ? null : dateAndTime(view.execution.startedAt)}</p>
            </>
          ) : <p className={css.quiet}>No run yet.</p>}
        </LiveGate>
      </section>
      <section className={css.card} aria-labelledby="card-servers">
        <header className={css.cardHead}><h2 id="card-servers"><Link className={css.cardLink} to="/applications/$app/$tab" params={{ app, tab: "servers" }}>Servers</Link></h2></header>
        <LiveGate live={servers} waitsFor="Asking ECS">
          {(view) => (
            <>
              <p className={css.figure}>{view.running} <small>of {view.desired} running</small></p>
              <p className={css.quiet}>{view.launch}, {view.min === view.max ? "fixed number" : `between ${view.min} and ${view.max}`}</p>
            </>
          )}
        </LiveGate>
      </section>
      <section className={css.card} aria-labelledby="card-secrets">
        <header className={css.cardHead}><h2 id="card-secrets"><Link className={css.cardLink} to="/applications/$app/$tab" params={{ app, tab: "secrets" }}>Secrets</Link></h2></header>
        <LiveGate live={secrets} waitsFor="Asking Secrets Manager">
          {(view) => (
            <>
              <p className={css.figure}>{view.keys.length} <small>{view.keys.length === 1 ? "secret" : "secrets"}</small></p>
              <p className={css.quiet}>{view.serversCurrent ? "All servers have the current values." : "Servers are taking over new values."}</p>
              <p className={css.quiet}>{view.changedAt === null ? null : `Changed ${dateAndTime(view.changedAt)}`}</p>
            </>
          )}
        </LiveGate>
      </section>
    </div>
  );
}
