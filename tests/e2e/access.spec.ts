import { expect, test } from "./app.ts";

test("without Python the practice account says so and the rest works", async ({ app, page }) => {
  await app.open({ query: "no-python" });
  await app.on("welcome");
  await app.button("Use the practice account").click();
  await expect(page.getByRole("alert")).toContainText("sudo apt install python3");
  await app.button("Plan a project without an account").click();
  await app.importExample();
  await expect(page.getByText(/a month/).first()).toBeVisible();
});

test("started for practice, the app goes there by itself", async ({ app, page }) => {
  await app.open({ query: "practice" });
  await app.on("applications");
  await page.getByRole("button", { name: /^Account: .*Practice account/ }).click();
  await page.getByRole("menuitem", { name: "Disconnect" }).click();
  await app.on("welcome");
  // Whoever leaves is not taken back at once.
  await expect(app.button("Use the practice account")).toBeEnabled();
  await expect(page.getByRole("button", { name: /^Account:/ })).toBeHidden();
});

test("the root user is refused, an expired session says how to renew it", async ({ app, page }) => {
  await app.open();
  await app.on("welcome");
  await app.button("Connect root").click();
  await expect(page.getByRole("alert")).toContainText("root user of account 210987654321");
  await app.button("Connect expired").click();
  await expect(page.getByRole("alert")).toContainText("aws login --profile expired");
});

test("no profile on this computer: the next step is named", async ({ app, page }) => {
  await app.open({ query: "no-profiles" });
  await app.on("welcome");
  await expect(page.getByText("best way here")).toBeVisible();
  await app.button("Sign in").click();
  await expect(page.getByRole("heading", { name: "IAM Identity Center" })).toBeFocused();
});

test("the account can be left and another one taken", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await expect(page.getByText("ledger", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: /^Account: work/ }).click();
  await page.getByRole("menuitem", { name: "Disconnect" }).click();
  await app.practice();
  await expect(page.getByText("No application yet")).toBeVisible();
});

test("the whole way to a plan works by keyboard alone", async ({ app, page }) => {
  // Every field on the way is passed with Tab.
  test.slow();
  await app.open({ hash: "/new/import" });
  await app.on("import");
  const tabTo = async (role: "button" | "textbox" | "tab" | "radio", name: RegExp) => {
    const target = page.getByRole(role, { name });
    await expect(target).toBeEnabled();
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press("Tab");
      if (await target.evaluate((e) => e === document.activeElement)) {
        expect(await target.evaluate((e) => e.matches(":focus-visible"))).toBe(true);
        return;
      }
    }
    throw new Error(`Tab never reached ${name}`);
  };
  await tabTo("textbox", /Path of the folder/);
  await page.keyboard.type("/home/sam/projects/bookshop");
  await page.keyboard.press("Enter");
  await tabTo("radio", /^apps\/api \(suggested\)/);
  await page.keyboard.press("Space");
  await expect(page.getByText("Can be deployed", { exact: true })).toBeVisible();
  await tabTo("button", /^Show the plan/);
  await page.keyboard.press("Enter");
  await app.on("plan");
  await tabTo("textbox", /Application name/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("bookshop2");
  await tabTo("button", /^Database PostgreSQL/);
  await page.keyboard.press("Enter");
  await tabTo("radio", /PostgreSQL/);
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("radio", { name: "None" })).toBeChecked();
  await tabTo("tab", /Architecture/);
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Price" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowLeft");
  await tabTo("button", /^CloudFront/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Content of base.template.yaml" })).toContainText("AWS::CloudFront::Distribution");
  await page.keyboard.press("Shift+Tab");
  await tabTo("button", /^Review and deploy/);
  await page.keyboard.press("Enter");
  await app.on("review");
});

