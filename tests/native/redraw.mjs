// How long a changed choice takes until the plan of it is on the screen: a benchmark in the real window, with the real planner.
//
//   node tests/native/redraw.mjs [APP]
//
// APP is the built program; without it ZONKE_APP, or the debug build, whose planner is several times slower than that of a release.
// Every change is a new one, so nothing comes from memory. For every view of the plan it prints, in milliseconds, medians of the time
// from the change until its plan is in the page, and until it is on the screen: the second frame after, as the first one is only begun
// then. Beside it stands the same time for one letter of a heading, which is what the web view and this computer need for any frame,
// without a graphics processor most of it. Nothing fails if it is slow.

import { spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeSandbox } from "./sandbox.mjs";
import { Window, startDriver } from "./webdriver.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const binary = resolve(process.argv[2] ?? process.env.ZONKE_APP ?? join(here, "../../target/debug/zonke-desktop"));
const ROUNDS = 12;

if (!process.env.ZONKE_ON_DISPLAY) {
  const { status } = spawnSync(join(here, "on-display.sh"), [process.execPath, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, ZONKE_ON_DISPLAY: "1" },
  });
  process.exit(status ?? 1);
}

/** Types another name of the application, waits for the plan of it and for the frame that shows it: when it was in the page, when shown. */
const CHANGE = `
  const [name, done] = arguments;
  const field = [...document.querySelectorAll("input")].find((each) => each.labels?.[0]?.innerText.trim() === "Application name");
  const result = document.querySelector("section[aria-label=Result]");
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  let asked = false;
  const watch = new MutationObserver(() => {
    if (result.getAttribute("aria-busy") === "true") asked = true;
    else if (asked) {
      watch.disconnect();
      const there = performance.now() - began;
      requestAnimationFrame(() => requestAnimationFrame(() => done([there, performance.now() - began])));
    }
  });
  watch.observe(result, { attributes: true, attributeFilter: ["aria-busy"] });
  const began = performance.now();
  write.call(field, name);
  field.dispatchEvent(new Event("input", { bubbles: true }));
`;

/** Changes one letter of a heading and waits for the frame that shows it. */
const LETTER = `
  const [letter, done] = arguments;
  const began = performance.now();
  document.querySelector("h1").textContent = "Plan" + letter;
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
`;

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)].toFixed(0).padStart(4);

const sandbox = makeSandbox();
const driver = await startDriver(sandbox.env);
let window;
try {
  window = await Window.open(driver, binary);
  await window.on("welcome");
  await window.run("location.hash = '#/new/import'");
  await window.on("import");
  await window.click("button", "Use the example application");
  await window.sees("Can be deployed");
  await window.click("button", "Show the plan");
  await window.on("plan");
  await window.sees("Start from");
  await window.until("the presets have prices", () => window.run("return (document.body.innerText.match(/[$][0-9.]+/g) ?? []).length > 3"));
  console.log(`from a changed choice to its plan, medians of ${ROUNDS} in ms:`);
  console.log("view           in the page   on the screen   longest   (one letter)");
  for (const tab of ["Architecture", "Price", "Checks", "Files", "Policy"]) {
    await window.click("tab", tab);
    const times = [];
    const letters = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // What other choices would cost is worked out in the background; the next change waits for quiet, as a person does.
      await window.until("the plan rests", () => window.run("return !document.querySelector('[aria-busy=true]')"));
      await sleep(400);
      letters.push(await window.runAsync(LETTER, round % 2 ? "" : "."));
      await sleep(100);
      times.push(await window.runAsync(CHANGE, `shop-${tab.toLowerCase().slice(0, 4)}-${round}`));
    }
    const [there, shown] = [0, 1].map((index) => times.map((each) => each[index]));
    console.log(`${tab.padEnd(13)} ${median(there).padStart(12)} ${median(shown).padStart(15)} ${Math.max(...shown).toFixed(0).padStart(9)} ${median(letters).padStart(14)}`);
  }
} finally {
  await window?.close().catch(() => {});
  driver.stop();
  sandbox.remove();
}
