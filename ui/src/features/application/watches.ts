import { useCallback } from "react";
import { type Live, replace, useLive } from "../../app/live.ts";
import type { Host, Listener, PipelineView, SecretsView, ServersView } from "../../host/index.ts";

export function usePipeline(app: string): Live<PipelineView> {
  return useLive(useCallback((host: Host, listener: Listener<PipelineView, PipelineView>) => host.pipelineWatch(app, listener), [app]), replace<PipelineView>);
}

export function useServers(app: string): Live<ServersView> {
  return useLive(useCallback((host: Host, listener: Listener<ServersView, ServersView>) => host.serversWatch(app, listener), [app]), replace<ServersView>);
}

export function useSecrets(app: string): Live<SecretsView> {
  return useLive(useCallback((host: Host, listener: Listener<SecretsView, SecretsView>) => host.secretsWatch(app, listener), [app]), replace<SecretsView>);
}
