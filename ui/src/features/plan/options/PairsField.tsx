import { useId, useRef, useState } from "react";
import { Button } from "../../../ui/Button.tsx";
import css from "./options.module.css";

type PairsFieldProps = { label: string; hint: string; error: string | null; disabled: boolean; value: { [name in string]: string }; onValue: (value: { [name in string]: string }) => void };

/** Names with values: one line each, and a line for the next one. */
export function PairsField({ label, hint, error, disabled, value, onValue }: PairsFieldProps) {
  const id = useId();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const next = useRef<HTMLInputElement>(null);
  const pairs = Object.entries(value);
  const add = () => {
    if (name.trim() === "") return;
    onValue({ ...value, [name.trim()]: text });
    setName("");
    setText("");
    next.current?.focus();
  };
  const onEnter = (event: React.KeyboardEvent) => { if (event.key === "Enter") { event.preventDefault(); add(); } };
  return (
    <fieldset className={css.pairs} disabled={disabled} aria-describedby={`${id}-note`} aria-invalid={error ? true : undefined}>
      <legend>{label}</legend>
      {pairs.map(([key, held]) => (
        <div key={key} className={css.pair}>
          <code title={key}>{key}</code>
          <input className={css.cell} aria-label={`Value of ${key}`} value={held} spellCheck={false} autoComplete="off" onChange={(event) => onValue({ ...value, [key]: event.target.value })} />
          <Button size="s" tone="quiet" icon="cross" aria-label={`Remove ${key}`} onClick={() => { onValue(Object.fromEntries(pairs.filter(([other]) => other !== key))); next.current?.focus(); }}>{null}</Button>
        </div>
      ))}
      <div className={css.pair}>
        <input ref={next} className={css.cell} aria-label={`${label}: name`} placeholder="name" value={name} spellCheck={false} autoComplete="off" onChange={(event) => setName(event.target.value)} onKeyDown={onEnter} />
        <input className={css.cell} aria-label={`${label}: value`} placeholder="value" value={text} spellCheck={false} autoComplete="off" onChange={(event) => setText(event.target.value)} onKeyDown={onEnter} />
        <Button size="s" tone="quiet" icon="plus" aria-label={`${label}: add`} disabled={name.trim() === ""} onClick={add}>{null}</Button>
      </div>
      <p id={`${id}-note`} className={error ? css.error : css.hint}>{error ?? hint}</p>
    </fieldset>
  );
}
