import type { DomainEvent } from '../../domain/catalog.ts';
import type { ConversationEventOf } from '../../domain/conversation/events.ts';
import type { Place } from '../projection.ts';
import { conversationOf, type Collection } from '../collection.ts';
import type { MessageDocument } from './document.ts';
import { withReaction, withoutReaction } from './reactions.ts';

/** Id of a message's document. */
export const messageKey = (conversationId: string, messageId: string): string => `${conversationId}/${messageId}`;

/** The documents of the messages that the event changes for everyone. */
export const touchedMessages = (event: DomainEvent, place: Place): readonly string[] => {
  const key = (messageId: string): string => messageKey(conversationOf(place), messageId);
  switch (event.type) {
    case 'MessageSent': {
      const { messageId, threadRootId } = event.data;
      return threadRootId === null ? [key(messageId)] : [key(messageId), key(threadRootId)];
    }
    case 'MessageEdited':
    case 'MessageDeleted':
    case 'ReactionAdded':
    case 'ReactionRemoved':
    case 'MessagePinned':
    case 'MessageUnpinned':
      return [key(event.data.messageId)];
    default:
      return [];
  }
};

export const messages: Collection<MessageDocument> = {
  shape: {
    fields: [
      'conversationId',
      'messageId',
      'seq',
      'revision',
      'senderId',
      'sentAt',
      'sentRevision',
      'editedAt',
      'editRevisions',
      'deletedAt',
      'text',
      'attachments',
      'mentions',
      'custom',
      'replyTo',
      'threadRootId',
      'replyCount',
      'lastReplyAt',
      'forwardedFrom',
      'reactions',
      'pinnedAt',
      'pinnedBy',
      'expiresAt',
      'dueAt',
      'keptIn',
      'sentDigest',
    ],
    indexes: [
      { name: 'bySeq', fields: ['conversationId', 'seq'] },
      { name: 'byTime', fields: ['conversationId', 'sentAt', 'seq'] },
      { name: 'byRevision', fields: ['conversationId', 'revision', 'seq'] },
      { name: 'byThread', fields: ['conversationId', 'threadRootId', 'seq'], sparse: true },
      { name: 'byPin', fields: ['conversationId', 'pinnedAt', 'messageId'], sparse: true },
      { name: 'byDue', fields: ['dueAt', 'conversationId', 'messageId'], sparse: true },
      { name: 'byAge', fields: ['keptIn', 'sentAt', 'messageId'], sparse: true },
    ],
  },

  touches: touchedMessages,

  evolve(message, event, place, id) {
    const { revision } = place;
    if (event.type === 'MessageSent' && id === messageKey(conversationOf(place), event.data.messageId)) {
      return sent(event, place);
    }
    if (message === undefined) return undefined;
    switch (event.type) {
      case 'MessageSent':
        return { ...message, replyCount: message.replyCount + 1, lastReplyAt: event.data.at, revision };
      case 'MessageEdited':
        return edited(message, event, place);
      case 'MessageDeleted':
        return deletedMessage(message, event.data.at, revision);
      case 'ReactionAdded':
        return { ...message, reactions: withReaction(message.reactions, event.data), revision };
      case 'ReactionRemoved':
        return { ...message, reactions: withoutReaction(message.reactions, event.data), revision };
      case 'MessagePinned':
        return { ...message, pinnedAt: event.data.at, pinnedBy: event.data.by, revision };
      case 'MessageUnpinned':
        return { ...message, pinnedAt: null, pinnedBy: null, revision };
      default:
        return message;
    }
  },
};

const sent = ({ data }: ConversationEventOf<'MessageSent'>, place: Place): MessageDocument => ({
  conversationId: conversationOf(place),
  messageId: data.messageId,
  seq: data.seq,
  revision: place.revision,
  senderId: data.senderId,
  sentAt: data.at,
  sentRevision: place.revision,
  editedAt: null,
  editRevisions: [],
  deletedAt: null,
  text: data.content.text,
  attachments: data.attachments,
  mentions: data.mentions,
  custom: data.content.custom,
  replyTo: data.replyTo,
  threadRootId: data.threadRootId,
  replyCount: 0,
  lastReplyAt: null,
  forwardedFrom: data.forwardedFrom,
  reactions: [],
  pinnedAt: null,
  pinnedBy: null,
  expiresAt: data.expiresAt,
  dueAt: data.expiresAt,
  keptIn: conversationOf(place),
  sentDigest: data.sentDigest,
});

const edited = (
  message: MessageDocument,
  { data }: ConversationEventOf<'MessageEdited'>,
  { revision }: Place,
): MessageDocument => ({
  ...message,
  text: data.content.text === undefined ? message.text : data.content.text,
  custom: data.content.custom === undefined ? message.custom : data.content.custom,
  attachments: data.attachments ?? message.attachments,
  mentions: data.mentions ?? message.mentions,
  editedAt: data.at,
  editRevisions: [...message.editRevisions, revision],
  revision,
});

/** Its place stays, and that it was there; everything that was said is gone. */
export const deletedMessage = (message: MessageDocument, at: string, revision: number): MessageDocument => ({
  ...message,
  deletedAt: at,
  text: null,
  custom: null,
  forwardedFrom: null,
  attachments: [],
  mentions: [],
  reactions: [],
  editRevisions: [],
  pinnedAt: null,
  pinnedBy: null,
  dueAt: null,
  keptIn: null,
  sentDigest: null,
  revision,
});
