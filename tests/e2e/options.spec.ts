import { expect, test } from "./app.ts";

const groups = ["Application", "Servers", "Database", "Network", "Edge and domain", "Safety and watching", "Release", "Advanced"];

test("closed groups say what is chosen, open ones explain it with its price", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  const head = (title: string) => page.getByRole("region", { name: title, exact: true }).getByRole("button").first();
  await expect(head("Servers")).toContainText("1 × 0.5 vCPU, 1 GB on Fargate");
  await expect(head("Database")).toContainText("PostgreSQL, t4g.micro, 20 GB");
  await app.group("Network");
  const way = page.getByLabel("Way out of the network");
  await expect(way.getByRole("option", { name: /^A NAT gateway in each zone — \+\$/ })).toBeAttached();
  await expect(way.getByRole("option", { name: /^NAT instance — −\$/ })).toBeAttached();
  const before = await page.getByText(/a month/).first().textContent();
  await way.selectOption("gatewayPerZone");
  await expect(page.getByText(/a month/).first()).not.toHaveText(before ?? "");
  await app.group("Network");
  await expect(head("Network")).toContainText("NAT gateway in each zone");
});

test("presets are priced, say what they give up, and give back what was one's own", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await expect(page.getByRole("radio", { name: /^Standard \$/ })).toBeChecked();
  await app.group("Servers");
  await page.getByLabel("Servers, lowest").fill("3");
  await expect(page.getByText("Your own mix.", { exact: false })).toBeVisible();
  // What is chosen is told by the offers, which are worked out anew: not at the moment of the click.
  await page.getByRole("radio", { name: /^Frugal/ }).click();
  await expect(page.getByRole("radio", { name: /^Spot/ })).toBeChecked();
  await app.button("What frugal gives up").click();
  await expect(page.getByText("AWS may take it with two minutes' notice", { exact: false })).toBeVisible();
  await app.button("Back to my own").click();
  await expect(page.getByLabel("Servers, lowest")).toHaveValue("3");
  await expect(page.getByText("Your own mix.", { exact: false })).toBeVisible();
});

test("what another choice excludes cannot be chosen, and says why", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Servers");
  await expect(page.getByLabel("Servers that Spot cannot take")).toBeDisabled();
  await expect(page.getByText("Only with Spot.")).toBeVisible();
  await expect(page.getByLabel("Machine", { exact: true })).toBeDisabled();
  await app.group("Release");
  await page.getByRole("radio", { name: /^Blue\/green/ }).check();
  await expect(page.getByRole("radio", { name: /^Requests/ })).toBeDisabled();
  await expect(page.getByText("with blue/green releases the number of servers can follow the processors only", { exact: false })).toBeVisible();
  await page.getByRole("radio", { name: /^Rolling/ }).check();
  await page.getByRole("radio", { name: /^Requests/ }).check();
  await expect(page.getByRole("radio", { name: /^Blue\/green/ })).toBeDisabled();
});

test("Aurora is priced beside the instance, and says what keeps it awake", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Database");
  await expect(page.getByLabel("Capacity, lowest")).toBeDisabled();
  await expect(page.getByRole("radio", { name: /^Aurora Serverless \+\$/ })).toBeAttached();
  await page.getByRole("radio", { name: /^Aurora Serverless/ }).check();
  await expect(page.getByLabel("Class")).toBeDisabled();
  await expect(page.getByLabel("Storage, GB")).toBeDisabled();
  await page.getByLabel("Capacity, lowest").selectOption("0");
  await expect(page.getByText("Servers that run keep it awake", { exact: false })).toBeVisible();
  await page.getByLabel("Pauses after, minutes").fill("30");
  await page.getByLabel("Capacity, highest").selectOption("8");
  await app.tab("Price");
  await expect(page.getByRole("row", { name: /^Aurora PostgreSQL/ })).toBeVisible();
  await app.group("Database");
  await expect(page.getByRole("region", { name: "Database", exact: true }).getByRole("button").first()).toContainText("Aurora PostgreSQL, 0–8 units");
});

test("a network of one's own is filled in field by field, and the plan before stays until it is", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Network");
  await expect(page.getByLabel("VPC")).toBeDisabled();
  await app.tab("Price");
  await expect(page.getByRole("row", { name: /^NAT gateway/ })).toBeVisible();
  await page.getByRole("radio", { name: /^One of mine/ }).check();
  await expect(page.getByRole("alert").filter({ hasText: "Show it" })).toContainText("VPC: the id of a VPC in the plan's region and account");
  await expect(page.getByRole("row", { name: /^NAT gateway/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Review and deploy" })).toBeDisabled();
  await page.getByLabel("VPC").fill("vpc-0123456789abcdef0");
  await app.button("Show it").click();
  await expect(page.getByLabel("Public subnets")).toBeFocused();
  await page.keyboard.type("subnet-0123456789abcde01");
  await page.keyboard.press("Enter");
  await page.keyboard.type("subnet-0123456789abcde02");
  await page.getByLabel("Private subnets").fill("subnet-0123456789abcde03, subnet-0123456789abcde01");
  await expect(page.getByText("Each subnet once: what stands in it decides who can reach it.", { exact: true })).toBeVisible();
  await page.getByLabel("Private subnets").fill("subnet-0123456789abcde03, subnet-0123456789abcde04");
  await page.getByLabel("Isolated subnets").fill("subnet-0123456789abcde05\nsubnet-0123456789abcde06");
  await expect(page.getByRole("row", { name: /^NAT gateway/ })).toBeHidden();
  await expect(page.getByLabel("Way out of the network")).toBeDisabled();
  await app.group("Network");
  await expect(page.getByRole("region", { name: "Network", exact: true }).getByRole("button").first()).toContainText("vpc-0123456789abcdef0");
});

test("Route 53 is chosen first and its hosted zone filled in then", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Edge and domain");
  await page.getByLabel("Domain", { exact: true }).fill("app.example.com");
  await expect(page.getByLabel("Hosted zone")).toBeDisabled();
  await page.getByRole("radio", { name: /^Route 53/ }).check();
  await expect(page.getByRole("alert").filter({ hasText: "Show it" })).toContainText("Hosted zone: the id of a public hosted zone");
  await expect(page.getByRole("button", { name: "Review and deploy" })).toBeDisabled();
  await app.button("Show it").click();
  await expect(page.getByLabel("Hosted zone")).toBeFocused();
  await page.keyboard.type("/hostedzone/Z0123456789ABCDEFGHIJ");
  await expect(page.getByLabel("Hosted zone")).toHaveValue("Z0123456789ABCDEFGHIJ");
  await expect(app.button("Show it")).toBeHidden();
  await expect(page.getByText("waits until you have entered the records", { exact: false })).toBeHidden();
});

test("a refused value is named at its field, and the way there is one button", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Safety and watching");
  await page.getByLabel("Alarms go to").fill("ops");
  await expect(page.getByText("An e-mail address, such as ops@example.com.", { exact: true })).toBeVisible();
  await app.group("Safety and watching");
  await expect(page.getByRole("region", { name: "Safety and watching" })).toContainText("Look here");
  await app.button("Show it").click();
  await expect(page.getByLabel("Alarms go to")).toBeFocused();
  await page.getByLabel("Alarms go to").fill("ops@example.com");
  await expect(page.getByRole("region", { name: "Safety and watching" })).not.toContainText("Look here");
});

