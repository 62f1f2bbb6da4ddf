// Checks in the real window: the built app under Xvfb, driven through WebKitWebDriver, with the practice account behind it.
//
//   node tests/native/run.mjs [APP] [--images DIR]
//
// APP is the built program; without it ZONKE_APP, or the debug build. With --images every step's screenshot is written there (the ones in the README come from this);
// otherwise only a failure leaves one behind, in the folder it names.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeSandbox } from "./sandbox.mjs";
import { Window, startDriver } from "./webdriver.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const args = process.argv.slice(2);
const images = args.includes("--images") ? resolve(args[args.indexOf("--images") + 1]) : null;
const program = args.find((arg, index) => !arg.startsWith("--") && args[index - 1] !== "--images");
const binary = resolve(program ?? process.env.ZONKE_APP ?? join(root, "target/debug/zonke-desktop"));

if (!process.env.ZONKE_ON_DISPLAY) {
  const { status } = spawnSync(join(here, "on-display.sh"), [process.execPath, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, ZONKE_ON_DISPLAY: "1" },
  });
  process.exit(status ?? 1);
}

const CANARY = "canary-native-51b7c2";
const KEY_CANARY = "canary-native-key-9d31c4";
const sandbox = makeSandbox();
// Slow enough to look at, fast enough to wait for.
sandbox.env.ZONKE_PRACTICE_SPEED ??= process.env.ZONKE_PRACTICE_SPEED ?? "0.02";
let window;

async function shot(name) {
  if (!images) return;
  // What was just put on the page is drawn two frames later.
  await window.runAsync("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
  mkdirSync(images, { recursive: true });
  writeFileSync(join(images, `${name}.png`), await window.screenshot());
}

function say(text) {
  console.log(`  ${text}`);
}

/** Every file of the sandbox that holds `needle`. */
function filesWith(folder, needle) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesWith(path, needle);
    return entry.isFile() && statSync(path).size < 200_000_000 && readFileSync(path).includes(needle) ? [path] : [];
  });
}

function assert(condition, what) {
  if (!condition) throw new Error(`expected: ${what}`);
}

function processIds() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** Process ids of the app in this sandbox. */
function appProcesses() {
  return processIds().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === binary && readFileSync(`/proc/${pid}/environ`).includes(sandbox.root);
    } catch {
      return false; // It ended meanwhile, or belongs to somebody else.
    }
  });
}

/** What everybody on this computer may see of a process: its name, its arguments, its environment, and how large a core it may leave. */
function processesInSandbox() {
  return processIds().flatMap((pid) => {
    try {
      const [environment, line, name, limits] = ["environ", "cmdline", "comm", "limits"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"));
      return environment.includes(sandbox.root) ? [{ pid: Number(pid), name: name.trim(), visible: line + environment, core: /core file size\s+(\S+)/.exec(limits)?.[1] }] : [];
    } catch {
      return []; // It ended meanwhile, or belongs to somebody else.
    }
  });
}

/** The keychain on our private bus. */
function keychainProcess() {
  const ours = processIds().find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("gnome-keyring-d") && readFileSync(`/proc/${pid}/environ`).includes(process.env.DBUS_SESSION_BUS_ADDRESS);
    } catch {
      return false;
    }
  });
  assert(ours, "a keychain runs on the private bus");
  return Number(ours);
}

/** Keeps every message between the core and the window: calls leave by fetch, answers arrive as responses, live updates as callbacks. */
const LISTEN = `
  if (!window.__heard) {
    window.__heard = [];
    window.__sent = [];
    const send = window.fetch;
    window.fetch = function (url, options) {
      const body = options?.body;
      window.__sent.push([String(url).split("/").pop(), typeof body === "string" ? body : body ? new TextDecoder().decode(body) : ""]);
      return send.apply(this, arguments);
    };
    for (const kind of ["json", "text"]) {
      const read = Response.prototype[kind];
      Response.prototype[kind] = async function () {
        const value = await read.call(this);
        window.__heard.push(JSON.stringify(value));
        return value;
      };
    }
    const callbacks = window.__TAURI_INTERNALS__.callbacks;
    const get = callbacks.get.bind(callbacks);
    callbacks.get = (id) => {
      const callback = get(id);
      return callback && ((data) => { window.__heard.push(JSON.stringify(data)); return callback(data); });
    };
  }
`;

