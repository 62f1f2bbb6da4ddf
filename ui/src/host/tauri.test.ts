import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, it, vi } from "vitest";
import { HostError } from "./host.ts";
import host from "./tauri.ts";

afterEach(clearMocks);

/** Lets every promise that can settle do so. */
const settle = () => new Promise((resolve) => void setTimeout(resolve, 0));

it("commands carry their arguments under the names the core expects", async () => {
  const calls: [string, unknown][] = [];
  mockIPC((command, args) => {
    calls.push([command, args]);
  });
  await host.secretPut("shop", "KEY", "value");
  await host.serversScale("shop", 1, 3);
  await host.accountConnect({ kind: "profile", name: "work", region: null });
  expect(calls).toEqual([
    ["secret_put", { app: "shop", key: "KEY", value: "value" }],
    ["servers_scale", { app: "shop", min: 1, max: 3 }],
    ["account_connect", { target: { kind: "profile", name: "work", region: null } }],
  ]);
});

it("a refusal keeps its code, hint and request id", async () => {
  mockIPC(() => {
    // Commands reject with plain values, not with errors.
    throw { code: "accessDenied", message: "Not allowed.", hint: "Add the policy.", retryable: false, requestId: "r-1" };
  });
  const refused: unknown = await host.applicationList().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(HostError);
  expect(refused).toMatchObject({ code: "accessDenied", message: "Not allowed.", hint: "Add the policy.", requestId: "r-1" });
});

it("what is no refusal of a command becomes one that says what to do", async () => {
  mockIPC(() => {
    throw new Error("the channel broke");
  });
  const refused = await host.appInfo().catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "failed", retryable: true });
  expect((refused as HostError).hint).not.toBe("");
});

it("a subscription that ends before it has an id is cancelled when the id comes", async () => {
  const cancelled: unknown[] = [];
  let answer: (id: number) => void = () => {};
  mockIPC((command, args) => {
    if (command === "servers_watch") return new Promise<number>((resolve) => void (answer = resolve));
    if (command === "subscription_cancel") cancelled.push(args);
    return null;
  });
  const update = vi.fn();
  const stop = host.serversWatch("shop", { update, failed: () => {} });
  stop();
  expect(cancelled).toEqual([]);
  answer(7);
  await settle();
  expect(cancelled).toEqual([{ id: 7 }]);
  stop();
  await settle();
  expect(cancelled).toHaveLength(1);
  expect(update).not.toHaveBeenCalled();
});

it("a subscription that cannot start says so, unless nobody listens any more", async () => {
  mockIPC(() => {
    throw { code: "signedOut", message: "No account is connected.", hint: "Choose one.", retryable: false, requestId: "" };
  });
  const failed = vi.fn();
  host.pipelineWatch("shop", { update: () => {}, failed });
  const ignored = vi.fn();
  host.pipelineWatch("shop", { update: () => {}, failed: ignored })();
  await settle();
  expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "signedOut" }));
  expect(ignored).not.toHaveBeenCalled();
});
