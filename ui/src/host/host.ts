import type {
  AccountTarget, AccountView, AppInfo, ApplicationSummary, Choices, ConnectionView, DeploymentDelta, DeploymentView, Findings, IpcCode, IpcError,
  PipelineView, Plan, PracticeProgress, PracticeStatus, ProfileSummary, ReviewView, SecretsView, ServersView, Update,
} from "./bindings.gen.ts";

/** What a command refuses with. The code is stable; the texts are for people. */
export class HostError extends Error {
  readonly code: IpcCode;
  readonly hint: string;
  readonly retryable: boolean;
  /** AWS's request id, or empty. */
  readonly requestId: string;

  constructor(error: IpcError) {
    super(error.message);
    this.name = "HostError";
    this.code = error.code;
    this.hint = error.hint;
    this.retryable = error.retryable;
    this.requestId = error.requestId;
  }

  /** Turns whatever a command threw into an error that can be shown. */
  static from(thrown: unknown): HostError {
    if (thrown instanceof HostError) return thrown;
    if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
      return new HostError(thrown as IpcError);
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new HostError({
      code: "failed", message: `Something inside the app failed: ${message}`,
      hint: "Try again. If it happens again, restart the app; nothing in AWS is affected.", retryable: true, requestId: "",
    });
  }
}

/** Folders dragged over the window. Paths are absolute. */
export type FolderDrop = { type: "over"; count: number } | { type: "leave" } | { type: "drop"; paths: string[] };

/** Ends a subscription; calling it twice is harmless. */
export type Unsubscribe = () => void;

/** Receives the messages of a live subscription, or the error that kept it from starting. */
export type Listener<S, D> = { update: (update: Update<S, D>) => void; failed: (error: HostError) => void };

/** Everything the user interface may ask of the program around it. Every method rejects with a [`HostError`]. */
export interface Host {
  appInfo(): Promise<AppInfo>;
  examplePath(): Promise<string>;

  profileList(): Promise<ProfileSummary[]>;
  accountConnect(target: AccountTarget): Promise<AccountView>;
  accountCurrent(): Promise<AccountView | null>;
  accountDisconnect(): Promise<void>;

  practiceStatus(): Promise<PracticeStatus>;
  practiceStart(progress: (step: PracticeProgress) => void): Promise<PracticeStatus>;
  practiceStop(): Promise<PracticeStatus>;
  practiceReset(): Promise<PracticeStatus>;

  /** Opens the system's folder dialog; `null` when it was dismissed. */
  projectPick(): Promise<string | null>;
  projectInspect(path: string): Promise<Findings>;
  planMake(findings: Findings, choices: Choices | null): Promise<Plan>;

  deployReview(findings: Findings, choices: Choices): Promise<ReviewView>;
  /** Whether the source host of this review is connected by now. */
  deployConnection(id: string): Promise<ConnectionView>;
  deployExecute(id: string): Promise<void>;
  deployDiscard(id: string): Promise<void>;

  applicationList(): Promise<ApplicationSummary[]>;
  deploymentWatch(app: string, listener: Listener<DeploymentView, DeploymentDelta>): Unsubscribe;
  pipelineWatch(app: string, listener: Listener<PipelineView, PipelineView>): Unsubscribe;
  serversWatch(app: string, listener: Listener<ServersView, ServersView>): Unsubscribe;
  secretsWatch(app: string, listener: Listener<SecretsView, SecretsView>): Unsubscribe;

  pipelineStart(app: string): Promise<void>;
  serversScale(app: string, min: number, max: number): Promise<void>;
  secretPut(app: string, key: string, value: string): Promise<void>;
  secretDelete(app: string, key: string): Promise<void>;

  onFolderDrop(listener: (drop: FolderDrop) => void): Unsubscribe;
  copyText(text: string): Promise<void>;
}