async function journey(driver) {
  say("the app starts and answers");
  window = await Window.open(driver, binary);
  await window.on("welcome");
  const version = await window.runAsync("const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('app_info').then(done, done)");
  assert(/^\d+\.\d+\.\d+/.test(version.version), `app_info answers with a version, not ${JSON.stringify(version)}`);
  await shot("welcome");

  say("the practice account starts");
  await window.click("button", "Use the practice account");
  await window.on("applications", 240);
  await shot("applications-empty");

  say("a folder is imported by its path");
  await window.click("button", "Import a project");
  await window.on("import");
  await shot("import-empty");
  // A copy, without what an install or a build may have left there: a project that is no checkout works as well.
  const project = join(sandbox.root, "home/projects/guestbook");
  cpSync(join(root, "examples/guestbook"), project, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) });
  await window.fill("textbox", "Path of the folder", project);
  await window.click("button", "Look inside");
  await window.sees("Can be deployed");
  await shot("import");

  say("the example that comes with the app is found as well");
  await window.click("button", "Use the example application");
  // The findings before it say the same words, so the folder tells them apart.
  await window.until("the example's folder is read", async () => (await window.value("textbox", "Path of the folder")) !== project);
  await window.sees("Can be deployed");

  say("it is planned");
  await window.click("button", "Show the plan");
  await window.on("plan");
  await window.sees("a month");
  await window.fill("textbox", "Repository", "practice/guestbook");
  await shot("plan");
  for (const tab of ["Price", "Checks", "Files", "Policy"]) {
    await window.click("tab", tab);
    await shot(`plan-${tab.toLowerCase()}`);
  }

  say("it is reviewed and deployed");
  await window.click("button", "Review and deploy");
  await window.on("review", 60);
  await window.sees("Nothing has been built yet", 60);
  await shot("review");
  await window.click("button", "Deploy to the practice account", 60);
  await window.on("deployment", 60);
  await window.until("the steps are shown", () => window.run("return document.querySelectorAll('ol li').length > 2"), 60);
  await shot("deployment-start");

  say("the app is killed in the middle and started again");
  const [pid] = appProcesses();
  assert(pid, "the app runs");
  process.kill(Number(pid), "SIGKILL");
  await window.close().catch(() => {}); // The session died with the app.
  await pause(500);
  window = await Window.open(driver, binary);
  await window.on("applications", 60);
  await window.sees("guestbook", 60);
  await shot("applications-resumed");
  await window.click("link", "guestbook", 60);
  await window.until("the application or its deployment is shown", async () => /^(deployment|application)/.test((await window.screen()) ?? ""), 30);
  if ((await window.screen()) !== "deployment") await window.click("button", "Latest deployment");
  await window.on("deployment", 30);
  await window.until("the steps are shown", () => window.run("return document.querySelectorAll('ol li').length > 2"), 60);
  await shot("deployment");
  await window.sees("cloudfront.net", 240);
  await shot("deployment-done");

  say("it is operated: two servers, one secret more");
  await window.click("button", "Open the application");
  await window.on("application-overview", 30);
  await window.sees("cloudfront.net", 30);
  await shot("overview");
  await window.click("tab", "Pipeline");
  await window.sees("Source", 30);
  await shot("pipeline");
  await window.click("tab", "Servers");
  await window.fill("spinbutton", "Servers", "2");
  await window.clickFor("button", "Scale to 2 servers", async () => !(await window.run("return [...document.querySelectorAll('button')].some((each) => each.innerText === 'Scale to 2 servers' && !each.disabled)")));
  await window.until("two servers run", () => window.run("return [...document.querySelectorAll('td')].filter((cell) => cell.innerText.trim() === 'Running').length === 2"), 90);
  await shot("servers");

  await window.click("tab", "Secrets");
  await window.run(LISTEN);
  await window.clickFor("button", "Add a secret", () => window.find("textbox", "Value"));
  await window.fill("textbox", "Name", "MODERATION_KEY");
  await window.fill("textbox", "Value", CANARY);
  await shot("secret-add");
  await window.click("button", "Add");
  await window.until("the secret is listed", () => window.run("return [...document.querySelectorAll('td')].some((cell) => cell.innerText.trim() === 'MODERATION_KEY')"), 90);
  await window.sees("Every server runs with the current values", 90);
  await shot("secrets");
  const heard = await window.run("return window.__heard");
  assert(heard.some((text) => text?.includes("MODERATION_KEY")), "live updates to the window were recorded");
  assert(heard.every((text) => !text?.includes(CANARY)), "no message to the window holds the value");
  assert(!(await window.run("return document.documentElement.outerHTML.includes(arguments[0])", CANARY)), "the value is not in the page");
  const files = filesWith(sandbox.root, CANARY);
  assert(files.length === 0, `no file holds the value, but ${files.join(", ")} does`);

  await aKeyIsTyped();
  await theKeychainIsSlow();

  say("a window without a right gets nothing");
  const denied = await window.runAsync("const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('plugin:fs|read_text_file', { path: '/etc/hostname' }).then(() => done('allowed'), () => done('denied'))");
  assert(denied === "denied", "files cannot be read from the window");
}

