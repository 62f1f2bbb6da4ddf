import { useMemo, useState } from "react";
import { useHost } from "../../app/host-context.ts";
import type { IdentityCenter, SsoAccount, SsoChoice } from "../../host/index.ts";
import { ErrorNotice } from "../../ui/bits.tsx";
import { Button } from "../../ui/Button.tsx";
import { CheckField, SelectField, TextField } from "../../ui/fields.tsx";
import { regionsWith } from "../../ui/regions.ts";
import { count } from "../../ui/words.ts";
import type { WayProps } from "./ConnectFlow.tsx";
import { freeLabel } from "./ways.ts";
import { type About, WizardFrame } from "./WizardFrame.tsx";
import css from "./wizard.module.css";

type RolesStepProps = WayProps & { center: IdentityCenter; accounts: SsoAccount[]; about: About };

const keyOf = (account: string, role: string) => `${account}/${role}`;

/** Accounts and roles that match every word of a search, in accounts, numbers and role names. */
export function matching(accounts: SsoAccount[], search: string): SsoAccount[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return accounts.flatMap((account) => {
    const about = `${account.name} ${account.id}`.toLowerCase();
    const roles = account.roles.filter((role) => words.every((w) => about.includes(w) || role.toLowerCase().includes(w)));
    return roles.length > 0 ? [{ ...account, roles }] : [];
  });
}

/** Which accounts and roles to keep as profiles; several at once, each with a name of its own. */
export function RolesStep({ center, accounts, taken, about, onBack, onSaved, finishing, trouble }: RolesStepProps) {
  const host = useHost();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<SsoChoice[]>([]);
  const [region, setRegion] = useState(center.region);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shown = useMemo(() => matching(accounts, search), [accounts, search]);
  const picked = new Set(chosen.map((c) => keyOf(c.accountId, c.roleName)));
  const roles = shown.reduce((sum, a) => sum + a.roles.length, 0);

  const toggle = (account: SsoAccount, role: string, on: boolean) => {
    if (!on) return setChosen(chosen.filter((c) => !(c.accountId === account.id && c.roleName === role)));
    const label = freeLabel(account.roles.length > 1 ? `${account.name} ${role}` : account.name, [...taken, ...chosen.map((c) => c.label)]);
    setChosen([...chosen, { accountId: account.id, roleName: role, label }]);
  };
  const rename = (choice: SsoChoice, label: string) => setChosen(chosen.map((c) => (c === choice ? { ...c, label } : c)));
  const remark = (choice: SsoChoice): string | null => {
    const label = choice.label.trim().toLowerCase();
    if (label === "") return "A profile needs a name.";
    const others = [...taken, ...chosen.filter((c) => c !== choice).map((c) => c.label)];
    return others.some((o) => o.trim().toLowerCase() === label) ? "Another profile is called that." : null;
  };
  const wrong = chosen.some((c) => remark(c) !== null);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      onSaved(await host.ssoSave(center, chosen, region));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <WizardFrame title="Choose accounts and roles" lead={`You are signed in and may use ${count(accounts.length, "account")}. Each chosen role becomes a profile; the first one is connected now.`} about={about} onBack={onBack} back="Back">
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); if (chosen.length > 0 && !wrong) void save(); }}>
        <TextField label="Search" type="search" value={search} onValue={setSearch} placeholder="Name, number or role" hint={search === "" ? null : `${count(roles, "role")} in ${count(shown.length, "account")}`} />
        {accounts.length === 0 ? <p>Nobody has given you an account in this directory yet. Whoever runs it does that under IAM Identity Center, AWS accounts.</p> : null}
        {accounts.length > 0 && shown.length === 0 ? <p>No account or role matches “{search}”.</p> : null}
        {shown.length > 0 ? (
          <ul className={css.accounts} aria-label="Accounts">
            {shown.map((account) => (
              <li key={account.id}>
                <p className={css.accountHead}><strong>{account.name}</strong> <span className={css.small}>{account.id}</span></p>
                <ul className={css.roles}>
                  {account.roles.map((role) => (
                    <li key={role}><CheckField label={<><span className="visually-hidden">{account.name}: </span>{role}</>} checked={picked.has(keyOf(account.id, role))} onChecked={(on) => toggle(account, role, on)} /></li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        ) : null}
        {chosen.length > 0 ? (
          <fieldset className={css.chosen}>
            <legend>Names of the profiles</legend>
            {chosen.map((choice) => (
              <TextField key={keyOf(choice.accountId, choice.roleName)} label={`${accounts.find((a) => a.id === choice.accountId)?.name ?? choice.accountId}, ${choice.roleName}`} value={choice.label} onValue={(label) => rename(choice, label)} error={remark(choice)} />
            ))}
            <SelectField label="Region to start with" value={region} onValue={setRegion} options={regionsWith(region)} />
          </fieldset>
        ) : null}
        {error ? <ErrorNotice error={error} /> : trouble}
        <div className={css.actions}>
          <Button type="submit" tone="primary" size="l" busy={busy || finishing} disabled={chosen.length === 0 || wrong}>{chosen.length < 2 ? "Save and connect" : `Save ${chosen.length} profiles and connect the first`}</Button>
        </div>
      </form>
    </WizardFrame>
  );
}
