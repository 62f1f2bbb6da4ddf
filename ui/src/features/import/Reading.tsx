import { useEffect, useEffectEvent, useState } from "react";
import type { Progress } from "../../host/index.ts";
import { Button } from "../../ui/Button.tsx";
import css from "./Reading.module.css";

type ReadingProps = { path: string; progress: Progress | null; onCancel: () => void };

const doing: Record<Progress["stage"], string> = { listing: "Listing files", reading: "Reading sources" };
const number = new Intl.NumberFormat("en-US");

/** What is being done, after a moment; most projects are read before that. Escape stops it. */
export function Reading({ path, progress, onCancel }: ReadingProps) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(timer);
  }, []);
  const stop = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => stop(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <div className={css.reading} data-shown={shown || undefined} role="status">
      <span className={css.ring} aria-hidden="true" />
      <div className={css.words}>
        <p className={css.title}>{progress ? doing[progress.stage] : "Looking inside"}</p>
        <p className={css.detail}>{progress && progress.files > 0 ? `${number.format(progress.files)} files so far in ` : "In "}<code>{path}</code></p>
      </div>
      <Button size="s" onClick={onCancel}>Stop</Button>
    </div>
  );
}
