import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAccount, useConnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { ProfileHealth, ProfileView, Way } from "../../host/index.ts";
import { Badge, Empty, ErrorNotice, Loading, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import { dateAndTime } from "../../ui/words.ts";
import { EditProfile, RemoveProfile } from "./ProfileDialogs.tsx";
import css from "./profiles.module.css";

/** How a profile signs in, in words. */
export const wayWord = (way: Way): string => {
  switch (way.kind) {
    case "identityCenter": return `IAM Identity Center, ${way.roleName}`;
    case "accessKeys": return "Access key";
    case "assumeRole": return `Role ${way.roleArn.split("/").at(-1) ?? way.roleArn}${way.mfaSerial ? ", with MFA" : ""}`;
    case "awsProfile": return `AWS profile ${way.name}`;
  }
};

function Health({ health }: { health: ProfileHealth }) {
  switch (health.kind) {
    case "ready": return <Badge tone="ok" title={health.until === null ? "Credentials can be had without you." : `The session at hand ends ${dateAndTime(health.until)} and is renewed before.`}>ready</Badge>;
    case "signInNeeded": return <Badge tone="warn">sign-in needed</Badge>;
    case "mfaNeeded": return <Badge tone="warn">MFA code needed</Badge>;
    case "secretMissing": return <Badge tone="bad">key missing</Badge>;
    case "keychainProblem": return <Badge tone="bad" title={`${health.message} ${health.hint}`}>keychain does not answer</Badge>;
  }
}

/** Every saved way into an account: whether it works, and everything one may change about it. */
export function ProfilesScreen() {
  useReady("profiles");
  const host = useHost();
  const client = useQueryClient();
  const navigate = useNavigate();
  const connect = useConnect();
  const current = useAccount();
  const list = useQuery({ queryKey: ["saved"], queryFn: () => host.profilesSaved() });
  const files = useQuery({ queryKey: ["profiles"], queryFn: () => host.profileList() });
  // A key that was moved here has left a profile behind that asks a program: without one there is nothing to put back.
  const someMoved = files.data?.some((p) => p.kind === "process") === true;
  const [editing, setEditing] = useState<ProfileView | null>(null);
  const [removing, setRemoving] = useState<ProfileView | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const back = useMutation({
    mutationFn: (id: string) => host.profileMoveKeyUndo(id),
    onSuccess: (profile) => {
      setDone(`The key of ${profile.label} is back in the AWS file.`);
      void client.invalidateQueries({ queryKey: ["saved"] });
      void client.invalidateQueries({ queryKey: ["profiles"] });
    },
  });
  const add = () => void navigate({ to: "/welcome" });
  const trouble = list.data?.find((v) => v.health.kind === "keychainProblem")?.health;
  const open = (view: ProfileView) => connect.mutate({ kind: "saved", id: view.profile.id, region: null }, { onSuccess: () => void navigate({ to: "/applications" }) });
  const busy = (view: ProfileView) => connect.isPending && connect.variables.kind === "saved" && connect.variables.id === view.profile.id;
  return (
    <Page title="Profiles" lead="Ways into your accounts that the app keeps. Secrets are in the keychain of this computer and nowhere else." actions={<Button tone="primary" icon="plus" onClick={add}>Add a way in</Button>}>
      {list.isPending ? <Loading>Reading the profiles; a keychain may ask for its password first</Loading> : null}
      {list.error ? <ErrorNotice error={list.error} retry={() => void list.refetch()} /> : null}
      {connect.error ?? back.error ? <ErrorNotice error={connect.error ?? back.error} /> : null}
      {done ? <Notice tone="ok" title={done} /> : null}
      {trouble?.kind === "keychainProblem" ? <Notice tone="warn" title={<Ticks text={trouble.message} />} actions={<Button size="s" onClick={() => void list.refetch()}>Try again</Button>}><p>{trouble.hint}</p></Notice> : null}
      {list.data?.length === 0 ? <Empty title="No profile yet" action={<Button tone="primary" size="l" onClick={add}>Choose a way in</Button>}>Profiles of the AWS files work without being saved here. A saved profile can also be read-only or marked as production.</Empty> : null}
      {list.data && list.data.length > 0 ? (
        <ul className={css.list} aria-label="Profiles">
          {list.data.map((view) => (
            <li key={view.profile.id} className={css.row} data-production={view.profile.production || undefined}>
              <div className={css.words}>
                <p className={css.name}>
                  <strong>{view.profile.label}</strong>
                  <Health health={view.health} />
                  {view.profile.production ? <Badge tone="bad">production</Badge> : null}
                  {view.profile.readOnly ? <Badge tone="run">read-only</Badge> : null}
                  {view.profile.memoryOnly ? <Badge tone="warn">in memory only</Badge> : null}
                  {current?.target.kind === "saved" && current.target.id === view.profile.id ? <Badge>connected</Badge> : null}
                </p>
                <p className={css.detail}>{[wayWord(view.profile.way), view.profile.accountId, view.profile.region, view.profile.endpointUrl].filter(Boolean).join(" · ")}</p>
                <p className={css.detail}>{view.profile.lastUsedAt === null ? "Never used" : `Last used ${dateAndTime(view.profile.lastUsedAt)}`}. {view.kept}</p>
                {view.key?.old ? <p className={css.warn}>{view.key.sentence}</p> : null}
              </div>
              <div className={css.actions}>
                <Button size="s" aria-label={`Connect ${view.profile.label}`} busy={busy(view)} disabled={connect.isPending} onClick={() => open(view)}>Connect</Button>
                <Button size="s" tone="quiet" aria-label={`Change ${view.profile.label}`} onClick={() => setEditing(view)}>Change…</Button>
                {someMoved && view.profile.way.kind === "accessKeys" && !view.profile.endpointUrl && !view.profile.memoryOnly ? <Button size="s" tone="quiet" aria-label={`Put key back into its AWS file: ${view.profile.label}`} busy={back.isPending && back.variables === view.profile.id} onClick={() => back.mutate(view.profile.id)}>Put key back</Button> : null}
                <Button size="s" tone="quiet" aria-label={`Remove ${view.profile.label}`} onClick={() => setRemoving(view)}>Remove…</Button>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
      {editing ? <EditProfile view={editing} onClose={() => setEditing(null)} /> : null}
      {removing ? <RemoveProfile view={removing} onClose={() => setRemoving(null)} onRemoved={(label) => { setRemoving(null); setDone(`${label} was removed, and its secrets with it.`); }} /> : null}
    </Page>
  );
}
