import type { ReactNode } from "react";

const paths: Record<string, ReactNode> = {
  check: <path d="M3.5 8.5l3 3 6-7" />,
  cross: <path d="M4 4l8 8M12 4l-8 8" />,
  chevron: <path d="M6 3.5L10.5 8 6 12.5" />,
  down: <path d="M3.5 6L8 10.5 12.5 6" />,
  back: <path d="M13 8H3M7 4L3 8l4 4" />,
  key: <><circle cx="5.5" cy="10.5" r="3" /><path d="M7.8 8.2L13.5 2.5M11 5l2 2" /></>,
  search: <><circle cx="7" cy="7" r="4.2" /><path d="M10.2 10.2L13.5 13.5" /></>,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  copy: <><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" /></>,
  warn: <><path d="M8 2.5l6 10.5H2z" /><path d="M8 6.5v3M8 11.3v.2" /></>,
  info: <><circle cx="8" cy="8" r="6" /><path d="M8 7.2v3.6M8 4.9v.2" /></>,
  folder: <path d="M2 4.5A1.5 1.5 0 0 1 3.5 3h2.8l1.5 1.8h4.7A1.5 1.5 0 0 1 14 6.3v5.2a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5z" />,
  sun: <><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" /></>,
  moon: <path d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z" />,
  screen: <><rect x="2" y="3" width="12" height="8" rx="1.3" /><path d="M6 13.5h4" /></>,
  plus: <path d="M8 3.5v9M3.5 8h9" />,
  play: <path d="M5 3.5l7 4.5-7 4.5z" />,
  undo: <path d="M3 7h7a3 3 0 0 1 0 6H6M3 7l3-3M3 7l3 3" />,
  pencil: <path d="M10.8 2.8l2.4 2.4-7.8 7.8-3 .6.6-3zM9 4.6L11.4 7" />,
  dash: <path d="M4 8h8" />,
  lock: <><rect x="3.5" y="7" width="9" height="6.5" rx="1.3" /><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" /></>,
  external: <path d="M6.5 3.5H4A1.5 1.5 0 0 0 2.5 5v7A1.5 1.5 0 0 0 4 13.5h7a1.5 1.5 0 0 0 1.5-1.5V9.5M9.5 2.5h4v4M13 3L7.5 8.5" />,
};

export type IconName = keyof typeof paths & string;

/** A small line drawing; decoration only, the words next to it carry the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {paths[name]}
    </svg>
  );
}

/** The mark: three bands from warm to cool, as the zones of the architecture. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#12312d" />
      <path d="M7 7h18v4.6H7z" fill="#f0b64a" />
      <path d="M18.6 11.6H25L13.4 20.4H7z" fill="#8fd0c4" />
      <path d="M7 20.4h18V25H7z" fill="#2fa595" />
    </svg>
  );
}
