import type { PracticeStatus } from "../../host/index.ts";
import { Notice } from "../../ui/bits.tsx";

/** What keeps the practice account from running, if anything does. */
export function PracticeState({ status }: { status: PracticeStatus | undefined }) {
  if (status?.state !== "pythonMissing") return null;
  return (
    <Notice tone="warn" title="The practice account needs Python 3.10 or newer">
      <p>{status.detail} Install it with <code>sudo apt install python3-venv</code>, then try again. Everything else works without it.</p>
    </Notice>
  );
}
