import { Menu } from "@base-ui/react/menu";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { isComplete } from "../features/import/completeness.ts";
import { Badge, PracticeBadge } from "../ui/bits.tsx";
import { Icon, Mark } from "../ui/icons.tsx";
import { useAccount, useDisconnect } from "./account.ts";
import { useDraft } from "./draft.tsx";
import { DropTarget } from "./DropTarget.tsx";
import { SignInDesk } from "./SignInDesk.tsx";
import { EmptyPractice } from "./EmptyPractice.tsx";
import { storedTheme, storeTheme, type Theme } from "./theme.ts";
import css from "./Frame.module.css";

const steps = [
  { to: "/new/import", label: "Import" },
  { to: "/new/plan", label: "Plan" },
  { to: "/new/review", label: "Review" },
] as const;

/** The bar on top and the screen below it. */
export function Frame() {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const account = useAccount();
  const { draft } = useDraft();
  useFocusOnNewScreen(path);
  const current = steps.findIndex((s) => path.startsWith(s.to));
  const reachable = draft ? (isComplete(draft.findings) ? (draft.review ? 2 : 1) : 0) : 0;
  return (
    <div className={css.frame} data-production={account?.production || undefined}>
      <a className={css.skip} href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to the content</a>
      <header className={css.bar}>
        <Link to="/" className={css.home} aria-label="Zonké, start">
          <Mark />
          <span className={css.wordmark}>Zonké</span>
        </Link>
        {current >= 0 ? (
          <nav aria-label="Steps">
            <ol className={css.steps}>
              {steps.map((step, i) => (
                <li key={step.to}>
                  {i <= Math.max(reachable, current) ? (
                    <Link to={step.to} className={css.step} aria-current={i === current ? "step" : undefined}><span className={css.number}>{i + 1}</span>{step.label}</Link>
                  ) : (
                    <span className={css.step}><span className={css.number}>{i + 1}</span>{step.label}</span>
                  )}
                </li>
              ))}
              <li><span className={css.step}><span className={css.number}>4</span>Deploy</span></li>
            </ol>
          </nav>
        ) : null}
        <div className={css.space} />
        {account ? (
          <Link to="/applications" className={css.navigation} aria-current={path === "/applications" ? "page" : undefined}>Applications</Link>
        ) : null}
        <ThemeMenu />
        {account ? <AccountMenu /> : path === "/welcome" ? null : <Link to="/welcome" className={css.navigation}>Connect an account</Link>}
      </header>
      <SignInDesk />
      <DropTarget />
      <main id="main" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

/** A new screen begins where its content begins, also for the keyboard and for screen readers; a tab of a screen keeps the focus. */
function useFocusOnNewScreen(path: string): void {
  const screen = path.startsWith("/applications/") && !path.endsWith("/deployment") ? path.slice(0, path.lastIndexOf("/")) : path;
  const before = useRef(screen);
  useEffect(() => {
    if (before.current === screen) return;
    before.current = screen;
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [screen]);
}

function AccountMenu() {
  const account = useAccount();
  const disconnect = useDisconnect();
  const navigate = useNavigate();
  const [emptying, setEmptying] = useState(false);
  if (!account) return null;
  return (
    <>
      <Menu.Root>
        <Menu.Trigger className={css.account}>
          <span className="visually-hidden">Account: </span>
          {account.practice ? <PracticeBadge /> : account.production ? <Badge tone="bad">production</Badge> : <span className={css.live} aria-hidden="true" />}
          {account.readOnly ? <Badge tone="run">read-only</Badge> : null}
          <span className={css.accountName}>{account.label}</span>
          <span className={css.region}>{account.region}</span>
          <Icon name="down" size={12} />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner sideOffset={6} align="end" className={css.positioner}>
            <Menu.Popup className={css.menu}>
              <div className={css.identity}>
                <p className={css.identityName}>{account.label}</p>
                <dl>
                  <dt>Account</dt><dd>{account.accountId}</dd>
                  <dt>Identity</dt><dd>{account.arn}</dd>
                  <dt>Region</dt><dd>{account.region}</dd>
                  {account.endpointUrl ? <><dt>Address</dt><dd>{account.endpointUrl}</dd></> : null}
                </dl>
              </div>
              <Menu.Item className={css.item} onClick={() => void navigate({ to: "/account" })}>This account</Menu.Item>
              <Menu.Item className={css.item} onClick={() => void navigate({ to: "/profiles" })}>Profiles</Menu.Item>
              <Menu.Item className={css.item} onClick={() => void navigate({ to: "/audit" })}>Calls to AWS</Menu.Item>
              <Menu.Separator className={css.separator} />
              <Menu.Item className={css.item} onClick={() => void navigate({ to: "/welcome" })}>Switch account…</Menu.Item>
              {account.practice ? <Menu.Item className={css.item} onClick={() => setEmptying(true)}>Empty the practice account…</Menu.Item> : null}
              <Menu.Item className={css.item} onClick={() => disconnect.mutate(undefined, { onSuccess: () => void navigate({ to: "/welcome" }) })}>Disconnect</Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <EmptyPractice open={emptying} onClose={() => setEmptying(false)} />
    </>
  );
}

const themes: { value: Theme; label: string; icon: string }[] = [
  { value: "system", label: "Like the desktop", icon: "screen" },
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
];

function ThemeMenu() {
  const [theme, setTheme] = useState(storedTheme);
  const shown = themes.find((t) => t.value === theme) ?? themes[0];
  return (
    <Menu.Root>
      <Menu.Trigger className={css.iconButton} aria-label="Theme"><Icon name={shown?.icon ?? "screen"} /></Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className={css.positioner}>
          <Menu.Popup className={css.menu}>
            <Menu.RadioGroup value={theme} onValueChange={(value: Theme) => { storeTheme(value); setTheme(value); }}>
              {themes.map((t) => (
                <Menu.RadioItem key={t.value} value={t.value} className={css.item} closeOnClick>
                  <Icon name={t.icon} />
                  <span className={css.itemLabel}>{t.label}</span>
                  <Menu.RadioItemIndicator className={css.tick}><Icon name="check" size={14} /></Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