test("a domain with DNS elsewhere is priced, reviewed first, and its record is shown while AWS waits for it", async ({ app, page }) => {
  await app.open({ speed: 10, hash: "/new/import" });
  await app.importExample();
  await page.getByLabel("Repository").fill("sam/guestbook");
  await app.group("Edge and domain");
  await page.getByRole("checkbox", { name: /^Web firewall/ }).check();
  await page.getByLabel("Domain", { exact: true }).fill("app.example.com");
  await expect(page.getByText("waits until you have entered the records", { exact: false })).toBeVisible();
  await app.tab("Price");
  await expect(page.getByRole("row", { name: /^Web firewall/ })).toContainText("$8.60");
  await app.button("Review and deploy").click();
  await app.button("Use the practice account").click();
  await app.on("review");
  const first = page.getByRole("region", { name: /^First: edge stack in us-east-1/ });
  await expect(first).toContainText("AWS::CertificateManager::Certificate");
  await expect(first).toContainText("waits for it");
  await app.button("Deploy to the practice account").click();
  const record = page.getByRole("row", { name: /app\.example\.com/ });
  await expect(record).toContainText("acm-validations.aws");
  await expect(record.getByRole("button", { name: "Copy value of the record" })).toBeVisible();
  await expect(record).toBeHidden();
  await expect(page.getByRole("list", { name: "Steps" })).toContainText("Get a certificate for app.example.com");
});

test("tags and variables of the page are entered by keyboard", async ({ app, page }) => {
  await app.open({ hash: "/new/import" });
  await app.importExample();
  await app.group("Advanced");
  await page.getByLabel("Tags: name").fill("team");
  await page.keyboard.press("Tab");
  await page.keyboard.type("web");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Value of team")).toHaveValue("web");
  await expect(page.getByLabel("Tags: name")).toBeFocused();
  await expect(page.getByRole("region", { name: "Advanced" }).getByRole("button").first()).toContainText("1 tag");
  await app.button("Remove team").click();
  await expect(page.getByLabel("Value of team")).toBeHidden();
});

for (const theme of ["light", "dark"] as const) {
  for (const [width, height] of [[1280, 800], [960, 640]] as const) {
    test(`every group is accessible and fits, ${theme}, ${width}×${height}`, async ({ app, page }, info) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme });
      await app.open({ hash: "/new/import" });
      await app.importExample();
      await page.screenshot({ path: info.outputPath("closed.png") });
      for (const title of groups.slice(1)) await app.group(title);
      await page.getByRole("radio", { name: /^Aurora Serverless/ }).check();
      await page.getByLabel("Capacity, lowest").selectOption("0");
      await page.getByRole("radio", { name: /^One of mine/ }).check();
      await page.getByLabel("VPC").fill("vpc-0123456789abcdef0");
      for (const [label, first] of [["Public subnets", 1], ["Private subnets", 3], ["Isolated subnets", 5]] as const) await page.getByLabel(label).fill(`subnet-0123456789abcde0${first}\nsubnet-0123456789abcde0${first + 1}`);
      await expect(page.getByRole("radio", { name: /^None −\$/ })).toBeAttached();
      await app.expectAccessible();
      const wide = await page.getByRole("region", { name: "Options" }).evaluate((panel) => {
        const scrolled = panel.firstElementChild;
        const right = scrolled ? scrolled.getBoundingClientRect().left + scrolled.clientWidth : 0;
        return [...(scrolled?.querySelectorAll("*") ?? [])].filter((e) => e.getBoundingClientRect().right > right + 0.5).map((e) => `${e.tagName} ${e.className} ${e.textContent?.slice(0, 40)}`);
      });
      expect(wide, "nothing of the panel is wider than what can be seen").toEqual([]);
      for (const title of groups) {
        await page.getByRole("region", { name: title, exact: true }).evaluate((e) => e.scrollIntoView({ block: "start" }));
        await page.screenshot({ path: info.outputPath(`${title}.png`) });
      }
      await app.tab("Price");
      await page.screenshot({ path: info.outputPath("price.png") });
    });
  }
}
