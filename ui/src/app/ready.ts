import { useEffect } from "react";

/** Says on the document which screen is shown and answers; programs that drive the window wait for it. */
export function useReady(screen: string): void {
  useEffect(() => {
    document.documentElement.dataset["ready"] = screen;
    return () => {
      delete document.documentElement.dataset["ready"];
    };
  }, [screen]);
}
