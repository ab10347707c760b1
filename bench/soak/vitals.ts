import { setTimeout as pause } from 'node:timers/promises';
import type { Rest } from '../../app/demo/client/rest.ts';
import { metricsOf } from '../server-metrics.ts';

/** How a server is at one moment, by its own metrics, just after it collected its garbage. */
export interface Vitals {
  readonly seconds: number;
  /** Messages acknowledged by then. */
  readonly messages: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly files: number;
  readonly loopDelayMs: number;
}

/** A signal is dealt with a moment later, and a request could overtake it. */
const collectMs = 200;

export interface VitalsOptions {
  readonly rest: Rest;
  readonly collect: () => void;
  readonly messages: () => number;
  readonly everyMs: number;
  /** Hears of each as it comes. */
  readonly tell: (vitals: Vitals) => void;
  readonly signal: AbortSignal;
}

/** Until the signal aborts. */
export const watchVitals = async (options: VitalsOptions): Promise<Vitals[]> => {
  const { rest, collect, messages, everyMs, tell, signal } = options;
  const vitals: Vitals[] = [];
  const startedAt = performance.now();
  while (!signal.aborted) {
    // Asking for the metrics begins the next stretch over which the delay of the event loop is measured.
    const loopDelayMs = (await metricsOf(rest))('nodejs_eventloop_lag_p99_seconds') * 1000;
    collect();
    await pause(collectMs);
    const valueOf = await metricsOf(rest);
    const sample = {
      seconds: (performance.now() - startedAt) / 1000,
      messages: messages(),
      heapBytes: valueOf('nodejs_heap_size_used_bytes'),
      residentBytes: valueOf('process_resident_memory_bytes'),
      files: valueOf('process_open_fds'),
      loopDelayMs,
    };
    vitals.push(sample);
    tell(sample);
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return vitals;
};
