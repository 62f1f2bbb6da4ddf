import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useConnect } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { type AccountTarget, type AccountView, HostError, type SavedProfile } from "../../host/index.ts";
import { BeginnerWay } from "./BeginnerWay.tsx";
import { CenterWay, useTaken } from "./CenterWay.tsx";
import { ConnectTrouble } from "./ConnectTrouble.tsx";
import { EndpointWay } from "./EndpointWay.tsx";
import { AwsLoginWay, MoveKeyWay, ProcessWay } from "./FilesWay.tsx";
import { KeysWay } from "./KeysWay.tsx";
import { Proof } from "./Proof.tsx";
import { RoleWay } from "./RoleWay.tsx";
import { WaysPanel } from "./WaysPanel.tsx";
import type { WayChoice } from "./ways.ts";
import css from "./wizard.module.css";

/** What every way that makes profiles gets. */
export type WayProps = {
  onBack: () => void;
  onSaved: (profiles: SavedProfile[]) => void;
  /** Whether the saved profile is being connected. */
  finishing: boolean;
  /** Why that failed, if it did. */
  trouble: ReactNode;
  /** Names that profiles have already. */
  taken: string[];
};

type Stage = { at: "ways" } | { at: "way"; choice: WayChoice } | { at: "proof"; account: AccountView; also: string[] };
type Trouble = { error: unknown; removed: boolean; retry?: () => void };

type ConnectFlowProps = {
  onConnected: (account: AccountView) => void;
  /** Whether to go straight to the practice account when the app was started for it. */
  startWithPractice?: boolean;
  /** Whether a new way in ends with the proof of the account; not where the next screen shows the account anyway. */
  proof?: boolean;
  /** What stands beside the list of ways. */
  story?: ReactNode;
  onStage?: (stage: "welcome" | "way" | "proof") => void;
};

/** From nothing to a connected account: the ways in, the steps of one of them, and the proof at the end. */
export function ConnectFlow({ onConnected, startWithPractice = false, proof = true, story, onStage }: ConnectFlowProps) {
  const host = useHost();
  const client = useQueryClient();
  const connect = useConnect();
  const taken = useTaken();
  const { keyFile, setKeyFile } = useDraft();
  const [stage, setStage] = useState<Stage>({ at: "ways" });
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [going, setGoing] = useState<string | null>(null);

  const tell = stage.at === "ways" ? "welcome" : stage.at;
  useEffect(() => onStage?.(tell), [tell, onStage]);
  // A file with a key that was dropped on the window belongs to the screen for keys, wherever one was.
  useEffect(() => {
    if (keyFile !== null) setStage({ at: "way", choice: { way: "keys", file: keyFile } });
  }, [keyFile]);

  const choose = (choice: WayChoice) => {
    setTrouble(null);
    setStage({ at: "way", choice });
  };
  const back = () => {
    setTrouble(null);
    setKeyFile(null);
    setStage({ at: "ways" });
    void client.invalidateQueries({ queryKey: ["saved"] });
  };
  const arrive = (account: AccountView, fresh: boolean, also: string[] = []) => {
    setKeyFile(null);
    if (fresh && proof && !account.practice) setStage({ at: "proof", account, also });
    else onConnected(account);
  };
  /** Connects what exists already. */
  const connectTo = async (target: AccountTarget, key: string, fresh: boolean) => {
    setTrouble(null);
    setGoing(key);
    try {
      arrive(await connect.mutateAsync(target), fresh);
    } catch (error) {
      setTrouble({ error, removed: false });
    } finally {
      setGoing(null);
    }
  };
  /** Connects the first of the profiles that were just made; a single one that does not work is taken away again. */
  const finish = async (saved: SavedProfile[]) => {
    const [first, ...rest] = saved;
    if (!first) return;
    const { id } = first;
    setTrouble(null);
    setGoing(id);
    try {
      arrive(await connect.mutateAsync({ kind: "saved", id, region: null }), true, rest.map((p) => p.label));
    } catch (thrown) {
      const error = HostError.from(thrown);
      const keep = error.code === "unavailable" || rest.length > 0;
      const removed = keep ? false : await host.profileRemove(id).then(() => true, () => false);
      setTrouble(keep ? { error, removed, retry: () => void finish(saved) } : { error, removed });
    } finally {
      setGoing(null);
      await client.invalidateQueries({ queryKey: ["saved"] });
    }
  };

  const problem = trouble ? <ConnectTrouble error={trouble.error} removed={trouble.removed} onChoose={choose} retry={trouble.retry} /> : null;
  const made: WayProps = { onBack: back, onSaved: (saved) => void finish(saved), finishing: going !== null, trouble: problem, taken };
  const there = { onBack: back, connecting: going !== null, trouble: problem, onConnect: (target: AccountTarget) => void connectTo(target, "way", true) };

  if (stage.at === "ways") {
    const panel = <WaysPanel going={going} trouble={problem} onConnect={(target, key, fresh) => void connectTo(target, key, fresh)} onChoose={choose} onConnected={onConnected} startWithPractice={startWithPractice} />;
    return story ? <div className={css.welcome}>{story}{panel}</div> : panel;
  }
  const shown = stage.at === "proof"
    ? <Proof account={stage.account} also={stage.also} taken={taken} onGo={onConnected} onBack={back} onSwitch={() => choose({ way: "center", center: null })} />
    : wayScreen(stage.choice, made, there, choose);
  return <div className={css.room}>{shown}</div>;
}

type There = { onBack: () => void; connecting: boolean; trouble: ReactNode; onConnect: (target: AccountTarget) => void };

function wayScreen(choice: WayChoice, made: WayProps, there: There, choose: (choice: WayChoice) => void): ReactNode {
  switch (choice.way) {
    case "center": return <CenterWay {...made} center={choice.center} />;
    case "keys": return <KeysWay {...made} file={choice.file} onFile={(file) => choose({ way: "keys", file })} />;
    case "role": return <RoleWay {...made} />;
    case "endpoint": return <EndpointWay {...made} />;
    case "awsLogin": return <AwsLoginWay {...there} />;
    case "process": return <ProcessWay {...there} />;
    case "moveKey": return <MoveKeyWay {...there} profile={choice.profile} taken={made.taken} />;
    case "beginner": return <BeginnerWay onBack={made.onBack} onChoose={choose} />;
  }
}
