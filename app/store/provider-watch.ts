import type { ProviderMetrics } from '../ops/metrics.ts';
import type { Incident } from './spec.ts';

/** The same metrics; failures of engines and changes to another are told as well. */
export function watchProviders<T extends ProviderMetrics>(
  metrics: T,
  tell: (incident: Omit<Incident, 'atMs'>) => void,
): T {
  return {
    ...metrics,
    providerFailed(kind, provider, code) {
      metrics.providerFailed(kind, provider, code);
      tell({ what: 'failed', kind, provider, detail: code });
    },
    failover(failover) {
      metrics.failover(failover);
      const { kind, from, to } = failover;
      tell({ what: 'failover', kind, provider: from, detail: to });
    },
  };
}
