import { useId, useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { useProductionGuard } from "../../app/production.tsx";
import type { SecretKey } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/fields.tsx";
import fields from "../../ui/fields.module.css";
import css from "./application.module.css";

type PutSecretProps = { app: string; /** The secret to update; `null` adds a new one. */ name: string | null; taken: SecretKey[]; open: boolean; onClose: () => void };

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * Adds or updates a secret.
 *
 * The value lives in the input element alone: it is read once when it is sent and the element is emptied at once, so it is in no
 * component state, no query cache and no error.
 */
export function PutSecret({ app, name, taken, open, onClose }: PutSecretProps) {
  const host = useHost();
  const guard = useProductionGuard();
  const id = useId();
  const value = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState(name ?? "");
  const [filled, setFilled] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const existing = taken.find((k) => k.name === key);
  const problem = key === "" ? null : !NAME.test(key) ? "Letters, digits and underscores, not starting with a digit." : existing?.managed ? "This one is managed and cannot be set." : name === null && existing ? "It exists already; sending replaces its value." : null;
  const allowed = NAME.test(key) && existing?.managed !== true && filled;

  const send = async () => {
    const input = value.current;
    if (!input || !allowed || !(await guard(`Change secrets of ${app}`))) return;
    setBusy(true);
    setError(null);
    const sent = host.secretPut(app, key, input.value);
    input.value = "";
    setFilled(false);
    try {
      await sent;
      onClose();
    } catch (thrown) {
      setError(thrown);
      input.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open={open} onClose={onClose} title={name === null ? "Add a secret" : `Update ${name}`} description="The servers are replaced one after the other and start with the new value.">
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {name === null ? <TextField label="Name" value={key} onValue={setKey} error={problem} placeholder="STRIPE_KEY" mono autoCapitalize="off" /> : null}
        <div className={fields["field"]}>
          <label className={fields["label"]} htmlFor={id}>Value</label>
          <input ref={value} id={id} className={fields["input"]} type="password" autoComplete="new-password" spellCheck={false} onInput={(event) => setFilled(event.currentTarget.value !== "")} />
        </div>
        {error ? <ErrorNotice error={error} /> : null}
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={busy} disabled={!allowed}>{name === null ? "Add" : "Update"}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type DeleteSecretProps = { app: string; name: string; open: boolean; onClose: () => void };

export function DeleteSecret({ app, name, open, onClose }: DeleteSecretProps) {
  const host = useHost();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await host.secretDelete(app, name);
      onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title={`Delete ${name}?`} description="The servers are replaced and start without it. The value cannot be brought back.">
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (typed === name) void remove(); }}>
        <TextField label={`Type ${name} to confirm`} value={typed} onValue={setTyped} mono autoCapitalize="off" />
        {error ? <ErrorNotice error={error} /> : null}
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" busy={busy} disabled={typed !== name}>Delete the secret</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
