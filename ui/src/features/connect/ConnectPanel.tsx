import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useConnect } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { AccountView, PracticeProgress, ProfileKind, ProfileSummary } from "../../host/index.ts";
import { ErrorNotice, Loading, PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { SelectField } from "../../ui/fields.tsx";
import { regions } from "../../ui/regions.ts";
import { PracticeSteps, PracticeTrouble } from "./Practice.tsx";
import css from "./Welcome.module.css";

const kindWord: Record<ProfileKind, string> = {
  keys: "access keys", sso: "Identity Center", assumeRole: "assumed role", process: "external command", login: "aws login", other: "other",
};

type ConnectPanelProps = {
  onConnected: (account: AccountView) => void;
  /** Whether to go straight to the practice account when the app was started for it. */
  startWithPractice?: boolean;
};

/** The ways into an account: the practice account, or a profile that exists on this computer. */
export function ConnectPanel({ onConnected, startWithPractice = false }: ConnectPanelProps) {
  return (
    <section className={css.panel} aria-label="Choose an account">
      <Practice onConnected={onConnected} auto={startWithPractice} />
      <p className={css.or}>or your own</p>
      <Profiles onConnected={onConnected} />
    </section>
  );
}

const BEGUN = ["practice-begun"];

function Practice({ onConnected, auto }: { onConnected: (account: AccountView) => void; auto: boolean }) {
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
    <div className={css.way}>
      <div className={css.wayHead}><h2>Practice account</h2><PracticeBadge /></div>
      <p>A copy of AWS's interfaces on this computer. Try everything; nothing is built in AWS and nothing is charged.</p>
      <PracticeTrouble status={status.data} />
      <div><Button tone="primary" size="l" busy={start.isPending} onClick={() => start.mutate()}>Use the practice account</Button></div>
      {progress && start.isPending ? <PracticeSteps progress={progress} /> : null}
      {start.error ? <ErrorNotice error={start.error} /> : null}
    </div>
  );
}

function Profiles({ onConnected }: { onConnected: (account: AccountView) => void }) {
  const host = useHost();
  const profiles = useQuery({ queryKey: ["profiles"], queryFn: () => host.profileList() });
  const connect = useConnect();
  const info = useQuery({ queryKey: ["app-info"], queryFn: () => host.appInfo(), staleTime: Infinity });
  const last = info.data?.lastAccount?.kind === "profile" ? info.data.lastAccount.name : null;
  const [region, setRegion] = useState("eu-west-1");
  const go = (profile: ProfileSummary) => connect.mutate({ kind: "profile", name: profile.name, region: profile.region ?? region }, { onSuccess: onConnected });
  const target = connect.variables?.kind === "profile" ? connect.variables.name : null;
  return (
    <div className={css.way}>
      <h2>A profile on this computer</h2>
      {profiles.isPending ? <Loading>Reading <code>~/.aws/config</code></Loading> : null}
      {profiles.error ? <ErrorNotice error={profiles.error} retry={() => void profiles.refetch()} /> : null}
      {profiles.data?.length === 0 ? <p>No profile was found in <code>~/.aws/config</code> or <code>~/.aws/credentials</code>. Run <code>aws configure sso</code> in a terminal to make one.</p> : null}
      {profiles.data && profiles.data.length > 0 ? (
        <>
          <ul className={css.profiles}>
            {lastFirst(profiles.data, last).map((profile) => (
              <li key={profile.name} className={css.profile}>
                <span className={css.profileName}>{profile.name}{profile.name === last ? <span className={css.profileMeta}> · used last</span> : null}</span>
                <span className={css.profileMeta}>{kindWord[profile.kind]} · {profile.region ?? region}</span>
                <Button size="s" aria-label={`Connect ${profile.name}`} busy={connect.isPending && target === profile.name} onClick={() => go(profile)}>Connect</Button>
              </li>
            ))}
          </ul>
          {profiles.data.some((p) => p.region === null) ? (
            <SelectField label="Region for profiles that state none" value={region} onValue={setRegion} options={regions} />
          ) : null}
        </>
      ) : null}
      {connect.error ? <ErrorNotice error={connect.error} /> : null}
    </div>
  );
}

const lastFirst = (profiles: ProfileSummary[], last: string | null): ProfileSummary[] =>
  profiles.toSorted((a, b) => Number(b.name === last) - Number(a.name === last));
