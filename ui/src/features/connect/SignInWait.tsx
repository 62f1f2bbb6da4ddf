import { useHost } from "../../app/host-context.ts";
import { useNow } from "../../app/live.ts";
import type { SignInMethod, SignInStep } from "../../host/index.ts";
import { Address, CopyButton, Loading } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { lengthOfTime } from "../../ui/words.ts";
import css from "./wizard.module.css";

type SignInWaitProps = { method: SignInMethod; step: SignInStep | null; onCancel: () => void; onCode: () => void };

/** What is shown while somebody confirms a sign-in elsewhere. */
export function SignInWait({ method, step, onCancel, onCode }: SignInWaitProps) {
  const host = useHost();
  const now = useNow();
  if (method === "browser") {
    return (
      <div className={css.form}>
        <Loading>{step?.kind === "browserOpened" ? "Waiting for the browser" : "Opening the browser"}</Loading>
        {step?.kind === "browserOpened" ? <p className={css.small}>No page came up? Open this address in a browser of this computer:<br /><Address url={step.url} label="address of the sign-in" /></p> : null}
        <div className={css.actions}>
          <Button onClick={onCancel}>Cancel</Button>
          <Button tone="quiet" onClick={onCode}>Use a code instead</Button>
        </div>
      </div>
    );
  }
  if (step?.kind !== "showCode") return <Loading>Asking for a code</Loading>;
  const { code } = step;
  return (
    <div className={css.form}>
      <p>Open this page in any browser, on this computer or another device, and compare the code:</p>
      <p className={css.code}><span aria-label="Code">{code.userCode}</span><CopyButton text={code.userCode} label="Copy the code" /></p>
      <p><Address url={code.verificationUrl} label="address of the page" /></p>
      <Loading>Waiting for the confirmation; the code works for {lengthOfTime(code.expiresAt - now).replace(/ \d+ s$/, "")} more</Loading>
      <div className={css.actions}>
        <Button tone="primary" icon="external" onClick={() => void host.openAddress(code.completeUrl).catch(() => {})}>Open the page</Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}
