import { useMutation, useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useAccount } from "../../app/account.ts";
import { useDraft } from "../../app/draft.tsx";
import { useProductionGuard } from "../../app/production.tsx";
import { PreflightPanel } from "../preflight/PreflightPanel.tsx";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { EdgeReview, ReviewView } from "../../host/index.ts";
import { Address, Badge, ErrorNotice, Loading, Notice, PracticeBadge } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import { count, dollars, stackWord } from "../../ui/words.ts";
import { ConnectFlow } from "../connect/ConnectFlow.tsx";
import { ChangeList } from "./ChangeList.tsx";
import css from "./Review.module.css";

export function ReviewScreen() {
  useReady("review");
  const { draft } = useDraft();
  const account = useAccount();
  if (!draft?.choices) return <Navigate to="/new/import" replace />;
  if (account === undefined) return null;
  if (account === null) {
    return (
      <Page title="Where should it be built?" lead="The plan is kept. A review asks CloudFormation what it would change; that needs an account.">
        <div className={css.connect}><ConnectFlow proof={false} onConnected={() => {}} /></div>
      </Page>
    );
  }
  return <ReviewOf key={`${account.accountId}:${account.region}`} />;
}

function ReviewOf() {
  const host = useHost();
  const navigate = useNavigate();
  const account = useAccount();
  const { draft, patch, setDraft } = useDraft();
  const findings = draft?.findings;
  const choices = draft?.choices;
  // A review belongs to one account and region; after a change of account it is made anew.
  const kept = draft?.review && draft.review.account.accountId === account?.accountId && draft.review.account.region === account.region ? draft.review : null;

  const made = useQuery({
    queryKey: ["review", account?.accountId, account?.region, draft?.path, choices],
    queryFn: () => (findings && choices ? host.deployReview(findings, choices) : Promise.reject(new Error("nothing was planned"))),
    enabled: kept === null,
    gcTime: 0, staleTime: Infinity,
  });
  const review = kept ?? made.data ?? null;
  useEffect(() => {
    if (made.data && kept === null) patch({ review: made.data });
  }, [made.data, kept, patch]);

  // The hand-shake happens in a browser; the app notices by itself when it is done.
  const waits = review !== null && !review.connection.available && !review.account.practice;
  const connection = useQuery({
    queryKey: ["connection", review?.id],
    queryFn: () => (review ? host.deployConnection(review.id) : Promise.reject(new Error("nothing was reviewed"))),
    enabled: waits,
    refetchInterval: (query) => (query.state.data?.available ? false : 3000),
    gcTime: 0,
  });
  const blocked = waits && connection.data?.available !== true;

  const guard = useProductionGuard();
  const execute = useMutation({
    mutationFn: (view: ReviewView) => host.deployExecute(view.id),
    onSuccess: (_, view) => {
      // The draft is dropped only after this screen, which needs it, is gone.
      void navigate({ to: "/applications/$app/deployment", params: { app: view.app } }).then(() => setDraft(null));
    },
  });
  const discard = useMutation({
    mutationFn: (view: ReviewView) => host.deployDiscard(view.id),
    onSuccess: () => {
      patch({ review: null });
      void navigate({ to: "/new/plan" });
    },
  });

  const moveHere = useMutation({
    mutationFn: (view: ReviewView) => host.deployDiscard(view.id),
    onSuccess: (_, view) => {
      if (choices) patch({ choices: { ...choices, region: view.account.region }, review: null });
    },
  });
  const elsewhere = review !== null && Boolean(choices) && review.account.region !== choices?.region;

  if (made.error && !review) return <Page title="Review"><ErrorNotice error={made.error} retry={() => void made.refetch()} /></Page>;
  if (!review) return <Page title="Review"><Loading>CloudFormation works out what it would change</Loading></Page>;
  const busy = execute.isPending || discard.isPending || moveHere.isPending;
  return (
    <Page
      title={<>{review.update ? `Change ${review.app}` : `Build ${review.app}`}{review.account.practice ? <PracticeBadge /> : null}</>}
      lead="Nothing has been built yet. This is what happens when you confirm."
      actions={
        <>
          <Button tone="quiet" size="l" busy={discard.isPending} disabled={busy} onClick={() => discard.mutate(review)}>Discard</Button>
          <Button tone="primary" size="l" busy={execute.isPending} disabled={busy || blocked || elsewhere} onClick={() => void guard(`Deploy ${review.app}`).then((yes) => yes && execute.mutate(review))}>{review.account.practice ? "Deploy to the practice account" : `Deploy to ${review.account.accountId}`}</Button>
        </>
      }
    >
      {execute.error ? <ErrorNotice error={execute.error} /> : null}
      {discard.error ?? moveHere.error ? <ErrorNotice error={discard.error ?? moveHere.error} /> : null}
      <dl className={css.facts}>
        <div><dt>Account</dt><dd>{review.account.practice ? "On this computer" : review.account.accountId}</dd><dd className={css.sub} title={review.account.arn}>{review.account.arn}</dd></div>
        <div><dt>Region</dt><dd>{review.account.region}</dd></div>
        <div><dt>Price</dt><dd>{dollars(review.monthly)} a month</dd>{review.account.practice ? <dd className={css.sub}>in a real account; here nothing</dd> : null}</div>
      </dl>
      {elsewhere ? (
        <Notice tone="warn" title={`The plan is for ${choices?.region}, the account is connected to ${review.account.region}.`} actions={<Button size="s" busy={moveHere.isPending} onClick={() => moveHere.mutate(review)}>Plan for {review.account.region}</Button>}>
          <p>Prices differ between regions. To deploy to {choices?.region}, connect the account with that region.</p>
        </Notice>
      ) : null}
      {review.previousFailure ? (
        <Notice tone="warn" title={<>The attempt before failed at <code>{review.previousFailure.what}</code>; what is left of it is removed first.</>}>
          <p>{review.previousFailure.meaning} {review.previousFailure.fix}</p>
        </Notice>
      ) : null}
      {blocked ? (
        <Notice tone="warn" title="The source host needs your permission first">
          <p>Open this page of the AWS console, choose <code>{review.connection.name}</code> and confirm it. This screen notices when it is done.</p>
          <Address url={review.connection.consoleUrl} label="address of the AWS console" />
        </Notice>
      ) : waits ? <Notice tone="ok" title="The source host is connected." /> : null}
      {connection.error ? <ErrorNotice error={connection.error} retry={() => void connection.refetch()} /> : null}
      {review.edge && !review.edge.afterRelease ? <EdgePart edge={review.edge} /> : null}
      <section className={css.part} aria-labelledby="now">
        <h2 id="now">{review.edge && !review.edge.afterRelease ? "Then" : "Now"}: {stackWord.pipeline.title.toLowerCase()} stack <span className={css.count}>{review.changes.length === 0 ? "no changes" : count(review.changes.length, "change")}</span></h2>
        {review.changes.length === 0 ? <p className={css.sub}>It is already as planned; the pipeline runs with the new templates.</p> : (
          <ChangeList changes={review.changes} />
        )}
      </section>
      {findings && choices && !review.account.practice ? <PreflightPanel findings={findings} choices={choices} /> : null}
      <section className={css.part} aria-labelledby="later">
        <h2 id="later">After that, by the pipeline</h2>
        <ul className={css.changes}>
          {review.later.map((stack) => (
            <li key={stack.name}>
              <Badge>{stackWord[stack.role].title}</Badge>
              <p>{stackWord[stack.role].sentence}: {count(stack.resources, "resource")}</p>
              <code className={css.type}>{stack.name}</code>
            </li>
          ))}
        </ul>
      </section>
      {review.edge?.afterRelease ? <EdgePart edge={review.edge} /> : null}
    </Page>
  );
}

function EdgePart({ edge }: { edge: EdgeReview }) {
  return (
    <section className={css.part} aria-labelledby="edge">
      <h2 id="edge">{edge.afterRelease ? "At the end" : "First"}: {stackWord.edge.title.toLowerCase()} stack in {edge.region} <span className={css.count}>{count(edge.changes.length, "change")}</span></h2>
      {edge.afterRelease ? <p className={css.sub}>Until the release is through, the site uses it.</p> : null}
      {edge.waitsForDns ? <p className={css.sub}>AWS issues the certificate when it sees a record at your DNS provider. The deployment shows the record and waits for it, also while the app is closed.</p> : null}
      <ChangeList changes={edge.changes} />
    </section>
  );
}
