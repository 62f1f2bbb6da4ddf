import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./icons.tsx";
import css from "./Button.module.css";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  tone?: "primary" | "secondary" | "quiet" | "danger";
  size?: "s" | "m" | "l";
  icon?: IconName;
  /** Work is going on: the button keeps its size and cannot be pressed again. */
  busy?: boolean;
  children: ReactNode;
};

export function Button({ tone = "secondary", size = "m", icon, busy = false, children, className, disabled, type = "button", ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} className={[css.button, css[tone], css[size], busy && !icon ? css.covered : null, className].filter(Boolean).join(" ")} disabled={disabled || busy} aria-busy={busy || undefined}>
      {busy ? <span className={icon ? css.spinner : `${css.spinner} ${css.over}`} aria-hidden="true" /> : icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}
