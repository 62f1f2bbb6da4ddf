import type { Page } from "@playwright/test";
import { type App, expect, test } from "./app.ts";
import { keyboard, tabTo } from "./hands.ts";

type Fake = { backend: { opened: string[]; copied: string[] } };
const backend = (page: Page) => page.evaluate(() => {
  const { opened, copied } = (window as unknown as { zonkeFake: Fake }).zonkeFake.backend;
  return { opened, copied };
});

async function toRole(app: App, page: Page, profile: string): Promise<void> {
  await app.open();
  await app.connect(profile);
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await app.tab("Policy");
  await app.button("Create the role for me").click();
  await app.on("role-wish");
}

test("the plan's policy becomes a role: wished, reviewed, made, and used from then on", async ({ app, page }) => {
  await toRole(app, page, "work");
  await expect(page.getByRole("heading", { name: "A role for this plan" })).toBeFocused();
  await app.expectAccessible();
  await page.getByLabel("Permissions boundary (optional)").fill("limit");
  await expect(page.getByText("It looks like arn:aws:iam::123456789012:policy/NAME.")).toBeVisible();
  await expect(app.button("Review what would be made")).toBeDisabled();
  await page.getByLabel("Permissions boundary (optional)").fill("");
  await page.getByLabel("Longest session").selectOption("4");
  await app.button("Review what would be made").click();

  await app.on("role-review");
  await expect(page.getByText("Role of whoever deploys this application, for one session at a time")).toBeVisible();
  await expect(page.getByText(/Only .*role\/.* of this account may take the role on/)).toBeVisible();
  await app.expectAccessible();
  await app.button("Make the role").click();
  await app.on("role-making");
  await expect(page.getByRole("list", { name: "Resources of the stack" }).getByRole("listitem")).toHaveCount(2);

  await app.on("role-made");
  await expect(page.getByText(/role\/zonke\/guestbook\/guestbook-deployer-Role/)).toBeVisible();
  await app.expectAccessible();
  await app.button("Use the role from now on").click();
  await app.on("plan");
  await expect(page.getByText("guestbook-deployer", { exact: true }).first()).toBeVisible();
});

test("the same role a second time needs no change, and a discarded one leaves nothing", async ({ app, page }) => {
  await toRole(app, page, "work");
  await app.button("Review what would be made").click();
  await app.on("role-review");
  await app.button("Discard").click();
  await app.on("role-wish");
  await app.button("Review what would be made").click();
  await app.button("Make the role").click();
  await app.on("role-made");
  await app.button("Go on as before").click();
  await app.on("plan");
  await app.tab("Policy");
  await app.button("Create the role for me").click();
  await app.button("Review what would be made").click();
  await app.on("role-made");
});

test("in the practice account the role can be made and looked at", async ({ app, page }) => {
  await app.open();
  await app.practice();
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await app.tab("Policy");
  await app.button("Create the role for me").click();
  await app.button("Review what would be made").click();
  await app.button("Make the role").click();
  await expect(page.getByText("The practice account does not ask for rights")).toBeVisible();
  await app.button("Back to the plan").click();
  await app.on("plan");
});

test("somebody without an account saves one stack and is led to CloudFormation", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.tab("Policy");
  await app.button("Show the ways in").click();
  await app.on("welcome");
  await app.button("I have no account or no key yet").click();
  await app.expectAccessible();
  await expect(page.getByText(/2 resources|3 resources/)).toBeVisible();
  await app.button("Save the template").click();
  await expect(page.getByText("guestbook-deployer.yaml")).toBeVisible();
  await page.getByText("Show what is in it").click();
  await expect(page.getByRole("region", { name: "Content of deployer.template.yaml" })).toContainText("AWS::IAM::User");
  await app.button("Open CloudFormation in eu-west-1").click();
  expect((await backend(page)).opened).toContain("https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create");
  await page.getByRole("radio", { name: "A user without rights" }).check();
  await expect(page.getByRole("heading", { name: "Bring the role here" })).toBeVisible();
  await page.getByRole("radio", { name: /^By hand/ }).check();
  await expect(page.getByRole("heading", { name: "Attach them" })).toBeVisible();
  await app.expectAccessible();
});

test("the page for somebody without an account is walked by keyboard alone", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.tab("Policy");
  const hand = keyboard(page);
  await hand.press("Show the ways in");
  await app.on("welcome");
  await hand.press("I have no account or no key yet");
  await expect(page.getByRole("heading", { level: 1, name: "Your first way into AWS" })).toBeFocused();
  await hand.press("Save the template");
  await expect(page.getByText("guestbook-deployer.yaml")).toBeVisible();
  await hand.press("Open CloudFormation in eu-west-1");
  expect((await backend(page)).opened).toContain("https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create");
  // Radio buttons: Tab reaches the group, arrows choose in it.
  await page.getByRole("heading", { level: 1 }).focus();
  await tabTo(page, page.getByRole("radio", { name: "No AWS account" }));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("heading", { name: "Bring the role here" })).toBeVisible();
  await tabTo(page, page.getByRole("radio", { name: /^With one CloudFormation stack/ }));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("heading", { name: "Attach them" })).toBeVisible();
});
