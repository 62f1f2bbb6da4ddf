import { describe, expect, it } from "vitest";
import { applyUpdate, replace } from "./live.ts";

const nothing = { state: null, at: 0, trouble: null, closed: false };
const trouble = { message: "Throttled.", hint: "Wait.", retryInSeconds: 4, signedOut: false };

describe("a live view", () => {
  it("takes the snapshot and then each change", () => {
    let kept = applyUpdate<number, number>(nothing, { seq: 0, at: 10, body: { type: "snapshot", data: 1 } }, (a, b) => a + b);
    kept = applyUpdate(kept, { seq: 1, at: 20, body: { type: "delta", data: 5 } }, (a, b) => a + b);
    expect(kept).toEqual({ state: 6, at: 20, trouble: null, closed: false });
  });

  it("ignores a change that has nothing to change", () => {
    expect(applyUpdate<number, number>(nothing, { seq: 0, at: 10, body: { type: "delta", data: 5 } }, replace).state).toBeNull();
  });

  it("keeps what it knows and how old that is while AWS does not answer", () => {
    let kept = applyUpdate<number, number>(nothing, { seq: 0, at: 10, body: { type: "snapshot", data: 1 } }, replace);
    kept = applyUpdate<number, number>(kept, { seq: 1, at: 10, body: { type: "trouble", data: trouble } }, replace);
    expect(kept).toEqual({ state: 1, at: 10, trouble, closed: false });
    kept = applyUpdate<number, number>(kept, { seq: 2, at: 40, body: { type: "fresh" } }, replace);
    expect(kept).toEqual({ state: 1, at: 40, trouble: null, closed: false });
  });
});
