import { expect, it } from 'vitest';
import { ConnectionFeed } from '../../realtime/feed.ts';
import { eventFrame, type Frame } from '../../realtime/frame.ts';

const frame = (position: bigint, revision: number, conversationId = 'c', leaves = false): Frame =>
  eventFrame({ conversationId, revision, position }, { type: 'hidden' }, { leaves });

const watched = (maxHeldBytes = 10_000) => {
  const told: (bigint | string)[] = [];
  const feed = new ConnectionFeed({
    userId: 'u',
    maxHeldBytes,
    write: ({ position }) => told.push(position),
    tell: (data) => told.push(data.toString()),
    overflow: () => told.push('overflow'),
    broken: (reason) => told.push(reason),
  });
  return { feed, told };
};

it('holds live frames back until the missed ones are out', () => {
  const { feed, told } = watched();
  feed.receive(frame(3n, 2));
  expect(feed.replay(frame(1n, 0))).toBe(true);
  expect(feed.replay(frame(2n, 1))).toBe(true);
  expect(told).toEqual([]);
  feed.open();
  feed.receive(frame(4n, 3));
  expect(told).toEqual([3n, 4n]);
});

it('passes on what is of the moment only while frames are live', () => {
  const { feed, told } = watched();
  feed.tell(Buffer.from('early'));
  feed.open();
  feed.tell(Buffer.from('now'));
  feed.end();
  feed.tell(Buffer.from('late'));
  expect(told).toEqual(['now']);
});

it('gives up once more bytes are held back than may', () => {
  const { length } = frame(1n, 0).data;
  const { feed, told } = watched(length * 2);
  for (const n of [0, 1, 2, 3]) feed.receive(frame(BigInt(n), n));
  feed.open();
  feed.receive(frame(4n, 4));
  expect(told).toEqual(['overflow']);
});

it.each([
  ['between live frames', [frame(1n, 0), frame(2n, 2)]],
  ['where one comes twice', [frame(1n, 0), frame(2n, 0)]],
])('gives up on a gap rather than skip it: %s', (_name, frames) => {
  const { feed, told } = watched();
  feed.open();
  for (const each of frames) feed.receive(each);
  feed.receive(frame(9n, 0, 'other'));
  expect(told).toEqual([1n, expect.stringContaining('A revision is missing')]);
});

it('gives up on a gap between what was missed and what is live', () => {
  const { feed, told } = watched();
  feed.receive(frame(5n, 5));
  feed.replay(frame(1n, 3));
  feed.open();
  expect(told).toEqual([expect.stringContaining('A revision is missing')]);
});

it('gives up when a position goes back', () => {
  const { feed, told } = watched();
  feed.open();
  feed.receive(frame(2n, 0));
  feed.receive(frame(1n, 0, 'other'));
  expect(told).toEqual([2n, expect.stringContaining('A position went back')]);
});

it('lets revisions jump after the viewer has left', () => {
  const { feed, told } = watched();
  feed.open();
  for (const each of [frame(1n, 0), frame(2n, 1, 'c', true), frame(3n, 7), frame(4n, 8)]) feed.receive(each);
  expect(told).toEqual([1n, 2n, 3n, 4n]);
});
