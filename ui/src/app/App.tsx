import type { Host } from "../host/index.ts";

export function App({ host }: { host: Host }) {
  void host;
  return <h1>Zonké Desktop</h1>;
}
