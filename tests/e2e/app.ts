import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The window on the fake computer, moved as a person would. */
export class App {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the app. The fake backend runs `speed` times faster than the clock. */
  async open(options: { speed?: number; query?: string; hash?: string } = {}): Promise<void> {
    await this.page.goto(`/?speed=${options.speed ?? 40}${options.query ? `&${options.query}` : ""}${options.hash ? `#${options.hash}` : ""}`);
  }

  /** Waits until this screen is shown and answers. */
  async on(screen: string): Promise<void> {
    await expect(this.page.locator(`html[data-ready="${screen}"]`)).toBeAttached();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  async setSpeed(speed: number): Promise<void> {
    await this.page.evaluate((s) => (window as unknown as { zonkeFake: { clock: { setSpeed(n: number): void } } }).zonkeFake.clock.setSpeed(s), speed);
  }

  async drag(drop: { type: "over"; count: number } | { type: "leave" } | { type: "drop"; paths: string[] }): Promise<void> {
    await this.page.evaluate((d) => (window as unknown as { zonkeFake: { backend: { drag(x: unknown): void } } }).zonkeFake.backend.drag(d), drop);
  }

  async practice(): Promise<void> {
    await this.on("welcome");
    await this.button("Use the practice account").click();
    await this.on("applications");
  }

  async connect(profile: string): Promise<void> {
    await this.on("welcome");
    await this.button(`Connect ${profile}`).click();
    await this.proven();
    await this.on("applications");
  }

  /** Goes on from the proof of a new way in. */
  async proven(): Promise<void> {
    await this.on("proof");
    await this.button("Go on").click();
  }

  /** A profile's session is over: from now on its calls wait. */
  async expire(profile: string, how: { kind: "browser" } | { kind: "mfa"; serial: string } | { kind: "elsewhere"; command: string }): Promise<void> {
    await this.page.evaluate(([p, h]) => (window as unknown as { zonkeFake: { backend: { accounts: { expire(id: string, label: string, how: unknown): void } } } }).zonkeFake.backend.accounts.expire(p, p, h), [profile, how] as const);
  }

  /** A profile comes into the AWS files, by `aws login` or by hand. */
  async writeProfile(profile: { name: string; region: string; kind: "login" | "process" }): Promise<void> {
    await this.page.evaluate((p) => void (window as unknown as { zonkeFake: { backend: { accounts: { written: unknown[] } } } }).zonkeFake.backend.accounts.written.push(p), profile);
  }

  async inspect(folder: string): Promise<void> {
    await this.page.getByLabel("Path of the folder").fill(`/home/sam/projects/${folder}`);
    await this.button("Look inside").click();
  }

  async importExample(): Promise<void> {
    await this.on("import");
    await this.button("Use the example application").click();
    await this.button("Show the plan").click();
    await this.on("plan");
  }

  async review(): Promise<void> {
    // The example is no checkout; outside a real account a stand-in for its repository does.
    const repository = this.page.getByLabel("Repository");
    if ((await repository.inputValue()) === "") await repository.fill("sam/guestbook");
    await this.button("Review and deploy").click();
    await this.on("review");
  }

  /** Opens or closes a group of the plan's options. */
  async group(title: string): Promise<void> {
    await this.page.getByRole("region", { name: title, exact: true }).getByRole("button", { name: new RegExp(`^${title}`) }).click();
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name }).click();
  }

  /** Fails on what axe considers a violation of WCAG A and AA. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axeSource);
    const violations = await this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(context: Document, options: unknown): Promise<{ violations: { id: string; help: string; nodes: { target: unknown; failureSummary: string }[] }[] }> } };
      const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
      return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${JSON.stringify(n.target)} ${n.failureSummary.split("\n")[1] ?? ""}`).join("; ")}`);
    });
    expect(violations).toEqual([]);
  }
}

/** Every test also fails on an error in the console, which includes violations of the content security policy. */
export const test = base.extend<{ app: App }>({
  app: async ({ page }, provide) => {
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    await provide(new App(page));
    expect(problems).toEqual([]);
  },
});

export { expect };
