import type { Page } from "@playwright/test";
import { type App, expect, test } from "./app.ts";
import { countSteps, type Hand, keyboard, mouse, steps } from "./hands.ts";

type Walk = { hand: Hand; app: App; page: Page; /** Waits for a step: its heading has the focus, and axe finds nothing on it. */ step: (heading: string) => Promise<void> };
type WayIn = {
  name: string;
  query?: string;
  speed?: number;
  /** Presses of the mouse's button from first start to a verified profile. */
  clicks: number;
  /** Different screens until then, the first one among them. */
  screens: number;
  /** What else somebody has to do. */
  besides?: string;
  /** Why it has no walk by keyboard: the way beside it has. */
  mouseOnly?: boolean;
  walk: (walk: Walk) => Promise<void>;
  /** How the account is called in the end. */
  account: RegExp;
};

const KEY = { id: "AKIAWALK000000000001", secret: "walk/secret+1" };

async function roleWay({ hand, step }: Walk, mfa: boolean): Promise<void> {
  await hand.press("Assume a role");
  await step("Assume a role");
  await hand.write("ARN of the role", "arn:aws:iam::333344445555:role/Release");
  if (mfa) await hand.write("MFA device (optional)", "arn:aws:iam::111122223333:mfa/sam");
  await hand.press("Save and connect");
}

async function namePortal({ hand, step }: Walk): Promise<void> {
  await hand.press("Sign in");
  await step("IAM Identity Center");
  await hand.write("Address of the access portal", "https://acme.awsapps.com/start");
}

/** From the list of accounts and roles to the end of the wizard. */
async function saveOne({ hand, step }: Walk): Promise<void> {
  await step("Choose accounts and roles");
  await hand.tick("Acme development: Deployer");
  await hand.write("Acme development, Deployer", "walk");
  await hand.press("Save and connect");
  await step("You are connected");
  await hand.press("Go on");
}

