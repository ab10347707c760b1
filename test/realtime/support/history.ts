import * as fc from 'fast-check';
import { v7 } from 'uuid';
import type { SignedIn, TestNode } from './node.ts';

const who = fc.nat(2);
const where = fc.nat(2);
const which = fc.nat(20);
const emoji = fc.constantFrom('👍', '🎉');

/** One step of a random history of three users; the first is the one who is watched. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('send'), who, where, which, threaded: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('edit'), who, where, which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('react', 'unreact'), who, where, which, emoji }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('pin', 'unpin'), who, where, which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('delete', 'hide'), who, where, which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('read', 'delivered'), who, where, which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('mute', 'unread', 'clear'), who, where, which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('remove', 'add'), who, where, which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rename'), who, where, which }) },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
export const steps = fc.array(step, { minLength: 5, maxLength: 40 });

export interface Played {
  readonly conversationIds: readonly string[];
  readonly play: (step: Step) => Promise<void>;
}

/** Plays steps against a node. What is refused changes nothing, and is no failure. */
export const openHistory = async (node: TestNode, users: readonly SignedIn[]): Promise<Played> => {
  const { conversations, members, messages } = node.messaging;
  const owner = await node.signIn();
  const memberIds = users.map(({ userId }) => userId);
  const conversationIds: string[] = [];
  const sent = new Map<string, string[]>();
  for (let n = 0; n < 3; n += 1) {
    const { result } = await conversations.start(owner, { kind: 'group', name: `${n}`, memberIds });
    conversationIds.push(result.conversationId);
    sent.set(result.conversationId, []);
  }
  let names = 0;

  const act = async (step: Step): Promise<unknown> => {
    const user = users[step.who]!;
    const id = conversationIds[step.where]!;
    const known = sent.get(id)!;
    const messageId = known[step.which % Math.max(1, known.length)] ?? v7();
    switch (step.type) {
      case 'send': {
        const fresh = v7();
        const thread = 'threaded' in step && step.threaded && known.length > 0 ? { thread: messageId } : {};
        await messages.send(user, id, fresh, { text: `text ${known.length}`, ...thread });
        return known.push(fresh);
      }
      case 'edit':
        return await messages.edit(user, id, messageId, { text: `edited ${names++}` });
      case 'react':
      case 'unreact':
        return await messages[step.type](user, id, messageId, 'emoji' in step ? step.emoji : '👍');
      case 'pin':
      case 'unpin':
        return await messages[step.type](user, id, messageId);
      case 'delete':
        return await messages.remove(user, id, messageId, 'everyone');
      case 'hide':
        return await messages.remove(user, id, messageId, 'me');
      case 'read':
      case 'delivered':
        return await messages.receipt(user, id, { [step.type]: step.which });
      case 'mute':
        return await conversations.changeOwnView(user, id, { mutedUntil: step.which % 2 ? 'forever' : null });
      case 'unread':
        return await conversations.changeOwnView(user, id, { unreadFrom: step.which + 1 });
      case 'clear':
        return await conversations.clearHistory(user, id);
      case 'remove':
        return await members.remove(owner, id, user.userId);
      case 'add':
        return await members.put(owner, id, user.userId, undefined);
      default:
        return await conversations.change(owner, id, { name: `name ${names++}` });
    }
  };
  return {
    conversationIds,
    async play(step) {
      await act(step).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'DomainError') throw error;
      });
    },
  };
};
