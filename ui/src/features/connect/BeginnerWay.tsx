import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useDraft } from "../../app/draft.tsx";
import { OpenLink } from "../../app/OpenLink.tsx";
import { Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/fields.tsx";
import { PolicyCopies } from "./PolicyCopies.tsx";
import type { WayChoice } from "./ways.ts";
import { WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

type Start = "nothing" | "account";

/** The path for somebody who has no account yet, or an account and no way in but its root user. */
export function BeginnerWay({ onBack, onChoose }: { onBack: () => void; onChoose: (choice: WayChoice) => void }) {
  const navigate = useNavigate();
  const { draft } = useDraft();
  const [start, setStart] = useState<Start>("nothing");
  return (
    <WizardFrame
      title="Your first way into AWS" lead="About ten minutes, once. Everything below happens in AWS's own console; the app takes no part in it." onBack={onBack}
      about={{ happens: "You make an account and a user with exactly the permissions your plan needs. The root user stays for account matters: the app refuses it.", stored: "Nothing yet. The last step asks for the way in and says what it keeps.", undo: "Delete the user in IAM. An AWS account is closed under Account, Close account." }}
    >
      <ChoiceField label="What do you have?" value={start} onValue={setStart} options={[{ value: "nothing", label: "No AWS account" }, { value: "account", label: "An AWS account" }]} />
      <ol className={css.steps}>
        {start === "nothing" ? (
          <li>
            <h2>Make an AWS account</h2>
            <p>You need an address for email, a telephone and a credit card. Choose the paid plan if you can: the free plan keeps some services of a usual set-up closed.</p>
            <OpenLink url="https://portal.aws.amazon.com/billing/signup">Open the sign-up page</OpenLink>
          </li>
        ) : null}
        <li>
          <h2>Lock the root user away</h2>
          <p>Sign in to the console with the address of the account, open Security credentials and assign an MFA device. Make no access key there.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/security_credentials">Open the security credentials</OpenLink>
        </li>
        <li>
          <h2>Copy the permissions</h2>
          {draft?.choices ? <PolicyCopies findings={draft.findings} choices={draft.choices} /> : (
            <Notice title="The policy follows from your plan" actions={<Button size="s" onClick={() => void navigate({ to: "/new/import" })}>Plan a project first</Button>}>
              <p>Plan a project first, without an account: the app then shows exactly the permissions it needs, to copy here.</p>
            </Notice>
          )}
          <p>In the console: IAM, Policies, Create policy, JSON; paste, and create it under the name above.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/policies/create">Open the policy editor</OpenLink>
        </li>
        <li>
          <h2>Make the user</h2>
          <p>IAM, Users, Create user, without console access; attach the policy. Then on the user's page: Security credentials, Create access key, “Application running outside AWS”, Download .csv file.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/users/create">Open the user page</OpenLink>
        </li>
        <li>
          <h2>Bring the key here</h2>
          <p>Drop the downloaded file on this window, or:</p>
          <Button tone="primary" onClick={() => onChoose({ way: "keys", file: null })}>Enter the access key</Button>
        </li>
      </ol>
      <p className={css.small}>In a company, ask for IAM Identity Center instead: somebody may have set it up already, and no key is needed.</p>
    </WizardFrame>
  );
}
