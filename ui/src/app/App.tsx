import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Host } from "../host/index.ts";
import { DraftProvider } from "./draft.tsx";
import { HostContext } from "./host-context.ts";
import { ProductionGuard } from "./production.tsx";
import { makeRouter } from "./router.tsx";
import { followSystemTheme } from "./theme.ts";

const newQueryClient = () => new QueryClient({
  // The backend retries what is worth retrying, and it is on this computer: focus and network changes say nothing.
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: "always" }, mutations: { networkMode: "always", gcTime: 0 } },
});

export function App({ host }: { host: Host }) {
  const [client] = useState(newQueryClient);
  const [router] = useState(() => makeRouter(host, client));
  useEffect(followSystemTheme, []);
  return (
    <HostContext value={host}>
      <QueryClientProvider client={client}>
        <DraftProvider>
          <ProductionGuard>
            <RouterProvider router={router} />
          </ProductionGuard>
        </DraftProvider>
      </QueryClientProvider>
    </HostContext>
  );
}
