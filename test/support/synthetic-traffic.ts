import { seededRandom, type Random } from '../../app/demo/random.ts';
import type { Traffic, TrafficEvent } from './traffic.ts';

const words = 'the log is read again from its first line and every count must come out the same as it was before'.split(
  ' ',
);

const sentence = (random: Random, users: readonly string[]): string => {
  const said = Array.from({ length: 2 + random.below(30) }, () => random.pick(words)).join(' ');
  const mention = random.chance(0.15) ? `<@${random.pick(users)}> ` : '';
  const tail = random.chance(0.1) ? ` <https://example.org/${random.below(1000)}|see &lt;here&gt; &amp; there>` : '';
  return `${mention}${said}${random.chance(0.05) ? ' :wink: 👩‍👩‍👧‍👧' : ''}${tail}`;
};

/** A few channels have most of the traffic, as is usual. */
const skewed = (random: Random, end: number): number => Math.floor(end * random.next() ** 3);

interface Sent {
  readonly ts: string;
  readonly user: string;
  readonly threadTs: string | undefined;
}

const laterChange = (random: Random, sent: readonly Sent[], base: { type: 'message'; ts: string; channel: string }) => {
  const recent = sent.slice(-20);
  if (recent.length === 0) return undefined;
  const { ts, user, threadTs } = random.pick(recent);
  if (random.chance(0.08)) return { ...base, subtype: 'message_deleted', deleted_ts: ts, user };
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  return { ...base, subtype: 'message_changed', message: { user, ts, text: `edited ${random.below(50)}`, ...thread } };
};

/** Traffic with the proportions of a busy community: always the same for one seed. */
export const syntheticTraffic = (
  seed: number,
  count = 10_615,
  { people = 630, channels: places = 148 }: { readonly people?: number; readonly channels?: number } = {},
): Traffic => {
  const random = seededRandom(seed);
  const users = Array.from({ length: people }, (_, index) => `U${String(index).padStart(8, '0')}`);
  const channels = Array.from({ length: places }, (_, index) => `C${String(index).padStart(8, '0')}`);
  const sent = new Map<string, Sent[]>(channels.map((channel) => [channel, []]));
  const events: TrafficEvent[] = [];
  let time = 1_517_436_010_000_000;
  while (events.length < count) {
    time += 1 + random.below(140_000_000);
    const ts = `${Math.floor(time / 1_000_000)}.${String(time % 1_000_000).padStart(6, '0')}`;
    const channel = channels[skewed(random, channels.length)]!;
    const user = users[skewed(random, users.length)]!;
    const base = { type: 'message', ts, channel } as const;
    const before = sent.get(channel)!;
    const kind = random.next();
    if (kind < 0.11) events.push({ ...base, subtype: 'channel_join', user: random.pick(users) });
    else if (kind < 0.12) events.push({ ...base, subtype: 'channel_leave', user });
    else if (kind < 0.13) events.push({ ...base, subtype: 'bot_message', user: `B${random.below(10)}`, text: '' });
    else if (kind < 0.136) events.push({ ...base, subtype: 'me_message', user, text: sentence(random, users) });
    else if (kind < 0.142) {
      const file = { id: `F${events.length}`, name: 'notes.txt', mimetype: 'text/plain', size: 100, mode: 'snippet' };
      events.push({ ...base, subtype: 'file_share', user, text: `<@${user}> uploaded a file`, file });
    } else if (kind < 0.1425) {
      const topic = sentence(random, users).slice(0, 200);
      events.push({ ...base, subtype: 'channel_topic', user, text: `set the topic: ${topic}`, topic });
    } else if (kind < 0.27) {
      const change = laterChange(random, before, base);
      if (change !== undefined) events.push(change);
    } else {
      const roots = before.slice(-10).filter(({ threadTs }) => threadTs === undefined);
      const threadTs = roots.length > 0 && random.chance(0.07) ? random.pick(roots).ts : undefined;
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      events.push({ ...base, user, text: sentence(random, users), ...thread });
      before.push({ ts, user, threadTs });
    }
  }
  const named = channels.slice(0, 82).map((id, index) => ({ id, name: `channel-${index}` }));
  return { source: `made-up traffic, seed ${seed}`, events, channels: named };
};
