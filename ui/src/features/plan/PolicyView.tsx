import { useNavigate } from "@tanstack/react-router";
import { useAccount } from "../../app/account.ts";
import type { PlannedPolicy } from "../../host/index.ts";
import { CopyButton, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CodeView } from "../../ui/CodeView.tsx";
import css from "./views.module.css";

/** What a person must be allowed, each statement with its reason, and the documents to create in IAM. */
export function PolicyView({ policies }: { policies: PlannedPolicy[] }) {
  const navigate = useNavigate();
  const account = useAccount();
  return (
    <div className={css.filled}>
      {account ? (
        <Notice title="Let the app make a role with exactly these permissions" actions={<Button size="s" onClick={() => void navigate({ to: "/new/role" })}>Create the role for me</Button>}>
          <p>You see every change before anything is made, and the app can use the role from then on.</p>
        </Notice>
      ) : (
        <Notice title="No account yet, or no rights in it?" actions={<Button size="s" onClick={() => void navigate({ to: "/welcome" })}>Show the ways in</Button>}>
          <p>Connected as somebody who may make roles, the app makes one with exactly these permissions. Without an account, “I have no account or no key yet” leads there step by step.</p>
        </Notice>
      )}
      {policies.length > 1 && <p>IAM takes 6,144 characters in one policy, so there are {policies.length}; all of them are needed.</p>}
      {policies.map((policy) => (
        <section key={policy.name}>
          <div className={css.fileHead}>
            <p>The permissions a person needs to deploy and operate exactly this plan. Attach it to a user or role in IAM.</p>
            <CopyButton text={policy.document} label="Copy the policy" />
          </div>
          <ul className={css.reasons}>
            {policy.statements.map((statement) => <li key={statement.sid}><strong>{statement.sid}</strong> {statement.why}.</li>)}
          </ul>
          <CodeView path={`${policy.name}.policy.json`} text={policy.document} />
        </section>
      ))}
    </div>
  );
}
