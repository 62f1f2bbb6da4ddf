import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Ejected, EjectOptions } from "../../host/index.ts";
import { CopyButton, ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { CheckField } from "../../ui/fields.tsx";
import css from "./EjectDialog.module.css";

type EjectDialogProps = {
  /** The application, with its environment. */
  name: string;
  /** What every file is of: a plan, or what runs. */
  of: string;
  write: (options: EjectOptions) => Promise<Ejected | null>;
  open: boolean;
  onClose: () => void;
};

/** Leaving: a folder that needs nothing but the AWS CLI. */
export function EjectDialog({ name, of, write, open, onClose }: EjectDialogProps) {
  const [cdk, setCdk] = useState(false);
  const eject = useMutation({ mutationFn: () => write({ cdk }) });
  const close = () => {
    eject.reset();
    onClose();
  };
  if (eject.data) return <Written ejected={eject.data} open={open} onClose={close} />;
  return (
    <Dialog open={open} onClose={close} title="Eject to a folder" description={`Every template and build file of ${of}, with one script that deploys, updates and takes down with the AWS CLI alone.`}>
      <p className={css.text}>Nothing is given up: this app goes on with an application that was deployed from there. The folder holds no secret.</p>
      <p className={css.text}>An empty folder is filled; in any other one a new folder <code>{name}-aws</code> is made. Files that you changed in an earlier one are not written over.</p>
      <CheckField label="Add the stacks as a CDK app" detail="The same stacks in TypeScript, for the AWS CDK. Needs Node." checked={cdk} onChecked={setCdk} />
      {eject.error ? <ErrorNotice error={eject.error} /> : null}
      <DialogActions>
        <Button tone="quiet" onClick={close}>Cancel</Button>
        <Button tone="primary" icon="folder" busy={eject.isPending} onClick={() => eject.mutate()}>Choose where</Button>
      </DialogActions>
    </Dialog>
  );
}

function Written({ ejected, open, onClose }: { ejected: Ejected; open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="The folder is written" wide>
      <p className={css.path}><code>{ejected.folder}</code></p>
      <div className={css.group}>
        <h3 className={css.label} id="eject-first">To deploy, signed in with the AWS CLI</h3>
        <div className={css.command} role="group" aria-labelledby="eject-first"><pre>{ejected.firstCommand}</pre><CopyButton text={ejected.firstCommand} label="Copy the command" /></div>
      </div>
      <div className={css.group}>
        <h3 className={css.label} id="eject-content">What is in it</h3>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reachable by keyboard */}
        <ul className={css.content} aria-labelledby="eject-content" tabIndex={0}>
          {ejected.content.map((entry) => <li key={entry.name}><code>{entry.name}</code><span>{entry.about.replaceAll("`", "")}</span></li>)}
        </ul>
      </div>
      <DialogActions><Button tone="primary" onClick={onClose}>Done</Button></DialogActions>
    </Dialog>
  );
}
