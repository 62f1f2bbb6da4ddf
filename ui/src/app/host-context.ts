import { createContext, use } from "react";
import type { Host } from "../host/index.ts";

export const HostContext = createContext<Host | null>(null);

/** The program around the window. */
export function useHost(): Host {
  const host = use(HostContext);
  if (!host) throw new Error("useHost is only for components inside App");
  return host;
}
