import { memo } from "react";
import { type languageOf, tokens } from "./syntax.ts";
import css from "./CodeView.module.css";

type CodeLineProps = { content: string; language: ReturnType<typeof languageOf>; /** Counted from 1. */ number: number; marked: boolean; className: string | undefined; numberClassName: string | undefined };

/** The tokens of a line with the column each begins at. */
function placed(content: string, language: CodeLineProps["language"]) {
  let at = 0;
  return tokens(content, language).map((token) => {
    const begin = at;
    at += token.text.length;
    return { kind: token.kind, text: token.text, at: begin };
  });
}

/** One line of a file, with its number and in colors. It stays as it is while another version of the file differs elsewhere. */
export const CodeLine = memo(function CodeLine({ content, language, number, marked, className, numberClassName }: CodeLineProps) {
  return (
    <div className={className} data-marked={marked || undefined}>
      <span className={numberClassName} aria-hidden="true">{number}</span>
      <code>
        {placed(content, language).map(({ at, kind, text }) => (kind === "plain" ? text : <span key={at} className={css[kind]}>{text}</span>))}
      </code>
    </div>
  );
});
