import { expect, test } from "./app.ts";

test("a plan is taken away as a folder, with the first command to type", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await page.getByLabel("Repository").fill("sam/guestbook");
  await app.tab("Files");
  await app.button("Eject to a folder").click();
  await expect(page.getByRole("dialog")).toContainText("guestbook-aws");
  await app.expectAccessible();
  await page.getByRole("checkbox", { name: "Add the stacks as a CDK app" }).check();
  await app.button("Choose where").click();
  await expect(page.getByRole("heading", { name: "The folder is written" })).toBeVisible();
  await expect(page.getByRole("group", { name: "To deploy, signed in with the AWS CLI" })).toContainText("cd /home/sam/projects/guestbook/guestbook-aws && ./deploy.sh");
  await expect(page.getByRole("list", { name: "What is in it" })).toContainText("pipeline.template.yaml");
  await expect(page.getByRole("list", { name: "What is in it" })).toContainText("cdk/");
  await app.expectAccessible();
  await app.button("Done").click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(app.button("Eject to a folder")).toBeFocused();
});

test("what stands in the way of ejecting is said", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.tab("Files");
  await app.button("Eject to a folder").click();
  await app.button("Choose where").click();
  await expect(page.getByRole("alert")).toContainText("such as owner/name");
  await app.button("Cancel").click();
  await page.getByLabel("Repository").fill("sam/guestbook");
  await page.getByLabel("Application name").fill("occupied");
  await expect(app.button("pipeline.template.yaml")).toHaveAttribute("title", /occupied-pipeline/);
  await app.button("Eject to a folder").click();
  await expect(page.getByRole("alert")).toBeHidden();
  await app.button("Choose where").click();
  await expect(page.getByRole("alert")).toContainText(/occupied-aws holds other files\..*Choose an empty folder/);
});

test("a dismissed dialog leaves the question open", async ({ app, page }) => {
  await app.open({ hash: "/new/import", query: "pick=" });
  await app.importExample();
  await page.getByLabel("Repository").fill("sam/guestbook");
  await app.tab("Files");
  await app.button("Eject to a folder").click();
  await app.button("Choose where").click();
  await expect(app.button("Choose where")).toBeEnabled();
  await expect(page.getByRole("dialog")).toContainText("Eject to a folder");
});

for (const scheme of ["light", "dark"] as const) {
  test(`what runs is taken away as a folder from the application itself (${scheme})`, async ({ app, page }, info) => {
    await page.emulateMedia({ colorScheme: scheme });
    await app.open();
    await app.connect("work");
    await page.getByRole("link", { name: "ledger" }).click();
    await app.on("application-overview");
    for (const width of [1280, 960]) {
      await page.setViewportSize({ width, height: width === 1280 ? 800 : 640 });
      await app.button("Eject to a folder").click();
      await expect(page.getByRole("dialog")).toContainText("Every template and build file of what runs now");
      await app.expectAccessible();
      await page.screenshot({ path: info.outputPath(`eject-${width}.png`) });
      await app.button("Cancel").click();
      await expect(app.button("Eject to a folder")).toBeFocused();
      await page.screenshot({ path: info.outputPath(`application-${width}.png`) });
    }
    await app.button("Eject to a folder").click();
    await app.button("Choose where").click();
    await expect(page.getByRole("group", { name: "To deploy, signed in with the AWS CLI" })).toContainText("ledger-aws && ./deploy.sh");
    await page.screenshot({ path: info.outputPath("written.png") });
    await app.button("Done").click();
    await expect(page.getByRole("dialog")).toBeHidden();
  });
}

test("an application whose infrastructure is not there yet cannot be taken away, and it says what to do", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await page.getByRole("link", { name: "atlas" }).click();
  await app.on("deployment");
  await page.goto(`${page.url().split("#")[0] ?? ""}#/applications/atlas/overview`);
  await app.on("application-overview");
  await app.button("Eject to a folder").click();
  await app.button("Choose where").click();
  await expect(page.getByRole("alert")).toContainText("Deploy the application again; it goes on from here.");
});

test("what somebody changed in an earlier folder is named and kept", async ({ app, page }, info) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await page.getByLabel("Repository").fill("sam/guestbook");
  await page.getByLabel("Application name").fill("changed");
  await app.tab("Files");
  await expect(app.button("pipeline.template.yaml")).toHaveAttribute("title", /changed-pipeline/);
  await app.button("Eject to a folder").click();
  await app.button("Choose where").click();
  await expect(page.getByRole("alert")).toContainText("carry your changes over");
  await page.screenshot({ path: info.outputPath("changed.png") });
});
