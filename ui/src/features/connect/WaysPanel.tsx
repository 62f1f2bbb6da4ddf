import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useHost } from "../../app/host-context.ts";
import type { AccountTarget, AccountView } from "../../host/index.ts";
import { Badge, ErrorNotice, Loading, Ticks } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { PracticeOffer } from "./PracticeOffer.tsx";
import { type Offer, offers, surroundingsQuery, type WayChoice } from "./ways.ts";
import css from "./wizard.module.css";

/** Region for profiles that name none. */
const USUAL_REGION = "eu-west-1";

type WaysPanelProps = {
  /** Which offer is being connected. */
  going: string | null;
  trouble: ReactNode;
  onConnect: (target: AccountTarget, key: string, fresh: boolean) => void;
  onChoose: (choice: WayChoice) => void;
  onConnected: (account: AccountView) => void;
  startWithPractice: boolean;
};

/** Every way into an account, the best one first and with the reason. */
export function WaysPanel({ going, trouble, onConnect, onChoose, onConnected, startWithPractice }: WaysPanelProps) {
  const host = useHost();
  const ways = useQuery(surroundingsQuery(host));
  const saved = useQuery({ queryKey: ["saved"], queryFn: () => host.profilesSaved() });
  const files = useQuery({ queryKey: ["profiles"], queryFn: () => host.profileList() });
  const info = useQuery({ queryKey: ["app-info"], queryFn: () => host.appInfo(), staleTime: Infinity });
  const known = !ways.isPending && !saved.isPending && !files.isPending && !info.isPending;
  const list = offers(ways.data?.ways ?? [], saved.data ?? [], files.data ?? [], info.data?.lastAccount ?? null, USUAL_REGION, saved.dataUpdatedAt);
  // The best one is named only when everything is known; the others can be used while the keychain says how saved profiles are.
  const best = known ? list[0] : undefined;
  const others = known ? list.slice(1) : list;
  const found = others.filter((o) => o.found);
  const more = others.filter((o) => !o.found);
  const act = (offer: Offer) => {
    const { act: what } = offer;
    if (what.kind === "open") onChoose(what.choice);
    // What was saved or used before has been looked at then.
    else onConnect(what.target, offer.key, what.target.kind === "profile" && !offer.last);
  };
  const error = ways.error ?? saved.error ?? files.error;
  return (
    <section className={css.panel} aria-label="Choose an account">
      <div className={css.panelHead}><h2>Connect your AWS account</h2>{saved.data && saved.data.length > 0 ? <Link to="/profiles" className={css.quietLink}>Profiles</Link> : null}</div>
      {!known && !error ? <Loading>Looking at what is on this computer; with saved profiles, a keychain may ask for its password first</Loading> : null}
      {error ? <ErrorNotice error={error} retry={() => { void ways.refetch(); void saved.refetch(); void files.refetch(); }} /> : null}
      {best ? (
        <div className={css.best}>
          <p className={css.bestHead}><strong>{best.title}</strong><Badge tone="ok">{best.last ? "used last" : "best way here"}</Badge></p>
          <p><Ticks text={best.reason} /></p>
          <Button tone="primary" size="l" busy={going === best.key} disabled={going !== null} aria-label={best.act.kind === "connect" ? best.act.label : undefined} onClick={() => act(best)}>{best.act.kind === "connect" ? "Connect" : best.act.label}</Button>
        </div>
      ) : null}
      {trouble}
      {found.length > 0 ? (
        <div className={css.group}>
          <h3>Found on this computer</h3>
          <ul className={css.offers} aria-label="Found on this computer">
            {found.map((offer) => (
              <li key={offer.key}>
                <div><p className={css.offerTitle}>{offer.title}</p><p className={css.small}><Ticks text={offer.reason} /></p></div>
                {offer.keyInFile === null ? null : <Button size="s" tone="quiet" aria-label={`Move key of ${offer.keyInFile} into the keychain`} onClick={() => onChoose({ way: "moveKey", profile: offer.keyInFile ?? "" })}>Move key…</Button>}
                <Button size="s" aria-label={offer.act.kind === "connect" ? offer.act.label : `${offer.act.label} at ${offer.title}`} busy={going === offer.key} disabled={going !== null} onClick={() => act(offer)}>{offer.act.kind === "connect" ? "Connect" : offer.act.label}</Button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {more.length > 0 ? (
        <div className={css.group}>
          <h3>{found.length > 0 || best?.found ? "Another way" : "Other ways"}</h3>
          <ul className={css.more} aria-label="Other ways">
            {more.map((offer) => <li key={offer.key}><button type="button" className={css.moreButton} disabled={going !== null} title={offer.reason.replaceAll("`", "")} onClick={() => act(offer)}>{offer.title}</button></li>)}
          </ul>
        </div>
      ) : null}
      <p className={css.or}>or without AWS</p>
      <PracticeOffer onConnected={onConnected} auto={startWithPractice} />
    </section>
  );
}
