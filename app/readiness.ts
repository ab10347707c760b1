import type { Readiness } from '../api/operations.ts';
import type { TailStatus } from '../projections/log-tail.ts';
import type { ProjectionStatus } from '../projections/status.ts';

/** How far a read model may be behind before nobody should be sent to it. */
export const farBehind = { ms: 5_000, events: 10_000 } as const;

export interface ReadinessSources {
  readonly projections: readonly ProjectionStatus[];
  readonly tail: TailStatus;
  /** The fan-out to sockets cannot follow the log. */
  readonly fanOutFails: boolean;
  /** It has been told to end. */
  readonly isEnding: boolean;
}

const troubleOf = ({ name, state, build, lag, trouble, rebuild }: ProjectionStatus): string | undefined => {
  if (state === 'parked') {
    const { event, error } = trouble ?? {};
    return `${name} is parked${event ? ` at ${event.type}, position ${event.position}` : ''}: ${error ?? 'unknown error'}`;
  }
  if (build === null) return `${name} is being built${rebuild ? `: ${rebuild.done} of ${rebuild.total}` : ''}`;
  if (lag.ms > farBehind.ms || lag.events > farBehind.events) return `${name} is ${lag.events} events behind`;
  return undefined;
};

/** Without these a server still does nearly all it is asked for: their trouble is told, and keeps nobody away. */
const dispensable: ReadonlySet<string> = new Set(['search']);

/** Whether all that reads need is there and fresh, and what is not. */
export const judgeReadiness = ({ projections, tail, fanOutFails, isEnding }: ReadinessSources): Readiness => {
  const isNeeded = ({ name }: ProjectionStatus): boolean => !dispensable.has(name);
  const troubles = (statuses: readonly ProjectionStatus[]): readonly string[] =>
    statuses.map(troubleOf).filter((reason) => reason !== undefined);
  const reasons = [...troubles(projections.filter(isNeeded))];
  if (isEnding) reasons.unshift('the server is shutting down');
  if (tail.state !== 'live') reasons.push(`the log cannot be read: ${tail.error ?? 'unknown error'}`);
  if (fanOutFails) reasons.push('the fan-out to sockets cannot follow the log');
  const others = troubles(projections.filter((status) => !isNeeded(status)));
  return { ready: reasons.length === 0, reasons: [...reasons, ...others] };
};
