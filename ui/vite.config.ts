import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig(({ mode }) => ({
  root: here,
  // The web view loads files from its own protocol, so every address in the build must be relative.
  base: "./",
  clearScreen: false,
  plugins: [react()],
  resolve: {
    alias: {
      // One implementation of the host is compiled in; the other never reaches the bundle.
      "@host-implementation": resolve(here, mode === "fake" ? "src/host/fake/index.ts" : "src/host/tauri.ts"),
    },
  },
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  preview: { port: 1421, strictPort: true, host: "127.0.0.1" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["safari16", "chrome110"],
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: [resolve(here, "src/test-setup.ts")],
    restoreMocks: true,
  },
}));
