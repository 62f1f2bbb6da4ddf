import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { AccountTarget, AccountView, Host } from "../host/index.ts";
import { useHost } from "./host-context.ts";

export const accountQuery = (host: Host) => queryOptions({ queryKey: ["account"], queryFn: () => host.accountCurrent(), staleTime: Infinity });

export function useAccount(): AccountView | null | undefined {
  return useQuery(accountQuery(useHost())).data;
}

/** Connects an account; everything known of the account before is forgotten. */
export function useConnect() {
  const host = useHost();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (target: AccountTarget) => host.accountConnect(target),
    onSuccess: (account) => {
      client.removeQueries({ queryKey: ["applications"] });
      client.setQueryData(["account"], account);
    },
  });
}

export function useDisconnect() {
  const host = useHost();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => host.accountDisconnect(),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["applications"] });
      client.setQueryData(["account"], null);
    },
  });
}
