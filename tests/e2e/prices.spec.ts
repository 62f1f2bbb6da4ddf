import { expect, test } from "./app.ts";

test("AWS is asked for prices, and every line says where its own are from", async ({ app, page }, info) => {
  await app.open();
  await app.connect("work");
  await page.goto(`${page.url().split("#")[0] ?? ""}#/new/import`);
  await app.importExample();
  await app.tab("Price");
  const servers = page.getByRole("row", { name: /^Servers/ });
  await expect(servers).toContainText("bundled (2026-10-01)");
  await app.button("Refresh prices").click();
  await expect(page.getByRole("status").filter({ hasText: "3 prices read from AWS. Not in its answers: 1" })).toBeVisible();
  await expect(servers).toContainText("fresh (2026-11-28)");
  await expect(page.getByRole("row", { name: /^Load balancer/ })).toContainText("in part fresh (2026-11-28), in part bundled (2026-10-01)");
  await expect(page.getByRole("row", { name: /^Secrets/ })).toContainText("bundled (2026-10-01)");
  await expect(page.getByText("AWS told prices on 2026-11-28")).toBeVisible();
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
