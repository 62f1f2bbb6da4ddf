import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useAccount } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { AppTab } from "../../app/router.tsx";
import { PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { EjectDialog } from "../eject/EjectDialog.tsx";
import { OverviewTab } from "./OverviewTab.tsx";
import { PipelineTab } from "./PipelineTab.tsx";
import { SecretsTab } from "./SecretsTab.tsx";
import { ServersTab } from "./ServersTab.tsx";

export function ApplicationScreen() {
  const { app, tab } = useParams({ from: "/applications/$app/$tab" });
  useReady(`application-${tab}`);
  const account = useAccount();
  const navigate = useNavigate();
  const host = useHost();
  const [ejecting, setEjecting] = useState(false);
  return (
    <Page
      title={<>{app}{account?.practice ? <PracticeBadge /> : null}</>}
      actions={
        <>
          <Button tone="quiet" onClick={() => setEjecting(true)}>Eject to a folder</Button>
          <Button onClick={() => void navigate({ to: "/applications/$app/deployment", params: { app } })}>Latest deployment</Button>
          <EjectDialog name={app} of="what runs now" write={(options) => host.applicationEject(app, options)} open={ejecting} onClose={() => setEjecting(false)} />
        </>
      }
    >
      <Tabs<AppTab>
        label={`Views of ${app}`}
        value={tab}
        onValue={(next) => void navigate({ to: "/applications/$app/$tab", params: { app, tab: next }, replace: true })}
        items={[
          { value: "overview", label: "Overview", content: <OverviewTab app={app} /> },
          { value: "pipeline", label: "Pipeline", content: <PipelineTab app={app} /> },
          { value: "servers", label: "Servers", content: <ServersTab app={app} /> },
          { value: "secrets", label: "Secrets", content: <SecretsTab app={app} /> },
        ]}
      />
    </Page>
  );
}