test("the practice account can be emptied", async ({ app, page }) => {
  await app.open();
  await app.practice();
  await app.button("Import a project").click();
  await app.importExample();
  await app.review();
  await app.button("Deploy to the practice account").click();
  await app.on("deployment");
  await page.getByRole("button", { name: /^Account:/ }).click();
  await page.getByRole("menuitem", { name: /^Empty the practice account/ }).click();
  await app.button("Empty it").click();
  await app.on("applications");
  await expect(page.getByText("No application yet")).toBeVisible();
});

test("the profile that was used last comes first", async ({ app, page }) => {
  await app.open({ query: "last=personal" });
  await app.on("welcome");
  await expect(page.getByText("used last")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Connect / }).first()).toHaveAccessibleName("Connect personal");
});

test("a chosen theme is kept", async ({ app, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await app.open();
  await app.on("welcome");
  const theme = () => page.locator("html").getAttribute("data-theme");
  expect(await theme()).toBe("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(theme).toBe("dark");
  await app.button("Theme").click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  expect(await theme()).toBe("light");
  await page.reload();
  await app.on("welcome");
  expect(await theme()).toBe("light");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`axe finds nothing, ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("on the way to a deployment", async ({ app, page }) => {
      await app.open({ speed: 20 });
      await app.on("welcome");
      await expect(page.getByText("personal")).toBeVisible();
      await app.expectAccessible();
      await app.practice();
      await app.expectAccessible();
      await app.button("Import a project").click();
      await app.on("import");
      await app.inspect("bookshop");
      await expect(page.getByText("Your choice is needed")).toBeVisible();
      await app.expectAccessible();
      await app.inspect("storefront");
      await expect(page.getByText("Not supported")).toBeVisible();
      await app.expectAccessible();
      await app.importExample();
      for (const tab of ["Architecture", "Price", "Checks", "Files", "Policy"]) {
        await app.tab(tab);
        await app.expectAccessible();
      }
      await app.review();
      await expect(page.getByText("After that, by the pipeline")).toBeVisible();
      await app.expectAccessible();
      await app.button("Deploy to the practice account").click();
      await app.on("deployment");
      await expect(page.getByText("Network of its own")).toBeVisible();
      await app.expectAccessible();
    });

    test("on an application and a failure", async ({ app, page }) => {
      await app.open({ speed: 20 });
      await app.connect("work");
      await page.getByRole("link", { name: "ledger" }).click();
      for (const tab of ["Overview", "Pipeline", "Servers", "Secrets"]) {
        await app.tab(tab);
        await expect(page.getByText(/up to date|as of/).first()).toBeVisible();
        await app.expectAccessible();
      }
      await app.button("Delete JWT_SECRET").click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await app.expectAccessible();
      await app.button("Cancel").click();
      await page.getByRole("link", { name: "Applications" }).click();
      await app.button("New application").click();
      await app.importExample();
      await page.getByLabel("Application name").fill("fail-database");
      await app.review();
      await app.button(/^Deploy to/).click();
      await app.setSpeed(150);
      await expect(page.getByText("ROLLBACK_COMPLETE")).toBeVisible();
      await app.expectAccessible();
    });
  });
}

for (const [width, height] of [[1280, 800], [960, 640]] as const) {
  test(`nothing is cut off sideways at ${width} × ${height}`, async ({ app, page }) => {
    await page.setViewportSize({ width, height });
    await app.open({ speed: 40 });
    const fits = async () => {
      const wide = await page.evaluate(() => [...document.querySelectorAll("body, main, main > div")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.tagName} ${e.scrollWidth} > ${e.clientWidth}`));
      expect(wide).toEqual([]);
    };
    await app.connect("work");
    await fits();
    await page.getByRole("link", { name: "ledger" }).click();
    for (const tab of ["Pipeline", "Servers", "Secrets"]) {
      await app.tab(tab);
      await expect(page.getByText(/up to date|as of/).first()).toBeVisible();
      await fits();
    }
    await page.getByRole("link", { name: "Applications" }).click();
    await app.button("New application").click();
    await fits();
    await app.importExample();
    await fits();
    await app.review();
    await expect(page.getByText("After that, by the pipeline")).toBeVisible();
    await fits();
  });
}
