import * as fc from 'fast-check';
import { DomainError } from '../../domain/errors.ts';
import { unreachable } from '../../domain/unreachable.ts';
import type { Caller } from '../../services/caller.ts';
import { newId, type Harness } from './harness.ts';

export const userCount = 3;

/** Something that a user tries in one of the conversations; often it is refused, as it is in life. */
export type Step = {
  readonly user: number;
  readonly other: number;
  readonly conversation: number;
  /** Picks one of the messages sent so far. */
  readonly message: number;
} & (
  | { readonly what: 'send' | 'reply' | 'edit' | 'delete' | 'hide' | 'react' | 'unreact' | 'pin' | 'unpin' }
  | {
      readonly what:
        | 'read'
        | 'deliver'
        | 'unreadFrom'
        | 'clear'
        | 'archive'
        | 'pinOwn'
        | 'rename'
        | 'sinceJoining'
        | 'historyOfAll';
    }
  | { readonly what: 'add' | 'promote' | 'remove' | 'leave' | 'close' }
);

const often = ['send', 'send', 'send', 'reply', 'edit', 'delete', 'hide', 'react', 'unreact', 'pin', 'unpin'] as const;
const now = ['read', 'deliver', 'unreadFrom', 'clear', 'archive', 'pinOwn', 'rename', 'add', 'promote'] as const;
const rarely = ['remove', 'leave', 'sinceJoining', 'historyOfAll', 'historyOfAll', 'close'] as const;

export const steps = (length: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.record({
      what: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...often) },
        { weight: 6, arbitrary: fc.constantFrom(...now) },
        { weight: 2, arbitrary: fc.constantFrom(...rarely) },
      ),
      user: fc.nat({ max: userCount - 1 }),
      other: fc.nat({ max: userCount - 1 }),
      conversation: fc.nat({ max: 2 }),
      message: fc.nat({ max: 1_000 }),
    }),
    { minLength: 1, maxLength: length },
  );

/** Users, two groups and a channel, and what happens among them. */
export interface World {
  readonly users: readonly Caller[];
  readonly conversations: readonly string[];
  /** False when the step was refused. */
  take(step: Step): Promise<boolean>;
}

export const openWorld = async (harness: Harness): Promise<World> => {
  const { messaging } = harness;
  const users = await Promise.all(Array.from({ length: userCount }, () => harness.join()));
  const [ann, ben, cid] = users.map(({ userId }) => userId);
  const start = async (kind: 'group' | 'channel', memberIds: string[]): Promise<string> => {
    const { result } = await messaging.conversations.start(users[0]!, { kind, name: 'first', memberIds });
    return result.conversationId;
  };
  const conversations = [
    await start('group', [ben!, cid!]),
    await start('group', [ben!]),
    await start('channel', [ann!]),
  ];
  const sent = conversations.map((): string[] => []);

  const attempt = async (step: Step): Promise<unknown> => {
    const caller = users[step.user]!;
    const other = users[step.other]!;
    const id = conversations[step.conversation]!;
    const ids = sent[step.conversation]!;
    const messageId = ids[step.message % Math.max(1, ids.length)] ?? newId();
    const { messages, members } = messaging;
    const newText = `text ${step.message}`;
    const send = async (thread?: string) => {
      const fresh = newId();
      const mentions = step.message % 3 === 0 ? [other.userId] : [];
      const written = await messages.send(caller, id, fresh, { text: newText, mentions, ...(thread && { thread }) });
      ids.push(fresh);
      return written;
    };
    switch (step.what) {
      case 'send':
        return send();
      case 'reply':
        return send(messageId);
      case 'edit':
        return messages.edit(caller, id, messageId, { text: newText, mentions: [other.userId] });
      case 'delete':
        return messages.remove(caller, id, messageId, 'everyone');
      case 'hide':
        return messages.remove(caller, id, messageId, 'me');
      case 'react':
        return messages.react(caller, id, messageId, '👍');
      case 'unreact':
        return messages.unreact(caller, id, messageId, '👍');
      case 'pin':
        return messages.pin(caller, id, messageId);
      case 'unpin':
        return messages.unpin(caller, id, messageId);
      case 'read':
        return messages.receipt(caller, id, { read: step.message % (ids.length + 1) });
      case 'deliver':
        return messages.receipt(caller, id, { delivered: step.message % (ids.length + 1) });
      case 'unreadFrom':
        return messaging.conversations.changeOwnView(caller, id, { unreadFrom: 1 + (step.message % (ids.length + 1)) });
      case 'clear':
        return messaging.conversations.clearHistory(caller, id);
      case 'archive':
        return messaging.conversations.changeOwnView(caller, id, { archived: step.message % 2 === 0 });
      case 'pinOwn':
        return messaging.conversations.changeOwnView(caller, id, { pinned: step.message % 2 === 0 });
      case 'rename':
        return messaging.conversations.change(caller, id, { name: newText });
      case 'sinceJoining':
        return messaging.conversations.change(caller, id, { settings: { history: 'since-joining' } });
      case 'historyOfAll':
        return messaging.conversations.change(caller, id, { settings: { history: 'all' } });
      case 'add':
        return members.put(caller, id, other.userId, undefined);
      case 'promote':
        return members.put(caller, id, other.userId, 'owner');
      case 'remove':
        return members.remove(caller, id, other.userId);
      case 'leave':
        return members.remove(caller, id, caller.userId);
      case 'close':
        return messaging.conversations.close(caller, id);
      default:
        return unreachable(step);
    }
  };

  return {
    users,
    conversations,
    take: (step) =>
      attempt(step).then(
        () => true,
        (error: unknown) => {
          if (error instanceof DomainError && error.code !== 'read-model/behind') return false;
          throw error;
        },
      ),
  };
};
