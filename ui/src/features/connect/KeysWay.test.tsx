import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { HostContext } from "../../app/host-context.ts";
import { FakeBackend } from "../../host/fake/backend.ts";
import { RunningClock } from "../../host/fake/clock.ts";
import { type Message, recorded } from "../../host/fake/recorder.ts";
import { KeysWay } from "./KeysWay.tsx";

const SECRET = "canary/secret+7f3a";

function show(scenario: ConstructorParameters<typeof FakeBackend>[1] = {}) {
  const messages: Message[] = [];
  const client = new QueryClient();
  const saved = vi.fn();
  const host = recorded(new FakeBackend(new RunningClock(1000), scenario), messages);
  render(
    <HostContext value={host}>
      <QueryClientProvider client={client}>
        <KeysWay file={null} onFile={() => {}} onBack={() => {}} onSaved={saved} finishing={false} trouble={null} taken={["my-account"]} />
      </QueryClientProvider>
    </HostContext>,
  );
  return { messages, client, saved };
}

async function type(id: string) {
  await userEvent.type(screen.getByLabelText("Access key id"), id);
  await userEvent.type(screen.getByLabelText("Secret access key"), SECRET);
  const keep = screen.getByRole<HTMLButtonElement>("button", { name: "Keep the key and connect" });
  await waitFor(() => expect(keep.disabled).toBe(false));
  await userEvent.click(keep);
}

it("a typed key crosses in one message and is in no field, page, query or mutation afterwards", async () => {
  const { messages, client, saved } = show();
  expect(screen.getByLabelText<HTMLInputElement>("Secret access key").type).toBe("password");
  await type("AKIACANARY0000000001");
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(messages.filter((m) => m.text.includes(SECRET)).map((m) => m.name)).toEqual(["profileSaveKeys"]);
  expect(screen.getByLabelText<HTMLInputElement>("Secret access key").value).toBe("");
  expect(document.documentElement.outerHTML).not.toContain(SECRET);
  const cached = [...client.getQueryCache().getAll().map((q) => [q.queryKey, q.state]), ...client.getMutationCache().getAll().map((m) => m.state)];
  expect(JSON.stringify(cached)).not.toContain("canary");
  expect(JSON.stringify(saved.mock.calls)).not.toContain("canary");
  expect(saved.mock.calls[0]?.[0]).toMatchObject([{ label: "my-account-2" }]);
});

it("a refused key is emptied, and the reason is shown without it", async () => {
  const { saved } = show();
  await type("AKIA-NOT-AN-ID");
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("characters that no access key id has"));
  expect(saved).not.toHaveBeenCalled();
  expect(document.documentElement.outerHTML).not.toContain(SECRET);
  expect(screen.getByLabelText<HTMLInputElement>("Secret access key").value).toBe("");
});

it("without a keychain nothing can be kept until memory was chosen", async () => {
  show({ keychain: "missing" });
  await userEvent.type(screen.getByLabelText("Access key id"), "AKIACANARY0000000001");
  await userEvent.type(screen.getByLabelText("Secret access key"), SECRET);
  await screen.findByText("This computer has no keychain that answers");
  const keep = screen.getByRole<HTMLButtonElement>("button", { name: "Keep the key and connect" });
  expect(keep.disabled).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Keep in memory for this run" }));
  await waitFor(() => expect(keep.disabled).toBe(false));
});
