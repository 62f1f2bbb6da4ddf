import { HostError } from "../../host/index.ts";
import { ErrorNotice, Notice, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import type { WayChoice } from "./ways.ts";

/** Why an account could not be connected. The root user gets more than an error: what to do instead. */
export function ConnectTrouble({ error, removed, onChoose, retry }: { error: unknown; /** Whether what was entered has been removed again. */ removed: boolean; onChoose: (choice: WayChoice) => void; retry?: (() => void) | undefined }) {
  const shown = HostError.from(error);
  if (shown.code === "rootRefused") {
    return (
      <Notice tone="bad" title={<Ticks text={shown.message} />} actions={<Button size="s" onClick={() => onChoose({ way: "beginner" })}>Show me how</Button>}>
        <p>The root user may do everything, cannot be limited, and is meant for account matters only.{removed ? " Its key was removed from the keychain again; delete it in the console, too." : ""}</p>
        <p>{shown.hint === "" ? "Make a user or a role with the permissions of your plan and use that." : <Ticks text={shown.hint} />}</p>
      </Notice>
    );
  }
  return (
    <>
      <ErrorNotice error={error} {...(retry ? { retry } : {})} />
      {removed ? <Notice title="Nothing was kept: what you entered is gone from the keychain again." /> : null}
    </>
  );
}
