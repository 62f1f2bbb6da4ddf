import { CopyButton } from "../../ui/bits.tsx";
import css from "./wizard.module.css";

/** A line to run or to paste, with a button that copies it. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return <div className={css.snippet}><pre>{text}</pre><CopyButton text={text} label={label} /></div>;
}
