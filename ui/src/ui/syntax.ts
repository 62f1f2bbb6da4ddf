/** What a piece of source text is, for its color. */
export type TokenKind = "plain" | "key" | "string" | "number" | "comment" | "word";
export type Token = { kind: TokenKind; text: string };
export type Language = "yaml" | "json" | "js" | "dockerfile" | "plain";

export function languageOf(path: string): Language {
  const name = path.split("/").at(-1) ?? "";
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (name.endsWith(".json")) return "json";
  if (/\.[cm]?[jt]sx?$/.test(name)) return "js";
  if (/^Dockerfile|\.(env|sh)$/.test(name)) return "dockerfile";
  return "plain";
}

type Rule = [TokenKind, RegExp];

const string: Rule = ["string", /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/y];
const number: Rule = ["number", /-?\b\d+(?:\.\d+)?\b/y];

const rules: Record<Language, Rule[]> = {
  yaml: [["comment", /(?<=^|\s)#.*/y], ["key", /(?<=^\s*(?:- )*)[\w.$:/*@-]+(?=:(?:\s|$))|(?<=^\s*(?:- )*)"[^"]*"(?=:(?:\s|$))/y], ["word", /![A-Za-z]+(?:::\w+)?|\b(?:true|false|null)\b/y], string, number],
  json: [["key", /"(?:[^"\\]|\\.)*"(?=\s*:)/y], string, number, ["word", /\b(?:true|false|null)\b/y]],
  js: [["comment", /\/\/.*|\/\*.*?(?:\*\/|$)|^\s*\*.*/y], string, ["string", /`(?:[^`\\]|\\.)*`?/y], ["word", /\b(?:const|let|var|function|return|if|else|for|while|of|in|new|async|await|import|export|from|throw|try|catch|typeof|null|undefined|true|false|class|require|module)\b/y], number],
  dockerfile: [["comment", /(?<=^\s*)#.*/y], ["word", /(?<=^\s*)(?:FROM|RUN|COPY|ADD|WORKDIR|ENV|ARG|USER|EXPOSE|CMD|ENTRYPOINT|LABEL|HEALTHCHECK|SHELL)\b|\b(?:AS|if|then|fi|else|export|set)\b/y], ["key", /(?<=^\s*)[A-Z_][A-Z0-9_]*(?==)/y], string],
  plain: [],
};

/** Splits one line into colored pieces; joined again they are the line. */
export function tokens(line: string, language: Language): Token[] {
  const found: Token[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") found.push({ kind: "plain", text: plain });
    plain = "";
  };
  let at = 0;
  next: while (at < line.length) {
    for (const [kind, pattern] of rules[language]) {
      pattern.lastIndex = at;
      const match = pattern.exec(line)?.[0];
      if (match) {
        flush();
        found.push({ kind, text: match });
        at += match.length;
        continue next;
      }
    }
    // A whole word at a time, so that a number or keyword inside a name is not colored.
    const rest = /[\w$]+|\s+|./uy;
    rest.lastIndex = at;
    const piece = rest.exec(line)?.[0] ?? line.slice(at);
    plain += piece;
    at += piece.length;
  }
  flush();
  return found;
}
