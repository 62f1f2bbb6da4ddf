import type { ChangeRow } from "../../host/index.ts";
import { Badge } from "../../ui/bits.tsx";
import { changeWord } from "../../ui/words.ts";
import css from "./Review.module.css";

/** What a change set would do, in words. */
export function ChangeList({ changes }: { changes: ChangeRow[] }) {
  return (
    <ul className={css.changes}>
      {changes.map((change) => (
        <li key={change.logicalId}>
          <Badge tone={change.action === "add" ? "ok" : change.action === "modify" ? "run" : change.action === "mayReplace" ? "warn" : "bad"}>{changeWord[change.action]}</Badge>
          <div><p>{change.description}</p>{change.properties.length > 0 ? <p className={css.sub}>{change.properties.join(", ")}</p> : null}</div>
          <code className={css.type}>{change.resourceType} {change.logicalId}</code>
        </li>
      ))}
    </ul>
  );
}
