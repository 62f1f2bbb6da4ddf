import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useAccount } from "../../app/account.ts";
import { useHost } from "../../app/host-context.ts";
import type { Choices, Findings, Price } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import css from "./views.module.css";

const DAY = 24 * 60 * 60 * 1000;

/** How old the prices are, and the button that asks AWS for those of today. Without an answer the ones that are shown stay. */
export function RefreshPrices({ price, findings, choices }: { price: Price; findings: Findings; choices: Choices }) {
  const host = useHost();
  const account = useAccount();
  const queries = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => host.pricesRefresh(findings, choices),
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["plan"] }), queries.invalidateQueries({ queryKey: ["quotes"] })]),
  });
  const days = price.lines.flatMap((line) => line.fresh ?? []).toSorted();
  const [oldest, asked] = [days[0], refresh.data];
  const possible = account !== null && account !== undefined && !account.practice;
  return (
    <section className={css.refresh} aria-label="Age of the prices">
      <div className={css.refreshRow}>
        <p className={css.note}>
          {oldest ? `AWS told prices on ${oldest} (${age(oldest)}); the rest is from the bundled table of ${price.date}, for ${price.region}.` : `Prices of the bundled table of ${price.date} (${age(price.date)}), for ${price.region}.`}
          {possible ? null : " Connect an AWS account to refresh them."}
        </p>
        <Button size="s" disabled={!possible || refresh.isPending} onClick={() => refresh.mutate()}>{refresh.isPending ? "Asking AWS…" : "Refresh prices"}</Button>
      </div>
      {asked ? <p className={css.note} role="status">{asked.read} prices read from AWS.{asked.missing.length > 0 ? ` Not in its answers: ${asked.missing.length}; there the prices from before stay.` : ""}</p> : null}
      {refresh.error ? <><ErrorNotice error={refresh.error} /><p className={css.note}>The prices below are the ones from before.</p></> : null}
    </section>
  );
}

function age(day: string): string {
  const days = Math.max(0, Math.floor((Date.now() - Date.parse(day)) / DAY));
  return days === 0 ? "today" : days === 1 ? "1 day old" : `${days} days old`;
}
