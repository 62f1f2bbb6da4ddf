import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { HostError, type IdentityCenter, type SignInMethod, type SignInStep, type SsoAccount } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField, TextField } from "../../ui/fields.tsx";
import { regionsWith } from "../../ui/regions.ts";
import { KeychainGate, useKeychainReady } from "./KeychainGate.tsx";
import { RolesStep } from "./RolesStep.tsx";
import { SignInWait } from "./SignInWait.tsx";
import { WizardFrame } from "./WizardFrame.tsx";
import type { WayProps } from "./ConnectFlow.tsx";
import css from "./wizard.module.css";

type Step = { at: "form" } | { at: "waiting"; method: SignInMethod; step: SignInStep | null } | { at: "roles"; accounts: SsoAccount[] };

const about = {
  happens: "The browser shows your company's access portal. You confirm there, the browser comes back by itself, and you choose accounts and roles here.",
  stored: "The session goes into the keychain; it ends by itself after some hours. Addresses, account numbers and names go into `profiles.json` of the app. No key exists.",
  undo: "Remove the profiles on the Profiles page: the session leaves the keychain with the last one that uses it.",
};

/** IAM Identity Center: where it is, signing in there, and what to use of it. */
export function CenterWay({ center, onBack, onSaved, finishing, trouble, taken }: WayProps & { center: IdentityCenter | null }) {
  const host = useHost();
  const ready = useKeychainReady();
  const [startUrl, setStartUrl] = useState(center?.startUrl ?? "");
  const [region, setRegion] = useState(center?.region ?? "eu-west-1");
  const [step, setStep] = useState<Step>({ at: "form" });
  const [error, setError] = useState<HostError | null>(null);
  const attempt = useRef(0);
  const id = useRef<number | null>(null);
  const here = { startUrl: startUrl.trim(), region };

  const start = async (method: SignInMethod) => {
    // Whatever an earlier attempt still says is not meant for this one.
    attempt.current += 1;
    const mine = attempt.current;
    setError(null);
    setStep({ at: "waiting", method, step: null });
    try {
      const accounts = await host.ssoSignIn(here, method, (next) => {
        if (next.kind === "started") id.current = next.id;
        if (mine === attempt.current) setStep({ at: "waiting", method, step: next });
        // Cancelled before it had an id.
        else if (next.kind === "started") void host.signInCancel(next.id);
      });
      if (mine === attempt.current) setStep({ at: "roles", accounts });
    } catch (thrown) {
      if (mine !== attempt.current) return;
      const problem = HostError.from(thrown);
      setStep({ at: "form" });
      setError(problem.code === "cancelled" ? null : problem);
    }
  };
  const end = useCallback(() => {
    attempt.current += 1;
    if (id.current !== null) void host.signInCancel(id.current);
    id.current = null;
  }, [host]);
  const cancel = () => {
    end();
    setStep({ at: "form" });
  };
  const insteadCode = () => {
    end();
    void start("deviceCode");
  };
  // Whoever leaves the screen does not want the browser to finish the sign-in behind their back.
  useEffect(() => end, [end]);

  if (step.at === "roles") {
    return <RolesStep center={here} accounts={step.accounts} taken={taken} about={about} onBack={() => setStep({ at: "form" })} onSaved={onSaved} finishing={finishing} trouble={trouble} />;
  }
  if (step.at === "waiting") {
    return (
      <WizardFrame title={step.method === "browser" ? "Confirm in the browser" : "Confirm the code"} lead="This screen goes on by itself as soon as you have confirmed." about={about} onBack={cancel} back="Back">
        <SignInWait method={step.method} step={step.step} onCancel={cancel} onCode={insteadCode} />
      </WizardFrame>
    );
  }
  const silent = error?.code === "browserSilent";
  return (
    <WizardFrame title="IAM Identity Center" lead="Sign in the way your company does. This is the safest way in: no key exists that could be lost." about={about} onBack={onBack}>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); void start("browser"); }}>
        <TextField label="Address of the access portal" value={startUrl} onValue={setStartUrl} placeholder="https://d-1234567890.awsapps.com/start" mono inputMode="url" autoCapitalize="off" hint="It stands in the invitation, and in the console under IAM Identity Center, Settings." />
        <SelectField label="Region of the directory" value={region} onValue={setRegion} options={regionsWith(region)} hint="The one IAM Identity Center was set up in; also on its Settings page." />
        <KeychainGate />
        {error ? <ErrorNotice error={error} actions={silent ? <Button size="s" onClick={() => void start("deviceCode")}>Use a code instead</Button> : undefined} /> : null}
        <div className={css.actions}>
          <Button type="submit" tone="primary" size="l" icon="external" disabled={here.startUrl === "" || !ready}>Sign in with the browser</Button>
          <Button tone="quiet" size="l" disabled={here.startUrl === "" || !ready} onClick={() => void start("deviceCode")}>Use a code instead</Button>
        </div>
      </form>
    </WizardFrame>
  );
}

/** Names of the profiles that exist, so that new ones do not collide. */
export function useTaken(): string[] {
  const host = useHost();
  const saved = useQuery({ queryKey: ["saved"], queryFn: () => host.profilesSaved() });
  return saved.data?.map((v) => v.profile.label) ?? [];
}
