import { describe, expect, it } from 'vitest';
import { emptyDigest, extendDigest } from '../../projections/feed/seq-digest.ts';
import type { DomainEvent } from '../../domain/catalog.ts';
import { defaultSettings } from '../../domain/conversation/values.ts';
import { about, ann, at, ben, cat, id, sent, started } from './support/facts.ts';
import { added, head, hide, key, newHead, receipts, remove, removed } from './support/feed.ts';

describe('the head of a conversation', () => {
  it('begins with its settings and members', () => {
    expect(head(started())).toEqual(newHead);
  });

  it('takes what a change gives and keeps the rest', () => {
    const settings = { ...defaultSettings, history: 'since-joining' as const };
    const changes: DomainEvent[] = [
      { type: 'ConversationChanged', data: { by: ann, content: { name: 'Hall' }, at: at(1) } },
      { type: 'ConversationChanged', data: { by: ann, settings, avatarMediaId: id(7), at: at(1) } },
      { type: 'ConversationChanged', data: { by: ann, content: { topic: 'Talk' }, at: at(2) } },
    ];
    const expected = { ...newHead, name: 'Hall', topic: 'Talk', settings, avatarMediaId: id(7) };
    expect(head(started(), ...changes)).toEqual({ ...expected, revision: 3, changedPosition: key(3) });
  });

  it('shows the last message, as it is after an edit or a deletion', () => {
    const long = '👩‍👩‍👧‍👧x'.repeat(100);
    const preview = {
      messageId: id(1002),
      seq: 2,
      senderId: ben,
      kind: 'text',
      sentAt: at(2),
      deletedAt: null,
      expiresAt: null,
    };
    const seen = head(started(), sent(1), sent(2, { senderId: ben, text: long }));
    expect(seen).toEqual({
      ...newHead,
      lastSeq: 2,
      lastActivityAt: at(2),
      lastMessage: { ...preview, text: Array.from(long).slice(0, 200).join('') },
      revision: 2,
      changedPosition: key(2),
    });
    const edit = (seq: number, text: string | null): DomainEvent => ({
      type: 'MessageEdited',
      data: { ...about(seq), by: ben, content: { text } },
    });
    const two = [started(), sent(1), sent(2, { senderId: ben })];
    expect(head(...two, edit(2, 'new')).lastMessage).toEqual({ ...preview, text: 'new' });
    expect(head(...two, edit(2, null)).lastMessage).toEqual({ ...preview, text: null, kind: 'attachment' });
    expect(head(...two, edit(1, 'new')).lastMessage).toEqual({ ...preview, text: 'message 2' });
    expect(head(...two, remove(2))).toMatchObject({
      lastMessage: { ...preview, text: null, deletedAt: at(100) },
      deletedCount: 1,
      lastDeletedSeq: 2,
      deletedDigest: extendDigest(emptyDigest, [2]),
      lastActivityAt: at(2),
    });
    expect(head(...two, remove(2), remove(1))).toMatchObject({ deletedCount: 2, lastDeletedSeq: 2 });
  });

  it.each([
    [{ text: null, attachments: [{ mediaId: id(7) }] }, 'attachment'],
    [{ text: 'hi', forwardedFrom: { conversationId: id(5), messageId: id(6) } }, 'forwarded'],
  ])('tells the kind of the last message %#', (content, kind) => {
    expect(head(started(), sent(1, content)).lastMessage).toMatchObject({ kind });
  });

  it('moves its revision with what members see, and with nothing else', () => {
    const seen: DomainEvent[] = [
      { type: 'ReactionAdded', data: { ...about(1), userId: ben, emoji: '👍' } },
      { type: 'ReactionRemoved', data: { ...about(1), userId: ben, emoji: '👍' } },
      { type: 'MessagePinned', data: { ...about(1), by: ann } },
      { type: 'MessageUnpinned', data: { ...about(1), by: ann } },
      { type: 'MemberRoleChanged', data: { userId: ben, role: 'admin', by: ann, at: at(9) } },
      removed(ben),
      added(cat, 1),
    ];
    for (const event of seen) {
      expect(head(started(), sent(1), event)).toMatchObject({ revision: 2, changedPosition: key(2) });
    }
    const unseen: DomainEvent[] = [
      receipts({ userId: ben, deviceId: id(9), read: 1 }),
      hide(1, ben),
      { type: 'OwnViewChanged', data: { userId: ben, pinned: true, at: at(9) } },
      { type: 'HistoryCleared', data: { userId: ben, upToSeq: 1, at: at(9) } },
      { type: 'InviteCreated', data: { inviteId: id(8), by: ann, expiresAt: at(900), maxUses: null, at: at(9) } },
      { type: 'InviteWithdrawn', data: { inviteId: id(8), by: ann, at: at(9) } },
    ];
    expect(head(started(), sent(1), ...unseen)).toEqual(head(started(), sent(1)));
  });

  it('counts the members', () => {
    expect(head(started(), added(cat, 0)).memberCount).toBe(3);
    expect(head(started(), added(cat, 0), removed(ben), removed(cat)).memberCount).toBe(1);
  });

  it('is listed as a channel under its folded name until it is closed', () => {
    const channel = started({ kind: 'channel', content: { name: 'Ärger & Ⅳ', topic: null } });
    const rename: DomainEvent = {
      type: 'ConversationChanged',
      data: { by: ann, content: { name: 'Ünter' }, at: at(1) },
    };
    const close: DomainEvent = { type: 'ConversationClosed', data: { by: ann, at: at(2) } };
    expect(head(channel).channelKey).toBe('arger & iv');
    expect(head(channel, rename).channelKey).toBe('unter');
    expect(head(channel, rename, close)).toMatchObject({ channelKey: null, closedAt: at(2) });
    expect(head(channel, close, rename)).toMatchObject({ channelKey: null });
  });
});
