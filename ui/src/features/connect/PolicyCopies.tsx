import { useQuery } from "@tanstack/react-query";
import { useHost } from "../../app/host-context.ts";
import type { Choices, Findings } from "../../host/index.ts";
import { CopyButton, ErrorNotice, Loading } from "../../ui/bits.tsx";
import css from "./wizard.module.css";

/** The policies of a plan, each to be copied under its name. */
export function PolicyCopies({ findings, choices }: { findings: Findings; choices: Choices }) {
  const host = useHost();
  const plan = useQuery({ queryKey: ["plan-policies", choices], queryFn: async () => (await host.planMake(findings, choices)).policies, gcTime: 0 });
  if (plan.isPending) return <Loading>Working out the permissions</Loading>;
  if (plan.error) return <ErrorNotice error={plan.error} retry={() => void plan.refetch()} />;
  return (
    <ul className={css.found} aria-label="Policies of your plan">
      {plan.data.map((policy) => (
        <li key={policy.name}><span><code>{policy.name}</code> <span className={css.small}>{policy.statements.length} statements, for exactly your plan</span></span><CopyButton text={policy.document} label={`Copy the policy ${policy.name}`} /></li>
      ))}
    </ul>
  );
}
