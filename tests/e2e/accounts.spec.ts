import { expect, test } from "./app.ts";
import type { Page } from "@playwright/test";

type Fake = { backend: { opened: string[]; copied: string[] }; messages: { name: string; text: string }[] };
const opened = (page: Page) => page.evaluate(() => (window as unknown as { zonkeFake: Fake }).zonkeFake.backend.opened);
/** Names of the messages between page and host that hold this text. */
const carriers = (page: Page, text: string) => page.evaluate((t) => (window as unknown as { zonkeFake: Fake }).zonkeFake.messages.filter((m) => m.text.includes(t)).map((m) => m.name), text);
const calls = (page: Page, name: string) => page.evaluate((n) => (window as unknown as { zonkeFake: Fake }).zonkeFake.messages.filter((m) => m.name === n).length, name);

test("the best way comes first, with its reason", async ({ app, page }) => {
  await app.open();
  const panel = page.getByRole("region", { name: "Choose an account" });
  await expect(panel.getByText("best way here")).toBeVisible();
  await expect(panel.getByText("IAM Identity Center, acme.awsapps.com")).toBeVisible();
  await expect(panel.getByText(/no key is stored, the session ends by itself/)).toBeVisible();
});

test("Identity Center: several roles at once, searched, named, and the proof at the end", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Sign in").click();
  await expect(page.getByLabel("Address of the access portal")).toHaveValue("https://acme.awsapps.com/start");
  await app.button("Sign in with the browser").click();
  await page.getByRole("checkbox", { name: "Acme production: Deployer" }).check();
  await page.getByLabel("Search").fill("sandbox admin");
  await expect(page.getByText("1 role in 1 account")).toBeVisible();
  await page.getByRole("checkbox", { name: "Acme sandbox: AdministratorAccess" }).check();
  await page.getByLabel("Acme production, Deployer").fill("acme-sandbox");
  await expect(page.getByText("Another profile is called that.").first()).toBeVisible();
  await expect(app.button("Save 2 profiles and connect the first")).toBeDisabled();
  await page.getByLabel("Acme production, Deployer").fill("prod");
  await app.button("Save 2 profiles and connect the first").click();
  await app.on("proof");
  await expect(page.getByText("444455556666").first()).toBeVisible();
  await expect(page.getByText("role Deployer as sam@acme.example")).toBeVisible();
  await expect(page.getByText("Also saved: acme-sandbox")).toBeVisible();
  await page.getByRole("checkbox", { name: "Production" }).check();
  await app.button("Go on").click();
  await app.on("applications");
  await expect(page.getByRole("button", { name: /^Account: production prod/ })).toBeVisible();
});

test("the browser never comes back: the code does it, and a cancelled sign-in leaves nothing behind", async ({ app, page }) => {
  await app.open({ speed: 1, query: "no-profiles" });
  await app.on("welcome");
  await app.button("Sign in").click();
  await page.getByLabel("Address of the access portal").fill("https://silent.awsapps.com/start");
  await app.button("Sign in with the browser").click();
  await expect(page.getByText("Waiting for the browser")).toBeVisible();
  await app.button("Cancel").click();
  await expect(page.getByRole("heading", { name: "IAM Identity Center" })).toBeFocused();
  await expect(page.getByRole("alert")).toBeHidden();
  await page.getByLabel("Address of the access portal").fill("https://acme.awsapps.com/start");
  await app.button("Use a code instead").click();
  await expect(page.getByText("HJKL-MNPQ")).toBeVisible();
  await app.button("Open the page").click();
  expect(await opened(page)).toEqual(["https://acme.awsapps.com/start/#/device?user_code=HJKL-MNPQ"]);
  await expect(page.getByRole("heading", { name: "Choose accounts and roles" })).toBeVisible({ timeout: 15_000 });
});

test("a directory that says no is told in place", async ({ app, page }) => {
  await app.open({ query: "no-profiles" });
  await app.on("welcome");
  await app.button("Sign in").click();
  await page.getByLabel("Address of the access portal").fill("https://denied.awsapps.com/start");
  await app.button("Sign in with the browser").click();
  await expect(page.getByRole("alert")).toContainText("The sign-in was refused");
});

