import { useState } from "react";
import type { SecretsView } from "../../host/index.ts";
import { Badge, Empty, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { LiveStatus } from "../../ui/LiveStatus.tsx";
import { dateAndTime } from "../../ui/words.ts";
import { LiveGate } from "./LiveGate.tsx";
import { DeleteSecret, PutSecret } from "./SecretDialogs.tsx";
import { useSecrets } from "./watches.ts";
import css from "./application.module.css";

type Open = { kind: "put"; key: string | null } | { kind: "delete"; key: string } | null;

export function SecretsTab({ app }: { app: string }) {
  const live = useSecrets(app);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <div className={css.tab}>
      <div className={css.tabHead}>
        <p className={css.quiet}>{live.kind === "live" ? <>Secret <code>{live.state.secretName}</code>{live.state.changedAt === null ? null : `, changed ${dateAndTime(live.state.changedAt)}`}</> : null}</p>
        <LiveStatus live={live} />
        <Button tone="primary" icon="plus" disabled={live.kind !== "live"} onClick={() => setOpen({ kind: "put", key: null })}>Add a secret</Button>
      </div>
      <LiveGate live={live} waitsFor="Asking Secrets Manager for the names">{(view) => <SecretsBody view={view} onOpen={setOpen} />}</LiveGate>
      {live.kind === "live" ? (
        <>
          <PutSecret key={`put:${open?.kind === "put"}:${open?.key ?? ""}`} app={app} name={open?.kind === "put" ? open.key : null} taken={live.state.keys} open={open?.kind === "put"} onClose={close} />
          <DeleteSecret key={`delete:${open?.key ?? ""}`} app={app} name={open?.kind === "delete" ? open.key : ""} open={open?.kind === "delete"} onClose={close} />
        </>
      ) : null}
    </div>
  );
}

function SecretsBody({ view, onOpen }: { view: SecretsView; onOpen: (open: Open) => void }) {
  return (
    <>
      <Notice tone={view.serversCurrent ? "ok" : "info"} title={view.serversCurrent ? "Every server runs with the current values." : "Servers are being replaced; the new ones start with the current values."}>
        <p>Values are stored in your account only and become environment variables of the servers and the migrations. This app never shows them.</p>
      </Notice>
      {view.keys.length === 0 ? <Empty title="No secret yet">Add one; the servers see it in <code>process.env</code> after they were replaced.</Empty> : (
        <table className={css.table}>
          <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead>
          <tbody>
            {view.keys.map((key) => (
              <tr key={key.name}>
                <td><code>{key.name}</code></td>
                <td>{key.managed ? <Badge title="The value comes from the database and changes with it.">managed</Badge> : key.injected ? <Badge tone="ok">in use</Badge> : <Badge tone="run">not in the service yet</Badge>}</td>
                <td className={css.cellActions}>
                  {key.managed ? null : (
                    <>
                      <Button size="s" aria-label={`Update ${key.name}`} onClick={() => onOpen({ kind: "put", key: key.name })}>Update</Button>
                      <Button size="s" tone="danger" aria-label={`Delete ${key.name}`} onClick={() => onOpen({ kind: "delete", key: key.name })}>Delete</Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
