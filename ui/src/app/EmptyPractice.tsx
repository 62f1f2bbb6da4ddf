import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ErrorNotice } from "../ui/bits.tsx";
import { Button } from "../ui/Button.tsx";
import { Dialog, DialogActions } from "../ui/Dialog.tsx";
import { useHost } from "./host-context.ts";
import css from "./Frame.module.css";

/** Asks before everything in the practice account is thrown away, and connects to the empty one. */
export function EmptyPractice({ open, onClose }: { open: boolean; onClose: () => void }) {
  const host = useHost();
  const client = useQueryClient();
  const navigate = useNavigate();
  const empty = useMutation({
    mutationFn: async () => {
      await host.practiceReset();
      return host.accountConnect({ kind: "practice" });
    },
    onSuccess: async (account) => {
      onClose();
      await navigate({ to: "/applications" });
      client.setQueryData(["account"], account);
      await client.invalidateQueries({ queryKey: ["applications"] });
    },
  });
  return (
    <Dialog open={open} onClose={onClose} title="Empty the practice account?" description="Every practice application is gone afterwards. Nothing in AWS is touched.">
      <div className={css.confirm}>
        {empty.error ? <ErrorNotice error={empty.error} /> : null}
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>Cancel</Button>
          <Button tone="danger" busy={empty.isPending} onClick={() => empty.mutate()}>Empty it</Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
