import { useMutation, useQuery } from "@tanstack/react-query";
import { useHost } from "../../app/host-context.ts";
import type { Choices, Deployer, Findings, Holder } from "../../host/index.ts";
import { CopyButton, ErrorNotice, Loading } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeView } from "../../ui/CodeView.tsx";
import { count } from "../../ui/words.ts";
import css from "./wizard.module.css";

/** The template that makes the role or user of a plan: to be saved, and to be read before. */
export function DeployerTemplate({ findings, choices, holder }: { findings: Findings; choices: Choices; holder: Holder }) {
  const host = useHost();
  const deployer: Deployer = { holder, permissionsBoundary: choices.permissionsBoundary ?? null };
  const stack = useQuery({ queryKey: ["deployer", choices, holder.kind], queryFn: () => host.deployerPlan(findings, choices, deployer), gcTime: 0 });
  const save = useMutation({ mutationFn: () => host.deployerSave(findings, choices, deployer) });
  if (stack.isPending) return <Loading>Working out the template</Loading>;
  if (stack.error) return <ErrorNotice error={stack.error} retry={() => void stack.refetch()} />;
  const { name, template, resources, templateFile } = stack.data;
  return (
    <>
      <p>{count(resources.length, "resource")}, with exactly the permissions of {choices.app}. Nothing in it is secret.</p>
      <div className={css.actions}>
        <Button busy={save.isPending} onClick={() => save.mutate()}>Save the template</Button>
        <CopyButton text={template} label={`Copy the template of ${name}`} size="m" />
      </div>
      {save.data ? <p className={css.small} role="status">Saved as <code>{save.data}</code>.</p> : null}
      {save.error ? <ErrorNotice error={save.error} /> : null}
      <details className={css.template}>
        <summary>Show what is in it</summary>
        <CodeView path={templateFile} text={template} />
      </details>
    </>
  );
}
