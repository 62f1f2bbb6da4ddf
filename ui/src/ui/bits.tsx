import { createElement, Fragment, type ReactNode, useEffect, useState } from "react";
import type { TroubleView, WorkState } from "../host/index.ts";
import { HostError } from "../host/index.ts";
import { useHost } from "../app/host-context.ts";
import { Button } from "./Button.tsx";
import { Icon, type IconName } from "./icons.tsx";
import { stateWord } from "./words.ts";
import css from "./bits.module.css";

/** A round mark for how far a piece of work is; its words are for screen readers unless `words` shows them. */
export function StateMark({ state, words = false }: { state: WorkState; words?: boolean }) {
  const icons: Record<WorkState, IconName | null> = { waiting: null, running: null, succeeded: "check", failed: "cross", rolledBack: "undo", skipped: "dash" };
  const icon = icons[state];
  return (
    <span className={`${css.state} ${css[state]}`}>
      <span className={css.dot}>{icon ? <Icon name={icon} size={11} /> : null}</span>
      <span className={words ? css.word : "visually-hidden"}>{stateWord[state]}</span>
    </span>
  );
}

export function Badge({ tone = "plain", children, title }: { tone?: "plain" | "practice" | "ok" | "run" | "warn" | "bad"; children: ReactNode; title?: string }) {
  return <span className={`${css.badge} ${css[`badge-${tone}`]}`} title={title}>{children}</span>;
}

/** Marks everything that happens in the practice account. */
export function PracticeBadge() {
  return <Badge tone="practice" title="This account lives on this computer only. Nothing is built in AWS and nothing is charged.">practice</Badge>;
}

type NoticeProps = { tone?: "info" | "ok" | "warn" | "bad"; title: ReactNode; children?: ReactNode; actions?: ReactNode };

export function Notice({ tone = "info", title, children, actions }: NoticeProps) {
  const icon: IconName = tone === "ok" ? "check" : tone === "info" ? "info" : "warn";
  return (
    <div className={`${css.notice} ${css[`notice-${tone}`]}`} role={tone === "bad" ? "alert" : "status"}>
      <span className={css.noticeIcon}><Icon name={icon} /></span>
      <div className={css.noticeBody}>
        <p className={css.noticeTitle}>{title}</p>
        {children}
      </div>
      {actions ? <div className={css.noticeActions}>{actions}</div> : null}
    </div>
  );
}

/** An error with what to do next. */
export function ErrorNotice({ error, retry, actions }: { error: unknown; retry?: () => void; actions?: ReactNode }) {
  const shown = HostError.from(error);
  return (
    <Notice tone="bad" title={<Ticks text={shown.message} />} actions={<>{actions}{shown.code === "signedOut" ? <SignIn /> : null}{retry ? <Button size="s" onClick={retry}>Try again</Button> : null}</>}>
      {shown.hint ? <p><Ticks text={shown.hint} /></p> : null}
      {shown.requestId ? <p className={css.request}>AWS request {shown.requestId}</p> : null}
    </Notice>
  );
}

/** The way back into an account; on the screen where one connects there is nothing to add. */
function SignIn() {
  return window.location.hash.startsWith("#/welcome") ? null : <a className={css.signIn} href="#/welcome">Connect again</a>;
}

/** Why a live view is not fresh. */
export function TroubleNotice({ trouble }: { trouble: TroubleView }) {
  return <Notice tone="warn" title={<Ticks text={trouble.message} />} actions={trouble.signedOut ? <SignIn /> : null}><p><Ticks text={trouble.hint} /></p></Notice>;
}

/** Shows `names` between backticks as code. */
export function Ticks({ text }: { text: string }) {
  return createElement(Fragment, null, ...text.split("`").map(codeOrText));
}

// Children spread into `createElement` need no keys, and the text is never edited in place.
function codeOrText(part: string, position: number): ReactNode {
  return position % 2 === 1 ? createElement("code", { className: css["name"] }, part) : part;
}

/** Says what is being waited for; appears late enough not to flicker. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <p className={css.loading} role="status">
      <span className={css.ring} aria-hidden="true" />
      {children}
    </p>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}

export function CopyButton({ text, label, size = "s" }: { text: string; label: string; size?: "s" | "m" }) {
  const host = useHost();
  const [shown, setShown] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (shown === "idle") return;
    const timer = setTimeout(() => setShown("idle"), 1600);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <Button size={size} tone="quiet" icon={shown === "copied" ? "check" : "copy"} aria-label={label} onClick={() => void host.copyText(text).then(() => setShown("copied"), () => setShown("refused"))}>
      <span aria-hidden="true">{shown === "copied" ? "Copied" : shown === "refused" ? "Select it instead" : "Copy"}</span>
    </Button>
  );
}

/** The address of a site; in the practice account it belongs to nobody. */
export function SiteAddress({ url, practice }: { url: string; practice: boolean }) {
  return (
    <>
      <Address url={url} label="address of the site" />
      {practice ? <p className={css.aside}>In the practice account nothing answers there; in AWS it is the public address.</p> : null}
    </>
  );
}

/** An address that can be selected and copied; the app itself opens no browser. */
export function Address({ url, label }: { url: string; label: string }) {
  return (
    <span className={css.address}>
      <code>{url}</code>
      <CopyButton text={url} label={`Copy ${label}`} />
    </span>
  );
}
