import { readFileSync } from "node:fs";
import { expect, test as base } from "./app.ts";

const real = Object.fromEntries(["deployable", "needs-choice", "not-supported"].map((name) => [name, JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as unknown]));

/** The import screen, on a computer that also holds what was found in three real projects. */
const test = base.extend<{ importing: void }>({
  importing: [async ({ app, page }, provide) => {
    await page.addInitScript((projects) => { (window as unknown as { zonkeFakeProjects: unknown }).zonkeFakeProjects = projects; }, real);
    await app.open({ hash: "/new/import" });
    await app.on("import");
    await provide();
  }, { auto: true }],
});

test("a real project that can be deployed shows where each finding was read", async ({ app, page }) => {
  await app.inspect("deployable");
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  const api = page.getByRole("region", { name: "API" });
  await api.getByRole("button", { name: /^Entry file/ }).click();
  await expect(api.getByText("backend/tsconfig.build.json", { exact: true })).toBeVisible();
  await expect(api.getByRole("figure", { name: "Lines of backend/tsconfig.build.json" })).toContainText("backend/dist/main.js");
  await api.getByRole("button", { name: /^Entry file/ }).click();
  await expect(api.getByRole("figure")).toBeHidden();
  await expect(page.getByText("Different in AWS")).toBeVisible();
  await expect(page.getByText(/calls http:\/\/localhost:4000, which visitors cannot reach/)).toBeVisible();
});

test("a finding is changed in its place, kept over a restart, and taken back", async ({ app, page }) => {
  await app.inspect("deployable");
  const api = page.getByRole("region", { name: "API" });
  await api.getByRole("button", { name: "Change Port of API", exact: true }).click();
  const form = page.getByRole("form", { name: "Change Port" });
  await form.getByLabel("Port").fill("70000");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByLabel("Port")).toHaveAccessibleDescription(/no port.*1 to 65535/);
  await form.getByLabel("Port").fill("4100");
  await page.keyboard.press("Enter");
  await expect(form).toBeHidden();
  await expect(api.getByRole("button", { name: /^Port 4100 you set this/ })).toBeVisible();
  await expect(api.getByRole("button", { name: "Change Port of API", exact: true })).toBeFocused();
  await page.reload();
  await app.on("import");
  await app.inspect("deployable");
  await api.getByRole("button", { name: /^Port 4100 you set this/ }).click();
  await expect(api.getByText("You set this.", { exact: false })).toBeVisible();
  await app.button("Use what was found").click();
  await expect(api.getByText("you set this", { exact: true })).toBeHidden();
  await expect(page.getByText("What you set is kept on this computer")).toBeHidden();
});

test("which variables are secrets can be changed, without their values", async ({ app, page }) => {
  await app.inspect("deployable");
  const settings = page.getByRole("region", { name: "Settings" });
  await settings.getByRole("button", { name: "Change Secrets of Settings" }).click();
  await page.getByLabel("Kind of JWT_ACCESS_TOKEN_EXPIRATION").selectOption("unused");
  await page.getByLabel("Another variable").fill("STRIPE_KEY");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Kind of STRIPE_KEY")).toHaveValue("secret");
  await app.button("Save").click();
  await expect(settings.getByRole("button", { name: /^Secrets .*STRIPE_KEY/ })).toBeVisible();
  await expect(settings.getByText("JWT_ACCESS_TOKEN_EXPIRATION")).toBeHidden();
});

test("everything that was set can be forgotten at once", async ({ app, page }) => {
  await app.inspect("deployable");
  for (const [name, value] of [["Node.js", "20"], ["Lockfile", "frontend/package-lock.json"]] as const) {
    await page.getByRole("button", { name: `Change ${name} of Build` }).click();
    await page.getByRole("form").getByLabel(name).fill(value);
    await app.button("Save").click();
    await expect(page.getByRole("form", { name: `Change ${name}` })).toBeHidden();
  }
  await expect(page.getByText("you set this", { exact: true })).toHaveCount(2);
  await app.button("Forget everything I set").click();
  await expect(page.getByText("you set this", { exact: true })).toHaveCount(0);
});

test("a real project with several halves is asked about, and goes on to the plan", async ({ app, page }) => {
  await app.inspect("needs-choice");
  await expect(page.getByText("Your choice is needed")).toBeVisible();
  await expect(page.getByText("2 questions to answer first")).toBeVisible();
  await expect(app.button("Show the plan")).toBeDisabled();
  await page.getByRole("radio", { name: /^apps\/client \(suggested\)/ }).click();
  await expect(page.getByText("1 question to answer first")).toBeVisible();
  await page.getByRole("radio", { name: /^apps\/admin-api/ }).click();
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  // The choice stays in view and can be changed.
  await page.getByRole("group", { name: "Which application is the API?" }).getByRole("radio", { name: /apps\/api$/ }).click();
  await expect(page.getByRole("region", { name: "API" }).getByText("3001")).toBeVisible();
  await app.button("Show the plan").click();
  await app.on("plan");
  await expect(page.getByText("apps/client and apps/api")).toBeVisible();
});

