import type { Page } from "@playwright/test";
import { type App, expect, test } from "./app.ts";
import { countSteps, keyboard, steps, tabTo } from "./hands.ts";

/** The plan of the example under this name, with its policy on the screen. */
async function toPolicy(app: App, page: Page, name: string, speed = 40): Promise<void> {
  await app.open({ speed });
  await app.connect("work");
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await page.getByLabel("Application name").fill(name);
  await app.tab("Policy");
}

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name, exact: true });

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 960, height: 640 } });

    test("the role for a plan by keyboard alone, axe on every step", async ({ app, page }) => {
      await countSteps(page);
      await toPolicy(app, page, "guestbook", 4);
      const before = await steps(page);
      await app.expectAccessible();
      const hand = keyboard(page);
      await hand.press("Create the role for me");
      await expect(heading(page, "A role for this plan")).toBeFocused();
      await app.expectAccessible();
      await tabTo(page, page.getByRole("radio", { name: /Only who is connected now/ }));
      await page.keyboard.press("ArrowDown");
      await expect(page.getByRole("radio", { name: /Everybody in this account/ })).toBeChecked();
      await tabTo(page, page.getByLabel("Longest session"));
      await page.keyboard.press("ArrowDown");
      await expect(page.getByLabel("Longest session")).toHaveValue("2");
      await hand.press("Review what would be made");
      await expect(heading(page, "Make the role")).toBeFocused();
      await app.expectAccessible();
      await hand.press("Make the role");
      await expect(heading(page, "The role is being made")).toBeFocused();
      await expect(page.getByText("AWS usually needs less than a minute")).toBeVisible();
      await app.expectAccessible();
      await expect(heading(page, "The role is there")).toBeFocused({ timeout: 15_000 });
      await app.expectAccessible();
      await hand.press("Use the role from now on");
      await app.on("plan");
      await expect(page.getByRole("button", { name: /^Account: guestbook-deployer/ })).toBeVisible();
      const after = await steps(page);
      expect(after.pressed - before.pressed, "presses of the mouse's button").toBe(0);
      expect(after.screens.slice(-4)).toEqual(["A role for this plan", "Make the role", "The role is being made", "The role is there"]);
    });

    test("whoever may not make roles is told whom to ask, and nothing entered is lost", async ({ app, page }) => {
      await toPolicy(app, page, "no-rights");
      await app.button("Create the role for me").click();
      await page.getByLabel("External id (optional)").fill("acme-7731");
      await app.button("Review what would be made").click();
      const alert = page.getByRole("alert");
      await expect(alert).toContainText("iam:CreateRole");
      await expect(alert).toContainText("administrator");
      await expect(alert).toBeInViewport();
      await app.on("role-wish");
      await expect(page.getByLabel("External id (optional)")).toHaveValue("acme-7731");
      await expect(app.button("Review what would be made")).toBeEnabled();
      await app.expectAccessible();
    });

    test("a role that fails while it is made says why, and the wish can be changed and tried again", async ({ app, page }) => {
      await toPolicy(app, page, "fail-role");
      await app.button("Create the role for me").click();
      await app.button("Review what would be made").click();
      await app.button("Make the role").click();
      const alert = page.getByRole("alert");
      await expect(alert).toContainText("AWS does not know who should be trusted");
      await expect(alert).toContainText("Let everybody in the account take it on");
      await expect(alert).toBeInViewport();
      await expect(heading(page, "A role for this plan")).toBeFocused();
      await app.expectAccessible();
      await page.getByRole("radio", { name: /Everybody in this account/ }).check();
      await app.button("Review what would be made").click();
      await app.on("role-review");
      await expect(page.getByRole("alert")).toBeHidden();
    });

    test("a plan for another region than the account's makes no role, and says what to change", async ({ app, page }) => {
      await toPolicy(app, page, "guestbook");
      await page.getByLabel("Region", { exact: true }).selectOption("us-east-1");
      await app.button("Create the role for me").click();
      await expect(page.getByText("The plan is for us-east-1, the account is connected to eu-west-1.")).toBeVisible();
      await expect(app.button("Review what would be made")).toBeDisabled();
      await app.expectAccessible();
      await app.button("Plan").click();
      await app.on("plan");
    });
  });
}
