import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useConnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { AccountView, PracticeProgress } from "../../host/index.ts";
import { ErrorNotice, PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { PracticeSteps, PracticeTrouble } from "./Practice.tsx";
import css from "./wizard.module.css";

const BEGUN = ["practice-begun"];

/** The practice account, which needs no AWS. */
export function PracticeOffer({ onConnected, auto }: { onConnected: (account: AccountView) => void; auto: boolean }) {
  const host = useHost();
  const client = useQueryClient();
  const connect = useConnect();
  const [progress, setProgress] = useState<PracticeProgress | null>(null);
  const status = useQuery({ queryKey: ["practice"], queryFn: () => host.practiceStatus(), gcTime: 0 });
  const info = useQuery({ queryKey: ["app-info"], queryFn: () => host.appInfo(), staleTime: Infinity });
  const start = useMutation({
    mutationFn: async () => {
      setProgress(null);
      const running = await host.practiceStart(setProgress);
      client.setQueryData(["practice"], running);
      return connect.mutateAsync({ kind: "practice" });
    },
    onSuccess: onConnected,
  });

  // Nothing is left to choose when the app was opened for practice, or when practice goes on where it was left. Once only:
  // whoever disconnects afterwards wants to choose.
  const wanted = auto && (info.data?.startWithPractice === true || (info.data?.lastAccount?.kind === "practice" && status.data?.state === "running"));
  const begin = start.mutate;
  useEffect(() => {
    if (!wanted || client.getQueryData(BEGUN)) return;
    client.setQueryDefaults(BEGUN, { gcTime: Infinity });
    client.setQueryData(BEGUN, true);
    void host.accountCurrent().then((account) => {
      if (!account) begin();
    });
  }, [wanted, begin, host, client]);

  return (
    <div className={css.practice}>
      <div className={css.panelHead}><h2>Practice account</h2><PracticeBadge /></div>
      <p>A copy of AWS's interfaces on this computer. Try everything; nothing is built in AWS and nothing is charged.</p>
      <PracticeTrouble status={status.data} />
      <div><Button size="l" busy={start.isPending} onClick={() => start.mutate()}>Use the practice account</Button></div>
      {progress && start.isPending ? <PracticeSteps progress={progress} /> : null}
      {start.error ? <ErrorNotice error={start.error} /> : null}
    </div>
  );
}
