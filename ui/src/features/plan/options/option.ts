import type { Choices, Quote, Refusal } from "../../../host/index.ts";
import { dollars } from "../../../ui/words.ts";
import type { Complete } from "./complete.ts";

type Common = {
  /** Its path in the choices; the planner names the same one when it refuses. */
  path: string;
  label: string;
  /** What the choice means, one sentence. */
  sentence: (c: Complete) => string;
  /** Why it cannot be chosen as things are. */
  off?: (c: Complete) => string | null;
};

/** One of a few. */
export type Pick = Common & {
  kind: "pick";
  /** Side by side, where the words are short; otherwise a list that opens. */
  row?: boolean;
  /** Values that the planner refuses are left out in place of being shown as impossible. */
  fitting?: boolean;
  /** Paths of options that this choice opens and that have to be filled in then; until they are, the planner refuses, which is no reason against the choice. */
  opens?: string[];
  values: (c: Complete) => { value: string; label: string }[];
  value: (c: Complete) => string;
  with: (c: Complete, value: string) => Complete;
};

/** On or off. */
export type Flag = Common & { kind: "flag"; value: (c: Complete) => boolean; with: (c: Complete, on: boolean) => Complete };

/** A whole number; `more` is the step whose price is shown. */
export type Amount = Common & { kind: "amount"; value: (c: Complete) => number; with: (c: Complete, value: number) => Complete; more?: { step: number; words: string } };

/** Text; empty means none. */
export type Text = Common & { kind: "text"; value: (c: Complete) => string; with: (c: Complete, text: string) => Complete; placeholder?: string };

/** Several short texts, one line each. */
export type Lines = Common & { kind: "lines"; value: (c: Complete) => string[]; with: (c: Complete, lines: string[]) => Complete; placeholder?: string };

/** Names with values. */
export type Pairs = Common & { kind: "pairs"; value: (c: Complete) => { [name in string]: string }; with: (c: Complete, pairs: { [name in string]: string }) => Complete };

export type Option = Pick | Flag | Amount | Text | Lines | Pairs;

/** Options that belong together, and what is chosen of them in one line. */
export type Group = { id: string; title: string; summary: (c: Complete) => string; options: Option[] };

/** What each change that the panel offers would make of the choices, by a key of option and value. */
export function alternatives(groups: Group[], c: Complete): Map<string, Choices> {
  const all = new Map<string, Choices>();
  for (const option of groups.flatMap((g) => g.options)) {
    if (option.off?.(c)) continue;
    if (option.kind === "pick") for (const { value } of option.values(c)) if (value !== option.value(c)) all.set(`${option.path}=${value}`, option.with(c, value));
    if (option.kind === "flag") all.set(`${option.path}=${!option.value(c)}`, option.with(c, !option.value(c)));
    if (option.kind === "amount" && option.more) all.set(`${option.path}+`, option.with(c, option.value(c) + option.more.step));
  }
  return all;
}

/** What the planner says about the choices and every change of them. */
export type Quotes = { now: Quote | null; of: (key: string) => Quote | null };

/** The difference that a change makes to the price of a month; nothing if one of the two is not known. */
export function effect(quotes: Quotes, key: string): string | null {
  const now = quotes.now?.monthly ?? null;
  const then = quotes.of(key)?.monthly ?? null;
  if (now === null || then === null) return null;
  const cents = Math.round((then - now) * 100);
  return cents === 0 ? "same price" : `${cents > 0 ? "+" : "−"}${dollars(Math.abs(cents) / 100)}`;
}

/** Why this change is impossible. Only said while the choices themselves are possible: otherwise every change repeats what is wrong with them. */
export function excluded(quotes: Quotes, key: string, opens: string[] = []): string | null {
  if (quotes.now?.refusal !== null) return null;
  const refusal = quotes.of(key)?.refusal ?? null;
  return refusal === null || opensTo(refusal, opens) ? null : refusal.rule;
}

/** Whether a change is refused only because what it opens is still to be filled in. */
export function unfilled(quotes: Quotes, key: string, opens: string[] = []): boolean {
  const refusal = quotes.of(key)?.refusal ?? null;
  return refusal !== null && opensTo(refusal, opens);
}

const opensTo = (refusal: Refusal, opens: string[]): boolean => refusal.field !== null && opens.includes(refusal.field);

/** The planner's rule as a sentence. */
export const ruled = (rule: string): string => `${rule.charAt(0).toUpperCase()}${rule.slice(1)}${rule.endsWith(".") ? "" : "."}`;
