import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { RoleSource } from "../../host/index.ts";
import { Loading, Notice } from "../../ui/bits.tsx";
import { SelectField, TextField } from "../../ui/fields.tsx";
import type { WayProps } from "./ConnectFlow.tsx";
import { useKeychainReady } from "./KeychainGate.tsx";
import { ProfileFoot } from "./ProfileFoot.tsx";
import { freeLabel } from "./ways.ts";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

const about = {
  happens: "One of your profiles asks AWS for a session of the role. If the role wants it, the app asks you for six digits of your MFA device.",
  stored: "The session goes into the keychain and ends by itself. The role's ARN, the device's name and the external id are no secrets; they go into `profiles.json`.",
  undo: "Remove the profile on the Profiles page; the role in AWS stays as it is.",
};

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/;
const MFA = /^(arn:aws[a-z-]*:iam::\d{12}:mfa\/\S+|[A-Z0-9]{9,})$/;

/** A role that a profile may assume. */
export function RoleWay({ onBack, onSaved, finishing, trouble, taken }: WayProps) {
  const host = useHost();
  const ready = useKeychainReady();
  const saved = useQuery({ queryKey: ["saved"], queryFn: () => host.profilesSaved() });
  const files = useQuery({ queryKey: ["profiles"], queryFn: () => host.profileList() });
  const [roleArn, setRoleArn] = useState("");
  const [externalId, setExternalId] = useState("");
  const [mfaSerial, setMfaSerial] = useState("");
  const [source, setSource] = useState<string | null>(null);
  const [label, setLabel] = useState<string | null>(null);
  const [region, setRegion] = useState("eu-west-1");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const sources = [
    ...(saved.data ?? []).map((v) => ({ value: `saved:${v.profile.id}`, label: v.profile.label })),
    ...(files.data ?? []).map((p) => ({ value: `aws:${p.name}`, label: `${p.name}, AWS profile` })),
  ];
  const from = source ?? sources[0]?.value ?? "";
  const arn = roleArn.trim();
  const shownLabel = label ?? freeLabel(arn.split("/").at(-1) ?? "role", taken);
  const arnWrong = arn !== "" && !ROLE.test(arn);
  const mfaWrong = mfaSerial.trim() !== "" && !MFA.test(mfaSerial.trim());
  const allowed = ROLE.test(arn) && !mfaWrong && from !== "" && shownLabel.trim() !== "" && ready;

  const save = async () => {
    if (!allowed) return;
    setBusy(true);
    setError(null);
    const by: RoleSource = from.startsWith("saved:") ? { kind: "saved", id: from.slice(6) } : { kind: "awsProfile", name: from.slice(4) };
    try {
      onSaved([await host.profileSaveRole({ label: shownLabel, roleArn: arn, externalId: externalId.trim() || null, mfaSerial: mfaSerial.trim() || null, source: by, region })]);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <WizardFrame title="Assume a role" lead="Use a role, in your account or another one, with a profile you have already." about={about} onBack={onBack}>
      {saved.isPending || files.isPending ? <Loading>Reading your profiles</Loading> : sources.length === 0 ? (
        <Notice tone="warn" title="A role needs a profile that may use it"><p>There is none on this computer yet. Set up IAM Identity Center or an access key first, then come back here.</p></Notice>
      ) : (
        <form className={css.form} onSubmit={(event) => { event.preventDefault(); void save(); }}>
          <TextField label="ARN of the role" value={roleArn} onValue={setRoleArn} placeholder="arn:aws:iam::123456789012:role/Deployer" mono autoCapitalize="off" error={arnWrong ? "It looks like arn:aws:iam::123456789012:role/NAME." : null} hint="It stands on the page of the role in IAM." />
          <SelectField label="Assumed by" value={from} onValue={setSource} options={sources} />
          <div className={css.pair}>
            <TextField label="MFA device (optional)" value={mfaSerial} onValue={setMfaSerial} placeholder="arn:aws:iam::…:mfa/you" mono autoCapitalize="off" error={mfaWrong ? "The ARN of a device, or the serial number on it." : null} hint="If the role wants MFA." />
            <TextField label="External id (optional)" value={externalId} onValue={setExternalId} mono autoCapitalize="off" hint="If the role's owner gave you one." />
          </div>
          <ProfileFoot label={shownLabel} onLabel={setLabel} region={region} onRegion={setRegion} error={error} trouble={trouble} busy={busy || finishing} disabled={!allowed} action="Save and connect" />
        </form>
      )}
    </WizardFrame>
  );
}
