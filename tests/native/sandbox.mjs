// A temporary home on a private display and a private session bus with its own keychain. Nothing of the person who runs the
// checks is seen or touched.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const INHERITED = ["PATH", "LANG", "LC_ALL", "TZ", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PIP_CACHE_DIR", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "ZONKE_PRACTICE_VENV"];

export function makeSandbox() {
  const root = mkdtempSync(join(tmpdir(), "zonke-native-"));
  for (const folder of ["home/.aws", "config", "data", "cache", "state", "run", "tmp"]) mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  const env = Object.fromEntries(INHERITED.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]));
  Object.assign(env, {
    HOME: join(root, "home"),
    XDG_CONFIG_HOME: join(root, "config"),
    XDG_DATA_HOME: join(root, "data"),
    XDG_CACHE_HOME: join(root, "cache"),
    XDG_STATE_HOME: join(root, "state"),
    XDG_RUNTIME_DIR: join(root, "run"),
    TMPDIR: join(root, "tmp"),
    ZONKE_DATA_DIR: join(root, "data/zonke"),
    AWS_CONFIG_FILE: join(root, "home/.aws/config"),
    AWS_SHARED_CREDENTIALS_FILE: join(root, "home/.aws/credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    NO_AT_BRIDGE: "1",
    GTK_A11Y: "none",
    GDK_BACKEND: "x11",
    // The portal would show dialogs outside the window, and nobody is there to answer.
    GTK_USE_PORTAL: "0",
  });
  return { root, env, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 10 }) };
}
