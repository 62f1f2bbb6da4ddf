import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type AccountTarget, type AccountView, type Host, HostError } from "../host/index.ts";
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
    mutationFn: async (target: AccountTarget) => {
      const account = await host.accountConnect(target);
      if (!account.root) return account;
      await host.accountDisconnect();
      throw new HostError({ code: "rootRefused", message: `\`${account.label}\` signs in as the root user of account ${account.accountId}, with which nothing may be deployed.`, hint: "Create a user or a role with the policy of the plan and use that.", retryable: false, requestId: "" });
    },
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
