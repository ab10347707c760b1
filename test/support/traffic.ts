import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { syntheticTraffic } from './synthetic-traffic.ts';

export interface TrafficEvent {
  readonly type: 'message';
  readonly ts: string;
  readonly channel: string;
  readonly subtype?: string;
  readonly user?: string | null;
  readonly text?: string;
  readonly thread_ts?: string;
  readonly topic?: string;
  readonly deleted_ts?: string;
  readonly message?: {
    readonly user?: string;
    readonly ts: string;
    readonly text: string;
    readonly thread_ts?: string;
  };
  readonly file?: { readonly id: string; readonly name: string; readonly mimetype: string; readonly size: number };
}

export interface Traffic {
  readonly source: string;
  /** In order of `ts`. */
  readonly events: readonly TrafficEvent[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
}

const recorded = path.resolve(import.meta.dirname, '../../../shared/data/slack-traffic');

/** Recorded traffic where there is some (`PARLEY_TRAFFIC` names its folder), else made-up traffic of the same shape. */
export const loadTraffic = (): Traffic => {
  const folder = process.env['PARLEY_TRAFFIC'] ?? recorded;
  if (!existsSync(path.join(folder, 'events.ndjson'))) return syntheticTraffic(20180201);
  const events = readFileSync(path.join(folder, 'events.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrafficEvent);
  const channels = JSON.parse(readFileSync(path.join(folder, 'channels.json'), 'utf8')) as Traffic['channels'];
  return { source: 'recorded traffic', events, channels };
};

/** Who acts: the author of what an edit or a deletion is about stands in where the event does not say. */
export const usersOf = (events: readonly TrafficEvent[]): readonly string[] => {
  const users = events.map(({ user, message }) => user ?? message?.user).filter((user) => typeof user === 'string');
  return [...new Set(users)];
};

export const byChannel = (events: readonly TrafficEvent[]): ReadonlyMap<string, readonly TrafficEvent[]> =>
  Map.groupBy(events, ({ channel }) => channel);

/** The first events of it, whoever they are about. */
export const firstOf = ({ source, events, channels }: Traffic, count: number): Traffic => ({
  source: `the first ${count} events of ${source}`,
  events: events.slice(0, count),
  channels,
});
