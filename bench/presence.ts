import { randomUUID } from 'node:crypto';
import { InProcessPresence } from '../adapters/in-process/presence.ts';
import { RedisPresence } from '../adapters/redis/presence.ts';
import type { Presence, PresentDevice } from '../ports/presence.ts';
import { defaultSettings } from '../realtime/settings.ts';
import { redisKind } from '../test/servers/kinds.ts';
import { redisUse, type RedisUse } from '../test/servers/redis-use.ts';
import { ServerProcess } from '../test/servers/server-process.ts';
import { printTable } from './statistics.ts';

const users = 10_000;
const minutes = 3;
const beatsAMinute = 60_000 / defaultSettings.beatMs;
const looksAMinute = 60_000 / defaultSettings.lookAgainMs;
const atOnce = 500;

interface Cost {
  /** Microseconds of a node's processor for one user and minute. */
  readonly node: number;
  /** The same of Redis, and the bytes it got. */
  readonly redis: number | undefined;
  readonly bytes: number | undefined;
}

const inParts = async <Item>(items: readonly Item[], work: (part: readonly Item[]) => Promise<unknown>) => {
  for (let from = 0; from < items.length; from += atOnce) await work(items.slice(from, from + atOnce));
};

/** What the minutes of users who stay, each watched on one node, ask of presence: beats and looks. */
const measure = async (presence: Presence, port?: number): Promise<Cost> => {
  const used = async (): Promise<RedisUse> => (port === undefined ? { seconds: 0, bytes: 0 } : await redisUse(port));
  const devices = Array.from({ length: users }, (): PresentDevice => {
    const [userId, deviceId, connectionId] = [randomUUID(), randomUUID(), randomUUID()];
    return { userId, deviceId, connectionId, state: 'online' };
  });
  const userIds = devices.map(({ userId }) => userId);
  await inParts(devices, (part) => presence.say(part));
  const [before, usedBefore] = [process.cpuUsage(), await used()];
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let beat = 0; beat < beatsAMinute; beat += 1) await inParts(devices, (part) => presence.say(part));
    for (let look = 0; look < looksAMinute; look += 1) await inParts(userIds, (part) => presence.of(part));
  }
  const { user, system } = process.cpuUsage(before);
  const usedAfter = await used();
  const each = (whole: number): number => whole / (users * minutes);
  return {
    node: each(user + system),
    redis: port && each((usedAfter.seconds - usedBefore.seconds) * 1e6),
    bytes: port && each(usedAfter.bytes - usedBefore.bytes),
  };
};

const measureRedis = async (): Promise<Cost | undefined> => {
  const kind = redisKind();
  if (kind === undefined) return undefined;
  await using server = await ServerProcess.start(kind);
  const url = `redis://127.0.0.1:${server.port}`;
  await using presence = new RedisPresence({ url, timeouts: { commandMs: 10_000 } });
  return await measure(presence, server.port);
};

const microseconds = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} µs`);

/** What it costs that somebody is online for a minute and watched on one node; his heartbeats apart. */
export const benchPresence = async (): Promise<void> => {
  await using inProcess = new InProcessPresence();
  const own = await measure(inProcess);
  const shared = await measureRedis();
  const bytes = shared?.bytes === undefined ? '–' : `${Math.round(shared.bytes)} B`;
  printTable(`Presence of one user for a minute (${beatsAMinute} beats, ${looksAMinute} look), of ${users} online`, [
    ['', 'node', 'Redis', 'to Redis'],
    ['in process', microseconds(own.node), '–', '–'],
    ['in Redis', microseconds(shared?.node), microseconds(shared?.redis), bytes],
  ]);
};