/** A key for another address: the practice account looks at its id only, so that the secret can be a mark that is searched for. */
async function aKeyIsTyped() {
  say("a typed key is nowhere but in the keychain");
  const server = JSON.parse(readFileSync(join(sandbox.root, "data/zonke/practice/server.json"), "utf8"));
  await window.run("location.hash = '#/welcome'");
  await window.on("welcome");
  await window.click("button", "Another address");
  await window.on("way");
  await window.fill("textbox", "Address", `http://127.0.0.1:${server.port}`);
  await window.fill("textbox", "Access key id", server.accessKey);
  await window.fill("textbox", "Secret access key", KEY_CANARY);
  await window.click("button", "Save and connect", 60);
  await window.on("proof", 60);
  await shot("typed-key");
  const sent = await window.run("return window.__sent");
  const carriers = sent.filter(([, body]) => body.includes(KEY_CANARY)).map(([command]) => command);
  assert(carriers.length === 1 && carriers[0] === "profile_save_keys", `one message carries the key to the core, but ${carriers.join(", ") || "none"} does`);
  const heard = await window.run("return window.__heard");
  assert(heard.length > 10 && heard.every((text) => !text?.includes(KEY_CANARY)), "no message to the window holds the key");
  const page = await window.run("return document.documentElement.outerHTML + JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }])");
  assert(!page.includes(KEY_CANARY), "the page and its storage do not hold the key");
  const files = filesWith(sandbox.root, KEY_CANARY);
  assert(files.length === 0, `no file holds the key, but ${files.join(", ")} does`);
  const processes = processesInSandbox();
  const names = processes.map((each) => each.name);
  for (const part of ["zonke-desktop", "WebKitWebProces", "python"]) assert(names.some((name) => name.startsWith(part)), `${part} is among ${names.join(", ")}`);
  for (const { name, visible } of processes) assert(!visible.includes(KEY_CANARY) && !visible.includes(CANARY), `arguments and environment of ${name} hold no secret`);
  const own = processes.filter(({ name }) => name === "zonke-desktop" || name.startsWith("WebKitWeb") && !name.startsWith("WebKitWebDriv"));
  for (const { name, core } of own) assert(core === "0", `${name} leaves no core when it crashes, not ${core}`);
  say(`  ${processes.length} processes, ${heard.length} messages to the window, ${sent.length} from it`);
}

