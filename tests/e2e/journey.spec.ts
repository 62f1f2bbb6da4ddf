import { expect, test } from "./app.ts";

test("from the practice account to a scaled, running application with a new secret", async ({ app, page }) => {
  await app.open({ speed: 20 });
  await app.practice();
  await expect(page.getByText("No application yet")).toBeVisible();
  await app.button("Import a project").click();
  await app.importExample();
  await expect(page.getByRole("button", { name: /^CloudFront/ })).toBeVisible();
  await app.review();
  await expect(page.getByRole("heading", { name: /Build guestbook/ })).toBeVisible();
  await expect(page.getByText("Releases every commit to main that touches the application")).toBeVisible();
  await app.button("Deploy to the practice account").click();

  await app.on("deployment");
  await expect(page.getByText("Network of its own")).toBeVisible();
  await app.setSpeed(200);
  await expect(page.getByText("guestbook is running.")).toBeVisible();
  await expect(page.getByText(/cloudfront\.net/)).toBeVisible();
  await app.setSpeed(20);

  await app.button("Open the application").click();
  await app.on("application-overview");
  await app.tab("Servers");
  await page.getByRole("spinbutton", { name: "Servers" }).fill("2");
  await app.button("Scale to 2 servers").click();
  await expect(page.getByRole("cell", { name: "Running" })).toHaveCount(2);

  await app.tab("Secrets");
  await app.button("Add a secret").click();
  await page.getByLabel("Name").fill("STRIPE_KEY");
  await page.getByLabel("Value").fill("canary-7f3a");
  await app.button("Add").click();
  await expect(page.getByRole("cell", { name: "STRIPE_KEY", exact: true })).toBeVisible();
  await expect(page.getByText("Every server runs with the current values.")).toBeVisible();
  expect(await page.content()).not.toContain("canary-7f3a");

  await app.button("Delete STRIPE_KEY").click();
  await expect(app.button("Delete the secret")).toBeDisabled();
  await page.getByLabel("Type STRIPE_KEY to confirm").fill("STRIPE_KEY");
  await app.button("Delete the secret").click();
  await expect(page.getByRole("cell", { name: "STRIPE_KEY", exact: true })).toBeHidden();
});

test("a failing database is explained first, and the rest was rolled back", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await page.getByLabel("Application name").fill("fail-database");
  await app.review();
  await app.button("Connect work").click();
  await app.button("Deploy to 123456789012").click();
  await app.on("deployment");
  await app.setSpeed(150);
  const failure = page.getByRole("alert", { name: "What failed" });
  await expect(failure.getByRole("heading")).toHaveText("AWS has no machine of this size left in the two zones that were chosen.");
  await expect(failure.getByText("Deploy again in another region")).toBeVisible();
  await expect(page.getByText("ROLLBACK_COMPLETE")).toBeVisible();
  // Whoever deploys it again is told what happened before.
  await page.getByRole("link", { name: "Applications" }).click();
  await app.button("New application").click();
  await app.importExample();
  await page.getByLabel("Application name").fill("fail-database");
  await app.review();
  await expect(page.getByText(/what is left of it is removed first/)).toBeVisible();
});

test("a refused review keeps the plan and says what is missing", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await app.button("New application").click();
  await app.importExample();
  await page.getByLabel("Application name").fill("fail-review");
  await app.review();
  await expect(page.getByRole("alert")).toContainText("cloudformation:CreateChangeSet");
  await page.getByRole("link", { name: /Plan/ }).click();
  await expect(page.getByLabel("Application name")).toHaveValue("fail-review");
});

test("a source host that is not connected holds the deployment back until it is", async ({ app, page }) => {
  await app.open({ speed: 5 });
  await app.connect("work");
  await app.button("New application").click();
  await app.importExample();
  await page.getByLabel("Source host").selectOption("GitLab");
  await app.review();
  await expect(page.getByText("The source host needs your permission first")).toBeVisible();
  await expect(app.button("Deploy to 123456789012")).toBeDisabled();
  await expect(page.getByText("The source host is connected.")).toBeVisible();
  await expect(app.button("Deploy to 123456789012")).toBeEnabled();
});

