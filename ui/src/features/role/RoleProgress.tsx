import type { DeployerReview, StackView } from "../../host/index.ts";
import { Loading, StateMark } from "../../ui/bits.tsx";
import css from "./role.module.css";

/** The stack of the role while it is being made, in the words of its review. */
export function RoleProgress({ review, stack }: { review: DeployerReview; stack: StackView | null }) {
  const row = (id: string) => stack?.resources.find((r) => r.logicalId === id);
  return (
    <>
      <ul className={css.progress} aria-label="Resources of the stack">
        {review.changes.map((change) => {
          const now = row(change.logicalId);
          return (
            <li key={change.logicalId}>
              <StateMark state={now?.state ?? "waiting"} />
              <div><p>{change.description}</p>{now?.reason ? <p className={css.reason}>{now.reason}</p> : null}</div>
              <code>{change.logicalId}</code>
            </li>
          );
        })}
      </ul>
      <Loading>{stack === null ? "Waiting for CloudFormation to begin" : "AWS usually needs less than a minute"}</Loading>
    </>
  );
}
