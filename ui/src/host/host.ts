import type {
  AccountProof, AccountTarget, AccountView, AppInfo, ApplicationSummary, AuditFilter, AuditPage, Choices, ConnectionView, Deployer, DeployerReview, DeployerWish, DeploymentDelta, DeploymentView, Edit, Ejected, EjectOptions, Excerpt,
  Findings, IdentityCenter, IpcCode, IpcError, Keeping, KeychainView, MovedKey, NewRole, Offer, PipelineView, Plan, PlannedStack, PracticeProgress, PracticeStatus, Preflight,
  PreflightCheck, PriceRefresh, ProfileChange, ProfileSummary, ProfileView, Progress, Project, Quote, RegionLatency, ReviewView, SavedProfile, SecretsView, ServersView, SignInMethod, SignInNeed,
  SignInStep, SsoAccount, SsoChoice, StackView, SurroundingsView, Update,
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
  /** Alias, latency and age of the key of the connected account. */
  accountProof(): Promise<AccountProof>;
  /** Opens a connection to each of these regions, one after the other. */
  regionLatency(regions: string[]): Promise<RegionLatency[]>;

  surroundingsLook(): Promise<SurroundingsView>;
  /** Whether secrets can be kept; may take as long as the keychain waits for its user. */
  keychainLook(): Promise<KeychainView>;
  keychainChoose(keeping: Keeping): Promise<KeychainView>;
  /** Resolves when the person is signed in; the first step bears the id that cancels or answers it. */
  ssoSignIn(center: IdentityCenter, method: SignInMethod, step: (step: SignInStep) => void): Promise<SsoAccount[]>;
  ssoAccounts(center: IdentityCenter): Promise<SsoAccount[]>;
  ssoSave(center: IdentityCenter, choices: SsoChoice[], region: string | null): Promise<SavedProfile[]>;
  /** Profiles that need their user, now and whenever that changes. Calls that wait go on by themselves afterwards. */
  signInNeeds(listener: (needs: SignInNeed[]) => void): Unsubscribe;
  /** `profile` is as in a need: an id, or `aws:NAME`. */
  signInAgain(profile: string, method: SignInMethod, step: (step: SignInStep) => void): Promise<void>;
  signInDismiss(profile: string): Promise<void>;
  signInCancel(id: number): Promise<void>;
  /** The six digits of an MFA device. */
  signInCode(id: number, code: string): Promise<void>;

  profilesSaved(): Promise<ProfileView[]>;
  profileSaveKeys(label: string, region: string | null, accessKeyId: string, secretAccessKey: string, endpointUrl: string | null): Promise<SavedProfile>;
  /** The file is read by the program around the page; the key never enters it. */
  profileSaveKeysCsv(label: string, region: string | null, path: string): Promise<SavedProfile>;
  profileSaveRole(role: NewRole): Promise<SavedProfile>;
  profileSaveAws(label: string, name: string, region: string | null): Promise<SavedProfile>;
  profileUpdate(id: string, change: ProfileChange): Promise<ProfileView>;
  profileRemove(id: string): Promise<SavedProfile>;
  profileMoveKey(awsProfile: string, label: string): Promise<MovedKey>;
  profileMoveKeyUndo(id: string): Promise<SavedProfile>;

  preflightRun(findings: Findings, choices: Choices, check: (check: PreflightCheck) => void): Promise<Preflight>;
  auditPage(filter: AuditFilter, skip: number, limit: number): Promise<AuditPage>;
  /** Path of the file, or `null` when the dialog was dismissed. */
  auditExport(filter: AuditFilter): Promise<string | null>;

  /** Lets the user pick the file of a downloaded access key; `null` when the dialog was dismissed. */
  keysFilePick(): Promise<string | null>;
  /** Opens a page of the web in the browser of the operating system. */
  openAddress(url: string): Promise<void>;

  practiceStatus(): Promise<PracticeStatus>;
  practiceStart(progress: (step: PracticeProgress) => void): Promise<PracticeStatus>;
  practiceStop(): Promise<PracticeStatus>;
  practiceReset(): Promise<PracticeStatus>;

  /** Opens the system's folder dialog; `null` when it was dismissed. */
  projectPick(): Promise<string | null>;
  /** Looks into the one folder among `paths`. A look that still goes on is stopped; it rejects with `cancelled`. */
  projectInspect(paths: string[], progress: (step: Progress) => void): Promise<Project>;
  /** Stops the look that goes on, if one does. */
  projectCancel(): Promise<void>;
  /** Sets findings of the inspected folder, or takes that back; all edits count or none. */
  projectChange(edits: Edit[]): Promise<Project>;
  /** Forgets everything that was set for the inspected folder. */
  projectForget(): Promise<Project>;
  /** The lines around one line of a file of the inspected folder. */
  projectExcerpt(file: string, line: number | null): Promise<Excerpt>;
  planMake(findings: Findings, choices: Choices | null): Promise<Plan>;
  /** What each of these choices would cost, or why it is impossible; in their order. */
  planQuotes(findings: Findings, alternatives: Choices[]): Promise<Quote[]>;
  /** Every preset for these choices, cheapest first. */
  planOffers(findings: Findings, choices: Choices): Promise<Offer[]>;
  /** Asks AWS for the prices of what these choices would build; later plans are made with them. */
  pricesRefresh(findings: Findings, choices: Choices): Promise<PriceRefresh>;
  /** Writes the folder that deploys these choices with the AWS CLI alone where the user says; `null` when the dialog was dismissed. */
  planEject(findings: Findings, choices: Choices, options: EjectOptions): Promise<Ejected | null>;

  deployReview(findings: Findings, choices: Choices): Promise<ReviewView>;
  /** Whether the source host of this review is connected by now. */
  deployConnection(id: string): Promise<ConnectionView>;
  deployExecute(id: string): Promise<void>;
  deployDiscard(id: string): Promise<void>;

  /** The stack that makes the role or user for a plan, to be looked at; needs no account. */
  deployerPlan(findings: Findings, choices: Choices, deployer: Deployer): Promise<PlannedStack>;
  /** Path of the saved template, or `null` when the dialog was dismissed. */
  deployerSave(findings: Findings, choices: Choices, deployer: Deployer): Promise<string | null>;
  deployerReview(findings: Findings, choices: Choices, wish: DeployerWish): Promise<DeployerReview>;
  /** Resolves to the ARN of the role when it is there; the stack is told on the way. */
  deployerMake(app: string, id: string, stack: (stack: StackView) => void): Promise<string>;
  deployerDiscard(app: string, id: string): Promise<void>;

  applicationList(): Promise<ApplicationSummary[]>;
  /** Writes the folder that deploys what runs with the AWS CLI alone where the user says; `null` when the dialog was dismissed. */
  applicationEject(app: string, options: EjectOptions): Promise<Ejected | null>;
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
