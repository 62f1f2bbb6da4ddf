import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { AccountTarget, ProfileKind } from "../../host/index.ts";
import { ErrorNotice, Loading, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/fields.tsx";
import { Snippet } from "./Snippet.tsx";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

type FilesWayProps = { onBack: () => void; connecting: boolean; trouble: ReactNode; onConnect: (target: AccountTarget) => void };

/** How often the AWS files are looked at while somebody is expected to change them, milliseconds. */
const LOOK_AGAIN = 2000;

/** Profiles of one kind in the AWS files; one that is made in a terminal meanwhile turns up by itself. */
function Found({ kind, nothing, connecting, onConnect }: { kind: ProfileKind; nothing: string } & Pick<FilesWayProps, "connecting" | "onConnect">) {
  const host = useHost();
  const files = useQuery({ queryKey: ["profiles"], queryFn: () => host.profileList(), refetchInterval: LOOK_AGAIN });
  const found = files.data?.filter((p) => p.kind === kind) ?? [];
  return (
    <div className={css.form}>
      {files.isPending ? <Loading>Reading the AWS files</Loading> : null}
      {files.error ? <ErrorNotice error={files.error} /> : null}
      {files.data && found.length === 0 ? <p className={css.small} role="status">{nothing} It shows up here by itself.</p> : null}
      {found.length > 0 ? (
        <ul className={css.found} aria-label="Profiles found">
          {found.map((p) => (
            <li key={p.name}><span><strong>{p.name}</strong> <span className={css.small}>{p.region ?? "no region"}</span></span><Button size="s" tone="primary" aria-label={`Connect ${p.name}`} busy={connecting} onClick={() => onConnect({ kind: "profile", name: p.name, region: p.region ?? "eu-west-1" })}>Connect</Button></li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** Signing in through `aws login`, which the AWS CLI does. */
export function AwsLoginWay({ onBack, connecting, trouble, onConnect }: FilesWayProps) {
  return (
    <WizardFrame
      title="aws login" lead="The AWS CLI (2.32 or newer) signs you in with the console's name and password; no key is made." onBack={onBack}
      about={{ happens: "You run one command in a terminal and confirm in the browser. The app uses the session that the AWS CLI keeps.", stored: "The session stays in `~/.aws/login/cache`, where the AWS CLI put it. The app keeps the profile's name only.", undo: "Run `aws logout --profile zonke`, and remove the profile from `~/.aws/config`." }}
    >
      <ol className={css.steps}>
        <li><p>Run this in a terminal, and sign in as a user or role; not as the root user, with which the app changes nothing.</p><Snippet text="aws login --profile zonke" label="Copy the command" /></li>
        <li><p>Come back here.</p><Found kind="login" nothing="No session of aws login was found yet." connecting={connecting} onConnect={onConnect} /></li>
      </ol>
      {trouble}
    </WizardFrame>
  );
}

/** Credentials from a program of the user's choice. */
export function ProcessWay({ onBack, connecting, trouble, onConnect }: FilesWayProps) {
  const [command, setCommand] = useState("");
  const line = command.trim() === "" ? "/opt/bin/your-tool --json" : command.trim();
  return (
    <WizardFrame
      title="A program that gives credentials" lead="aws-vault, granted, or a tool of your company: anything that prints credentials the way `credential_process` wants them." onBack={onBack}
      about={{ happens: "Whenever credentials are needed, the program is started and its answer used; the AWS CLI does the same.", stored: "Nothing by the app but the profile's name. You write three lines into `~/.aws/config`.", undo: "Delete the three lines." }}
    >
      <ol className={css.steps}>
        <li><p>Which command prints the credentials?</p><TextField label="Command" value={command} onValue={setCommand} placeholder="/opt/bin/your-tool --json" mono autoCapitalize="off" /></li>
        <li><p>Add this to <code>~/.aws/config</code>:</p><Snippet text={`[profile zonke]\nregion = eu-west-1\ncredential_process = ${line}`} label="Copy the lines" /></li>
        <li><p>Come back here.</p><Found kind="process" nothing="No profile with a credential_process was found yet." connecting={connecting} onConnect={onConnect} /></li>
      </ol>
      {trouble}
    </WizardFrame>
  );
}

/** Moving a key out of a file, explained before it happens and undone with one button. */
export function MoveKeyWay({ profile, onBack, taken, onConnect, connecting, trouble }: FilesWayProps & { profile: string; taken: string[] }) {
  const host = useHost();
  const client = useQueryClient();
  const [label, setLabel] = useState(taken.some((t) => t.toLowerCase() === profile.toLowerCase()) ? `${profile}-key` : profile);
  const [moved, setMoved] = useState<{ id: string; line: string } | null>(null);
  const [back, setBack] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const move = () => doing(async () => {
    const done = await host.profileMoveKey(profile, label);
    setBack(false);
    void client.invalidateQueries({ queryKey: ["profiles"] });
    setMoved({ id: done.profile.id, line: done.line });
  });
  const undo = (id: string) => doing(async () => {
    await host.profileMoveKeyUndo(id);
    void client.invalidateQueries({ queryKey: ["profiles"] });
    setMoved(null);
    setBack(true);
  });
  return (
    <WizardFrame
      title={moved ? "The key has moved" : `Move the key of ${profile}`} onBack={onBack}
      lead="Anyone who can read your files can read this key. In the keychain it is locked away, and the AWS CLI and Terraform go on working."
      about={{ happens: "The key goes into the keychain, is read back, and only then leaves `~/.aws/credentials`, in one step. A `credential_process` line takes its place; everything else in the file stays as it is.", stored: "The key in the keychain of this computer. No copy of the old file is kept, because it would hold the key.", undo: "“Put it back” on the next screen, or later on the Profiles page." }}
    >
      {moved ? (
        <div className={css.form}>
          <Notice tone="ok" title="The key is in the keychain and no longer in the file." />
          <p>This line stands in its place:</p>
          <Snippet text={moved.line} label="Copy the line" />
          {error ? <ErrorNotice error={error} /> : trouble}
          <div className={css.actions}>
            <Button tone="primary" size="l" busy={connecting} onClick={() => onConnect({ kind: "saved", id: moved.id, region: null })}>Connect</Button>
            <Button size="l" busy={busy} onClick={() => void undo(moved.id)}>Put it back</Button>
          </div>
        </div>
      ) : (
        <form className={css.form} onSubmit={(event) => { event.preventDefault(); void move(); }}>
          {back ? <Notice tone="ok" title="The key is back in the file, and its profile and keychain entry are gone." /> : null}
          <TextField label="Name of the profile" value={label} onValue={setLabel} />
          {error ? <ErrorNotice error={error} /> : null}
          <div className={css.actions}><Button type="submit" tone="primary" size="l" busy={busy} disabled={label.trim() === ""}>Move the key</Button></div>
        </form>
      )}
    </WizardFrame>
  );
}
