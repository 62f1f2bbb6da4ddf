import { Navigate, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useAccount } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { useProductionGuard } from "../../app/production.tsx";
import { useReady } from "../../app/ready.ts";
import { type AccountView, type Choices, type DeployerReview, type DeployerWish, type Findings, HostError, type StackView } from "../../host/index.ts";
import { ErrorNotice, Notice, PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField, SelectField, TextField } from "../../ui/fields.tsx";
import { count } from "../../ui/words.ts";
import { WizardFrame } from "../connect/WizardFrame.tsx";
import wizard from "../connect/wizard.module.css";
import { ChangeList } from "../deploy/ChangeList.tsx";
import { RoleMade } from "./RoleMade.tsx";
import { RoleProgress } from "./RoleProgress.tsx";
import css from "./role.module.css";

const about = {
  happens: "The app asks CloudFormation for one small stack with the role and its policies, shows what would change, and makes it only after you confirm. You need the right to make roles for that; afterwards the role does everyday work.",
  stored: "The role stands in your account. Taking it on gives a session that ends by itself; no key is made.",
  undo: "Delete its stack in CloudFormation. That takes the rights away and touches nothing of the application.",
};

const BOUNDARY = /^arn:aws:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

type Stage = { at: "wish" } | { at: "review"; review: DeployerReview } | { at: "making"; review: DeployerReview; stack: StackView | null } | { at: "made"; arn: string };

export function RoleScreen() {
  const { draft } = useDraft();
  const account = useAccount();
  if (!draft?.choices) return <Navigate to="/new/import" replace />;
  if (account === undefined) return null;
  if (account === null) return <Navigate to="/welcome" replace />;
  return <RoleOf key={`${account.accountId}:${account.region}`} account={account} findings={draft.findings} choices={draft.choices} />;
}

