import type { Choices, Findings } from "../../host/index.ts";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField, SelectField, TextField } from "../../ui/fields.tsx";
import { regions } from "../../ui/regions.ts";
import css from "./Options.module.css";

/** Sizes that both launch types can run; memory follows the processor, as Fargate wants it. */
const sizes = [
  { value: "256x512", label: "0.25 vCPU, 0.5 GB" },
  { value: "512x1024", label: "0.5 vCPU, 1 GB" },
  { value: "1024x2048", label: "1 vCPU, 2 GB" },
  { value: "2048x4096", label: "2 vCPU, 4 GB" },
  { value: "4096x8192", label: "4 vCPU, 8 GB" },
];

/** The name's rule, said before the planner has to refuse it. */
export function appNameError(app: string): string | null {
  return /^[a-z](?:[a-z0-9]|-(?!-)){1,18}[a-z0-9]$/.test(app) ? null : "3 to 20 lower-case letters, digits and single hyphens, starting with a letter.";
}

export function branchError(branch: string): string | null {
  return branch.trim() === "" ? "Every commit to this branch is released." : null;
}

type OptionsProps = { choices: Choices; findings: Findings; /** Nothing real is fetched yet, so that a stand-in for the repository does. */ practice: boolean; onChange: (choices: Choices) => void };

export function Options({ choices: c, findings, practice, onChange }: OptionsProps) {
  const set = <K extends keyof Choices>(key: K, value: Choices[K]) => onChange({ ...c, [key]: value });
  const servers = (part: Partial<Choices["servers"]>) => set("servers", { ...c.servers, ...part });
  const whole = (text: string) => Math.max(0, Math.min(999, Math.trunc(Number(text) || 0)));
  const size = `${c.servers.cpuUnits}x${c.servers.memoryMib}`;
  const fixed = c.servers.min === c.servers.max;
  const half = (path: string | null) => (path === null ? "none" : path === "." ? findings.name : path);
  return (
    <div className={css.options}>
      <p className={css.halves}>{half(findings.chosen.frontend)} <span>and</span> {half(findings.chosen.backend)}</p>
      <TextField label="Application name" value={c.app} onValue={(app) => set("app", app)} error={appNameError(c.app)} maxLength={20} mono />
      <SelectField label="Region" value={c.region} onValue={(region) => set("region", region)} options={regions.some((r) => r.value === c.region) ? regions : [{ value: c.region, label: c.region }, ...regions]} />
      <TextField label="Repository" value={c.repository ?? ""} onValue={(repository) => set("repository", repository.trim() === "" ? null : repository)} placeholder="owner/name" mono hint={c.repository === null ? "The pipeline fetches commits from there." : undefined} />
      {c.repository === null && practice && appNameError(c.app) === null ? <Button size="s" className={css.standIn} onClick={() => set("repository", `practice/${c.app}`)}>Use practice/{c.app} for now</Button> : null}
      <SelectField label="Source host" value={c.provider} onValue={(provider) => set("provider", provider)} options={[{ value: "gitHub", label: "GitHub" }, { value: "gitLab", label: "GitLab" }, { value: "bitbucket", label: "Bitbucket" }, { value: "azureDevOps", label: "Azure DevOps" }]} />
      <TextField label="Branch" value={c.branch} onValue={(branch) => set("branch", branch)} error={branchError(c.branch)} mono />
      <ChoiceField label="Database" value={c.database} onValue={(database) => set("database", database)} options={[{ value: "none", label: "None" }, { value: "postgres", label: "PostgreSQL" }, { value: "mysql", label: "MySQL" }]} />
      <ChoiceField label="Servers run on" value={c.launch} onValue={(launch) => set("launch", launch)} options={[{ value: "fargate", label: "Fargate" }, { value: "fargateSpot", label: "Spot" }, { value: "ec2", label: "EC2" }]} hint={c.launch === "fargate" ? "No machines to look after." : c.launch === "fargateSpot" ? "Spare capacity of Fargate; AWS may take servers back." : "Machines of an Auto Scaling group."} />
      <ChoiceField label="Processor" value={c.cpu} onValue={(cpu) => set("cpu", cpu)} options={[{ value: "arm64", label: "ARM64" }, { value: "x86_64", label: "x86-64" }]} hint={c.cpu === "arm64" ? "Graviton, about a fifth cheaper." : "For native modules without an ARM build."} />
      <ChoiceField label="Load balancer" value={c.origin} onValue={(origin) => set("origin", origin)} options={[{ value: "publicAlb", label: "Locked public" }, { value: "vpcOrigin", label: "Internal" }]} hint={c.origin === "publicAlb" ? "Has a public address and admits CloudFront only." : "Has no public address; CloudFront reaches into the network."} />
      <SelectField label="Size of a server" value={size} onValue={(value) => { const [cpuUnits, memoryMib] = value.split("x").map(Number); if (cpuUnits && memoryMib) servers({ cpuUnits, memoryMib }); }} options={sizes.some((s) => s.value === size) ? sizes : [{ value: size, label: `${c.servers.cpuUnits / 1024} vCPU, ${c.servers.memoryMib / 1024} GB` }, ...sizes]} />
      <div className={css.pair}>
        <TextField label="Servers, lowest" type="number" min={0} max={999} value={String(c.servers.min)} onValue={(text) => servers(fixed ? { min: whole(text), max: whole(text) } : { min: whole(text) })} />
        <TextField label="Highest" type="number" min={0} max={999} value={String(c.servers.max)} onValue={(text) => servers({ max: whole(text) })} error={c.servers.max < c.servers.min ? "Below the lowest." : null} />
      </div>
      <p className={css.note}>{fixed ? "A fixed number. Raise the highest to let traffic decide." : "Traffic decides within this range."}</p>
    </div>
  );
}
