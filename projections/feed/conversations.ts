import type { ConversationEventOf } from '../../domain/conversation/events.ts';
import { conversationOf, type Collection } from '../collection.ts';
import { foldedKey } from '../folding.ts';
import { positionKey, type Place } from '../projection.ts';
import type { ConversationDocument } from './documents.ts';
import { previewDeleted, previewOf, previewWithText } from './preview.ts';
import { emptyDigest, extendDigest } from './seq-digest.ts';

export const conversations: Collection<ConversationDocument> = {
  shape: {
    fields: [
      'conversationId',
      'kind',
      'name',
      'topic',
      'avatarMediaId',
      'settings',
      'retentionSeconds',
      'memberCount',
      'createdAt',
      'closedAt',
      'lastSeq',
      'lastActivityAt',
      'lastMessage',
      'deletedCount',
      'lastDeletedSeq',
      'deletedDigest',
      'openedRevision',
      'revision',
      'changedPosition',
      'channelKey',
    ],
    indexes: [
      { name: 'byId', fields: ['conversationId'] },
      { name: 'byChannel', fields: ['channelKey', 'conversationId'], sparse: true },
      { name: 'byRetention', fields: ['retentionSeconds', 'conversationId'], sparse: true },
    ],
  },

  touches(event, place) {
    switch (event.type) {
      case 'ConversationStarted':
      case 'ConversationChanged':
      case 'ConversationClosed':
      case 'MemberAdded':
      case 'MemberRoleChanged':
      case 'MemberRemoved':
      case 'MessageSent':
      case 'MessageEdited':
      case 'MessageDeleted':
      case 'ReactionAdded':
      case 'ReactionRemoved':
      case 'MessagePinned':
      case 'MessageUnpinned':
        return [conversationOf(place)];
      default:
        return [];
    }
  },

  evolve(head, event, place) {
    if (event.type === 'ConversationStarted') return started(event, place);
    if (head === undefined) return undefined;
    const seen = { ...head, revision: place.revision, changedPosition: positionKey(place.position) };
    const preview = head.lastMessage;
    switch (event.type) {
      case 'ConversationChanged':
        return changed(seen, event, place);
      case 'ConversationClosed':
        return { ...seen, closedAt: event.data.at, channelKey: null };
      case 'MemberAdded':
        return { ...seen, memberCount: head.memberCount + 1 };
      case 'MemberRemoved':
        return { ...seen, memberCount: head.memberCount - 1 };
      case 'MessageSent': {
        const { at, content } = event.data;
        const message = { ...event.data, sentAt: at, deletedAt: null, text: content.text };
        return { ...seen, lastSeq: event.data.seq, lastActivityAt: at, lastMessage: previewOf(message) };
      }
      case 'MessageEdited': {
        const { text } = event.data.content;
        if (text === undefined || preview?.messageId !== event.data.messageId) return seen;
        return { ...seen, lastMessage: previewWithText(preview, text) };
      }
      case 'MessageDeleted':
        return {
          ...seen,
          deletedCount: head.deletedCount + 1,
          lastDeletedSeq: Math.max(head.lastDeletedSeq, event.data.seq),
          deletedDigest: extendDigest(head.deletedDigest, [event.data.seq]),
          lastMessage: preview?.messageId === event.data.messageId ? previewDeleted(preview, event.data.at) : preview,
        };
      default:
        return seen;
    }
  },
};

const channelKey = ({ kind, name }: Pick<ConversationDocument, 'kind' | 'name'>): string | null =>
  kind === 'channel' && name !== null ? foldedKey(name) : null;

const started = ({ data }: ConversationEventOf<'ConversationStarted'>, place: Place): ConversationDocument => ({
  conversationId: conversationOf(place),
  kind: data.kind,
  name: data.content.name,
  topic: data.content.topic,
  avatarMediaId: null,
  settings: data.settings,
  retentionSeconds: data.settings.retentionSeconds,
  memberCount: data.members.length,
  createdAt: data.at,
  closedAt: null,
  lastSeq: 0,
  lastActivityAt: data.at,
  lastMessage: null,
  deletedCount: 0,
  lastDeletedSeq: 0,
  deletedDigest: emptyDigest,
  openedRevision: -1,
  revision: place.revision,
  changedPosition: positionKey(place.position),
  channelKey: channelKey({ kind: data.kind, name: data.content.name }),
});

const changed = (
  head: ConversationDocument,
  { data }: ConversationEventOf<'ConversationChanged'>,
  { revision }: Place,
): ConversationDocument => {
  const opens = head.settings.history === 'since-joining' && data.settings?.history === 'all';
  const next = {
    ...head,
    name: data.content?.name ?? head.name,
    topic: data.content?.topic === undefined ? head.topic : data.content.topic,
    avatarMediaId: data.avatarMediaId === undefined ? head.avatarMediaId : data.avatarMediaId,
    settings: data.settings ?? head.settings,
    retentionSeconds: (data.settings ?? head.settings).retentionSeconds,
    openedRevision: opens ? revision : head.openedRevision,
  };
  return { ...next, channelKey: head.closedAt === null ? channelKey(next) : null };
};
