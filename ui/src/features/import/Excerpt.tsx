import { useQuery } from "@tanstack/react-query";
import { useHost } from "../../app/host-context.ts";
import { HostError } from "../../host/index.ts";
import { Ticks } from "../../ui/bits.tsx";
import { CodeLine } from "../../ui/CodeLine.tsx";
import { languageOf } from "../../ui/syntax.ts";
import css from "./Excerpt.module.css";

type ExcerptProps = { project: string; file: string; line: number | null };

/** The lines of a file around the one a finding was read from, as they are now. */
export function Excerpt({ project, file, line }: ExcerptProps) {
  const host = useHost();
  const { data, error } = useQuery({ queryKey: ["excerpt", project, file, line], queryFn: () => host.projectExcerpt(file, line), staleTime: 0, gcTime: 0, retry: false });
  if (error) {
    const shown = HostError.from(error);
    return <p className={css.refused}><Ticks text={`${shown.message} ${shown.hint}`} /></p>;
  }
  const language = languageOf(file);
  // As high as what will come: three lines on either side, as far as the file has them.
  const height = ((line === null ? 1 : Math.min(line, 4)) + 3) * 20 + 18;
  return (
    <figure className={css.box} style={data ? undefined : { height }} aria-label={`Lines of ${file}`} aria-busy={data ? undefined : true}>
      {data ? (
        <pre className={css.lines}>
          {data.lines.map((content, i) => {
            const number = data.first + i;
            return <CodeLine key={number} content={content} language={language} number={number} marked={number === line} className={css.line} numberClassName={css.number} />;
          })}
        </pre>
      ) : null}
      {data?.hidden ? <figcaption className={css.note}>Values that may be secrets are hidden.</figcaption> : null}
    </figure>
  );
}
