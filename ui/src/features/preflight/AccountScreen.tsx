import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useAccount } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import { Badge, ErrorNotice, Loading, Notice, PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import { PolicyCopies } from "../connect/PolicyCopies.tsx";
import { PreflightPanel } from "./PreflightPanel.tsx";
import css from "./preflight.module.css";

/** The connected account: who the app is in it, and whether the plan at hand would work there. */
export function AccountScreen() {
  useReady("account");
  const host = useHost();
  const navigate = useNavigate();
  const account = useAccount();
  const { draft } = useDraft();
  const proof = useQuery({ queryKey: ["proof", account?.target, account?.region], queryFn: () => host.accountProof(), enabled: Boolean(account), gcTime: 0 });
  if (!account) return null;
  return (
    <Page title={<>{account.label}{account.practice ? <PracticeBadge /> : null}{account.production ? <Badge tone="bad">production</Badge> : null}{account.readOnly ? <Badge tone="run">read-only</Badge> : null}</>} lead="The account you are connected to." actions={<><Button onClick={() => void navigate({ to: "/audit" })}>Calls to AWS</Button><Button onClick={() => void navigate({ to: "/profiles" })}>Profiles</Button></>}>
      {proof.isPending ? <Loading>Asking AWS who this is</Loading> : null}
      {proof.error ? <ErrorNotice error={proof.error} retry={() => void proof.refetch()} /> : null}
      {proof.data ? (
        <dl className={css.facts}>
          <div><dt>Account</dt><dd>{proof.data.accountId}{proof.data.alias ? ` · ${proof.data.alias}` : ""}</dd></div>
          <div><dt>You are</dt><dd>{proof.data.who} <span className={css.small}>{proof.data.arn}</span></dd></div>
          <div><dt>Region</dt><dd>{proof.data.region}{proof.data.latencyMs === null ? "" : `, ${Math.round(proof.data.latencyMs)} ms away`}</dd></div>
        </dl>
      ) : null}
      {proof.data?.key?.old ? <Notice tone="warn" title={proof.data.key.sentence} actions={<Button size="s" onClick={() => void navigate({ to: "/welcome" })}>Use a safer way in</Button>} /> : null}
      {draft?.choices ? (
        <>
          <PreflightPanel findings={draft.findings} choices={draft.choices} />
          <section className={css.panel} aria-labelledby="policy-title">
            <h2 id="policy-title">What you must be allowed</h2>
            <p className={css.small}>Exactly the permissions that {draft.choices.app} needs. The Policy tab of the plan says why each is there.</p>
            <PolicyCopies findings={draft.findings} choices={draft.choices} />
            <div><Button onClick={() => void navigate({ to: "/new/role" })}>Create the role for me</Button></div>
          </section>
        </>
      ) : (
        <Notice title="Checks of the account need a plan" actions={<Button size="s" onClick={() => void navigate({ to: "/new/import" })}>Plan a project</Button>}>
          <p>With a plan at hand, this page looks whether its permissions, quotas and names are there in this account.</p>
        </Notice>
      )}
    </Page>
  );
}
