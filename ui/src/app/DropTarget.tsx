import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import type { FolderDrop } from "../host/index.ts";
import { Icon } from "../ui/icons.tsx";
import { useDraft } from "./draft.tsx";
import { useHost } from "./host-context.ts";
import css from "./Frame.module.css";

/** The whole window takes folders, except while a plan is being made of one. */
export function DropTarget() {
  const host = useHost();
  const navigate = useNavigate();
  const { setDropped, setKeyFile } = useDraft();
  const closed = useRouterState({ select: (s) => s.location.pathname === "/new/plan" || s.location.pathname === "/new/review" });
  const [over, setOver] = useState(0);

  const dragged = useEffectEvent((drop: FolderDrop) => {
    setOver(drop.type === "over" && !closed ? drop.count : 0);
    if (drop.type !== "drop" || closed || drop.paths.length === 0) return;
    const [file] = drop.paths;
    // The console's file with an access key goes to where keys are taken; the core reads it, not the page.
    if (drop.paths.length === 1 && file?.toLowerCase().endsWith(".csv")) {
      setKeyFile(file);
      void navigate({ to: "/welcome" });
      return;
    }
    setDropped(drop.paths);
    void navigate({ to: "/new/import" });
  });
  useEffect(() => host.onFolderDrop((drop) => dragged(drop)), [host]);

  if (over === 0) return null;
  return (
    <div className={css.drop} role="status">
      <div className={css.dropWords}>
        <Icon name="folder" size={28} />
        {over > 1 ? "Drop one folder only" : "Let go to look inside"}
      </div>
    </div>
  );
}
