import { useNow } from "../app/live.ts";
import type { Live } from "../app/live.ts";
import { Badge } from "./bits.tsx";
import { lengthOfTime, timeOfDay } from "./words.ts";
import css from "./LiveStatus.module.css";

/** How old a live view is, and what keeps it from being fresh. */
export function LiveStatus<S>({ live }: { live: Live<S> }) {
  const now = useNow();
  if (live.kind !== "live") return null;
  const age = Math.max(0, now - live.at);
  // A clock that disagrees with the backend's (or a test's) is shown as a time of day instead of an age.
  const words = live.at > now + 5000 || age > 3_600_000 ? `as of ${timeOfDay(live.at)}` : age < 3000 ? "up to date" : `${lengthOfTime(age)} old`;
  return (
    <span className={css.status}>
      {live.trouble ? <Badge tone="warn">asking again in {live.trouble.retryInSeconds} s</Badge> : null}
      <span className={css.dot} data-stale={live.trouble || live.closed || age > 15_000 ? true : undefined} aria-hidden="true" />
      <span className={css.words}>{live.closed ? `ended, ${words}` : words}</span>
    </span>
  );
}
