import type { ReactNode } from "react";
import type { Live } from "../../app/live.ts";
import { ErrorNotice, Loading, Notice } from "../../ui/bits.tsx";

/** Shows a live view once there is one, and what stands in its way otherwise. */
export function LiveGate<S>({ live, waitsFor, children }: { live: Live<S>; waitsFor: string; children: (state: S) => ReactNode }) {
  if (live.kind === "waiting") return <Loading>{waitsFor}</Loading>;
  if (live.kind === "failed") return <ErrorNotice error={live.error} retry={live.retry} />;
  return (
    <>
      {live.trouble ? <Notice tone="warn" title={live.trouble.message}><p>{live.trouble.hint}</p></Notice> : null}
      {children(live.state)}
    </>
  );
}
