import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { HostContext } from "../../app/host-context.ts";
import { FakeBackend } from "../../host/fake/backend.ts";
import { ManualClock } from "../../host/fake/clock.ts";
import { HostError } from "../../host/host.ts";
import { DeleteSecret, PutSecret } from "./SecretDialogs.tsx";

const taken = [{ name: "JWT_SECRET", managed: false, injected: true }, { name: "DATABASE_URL", managed: true, injected: true }];

function show(host: FakeBackend, onClose = () => {}) {
  render(<HostContext value={host}><PutSecret app="shop" name={null} taken={taken} open onClose={onClose} /></HostContext>);
}

it("a value is sent once and is gone from the page while the answer is awaited", async () => {
  const host = new FakeBackend(new ManualClock());
  const put = vi.spyOn(host, "secretPut").mockReturnValue(new Promise(() => {}));
  show(host);
  await userEvent.type(screen.getByLabelText("Name"), "STRIPE_KEY");
  const value = screen.getByLabelText<HTMLInputElement>("Value");
  expect(value.type).toBe("password");
  await userEvent.type(value, "canary-value");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  expect(put).toHaveBeenCalledExactlyOnceWith("shop", "STRIPE_KEY", "canary-value");
  expect(value.value).toBe("");
  expect(document.body.innerHTML).not.toContain("canary-value");
});

it("a refused value is not shown again", async () => {
  const host = new FakeBackend(new ManualClock());
  vi.spyOn(host, "secretPut").mockRejectedValue(new HostError({ code: "accessDenied", message: "Not allowed.", hint: "Add the policy.", retryable: false, requestId: "" }));
  const closed = vi.fn();
  show(host, closed);
  await userEvent.type(screen.getByLabelText("Name"), "STRIPE_KEY");
  await userEvent.type(screen.getByLabelText("Value"), "canary-value");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("Add the policy."));
  expect(screen.getByLabelText<HTMLInputElement>("Value").value).toBe("");
  expect(closed).not.toHaveBeenCalled();
});

it.each([["2FAST", "Letters, digits"], ["DATABASE_URL", "managed"], ["JWT_SECRET", "exists already"]])("the name %s gets a remark", async (name, remark) => {
  show(new FakeBackend(new ManualClock()));
  await userEvent.type(screen.getByLabelText("Name"), name);
  expect(screen.getByText(new RegExp(remark))).toBeTruthy();
});

it("a secret is deleted only after its name was typed", async () => {
  const host = new FakeBackend(new ManualClock());
  const remove = vi.spyOn(host, "secretDelete").mockResolvedValue();
  const closed = vi.fn();
  render(<HostContext value={host}><DeleteSecret app="shop" name="JWT_SECRET" open onClose={closed} /></HostContext>);
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Delete the secret" });
  await userEvent.type(screen.getByLabelText("Type JWT_SECRET to confirm"), "JWT");
  expect(button.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Type JWT_SECRET to confirm"), "_SECRET");
  await userEvent.click(button);
  expect(remove).toHaveBeenCalledExactlyOnceWith("shop", "JWT_SECRET");
  await waitFor(() => expect(closed).toHaveBeenCalled());
});