/** The keychain stands still for as long as the app waits: the window works on, and then says what is wrong. */
async function theKeychainIsSlow() {
  say("a keychain that does not answer leaves the window working");
  const keychain = keychainProcess();
  process.kill(keychain, "SIGSTOP");
  try {
    await window.run(`
      const invoke = window.__TAURI_INTERNALS__.invoke;
      const slow = (window.__slow = { answers: 0, longest: 0, frames: 0, gap: 0, view: null });
      const begun = performance.now();
      invoke("keychain_look").then((view) => { slow.view = view; slow.seconds = (performance.now() - begun) / 1000; });
      const ask = () => { const at = performance.now(); invoke("app_info").then(() => { slow.answers += 1; slow.longest = Math.max(slow.longest, performance.now() - at); if (!slow.view) setTimeout(ask, 50); }); };
      let last = begun;
      const frame = (now) => { slow.frames += 1; slow.gap = Math.max(slow.gap, now - last); last = now; if (!slow.view) requestAnimationFrame(frame); };
      ask();
      requestAnimationFrame(frame);
    `);
    await window.run("location.hash = '#/applications'");
    await window.on("applications", 20);
    assert(!(await window.run("return window.__slow.view")), "another screen opens while the keychain is waited for");
    const slow = await window.until("the keychain is given up", () => window.run("return window.__slow.view ? window.__slow : null"), 60);
    assert(slow.view.kind === "problem" && slow.view.code === "keychainSilent", `it is said what is wrong, not ${JSON.stringify(slow.view)}`);
    assert(slow.answers > 100, `other calls are answered meanwhile, not ${slow.answers}`);
    say(`  after ${slow.seconds.toFixed(1)} s: “${slow.view.message}”; meanwhile ${slow.answers} other answers (longest ${slow.longest.toFixed(0)} ms), ${slow.frames} frames (longest gap ${slow.gap.toFixed(0)} ms)`);
  } finally {
    process.kill(keychain, "SIGCONT");
  }
}

/** The app crashes with keys in its memory. */
async function itCrashes() {
  say("a crash leaves nothing behind");
  const [pid] = appProcesses();
  process.kill(Number(pid), "SIGABRT");
  await window.until("the app is gone", () => !appProcesses().includes(pid));
  for (const secret of [CANARY, KEY_CANARY]) {
    const files = [sandbox.root, process.cwd()].flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith("core")).map((name) => join(folder, name))).filter((file) => statSync(file).isFile());
    assert(files.length === 0, `no core was left, but ${files.join(", ")}`);
    assert(filesWith(sandbox.root, secret).length === 0, "no file holds a secret after the crash");
  }
}

let failed = 0;
const driver = await startDriver(sandbox.env);
try {
  await journey(driver);
  if (images) {
    // The whole display, window frame and all, as proof that this was a real window.
    spawnSync("import", ["-window", "root", join(images, "display.png")], { stdio: "ignore" });
  }
  await itCrashes();
} catch (error) {
  failed = 1;
  console.error(error);
  const evidence = join(sandbox.root, "failure.png");
  const picture = await window?.screenshot().catch(() => null);
  if (picture) {
    writeFileSync(evidence, picture);
    console.error(`screenshot: ${evidence}`);
  }
} finally {
  await window?.close().catch(() => {});
  driver.stop();
  for (const pid of appProcesses()) process.kill(Number(pid), "SIGKILL");
  const zonke = join(dirname(binary), "zonke");
  try {
    execFileSync(zonke, ["practice", "stop"], { env: sandbox.env, stdio: "ignore" });
  } catch (error) {
    console.error(`the practice account could not be stopped: ${error.message}`);
    failed = 1;
  }
  if (!failed) sandbox.remove();
}
console.log(failed ? `native: 0 passed, 1 failed` : `native: 1 passed, 0 failed`);
process.exit(failed);
