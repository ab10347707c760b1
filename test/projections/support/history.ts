import * as fc from 'fast-check';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import { contact } from '../../../domain/contact/decider.ts';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { conversation } from '../../../domain/conversation/decider.ts';
import { contentDigests } from '../../../domain/conversation/digest.ts';
import type { ConversationState, MessageFacts } from '../../../domain/conversation/state.ts';
import { RecallNeeded, type Decider, type Message } from '../../../domain/decider.ts';
import type { DomainEvent } from '../../../domain/catalog.ts';
import { DomainError } from '../../../domain/errors.ts';
import { contactStream, conversationStream, directConversationId, userStream } from '../../../domain/ids.ts';
import { user } from '../../../domain/user/decider.ts';
import { id } from './facts.ts';
import type { StreamEvent } from './log.ts';
import { modelOf, type ModelMessage } from './model.ts';

export const people: readonly string[] = [1, 2, 3, 4, 5].map(id);
const groups = [id(101), id(102), id(103)] as const;
const emojis = ['👍', '🎉', '❤️'];

/** One step of a history before it is known what it will find there. */
interface Step {
  readonly kind: number;
  readonly actor: number;
  readonly place: number;
  readonly first: number;
  readonly second: number;
  readonly flag: boolean;
  readonly waitMs: number;
}

const step = (): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.integer({ min: 0, max: 29 }),
    actor: fc.nat(4),
    place: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.nat(3) }),
    first: fc.nat(1_000),
    second: fc.nat(1_000),
    flag: fc.boolean(),
    // Sometimes so long that the deciders have forgotten what was before.
    waitMs: fc.oneof({ weight: 8, arbitrary: fc.nat(2_000) }, { weight: 1, arbitrary: fc.constant(21 * 60_000) }),
  });

/** A log as the deciders would have written it, whatever they were asked. */
export const history = (maxLength = 200): fc.Arbitrary<readonly StreamEvent[]> =>
  fc.array(step(), { minLength: maxLength / 2, maxLength }).map((steps) => {
    const writer = new HistoryWriter();
    for (const each of steps) writer.take(each);
    return writer.log;
  });

class HistoryWriter {
  readonly log: StreamEvent[] = [];
  readonly #states = new Map<string, unknown>();
  #now = Date.UTC(2026, 0, 1);
  #ids = 0;

  constructor() {
    for (const userId of people) {
      const command = { type: 'RegisterUser', data: { userId, username: `u-${userId.slice(-4)}`, displayName: 'Ünï' } };
      this.#decide(user, userStream(userId), userId, command as never);
    }
    this.#start(groups[0], 'group', people.slice(0, 4), 'all');
    this.#start(groups[1], 'group', people.slice(0, 3), 'since-joining');
    this.#start(groups[2], 'channel', people.slice(0, 2), 'all');
    const [one, other] = [people[0]!, people[1]!];
    const direct = directConversationId(one, other);
    this.#converse(direct, one, { type: 'StartDirect', data: { conversationId: direct, userId: other } });
  }

  take({ kind, actor, place, first, second, flag, waitMs }: Step): void {
    this.#now += waitMs;
    const userId = people[actor]!;
    const other = people[second % people.length]!;
    if (kind === 28) return this.#person(userId, first, flag);
    if (kind === 29) return this.#contact(userId, other, first);
    const conversationId = place === 3 ? directConversationId(people[0]!, people[1]!) : groups[place]!;
    this.#converse(conversationId, userId, this.#command(conversationId, kind, other, first, second, flag));
  }