/** The role for a plan, from the wish over its review to the profile that uses it. */
function RoleOf({ account, findings, choices }: { account: AccountView; findings: Findings; choices: Choices }) {
  const host = useHost();
  const navigate = useNavigate();
  const guard = useProductionGuard();
  const [wish, setWish] = useState<DeployerWish>({ onlyMe: true, externalId: null, sessionHours: 1, permissionsBoundary: choices.permissionsBoundary ?? null });
  const [stage, setStage] = useState<Stage>({ at: "wish" });
  const [busy, setBusy] = useState<"review" | "discard" | null>(null);
  const [error, setError] = useState<unknown>(null);
  useReady(`role-${stage.at}`);
  const elsewhere = choices.region !== account.region;

  const attempt = async (what: "review" | "discard", work: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    try {
      await work();
    } catch (thrown) {
      setError(HostError.from(thrown));
    } finally {
      setBusy(null);
    }
  };
  const review = () => attempt("review", async () => {
    const made = await host.deployerReview(findings, choices, wish);
    setStage(made.id === null && made.roleArn !== null ? { at: "made", arn: made.roleArn } : { at: "review", review: made });
  });
  const discard = (made: DeployerReview) => attempt("discard", async () => {
    if (made.id !== null) await host.deployerDiscard(made.app, made.id);
    setStage({ at: "wish" });
  });
  const make = async (made: DeployerReview) => {
    if (made.id === null || !(await guard("Make the role"))) return;
    setError(null);
    setStage({ at: "making", review: made, stack: null });
    try {
      const arn = await host.deployerMake(made.app, made.id, (stack) => setStage((before) => (before.at === "making" ? { ...before, stack } : before)));
      setStage({ at: "made", arn });
    } catch (thrown) {
      setError(HostError.from(thrown));
      setStage({ at: "wish" });
    }
  };

  const badge = account.practice ? <PracticeBadge /> : null;
  if (stage.at === "made") return <Room><RoleMade account={account} arn={stage.arn} app={choices.app} externalId={wish.externalId} /></Room>;
  if (stage.at === "making") {
    return (
      <Room>
        <WizardFrame title="The role is being made" lead={<>CloudFormation makes the stack <code>{stage.review.stack}</code>. It goes on by itself, even if the app is closed.{badge}</>} onBack={null} about={about}>
          <RoleProgress review={stage.review} stack={stage.stack} />
        </WizardFrame>
      </Room>
    );
  }
  if (stage.at === "review") {
    const made = stage.review;
    return (
      <Room>
        <WizardFrame title={made.update ? "Change the role" : "Make the role"} lead={<>Nothing has been changed yet. This is what happens in account {account.practice ? "on this computer" : account.accountId} when you confirm.{badge}</>} onBack={() => void discard(made)} back="Change the wish" about={about}>
          {error ? <ErrorNotice error={error} /> : null}
          <section className={css.part} aria-labelledby="role-changes">
            <h2 id="role-changes">Stack <code>{made.stack}</code> <span className={wizard.small}>{count(made.changes.length, "change")}</span></h2>
            <ChangeList changes={made.changes} />
          </section>
          <p>{made.trusted === null ? "Whoever in this account has the right to may take the role on, and nobody of another account." : <>Only <code>{made.trusted}</code> of this account may take the role on.</>}</p>
          <div className={wizard.actions}>
            <Button tone="primary" size="l" disabled={busy !== null} onClick={() => void make(made)}>{made.update ? "Change the role" : "Make the role"}</Button>
            <Button tone="quiet" size="l" busy={busy === "discard"} disabled={busy !== null} onClick={() => void discard(made)}>Discard</Button>
          </div>
        </WizardFrame>
      </Room>
    );
  }

  const boundaryWrong = wish.permissionsBoundary !== null && !BOUNDARY.test(wish.permissionsBoundary);
  const idWrong = wish.externalId !== null && !EXTERNAL_ID.test(wish.externalId);
  return (
    <Room>
      <WizardFrame title="A role for this plan" lead={<>A role in {account.practice ? "the practice account" : <>account {account.accountId}</>} with exactly the permissions of {choices.app}, and nothing else.{badge}</>} onBack={() => void navigate({ to: "/new/plan" })} back="Plan" about={about}>
        {error ? <ErrorNotice error={error} /> : null}
        {elsewhere ? <Notice tone="warn" title={`The plan is for ${choices.region}, the account is connected to ${account.region}.`}><p>Connect the account with {choices.region}, or plan for {account.region}: the role stands beside the application.</p></Notice> : null}
        <form className={wizard.form} onSubmit={(event) => { event.preventDefault(); void review(); }}>
          <ChoiceField
            label="Who may take it on" layout="list" value={wish.onlyMe ? "me" : "account"} onValue={(value) => setWish({ ...wish, onlyMe: value === "me" })}
            options={[
              { value: "me", label: "Only who is connected now", detail: <code className={css.arn}>{account.arn}</code> },
              { value: "account", label: "Everybody in this account who has the right to", detail: "Whose own rights allow it. Nobody of another account." },
            ]}
          />
          <SelectField label="Longest session" value={String(wish.sessionHours)} onValue={(value) => setWish({ ...wish, sessionHours: Number(value) })} options={[1, 2, 4, 8, 12].map((h) => ({ value: String(h), label: count(h, "hour") }))} hint="Taken on from another role, a session ends after one hour in any case; the app takes a new one by itself." />
          <div className={wizard.pair}>
            <TextField label="External id (optional)" value={wish.externalId ?? ""} onValue={(value) => setWish({ ...wish, externalId: value.trim() || null })} mono autoCapitalize="off" error={idWrong ? "2 or more letters, digits and any of _+=,.@:/-" : null} hint="Must be told to take the role on." />
            <TextField label="Permissions boundary (optional)" value={wish.permissionsBoundary ?? ""} onValue={(value) => setWish({ ...wish, permissionsBoundary: value.trim() || null })} placeholder="arn:aws:iam::123456789012:policy/limit" mono autoCapitalize="off" error={boundaryWrong ? "It looks like arn:aws:iam::123456789012:policy/NAME." : null} hint="Nothing the role does may go beyond it." />
          </div>
          <div className={wizard.actions}><Button type="submit" tone="primary" size="l" busy={busy === "review"} disabled={elsewhere || boundaryWrong || idWrong}>Review what would be made</Button></div>
        </form>
      </WizardFrame>
    </Room>
  );
}

function Room({ children }: { children: ReactNode }) {
  return <div className={css.page}><div className={wizard.room}>{children}</div></div>;
}
