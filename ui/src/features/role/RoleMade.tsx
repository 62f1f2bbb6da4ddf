import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useConnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { AccountView, RoleSource } from "../../host/index.ts";
import { Address, ErrorNotice, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { useTaken } from "../connect/CenterWay.tsx";
import { KeychainGate, useKeychainReady } from "../connect/KeychainGate.tsx";
import { freeLabel } from "../connect/ways.ts";
import { TextField } from "../../ui/fields.tsx";
import { WizardFrame } from "../connect/WizardFrame.tsx";
import wizard from "../connect/wizard.module.css";

const about = {
  happens: "The profile you are connected with takes the role on whenever it is needed, and the app works with the rights of the role alone.",
  stored: "The session of the role goes into the keychain and ends by itself. The role's ARN is no secret; it goes into `profiles.json`.",
  undo: "Remove the profile on the Profiles page, or connect with the other one again; delete the stack to take the role away.",
};

/** The role is there: use it from now on, or go on as before. */
export function RoleMade({ account, arn, app, externalId }: { account: AccountView; arn: string; app: string; externalId: string | null }) {
  const host = useHost();
  const navigate = useNavigate();
  const connect = useConnect();
  const ready = useKeychainReady();
  const taken = useTaken();
  const [label, setLabel] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const name = label ?? freeLabel(`${app}-deployer`, taken);
  const { target } = account;
  const back = () => void navigate({ to: "/new/plan" });

  const use = async () => {
    if (target.kind === "practice") return;
    setBusy(true);
    setError(null);
    let made: string | null = null;
    try {
      const source: RoleSource = target.kind === "saved" ? { kind: "saved", id: target.id } : { kind: "awsProfile", name: target.name };
      made = (await host.profileSaveRole({ label: name, roleArn: arn, mfaSerial: null, externalId, source, region: account.region })).id;
      await connect.mutateAsync({ kind: "saved", id: made, region: null });
      back();
    } catch (thrown) {
      // A profile that does not work is taken away again.
      if (made !== null) await host.profileRemove(made).catch(() => {});
      setError(thrown);
      setBusy(false);
    }
  };

  return (
    <WizardFrame title="The role is there" lead="It has exactly the permissions of the plan. When the plan changes, make the role again: only what differs is changed." onBack={null} about={about}>
      <Address url={arn} label="ARN of the role" />
      {target.kind === "practice" ? (
        <>
          <Notice title="The practice account does not ask for rights"><p>The role can be looked at there, but nothing is refused without it. In AWS the app would offer to use it from now on.</p></Notice>
          <div className={wizard.actions}><Button tone="primary" size="l" onClick={back}>Back to the plan</Button></div>
        </>
      ) : (
        <form className={wizard.form} onSubmit={(event) => { event.preventDefault(); void use(); }}>
          <TextField label="Name of the profile" value={name} onValue={setLabel} hint={<>On top of <strong>{account.label}</strong>, which takes the role on.</>} />
          <KeychainGate />
          {error ? <ErrorNotice error={error} /> : null}
          <div className={wizard.actions}>
            <Button type="submit" tone="primary" size="l" busy={busy} disabled={!ready || name.trim() === ""}>Use the role from now on</Button>
            <Button tone="quiet" size="l" disabled={busy} onClick={back}>Go on as before</Button>
          </div>
        </form>
      )}
    </WizardFrame>
  );
}
