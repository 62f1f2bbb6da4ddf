import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { Host, Keeping, SignInCode } from "../../host/index.ts";
import { ErrorNotice, Loading, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import css from "./wizard.module.css";

/** Whether secrets can be kept. Asked only where something is about to be kept: a keychain that waits for its user holds the answer back for up to half a minute. */
const keychainQuery = (host: Host) => queryOptions({ queryKey: ["keychain"], queryFn: () => host.keychainLook(), staleTime: 60_000 });

/** What the keychain's trouble means; the core adds what the operating system says. */
const titles: Partial<Record<SignInCode, string>> = {
  keychainUnavailable: "This computer has no keychain that answers",
  keychainLocked: "The keychain is locked",
  keychainDenied: "The keychain does not let this app in",
  keychainSilent: "The keychain does not answer",
};

/** Whether there is a place for secrets now. */
export function useKeychainReady(): boolean {
  const state = useQuery(keychainQuery(useHost())).data;
  return state?.kind === "ready" || state?.kind === "memoryOnly";
}

/**
 * Says where secrets will be kept. Without a keychain nothing is kept until its user chooses: try again, or memory for this run.
 *
 * It never blocks the form beside it, because a keychain may take half a minute to answer, and while it does nothing below it moves.
 */
export function KeychainGate() {
  const host = useHost();
  const client = useQueryClient();
  const state = useQuery(keychainQuery(host));
  const keychain = state.data;
  const keep = useMutation({ mutationFn: (keeping: Keeping) => host.keychainChoose(keeping), onSuccess: (view) => client.setQueryData(keychainQuery(host).queryKey, view) });
  const slow = useSlow(state.isFetching || keep.isPending, 3000);
  const again = () => void state.refetch();

  if (state.isFetching || keep.isPending) {
    return (
      <div className={css.keychain}>
        <Loading>{slow ? "Waiting for the keychain; it may ask for its password in a window of its own." : "Asking the keychain"}</Loading>
      </div>
    );
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
  return <div className={css.keychain}>{state.error ? <ErrorNotice error={state.error} retry={again} /> : <p className={css.ready}>The keychain of this computer is ready.</p>}</div>;
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
