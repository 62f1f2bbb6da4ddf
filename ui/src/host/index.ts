import host from "@host-implementation";
import type { Host } from "./host.ts";

export type * from "./bindings.gen.ts";
export { HostError } from "./host.ts";
export type { FolderDrop, Host, Listener, Unsubscribe } from "./host.ts";

/** The host this build was compiled for. */
export const compiledHost: Host = host;
