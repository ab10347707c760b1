import * as fc from 'fast-check';
import type { ConversationCommand, MessageContent, SendContent } from '../../../domain/conversation/commands.ts';
import { conversation } from '../../../domain/conversation/decider.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { ConversationState, MessageFacts } from '../../../domain/conversation/state.ts';
import { roles, type Mention } from '../../../domain/conversation/values.ts';
import { RecallNeeded, type Context } from '../../../domain/decider.ts';
import { DomainError } from '../../../domain/errors.ts';
import { ann, bob, cat, conversationId, dan, device, eve, id, media, oldId, tablet, time } from './fixtures.ts';

/** A command, by whom, and how many minutes after the one before. */
export interface Step {
  readonly command: ConversationCommand;
  readonly actorId: string;
  readonly minutes: number;
}
export type Outcome =
  | { readonly kind: 'events'; readonly events: readonly ConversationEvent[] }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'recalls'; readonly keys: readonly string[] };

export const eventsOf = (outcome: Outcome): readonly ConversationEvent[] =>
  outcome.kind === 'events' ? outcome.events : [];

/** Once, as the decider answers. */
export const attempt = (state: ConversationState, command: ConversationCommand, context: Context): Outcome => {
  try {
    return { kind: 'events', events: conversation.decide(command, state, context) };
  } catch (error) {
    if (error instanceof DomainError) return { kind: 'refused', code: error.code };
    if (error instanceof RecallNeeded) return { kind: 'recalls', keys: error.keys };
    throw error;
  }
};

/** What a read model keeps of every message for ever. */
export class Memory {
  readonly #facts = new Map<string, MessageFacts>();

  recall(state: ConversationState, messageIds: readonly string[]): ConversationState {
    const facts = messageIds.map(
      (messageId): MessageFacts => this.#facts.get(messageId) ?? { status: 'absent', messageId },
    );
    return conversation.recall?.(state, facts) ?? state;
  }

  /** Nothing changes a message that the state does not hold at that moment. */
  learn(state: ConversationState, { data }: ConversationEvent): void {
    if (state.status === 'absent' || !('messageId' in data)) return;
    const held = state.messages.get(data.messageId);
    if (held === undefined) throw new Error('A message was changed that the state did not hold');
    this.#facts.set(data.messageId, held.facts);
  }
}

/** As the command handler does: what is missing is looked up, then it is decided again. */
export const settle = (
  memory: Memory,
  before: ConversationState,
  command: ConversationCommand,
  context: Context,
): { readonly state: ConversationState; readonly outcome: Outcome } => {
  let state = before;
  let outcome = attempt(state, command, context);
  for (let looks = 0; outcome.kind === 'recalls' && looks < 2; looks += 1) {
    state = memory.recall(state, outcome.keys);
    outcome = attempt(state, command, context);
  }
  return { state: eventsOf(outcome).reduce(conversation.evolve, state), outcome };
};

export interface Played {
  readonly step: Step;
  readonly context: Context;
  readonly outcome: Outcome;
  readonly state: ConversationState;
}

/** Plays the steps one after the other and tells of each how it ended; `memory` learns of it after that. */
export function* play(steps: readonly Step[], memory = new Memory()): Generator<Played> {
  let state = conversation.initialState;
  let minutes = 0;
  for (const step of steps) {
    minutes += step.minutes;
    const context = { actorId: step.actorId, at: time(minutes) };
    const settled = settle(memory, state, step.command, context);
    state = settled.state;
    yield { step, context, ...settled };
    for (const event of eventsOf(settled.outcome)) memory.learn(state, event);
  }
}

const userId = fc.constantFrom(ann, bob, cat, dan, eve);
const messageId = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(-20, 0, 15, 30, 45, 90, 3_000)).map(([n, at]) => id(n, at)),
  fc.integer({ min: 1, max: 3 }).map(oldId),
);
const inviteId = fc.integer({ min: 1, max: 2 }).map((n) => oldId(100 + n));
const emoji = fc.constantFrom('👍', '🎉');
const seq = fc.integer({ min: 0, max: 12 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const written = {
  text: fc.constantFrom('one', 'two', '', null, undefined),
  attachments: fc.constantFrom([{ mediaId: media }], [], null, undefined),
  mentions: fc.constantFrom<(Mention[] | null | undefined)[]>([ann, ann], ['everyone'], null, undefined),
  custom: fc.constantFrom({ a: 1 }, null, undefined),
};
const content: fc.Arbitrary<MessageContent> = fc.record(written);
const sendContent: fc.Arbitrary<SendContent> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<SendContent>({ text: 'one' }, { text: 'two' }) },
  { weight: 1, arbitrary: fc.record({ ...written, replyTo: maybe(messageId), thread: maybe(messageId) }) },
  { weight: 1, arbitrary: fc.record({ text: fc.constant('one'), expiresInSeconds: fc.constantFrom(60, 600) }) },
);
const settings = fc.record(
  {
    history: fc.constantFrom('all' as const, 'since-joining' as const),
    whoMaySend: fc.constantFrom('members' as const, 'admins' as const),
    whoMayAdd: fc.constantFrom('members' as const, 'admins' as const),
    maxMembers: fc.constantFrom(3, 4, 1_000),
    retentionSeconds: fc.constantFrom(null, null, null, null, 1_200),
  },
  { requiredKeys: [] },
);

