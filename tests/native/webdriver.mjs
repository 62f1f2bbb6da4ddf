// A small W3C WebDriver client over fetch, enough for the few checks that need the real window.
// WebKitWebDriver starts the app itself; it sees the web view only, not dialogs of the desktop.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Asks the system for a port that nobody uses. */
async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function request(method, url, body) {
  const response = await fetch(url, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { "content-type": "application/json" },
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}

/** Starts the driver; everything it starts inherits `env`. */
export async function startDriver(env) {
  const port = await freePort();
  const child = spawn("WebKitWebDriver", [`--port=${port}`], {
    env: { ...env, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      if ((await fetch(`${url}/status`)).ok) return { url, stop: () => child.kill() };
    } catch {
      // Not listening yet.
    }
    await pause(50);
  }
  child.kill();
  throw new Error("WebKitWebDriver did not start: install webkit2gtk-driver");
}

export class Window {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** Starts the app and waits until its user interface says that it is ready. */
  static async open(driver, binary, args = []) {
    const { sessionId } = await request("POST", `${driver.url}/session`, {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args } } },
    });
    const window = new Window(`${driver.url}/session/${sessionId}`);
    await window.until("the user interface is ready", () => window.screen());
    return window;
  }

  close() {
    return request("DELETE", this.#session);
  }

  run(script, ...args) {
    return request("POST", `${this.#session}/execute/sync`, { script, args });
  }

  /** Runs a script that calls its last argument when it is done. */
  runAsync(script, ...args) {
    return request("POST", `${this.#session}/execute/async`, { script, args });
  }

  async screenshot() {
    return Buffer.from(await request("GET", `${this.#session}/screenshot`), "base64");
  }

  /** Name of the screen that is shown and answers, or null while one is being made. */
  screen() {
    return this.run("return document.documentElement.dataset.ready ?? null");
  }

  on(screen, seconds) {
    return this.until(`the screen “${screen}” is shown`, async () => (await this.screen()) === screen, seconds);
  }

  text() {
    return this.run("return document.body.innerText");
  }

  /** Waits for a condition; `what` says in the error what was waited for. */
  async until(what, condition, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    let last;
    while (Date.now() < end) {
      try {
        const value = await condition();
        if (value) return value;
        last = value;
      } catch (error) {
        last = error;
      }
      await pause(100);
    }
    throw new Error(`waited ${seconds} s until ${what}; last: ${last}\n--- page ---\n${await this.text().catch(() => "")}`);
  }

  sees(text, seconds) {
    return this.until(`the page says “${text}”`, async () => (await this.text()).includes(text), seconds);
  }

  /** Finds an element by its role and accessible name, the way a person (or a screen reader) does. */
  async find(role, name) {
    const found = await this.run(FIND, role, name);
    if (!found) throw new Error(`no ${role} named “${name}”`);
    return found[ELEMENT];
  }

  async click(role, name, seconds) {
    const id = await this.until(`there is a ${role} named “${name}” that is enabled`, () => this.#enabled(role, name), seconds);
    await request("POST", `${this.#session}/element/${id}/click`, {});
  }

  /**
   * Clicks until what the click is for is there. The driver aims at where the element was a moment ago: on a live page that can
   * be beside it, and a person would click again, too.
   */
  async clickFor(role, name, wanted, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      await this.click(role, name, seconds);
      try {
        return await this.until(`clicking the ${role} “${name}” has its effect`, wanted, 5);
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  async #enabled(role, name) {
    const id = await this.find(role, name);
    return (await request("GET", `${this.#session}/element/${id}/enabled`)) ? id : null;
  }

  /** What is in a text field. */
  async value(role, name) {
    return request("GET", `${this.#session}/element/${await this.find(role, name)}/property/value`);
  }

  /** Replaces what is in a text field. */
  async fill(role, name, text) {
    const id = await this.until(`there is a ${role} named “${name}”`, () => this.find(role, name));
    await request("POST", `${this.#session}/element/${id}/clear`, {});
    await request("POST", `${this.#session}/element/${id}/value`, { text });
    await this.until(`“${name}” holds what was typed`, async () => (await this.value(role, name)) === text);
  }
}

// Roles and names as far as the checks need them: buttons, links, tabs, text fields and radio buttons.
const FIND = `
  const [role, name] = arguments;
  const selectors = {
    button: "button, [role=button]",
    link: "a[href]",
    tab: "[role=tab]",
    radio: "input[type=radio], [role=radio]",
    textbox: "input:not([type=radio]):not([type=checkbox]), textarea",
    spinbutton: "input[type=number]",
    heading: "h1, h2, h3",
  };
  const nameOf = (element) => {
    const label = element.getAttribute("aria-label");
    if (label) return label;
    const by = element.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
    if (element.labels?.length) return [...element.labels].map((each) => each.innerText).join(" ");
    return element.innerText || element.getAttribute("title") || "";
  };
  const tidy = (text) => text.replace(/\\s+/g, " ").trim();
  const visible = (element) => element.getClientRects().length > 0;
  const matches = [...document.querySelectorAll(selectors[role])].filter(visible);
  return matches.find((element) => tidy(nameOf(element)) === name) ?? matches.find((element) => tidy(nameOf(element)).startsWith(name)) ?? null;
`;
