import { conversationOf, type Collection } from '../collection.ts';
import type { GapDocument, HiddenDocument } from './documents.ts';

export const gapKey = (conversationId: string, seq: number): string => `${conversationId}/${seq}`;
export const hiddenKey = (conversationId: string, userId: string, messageId: string): string =>
  `${conversationId}/${userId}/${messageId}`;

/** Messages deleted for everyone. */
export const gaps: Collection<GapDocument> = {
  shape: {
    fields: ['conversationId', 'seq', 'revision'],
    indexes: [
      { name: 'bySeq', fields: ['conversationId', 'seq'] },
      { name: 'byRevision', fields: ['conversationId', 'revision'] },
    ],
  },
  touches: (event, place) => (event.type === 'MessageDeleted' ? [gapKey(conversationOf(place), event.data.seq)] : []),
  evolve: (gap, event, place) =>
    event.type === 'MessageDeleted'
      ? { conversationId: conversationOf(place), seq: event.data.seq, revision: place.revision }
      : gap,
};

/** Messages deleted for one user. */
export const hidden: Collection<HiddenDocument> = {
  shape: {
    fields: ['conversationId', 'userId', 'messageId', 'seq', 'revision'],
    indexes: [
      { name: 'bySeq', fields: ['conversationId', 'userId', 'seq'] },
      { name: 'byRevision', fields: ['conversationId', 'userId', 'revision'] },
      { name: 'byMessage', fields: ['conversationId', 'messageId', 'userId'] },
    ],
  },
  touches: (event, place) =>
    event.type === 'MessageHidden' ? [hiddenKey(conversationOf(place), event.data.userId, event.data.messageId)] : [],
  evolve(document, event, place) {
    if (event.type !== 'MessageHidden') return document;
    const { userId, messageId, seq } = event.data;
    return { conversationId: conversationOf(place), userId, messageId, seq, revision: place.revision };
  },
};
