import type { DeploymentDelta, DeploymentView, StackView } from "../../host/index.ts";

const order = { edge: 0, pipeline: 1, base: 2, service: 3, deployer: 4 } as const;

/** Applies a delta: steps and outcome are whole, stacks bring only the rows that changed. */
export function mergeDeployment(view: DeploymentView, delta: DeploymentDelta): DeploymentView {
  const stacks = new Map(view.stacks.map((s) => [s.role, s]));
  for (const next of delta.stacks) {
    const before = stacks.get(next.role);
    stacks.set(next.role, before ? mergeStack(before, next) : next);
  }
  return { app: view.app, phase: delta.phase, steps: delta.steps, outcome: delta.outcome, stacks: [...stacks.values()].toSorted((a, b) => order[a.role] - order[b.role]) };
}

function mergeStack(before: StackView, next: StackView): StackView {
  const rows = new Map(before.resources.map((r) => [r.logicalId, r]));
  for (const row of next.resources) rows.set(row.logicalId, row);
  return { ...next, resources: [...rows.values()].toSorted((a, b) => a.startedAt - b.startedAt) };
}
