import { CopyButton } from "../../ui/bits.tsx";
import { CodeView } from "../../ui/CodeView.tsx";
import css from "./views.module.css";

export function PolicyView({ policy, app }: { policy: string; app: string }) {
  return (
    <div className={css.filled}>
      <div className={css.fileHead}>
        <p>The permissions a person needs to deploy and operate exactly this plan. Attach it to a user or role in IAM.</p>
        <CopyButton text={policy} label="Copy the policy" />
      </div>
      <CodeView path={`${app}-policy.json`} text={policy} />
    </div>
  );
}
