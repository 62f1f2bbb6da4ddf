import type { Page } from "@playwright/test";
import { type App, expect, test } from "./app.ts";

test("AWS is asked for prices, and every line says where its own are from", async ({ app, page }, info) => {
  await app.open();
  await app.connect("work");
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await app.tab("Price");
  const servers = page.getByRole("row", { name: /^Servers/ });
  await expect(servers).toContainText("bundled (2026-10-01)");
  await app.button("Refresh prices").click();
  await expect(page.getByRole("status").filter({ hasText: "3 prices read from AWS; 1 was not in its answers and stays as before." })).toBeVisible();
  await expect(servers).toContainText("fresh (2026-11-28)");
  await expect(page.getByRole("row", { name: /^Load balancer/ })).toContainText("in part fresh (2026-11-28), in part bundled (2026-10-01)");
  await expect(page.getByRole("row", { name: /^Secrets/ })).toContainText("bundled (2026-10-01)");
  await expect(page.getByText("Told by AWS for eu-west-1 on 2026-11-28")).toBeVisible();
  await app.expectAccessible();
  await page.screenshot({ path: info.outputPath("prices.png") });
});

test("without an AWS account the bundled prices stay and the button says what is missing", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.tab("Price");
  await expect(app.button("Refresh prices")).toBeDisabled();
  await expect(page.getByText("Connect an AWS account to refresh them.")).toBeVisible();
});

const sizes = [{ width: 1280, height: 800 }, { width: 960, height: 640 }];

/** The price of the example, with an account connected that may be asked. */
async function priced(app: App, page: Page, speed: number): Promise<void> {
  await app.open({ speed });
  await app.connect("work");
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await app.tab("Price");
}

for (const scheme of ["light", "dark"] as const) {
  test(`while AWS is asked the button waits and nothing moves (${scheme})`, async ({ app, page }, info) => {
    await page.emulateMedia({ colorScheme: scheme });
    await priced(app, page, 40);
    for (const size of sizes) {
      await page.setViewportSize(size);
      await app.setSpeed(40);
      await expect(app.button("Refresh prices")).toBeEnabled();
      // Lines of the table may say more afterwards; where it begins is what jumps.
      const places = async () => [await app.button("Refresh prices").boundingBox(), (await page.getByRole("table").boundingBox())?.y];
      const before = await places();
      await app.setSpeed(0.1);
      await app.button("Refresh prices").click();
      await expect(app.button("Refresh prices")).toHaveAttribute("aria-busy", "true");
      await app.setSpeed(40);
      await expect(app.button("Refresh prices")).toBeDisabled();
      await expect(page.getByText("Asking AWS. These prices count until it has answered.")).toBeVisible();
      expect(await places()).toEqual(before);
      // Another view and back: it still waits.
      await app.tab("Checks");
      await app.tab("Price");
      await expect(app.button("Refresh prices")).toHaveAttribute("aria-busy", "true");
      await page.screenshot({ path: info.outputPath(`waiting-${size.width}.png`) });
      await expect(app.button("Refresh prices")).toBeEnabled();
      await expect(page.getByText("Told by AWS for eu-west-1 on 2026-11-28")).toBeVisible();
      expect(await places(), "the answer moves nothing either").toEqual(before);
    }
  });

  test(`where AWS tells no prices, what to do is said and the prices stay (${scheme})`, async ({ app, page }, info) => {
    await page.emulateMedia({ colorScheme: scheme });
    await priced(app, page, 40);
    const total = await page.getByRole("row", { name: /^Total/ }).innerText();
    for (const [name, message, hint] of [
      ["fail-prices", "pricing:GetProducts", "Ask the account's administrator for the permission named above"],
      ["no-network", "api.pricing.us-east-1.amazonaws.com", "Check the network connection and try again."],
    ] as const) {
      await page.getByLabel("Application name").fill(name);
      await app.button("Refresh prices").click();
      const alert = page.getByRole("alert").filter({ hasText: message });
      await expect(alert).toContainText(hint);
      await expect(page.getByText("AWS told no prices; these stay.")).toBeVisible();
      await expect(page.getByRole("row", { name: /^Total/ })).toHaveText(total.replaceAll("\t", ""));
      await expect(page.getByRole("row", { name: /^Servers/ })).toContainText("bundled (2026-10-01)");
      await app.expectAccessible();
      for (const size of sizes) {
        await page.setViewportSize(size);
        await page.screenshot({ path: info.outputPath(`${name}-${size.width}.png`) });
      }
    }
    await page.getByLabel("Application name").fill("guestbook");
    await app.button("Refresh prices").click();
    await expect(page.getByText("3 prices read from AWS;")).toBeVisible();
    await expect(page.getByText("Check the network connection and try again.")).toBeHidden();
  });
}

test("what AWS told counts in the options, the presets and the review as well, also for a plan that was reviewed before", async ({ app, page }) => {
  await priced(app, page, 40);
  const total = page.getByRole("region", { name: "Options" }).getByText(/a month/);
  const amount = async () => /\$[\d.]+/.exec(await total.innerText())?.[0] ?? "";
  const reviewed = async () => {
    await app.review();
    return page.getByText(/^\$[\d.]+ a month$/);
  };
  const before = await amount();
  await expect(await reviewed()).toHaveText(`${before} a month`);
  await page.getByRole("link", { name: /Plan/ }).click();
  await app.tab("Price");
  await app.button("Refresh prices").click();
  await expect(page.getByText("3 prices read from AWS;")).toBeVisible();
  await expect(total).not.toContainText(before);
  const fresh = await amount();
  await expect(page.getByRole("radio", { name: /Standard/ }).locator("..")).toContainText(fresh);
  await expect(await reviewed()).toHaveText(`${fresh} a month`);
});
