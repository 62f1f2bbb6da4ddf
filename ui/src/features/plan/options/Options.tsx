import { type ReactNode, useId } from "react";
import type { Findings, Offer } from "../../../host/index.ts";
import { Badge } from "../../../ui/bits.tsx";
import { Button } from "../../../ui/Button.tsx";
import { Icon } from "../../../ui/icons.tsx";
import type { Complete } from "./complete.ts";
import { concerns, groups } from "./groups.ts";
import type { Group, Quotes } from "./option.ts";
import { OptionField } from "./OptionField.tsx";
import { Presets } from "./Presets.tsx";
import css from "./options.module.css";

/** The name's rule, said before the planner has to refuse it. */
export function appNameError(app: string): string | null {
  return /^[a-z](?:[a-z0-9]|-(?!-)){1,18}[a-z0-9]$/.test(app) ? null : "3 to 20 lower-case letters, digits and single hyphens, starting with a letter.";
}

export function branchError(branch: string): string | null {
  return branch.trim() === "" ? "Releases are made from a branch: name one." : null;
}

type OptionsProps = {
  choices: Complete;
  findings: Findings;
  quotes: Quotes;
  offers: Offer[];
  /** Ids of the groups that are open. */
  open: ReadonlySet<string>;
  onOpen: (id: string, open: boolean) => void;
  /** Nothing real is fetched yet, so that a stand-in for the repository does. */
  practice: boolean;
  onChange: (choices: Complete) => void;
};

/** Every choice of a plan, in groups that say what is chosen while they are closed. */
export function Options({ choices: c, findings, quotes, offers, open, onOpen, practice, onChange }: OptionsProps) {
  const half = (path: string | null) => (path === null ? "none" : path === "." ? findings.name : path);
  const own = (path: string): string | null => (path === "app" ? appNameError(c.app) : path === "branch" ? branchError(c.branch) : null);
  const refused = quotes.now?.refusal?.field ?? null;
  const wrong = (group: Group) => group.options.some((o) => own(o.path) !== null || (refused !== null && concerns(refused, o.path)));
  return (
    <div className={css.options}>
      <p className={css.halves}>{half(findings.chosen.frontend)} <span>and</span> {half(findings.chosen.backend)}</p>
      <Presets offers={offers} choices={c} onChange={(choices) => onChange(choices as Complete)} />
      <div className={css.groups}>
        {groups.map((group) => (
          <GroupOf key={group.id} group={group} choices={c} open={open.has(group.id)} wrong={wrong(group)} onOpen={(next) => onOpen(group.id, next)}>
            {group.id === "edge" && (c.domain || c.webFirewall) ? <p className={css.aside}>{c.domain && c.domain.dns.kind === "outside" ? "The deployment waits until you have entered the records that it shows at your DNS provider. " : ""}Stands in us-east-1, where CloudFront takes certificates and firewalls from.</p> : null}
            {group.options.map((option) => (
              <div key={option.path} className={css.slot}>
                <OptionField option={option} choices={c} quotes={quotes} error={own(option.path)} onChange={onChange} />
                {option.path === "repository" && c.repository === null && practice && appNameError(c.app) === null ? <Button size="s" className={css.standIn} onClick={() => onChange({ ...c, repository: `practice/${c.app}` })}>Use practice/{c.app} for now</Button> : null}
              </div>
            ))}
          </GroupOf>
        ))}
      </div>
    </div>
  );
}

type GroupOfProps = { group: Group; choices: Complete; open: boolean; wrong: boolean; onOpen: (open: boolean) => void; children: ReactNode };

function GroupOf({ group, choices, open, wrong, onOpen, children }: GroupOfProps) {
  const id = useId();
  const summary = group.summary(choices);
  return (
    <section className={css.group} aria-labelledby={`${id}-title`}>
      <h2 className={css.groupHead}>
        <button type="button" className={css.groupButton} aria-expanded={open} aria-controls={open ? `${id}-body` : undefined} onClick={() => onOpen(!open)}>
          <Icon name="chevron" size={14} />
          <span className={css.groupText}><span id={`${id}-title`} className={css.groupTitle}>{group.title}</span><span className={css.summary} title={summary}>{summary}</span></span>
          {wrong ? <Badge tone="bad">Look here</Badge> : null}
        </button>
      </h2>
      {open ? <div id={`${id}-body`} className={css.body}>{children}</div> : null}
    </section>
  );
}
