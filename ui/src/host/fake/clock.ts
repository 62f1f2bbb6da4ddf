/** Time as the fake backend sees it, so that tests and screenshots can make an hour pass in a moment. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms`; the returned function forgets it. */
  after(ms: number, callback: () => void): () => void;
}

/** Resolves after `ms` of the clock's own time. */
export const wait = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

/** Runs `speed` times faster than the wall clock. */
export class RunningClock implements Clock {
  #speed: number;
  #virtual: number;
  #real = performance.now();

  constructor(speed: number, start: number = Date.now()) {
    this.#speed = speed;
    this.#virtual = start;
  }

  now(): number {
    return this.#virtual + (performance.now() - this.#real) * this.#speed;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms / this.#speed);
    return () => clearTimeout(timer);
  }

  /** Changes the pace from now on; timers already set keep theirs. */
  setSpeed(speed: number): void {
    this.#virtual = this.now();
    this.#real = performance.now();
    this.#speed = speed;
  }
}

/** Moves only when told to. */
export class ManualClock implements Clock {
  #now: number;
  #timers = new Set<{ due: number; callback: () => void }>();

  constructor(start = Date.UTC(2026, 0, 5, 9)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets `ms` pass, with every timer in order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      // Promises that resolved may set further timers that are due within the same span.
      // eslint-disable-next-line no-await-in-loop -- each step waits for the one before
      for (let i = 0; i < 8; i += 1) await Promise.resolve();
      const next = [...this.#timers].filter((t) => t.due <= end).toSorted((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = end;
    for (let i = 0; i < 8; i += 1) {
      // eslint-disable-next-line no-await-in-loop -- each step waits for the one before
      await Promise.resolve();
    }
  }
}
