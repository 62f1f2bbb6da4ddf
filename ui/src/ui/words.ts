import type { ChangeAction, StackRole, WorkState, Zone } from "../host/index.ts";

/** What an application is called in AWS: with its environment, if it has one. */
export const nameOf = (choices: { app: string; environment?: string | null }): string => (choices.environment ? `${choices.app}-${choices.environment}` : choices.app);

export const stateWord: Record<WorkState, string> = {
  waiting: "Waiting", running: "Running", succeeded: "Done", failed: "Failed", rolledBack: "Undone", skipped: "Skipped",
};

export const stackWord: Record<StackRole, { title: string; sentence: string }> = {
  pipeline: { title: "Pipeline", sentence: "Builds and releases what is committed" },
  base: { title: "Base", sentence: "Network, edge, data and secrets" },
  service: { title: "Service", sentence: "The servers" },
  edge: { title: "Edge", sentence: "Certificate and web firewall, in us-east-1" },
  deployer: { title: "Deployer", sentence: "Who may deploy and operate the application" },
};

export const changeWord: Record<ChangeAction, string> = {
  add: "Create", modify: "Change", replace: "Replace", mayReplace: "May replace", remove: "Delete",
};

export const zoneWord: Record<Zone, { title: string; sentence: string }> = {
  outside: { title: "Outside AWS", sentence: "Visitors and the source host" },
  edge: { title: "Edge", sentence: "Anyone can reach it" },
  public: { title: "Public subnets", sentence: "Has a public address" },
  private: { title: "Private subnets", sentence: "No way in from the internet" },
  isolated: { title: "Isolated subnets", sentence: "No way in or out" },
  account: { title: "In your account", sentence: "Services outside the network" },
};

const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
export const dollars = (amount: number): string => money.format(amount);

const clock = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
export const timeOfDay = (at: number): string => clock.format(at);
export const dateAndTime = (at: number): string => day.format(at);

/** A length of time in the largest two units that matter. */
export function lengthOfTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