const ways: WayIn[] = [
  { name: "saved profile", query: "saved", clicks: 1, screens: 1, account: /acme-dev/, walk: async ({ hand }) => hand.press("Connect acme-dev") },
  {
    name: "profile of the AWS files", clicks: 2, screens: 2, account: /\bwork\b/,
    walk: async ({ hand, step }) => {
      await hand.press("Connect work");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  {
    name: "IAM Identity Center", query: "no-profiles", speed: 4, clicks: 5, screens: 5, besides: "confirm in the browser", account: /walk/,
    walk: async (walk) => {
      const { hand, step } = walk;
      await namePortal(walk);
      await hand.press("Sign in with the browser");
      await step("Confirm in the browser");
      await saveOne(walk);
    },
  },
  {
    name: "IAM Identity Center with a code", query: "no-profiles", speed: 4, clicks: 6, screens: 5, besides: "confirm in a browser", account: /walk/,
    walk: async (walk) => {
      const { hand, step } = walk;
      await namePortal(walk);
      await hand.press("Use a code instead");
      await step("Confirm the code");
      await hand.press("Open the page");
      await saveOne(walk);
    },
  },
  {
    name: "access key, typed", clicks: 3, screens: 3, account: /my-account/,
    walk: async ({ hand, step }) => {
      await hand.press("Access key");
      await step("Access key");
      await hand.write("Access key id", KEY.id);
      await hand.write("Secret access key", KEY.secret);
      await hand.press("Keep the key and connect");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  {
    name: "access key, file dropped", clicks: 2, screens: 3, besides: "drop the file", mouseOnly: true, account: /my-account/,
    walk: async ({ hand, app, step }) => {
      await app.drag({ type: "drop", paths: ["/home/sam/Downloads/sam_accessKeys.csv"] });
      await step("Access key");
      await hand.press("Keep the key and connect");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  {
    name: "access key, file chosen", clicks: 4, screens: 3, besides: "choose the file", account: /my-account/,
    walk: async ({ hand, page, step }) => {
      await hand.press("Access key");
      await step("Access key");
      await hand.press("choose the file…");
      await expect(page.getByText("sam_accessKeys.csv")).toBeVisible();
      await hand.press("Keep the key and connect");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  {
    name: "role", query: "saved", clicks: 3, screens: 3, account: /Release/i,
    walk: async (walk) => {
      await roleWay(walk, false);
      await walk.step("You are connected");
      await walk.hand.press("Go on");
    },
  },
  {
    name: "role with MFA", query: "saved", clicks: 4, screens: 3, besides: "six digits", account: /Release/i,
    walk: async (walk) => {
      await roleWay(walk, true);
      await expect(walk.page.getByRole("dialog")).toBeVisible();
      await walk.app.expectAccessible();
      await walk.hand.write("MFA code", "123456");
      await walk.hand.press("Go on");
      await walk.step("You are connected");
      await walk.hand.press("Go on");
    },
  },
  {
    name: "another address", clicks: 3, screens: 3, account: /local/,
    walk: async ({ hand, step }) => {
      await hand.press("Another address");
      await step("Another address");
      await hand.write("Access key id", "test");
      await hand.write("Secret access key", "test");
      await hand.press("Save and connect");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  ...([["aws login", "login", "aws login", "No session of aws login was found yet.", "a command in a terminal"], ["program that gives credentials", "process", "A program that gives credentials", "No profile with a credential_process was found yet.", "three lines in ~/.aws/config"]] as const).map(([name, kind, title, nothing, besides]): WayIn => ({
    name, query: "no-profiles", clicks: 3, screens: 3, besides, account: /zonke/,
    walk: async ({ hand, app, page, step }) => {
      await hand.press(title);
      await step(title);
      await expect(page.getByText(nothing)).toBeVisible();
      await app.writeProfile({ name: "zonke", region: "eu-west-1", kind });
      await hand.press("Connect zonke");
      await step("You are connected");
      await hand.press("Go on");
    },
  })),
  {
    name: "key moved out of a file", clicks: 4, screens: 4, account: /personal/,
    walk: async ({ hand, step }) => {
      await hand.press("Move key of personal into the keychain");
      await step("Move the key of personal");
      await hand.press("Move the key");
      await step("The key has moved");
      await hand.press("Connect");
      await step("You are connected");
      await hand.press("Go on");
    },
  },
  { name: "practice account", query: "no-profiles", clicks: 1, screens: 1, account: /practice/i, walk: async ({ hand }) => hand.press("Use the practice account") },
];

async function go(app: App, page: Page, way: WayIn, hand: Hand): Promise<void> {
  await app.open({ query: way.query ?? "", speed: way.speed ?? 40 });
  await app.on("welcome");
  await expect(page.getByText(/best way here|used last/).first()).toBeVisible();
  const step = async (heading: string) => {
    await expect(page.getByRole("heading", { level: 1, name: heading, exact: true })).toBeFocused({ timeout: 15_000 });
    // A step is read from its top, however far the one before was scrolled.
    await expect(page.getByRole("button", { name: /^(All ways in|Back)$/ })).toBeInViewport({ ratio: 1 });
    await app.expectAccessible();
  };
  await way.walk({ hand, app, page, step });
  await app.on("applications");
  await expect(page.getByRole("button", { name: /^Account:/ })).toHaveAccessibleName(way.account);
}

test.describe("every way in by keyboard alone", () => {
  test.use({ colorScheme: "dark", viewport: { width: 960, height: 640 } });
  for (const way of ways.filter((w) => !w.mouseOnly)) {
    test(way.name, async ({ app, page }) => {
      await countSteps(page);
      await go(app, page, way, keyboard(page));
      expect((await steps(page)).pressed).toBe(0);
    });
  }
});

test("from first start to a verified profile: clicks and screens of every way in", async ({ app, page }) => {
  test.setTimeout(150_000);
  await countSteps(page);
  const table: { name: string; clicks: number; screens: number; besides: string | undefined }[] = [];
  for (const way of ways) {
    // eslint-disable-next-line no-await-in-loop -- one window
    await go(app, page, way, mouse(page));
    // eslint-disable-next-line no-await-in-loop -- one window
    const { pressed, screens } = await steps(page);
    // The screen the way leads to is no step of it.
    table.push({ name: way.name, clicks: pressed, screens: screens.filter((title) => !title.startsWith("Applications")).length, besides: way.besides });
  }
  process.stdout.write(`${table.map((w) => `${w.name.padEnd(34)}${String(w.clicks).padStart(2)} clicks ${String(w.screens).padStart(2)} screens${w.besides ? `, and ${w.besides}` : ""}`).join("\n")}\n`);
  expect(table).toEqual(ways.map(({ name, clicks, screens, besides }) => ({ name, clicks, screens, besides })));
});