for (const [portal, said, next] of [
  ["unassigned", "list your roles in the account Shop (222222222222)", "Ask whoever runs your IAM Identity Center"],
  ["elsewhere", "register the app with IAM Identity Center", "the region of the directory"],
] as const) {
  test(`a directory that is ${portal}: what was refused and the next step, with the form still filled in`, async ({ app, page }) => {
    await app.open({ query: "no-profiles" });
    await app.on("welcome");
    await app.button("Sign in").click();
    await page.getByLabel("Address of the access portal").fill(`https://${portal}.awsapps.com/start`);
    await app.button("Sign in with the browser").click();
    await expect(page.getByRole("alert")).toContainText(said);
    await expect(page.getByRole("alert")).toContainText(next);
    await expect(page.getByLabel("Address of the access portal")).toHaveValue(`https://${portal}.awsapps.com/start`);
    await app.expectAccessible();
  });
}

test("a typed key crosses once and is nowhere else", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Access key").click();
  await page.getByLabel("Access key id").fill("AKIACANARY0000000001");
  await page.getByLabel("Secret access key").fill("canary/secret+7f3a");
  await app.button("Keep the key and connect").click();
  await app.on("proof");
  expect(await carriers(page, "canary/secret")).toEqual(["profileSaveKeys"]);
  expect(await carriers(page, "AKIACANARY")).toEqual(["profileSaveKeys"]);
  expect(await page.content()).not.toMatch(/canary\/secret|AKIACANARY/);
  expect(page.url()).not.toMatch(/canary|CANARY/i);
  expect(await page.evaluate(() => JSON.stringify([window.history.state, { ...localStorage }, { ...sessionStorage }]))).not.toMatch(/canary/i);
  await expect(page.getByText("This access key is 12 days old.")).toBeVisible();
});

test("an old key is warned about, and a safer way is one click away", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Access key").click();
  await page.getByLabel("Access key id").fill("AKIAOLD0000000000001");
  await page.getByLabel("Secret access key").fill("x");
  await app.button("Keep the key and connect").click();
  await expect(page.getByText(/400 days old/)).toBeVisible();
  await app.button("Use a safer way in").click();
  await expect(page.getByRole("heading", { name: "IAM Identity Center" })).toBeVisible();
});

test("the root user's key is refused and taken out of the keychain again", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Access key").click();
  await page.getByLabel("Access key id").fill("AKIAROOT000000000001");
  await page.getByLabel("Secret access key").fill("x");
  await app.button("Keep the key and connect").click();
  await expect(page.getByRole("alert")).toContainText("root user");
  await expect(page.getByRole("alert")).toContainText("removed from the keychain again");
  await app.button("Show me how").click();
  await expect(page.getByRole("heading", { name: "Your first way into AWS" })).toBeVisible();
  await app.button("All ways in").click();
  await expect(page.getByRole("link", { name: "Profiles" })).toBeHidden();
});

test("a key that AWS does not know is not kept", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Access key").click();
  await page.getByLabel("Access key id").fill("AKIAWRONG00000000001");
  await page.getByLabel("Secret access key").fill("x");
  await app.button("Keep the key and connect").click();
  await expect(page.getByRole("alert")).toContainText("InvalidClientTokenId");
  await expect(page.getByText(/Nothing was kept/)).toBeVisible();
  await expect(page.getByLabel("Secret access key")).toHaveValue("");
});

test("the downloaded file is dropped on the window and read by the core", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.drag({ type: "drop", paths: ["/home/sam/Downloads/sam_accessKeys.csv"] });
  await expect(page.getByText("sam_accessKeys.csv")).toBeVisible();
  await app.button("Keep the key and connect").click();
  await app.on("proof");
  expect(await carriers(page, "from-the-file")).toEqual([]);
  await page.getByRole("checkbox", { name: "Read-only" }).check();
  await app.button("Go on").click();
  await app.on("applications");
  await expect(page.getByRole("button", { name: /^Account: read-only my-account/ })).toBeVisible();
});

