import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useDraft } from "../../app/draft.tsx";
import { OpenLink } from "../../app/OpenLink.tsx";
import type { Choices, Findings, Holder } from "../../host/index.ts";
import { Notice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/fields.tsx";
import { DeployerTemplate } from "./DeployerTemplate.tsx";
import { PolicyCopies } from "./PolicyCopies.tsx";
import type { WayChoice } from "./ways.ts";
import { type About, WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

type Start = "nothing" | "account" | "profile";
type How = "stack" | "hand";

const abouts: Record<How, About> = {
  stack: {
    happens: "You save one small template and give it to CloudFormation in AWS's own console. It makes a user, or a role, with exactly the permissions your plan needs. The root user stays for account matters: the app refuses it.",
    stored: "The template lies where you save it; it holds no secret. The app keeps nothing yet: the last step asks for the way in and says what it keeps.",
    undo: "Delete the stack in CloudFormation: the user or role and the permissions go with it. Delete the user's access key before. An AWS account is closed under Account, Close account.",
  },
  hand: {
    happens: "You make a user and its permissions yourself in AWS's own console. The root user stays for account matters: the app refuses it.",
    stored: "Nothing yet. The last step asks for the way in and says what it keeps.",
    undo: "Delete the user and the policy in IAM. An AWS account is closed under Account, Close account.",
  },
};

/** The path for somebody who has no account yet, or an account and no way in but its root user, or a way in without rights. */
export function BeginnerWay({ onBack, onChoose }: { onBack: () => void; onChoose: (choice: WayChoice) => void }) {
  const { draft } = useDraft();
  const [start, setStart] = useState<Start>("nothing");
  const [how, setHow] = useState<How>("stack");
  const planned = draft?.choices ? { findings: draft.findings, choices: draft.choices } : null;
  const holder: Holder = start === "profile" ? { kind: "role", trusted: null, externalId: null, sessionHours: 1 } : { kind: "user" };
  return (
    <WizardFrame title="Your first way into AWS" lead="About ten minutes, once. Everything below happens in AWS's own console; the app takes no part in it." onBack={onBack} about={abouts[how]}>
      <ChoiceField
        label="What do you have?" value={start} onValue={setStart}
        options={[{ value: "nothing", label: "No AWS account" }, { value: "account", label: "An account, no user" }, { value: "profile", label: "A user without rights" }]}
      />
      <ChoiceField
        label="How do you want to do it?" value={how} onValue={setHow} layout="list"
        options={[
          { value: "stack", label: "With one CloudFormation stack", detail: start === "profile" ? "Save a file, upload it once; it makes a role that users of the account may take on." : "Save a file, upload it once; it makes the user and its permissions." },
          { value: "hand", label: "By hand", detail: "Paste the permissions into IAM and make the user yourself." },
        ]}
      />
      {start === "profile" ? <p className={css.small}>Only somebody who may make users and roles can do this: give the file or the permissions to the administrator of the account.</p> : null}
      <ol className={css.steps}>
        {start === "nothing" ? <MakeAccount /> : null}
        {start === "profile" ? null : <LockRoot />}
        {how === "stack" ? <StackSteps planned={planned} holder={holder} /> : <HandSteps planned={planned} existing={start === "profile"} />}
        {start === "profile" && how === "stack" ? (
          <li>
            <h2>Bring the role here</h2>
            <p>Copy RoleArn from the tab Outputs of the stack. Connect with your own user first, if you have not yet; then set up the role on top of it.</p>
            <Button tone="primary" onClick={() => onChoose({ way: "role" })}>Enter the role</Button>
          </li>
        ) : (
          <li>
            <h2>{start === "profile" ? "Connect" : "Bring the key here"}</h2>
            <p>{start === "profile" ? "With the permissions attached, the profile you have works. If you have only its access key:" : "Drop the downloaded file on this window, or:"}</p>
            <Button tone="primary" onClick={() => onChoose({ way: "keys", file: null })}>Enter the access key</Button>
          </li>
        )}
      </ol>
      <p className={css.small}>In a company, ask for IAM Identity Center instead: somebody may have set it up already, and no key is needed.</p>
    </WizardFrame>
  );
}

type Planned = { findings: Findings; choices: Choices } | null;

function MakeAccount() {
  return (
    <li>
      <h2>Make an AWS account</h2>
      <p>You need an address for email, a telephone and a credit card. Choose the paid plan if you can: the free plan keeps some services of a usual set-up closed.</p>
      <OpenLink url="https://portal.aws.amazon.com/billing/signup">Open the sign-up page</OpenLink>
    </li>
  );
}

function LockRoot() {
  return (
    <li>
      <h2>Lock the root user away</h2>
      <p>Sign in to the console with the address of the account, open Security credentials and assign an MFA device. Make no access key there.</p>
      <OpenLink url="https://console.aws.amazon.com/iam/home#/security_credentials">Open the security credentials</OpenLink>
    </li>
  );
}

/** The permissions follow from a plan; without one there is nothing to give. */
function PlanFirst() {
  const navigate = useNavigate();
  return (
    <Notice title="The permissions follow from your plan" actions={<Button size="s" onClick={() => void navigate({ to: "/new/import" })}>Plan a project first</Button>}>
      <p>Plan a project first, without an account: the app then knows exactly what it needs, and you come back here.</p>
    </Notice>
  );
}

function StackSteps({ planned, holder }: { planned: Planned; holder: Holder }) {
  const region = planned?.choices.region ?? "eu-west-1";
  return (
    <>
      <li>
        <h2>Save the template</h2>
        {planned ? <DeployerTemplate findings={planned.findings} choices={planned.choices} holder={holder} /> : <PlanFirst />}
      </li>
      <li>
        <h2>Create the stack</h2>
        <p>In the console choose “Upload a template file” and the file you saved{planned ? <>; name the stack <code>{planned.choices.app}-deployer</code></> : null}. Then Next, tick that IAM resources are made, Next, Submit. It takes less than a minute.</p>
        <OpenLink url={`https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}#/stacks/create`}>Open CloudFormation in {region}</OpenLink>
      </li>
      {holder.kind === "user" ? (
        <li>
          <h2>Make the key</h2>
          <p>The tab Outputs of the stack names the user. On the user's page in IAM: Security credentials, Create access key, “Application running outside AWS”, Download .csv file. The stack makes no key itself, because everybody who may look at it could read it.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/users">Open the users</OpenLink>
        </li>
      ) : null}
    </>
  );
}

function HandSteps({ planned, existing }: { planned: Planned; existing: boolean }) {
  return (
    <>
      <li>
        <h2>Copy the permissions</h2>
        {planned ? <PolicyCopies findings={planned.findings} choices={planned.choices} /> : <PlanFirst />}
        <p>In the console: IAM, Policies, Create policy, JSON; paste, and create it under the name above.</p>
        <OpenLink url="https://console.aws.amazon.com/iam/home#/policies/create">Open the policy editor</OpenLink>
      </li>
      {existing ? (
        <li>
          <h2>Attach them</h2>
          <p>IAM, Users, the user you have, Add permissions, Attach policies directly; choose the policies you just made.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/users">Open the users</OpenLink>
        </li>
      ) : (
        <li>
          <h2>Make the user</h2>
          <p>IAM, Users, Create user, without console access; attach the policy. Then on the user's page: Security credentials, Create access key, “Application running outside AWS”, Download .csv file.</p>
          <OpenLink url="https://console.aws.amazon.com/iam/home#/users/create">Open the user page</OpenLink>
        </li>
      )}
    </>
  );
}
