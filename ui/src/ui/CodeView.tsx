import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { CodeLine } from "./CodeLine.tsx";
import { languageOf } from "./syntax.ts";
import css from "./CodeView.module.css";

const LINE = 20;
const MARGIN = 20;

type CodeViewProps = { path: string; text: string; /** Line to show and mark, counted from 1. */ line?: number | null };

/** A file with line numbers. Only the lines in view exist, so that a long template costs no more than a short one. */
export function CodeView({ path, text, line = null }: CodeViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const lines = useMemo(() => text.replace(/\n$/, "").split("\n"), [text]);
  const language = languageOf(path);
  const longest = useMemo(() => lines.reduce((max, l) => Math.max(max, l.length), 0), [lines]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight || 600 });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = line === null ? 0 : Math.max(0, (line - 4) * LINE);
    element.scrollLeft = 0;
  }, [path, line]);

  const first = Math.max(0, Math.floor(view.top / LINE) - MARGIN);
  const last = Math.min(lines.length, Math.ceil((view.top + view.height) / LINE) + MARGIN);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <div ref={box} className={css.box} role="region" aria-label={`Content of ${path}`} tabIndex={0} onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}>
      <pre className={css.code} style={{ height: lines.length * LINE + 16, minWidth: `${longest + 8}ch` }}>
        <div style={{ transform: `translateY(${first * LINE}px)` }}>
          {lines.slice(first, last).map((content, i) => {
            const number = first + i + 1;
            return <CodeLine key={number} content={content} language={language} number={number} marked={number === line} className={css.line} numberClassName={css.number} />;
          })}
        </div>
      </pre>
    </div>
  );
}