for (const [state, title] of [["missing", "no keychain that answers"], ["locked", "keychain is locked"], ["denied", "does not let this app in"]] as const) {
  test(`a keychain that is ${state}: nothing is kept before its user chooses`, async ({ app, page }) => {
    await app.open({ query: `keychain=${state}` });
    await app.on("welcome");
    await app.button("Access key").click();
    await page.getByLabel("Access key id").fill("AKIAMEMORY0000000001");
    await page.getByLabel("Secret access key").fill("x");
    await expect(page.getByText(new RegExp(title)).first()).toBeVisible();
    await expect(app.button("Keep the key and connect")).toBeDisabled();
    await app.button("Keep in memory for this run").click();
    await expect(page.getByText("Secrets stay in memory")).toBeVisible();
    await app.button("Keep the key and connect").click();
    await app.on("proof");
    await app.button("Go on").click();
    await page.getByRole("button", { name: /^Account:/ }).click();
    await page.getByRole("menuitem", { name: "Profiles" }).click();
    await expect(page.getByText("in memory only")).toBeVisible();
  });
}

test("a keychain that takes its time holds up nothing, and its answer moves nothing", async ({ app, page }) => {
  // Half a minute of the keychain is six seconds here; who waits is told why after three.
  await app.open({ speed: 5, query: "keychain=slow" });
  await expect(page.getByText("best way here")).toBeVisible({ timeout: 2_000 });
  expect(await calls(page, "keychainLook")).toBe(0);
  await app.button("Access key").click();
  await page.getByLabel("Access key id").fill("AKIASLOW000000000001");
  await page.getByLabel("Secret access key").fill("x");
  await expect(page.getByText("Asking the keychain")).toBeVisible();
  const button = app.button("Keep the key and connect");
  const before = await button.boundingBox();
  await expect(page.getByText("Waiting for the keychain")).toBeVisible();
  expect(await button.boundingBox()).toEqual(before);
  await expect(button).toBeDisabled();
  await page.getByLabel("Name of the profile").fill("typed meanwhile");
  await page.evaluate(() => (window as unknown as { zonkeFake: { backend: { accounts: { mendKeychain(): void } } } }).zonkeFake.backend.accounts.mendKeychain());
  await expect(page.getByText("The keychain of this computer is ready.")).toBeVisible();
  expect(await button.boundingBox()).toEqual(before);
  await expect(page.getByLabel("Name of the profile")).toHaveValue("typed meanwhile");
  await expect(page.getByLabel("Access key id")).toHaveValue("AKIASLOW000000000001");
  await expect(button).toBeEnabled();
});

test("while the keychain takes half a minute, everything that needs none can be done", async ({ app, page }) => {
  await app.open({ speed: 1, query: "keychain=slow" });
  await app.on("welcome");
  await app.button("Access key").click();
  await expect(page.getByText("Waiting for the keychain")).toBeVisible();
  await app.button("All ways in").click();
  await app.button("Plan a project without an account").click();
  await app.on("import");
});

test("a role with MFA asks for the digits in place and goes on", async ({ app, page }) => {
  await app.open({ query: "saved" });
  await app.on("welcome");
  await app.button("Assume a role").click();
  await page.getByLabel("ARN of the role").fill("nonsense");
  await expect(page.getByText("It looks like arn:aws:iam::123456789012:role/NAME.")).toBeVisible();
  await page.getByLabel("ARN of the role").fill("arn:aws:iam::333344445555:role/Release");
  await page.getByLabel("MFA device (optional)").fill("arn:aws:iam::111122223333:mfa/sam");
  await page.getByLabel("External id (optional)").fill("acme-7731");
  await app.button("Save and connect").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("release needs a code of your MFA device");
  await dialog.getByLabel("MFA code").fill("000000");
  await dialog.getByRole("button", { name: "Go on" }).click();
  await expect(dialog.getByRole("alert")).toContainText("does not accept this code");
  await dialog.getByLabel("MFA code").fill("123456");
  await dialog.getByRole("button", { name: "Go on" }).click();
  await app.on("proof");
  await expect(page.getByText("333344445555").first()).toBeVisible();
  expect(await carriers(page, '"123456"')).toEqual(["signInCode"]);
});

