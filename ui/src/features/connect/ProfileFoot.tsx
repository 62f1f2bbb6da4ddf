import type { ReactNode } from "react";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField, TextField } from "../../ui/fields.tsx";
import { regionsWith } from "../../ui/regions.ts";
import { KeychainGate } from "./KeychainGate.tsx";
import css from "./wizard.module.css";

type ProfileFootProps = {
  label: string; onLabel: (label: string) => void; region: string; onRegion: (region: string) => void;
  error: unknown; /** What went wrong after it was saved. */ trouble: ReactNode; busy: boolean; disabled: boolean; /** Words on the button. */ action: string;
};

/** Where every way of saving a profile ends: what it is called, where it starts, and the button. */
export function ProfileFoot({ label, onLabel, region, onRegion, error, trouble, busy, disabled, action }: ProfileFootProps) {
  return (
    <>
      <div className={css.pair}>
        <TextField label="Name of the profile" value={label} onValue={onLabel} />
        <SelectField label="Region to start with" value={region} onValue={onRegion} options={regionsWith(region)} />
      </div>
      <KeychainGate />
      {error ? <ErrorNotice error={error} /> : trouble}
      <div className={css.actions}><Button type="submit" tone="primary" size="l" busy={busy} disabled={disabled}>{action}</Button></div>
    </>
  );
}
