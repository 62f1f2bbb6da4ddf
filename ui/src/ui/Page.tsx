import type { ReactNode } from "react";
import css from "./Page.module.css";

type PageProps = { title: ReactNode; lead?: ReactNode; actions?: ReactNode; wide?: boolean; children: ReactNode };

/** One screen: its heading, its main action and its content, which alone scrolls. */
export function Page({ title, lead, actions, wide = false, children }: PageProps) {
  return (
    <div className={css.page}>
      <div className={`${css.inner} ${wide ? css.wide : ""}`}>
        <header className={css.head}>
          <div className={css.words}>
            <h1>{title}</h1>
            {lead ? <p className={css.lead}>{lead}</p> : null}
          </div>
          {actions ? <div className={css.actions}>{actions}</div> : null}
        </header>
        {children}
      </div>
    </div>
  );
}
