import type { Mention } from '../../domain/conversation/values.ts';
import type { DomainEvent } from '../../domain/catalog.ts';
import { conversationOf, type Collection } from '../collection.ts';
import type { MentionDocument } from './documents.ts';

export const mentionKey = (conversationId: string, seq: number, target: string): string =>
  `${conversationId}/${seq}/${target}`;

/** Each user once; where everyone is mentioned, nobody else is named. */
const targets = (mentions: readonly Mention[]): readonly Mention[] =>
  mentions.includes('everyone') ? ['everyone'] : [...new Set(mentions)];

/** Whom the message mentioned before the event, and whom it mentions now. */
const change = (
  event: DomainEvent,
): { readonly seq: number; readonly before: readonly Mention[]; readonly now: readonly Mention[] } | undefined => {
  switch (event.type) {
    case 'MessageSent':
      return { seq: event.data.seq, before: [], now: targets(event.data.mentions) };
    case 'MessageEdited':
      if (event.data.mentions === undefined) return undefined;
      return {
        seq: event.data.seq,
        before: targets(event.data.previousMentions ?? []),
        now: targets(event.data.mentions),
      };
    case 'MessageDeleted':
      return { seq: event.data.seq, before: targets(event.data.mentions), now: [] };
    default:
      return undefined;
  }
};

/** Present mentions. */
export const mentions: Collection<MentionDocument> = {
  shape: {
    fields: ['conversationId', 'target', 'seq'],
    indexes: [{ name: 'byTarget', fields: ['conversationId', 'target', 'seq'] }],
  },
  touches(event, place) {
    const changed = change(event);
    if (changed === undefined) return [];
    const { seq, before, now } = changed;
    return [...new Set([...before, ...now])].map((target) => mentionKey(conversationOf(place), seq, target));
  },
  evolve(mention, event, place, id) {
    const conversationId = conversationOf(place);
    const { seq, now } = change(event) ?? { seq: 0, now: [] };
    const target = now.find((candidate) => mentionKey(conversationId, seq, candidate) === id);
    if (target === undefined) return undefined;
    return mention ?? { conversationId, target, seq };
  },
};
