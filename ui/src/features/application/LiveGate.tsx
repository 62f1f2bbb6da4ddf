import type { ReactNode } from "react";
import type { Live } from "../../app/live.ts";
import { ErrorNotice, Loading, TroubleNotice } from "../../ui/bits.tsx";

/** Shows a live view once there is one, and what stands in its way otherwise. */
export function LiveGate<S>({ live, waitsFor, children }: { live: Live<S>; waitsFor: string; children: (state: S) => ReactNode }) {
  if (live.kind === "waiting") return <Loading>{waitsFor}</Loading>;
  if (live.kind === "failed") return <ErrorNotice error={live.error} retry={live.retry} />;
  return (
    <>
      {live.trouble ? <TroubleNotice trouble={live.trouble} /> : null}
      {children(live.state)}
    </>
  );
}
