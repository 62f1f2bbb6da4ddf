import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useHost } from "../../../app/host-context.ts";
import type { Choices, Findings, Offer } from "../../../host/index.ts";
import { complete } from "./complete.ts";
import { groups } from "./groups.ts";
import { alternatives, type Quotes } from "./option.ts";

const none: Quotes = { now: null, of: () => null };
const noOffers: Offer[] = [];

/**
 * What the planner says about the choices, about every change that the panel offers, and about the presets. Asked in the background,
 * as soon as it is its turn; what was said about the choices before stays until then.
 */
export function useQuotes(key: readonly unknown[], findings: Findings | undefined, choices: Choices | null, enabled: boolean, turn: boolean): { quotes: Quotes; offers: Offer[]; /** Whether they are about these choices, and not still about those before. */ settled: boolean } {
  const host = useHost();
  const asked = useQuery({
    queryKey: ["quotes", ...key, choices],
    queryFn: async () => {
      if (!findings || !choices) throw new Error("nothing was imported");
      const all = alternatives(groups, complete(choices));
      const [quotes, offers] = await Promise.all([host.planQuotes(findings, [choices, ...all.values()]), host.planOffers(findings, choices)]);
      return { now: quotes[0] ?? null, changes: new Map([...all.keys()].map((change, index) => [change, quotes[index + 1] ?? null])), offers };
    },
    enabled: enabled && turn && choices !== null,
    staleTime: Infinity, gcTime: 30_000, placeholderData: keepPreviousData,
  });
  const quotes = useMemo<Quotes>(() => (asked.data && enabled ? { now: asked.data.now, of: (change) => asked.data.changes.get(change) ?? null } : none), [asked.data, enabled]);
  return { quotes, offers: asked.data?.offers ?? noOffers, settled: !asked.isPending && !asked.isPlaceholderData };
}