  #command(
    conversationId: string,
    kind: number,
    other: string,
    first: number,
    second: number,
    flag: boolean,
  ): ConversationCommand {
    const messages = this.#messages(conversationId);
    // The newest ones have the most to do with.
    const messageId = messages.at(-1 - (first % Math.min(12, messages.length || 1)))?.messageId ?? id(999);
    const lastSeq = messages.length;
    const mentions = [[], [other], ['everyone', other], [other, people[0]!]][second % 4]!;
    switch (kind) {
      case 0:
      case 1:
        return { type: 'EditMessage', data: { messageId, content: flag ? { text: `new ${second}` } : { mentions } } };
      case 2:
        return { type: 'DeleteMessage', data: { messageId } };
      case 3:
        return {
          type: 'ExpireMessage',
          data: { messageId: (messages.find(({ deleted }) => !deleted) ?? { messageId }).messageId },
        };
      case 4:
      case 5:
        return { type: 'HideMessage', data: { messageId } };
      case 6:
      case 7:
        return {
          type: flag ? 'AddReaction' : 'RemoveReaction',
          data: { messageId, emoji: emojis[second % emojis.length]! },
        };
      case 8:
        return { type: flag ? 'PinMessage' : 'UnpinMessage', data: { messageId } };
      case 9:
      case 10:
      case 11:
        return {
          type: 'RecordReceipt',
          data: { deviceId: id(50 + (second % 3)), ...(flag ? { read: first % 40 } : { delivered: first % 40 }) },
        };
      case 12:
        return { type: 'ChangeOwnView', data: { unreadFrom: (first % Math.max(1, lastSeq)) + 1 } };
      case 13:
        return { type: 'ChangeOwnView', data: { pinned: flag, mutedUntil: flag ? 'forever' : null } };
      case 14:
        return { type: 'ClearHistory', data: {} };
      case 15:
      case 16:
        return { type: 'PutMember', data: { userId: other, role: flag ? 'member' : undefined } };
      case 17:
        return { type: 'RemoveMember', data: { userId: other } };
      case 18:
        return { type: 'CreateInvite', data: { inviteId: this.#id(), expiresAt: this.#at(900_000), maxUses: 3 } };
      case 19:
        return { type: flag ? 'AcceptInvite' : 'WithdrawInvite', data: { inviteId: this.#inviteOf(conversationId) } };
      case 20:
        return {
          type: 'ChangeConversation',
          data: flag
            ? { name: `Name ${first}` }
            : {
                settings: {
                  history: second % 2 === 0 ? 'all' : 'since-joining',
                  whoMayAdd: 'members',
                  retentionSeconds: first % 3 === 0 ? 20 : null,
                },
              },
        };
      case 21:
        return first === 0
          ? { type: 'CloseConversation', data: {} }
          : { type: 'RemoveMember', data: { userId: other } };
      default: {
        const thread = second % 5 === 0 && messages.length > 0 ? { thread: messageId } : {};
        const content = flag
          ? { text: `text ${first}`, mentions }
          : { attachments: [{ mediaId: id(first) }], custom: { first }, mentions };
        const ending = first % 5 === 0 ? { expiresInSeconds: 1 + (second % 5) } : {};
        return { type: 'SendMessage', data: { messageId: this.#id(), content: { ...content, ...thread, ...ending } } };
      }
    }
  }

  #person(userId: string, first: number, flag: boolean): void {
    const deviceId = id(50 + (first % 3));
    const commands = [
      { type: 'ChangeProfile', data: { displayName: `Name ${first}`, statusText: flag ? 'here' : '' } },
      { type: 'ChangeProfile', data: { privacy: { readReceipts: flag } } },
      { type: 'AddDevice', data: { deviceId, name: `Device ${first}`, platform: null } },
      { type: 'RemoveDevice', data: { deviceId, reason: 'revoked' } },
      { type: flag ? 'GrantPlatformRole' : 'WithdrawPlatformRole', data: { role: 'auditor' } },
    ] as const;
    this.#decide(user, userStream(userId), userId, commands[first % commands.length] as never);
  }

  #contact(userId: string, other: string, first: number): void {
    const types = ['PutContact', 'PutContact', 'RemoveContact', 'BlockUser', 'UnblockUser'] as const;
    const command = { type: types[first % types.length]!, data: { other } };
    if (userId !== other) this.#decide(contact, contactStream(userId, other), userId, command);
  }

  #start(
    conversationId: string,
    kind: 'group' | 'channel',
    memberIds: readonly string[],
    visible: 'all' | 'since-joining',
  ): void {
    this.#converse(conversationId, memberIds[0]!, {
      type: 'StartConversation',
      data: { conversationId, kind, name: 'Ünter', topic: null, memberIds, settings: { history: visible } },
    });
  }

  #converse(conversationId: string, actorId: string, command: ConversationCommand): void {
    this.#decide(conversation, conversationStream(conversationId), actorId, command);
  }

  #decide<S, C extends Message, E extends DomainEvent, F>(
    decider: Decider<S, C, E, F>,
    stream: string,
    actorId: string,
    command: C,
  ): void {
    const context = { actorId, at: this.#at(0) };
    let state = (this.#states.get(stream) as S | undefined) ?? decider.initialState;
    for (;;) {
      try {
        for (const event of decider.decide(command, state, context)) {
          state = decider.evolve(state, event);
          this.log.push({ stream, event });
        }
        this.#states.set(stream, state);
        return;
      } catch (error) {
        if (error instanceof DomainError) return;
        if (!(error instanceof RecallNeeded)) throw error;
        const known = this.#messages(stream.slice('conversation-'.length));
        state = decider.recall!(
          state,
          error.keys.map((key) => factsOf(key, known) as F),
        );
      }
    }
  }

  #messages(conversationId: string): readonly ModelMessage[] {
    const stream = conversationStream(conversationId);
    const log = this.log.filter((each) => each.stream === stream);
    return modelOf(log).get(conversationId)?.messages ?? [];
  }

  #inviteOf(conversationId: string): string {
    const state = this.#states.get(conversationStream(conversationId)) as ConversationState;
    return state.status === 'absent' ? id(998) : (state.invites.keySeq().last() ?? id(998));
  }

  #at(ms: number): string {
    return new Date(this.#now + ms).toISOString();
  }

  /** A UUIDv7 of the present moment. */
  #id(): string {
    this.#ids += 1;
    const time = this.#now.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(this.#ids).padStart(12, '0')}`;
  }
}

/** What a state that forgets nothing would know of the message. */
export const factsOf = (messageId: string, messages: readonly ModelMessage[]): MessageFacts => {
  const message = messages.find((each) => each.messageId === messageId);
  if (message === undefined) return { status: 'absent', messageId };
  const { seq, senderId, sentAt, expiresAt, threadRootId, mentions, hiddenBy, reactions, deleted, pinnedAt } = message;
  return {
    status: deleted ? 'deleted' : 'sent',
    messageId,
    seq,
    senderId,
    sentAt,
    expiresAt,
    threadRootId,
    pinned: pinnedAt !== null,
    mentions,
    hiddenBy: ImmutableSet(hiddenBy),
    reactions: ImmutableMap(reactions.map(({ emoji, userIds }) => [emoji, ImmutableSet(userIds)])),
    sentDigest: deleted ? null : message.sentDigest,
    digests: contentDigests({ ...message, custom: message.custom as never }),
  };
};
