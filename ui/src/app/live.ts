import { useCallback, useEffect, useState } from "react";
import { type Host, HostError, type Listener, type Unsubscribe } from "../host/index.ts";
import type { TroubleView, Update } from "../host/index.ts";
import { useHost } from "./host-context.ts";

/** A live view: the latest state, how old it is, and what stands in its way. */
export type Live<S> =
  | { kind: "waiting" }
  | { kind: "failed"; error: HostError; retry: () => void }
  | { kind: "live"; state: S; at: number; trouble: TroubleView | null; closed: boolean };

type Kept<S> = { state: S | null; at: number; trouble: TroubleView | null; closed: boolean };

/** Applies one message to what is known. A delta without a snapshot before it says nothing. */
export function applyUpdate<S, D>(kept: Kept<S>, update: Update<S, D>, merge: (state: S, delta: D) => S): Kept<S> {
  const { body } = update;
  switch (body.type) {
    case "snapshot": return { state: body.data, at: update.at, trouble: null, closed: false };
    case "delta": return { ...kept, state: kept.state === null ? null : merge(kept.state, body.data), at: update.at, trouble: null };
    case "fresh": return { ...kept, at: update.at, trouble: null };
    case "trouble": return { ...kept, trouble: body.data };
    case "closed": return { ...kept, closed: true };
  }
}

/** At most four redraws a second, however fast messages come. */
const REDRAW = 250;

/**
 * Subscribes as long as the component is shown.
 *
 * `watch` and `merge` must keep their identity while the subject stays the same: a new `watch` starts a new subscription.
 */
export function useLive<S, D>(watch: (host: Host, listener: Listener<S, D>) => Unsubscribe, merge: (state: S, delta: D) => S): Live<S> {
  const host = useHost();
  const [live, setLive] = useState<Live<S>>({ kind: "waiting" });
  const [attempt, setAttempt] = useState(0);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);

  useEffect(() => {
    let kept: Kept<S> = { state: null, at: 0, trouble: null, closed: false };
    let drawn = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      drawn = performance.now();
      const { state, ...rest } = kept;
      if (state !== null) setLive({ kind: "live", state, ...rest });
      else if (rest.trouble) setLive({ kind: "failed", error: new HostError({ code: rest.trouble.signedOut ? "signedOut" : "unavailable", message: rest.trouble.message, hint: rest.trouble.hint, retryable: true, requestId: "" }), retry });
    };
    setLive({ kind: "waiting" });
    const unsubscribe = watch(host, {
      update: (update) => {
        kept = applyUpdate(kept, update, merge);
        timer ??= setTimeout(draw, Math.max(0, drawn + REDRAW - performance.now()));
      },
      failed: (error) => setLive({ kind: "failed", error, retry }),
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [host, watch, merge, attempt, retry]);

  return live;
}

/** For live views whose change is simply the new state. */
export const replace = <S>(_: S, next: S): S => next;

/** The current time, often enough for "5 s ago". */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
