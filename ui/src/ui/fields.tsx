import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId, useState } from "react";
import css from "./fields.module.css";

type FieldProps = { label: string; hint?: ReactNode; error?: string | null; children: (ids: { id: string; describedBy: string | undefined }) => ReactNode };

function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={css.field}>
      <label htmlFor={id} className={css.label}>{label}</label>
      {children({ id, describedBy: note ? `${id}-note` : undefined })}
      {note ? <p id={`${id}-note`} className={error ? css.error : css.hint}>{note}</p> : null}
    </div>
  );
}

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> & { label: string; hint?: ReactNode; error?: string | null; value: string; onValue: (value: string) => void; mono?: boolean };

export function TextField({ label, hint, error, value, onValue, mono, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {({ id, describedBy }) => (
        <input {...rest} id={id} aria-describedby={describedBy} aria-invalid={error ? true : undefined} className={`${css.input} ${mono ? css.mono : ""}`} value={value} autoComplete="off" autoCorrect="off" spellCheck={false} onChange={(event) => onValue(event.target.value)} />
      )}
    </Field>
  );
}

type LinesFieldProps = { label: string; hint?: ReactNode; error?: string | null; value: string[]; placeholder?: string | undefined; disabled?: boolean; onValue: (value: string[]) => void };

/** Several short texts, one line each; commas and spaces begin a new one as well, so that a list can be pasted. */
export function LinesField({ label, hint, error, value, placeholder, disabled = false, onValue }: LinesFieldProps) {
  const [text, setText] = useState(value.join("\n"));
  const lines = (of: string): string[] => of.split(/[\s,]+/).filter(Boolean);
  // What is typed stays as it is, line ends included, until the value comes to be another one from outside.
  const shown = lines(text).join("\n") === value.join("\n") ? text : value.join("\n");
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {({ id, describedBy }) => (
        <textarea id={id} rows={3} aria-describedby={describedBy} aria-invalid={error ? true : undefined} className={`${css.input} ${css.mono} ${css.lines}`} value={shown} placeholder={placeholder} disabled={disabled} autoComplete="off" autoCorrect="off" spellCheck={false} onChange={(event) => { setText(event.target.value); onValue(lines(event.target.value)); }} />
      )}
    </Field>
  );
}

type SelectFieldProps<T extends string> = Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> & { label: string; hint?: ReactNode; value: T; error?: string | null; options: readonly { value: T; label: string; disabled?: boolean }[]; onValue: (value: T) => void };

export function SelectField<T extends string>({ label, hint, error, value, options, onValue, ...rest }: SelectFieldProps<T>) {
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {({ id, describedBy }) => (
        <select {...rest} id={id} aria-describedby={describedBy} aria-invalid={error ? true : undefined} className={css.input} value={value} onChange={(event) => onValue(event.target.value as T)}>
          {options.map((option) => <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>)}
        </select>
      )}
    </Field>
  );
}

type ChoiceFieldProps<T extends string> = { label: string; value: T | null; options: readonly { value: T; label: string; detail?: ReactNode; disabled?: boolean }[]; onValue: (value: T) => void; layout?: "row" | "list"; hint?: ReactNode; error?: string | null; disabled?: boolean };

/** A few alternatives that are all visible: side by side when short, as a list when they need words. */
export function ChoiceField<T extends string>({ label, value, options, onValue, layout = "row", hint, error, disabled = false }: ChoiceFieldProps<T>) {
  const name = useId();
  const note = error ?? hint;
  return (
    <fieldset className={css.field} disabled={disabled} aria-describedby={note ? `${name}-note` : undefined}>
      <legend className={css.label}>{label}</legend>
      <div className={layout === "row" ? css.segments : css.list}>
        {options.map((option) => (
          <label key={option.value} className={layout === "row" ? css.segment : css.item}>
            <input type="radio" name={name} value={option.value} checked={option.value === value} disabled={option.disabled} onChange={() => onValue(option.value)} />
            <span className={css.itemText}>
              <span className={css.itemLabel}>{option.label}</span>
              {option.detail ? <span className={css.itemDetail}>{option.detail}</span> : null}
            </span>
          </label>
        ))}
      </div>
      {note ? <p id={`${name}-note`} className={error ? css.error : css.hint}>{note}</p> : null}
    </fieldset>
  );
}

type CheckFieldProps = { label: ReactNode; detail?: ReactNode; checked: boolean; disabled?: boolean; onChecked: (checked: boolean) => void };

/** Something that is on or off, with what that means. */
export function CheckField({ label, detail, checked, disabled = false, onChecked }: CheckFieldProps) {
  const id = useId();
  return (
    <label className={css.check}>
      <input type="checkbox" checked={checked} disabled={disabled} aria-describedby={detail ? `${id}-detail` : undefined} onChange={(event) => onChecked(event.target.checked)} />
      <span className={css.itemText}>
        <span className={css.itemLabel}>{label}</span>
        {detail ? <span id={`${id}-detail`} className={css.itemDetail}>{detail}</span> : null}
      </span>
    </label>
  );
}

type SecretFieldProps = { label: string; hint?: ReactNode; ref: Ref<HTMLInputElement>; onFilled: (filled: boolean) => void; /** Part of a secret that need not be hidden from whoever types it. */ shown?: boolean; disabled?: boolean; placeholder?: string };

/**
 * A value that lives in its input element alone: whoever sends it reads it once through `ref` and empties the element, so that it is in no
 * component state, no cache and no error.
 */
export function SecretField({ label, hint, ref, onFilled, shown = false, disabled = false, placeholder }: SecretFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {({ id, describedBy }) => (
        <input ref={ref} id={id} aria-describedby={describedBy} className={`${css.input} ${css.mono}`} type={shown ? "text" : "password"} autoComplete={shown ? "off" : "new-password"} autoCorrect="off" autoCapitalize="off" spellCheck={false} disabled={disabled} placeholder={placeholder} onInput={(event) => onFilled(event.currentTarget.value.trim() !== "")} />
      )}
    </Field>
  );
}
