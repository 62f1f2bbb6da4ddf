import { useIsMutating, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccount } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import type { Choices, Findings, Price, PriceRefresh } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../ui/words.ts";
import css from "./views.module.css";

const DAY = 24 * 60 * 60 * 1000;

/** How old the prices of a region are, and the button that asks AWS for those of today. Without an answer the ones that are shown stay. */
export function RefreshPrices({ price, findings, choices }: { price: Price; findings: Findings; choices: Choices }) {
  const host = useHost();
  const account = useAccount();
  const queries = useQueryClient();
  const { patch } = useDraft();
  const [refused, setRefused] = useState<unknown>(null);
  // Whoever looks at another view meanwhile finds it still waiting.
  const mutationKey = ["prices", price.region];
  const waiting = useIsMutating({ mutationKey }) > 0;
  const refresh = useMutation({
    mutationKey,
    mutationFn: () => host.pricesRefresh(findings, choices),
    onSuccess: () => {
      // A review states a price too; the next one is made with those of today.
      patch({ review: null });
      setRefused(null);
      return Promise.all([queries.invalidateQueries({ queryKey: ["plan"] }), queries.invalidateQueries({ queryKey: ["quotes"] })]);
    },
    onError: setRefused,
  });
  const days = price.lines.flatMap((line) => line.fresh ?? []).toSorted();
  const oldest = days[0];
  const possible = account !== null && account !== undefined && !account.practice;
  const from = oldest ? `Told by AWS for ${price.region} on ${oldest} (${age(oldest)}); the rest is of ${price.date}.` : `Prices of the bundled table of ${price.date} (${age(price.date)}), for ${price.region}.`;
  return (
    <section className={css.refresh} aria-label="Age of the prices">
      <div className={css.refreshRow}>
        <div className={css.age}><p>{from}</p><p role="status">{said(waiting, refused !== null, refresh.data, possible)}</p></div>
        <Button size="s" busy={waiting} disabled={!possible} onClick={() => refresh.mutate()}>Refresh prices</Button>
      </div>
      {refused ? <ErrorNotice error={refused} /> : null}
    </section>
  );
}

/** What became of asking; one line, so that the table stays where it is. */
function said(waiting: boolean, refused: boolean, asked: PriceRefresh | undefined, possible: boolean): string | null {
  if (waiting) return "Asking AWS. These prices count until it has answered.";
  if (refused) return "AWS told no prices; these stay.";
  if (!asked) return possible ? null : "Connect an AWS account to refresh them.";
  const missing = asked.missing.length;
  return `${count(asked.read, "price")} read from AWS${missing === 0 ? "." : `; ${missing} ${missing === 1 ? "was" : "were"} not in its answers and ${missing === 1 ? "stays" : "stay"} as before.`}`;
}

function age(day: string): string {
  const days = Math.max(0, Math.floor((Date.now() - Date.parse(day)) / DAY));
  return days === 0 ? "today" : days === 1 ? "1 day old" : `${days} days old`;
}