test("an expired session pauses a deployment's view and the same view goes on", async ({ app, page }) => {
  await app.open({ speed: 10, query: "saved" });
  await app.on("welcome");
  await app.button("Connect acme-dev").click();
  await app.on("applications");
  await app.button("Import a project").click();
  await app.importExample();
  await app.review();
  await app.button("Deploy to 111122223333").click();
  await app.on("deployment");
  await expect(page.getByText("Network of its own")).toBeVisible();
  await app.expire("acme-dev", { kind: "browser" });
  await expect(page.getByRole("dialog")).toContainText("acme-dev needs a sign-in to go on");
  await app.button("Not now").click();
  await expect(page.getByRole("region", { name: "Paused" })).toContainText("What runs in AWS goes on");
  await page.getByRole("region", { name: "Paused" }).getByRole("button", { name: "Sign in" }).click();
  await app.button("Sign in with the browser").click();
  await expect(page.getByRole("region", { name: "Paused" })).toBeHidden();
  await app.setSpeed(200);
  await expect(page.getByText("guestbook is running.")).toBeVisible({ timeout: 15_000 });
  expect(await calls(page, "deployExecute")).toBe(1);
});

test("whoever does not want to wait is told so, and signs in later", async ({ app, page }) => {
  await app.open({ query: "saved" });
  await app.on("welcome");
  await app.button("Connect acme-dev").click();
  await app.on("applications");
  await app.expire("acme-dev", { kind: "elsewhere", command: "aws sso login --profile acme" });
  await expect(page.getByRole("dialog")).toContainText("aws sso login --profile acme");
  await page.keyboard.press("Escape");
  await app.button("Stop waiting").click();
  await expect(page.getByRole("region", { name: "Paused" })).toContainText("Everything that needs it is paused");
  await page.getByRole("region", { name: "Paused" }).getByRole("button", { name: "Sign in" }).click();
  await app.button("I have signed in").click();
  await expect(page.getByRole("region", { name: "Paused" })).toBeHidden();
  await expect(page.getByText("No application yet")).toBeVisible();
});

