import { createContext, type ReactNode, use, useCallback, useState } from "react";
import { Button } from "../ui/Button.tsx";
import { Dialog, DialogActions } from "../ui/Dialog.tsx";
import { TextField } from "../ui/fields.tsx";
import { useAccount } from "./account.ts";
import css from "./Frame.module.css";

type Question = { what: string; name: string; answer: (yes: boolean) => void };

const GuardContext = createContext<((what: string) => Promise<boolean>) | null>(null);

/** Asks for the name of the profile before something changes in an account of production; anywhere else the answer is yes. */
export function ProductionGuard({ children }: { children: ReactNode }) {
  const account = useAccount();
  const [question, setQuestion] = useState<Question | null>(null);
  const production = account?.production === true ? account.label : null;
  const ask = useCallback((what: string) => (production === null ? Promise.resolve(true) : new Promise<boolean>((answer) => setQuestion({ what, name: production, answer }))), [production]);
  const settle = (yes: boolean) => {
    question?.answer(yes);
    setQuestion(null);
  };
  return (
    <GuardContext value={ask}>
      {children}
      {question ? <Confirm key={question.what} question={question} settle={settle} /> : null}
    </GuardContext>
  );
}

function Confirm({ question, settle }: { question: Question; settle: (yes: boolean) => void }) {
  const [typed, setTyped] = useState("");
  const right = typed.trim() === question.name;
  return (
    <Dialog open onClose={() => settle(false)} title={`${question.what} in production?`} description={<><strong>{question.name}</strong> is marked as production. Type its name to go on.</>}>
      <form className={css.confirm} onSubmit={(event) => { event.preventDefault(); if (right) settle(true); }}>
        <TextField label={`Type ${question.name} to confirm`} value={typed} onValue={setTyped} mono autoCapitalize="off" />
        <DialogActions>
          <Button tone="quiet" onClick={() => settle(false)}>Cancel</Button>
          <Button type="submit" tone="danger" disabled={!right}>{question.what}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Resolves to whether a change may go on; `what` begins the question, such as `Deploy ledger`. */
export function useProductionGuard(): (what: string) => Promise<boolean> {
  return use(GuardContext) ?? yes;
}

const yes = () => Promise.resolve(true);
