import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useAccount } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { Choices, Plan } from "../../host/index.ts";
import { Badge, ErrorNotice, Loading, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { dollars } from "../../ui/words.ts";
import { isComplete } from "../import/completeness.ts";
import { ChecksView } from "./ChecksView.tsx";
import { DiagramView } from "./DiagramView.tsx";
import { type FilePlace, FilesView } from "./FilesView.tsx";
import { complete } from "./options/complete.ts";
import { groupOf, labelOf } from "./options/groups.ts";
import { appNameError, branchError, Options } from "./options/Options.tsx";
import { useQuotes } from "./options/useQuotes.ts";
import { PolicyView } from "./PolicyView.tsx";
import { PriceView } from "./PriceView.tsx";
import css from "./PlanScreen.module.css";

type PlanTab = "architecture" | "price" | "checks" | "files" | "policy";

export function PlanScreen() {
  const { draft } = useDraft();
  if (!draft || !isComplete(draft.findings)) return <Navigate to="/new/import" replace />;
  return <PlanOf />;
}

function PlanOf() {
  useReady("plan");
  const host = useHost();
  const account = useAccount();
  const navigate = useNavigate();
  const { draft, patch } = useDraft();
  const [tab, setTab] = useState<PlanTab>("architecture");
  const [place, setPlace] = useState<FilePlace | null>(null);
  const findings = draft?.findings;
  const choices = draft?.choices ?? null;

  // What the fields themselves already refuse is not worth a plan.
  const problem = choices ? appNameError(choices.app) ?? branchError(choices.branch) : null;
  const key = [draft?.path, findings?.chosen, draft?.overrides];
  const plan = useQuery({
    queryKey: ["plan", ...key, choices],
    queryFn: () => (findings ? host.planMake(findings, choices) : Promise.reject(new Error("nothing was imported"))),
    enabled: problem === null,
    staleTime: Infinity, gcTime: 30_000,
  });
  // What other choices would cost is asked for when the plan itself is on the screen and nobody types, which is what a person waits for.
  const [rested, setRested] = useState(choices);
  useEffect(() => {
    const timer = setTimeout(() => setRested(choices), 150);
    return () => clearTimeout(timer);
  }, [choices]);
  const { quotes, offers, settled } = useQuotes(key, findings, choices, problem === null, !plan.isFetching && rested === choices);
  const [groups, setGroups] = useState<ReadonlySet<string>>(new Set(["application"]));
  const side = useRef<HTMLDivElement>(null);
  const [sought, setSought] = useState<string | null>(null);
  useEffect(() => {
    if (sought === null) return;
    const options = [...(side.current?.querySelectorAll<HTMLElement>("[data-choice]") ?? [])];
    const option = options.find((o) => o.dataset["choice"] === sought) ?? options.find((o) => sought.startsWith(`${o.dataset["choice"]}.`));
    option?.querySelector<HTMLElement>("input:not(:disabled), select:not(:disabled), textarea:not(:disabled)")?.focus();
    setSought(null);
  }, [sought]);
  // The plan before stays in view until the next one is there, and while the options cannot be planned.
  const [shown, setShown] = useState<Plan | null>(null);
  if (plan.data && plan.data !== shown) setShown(plan.data);

  // The planner suggests the first choices; the region is that of the account, where there is one.
  useEffect(() => {
    if (choices === null && plan.data) patch({ choices: { ...plan.data.inputs.choices, region: account?.region ?? plan.data.inputs.choices.region } });
  }, [choices, plan.data, patch, account?.region]);

  const failed = plan.data?.checks.filter((c) => c.result === "failed") ?? [];
  const openGroup = useCallback((id: string, on: boolean) => setGroups((before) => new Set(on ? [...before, id] : [...before].filter((other) => other !== id))), []);
  const practice = !account || account.practice;
  const options = useMemo(
    () => (choices && findings ? <Options choices={complete(choices)} findings={findings} quotes={quotes} offers={offers} open={groups} onOpen={openGroup} practice={practice} onChange={(next: Choices) => patch({ choices: next, review: null })} /> : null),
    [choices, findings, quotes, offers, groups, openGroup, practice, patch],
  );
  // Drawn again for another plan, not for every letter that is typed on the left.
  const views = useMemo(() => {
    if (!shown) return null;
    const open = (resources: string[]) => {
      const stack = shown.stacks.find((s) => s.resources.some((r) => resources.includes(r.logicalId)));
      const resource = stack?.resources.find((r) => resources.includes(r.logicalId));
      if (!stack || !resource) return;
      setPlace({ path: stack.templateFile, line: resource.line });
      setTab("files");
    };
    return (
      <Tabs label="Views of the plan" fill value={tab} onValue={setTab} items={[
        { value: "architecture", label: "Architecture", content: <DiagramView diagram={shown.diagram} onOpen={open} /> },
        { value: "price", label: "Price", content: <PriceView price={shown.price} findings={shown.inputs.findings} choices={shown.inputs.choices} /> },
        { value: "checks", label: "Checks", mark: failed.length > 0 ? <Badge tone="bad">{failed.length}</Badge> : undefined, content: <ChecksView checks={shown.checks} /> },
        { value: "files", label: "Files", content: <FilesView plan={shown} place={place} onPlace={setPlace} /> },
        { value: "policy", label: "Policy", content: <PolicyView policies={shown.policies} /> },
      ]} />
    );
  }, [shown, tab, place, failed.length]);

  if (!draft) return null;
  const ready = plan.isSuccess && choices !== null && failed.length === 0;
  const show = (field: string) => {
    const group = groupOf(field);
    if (group) openGroup(group.id, true);
    setSought(field);
  };
  // What the planner refuses is named as the panel names it, and not by its path.
  const refused = plan.error && settled ? quotes.now?.refusal ?? null : null;
  const field = refused?.field ?? null;
  const label = field === null ? null : labelOf(field);

  return (
    <div className={css.split}>
      <section className={css.side} aria-label="Options">
        <div className={css.options} ref={side}>
          <h1 className={css.title}>Plan</h1>
          {options ?? (plan.error ? null : <Loading>Making a first plan</Loading>)}
        </div>
        <footer className={css.foot}>
          {plan.error && refused && field !== null && label ? (
            <div className={css.blocker} role="alert">
              <p><strong>{label}: </strong><Ticks text={`${refused.rule}.`} /></p>
              <Button size="s" onClick={() => show(field)}>Show it</Button>
            </div>
          ) : plan.error && settled ? <ErrorNotice error={plan.error} /> : null}
          {failed.map((check) => <p key={check.id} className={css.blocker} role="alert" title={check.title}><strong>Before it can be deployed: </strong><Ticks text={check.detail} /></p>)}
          {shown ? (
            <p className={css.total} aria-live="polite"><strong>{dollars(shown.price.total)}</strong> a month{shown.price.confirmed ? null : <Badge tone="warn" title="Not every unit price was confirmed for this region.">estimate</Badge>}</p>
          ) : null}
          <Button tone="primary" size="l" disabled={!ready} onClick={() => void navigate({ to: "/new/review" })}>Review and deploy</Button>
        </footer>
      </section>
      <section className={css.result} aria-label="Result" aria-busy={plan.isFetching || undefined}>
        {views ?? (plan.error ? null : <Loading>Working out what would be built</Loading>)}
      </section>
    </div>
  );
}
