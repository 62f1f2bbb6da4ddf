import type { Check, CheckResult } from "../../host/index.ts";
import { Badge, Ticks } from "../../ui/bits.tsx";
import css from "./views.module.css";

const groups: { result: CheckResult; title: string; tone: "ok" | "run" | "warn" | "bad"; word: string }[] = [
  { result: "failed", title: "Must be changed first", tone: "bad", word: "Failed" },
  { result: "satisfied", title: "Holds for this plan", tone: "ok", word: "Satisfied" },
  { result: "accepted", title: "Accepted, with the reason", tone: "warn", word: "Accepted" },
  { result: "option", title: "Possible for extra money", tone: "run", word: "Option" },
];

export function ChecksView({ checks }: { checks: Check[] }) {
  return (
    <div className={css.view}>
      {groups.map((group) => {
        const mine = checks.filter((c) => c.result === group.result);
        if (mine.length === 0) return null;
        return (
          <section key={group.result} aria-label={group.title} className={css.checkGroup}>
            <h2 className={css.checkTitle}>{group.title}</h2>
            <ul className={css.checks}>
              {mine.map((check) => (
                <li key={check.id}>
                  <Badge tone={group.tone}>{group.word}</Badge>
                  <div><p className={css.checkStatement}>{check.title}</p><p className={css.checkDetail}><Ticks text={check.detail} /></p></div>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
