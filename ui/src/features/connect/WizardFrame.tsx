import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../../ui/Button.tsx";
import { Ticks } from "../../ui/bits.tsx";
import css from "./wizard.module.css";

/** What a way in does, in three sentences, so that nobody has to guess. */
export type About = { happens: string; stored: string; undo: string };

type WizardFrameProps = { title: string; lead: ReactNode; about: About; onBack: (() => void) | null; back?: string; children: ReactNode };

/** One step on the way into an account: its heading takes the focus, so that keyboard and screen reader begin there. */
export function WizardFrame({ title, lead, about, onBack, back = "All ways in", children }: WizardFrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The step before may have been scrolled down; this one is read from its top.
    heading.current?.focus({ preventScroll: true });
    frame.current?.scrollIntoView({ block: "start" });
  }, [title]);
  return (
    <div className={css.wizard} ref={frame}>
      <div className={css.head}>
        {onBack ? <Button tone="quiet" size="s" icon="back" onClick={onBack}>{back}</Button> : null}
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        <p className={css.lead}>{typeof lead === "string" ? <Ticks text={lead} /> : lead}</p>
      </div>
      <div className={css.columns}>
        <div className={css.main}>{children}</div>
        <aside className={css.about} aria-label="What this does">
          <dl>
            <dt>What happens</dt><dd><Ticks text={about.happens} /></dd>
            <dt>What is stored where</dt><dd><Ticks text={about.stored} /></dd>
            <dt>How to undo it</dt><dd><Ticks text={about.undo} /></dd>
          </dl>
        </aside>
      </div>
    </div>
  );
}
