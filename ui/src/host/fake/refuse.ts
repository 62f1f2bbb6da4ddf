import type { IpcCode } from "../bindings.gen.ts";
import { HostError } from "../host.ts";

/** An error as the core would send it. */
export const refuse = (code: IpcCode, message: string, hint: string, retryable = false) =>
  new HostError({ code, message, hint, retryable, requestId: code === "failed" || code === "accessDenied" ? "7d0c1f9e-5b52-4d0e-9a3c-2f6f0d3c1a55" : "" });
