import { describe, expect, test } from 'vitest';
import { stateOf } from '../../services/message-state.ts';
import { newId, openHarness } from './harness.ts';

const member = (userId: string, deliveredSeq: number, readSeq: number) => ({ userId, deliveredSeq, readSeq });
const shown = () => true;

describe('the state of a message', () => {
  test('is what the receipts of all others say at least', () => {
    expect(stateOf(5, [member('a', 5, 5), member('b', 4, 4)], shown)).toBe('sent');
    expect(stateOf(5, [member('a', 5, 5), member('b', 5, 4)], shown)).toBe('delivered');
    expect(stateOf(5, [member('a', 5, 5), member('b', 9, 9)], shown)).toBe('seen');
  });

  test('is sent while nobody else is there', () => {
    expect(stateOf(1, [], shown)).toBe('sent');
  });

  test('is no more than delivered where somebody’s reading does not show', () => {
    expect(stateOf(5, [member('a', 5, 5), member('b', 5, 5)], (userId) => userId !== 'b')).toBe('delivered');
  });

  test('stays sent in a group of more than 100 members, and follows the receipts in one of 100', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const people = await Promise.all(Array.from({ length: 101 }, () => harness.join()));
    const [ann] = people;
    const stateIn = async (size: number): Promise<unknown> => {
      const members = people.slice(0, size);
      const memberIds = members.map(({ userId }) => userId);
      const { result } = await messaging.conversations.start(ann!, { kind: 'group', name: 'Crowd', memberIds });
      const messageId = newId();
      await messaging.messages.send(ann!, result.conversationId, messageId, { text: 'hello' });
      await Promise.all(members.map((each) => messaging.messages.receipt(each, result.conversationId, { read: 1 })));
      await harness.settled();
      return (await messaging.history.message(ann!, result.conversationId, messageId)).state;
    };
    expect(await stateIn(100)).toBe('seen');
    expect(await stateIn(101)).toBe('sent');
  });
});
