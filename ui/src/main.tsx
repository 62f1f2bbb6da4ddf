import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { compiledHost } from "./host/index.ts";
import { applyTheme, storedTheme } from "./app/theme.ts";
import "./ui/tokens.css";
import "./ui/base.css";

applyTheme(storedTheme());

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App host={compiledHost} />
  </StrictMode>,
);
