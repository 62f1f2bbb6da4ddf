import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { Host, Keeping, SignInCode } from "../../host/index.ts";
import { Loading, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import css from "./wizard.module.css";

/** What this computer offers. A keychain that waits for its user holds the answer back for up to half a minute. */
export const surroundingsQuery = (host: Host) => queryOptions({ queryKey: ["surroundings"], queryFn: () => host.surroundingsLook(), staleTime: 60_000 });

/** What the keychain's trouble means; the core adds what the operating system says. */
const titles: Partial<Record<SignInCode, string>> = {
  keychainUnavailable: "This computer has no keychain that answers",
  keychainLocked: "The keychain is locked",
  keychainDenied: "The keychain does not let this app in",
  keychainSilent: "The keychain does not answer",
};

/** Whether there is a place for secrets now. */
export function useKeychainReady(): boolean {
  const state = useQuery(surroundingsQuery(useHost())).data?.keychain;
  return state?.kind === "ready" || state?.kind === "memoryOnly";
}

/**
 * Says where secrets will be kept. Without a keychain nothing is kept until its user chooses: try again, or memory for this run.
 *
 * It never blocks the form beside it, because a keychain may take half a minute to answer.
 */
export function KeychainGate() {
  const host = useHost();
  const client = useQueryClient();
  const state = useQuery(surroundingsQuery(host));
  const keychain = state.data?.keychain;
  const keep = useMutation({ mutationFn: (keeping: Keeping) => host.keychainChoose(keeping), onSuccess: (view) => client.setQueryData(surroundingsQuery(host).queryKey, (before) => (before ? { ...before, keychain: view } : before)) });
  const slow = useSlow(state.isFetching || keep.isPending, 3000);
  const again = () => void state.refetch();

  if (state.isFetching || keep.isPending) {
    return slow
      ? <Notice title="Waiting for the keychain"><p>It may be asking for its password in a window of its own; look for it. The app waits for up to 30 seconds and works on meanwhile.</p></Notice>
      : <Loading>Asking the keychain</Loading>;
  }
  if (keychain?.kind === "memoryOnly") {
    return (
      <Notice tone="warn" title="Secrets stay in memory" actions={<Button size="s" onClick={() => keep.mutate("keychain")}>Use the keychain</Button>}>
        <p>You chose that for this run. Everything entered is gone when the app is closed.</p>
      </Notice>
    );
  }
  if (keychain?.kind === "problem") {
    const { code, message, hint } = keychain;
    return (
      <Notice
        tone="warn" title={titles[code] ?? "The keychain cannot be used"}
        actions={<div className={css.stack}><Button size="s" onClick={again}>Try again</Button><Button size="s" onClick={() => keep.mutate("memoryOnly")}>Keep in memory for this run</Button></div>}
      >
        <p><Ticks text={hint} /></p>
        <p className={css.small}><Ticks text={message} /></p>
      </Notice>
    );
  }
  return keychain ? <p className={css.ready}>The keychain of this computer is ready.</p> : null;
}

/** Whether something has been going on for longer than `ms`. */
function useSlow(going: boolean, ms: number): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!going) return;
    const timer = setTimeout(() => setSlow(true), ms);
    return () => clearTimeout(timer);
  }, [going, ms]);
  return slow;
}
