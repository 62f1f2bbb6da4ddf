import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { EnvVar } from "../../host/index.ts";
import { HostError } from "../../host/index.ts";
import { Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField, TextField } from "../../ui/fields.tsx";
import type { Editable } from "./facts.ts";
import css from "./FieldEditor.module.css";

type FieldEditorProps = { label: string; editable: Editable; variables: EnvVar[]; onSave: (value: string) => Promise<unknown>; onClose: () => void };

/** Changes one finding in its place. The core checks the value; what it says stands below the field. */
export function FieldEditor({ label, editable, variables, onSave, onClose }: FieldEditorProps) {
  const { input } = editable;
  const [value, setValue] = useState(input.kind === "variables" ? "" : editable.text);
  const [roles, setRoles] = useState<Record<string, Role>>(() => Object.fromEntries(variables.map((v) => [v.name, v.secret ? "secret" : "setting"])));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<HostError | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("input, select")?.focus(), []);

  const save = async () => {
    const written = input.kind === "variables" ? Object.entries(roles).map(([name, role]) => `${name}=${role}`).join(", ") : value;
    setBusy(true);
    setError(null);
    try {
      await onSave(written);
    } catch (thrown) {
      setError(HostError.from(thrown));
      setBusy(false);
    }
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  const problem = error ? `${error.message} ${error.hint}` : null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys come from the fields in it
    <form ref={form} className={css.form} aria-label={`Change ${label}`} onKeyDown={leave} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      {input.kind === "text" ? <TextField label={label} mono value={value} onValue={setValue} placeholder={input.placeholder} hint={input.hint} error={problem?.replaceAll("`", "") ?? null} /> : null}
      {input.kind === "choice" ? <SelectField label={label} value={value} onValue={setValue} options={input.options} hint={input.hint} /> : null}
      {input.kind === "variables" ? <Variables roles={roles} onRoles={setRoles} /> : null}
      {problem && input.kind !== "text" ? <p className={css.error}><Ticks text={problem} /></p> : null}
      <p className="visually-hidden" role="alert">{problem}</p>
      <div className={css.buttons}>
        <Button type="submit" tone="primary" size="s" busy={busy}>Save</Button>
        <Button size="s" onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

type Role = "secret" | "setting" | "unused";
const roleOptions: { value: Role; label: string }[] = [{ value: "secret", label: "Secret" }, { value: "setting", label: "Setting" }, { value: "unused", label: "Not used" }];

/** What each variable of the server is. Values are never asked for here. */
function Variables({ roles, onRoles }: { roles: Record<string, Role>; onRoles: (roles: Record<string, Role>) => void }) {
  const [name, setName] = useState("");
  const add = () => {
    if (name.trim() === "") return;
    onRoles({ ...roles, [name.trim()]: "secret" });
    setName("");
  };
  return (
    <>
      <ul className={css.variables}>
        {Object.entries(roles).map(([variable, role]) => (
          <li key={variable} className={css.variable}>
            <code>{variable}</code>
            <select className={css.role} aria-label={`Kind of ${variable}`} value={role} onChange={(event) => onRoles({ ...roles, [variable]: event.target.value as Role })}>
              {roleOptions.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
            </select>
          </li>
        ))}
      </ul>
      <div className={css.add}>
        <TextField label="Another variable" mono value={name} onValue={setName} placeholder="STRIPE_KEY" hint="Its name only. Values are entered when the application runs."
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }} />
        <Button size="s" disabled={name.trim() === ""} onClick={add}>Add</Button>
      </div>
    </>
  );
}
