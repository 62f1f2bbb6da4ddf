import { type ReactNode, useState } from "react";
import { HostError } from "../host/index.ts";
import { Address, Ticks } from "../ui/bits.tsx";
import { Button } from "../ui/Button.tsx";
import { useHost } from "./host-context.ts";
import css from "./account.module.css";

/** Opens a page in the browser of the operating system. When that fails, the address is there to be copied. */
export function OpenLink({ url, children }: { url: string; children: ReactNode }) {
  const host = useHost();
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span className={css.openLink}>
      <Button size="s" icon="external" onClick={() => void host.openAddress(url).then(() => setFailed(null), (thrown: unknown) => setFailed(HostError.from(thrown).message))}>{children}</Button>
      {failed === null ? null : <span role="alert"><Ticks text={failed} /> <Address url={url} label="address of the page" /></span>}
    </span>
  );
}
