import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import type { MessageDocument } from '../../projections/timeline/document.ts';
import { timeline } from '../../projections/timeline/projection.ts';
import { about, ann, at, ben, cat, id, room, roomStream, sent, started } from './support/facts.ts';
import { logged } from './support/log.ts';
import { bodiesOf, project } from './support/project.ts';

const after = (...events: readonly DomainEvent[]): Record<string, object> =>
  bodiesOf(project(timeline, logged(events.map((event) => ({ stream: roomStream, event })))), 'messages');
const message = (seq: number, ...events: readonly DomainEvent[]) =>
  after(...events)[`${room}/${id(1000 + seq)}`] as MessageDocument | undefined;

const first: MessageDocument = {
  conversationId: room,
  messageId: id(1001),
  seq: 1,
  revision: 1,
  senderId: ann,
  sentAt: at(1),
  sentRevision: 1,
  editedAt: null,
  editRevisions: [],
  deletedAt: null,
  text: 'message 1',
  attachments: [],
  mentions: [],
  custom: null,
  replyTo: null,
  threadRootId: null,
  replyCount: 0,
  lastReplyAt: null,
  forwardedFrom: null,
  reactions: [],
  pinnedAt: null,
  pinnedBy: null,
  expiresAt: null,
  dueAt: null,
  keptIn: room,
  sentDigest: 'digest-1',
};

describe('the timeline', () => {
  it('has a document for every message, and none for anything else', () => {
    expect(after(started(), sent(1))).toEqual({ [`${room}/${id(1001)}`]: first });
  });

  it('takes everything that a message can carry', () => {
    const carried = {
      attachments: [{ mediaId: id(7) }],
      mentions: [ben, 'everyone'],
      replyTo: id(1002),
      forwardedFrom: { conversationId: id(101), messageId: id(2001) },
      expiresAt: at(900),
    };
    expect(message(1, started(), sent(1, { text: null, ...carried }))).toEqual({
      ...first,
      text: null,
      ...carried,
      dueAt: at(900),
    });
  });

  it('replaces what an edit gives, keeps the rest, and remembers the revision of every edit', () => {
    const edit = (content: object, more: object = {}): DomainEvent => ({
      type: 'MessageEdited',
      data: { ...about(1), by: ann, content, ...more },
    });
    const before = sent(1, { attachments: [{ mediaId: id(7) }], mentions: [ben] });
    expect(
      message(1, started(), before, edit({ text: 'new' }), edit({ custom: { a: 1 } }, { mentions: [cat] })),
    ).toEqual({
      ...first,
      text: 'new',
      custom: { a: 1 },
      attachments: [{ mediaId: id(7) }],
      mentions: [cat],
      editedAt: at(100),
      editRevisions: [2, 3],
      revision: 3,
    });
    expect(message(1, started(), before, edit({ text: null }, { attachments: [] }))).toMatchObject({
      text: null,
      attachments: [],
      mentions: [ben],
    });
  });

  it('keeps of a deleted message only that it was there', () => {
    const rich = sent(1, {
      attachments: [{ mediaId: id(7) }],
      mentions: [ben],
      replyTo: id(1000),
      threadRootId: id(1000),
      forwardedFrom: { conversationId: id(101), messageId: id(2001) },
    });
    const deleted = message(
      1,
      started(),
      rich,
      { type: 'MessageEdited', data: { ...about(1, 50), by: ann, content: { text: 'new', custom: { a: 1 } } } },
      { type: 'ReactionAdded', data: { ...about(1), userId: ben, emoji: '👍' } },
      { type: 'MessagePinned', data: { ...about(1), by: ben } },
      { type: 'MessageDeleted', data: { ...about(1), by: ann, mentions: [ben] } },
    );
    expect(deleted).toEqual({
      ...first,
      text: null,
      sentDigest: null,
      keptIn: null,
      replyTo: id(1000),
      threadRootId: id(1000),
      editedAt: at(50),
      deletedAt: at(100),
      revision: 5,
    });
  });

  it('counts replies at the root of the thread, also those that are deleted and to a root that is deleted', () => {
    const replies = [sent(2, { threadRootId: id(1001) }), sent(3, { threadRootId: id(1001) })];
    const deletion: DomainEvent = { type: 'MessageDeleted', data: { ...about(1), by: ann, mentions: [] } };
    expect(message(1, started(), sent(1), ...replies)).toEqual({
      ...first,
      replyCount: 2,
      lastReplyAt: at(3),
      revision: 3,
    });
    expect(message(1, started(), sent(1), deletion, ...replies)).toMatchObject({ replyCount: 2, deletedAt: at(100) });
    expect(message(2, started(), sent(1), ...replies)).toMatchObject({ threadRootId: id(1001), replyCount: 0 });
  });

  it('keeps reactions in the order in which they were given, and no empty ones', () => {
    const add = (userId: string, emoji: string): DomainEvent => ({
      type: 'ReactionAdded',
      data: { ...about(1), userId, emoji },
    });
    const remove = (userId: string, emoji: string): DomainEvent => ({
      type: 'ReactionRemoved',
      data: { ...about(1), userId, emoji },
    });
    const given = [add(ben, '👍'), add(ann, '🎉'), add(ann, '👍')];
    expect(message(1, started(), sent(1), ...given)?.reactions).toEqual([
      { emoji: '👍', userIds: [ben, ann] },
      { emoji: '🎉', userIds: [ann] },
    ]);
    expect(message(1, started(), sent(1), ...given, remove(ann, '🎉'), remove(ben, '👍'))).toMatchObject({
      reactions: [{ emoji: '👍', userIds: [ann] }],
      revision: 6,
    });
  });

  it('knows who pinned a message and when, until it is unpinned', () => {
    const pin: DomainEvent = { type: 'MessagePinned', data: { ...about(1), by: ben } };
    expect(message(1, started(), sent(1), pin)).toEqual({ ...first, pinnedAt: at(100), pinnedBy: ben, revision: 2 });
    const unpin: DomainEvent = { type: 'MessageUnpinned', data: { ...about(1), by: ann } };
    expect(message(1, started(), sent(1), pin, unpin)).toEqual({ ...first, revision: 3 });
  });

  it('is not changed by what concerns one member only', () => {
    const events: DomainEvent[] = [
      { type: 'MessageHidden', data: { ...about(1), userId: ben } },
      { type: 'ReceiptsRecorded', data: { receipts: [{ userId: ben, deviceId: id(9), read: 1 }], at: at(9) } },
      { type: 'HistoryCleared', data: { userId: ben, upToSeq: 1, at: at(9) } },
    ];
    expect(message(1, started(), sent(1), ...events)).toEqual(first);
  });
});
