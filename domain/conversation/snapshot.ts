import { Map, OrderedMap, Set } from 'immutable';
import type { UserId } from '../ids.ts';
import { push } from './heap.ts';
import type {
  ConversationState,
  DevicePointers,
  HeldMessage,
  KnownMessage,
  MemberState,
  MessageFacts,
  StartedConversation,
} from './state.ts';

/** Raise it with every change of the state's shape, or of what `evolve` makes of an event. */
export const snapshotVersion = 2;

interface PlainMember extends Omit<MemberState, 'devices'> {
  readonly devices: readonly (readonly [string, DevicePointers])[];
}
interface PlainMessage extends Omit<KnownMessage, 'reactions' | 'hiddenBy'> {
  readonly reactions: readonly (readonly [emoji: string, userIds: readonly UserId[]])[];
  readonly hiddenBy: readonly UserId[];
}
type PlainFacts = PlainMessage | Extract<MessageFacts, { status: 'absent' }>;
interface PlainHeld {
  readonly facts: PlainFacts;
  /** Null: recalled, and no event since. JSON knows no infinity. */
  readonly until: number | null;
}
interface PlainConversation extends Omit<
  StartedConversation,
  'members' | 'messages' | 'expiry' | 'invites' | 'inviteExpiry'
> {
  readonly members: readonly PlainMember[];
  readonly messages: readonly PlainHeld[];
  readonly invites: readonly (readonly [
    string,
    StartedConversation['invites'] extends Map<string, infer I> ? I : never,
  ])[];
}
type PlainState = Extract<ConversationState, { status: 'absent' }> | PlainConversation;

const plainMember = (member: MemberState): PlainMember => ({ ...member, devices: [...member.devices] });
const member = (plain: PlainMember): MemberState => ({ ...plain, devices: Map(plain.devices) });

const plainHeld = ({ facts, until }: HeldMessage): PlainHeld => ({
  until: until === Infinity ? null : until,
  facts:
    facts.status === 'absent'
      ? facts
      : {
          ...facts,
          reactions: [...facts.reactions].map(([emoji, userIds]) => [emoji, [...userIds]]),
          hiddenBy: [...facts.hiddenBy],
        },
});
const held = ({ facts, until }: PlainHeld): HeldMessage => ({
  until: until ?? Infinity,
  facts:
    facts.status === 'absent'
      ? facts
      : {
          ...facts,
          reactions: Map(facts.reactions.map(([emoji, userIds]) => [emoji, Set(userIds)])),
          hiddenBy: Set(facts.hiddenBy),
        },
});

/** A JSON value that holds nothing a person wrote, only digests of it. */
export const toSnapshot = (state: ConversationState): unknown => {
  if (state.status === 'absent') return state;
  const { expiry: _, inviteExpiry: __, members, messages, invites, ...rest } = state;
  return {
    ...rest,
    members: [...members.values()].map(plainMember),
    messages: [...messages.values()].map(plainHeld),
    invites: [...invites],
  } satisfies PlainConversation;
};

/** The state that decides and evolves as the one the snapshot was made of, of the same `snapshotVersion`. */
export const fromSnapshot = (json: unknown): ConversationState => {
  const plain = json as PlainState;
  if (plain.status === 'absent') return plain;
  const messages = plain.messages.map(held);
  return {
    ...plain,
    members: OrderedMap(plain.members.map((one) => [one.userId, member(one)])),
    messages: Map(messages.map((one) => [one.facts.messageId, one])),
    expiry: messages
      .filter(({ until }) => until !== Infinity)
      .reduce<StartedConversation['expiry']>((heap, { facts, until }) => push(heap, until, facts.messageId), undefined),
    invites: Map(plain.invites),
    inviteExpiry: plain.invites.reduce<StartedConversation['inviteExpiry']>(
      (heap, [inviteId, { expiresAt }]) => push(heap, Date.parse(expiresAt), inviteId),
      undefined,
    ),
  };
};
