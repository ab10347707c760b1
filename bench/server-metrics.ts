import type { Rest } from '../app/demo/client/rest.ts';

/** What a server says of itself at one moment: the value of a metric without labels, NaN where there is none. */
export type ServerMetrics = (name: string) => number;

export const metricsOf = async (rest: Rest): Promise<ServerMetrics> => {
  const { text } = await rest.call({ method: 'GET', path: '/metrics' });
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Processor time that the server's process has used since its start. */
export const cpuMsOf = async (rest: Rest): Promise<number> =>
  (await metricsOf(rest))('process_cpu_seconds_total') * 1_000;