const command = <Type extends ConversationCommand['type']>(
  type: Type,
  data: fc.Arbitrary<Extract<ConversationCommand, { type: Type }>['data']>,
): fc.Arbitrary<ConversationCommand> => data.map((value) => ({ type, data: value }) as ConversationCommand);

const start = command(
  'StartConversation',
  fc.record({
    conversationId: fc.constant(conversationId),
    kind: fc.constantFrom('group' as const, 'channel' as const),
    name: fc.constant('tea'),
    topic: fc.constant(null),
    memberIds: fc.constantFrom([], [bob, cat], [bob, cat, dan]),
    settings,
  }),
);
const startDirect = command('StartDirect', fc.constant({ conversationId, userId: bob }));

const anyCommand = fc.oneof(
  { weight: 1, arbitrary: start },
  {
    weight: 2,
    arbitrary: command(
      'ChangeConversation',
      fc.record({ name: fc.constantFrom('tea', 'rum', undefined), settings: maybe(settings) }),
    ),
  },
  { weight: 1, arbitrary: command('CloseConversation', fc.constant({})) },
  { weight: 8, arbitrary: command('PutMember', fc.record({ userId, role: maybe(fc.constantFrom(...roles)) })) },
  { weight: 3, arbitrary: command('RemoveMember', fc.record({ userId })) },
  { weight: 1, arbitrary: command('RemoveErasedMember', fc.record({ userId })) },
  {
    weight: 3,
    arbitrary: command(
      'CreateInvite',
      fc.record({ inviteId, expiresAt: fc.constantFrom(time(20), time(80)), maxUses: fc.constantFrom(1, null) }),
    ),
  },
  { weight: 4, arbitrary: command('WithdrawInvite', fc.record({ inviteId })) },
  { weight: 3, arbitrary: command('AcceptInvite', fc.record({ inviteId })) },
  { weight: 24, arbitrary: command('SendMessage', fc.record({ messageId, content: sendContent })) },
  { weight: 6, arbitrary: command('EditMessage', fc.record({ messageId, content })) },
  { weight: 3, arbitrary: command('DeleteMessage', fc.record({ messageId })) },
  { weight: 3, arbitrary: command('ExpireMessage', fc.record({ messageId })) },
  { weight: 3, arbitrary: command('HideMessage', fc.record({ messageId })) },
  { weight: 8, arbitrary: command('AddReaction', fc.record({ messageId, emoji })) },
  { weight: 7, arbitrary: command('RemoveReaction', fc.record({ messageId, emoji })) },
  { weight: 4, arbitrary: command('PinMessage', fc.record({ messageId })) },
  { weight: 4, arbitrary: command('UnpinMessage', fc.record({ messageId })) },
  {
    weight: 6,
    arbitrary: command(
      'RecordReceipt',
      fc.record({ deviceId: fc.constantFrom(device, tablet), delivered: maybe(seq), read: maybe(seq) }),
    ),
  },
  {
    weight: 4,
    arbitrary: command(
      'ChangeOwnView',
      fc.record({ pinned: maybe(fc.boolean()), archived: maybe(fc.boolean()), unreadFrom: maybe(seq) }),
    ),
  },
  { weight: 1, arbitrary: command('ClearHistory', fc.constant({})) },
);

const minutes = fc.constantFrom(0, 0, 1, 1, 2, 5, 12);

/** The one who began the conversation acts more often than others. */
export const anyStep: fc.Arbitrary<Step> = fc.record({
  command: anyCommand,
  actorId: fc.oneof(userId, fc.constant(ann)),
  minutes,
});

/** A conversation is begun, then up to 80 things happen to it. */
export const anyHistory: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: start }, { weight: 1, arbitrary: startDirect }),
    fc.array(anyStep, { maxLength: 80, size: 'max' }),
  )
  .map(([first, rest]) => [{ command: first, actorId: ann, minutes: 0 }].concat(rest));
