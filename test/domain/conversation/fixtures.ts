import { Map, Set } from 'immutable';
import type { ConversationCommand, SendContent } from '../../../domain/conversation/commands.ts';
import { conversation } from '../../../domain/conversation/decider.ts';
import { contentDigests, sendDigest } from '../../../domain/conversation/digest.ts';
import type { ConversationEvent, ConversationEventOf } from '../../../domain/conversation/events.ts';
import type { KnownMessage } from '../../../domain/conversation/state.ts';
import { defaultSettings, type Kind, type Role, type Settings } from '../../../domain/conversation/values.ts';
import type { Context } from '../../../domain/decider.ts';
import { scenario } from '../../dsl/given.ts';

export const { given } = scenario(conversation);

const user = (n: number): string => `019b0000-0000-4000-8000-00000000000${n}`;
/** In most scenarios ann is owner, bob admin, cat member and dan reader; eve is a stranger. */
export const [ann, bob, cat, dan, eve] = [user(1), user(2), user(3), user(4), user(5)] as const;
export const conversationId = '019b0000-0000-4000-8000-0000000000aa';
export const device = '019b0000-0000-4000-8000-0000000000d1';
export const tablet = '019b0000-0000-4000-8000-0000000000d2';
export const media = '019b0000-0000-4000-8000-0000000000ed';

const start = Date.parse('2026-01-01T00:00:00.000Z');
/** Minutes after the conversation began. */
export const time = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
export const by = (actorId: string, minutes = 1): Context => ({ actorId, at: time(minutes) });

/** A UUIDv7 made at that minute. */
export const id = (n: number, minutes = 0): string => {
  const made = (start + minutes * 60_000).toString(16).padStart(12, '0');
  return `${made.slice(0, 8)}-${made.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};
/** An id that says nothing about its time. */
export const oldId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

type Data<Type extends ConversationEvent['type']> = ConversationEventOf<Type>['data'];

interface Beginning {
  readonly kind?: Kind;
  readonly members?: Readonly<Record<string, Role>>;
  readonly settings?: Partial<Settings>;
}
const usual = { [ann]: 'owner', [bob]: 'admin', [cat]: 'member', [dan]: 'reader' } as const;

export const started = ({ kind = 'group', members = usual, settings }: Beginning = {}): ConversationEvent => ({
  type: 'ConversationStarted',
  data: {
    conversationId,
    kind,
    startedBy: Object.keys(members)[0] ?? ann,
    members: Object.entries(members).map(([userId, role]) => ({ userId, role })),
    settings: { ...defaultSettings, ...settings },
    content: kind === 'direct' ? { name: null, topic: null } : { name: 'tea', topic: null },
    at: time(0),
  },
});
export const direct = (settings: Partial<Settings> = {}): ConversationEvent =>
  started({ kind: 'direct', members: { [ann]: 'member', [bob]: 'member' }, settings });
export const channel = (settings: Partial<Settings> = {}): ConversationEvent => started({ kind: 'channel', settings });

export const closed = (actorId = ann): ConversationEvent => ({
  type: 'ConversationClosed',
  data: { by: actorId, at: time(1) },
});
export const added = (userId: string, over: Partial<Data<'MemberAdded'>> = {}): ConversationEvent => ({
  type: 'MemberAdded',
  data: { userId, role: 'member', by: ann, inviteId: null, joinedSeq: 0, at: time(1), ...over },
});
export const roleChanged = (userId: string, role: Role, actorId = ann): ConversationEvent => ({
  type: 'MemberRoleChanged',
  data: { userId, role, by: actorId, at: time(1) },
});
export const removed = (userId: string, actorId = userId): ConversationEvent => ({
  type: 'MemberRemoved',
  data: { userId, by: actorId, at: time(1) },
});

export const hello: SendContent = { text: 'hello' };

/** By cat, at minute one, unless said otherwise. */
export const sent = (
  messageId: string,
  seq: number,
  content: SendContent = hello,
  over: Partial<Data<'MessageSent'>> = {},
): ConversationEventOf<'MessageSent'> => ({
  type: 'MessageSent',
  data: {
    messageId,
    seq,
    senderId: cat,
    content: { text: content.text ?? null, custom: content.custom ?? null },
    attachments: [...(content.attachments ?? [])],
    mentions: [...(content.mentions ?? [])],
    replyTo: content.replyTo ?? null,
    threadRootId: content.thread ?? null,
    forwardedFrom: content.forwardedFrom ?? null,
    expiresAt: null,
    sentDigest: sendDigest(content),
    at: time(1),
    ...over,
  },
});

type About = { readonly messageId: string; readonly seq: number; readonly at: string };
const about = (n: number, at = time(1)): About => ({ messageId: id(n), seq: n, at });

export const deleted = (n: number, actorId = cat, over: Partial<Data<'MessageDeleted'>> = {}): ConversationEvent => ({
  type: 'MessageDeleted',
  data: { ...about(n), by: actorId, mentions: [], ...over },
});
export const edited = (n: number, over: Partial<Data<'MessageEdited'>> = {}): ConversationEvent => ({
  type: 'MessageEdited',
  data: { ...about(n), by: cat, content: {}, ...over },
});
export const hidden = (n: number, userId: string): ConversationEvent => ({
  type: 'MessageHidden',
  data: { ...about(n), userId },
});
export const reacted = (n: number, userId: string, emoji = '👍', at = time(1)): ConversationEvent => ({
  type: 'ReactionAdded',
  data: { ...about(n, at), userId, emoji },
});
export const unreacted = (n: number, userId: string, emoji = '👍'): ConversationEvent => ({
  type: 'ReactionRemoved',
  data: { ...about(n), userId, emoji },
});
export const pinned = (n: number, actorId = cat): ConversationEvent => ({
  type: 'MessagePinned',
  data: { ...about(n), by: actorId },
});
export const unpinned = (n: number, actorId = cat): ConversationEvent => ({
  type: 'MessageUnpinned',
  data: { ...about(n), by: actorId },
});
export const cleared = (userId: string, upToSeq: number): ConversationEvent => ({
  type: 'HistoryCleared',
  data: { userId, upToSeq, at: time(1) },
});
export const viewed = (userId: string, over: Partial<Data<'OwnViewChanged'>>): ConversationEvent => ({
  type: 'OwnViewChanged',
  data: { userId, ...over, at: time(1) },
});
export const receipts = (...entries: Data<'ReceiptsRecorded'>['receipts']): ConversationEvent => ({
  type: 'ReceiptsRecorded',
  data: { receipts: entries, at: time(1) },
});

export const send = (messageId: string, content: SendContent = hello, copied?: SendContent): ConversationCommand => ({
  type: 'SendMessage',
  data: { messageId, content, copied },
});

/** What a read model tells of a message by cat. */
export const known = (messageId: string, seq: number, over: Partial<KnownMessage> = {}): KnownMessage => ({
  status: 'sent',
  messageId,
  seq,
  senderId: cat,
  sentAt: time(1),
  expiresAt: null,
  threadRootId: null,
  pinned: false,
  mentions: [],
  reactions: Map(),
  hiddenBy: Set(),
  sentDigest: sendDigest(hello),
  digests: contentDigests(hello),
  ...over,
});
