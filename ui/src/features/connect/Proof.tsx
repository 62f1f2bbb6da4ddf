import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useConnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { AccountView } from "../../host/index.ts";
import { ErrorNotice, Loading, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CheckField } from "../../ui/fields.tsx";
import { freeLabel } from "./ways.ts";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

type ProofProps = { account: AccountView; /** Further profiles that were saved with it. */ also: string[]; taken: string[]; onGo: (account: AccountView) => void; onBack: () => void; onSwitch: () => void };

/** The end of every way in: which account this is, who the app is in it, and how careful to be. */
export function Proof({ account, also, taken, onGo, onBack, onSwitch }: ProofProps) {
  const host = useHost();
  const connect = useConnect();
  const proof = useQuery({ queryKey: ["proof", account.target, account.region], queryFn: () => host.accountProof(), gcTime: 0 });
  const [readOnly, setReadOnly] = useState(account.readOnly);
  const [production, setProduction] = useState(account.production);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { target } = account;
  const changed = readOnly !== account.readOnly || production !== account.production;

  const go = async () => {
    if (!changed || target.kind === "practice") return onGo(account);
    setBusy(true);
    setError(null);
    try {
      // A profile of the AWS files has nowhere to keep these two, so it becomes a saved one that refers to it.
      const saved = target.kind === "saved" ? target : { id: (await host.profileSaveAws(freeLabel(target.name, taken), target.name, account.region)).id };
      const label = target.kind === "saved" ? account.label : freeLabel(target.name, taken);
      await host.profileUpdate(saved.id, { label, region: account.region, readOnly, production });
      onGo(await connect.mutateAsync({ kind: "saved", id: saved.id, region: null }));
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };

  return (
    <WizardFrame
      title="You are connected" lead={<>The profile <strong>{account.label}</strong> works. Check that this is the account you meant.</>} onBack={onBack}
      about={{ happens: "Nothing in the account has been changed. From here on the app reads it, and changes it only after you have confirmed what was shown.", stored: "The two choices are kept with the profile, in `profiles.json` of the app. Every call to AWS is noted in the audit log, without values.", undo: "“Disconnect” in the menu of the account, top right." }}
    >
      {proof.isPending ? <Loading>Asking AWS who this is</Loading> : null}
      {proof.error ? <ErrorNotice error={proof.error} retry={() => void proof.refetch()} /> : null}
      {proof.data ? (
        <dl className={css.proof}>
          <div><dt>Account</dt><dd>{proof.data.accountId}{proof.data.alias ? ` · ${proof.data.alias}` : ""}</dd></div>
          <div><dt>You are</dt><dd>{proof.data.who}<br /><span className={css.small}>{proof.data.arn}</span></dd></div>
          <div><dt>Region</dt><dd>{proof.data.region}{proof.data.latencyMs === null ? "" : `, ${proof.data.latencyMs < 10 ? proof.data.latencyMs.toFixed(1) : Math.round(proof.data.latencyMs)} ms away`}</dd></div>
          {account.endpointUrl ? <div><dt>Address</dt><dd>{account.endpointUrl}</dd></div> : null}
        </dl>
      ) : null}
      {proof.data?.key ? (
        <Notice tone={proof.data.key.old ? "warn" : "info"} title={proof.data.key.old ? "This key has lived long" : "A key that never ends"} actions={<Button size="s" onClick={onSwitch}>Use a safer way in</Button>}>
          <p><Ticks text={proof.data.key.sentence} /></p>
        </Notice>
      ) : null}
      {also.length > 0 ? <Notice tone="ok" title={`Also saved: ${also.join(", ")}`}><p>Switch between them in the menu of the account, top right.</p></Notice> : null}
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); void go(); }}>
        <CheckField label="Production" detail="The window shows it in color, and changes want the profile's name typed." checked={production} onChecked={setProduction} />
        <CheckField label="Read-only" detail="The app refuses every call that would change something, before it is sent." checked={readOnly} onChecked={setReadOnly} />
        {error ? <ErrorNotice error={error} /> : null}
        <div className={css.actions}><Button type="submit" tone="primary" size="l" busy={busy}>Go on</Button></div>
      </form>
    </WizardFrame>
  );
}
