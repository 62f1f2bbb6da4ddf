import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { HostError, type SignInMethod, type SignInNeed, type SignInStep } from "../host/index.ts";
import { SignInWait } from "../features/connect/SignInWait.tsx";
import { Snippet } from "../features/connect/Snippet.tsx";
import { ErrorNotice, Ticks } from "../ui/bits.tsx";
import { Button } from "../ui/Button.tsx";
import { Dialog, DialogActions } from "../ui/Dialog.tsx";
import { TextField } from "../ui/fields.tsx";
import { Icon } from "../ui/icons.tsx";
import { count } from "../ui/words.ts";
import { useHost } from "./host-context.ts";
import css from "./SignInDesk.module.css";

/**
 * Where an expired sign-in is met, on whatever screen one is: a dialog in place, and below the header a bar that says what waits.
 *
 * The core holds the calls; as soon as the profile is signed in they go on where they stopped. Closing the dialog loses nothing.
 */
export function SignInDesk() {
  const host = useHost();
  const client = useQueryClient();
  const [needs, setNeeds] = useState<SignInNeed[]>([]);
  const [closed, setClosed] = useState<readonly string[]>([]);
  const before = useRef<SignInNeed[]>([]);

  useEffect(() => host.signInNeeds((now) => {
    const met = before.current.filter((b) => !now.some((n) => n.profile === b.profile));
    before.current = now;
    setNeeds(now);
    // A need that comes back later is a new one and asks again.
    setClosed((profiles) => profiles.filter((p) => now.some((n) => n.profile === p)));
    // What failed while nobody was signed in is asked for again.
    if (met.length > 0) void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });
    if (met.length > 0) void client.invalidateQueries({ queryKey: ["saved"] });
  }), [host, client]);

  const open = needs.find((n) => !n.putOff && !closed.includes(n.profile));
  const barred = needs.filter((n) => n.putOff || closed.includes(n.profile));
  const [asked, setAsked] = useState<string | null>(null);
  const shown = needs.find((n) => n.profile === asked) ?? open;
  return (
    <>
      {barred.length > 0 ? (
        <div className={css.bars} role="region" aria-label="Paused">
          {barred.map((need) => (
            <div key={need.profile} className={css.bar}>
              <Icon name="lock" size={14} />
              <p><strong>{need.label}</strong> is signed out. {need.putOff ? "Everything that needs it is paused." : need.waiting > 0 ? `${count(need.waiting, "call")} to AWS ${need.waiting === 1 ? "waits" : "wait"} and will go on after the sign-in.` : "Live views are paused and will go on after the sign-in."} What runs in AWS goes on without this window.</p>
              <Button size="s" onClick={() => setAsked(need.profile)}>Sign in</Button>
              {need.putOff ? null : <Button size="s" tone="quiet" onClick={() => void host.signInDismiss(need.profile).catch(() => {})}>Stop waiting</Button>}
            </div>
          ))}
        </div>
      ) : null}
      {shown ? <NeedDialog key={shown.profile} need={shown} onClose={() => { setAsked(null); setClosed([...closed, shown.profile]); }} /> : null}
    </>
  );
}

function NeedDialog({ need, onClose }: { need: SignInNeed; onClose: () => void }) {
  const host = useHost();
  const [waiting, setWaiting] = useState<{ method: SignInMethod; step: SignInStep | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const [digits, setDigits] = useState("");
  const [mfa, setMfa] = useState<string | null>(need.how.kind === "mfa" ? need.how.serial : null);
  const id = useRef<number | null>(null);
  const [error, setError] = useState<HostError | null>(null);
  const attempt = useRef(0);

  const again = async (method: SignInMethod, typed: string | null = null) => {
    attempt.current += 1;
    const mine = attempt.current;
    const current = () => mine === attempt.current;
    setError(null);
    setBusy(true);
    if (need.how.kind === "browser") setWaiting({ method, step: null });
    try {
      await host.signInAgain(need.profile, method, (step) => {
        if (step.kind === "started") id.current = step.id;
        if (!current()) {
          if (step.kind === "started") void host.signInCancel(step.id);
          return;
        }
        if (step.kind !== "mfaWanted") return setWaiting(step.kind === "started" ? null : { method, step });
        setWaiting(null);
        setMfa(step.serial);
        if (typed !== null && id.current !== null) void host.signInCode(id.current, typed);
      });
    } catch (thrown) {
      const problem = HostError.from(thrown);
      if (current() && problem.code !== "cancelled") setError(problem);
    } finally {
      if (current()) {
        setWaiting(null);
        setBusy(false);
      }
    }
  };
  const cancel = () => {
    attempt.current += 1;
    setWaiting(null);
    setBusy(false);
    if (id.current !== null) void host.signInCancel(id.current);
  };
  const sendCode = () => {
    const typed = digits;
    setDigits("");
    void again("browser", typed);
  };
  const close = () => {
    if (busy) cancel();
    onClose();
  };
  const { how } = need;
  return (
    <Dialog
      open onClose={close} title={`${need.label} needs ${how.kind === "mfa" ? "a code of your MFA device" : "a sign-in"} to go on`}
      description={<><Ticks text={need.message} /> What you were doing waits and then goes on where it stopped; nothing is done twice.</>}
    >
      {waiting ? (
        <SignInWait method={waiting.method} step={waiting.step} onCancel={cancel} onCode={() => { cancel(); void again("deviceCode"); }} />
      ) : mfa !== null ? (
        <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (/^\d{6}$/.test(digits)) sendCode(); }}>
          <TextField label="MFA code" value={digits} onValue={(value) => setDigits(value.replace(/\D/g, "").slice(0, 6))} inputMode="numeric" mono hint={`The six digits that ${mfa} shows now.`} />
          {error ? <ErrorNotice error={error} /> : null}
          <DialogActions>
            <Button tone="quiet" onClick={close}>Not now</Button>
            <Button type="submit" tone="primary" busy={busy} disabled={!/^\d{6}$/.test(digits)}>Go on</Button>
          </DialogActions>
        </form>
      ) : (
        <div className={css.form}>
          {how.kind === "elsewhere" ? <><p>The AWS CLI keeps this session. Run this in a terminal:</p><Snippet text={how.command} label="Copy the command" /></> : null}
          {error ? <ErrorNotice error={error} /> : null}
          <DialogActions>
            <Button tone="quiet" onClick={close}>Not now</Button>
            {how.kind === "browser" ? <Button busy={busy} onClick={() => void again("deviceCode")}>Use a code</Button> : null}
            <Button tone="primary" busy={busy} onClick={() => void again("browser")}>{how.kind === "browser" ? "Sign in with the browser" : "I have signed in"}</Button>
          </DialogActions>
        </div>
      )}
    </Dialog>
  );
}
