import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useReady } from "../../app/ready.ts";
import { useDraft } from "../../app/draft.tsx";
import { isComplete } from "../import/completeness.ts";
import { Button } from "../../ui/Button.tsx";
import { ConnectFlow } from "./ConnectFlow.tsx";
import css from "./Welcome.module.css";

const promises = [
  { title: "See it first", text: "What would be built in AWS, what it costs a month and who could reach what, before any account exists." },
  { title: "Yours alone", text: "Everything runs in your own AWS account. There is no server of ours and no account with us." },
  { title: "Then just commit", text: "One deployment builds a pipeline; from then on every commit that touches the application is released." },
];

export function Welcome() {
  const [stage, setStage] = useState<"welcome" | "way" | "proof">("welcome");
  useReady(stage);
  const navigate = useNavigate();
  const { draft } = useDraft();
  const story = (
    <section className={css.story} aria-labelledby="welcome-title">
      <h1 id="welcome-title">From a folder to a running site in your own AWS account</h1>
      <p className={css.lead}>Zonké takes a React front end with a NestJS API and builds the network, the servers, the database and the pipeline around it.</p>
      <ul className={css.promises}>
        {promises.map((p) => (
          <li key={p.title}><h2>{p.title}</h2><p>{p.text}</p></li>
        ))}
      </ul>
      <div className={css.later}>
        <Button onClick={() => void navigate({ to: "/new/import" })}>Plan a project without an account</Button>
      </div>
    </section>
  );
  return (
    <div className={css.page}>
      <ConnectFlow story={story} startWithPractice onStage={setStage} onConnected={() => void navigate({ to: draft && isComplete(draft.findings) ? "/new/review" : "/applications" })} />
    </div>
  );
}
