import { expect, type Locator, type Page } from "@playwright/test";

/** What a person does on a screen, whichever way they do it. */
export type Hand = {
  press(name: string | RegExp, role?: "button" | "link" | "tab"): Promise<void>;
  write(label: string, text: string): Promise<void>;
  tick(name: string): Promise<void>;
};

/** Enough presses of Tab to pass every control of the longest screen, which lists 26 accounts. */
const MANY = 120;

const named = (page: Page, role: Parameters<Page["getByRole"]>[0], name: string | RegExp): Locator => page.getByRole(role, { name, exact: typeof name === "string" }).first();

const hasFocus = (target: Locator): Promise<boolean> => target.evaluate((e) => e === document.activeElement);

/** Fails unless somebody who looks at the window sees which control has the focus. */
async function expectFocusSeen(target: Locator): Promise<void> {
  await expect(target).toBeInViewport();
  const seen = await target.evaluate((element) => {
    const marks = (e: Element | null): boolean => {
      if (!e) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
      return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    };
    // A radio button or a box to tick may be drawn by what stands beside or around it.
    const around = element.matches("input[type=radio], input[type=checkbox]") ? [element.nextElementSibling, element.parentElement] : [];
    return element.matches(":focus-visible") && [element, ...around].some(marks);
  });
  expect(seen, "the focus can be seen").toBe(true);
}

/** Moves to a control by keyboard alone, without going round twice. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  for (let i = 0; i < MANY; i += 1) {
    if (await hasFocus(target)) return expectFocusSeen(target);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reaches ${String(target)}`);
}

/** Tab, Enter, space and letters; no pointer. */
export const keyboard = (page: Page): Hand => ({
  async press(name, role = "button") {
    await tabTo(page, named(page, role, name));
    await page.keyboard.press("Enter");
  },
  async write(label, text) {
    await tabTo(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
  },
  async tick(name) {
    await tabTo(page, named(page, "checkbox", name));
    await page.keyboard.press("Space");
  },
});

/** A mouse; what is typed is typed without clicking into the field first. */
export const mouse = (page: Page): Hand => ({
  press: (name, role = "button") => named(page, role, name).click(),
  write: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
  tick: (name) => named(page, "checkbox", name).check(),
});

type Counted = { pressed: number; screens: string[] };
type CountedWindow = { counted: Counted };

/** Counts presses of the mouse's button and the different screens that were shown, by their headings. Call it before the page is opened. */
export async function countSteps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counted: Counted = { pressed: 0, screens: [] };
    (window as unknown as CountedWindow).counted = counted;
    window.addEventListener("pointerdown", (event) => { if (event.isTrusted) counted.pressed += 1; }, true);
    new MutationObserver(() => {
      const title = document.querySelector("h1")?.textContent;
      if (title && !counted.screens.includes(title)) counted.screens.push(title);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

export const steps = (page: Page): Promise<Counted> => page.evaluate(() => (window as unknown as CountedWindow).counted);