test("a plan for another region than the account's is moved before it can be deployed", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await page.getByLabel("Region").selectOption("us-east-1");
  await app.review();
  await app.button("Connect work").click();
  await expect(page.getByText("The plan is for us-east-1, the account is connected to eu-west-1.")).toBeVisible();
  await expect(app.button("Deploy to 123456789012")).toBeDisabled();
  await app.button("Plan for eu-west-1").click();
  await expect(app.button("Deploy to 123456789012")).toBeEnabled();
});

test("discarding a review goes back to the plan", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await app.button("New application").click();
  await app.importExample();
  await app.review();
  await app.button("Discard").click();
  await app.on("plan");
  await expect(page.getByLabel("Application name")).toHaveValue("guestbook");
});

test("an interrupted deployment whose files are gone says what else to do", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await app.button("New application").click();
  await app.importExample();
  await page.getByLabel("Application name").fill("interrupted");
  await app.review();
  await app.button("Deploy to 123456789012").click();
  await app.on("deployment");
  await expect(page.getByText("The app was closed before the pipeline got its files")).toBeVisible();
  await app.button("Continue").click();
  await expect(page.getByText("Still waiting for the files")).toBeVisible();
  await app.button("Deploy from the folder").click();
  await app.on("import");
});

test("an interrupted deployment goes on when asked", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await page.getByRole("link", { name: "atlas" }).click();
  await app.button("Continue").click();
  await app.setSpeed(100);
  await expect(page.getByText("atlas is running.")).toBeVisible();
});

test("a run of the pipeline is started by hand and shown stage by stage", async ({ app, page }) => {
  await app.open({ speed: 10 });
  await app.connect("work");
  await page.getByRole("link", { name: "ledger" }).click();
  await app.on("application-overview");
  await app.tab("Pipeline");
  await app.button("Run now").click();
  await expect(page.getByRole("cell", { name: "Running" })).toBeVisible();
  await expect(app.button("Run now")).toBeDisabled();
  await app.setSpeed(100);
  await expect(page.getByRole("cell", { name: "Running" })).toBeHidden();
  await expect(page.getByRole("row")).toHaveCount(3);
  await app.button(/^Done\s*Source/).click();
  await expect(page.getByRole("region", { name: "Actions of Source" })).toContainText("Fetches sam/guestbook");
});

test("a slow AWS is said, and the view comes back by itself", async ({ app, page }) => {
  await app.open({ speed: 4 });
  await app.connect("work");
  await page.getByRole("link", { name: "throttled" }).click();
  await app.tab("Servers");
  await expect(page.getByText("AWS answers more slowly than usual (throttling).")).toBeVisible();
  await expect(page.getByText("AWS answers more slowly than usual (throttling).")).toBeHidden();
});

test("too many servers and a forbidden secret are refused in place", async ({ app, page }) => {
  await app.open();
  await app.connect("work");
  await page.getByRole("link", { name: "ledger" }).click();
  await app.tab("Servers");
  await page.getByRole("radio", { name: "By traffic" }).check();
  await page.getByLabel("At least").fill("3");
  await page.getByLabel("At most").fill("2");
  await expect(app.button("Set the range")).toBeDisabled();
  await page.getByLabel("At most").fill("60");
  await app.button("Set the range").click();
  await expect(page.getByRole("alert")).toContainText("60 servers are more than this account may run");
  await app.tab("Secrets");
  await app.button("Add a secret").click();
  await page.getByLabel("Name").fill("DENIED");
  await page.getByLabel("Value").fill("x");
  await app.button("Add").click();
  await expect(page.getByRole("alert")).toContainText("secretsmanager:PutSecretValue");
  await expect(page.getByLabel("Value")).toHaveValue("");
});
