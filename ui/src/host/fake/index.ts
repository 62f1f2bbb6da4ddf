import type { Host } from "../host.ts";
import type { FakeKeychain } from "./accounts.ts";
import { FakeBackend, usualScenario } from "./backend.ts";
import { RunningClock } from "./clock.ts";
import { HOME } from "./projects.ts";
import { type Message, recorded } from "./recorder.ts";

declare global {
  interface Window {
    /** The backend behind the page, for tests and for looking at states by hand. */
    zonkeFake?: { backend: FakeBackend; clock: RunningClock; messages: Message[] };
  }
}

// `?speed=20&no-python&no-profiles&practice&saved&keychain=missing&pick=/home/sam/projects/bookshop`
const query = new URLSearchParams(window.location.search);
const clock = new RunningClock(Number(query.get("speed") ?? "1"));
const backend = new FakeBackend(clock, {
  python: !query.has("no-python"),
  profiles: !query.has("no-profiles"),
  startWithPractice: query.has("practice"),
  saved: query.has("saved"),
  keychain: (query.get("keychain") ?? "ready") as FakeKeychain,
  calls: Number(query.get("calls") ?? usualScenario.calls),
  lastProfile: query.get("last"),
  pick: query.get("pick") === "" ? null : query.get("pick") ?? usualScenario.pick,
});
const messages: Message[] = [];
window.zonkeFake = { backend, clock, messages };

// A browser hides the real path of what is dropped; its name is enough for the fake computer.
window.addEventListener("dragover", (event) => {
  event.preventDefault();
  backend.drag({ type: "over", count: event.dataTransfer?.items.length ?? 1 });
});
window.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) backend.drag({ type: "leave" });
});
window.addEventListener("drop", (event) => {
  event.preventDefault();
  backend.drag({ type: "drop", paths: [...(event.dataTransfer?.files ?? [])].map((file) => `${HOME}/projects/${file.name}`) });
});

const host: Host = recorded(backend, messages);
export default host;
