import { Link } from "@tanstack/react-router";
import { Empty, ErrorNotice } from "../ui/bits.tsx";
import { Page } from "../ui/Page.tsx";

export function NotFound() {
  return (
    <Page title="This page does not exist">
      <Empty title="Nothing here" action={<Link to="/">Go to the start</Link>} />
    </Page>
  );
}

/** The last resort when a screen fails to draw: the rest of the window keeps working. */
export function ScreenError({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Page title="This screen failed">
      <ErrorNotice error={error} retry={reset} />
    </Page>
  );
}
