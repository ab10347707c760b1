import { afterPrefix, foldedKey } from '../folding.ts';
import { positionKey } from '../projection.ts';
import type { FeedQueries } from '../queries.ts';
import { hiddenKey } from './absences.ts';
import { readMemberships } from './consistent.ts';
import type { ConversationDocument, HiddenDocument, InviteDocument, MemberDocument } from './documents.ts';
import { readEntries, readUnreadCounts, type EntrySources } from './entries.ts';
import { inviteKey } from './invites.ts';
import { memberKey } from './members.ts';
import { readReceiptsOf } from './receipts-of.ts';

export const createFeedQueries = (sources: EntrySources): FeedQueries => {
  const { feed } = sources;
  return {
    conversation: (conversationId) => feed.get('conversations', conversationId),
    async conversations(conversationIds) {
      return [...(await feed.getMany<ConversationDocument>('conversations', conversationIds)).values()];
    },
    member: (conversationId, userId) => feed.get('members', memberKey(conversationId, userId)),
    members: (conversationId, after, limit) =>
      feed.find('members', {
        index: 'byJoining',
        equal: [conversationId],
        ...(after !== undefined && { greaterThan: after }),
        limit,
      }),
    async memberships(userId) {
      const range = { index: 'byUser', equal: [userId] };
      const members = await feed.all<MemberDocument>('members', range, ({ conversationId }) => [conversationId]);
      return await readMemberships(feed, members);
    },
    leftSince: (userId, since) =>
      feed.all<MemberDocument>(
        'members',
        { index: 'byLeaving', equal: [userId], ...(since >= 0n && { greaterThan: [positionKey(since)] }) },
        ({ leftPosition }) => [leftPosition],
      ),
    entries: (memberships) => readEntries(sources, memberships),
    unreadCounts: (memberships) => readUnreadCounts(sources, memberships),
    membersChangedSince: (conversationId, since, limit) =>
      feed.find('members', { index: 'byRevision', equal: [conversationId], greaterThan: [since], limit }),
    hiddenSince: (conversationId, userId, since) =>
      feed.all<HiddenDocument>(
        'hidden',
        { index: 'byRevision', equal: [conversationId, userId], greaterThan: [since] },
        ({ revision }) => [revision],
      ),
    async hidden(conversationId, userId, messageIds) {
      const ids = messageIds.map((messageId) => hiddenKey(conversationId, userId, messageId));
      return [...(await feed.getMany<HiddenDocument>('hidden', ids)).values()];
    },
    receiptsOf: (conversationId, seq, after, limit) => readReceiptsOf(feed, conversationId, seq, after, limit),
    invites: (conversationId) =>
      feed.all<InviteDocument>(
        'invites',
        { index: 'byCreation', equal: [conversationId] },
        ({ createdAt, inviteId }) => [createdAt, inviteId],
      ),
    invite: (conversationId, inviteId) => feed.get('invites', inviteKey(conversationId, inviteId)),
    withRetention: (after, limit) =>
      feed.find('conversations', {
        index: 'byRetention',
        equal: [],
        ...(after !== undefined && { greaterThan: after }),
        limit,
      }),
    channels(prefix, after, limit) {
      const key = foldedKey(prefix);
      return feed.find('conversations', {
        index: 'byChannel',
        equal: [],
        ...(after === undefined ? { atLeast: [key] } : { greaterThan: after }),
        atMost: [afterPrefix(key)],
        limit,
      });
    },
  };
};
