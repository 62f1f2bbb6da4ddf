import type { Choices, Ejected, EjectedEntry, EjectOptions, Findings } from "../bindings.gen.ts";
import { type Clock, wait } from "./clock.ts";
import { makePlan } from "./planner.ts";
import { refuse } from "./refuse.ts";

/** Ejects like the real program into the folder that its dialog answers with, `null` for a dismissed one. */
export async function eject(clock: Clock, pick: string | null, findings: Findings, choices: Choices, options: EjectOptions): Promise<Ejected | null> {
  const plan = makePlan(findings, choices);
  if (!choices.repository) throw refuse("invalidInput", "repository cannot be \"\": the pipeline has to know where the code lies, such as owner/name", "Change this setting; the rest of the plan is kept.");
  await wait(clock, 100);
  if (pick === null) return null;
  const name = choices.environment ? `${choices.app}-${choices.environment}` : choices.app;
  const folder = `${pick}/${name}-aws`;
  if (choices.app === "occupied") throw refuse("conflict", `\`${folder}\` holds other files.`, "Choose an empty folder, or one that was written like this before.");
  if (choices.app === "changed") throw refuse("conflict", `\`cdk/lib/base-stack.ts\` in \`${folder}\` was changed since.`, "Choose an empty folder and carry your changes over, or delete what may go.");
  const stacks = plan.stacks.filter((s) => s.role === "pipeline" || s.role === "edge").flatMap((s): EjectedEntry[] => [
    { name: s.templateFile, about: `stack \`${s.name}\`, ${s.resources.length} resources` },
    { name: `${s.role}.parameters`, about: `parameters of \`${s.name}\`` },
    { name: `${s.role}.tags`, about: `tags of \`${s.name}\`` },
  ]);
  return {
    folder,
    firstCommand: `cd ${folder} && ./deploy.sh`,
    content: [
      { name: "README.md", about: "how to deploy, update, operate and take down" },
      { name: "deploy.sh", about: "deploys, updates and takes down" },
      { name: "settings.env", about: `what the script knows about ${name}` },
      ...stacks,
      { name: "infra/", about: `${plan.files.length + 1} files that the script uploads for the pipeline` },
      { name: "migrator.zip", about: "code of the migration function" },
      ...plan.policies.map((p) => ({ name: `${p.name}.policy.json`, about: "IAM policy: what whoever runs the script must be allowed" })),
      ...(options.cdk ? [{ name: "cdk/", about: "11 files: the stacks as an app of the AWS CDK" }] : []),
    ],
  };
}
