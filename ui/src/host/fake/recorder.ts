import type { Host } from "../host.ts";

/** One message between the page and the host: what was called or answered, as it would cross the boundary. */
export type Message = { name: string; text: string };

/** The same host, with every call, answer and event written down. Tests search it for what must not be there. */
export function recorded<H extends Host>(host: H, messages: Message[]): H {
  const note = (name: string, value: unknown) => void messages.push({ name, text: JSON.stringify(value) ?? "" });
  return new Proxy(host, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const name = String(property);
        note(name, args.filter((a) => typeof a !== "function"));
        const heard = args.map((a) => (typeof a === "function" ? (...event: unknown[]) => {
          note(`${name} event`, event);
          return (a as (...e: unknown[]) => unknown)(...event);
        } : a));
        const answer: unknown = member.apply(target, heard);
        if (answer instanceof Promise) answer.then((value) => note(`${name} answer`, value), (error: unknown) => note(`${name} error`, String(error)));
        return answer;
      };
    },
  });
}
