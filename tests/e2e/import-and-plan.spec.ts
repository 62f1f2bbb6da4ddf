import { expect, test } from "./app.ts";

test("a folder dropped on the window is read", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.on("import");
  await app.drag({ type: "over", count: 1 });
  await expect(page.getByText("Let go to look inside")).toBeVisible();
  await app.drag({ type: "leave" });
  await expect(page.getByText("Let go to look inside")).toBeHidden();
  await app.drag({ type: "drop", paths: ["/home/sam/projects/guestbook"] });
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Path of the folder")).toHaveValue("/home/sam/projects/guestbook");
});

test("a folder dropped on another screen leads to the import", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.drag({ type: "drop", paths: ["/home/sam/projects/guestbook"] });
  await app.on("import");
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
});

const refused = [
  { what: "several folders", paths: ["/home/sam/a", "/home/sam/b"], says: "2 things were dropped. Drop one folder" },
  { what: "a file", paths: ["/home/sam/archive.zip"], says: "archive.zip is a file. Drop the folder" },
  { what: "a folder of installed packages", paths: ["/home/sam/projects/guestbook/node_modules/react"], says: "node_modules" },
  { what: "the root of the disk", paths: ["/"], says: "is the root of a disk" },
  { what: "a folder that may not be read", paths: ["/home/sam/projects/locked"], says: "Give your user read permission" },
  { what: "the home folder", paths: ["/home/sam"], says: "is your home directory. Pick the folder" },
];
for (const { what, paths, says } of refused) {
  test(`dropping ${what} gets a sentence`, async ({ app, page }) => {
    await app.open({ hash: "/new/import" });
    await app.on("import");
    await app.drag({ type: "drop", paths });
    await expect(page.getByRole("alert")).toContainText(says);
  });
}

test("the folder dialog leads to the findings", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.on("import");
  await app.button("Choose a folder…").click();
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Path of the folder")).toHaveValue("/home/sam/projects/guestbook");
});

test("two APIs: nothing goes on before one is chosen", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.on("import");
  await app.inspect("bookshop");
  await expect(page.getByText("Your choice is needed")).toBeVisible();
  await expect(app.button("Show the plan")).toBeDisabled();
  await page.getByRole("radio", { name: /^apps\/api \(suggested\)/ }).click();
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  await app.button("Show the plan").click();
  await app.on("plan");
  await expect(page.getByText("apps/shop and apps/api")).toBeVisible();
});

test("every option redraws price, picture and files", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  const total = page.getByText(/a month/).first();
  await expect(total).toBeVisible();
  const before = await total.textContent();
  await expect(page.getByRole("button", { name: /^PostgreSQL/ })).toBeVisible();
  await app.group("Database");
  await page.getByRole("radio", { name: "None" }).check();
  await expect(total).not.toHaveText(before ?? "");
  await expect(page.getByRole("button", { name: /^PostgreSQL/ })).toBeHidden();
  await page.getByRole("button", { name: /^NAT gateway/ }).click();
  await expect(page.getByRole("tab", { name: "Files" })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("region", { name: "Content of base.template.yaml" })).toContainText("AWS::EC2::NatGateway");
  await app.tab("Price");
  await expect(page.getByRole("row", { name: /^Total/ })).toContainText("$");
  await app.tab("Policy");
  await expect(page.getByRole("region", { name: /Content of guestbook-deployer/ })).toContainText("cloudformation:CreateChangeSet");
});

test("an impossible option is named and the plan before stays in view", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await expect(page.getByRole("button", { name: /^CloudFront/ })).toBeVisible();
  await page.getByLabel("Application name").fill("Shop!");
  await expect(page.getByText("3 to 20 lower-case letters, digits and single hyphens")).toBeVisible();
  await expect(page.getByRole("button", { name: /^CloudFront/ })).toBeVisible();
  await expect(app.button("Review and deploy")).toBeDisabled();
  await page.getByLabel("Application name").fill("shop");
  await expect(page.getByRole("alert")).toContainText("Choose the repository as owner/name");
  await app.button("Use practice/shop for now").click();
  await expect(app.button("Review and deploy")).toBeEnabled();
  await app.group("Servers");
  await page.getByLabel("Servers, highest").fill("0");
  await expect(page.getByText("Not more than servers.max, which is 0.", { exact: true })).toBeVisible();
  await expect(app.button("Review and deploy")).toBeDisabled();
});
