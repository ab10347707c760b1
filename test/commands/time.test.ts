import { describe, expect, it } from 'vitest';
import { conversationStream, userStream } from '../../domain/ids.ts';
import { by, decoded, newId, openHarness, recorded, send, startGroup } from './harness.ts';

const ann = newId();
const noon = Date.parse('2026-03-01T12:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

describe('time within a stream', () => {
  it('stands still while the clock of the server goes back', async () => {
    await using harness = openHarness();
    let now = noon;
    const bus = harness.open({ clock: () => now });
    const conversationId = await startGroup(bus, ann);
    for (const minutes of [-5, 1, -60, 2]) {
      now = noon + minutes * 60_000;
      await bus.conversation(conversationId, by(ann, send(newId())));
    }
    const times = (await decoded(harness.events, conversationStream(conversationId))).map(({ data }) => data.at);
    expect(times).toEqual([noon, noon, noon + 60_000, noon + 60_000, noon + 120_000].map(iso));
  });

  it('is that of the history where history is imported, moved up to the last event', async () => {
    await using harness = openHarness();
    const bus = harness.open({ clock: () => noon });
    const conversationId = await startGroup(bus, ann, [], '2019-05-01T08:00:00.000Z');
    for (const at of ['2019-05-02T08:00:00.000Z', '2019-05-01T09:00:00.000Z', '2019-05-03T08:00:00.000Z']) {
      await bus.conversation(conversationId, by(ann, send(newId()), { at }));
    }
    const times = (await decoded(harness.events, conversationStream(conversationId))).map(({ data }) => data.at);
    expect(times.map((at) => at.slice(0, 13))).toEqual([
      '2019-05-01T08',
      '2019-05-02T08',
      '2019-05-02T08',
      '2019-05-03T08',
    ]);
  });

  it('is kept by users and contacts too', async () => {
    await using harness = openHarness();
    let now = noon;
    const bus = harness.open({ clock: () => now });
    const bob = newId();
    await bus.user(ann, by(ann, { type: 'RegisterUser', data: { userId: ann, username: 'ann', displayName: 'Ann' } }));
    await bus.contact(ann, bob, by(ann, { type: 'BlockUser', data: { other: bob } }));
    now -= 1_000;
    const erased = await bus.user(ann, by(ann, { type: 'EraseUser', data: {} }));
    const unblocked = await bus.contact(ann, bob, by(ann, { type: 'UnblockUser', data: { other: bob } }));
    expect([erased, unblocked].map(({ events }) => events[0]!.data.at)).toEqual([iso(noon), iso(noon)]);
    expect(await recorded(harness.events, userStream(ann))).toHaveLength(2);
  });
});
