import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import { HostError, type Progress, type Project } from "../../host/index.ts";
import { ErrorNotice, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/fields.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Page } from "../../ui/Page.tsx";
import { FindingsView } from "./FindingsView.tsx";
import { Reading } from "./Reading.tsx";
import css from "./ImportScreen.module.css";

export function ImportScreen() {
  useReady("import");
  const host = useHost();
  const navigate = useNavigate();
  const { draft, setDraft, patch, dropped, setDropped } = useDraft();
  const [path, setPath] = useState(draft?.path ?? "");
  const [progress, setProgress] = useState<Progress | null>(null);

  const inspect = useMutation({
    mutationFn: (paths: string[]) => host.projectInspect(paths, setProgress),
    onMutate: (paths) => {
      setProgress(null);
      setPath(paths.length === 1 ? paths[0] ?? "" : "");
    },
    onSuccess: ({ folder, ...found }) => {
      setPath(folder);
      setDraft({ path: folder, ...found, choices: null, review: null });
    },
    // One that was stopped leaves what was there before.
    onError: (error) => {
      if (HostError.from(error).code !== "cancelled") setDraft(null);
    },
  });
  // Choosing takes as long as the person does; nothing is being read meanwhile.
  const pick = useMutation({
    mutationFn: (ask: () => Promise<string | null>) => ask(),
    onSuccess: (folder) => {
      if (folder !== null) inspect.mutate([folder]);
    },
  });

  const take = useEffectEvent((paths: string[]) => {
    setDropped(null);
    inspect.mutate(paths);
  });
  useEffect(() => {
    if (dropped) take(dropped);
  }, [dropped]);

  // What is set changes the findings, and with them the plan.
  const changed = ({ findings, overrides }: Project) => patch({ findings, overrides, choices: null, review: null });
  const stopped = inspect.error !== null && HostError.from(inspect.error).code === "cancelled";
  const error = pick.error ?? (stopped ? null : inspect.error);
  return (
    <Page title="Which project?" lead="The folder is only read. No code of the project is run, and nothing in it is changed.">
      <form
        className={css.source}
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== "") inspect.mutate([path.trim()]);
        }}
      >
        <div className={css.drop} data-compact={draft ? true : undefined}>
          <Icon name="folder" size={draft ? 20 : 34} />
          <p className={css.dropWords}>Drop the project's folder anywhere on this window</p>
          <div className={css.buttons}>
            <Button icon="folder" disabled={pick.isPending} onClick={() => pick.mutate(() => host.projectPick())}>Choose a folder…</Button>
            <Button disabled={pick.isPending} onClick={() => pick.mutate(() => host.examplePath())}>Use the example application</Button>
          </div>
        </div>
        <div className={css.path}>
          <TextField label="Path of the folder" mono value={path} onValue={setPath} placeholder="/home/you/projects/shop" />
          <Button type="submit" busy={inspect.isPending} disabled={path.trim() === ""}>Look inside</Button>
        </div>
      </form>
      {inspect.isPending ? <Reading key={inspect.submittedAt} path={inspect.variables.length === 1 ? inspect.variables[0] ?? "" : "several folders"} progress={progress} onCancel={() => void host.projectCancel()} /> : null}
      {stopped && !inspect.isPending ? <Notice title="Stopped. Nothing was changed." /> : null}
      {error && !inspect.isPending ? <ErrorNotice error={error} /> : null}
      {draft && !inspect.isPending ? (
        <FindingsView key={draft.path} project={draft.path} findings={draft.findings} overrides={draft.overrides}
          onChange={(edits) => host.projectChange(edits).then(changed)} onForget={() => host.projectForget().then(changed)}
          onContinue={() => void navigate({ to: "/new/plan" })} />
      ) : null}
    </Page>
  );
}
