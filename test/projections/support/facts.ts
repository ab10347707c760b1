import type { DomainEvent } from '../../../domain/catalog.ts';
import type { ConversationEventOf } from '../../../domain/conversation/events.ts';
import { defaultSettings, type Role } from '../../../domain/conversation/values.ts';

/** An id that is easy to tell from others in a failing test. */
export const id = (number: number): string => `019b0000-0000-7000-8000-${String(number).padStart(12, '0')}`;
/** So many seconds after a certain moment. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

export const [ann, ben, cat, dan] = [id(1), id(2), id(3), id(4)] as const;
export const room = id(100);
export const roomStream = `conversation-${room}`;

type Data<Type extends DomainEvent['type']> = Extract<DomainEvent, { type: Type }>['data'];

export const started = (
  over: Partial<Omit<Data<'ConversationStarted'>, 'members'>> & { members?: Record<string, Role> } = {},
): DomainEvent => {
  const { members = { [ann]: 'owner', [ben]: 'member' }, ...rest } = over;
  return {
    type: 'ConversationStarted',
    data: {
      conversationId: room,
      kind: 'group',
      startedBy: ann,
      members: Object.entries(members).map(([userId, role]) => ({ userId, role })),
      settings: defaultSettings,
      content: { name: 'Room', topic: null },
      at: at(0),
      ...rest,
    },
  };
};

/** Message number `seq`, with the id `id(1000 + seq)`, sent `seq` seconds after the start. */
export const sent = (
  seq: number,
  over: Partial<Omit<ConversationEventOf<'MessageSent'>['data'], 'content'>> & { text?: string | null } = {},
): DomainEvent => {
  const { text = `message ${seq}`, ...rest } = over;
  return {
    type: 'MessageSent',
    data: {
      messageId: id(1000 + seq),
      seq,
      at: at(seq),
      senderId: ann,
      content: { text, custom: null },
      attachments: [],
      mentions: [],
      replyTo: null,
      threadRootId: null,
      forwardedFrom: null,
      expiresAt: null,
      sentDigest: `digest-${seq}`,
      ...rest,
    },
  };
};

export const about = (seq: number, seconds = 100) => ({ messageId: id(1000 + seq), seq, at: at(seconds) });
