import { useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { SecretField, TextField } from "../../ui/fields.tsx";
import type { WayProps } from "./ConnectFlow.tsx";
import { useKeychainReady } from "./KeychainGate.tsx";
import { ProfileFoot } from "./ProfileFoot.tsx";
import { freeLabel } from "./ways.ts";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

const about = {
  happens: "Every request of this profile goes to the address instead of to AWS, signed with the key you give.",
  stored: "The key goes into the keychain, the address into `profiles.json` of the app.",
  undo: "Remove the profile on the Profiles page.",
};

/** Something that speaks AWS's language at another address. */
export function EndpointWay({ onBack, onSaved, finishing, trouble, taken }: WayProps) {
  const host = useHost();
  const ready = useKeychainReady();
  const id = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  const [url, setUrl] = useState("http://localhost:4566");
  const [label, setLabel] = useState<string | null>(null);
  const [region, setRegion] = useState("us-east-1");
  const [filled, setFilled] = useState({ id: false, secret: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shownLabel = label ?? freeLabel("local", taken);
  const allowed = ready && filled.id && filled.secret && url.trim() !== "" && shownLabel.trim() !== "";

  const save = async () => {
    if (!allowed) return;
    setBusy(true);
    setError(null);
    const saved = host.profileSaveKeys(shownLabel, region, id.current?.value.trim() ?? "", secret.current?.value.trim() ?? "", url.trim());
    for (const field of [id.current, secret.current]) if (field) field.value = "";
    setFilled({ id: false, secret: false });
    try {
      onSaved([await saved]);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <WizardFrame title="Another address" lead="LocalStack, ministack or a gateway of your company. For trying things, the practice account needs no set-up." about={about} onBack={onBack}>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <TextField label="Address" value={url} onValue={setUrl} mono inputMode="url" autoCapitalize="off" hint="https://HOST, or http://localhost:PORT on this computer: what is sent there has secrets in it." />
        <div className={css.pair}>
          <SecretField ref={id} label="Access key id" shown hint="Most emulators take any, such as test." onFilled={(on) => setFilled((f) => ({ ...f, id: on }))} />
          <SecretField ref={secret} label="Secret access key" onFilled={(on) => setFilled((f) => ({ ...f, secret: on }))} />
        </div>
        <ProfileFoot label={shownLabel} onLabel={setLabel} region={region} onRegion={setRegion} error={error} trouble={trouble} busy={busy || finishing} disabled={!allowed} action="Save and connect" />
      </form>
    </WizardFrame>
  );
}
