import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccount, useConnect, useDisconnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { ProfileView, Way } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { CheckField, SelectField, TextField } from "../../ui/fields.tsx";
import { regionsWith } from "../../ui/regions.ts";
import css from "./profiles.module.css";

/** Name, region and marks of a profile. A connected one is connected again, so that they count at once. */
export function EditProfile({ view, onClose }: { view: ProfileView; onClose: () => void }) {
  const host = useHost();
  const client = useQueryClient();
  const connect = useConnect();
  const current = useAccount();
  const { profile } = view;
  const [label, setLabel] = useState(profile.label);
  const [region, setRegion] = useState(profile.region ?? "");
  const [readOnly, setReadOnly] = useState(profile.readOnly);
  const [production, setProduction] = useState(profile.production);
  const save = useMutation({
    mutationFn: async () => {
      await host.profileUpdate(profile.id, { label: label.trim(), region: region || null, readOnly, production });
      if (current?.target.kind === "saved" && current.target.id === profile.id) await connect.mutateAsync({ kind: "saved", id: profile.id, region: null });
    },
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: ["saved"] }),
  });
  return (
    <Dialog open onClose={onClose} title={`Change ${profile.label}`}>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (label.trim() !== "") save.mutate(); }}>
        <TextField label="Name" value={label} onValue={setLabel} />
        <SelectField label="Region to start with" value={region} onValue={setRegion} options={[...(profile.region === null ? [{ value: "", label: "As the AWS files say" }] : []), ...regionsWith(profile.region)]} />
        <CheckField label="Production" detail="The window shows it in color, and changes want the name typed." checked={production} onChecked={setProduction} />
        <CheckField label="Read-only" detail="The app refuses every call that would change something, before it is sent." checked={readOnly} onChecked={setReadOnly} />
        {save.error ? <ErrorNotice error={save.error} /> : null}
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={label.trim() === ""}>Save</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

const leaves = (way: Way, memoryOnly: boolean): string => {
  const place = memoryOnly ? "memory" : "the keychain";
  switch (way.kind) {
    case "identityCenter": return `Its session leaves ${place}, unless another profile signs in at the same portal.`;
    case "accessKeys": return `Its access key leaves ${place} and is gone from this computer. In AWS the key stays active until somebody deletes it in IAM.`;
    case "assumeRole": return `The session of the role leaves ${place}. The role in AWS stays.`;
    case "awsProfile": return "Nothing is in the keychain. The profile of the AWS files stays as it is.";
  }
};

/** Removes a profile; one of production only after its name was typed. */
export function RemoveProfile({ view, onClose, onRemoved }: { view: ProfileView; onClose: () => void; onRemoved: (label: string) => void }) {
  const host = useHost();
  const client = useQueryClient();
  const current = useAccount();
  const disconnect = useDisconnect();
  const { profile } = view;
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: async () => {
      const removed = await host.profileRemove(profile.id);
      if (current?.target.kind === "saved" && current.target.id === profile.id) await disconnect.mutateAsync();
      return removed;
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["saved"] });
      onRemoved(profile.label);
    },
  });
  const allowed = !profile.production || typed.trim() === profile.label;
  return (
    <Dialog open onClose={onClose} title={`Remove ${profile.label}?`} description={<>{leaves(profile.way, profile.memoryOnly === true)} Nothing changes in the AWS account, and what runs there goes on.</>}>
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (allowed) remove.mutate(); }}>
        {profile.production ? <TextField label={`Type ${profile.label} to confirm`} value={typed} onValue={setTyped} mono autoCapitalize="off" hint="It is marked as production." /> : null}
        {remove.error ? <ErrorNotice error={remove.error} /> : null}
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="danger" busy={remove.isPending} disabled={!allowed}>Remove it</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
