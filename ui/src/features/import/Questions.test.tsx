import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Findings, Question } from "../../host/index.ts";
import { Questions } from "./Questions.tsx";

const question = (field: string, answers: Question["answers"]): Question => ({ field, text: "What will it be?", answers, blocks: true, file: null, line: null });
const findings = (one: Question) => ({ verdict: "needsChoice", chosen: { frontend: "web", backend: "api" }, frontends: [], backends: [], questions: [one] }) as unknown as Findings;

// Every finding that the core asks about.
it.each([
  ["backends[0].port.default", "port"],
  ["backends[0].entryFile", "entryFile"],
  ["backends[0].globalPrefix", "globalPrefix"],
  ["backends[0].database", "database"],
  ["backends[0].prisma.schema", "prismaSchema"],
  ["frontends[0].outputDir", "outputDir"],
])("a question about %s can be answered, by a candidate or in the user's own words", async (asked, field) => {
  const change = vi.fn().mockResolvedValue(null);
  const show = (one: Question) => render(<Questions project="/p" findings={findings(one)} onChange={change} />);
  const { unmount } = show(question(asked, [{ value: "suggested-one", reason: "The sources say so." }]));
  await userEvent.click(screen.getByRole("radio", { name: /suggested-one/ }));
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(change).toHaveBeenLastCalledWith([{ field, value: "suggested-one" }]);
  unmount();
  show(question(asked, []));
  await userEvent.type(screen.getByRole("textbox"), "my-own");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(change).toHaveBeenLastCalledWith([{ field, value: "my-own" }]);
});