test("a real project that is not supported says why and offers no way on", async ({ app, page }) => {
  await app.inspect("not-supported");
  await expect(page.getByText("Not supported")).toBeVisible();
  await expect(page.getByText(/The front end is Angular.*NestJS half alone/)).toBeVisible();
  await page.getByRole("region", { name: "What was seen" }).getByRole("button", { name: /^Path/ }).click();
  await expect(page.getByText("cf_backend/src/main.ts:7")).toBeVisible();
  await expect(app.button("Show the plan")).toBeHidden();
});

test("half an application says what is missing and offers no way on", async ({ app, page }) => {
  await app.inspect("beacon");
  await expect(page.getByText("Half of an application")).toBeVisible();
  await expect(page.getByText("Both halves are deployed together: pick the folder that holds both.")).toBeVisible();
  await expect(page.getByRole("region", { name: "API" }).getByText("3000")).toBeVisible();
  await expect(app.button("Show the plan")).toBeHidden();
  await app.expectAccessible();
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/plan`);
  await app.on("import");
});

test("a port that nobody knows is asked for before the plan", async ({ app, page }) => {
  await app.inspect("ferry");
  await expect(page.getByText("Your answer is needed")).toBeVisible();
  await expect(app.button("Show the plan")).toBeDisabled();
  const question = page.getByRole("form", { name: "On which port does the server listen?" });
  await question.getByRole("radio", { name: "Something else" }).check();
  await question.getByLabel("Port", { exact: true }).fill("99999");
  await question.getByRole("button", { name: "Answer" }).click();
  await expect(question.getByLabel("Port", { exact: true })).toHaveAccessibleDescription(/1 to 65535/);
  await question.getByRole("radio", { name: /^4321 \(suggested\)/ }).check();
  await question.getByRole("button", { name: "Answer" }).click();
  await expect(question).toBeHidden();
  await expect(page.getByRole("region", { name: "API" }).getByRole("button", { name: /^Port 4321 you set this/ })).toBeVisible();
  await app.button("Show the plan").click();
  await app.on("plan");
});

test("a long look says how far it is and stops on Escape", async ({ app, page }) => {
  await app.setSpeed(2);
  await app.inspect("glacier");
  await expect(page.getByText(/Listing files/)).toBeVisible();
  await expect(page.getByText(/[\d,]+ files so far/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("Stopped. Nothing was changed.")).toBeVisible();
  await expect(app.button("Look inside")).toBeEnabled();
});

test("another folder takes the place of the one being read", async ({ app, page }) => {
  await app.setSpeed(2);
  await app.inspect("glacier");
  await expect(app.button("Stop")).toBeVisible();
  await app.setSpeed(40);
  await app.drag({ type: "drop", paths: ["/home/sam/projects/guestbook"] });
  await expect(page.getByRole("heading", { name: "guestbook" })).toBeVisible();
  await expect(page.getByRole("alert")).toBeHidden();
});

test("an empty folder says what to pick instead", async ({ app, page }) => {
  await app.inspect("empty");
  await expect(page.getByText("This folder holds no files to look at. Pick the folder that the project was cloned into.")).toBeVisible();
});

test("a finding is changed and taken back by keyboard alone", async ({ app, page }) => {
  await app.inspect("deployable");
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  const change = page.getByRole("button", { name: "Change Health route of API" });
  await change.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("health");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Health route" })).toHaveAccessibleDescription(/Write \/health/);
  await page.keyboard.press("Home");
  await page.keyboard.type("/");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Health route \/health you set this/ })).toBeVisible();
  await expect(change).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await app.button("Use what was found").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Health route .*you set this/ })).toBeHidden();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing, ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("in evidence, editors, questions and warnings", async ({ app, page }) => {
      await app.inspect("ferry");
      await expect(page.getByText("Your answer is needed")).toBeVisible();
      await page.getByRole("button", { name: /^Output/ }).click();
      await page.getByRole("button", { name: "Change Node.js of Build" }).click();
      await page.getByRole("form", { name: "Change Node.js" }).getByLabel("Node.js").fill("new");
      await app.button("Save").click();
      await expect(page.getByText(/Write its first number/).first()).toBeVisible();
      await page.getByRole("button", { name: "Change Secrets of Settings" }).click();
      await app.expectAccessible();
    });
  });
}
