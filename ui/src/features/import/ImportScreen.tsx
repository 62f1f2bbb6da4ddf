import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useEffectEvent, useState } from "react";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import { HostError } from "../../host/index.ts";
import { ErrorNotice, Loading } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/fields.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Page } from "../../ui/Page.tsx";
import { FindingsView } from "./FindingsView.tsx";
import css from "./ImportScreen.module.css";

export function ImportScreen() {
  useReady("import");
  const host = useHost();
  const navigate = useNavigate();
  const { draft, setDraft, patch, dropped, setDropped } = useDraft();
  const [path, setPath] = useState(draft?.path ?? "");

  const inspect = useMutation({
    mutationFn: async (source: string | (() => Promise<string | null>)) => {
      const folder = typeof source === "string" ? source : await source();
      if (folder === null) return null;
      setPath(folder);
      return { path: folder, findings: await host.projectInspect(folder) };
    },
    onMutate: () => setDraft(null),
    onSuccess: (found) => {
      if (found) setDraft({ ...found, choices: null, review: null });
    },
  });
  const begin = inspect.mutate;

  const take = useEffectEvent((paths: string[]) => {
    setDropped(null);
    begin(() => {
      const [only, ...others] = paths;
      if (only !== undefined && others.length === 0) return Promise.resolve(only);
      return Promise.reject(new HostError({ code: "invalidInput", message: `${paths.length} things were dropped.`, hint: "Drop one folder: the one that holds the whole project.", retryable: false, requestId: "" }));
    });
  });
  useEffect(() => {
    if (dropped) take(dropped);
  }, [dropped]);

  const choose = useCallback((chosen: { frontend: string | null; backend: string | null }) => {
    if (draft) patch({ findings: { ...draft.findings, chosen }, choices: null, review: null });
  }, [draft, patch]);

  return (
    <Page title="Which project?" lead="The folder is only read. No code of the project is run, and nothing in it is changed.">
      <form
        className={css.source}
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== "") begin(path.trim());
        }}
      >
        <div className={css.drop} data-compact={draft ? true : undefined}>
          <Icon name="folder" size={draft ? 20 : 34} />
          <p className={css.dropWords}>Drop the project's folder anywhere on this window</p>
          <div className={css.buttons}>
            <Button icon="folder" disabled={inspect.isPending} onClick={() => begin(() => host.projectPick())}>Choose a folder…</Button>
            <Button disabled={inspect.isPending} onClick={() => begin(() => host.examplePath())}>Use the example application</Button>
          </div>
        </div>
        <div className={css.path}>
          <TextField label="Path of the folder" mono value={path} onValue={setPath} placeholder="/home/you/projects/shop" />
          <Button type="submit" busy={inspect.isPending} disabled={path.trim() === ""}>Look inside</Button>
        </div>
      </form>
      {inspect.isPending ? <Loading>Reading the project</Loading> : null}
      {inspect.error ? <ErrorNotice error={inspect.error} /> : null}
      {draft && !inspect.isPending ? <FindingsView findings={draft.findings} onChoose={choose} onContinue={() => void navigate({ to: "/new/plan" })} /> : null}
    </Page>
  );
}
