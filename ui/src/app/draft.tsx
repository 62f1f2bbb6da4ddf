import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import type { Choices, Findings, Overrides, ReviewView } from "../host/index.ts";

/** An application on its way from a folder to a deployment. It lives as long as the window. */
export type Draft = {
  path: string;
  findings: Findings;
  /** What the user set in place of findings. */
  overrides: Overrides;
  /** `null` until the planner has suggested some. */
  choices: Choices | null;
  review: ReviewView | null;
};

type DraftStore = {
  draft: Draft | null;
  setDraft: (draft: Draft | null) => void;
  patch: (part: Partial<Draft>) => void;
  /** What was dropped on the window and waits for the import screen. */
  dropped: string[] | null;
  setDropped: (paths: string[] | null) => void;
  /** Path of a dropped file with an access key, which waits for the screen that takes keys. */
  keyFile: string | null;
  setKeyFile: (path: string | null) => void;
};

const DraftContext = createContext<DraftStore | null>(null);

export function DraftProvider({ children }: { children: ReactNode }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [dropped, setDropped] = useState<string[] | null>(null);
  const [keyFile, setKeyFile] = useState<string | null>(null);
  const patch = useCallback((part: Partial<Draft>) => setDraft((before) => (before ? { ...before, ...part } : before)), []);
  const store = useMemo(() => ({ draft, setDraft, patch, dropped, setDropped, keyFile, setKeyFile }), [draft, patch, dropped, keyFile]);
  return <DraftContext value={store}>{children}</DraftContext>;
}

export function useDraft(): DraftStore {
  const store = use(DraftContext);
  if (!store) throw new Error("useDraft is only for components inside App");
  return store;
}
