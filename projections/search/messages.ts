import type { ConversationEventOf } from '../../domain/conversation/events.ts';
import type { Attachment, Mention } from '../../domain/conversation/values.ts';
import type { SearchDocument } from '../../ports/search-store.ts';
import { indexedText } from '../../search/indexed.ts';
import { conversationOf, type Collection } from '../collection.ts';
import type { Place } from '../projection.ts';
import { messageKey, touchedMessages } from '../timeline/messages.ts';
import { hiddenLabel, labels, mentionLabel } from './labels.ts';

const link = /\bhttps?:\/\/\S|\bwww\.\S/i;

/**
 * Every message that somebody can still read, by its text. Collection `messages`, id `<conversationId>/<messageId>`.
 * `kept.reactions` counts those that are given.
 */
export const messages: Collection<SearchDocument> = {
  shape: { fields: [], indexes: [] },

  touches(event, place) {
    if (event.type === 'MessageHidden') return [messageKey(conversationOf(place), event.data.messageId)];
    return touchedMessages(event, place);
  },

  evolve(document, event, place, id) {
    if (event.type === 'MessageSent' && id === messageKey(conversationOf(place), event.data.messageId)) {
      return sent(event, place);
    }
    if (document === undefined) return undefined;
    switch (event.type) {
      case 'MessageSent':
        return labelled(document, labels.thread, true);
      case 'MessageEdited':
        return edited(document, event);
      case 'MessageDeleted':
        return undefined;
      case 'MessageHidden':
        return labelled(document, hiddenLabel(event.data.userId), true);
      case 'ReactionAdded':
        return reacted(document, 1);
      case 'ReactionRemoved':
        return reacted(document, -1);
      case 'MessagePinned':
        return labelled(document, labels.pinned, true);
      case 'MessageUnpinned':
        return labelled(document, labels.pinned, false);
      default:
        return document;
    }
  },
};

const labelled = (document: SearchDocument, label: string, has: boolean): SearchDocument => {
  if (document.labels.includes(label) === has) return document;
  const others = document.labels.filter((other) => other !== label);
  return { ...document, labels: has ? [...others, label] : others };
};

const reacted = (document: SearchDocument, change: number): SearchDocument => {
  const reactions = Number(document.kept['reactions'] ?? 0) + change;
  return labelled({ ...document, kept: { ...document.kept, reactions } }, labels.reaction, reactions > 0);
};

const withText = (document: SearchDocument, text: string | null): SearchDocument =>
  labelled({ ...document, ...indexedText(text ?? '') }, labels.link, text !== null && link.test(text));

const withAttachments = (document: SearchDocument, attachments: readonly Attachment[]): SearchDocument =>
  labelled(document, labels.attachment, attachments.length > 0);

const withMentions = (document: SearchDocument, mentions: readonly Mention[]): SearchDocument => ({
  ...document,
  labels: [...document.labels.filter((label) => !label.startsWith(mentionLabel(''))), ...mentions.map(mentionLabel)],
});

const sent = ({ data }: ConversationEventOf<'MessageSent'>, place: Place): SearchDocument => {
  const empty: SearchDocument = {
    words: '',
    extras: '',
    labels: data.threadRootId === null ? [] : [labels.thread],
    group: conversationOf(place),
    seq: data.seq,
    author: data.senderId,
    at: data.at,
    kept: { reactions: 0 },
  };
  return withMentions(withAttachments(withText(empty, data.content.text), data.attachments), data.mentions);
};

const edited = (document: SearchDocument, { data }: ConversationEventOf<'MessageEdited'>): SearchDocument => {
  const { text } = data.content;
  const said = text === undefined ? document : withText(document, text);
  const attached = data.attachments === undefined ? said : withAttachments(said, data.attachments);
  return data.mentions === undefined ? attached : withMentions(attached, data.mentions);
};
