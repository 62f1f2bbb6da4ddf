interface ImportMetaEnv {
  /** Heading of the page, fixed when the page is built. */
  readonly VITE_GUESTBOOK_TITLE?: string;
}
