import type { PlannedPolicy } from "../../host/index.ts";
import { CopyButton } from "../../ui/bits.tsx";
import { CodeView } from "../../ui/CodeView.tsx";
import css from "./views.module.css";

/** What a person must be allowed, each statement with its reason, and the documents to create in IAM. */
export function PolicyView({ policies }: { policies: PlannedPolicy[] }) {
  return (
    <div className={css.filled}>
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
