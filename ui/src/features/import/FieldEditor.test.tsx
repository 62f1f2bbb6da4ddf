import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { HostError } from "../../host/host.ts";
import type { Editable } from "./facts.ts";
import { FieldEditor } from "./FieldEditor.tsx";

const port: Editable = { field: "port", text: "3000", state: "found", input: { kind: "text", placeholder: "3000", hint: "From 1 to 65535." } };

it("what the core refuses stands at the field, and the typed value stays", async () => {
  const save = vi.fn().mockRejectedValue(new HostError({ code: "invalidInput", message: "The port cannot be set: `0` is no port.", hint: "Write a number from 1 to 65535.", retryable: false, requestId: "" }));
  render(<FieldEditor label="Port" editable={port} variables={[]} onSave={save} onClose={() => {}} />);
  const field = screen.getByLabelText<HTMLInputElement>("Port");
  expect(document.activeElement).toBe(field);
  await userEvent.clear(field);
  await userEvent.type(field, "0{Enter}");
  expect(save).toHaveBeenCalledExactlyOnceWith("0");
  expect(await screen.findByText(/Write a number/, { selector: "p:not([role])" })).toBeTruthy();
  expect([field.value, field.getAttribute("aria-invalid")]).toEqual(["0", "true"]);
});

it("Escape leaves without saving", async () => {
  const save = vi.fn();
  const close = vi.fn();
  render(<FieldEditor label="Port" editable={port} variables={[]} onSave={save} onClose={close} />);
  await userEvent.type(screen.getByLabelText("Port"), "1{Escape}");
  expect([save.mock.calls.length, close.mock.calls.length]).toEqual([0, 1]);
});

it("variables go to the core by name and kind", async () => {
  const save = vi.fn().mockResolvedValue(null);
  const variables = [{ name: "JWT_SECRET", required: true, secret: true }, { name: "LOG_LEVEL", required: false, secret: false }];
  render(<FieldEditor label="Secrets" editable={{ field: "variables", text: "", state: "found", input: { kind: "variables" } }} variables={variables} onSave={save} onClose={() => {}} />);
  await userEvent.selectOptions(screen.getByLabelText("Kind of LOG_LEVEL"), "unused");
  await userEvent.type(screen.getByLabelText("Another variable"), "STRIPE_KEY{Enter}");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(save).toHaveBeenCalledExactlyOnceWith("JWT_SECRET=secret, LOG_LEVEL=unused, STRIPE_KEY=secret");
});
