import { useEffect, useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { SecretField } from "../../ui/fields.tsx";
import type { WayProps } from "./ConnectFlow.tsx";
import { useKeychainReady } from "./KeychainGate.tsx";
import { ProfileFoot } from "./ProfileFoot.tsx";
import { freeLabel } from "./ways.ts";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

const about = {
  happens: "The key is handed over once, kept, and tried: AWS says whose it is.",
  stored: "Both parts go into the keychain of this computer. `profiles.json` of the app gets the name, the account and the region.",
  undo: "Remove the profile on the Profiles page; the key leaves the keychain. In AWS, deactivate it in IAM under Users, Security credentials.",
};

/**
 * An access key, typed or from the file that the console offers.
 *
 * Neither part of it is ever in a component's state: the fields are read once when the key is handed over and are emptied at once. A file is read by
 * the core; the page knows only where it lies.
 */
export function KeysWay({ file, onFile, onBack, onSaved, finishing, trouble, taken }: WayProps & { file: string | null; onFile: (file: string | null) => void }) {
  const host = useHost();
  const ready = useKeychainReady();
  const id = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  const [label, setLabel] = useState<string | null>(null);
  const [region, setRegion] = useState("eu-west-1");
  const [filled, setFilled] = useState({ id: false, secret: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shownLabel = label ?? freeLabel("my-account", taken);
  const complete = file !== null || (filled.id && filled.secret);
  const allowed = complete && ready && shownLabel.trim() !== "";

  useEffect(() => setError(null), [file]);
  const pick = async () => {
    setError(null);
    try {
      const picked = await host.keysFilePick();
      if (picked !== null) onFile(picked);
    } catch (thrown) {
      setError(thrown);
    }
  };
  const save = async () => {
    if (!allowed) return;
    setBusy(true);
    setError(null);
    const saved = file === null
      ? host.profileSaveKeys(shownLabel, region, id.current?.value.trim() ?? "", secret.current?.value.trim() ?? "", null)
      : host.profileSaveKeysCsv(shownLabel, region, file);
    for (const field of [id.current, secret.current]) if (field) field.value = "";
    setFilled({ id: false, secret: false });
    try {
      onSaved([await saved]);
    } catch (thrown) {
      setError(thrown);
      id.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <WizardFrame title="Access key" lead="A key of an IAM user. It works for ever unless somebody ends it, so prefer IAM Identity Center or `aws login` where you can." about={about} onBack={onBack}>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); void save(); }}>
        {file === null ? (
          <>
            <SecretField ref={id} label="Access key id" shown placeholder="AKIA…" onFilled={(on) => setFilled((f) => ({ ...f, id: on }))} />
            <SecretField ref={secret} label="Secret access key" onFilled={(on) => setFilled((f) => ({ ...f, secret: on }))} />
            <p className={css.small}>Or drop the downloaded <code>accessKeys.csv</code> on this window, or <button type="button" className={css.link} onClick={() => void pick()}>choose the file…</button></p>
          </>
        ) : (
          <Notice tone="info" title={<>The key in <code>{file.split(/[\\/]/).at(-1)}</code></>} actions={<Button size="s" onClick={() => onFile(null)}>Type it instead</Button>}>
            <p>The app reads it once and never shows it. Delete the file afterwards: it holds the key in plain text.</p>
          </Notice>
        )}
        <ProfileFoot label={shownLabel} onLabel={setLabel} region={region} onRegion={setRegion} error={error} trouble={trouble} busy={busy || finishing} disabled={!allowed} action="Keep the key and connect" />
      </form>
    </WizardFrame>
  );
}
