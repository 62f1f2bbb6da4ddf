import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useAccount } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { WorkState } from "../../host/index.ts";
import { Address, Empty, ErrorNotice, Loading, PracticeBadge, StateMark } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import css from "./Applications.module.css";

const summaryWord: Record<WorkState, string> = {
  waiting: "Waits for this app", running: "Deploying", succeeded: "Deployed", failed: "Failed", rolledBack: "Rolled back", skipped: "Stopped",
};

export function Applications() {
  useReady("applications");
  const host = useHost();
  const account = useAccount();
  const navigate = useNavigate();
  const list = useQuery({ queryKey: ["applications", account?.accountId, account?.region], queryFn: () => host.applicationList(), refetchInterval: 5000 });
  const fresh = () => void navigate({ to: "/new/import" });
  return (
    <Page
      title={<>Applications{account?.practice ? <PracticeBadge /> : null}</>}
      lead={account ? `Account ${account.accountId}, ${account.region}` : null}
      actions={list.data && list.data.length > 0 ? <Button tone="primary" icon="plus" onClick={fresh}>New application</Button> : null}
    >
      {list.isPending ? <Loading>Asking CloudFormation for applications</Loading> : null}
      {list.error ? <ErrorNotice error={list.error} retry={() => void list.refetch()} /> : null}
      {list.data?.length === 0 ? (
        <Empty title="No application yet" action={<Button tone="primary" size="l" icon="folder" onClick={fresh}>Import a project</Button>}>
          Start with the folder of a React and NestJS project, or with the example application. You see what would be built before anything happens.
        </Empty>
      ) : null}
      {list.data && list.data.length > 0 ? (
        <ul className={css.list}>
          {list.data.map((a) => (
            <li key={a.app} className={css.row}>
              <StateMark state={a.state} />
              <div className={css.words}>
                <Link className={css.name} to={a.siteUrl ? "/applications/$app/$tab" : "/applications/$app/deployment"} params={{ app: a.app, tab: "overview" }}>{a.app}</Link>
                <span className={css.status}>{summaryWord[a.state]} · {a.region} · <code>{a.status}</code></span>
              </div>
              {a.siteUrl ? <Address url={a.siteUrl} label={`address of ${a.app}`} /> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </Page>
  );
}
