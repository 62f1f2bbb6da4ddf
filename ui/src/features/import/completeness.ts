import type { Findings, Question } from "../../host/index.ts";

/** Questions without whose answer nothing can be planned. */
export const blocking = (findings: Findings): Question[] => (findings.verdict === "notSupported" ? [] : findings.questions.filter((q) => q.blocks));

/** Whether one half is there and the other is not: nothing is wrong with it, but it is not deployed alone. */
export const isHalf = ({ verdict, chosen }: Findings): boolean => verdict === "deployable" && (chosen.frontend === null || chosen.backend === null);

/** Whether both halves are there and everything that had to be chosen has been. */
export const isComplete = (findings: Findings): boolean => findings.verdict === "deployable" && !isHalf(findings) && blocking(findings).length === 0;
