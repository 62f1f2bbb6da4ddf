import { describe, expect, it } from "vitest";
import { type Language, languageOf, tokens } from "./syntax.ts";

const kinds = (line: string, language: Language) => tokens(line, language).filter((t) => t.text.trim() !== "").map((t) => [t.kind, t.text]);

describe("coloring a line", () => {
  it("never loses or adds a character", () => {
    const lines = ["  Type: AWS::ECS::Service # why", '{"a": [1, -2.5, "x\\"y"]}', "const a = `b`; // c", "FROM node:22 AS build", "", "\t'open", "ü → `é`"];
    for (const language of ["yaml", "json", "js", "dockerfile", "plain"] as const) {
      for (const line of lines) expect(tokens(line, language).map((t) => t.text).join("")).toBe(line);
    }
  });

  it("knows keys, functions, comments and values of YAML", () => {
    expect(kinds("  VpcId: !Ref Vpc", "yaml")).toEqual([["key", "VpcId"], ["plain", ":"], ["word", "!Ref"], ["plain", " Vpc"]].map(([k, t]) => [k, k === "plain" && t === ":" ? ": " : t]));
    expect(kinds("    - Port: 443 # HTTPS", "yaml").map(([k]) => k)).toEqual(["plain", "key", "plain", "number", "comment"]);
    expect(kinds("  Url: http://x#y", "yaml").some(([k]) => k === "comment")).toBe(false);
  });

  it("tells keys from values in JSON", () => {
    expect(kinds('  "Effect": "Allow",', "json").map(([k]) => k)).toEqual(["key", "plain", "string", "plain"]);
  });

  it("does not color numbers and words inside names", () => {
    expect(kinds("s3bucket2 = newest", "js")).toEqual([["plain", "s3bucket2 = newest"]]);
  });

  it("guesses the language from the name", () => {
    expect(["a.template.yaml", "b.yml", "c.json", "d.cjs", "Dockerfile.api", "build.env", "x.txt"].map(languageOf)).toEqual(["yaml", "yaml", "json", "js", "dockerfile", "dockerfile", "plain"]);
  });
});