test("production wants the name typed, to change something and to remove the profile", async ({ app, page }) => {
  await app.open({ query: "saved", speed: 100 });
  await app.on("welcome");
  await app.button("Connect acme-production").click();
  await app.button("Sign in with the browser").click();
  await app.on("applications");
  await app.button("Import a project").click();
  await app.importExample();
  await app.review();
  await app.button("Deploy to 444455556666").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Deploy guestbook" })).toBeDisabled();
  await dialog.getByLabel("Type acme-production to confirm").fill("acme-production");
  await dialog.getByRole("button", { name: "Deploy guestbook" }).click();
  await app.on("deployment");
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("menuitem", { name: "Profiles" }).click();
  await app.button("Remove acme-production").click();
  await expect(app.button("Remove it")).toBeDisabled();
  await page.getByLabel("Type acme-production to confirm").fill("acme-production");
  await app.button("Remove it").click();
  await expect(page.getByText("acme-production was removed, and its secrets with it.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeHidden();
});

test("profiles: renamed, made read-only, and one that another needs stays", async ({ app, page }) => {
  await app.open({ query: "saved" });
  await app.on("welcome");
  await page.getByRole("link", { name: "Profiles" }).click();
  await app.on("profiles");
  await app.button("Change old-key").click();
  await page.getByLabel("Name", { exact: true }).fill("Auditor");
  await app.button("Save").click();
  await expect(page.getByRole("alert")).toContainText("Another saved profile is called");
  await page.getByLabel("Name", { exact: true }).fill("legacy");
  await page.getByRole("checkbox", { name: "Read-only" }).check();
  await app.button("Save").click();
  await expect(page.getByRole("listitem").filter({ hasText: "legacy" })).toContainText("read-only");
  await app.button("Remove acme-dev").click();
  await app.button("Remove it").click();
  await expect(page.getByRole("alert")).toContainText("`auditor` signs in through".replaceAll("`", ""));
});

test("a key moves out of its file and back again", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Move key of personal into the keychain").click();
  await app.button("Move the key").click();
  await expect(page.getByText("credential_process = zonke credentials personal")).toBeVisible();
  await app.button("Put it back").click();
  await expect(page.getByText(/The key is back in the file/)).toBeVisible();
});

test("preflight says what would fail, with the fix and the page for it", async ({ app, page }) => {
  await app.open({ speed: 40 });
  await app.connect("work");
  await app.button("New application").click();
  await app.importExample();
  await page.getByLabel("Application name").fill("new-account");
  await app.review();
  const panel = page.getByRole("region", { name: "Would it work in this account?" });
  await expect(panel.getByText("2 checks would fail")).toBeVisible();
  await expect(panel.getByText("ecs:CreateCluster")).toBeVisible();
  await panel.getByRole("listitem").filter({ hasText: "CloudFront" }).getByRole("button", { name: "Open in the console" }).last().click();
  expect((await opened(page)).at(-1)).toContain("support");
  await app.button("Check again").click();
  await expect(panel.getByText(/checked just now/)).toBeVisible();
});

test("a hundred thousand calls are filtered, scrolled and exported", async ({ app, page }) => {
  await app.open({ query: "calls=100000", hash: "/audit" });
  await app.on("audit");
  await expect(page.getByText("100,000 calls")).toBeVisible();
  expect(await page.getByRole("row").count()).toBeLessThan(80);
  await page.getByRole("region", { name: "Log" }).evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await expect(page.locator('[aria-rowindex="100001"]')).toContainText("PutObject");
  await page.getByLabel("Failed only").check();
  await page.getByLabel("Service").selectOption("Secrets Manager");
  await expect(page.getByText(/calls match/)).toBeVisible();
  await page.getByLabel("Search").fill("AccessDenied");
  await expect(page.getByRole("cell", { name: "AccessDenied" }).first()).toBeVisible();
  await page.getByRole("button", { name: /^Copy request id/ }).first().click();
  expect((await page.evaluate(() => (window as unknown as { zonkeFake: Fake }).zonkeFake.backend.copied)).at(-1)).toMatch(/-5b52-/);
  await app.button("Export as JSON lines…").click();
  await expect(page.getByText("zonke-audit.jsonl")).toBeVisible();
  await page.getByLabel("Search").fill("nothing like this");
  await app.button("Show all calls").click();
  await expect(page.getByText("100,000 calls")).toBeVisible();
});

test("a log that is empty or cannot be read says so", async ({ app, page }) => {
  await app.open({ query: "calls=0", hash: "/audit" });
  await expect(page.getByText("No call yet")).toBeVisible();
  await app.open({ query: "calls=-1", hash: "/audit" });
  await expect(page.getByRole("alert")).toContainText("could not be read");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing on the screens of accounts, ${colorScheme}`, () => {
    test.use({ colorScheme });
    test("every step", async ({ app, page }) => {
      await app.open({ query: "keychain=missing" });
      await expect(page.getByText("best way here")).toBeVisible();
      await app.expectAccessible();
      for (const way of ["Access key", "Assume a role", "Another address", "aws login", "A program that gives credentials", "I have no account or no key yet"]) {
        await app.button(way).click();
        await app.on("way");
        await app.expectAccessible();
        await app.button("All ways in").click();
      }
      await app.button("Connect work").click();
      await app.on("proof");
      await expect(page.getByText("role Deployer as sam")).toBeVisible();
      await app.expectAccessible();
    });
    test("profiles, account, audit and an expired session", async ({ app, page }) => {
      await app.open({ query: "saved" });
      await app.on("welcome");
      await app.button("Connect acme-dev").click();
      await app.on("applications");
      for (const [item, shown] of [["Profiles", "auditor"], ["This account", "Checks of the account need a plan"], ["Calls to AWS", "240 calls"]] as const) {
        await page.getByRole("button", { name: /^Account:/ }).click();
        await page.getByRole("menuitem", { name: item }).click();
        await expect(page.getByText(shown, { exact: true })).toBeVisible();
        await app.expectAccessible();
      }
      await app.expire("acme-dev", { kind: "browser" });
      await expect(page.getByRole("dialog")).toBeVisible();
      await app.expectAccessible();
      await app.button("Not now").click();
      await expect(page.getByRole("region", { name: "Paused" })).toBeVisible();
      await app.expectAccessible();
    });
  });
}
