/** What the user prefers; `system` follows the desktop. */
export type Theme = "system" | "light" | "dark";

const KEY = "zonke.theme";
const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

export function storedTheme(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

/** Whether the theme shows dark colors at this moment. */
export function isDark(theme: Theme): boolean {
  return theme === "dark" || (theme === "system" && dark().matches);
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = isDark(theme) ? "dark" : "light";
}

export function storeTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

/** Follows the desktop's light and dark while the preference is `system`. */
export function followSystemTheme(): () => void {
  const list = dark();
  const changed = () => applyTheme(storedTheme());
  list.addEventListener("change", changed);
  return () => list.removeEventListener("change", changed);
}
