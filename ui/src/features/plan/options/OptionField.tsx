import { CheckField, ChoiceField, LinesField, SelectField, TextField } from "../../../ui/fields.tsx";
import type { Complete } from "./complete.ts";
import { concerns } from "./groups.ts";
import { effect, excluded, type Option, type Pick, type Quotes, ruled, unfilled } from "./option.ts";
import { PairsField } from "./PairsField.tsx";
import css from "./options.module.css";

type OptionFieldProps = { option: Option; choices: Complete; quotes: Quotes; /** What the field itself refuses, before the planner is asked. */ error: string | null; onChange: (choices: Complete) => void };

/** One option: its sentence, what it does to the price, and what is wrong with it or keeps it from being chosen. */
export function OptionField({ option, choices: c, quotes, error: own, onChange }: OptionFieldProps) {
  const off = option.off?.(c) ?? null;
  const refusal = quotes.now?.refusal ?? null;
  const error = own ?? (refusal?.field && concerns(refusal.field, option.path) ? ruled(refusal.rule) : null);
  const more = option.kind === "amount" && option.more && !off ? effect(quotes, `${option.path}+`) : null;
  const hint = off ?? `${option.sentence(c)}${more && option.kind === "amount" && option.more ? ` ${option.more.words}: ${more}.` : ""}`;
  const shared = { label: option.label, hint, error, disabled: off !== null };
  const field = () => {
    switch (option.kind) {
      case "text":
        return <TextField {...shared} value={option.value(c)} placeholder={option.placeholder} mono onValue={(text) => onChange(option.with(c, text))} />;
      case "amount":
        return <TextField {...shared} type="number" min={0} value={String(option.value(c))} onValue={(text) => onChange(option.with(c, whole(text)))} />;
      case "flag": {
        const on = option.value(c);
        const change = off ? null : effect(quotes, `${option.path}=${!on}`);
        return <CheckField label={option.label} checked={on} disabled={off !== null} detail={error ?? <>{hint}{change ? ` ${on ? "Without it" : "With it"}: ${change}.` : ""}</>} onChecked={(next) => onChange(option.with(c, next))} />;
      }
      case "lines":
        return <LinesField {...shared} value={option.value(c)} placeholder={option.placeholder} onValue={(lines) => onChange(option.with(c, lines))} />;
      case "pairs":
        return <PairsField {...shared} value={option.value(c)} onValue={(pairs) => onChange(option.with(c, pairs))} />;
      case "pick":
        return <PickField option={option} choices={c} quotes={quotes} shared={shared} onChange={onChange} />;
    }
  };
  return <div data-choice={option.path} className={css.option}>{field()}</div>;
}

type PickFieldProps = { option: Pick; choices: Complete; quotes: Quotes; shared: { label: string; hint: string; error: string | null; disabled: boolean }; onChange: (choices: Complete) => void };

function PickField({ option, choices: c, quotes, shared, onChange }: PickFieldProps) {
  const now = option.value(c);
  const values = option.values(c).map(({ value, label }) => {
    const key = `${option.path}=${value}`;
    const reason = value === now ? null : excluded(quotes, key, option.opens);
    const open = value !== now && unfilled(quotes, key, option.opens);
    return { value, label, reason, open, change: value === now || shared.disabled ? null : effect(quotes, key) };
  });
  const shown = option.fitting ? values.filter((v) => v.reason === null) : values;
  const reasons = option.fitting ? [] : [...new Set(shown.flatMap((v) => (v.reason ? [`${v.label}: ${v.reason}.`] : [])))];
  const hint = [shared.hint, ...reasons].join(" ");
  const pick = (value: string) => onChange(option.with(c, value));
  if (option.row) {
    // The line for the price is always there, so that nothing moves when it arrives.
    return <ChoiceField {...shared} hint={hint} value={now} onValue={pick} options={shown.map((v) => ({ value: v.value, label: v.label, disabled: v.reason !== null, detail: v.reason ? "not possible" : v.open ? "asks for more" : v.change ?? (v.value === now ? "chosen" : "\u00a0") }))} />;
  }
  return <SelectField {...shared} hint={hint} value={now} onValue={pick} options={shown.map((v) => ({ value: v.value, label: `${v.label}${v.reason ? " — not possible" : v.change && v.change !== "same price" ? ` — ${v.change}` : ""}`, disabled: v.reason !== null }))} />;
}

const whole = (text: string): number => Math.max(0, Math.min(4_000_000_000, Math.trunc(Number(text) || 0)));
