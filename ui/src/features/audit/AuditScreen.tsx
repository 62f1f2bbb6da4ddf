import { keepPreviousData, useMutation, useQueries, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useLayoutEffect, useRef, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import { useReady } from "../../app/ready.ts";
import type { AuditEntry, AuditFilter, Host } from "../../host/index.ts";
import { Badge, CopyButton, Empty, ErrorNotice, Loading, Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CheckField, SelectField, TextField } from "../../ui/fields.tsx";
import { Page } from "../../ui/Page.tsx";
import css from "./audit.module.css";

/** Height of a row and length of a page of the log. */
const ROW = 34;
const PAGE = 200;
const MARGIN = 12;

const whole: AuditFilter = { profile: null, service: null, text: null, failed: false, changes: false };

const pageQuery = (host: Host, filter: AuditFilter, page: number) => ({ queryKey: ["audit", filter, page], queryFn: () => host.auditPage(filter, page * PAGE, PAGE), staleTime: 30_000, gcTime: 60_000 });

const time = new Intl.DateTimeFormat("en-US", { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

/** Every call the app made to AWS, from the log on this computer. Only the rows in view exist, and only their pages are read. */
export function AuditScreen() {
  useReady("audit");
  const host = useHost();
  const [filter, setFilter] = useState<AuditFilter>(whole);
  const used = useDeferredValue(filter);
  const first = useQuery({ ...pageQuery(host, used, 0), placeholderData: keepPreviousData });
  const save = useMutation({ mutationFn: () => host.auditExport(used) });
  const data = first.data;
  const empty = data !== undefined && data.profiles.length === 0;
  const options = (all: string, names: string[] | undefined) => [{ value: "", label: all }, ...(names ?? []).map((name) => ({ value: name, label: name }))];
  const narrowed = JSON.stringify(filter) !== JSON.stringify(whole);
  return (
    <Page
      wide title="Calls to AWS" lead="Every call this app made, kept in a file of this computer: when, as whom, what, and how it ended. Never a value."
      actions={<><Button busy={first.isFetching} onClick={() => void first.refetch()}>Refresh</Button><Button disabled={!data || data.total === 0} busy={save.isPending} onClick={() => save.mutate()}>Export as JSON lines…</Button></>}
    >
      {first.isPending ? <Loading>Reading the log</Loading> : null}
      {first.error ? <ErrorNotice error={first.error} retry={() => void first.refetch()} /> : null}
      {save.error ? <ErrorNotice error={save.error} /> : null}
      {save.data ? <Notice tone="ok" title={<>Written to <code>{save.data}</code></>} /> : null}
      {empty ? <Empty title="No call yet">The log begins with the first account you connect.</Empty> : null}
      {data && !empty ? (
        <>
          <div className={css.filters}>
            <TextField label="Search" type="search" value={filter.text ?? ""} onValue={(text) => setFilter({ ...filter, text: text || null })} placeholder="Operation, resource, request id or result" />
            <SelectField label="Profile" value={filter.profile ?? ""} onValue={(profile) => setFilter({ ...filter, profile: profile || null })} options={options("All profiles", data.profiles)} />
            <SelectField label="Service" value={filter.service ?? ""} onValue={(service) => setFilter({ ...filter, service: service || null })} options={options("All services", data.services)} />
            <div className={css.marks}>
              <CheckField label="Failed only" checked={filter.failed} onChecked={(failed) => setFilter({ ...filter, failed })} />
              <CheckField label="Changes only" checked={filter.changes} onChecked={(changes) => setFilter({ ...filter, changes })} />
            </div>
          </div>
          <p className={css.count} role="status">{data.total.toLocaleString("en-US")} {data.total === 1 ? "call" : "calls"}{narrowed ? " match" : ""}</p>
          {data.total === 0 ? <Empty title="Nothing matches" action={<Button onClick={() => setFilter(whole)}>Show all calls</Button>} /> : <Rows key={JSON.stringify(used)} filter={used} total={data.total} />}
        </>
      ) : null}
    </Page>
  );
}

function Rows({ filter, total }: { filter: AuditFilter; total: number }) {
  const host = useHost();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 480 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight || 480 });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(view.top / ROW) - MARGIN);
  const to = Math.min(total, Math.ceil((view.top + view.height) / ROW) + MARGIN);
  const pages = Array.from({ length: Math.floor((Math.max(from, to - 1)) / PAGE) - Math.floor(from / PAGE) + 1 }, (_, i) => Math.floor(from / PAGE) + i);
  const loaded = useQueries({ queries: pages.map((page) => pageQuery(host, filter, page)) });
  const at = (i: number): AuditEntry | undefined => loaded[Math.floor(i / PAGE) - (pages[0] ?? 0)]?.data?.entries[i % PAGE];
  const failed = loaded.find((page) => page.error);
  return (
    <>
      {failed ? <ErrorNotice error={failed.error} retry={() => void failed.refetch()} /> : null}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard */}
      <div ref={box} className={css.box} role="region" aria-label="Log" tabIndex={0} onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}>
        <div role="table" aria-label="Calls to AWS" aria-rowcount={total + 1} className={css.table}>
          <div role="row" aria-rowindex={1} className={`${css.row} ${css.header}`}>
            {["Time", "Profile", "Service", "Operation", "Resource", "Result", "Request id"].map((name) => <span key={name} role="columnheader">{name}</span>)}
          </div>
          <div role="rowgroup" className={css.body} style={{ height: total * ROW }}>
            <div style={{ transform: `translateY(${from * ROW}px)` }}>
              {Array.from({ length: Math.max(0, to - from) }, (_, i) => <Row key={from + i} index={from + i} entry={at(from + i)} />)}
            </div>
          </div>
        </div>
      </div>
    </>
  );
}

function Row({ index, entry }: { index: number; entry: AuditEntry | undefined }) {
  if (!entry) return <div role="row" aria-rowindex={index + 2} className={css.row}><span role="cell" className={css.pending}>…</span></div>;
  return (
    <div role="row" aria-rowindex={index + 2} className={css.row}>
      <span role="cell">{time.format(new Date(entry.time))}</span>
      <span role="cell">{entry.profile}</span>
      <span role="cell">{entry.service}</span>
      <span role="cell">{entry.operation}</span>
      <span role="cell" title={entry.resource ?? undefined}>{entry.resource ?? ""}</span>
      <span role="cell">{entry.result === "ok" ? "ok" : <Badge tone="bad" title={entry.result}>{entry.result}</Badge>}</span>
      <span role="cell" className={css.request}>{entry.requestId ? <><code title={entry.requestId}>{entry.requestId}</code><CopyButton text={entry.requestId} label={`Copy request id ${entry.requestId}`} /></> : ""}</span>
    </div>
  );
}
