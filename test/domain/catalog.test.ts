import { describe, expect, it } from 'vitest';
import { catalog, createCatalog, UndecodableEvent, type DomainEvent, type EventType } from '../../domain/catalog.ts';
import { contactEvents } from '../../domain/contact/events.ts';
import { conversationEvents } from '../../domain/conversation/events.ts';
import { defaultSettings } from '../../domain/conversation/values.ts';
import { scheduledEvents } from '../../domain/scheduled/events.ts';
import { userEvents } from '../../domain/user/events.ts';
import { defaultNotifications, defaultPrivacy } from '../../domain/user/values.ts';

const at = '2026-01-01T00:00:00.000Z';
const [ann, bob, id] = [1, 2, 3].map((n) => `019b0000-0000-4000-8000-00000000000${n}`) as [string, string, string];
const between = { by: ann, other: bob, at };
const about = { messageId: id, seq: 1, at };
const scheduledAbout = { conversationId: id, messageId: id, at };

/** One of each, every optional field filled in. */
const examples: { readonly [Type in EventType]: Extract<DomainEvent, { type: Type }>['data'] } = {
  ConversationStarted: {
    conversationId: id,
    kind: 'group',
    startedBy: ann,
    members: [{ userId: ann, role: 'owner' }],
    settings: defaultSettings,
    content: { name: 'Allotment', topic: null },
    at,
  },
  ConversationChanged: {
    by: ann,
    settings: defaultSettings,
    avatarMediaId: null,
    content: { name: 'Garden', topic: 'Frost' },
    at,
  },
  ConversationClosed: { by: ann, at },
  MemberAdded: { userId: bob, role: 'member', by: ann, inviteId: id, joinedSeq: 4, at },
  MemberRoleChanged: { userId: bob, role: 'admin', by: ann, at },
  MemberRemoved: { userId: bob, by: ann, at },
  InviteCreated: { inviteId: id, by: ann, expiresAt: at, maxUses: null, at },
  InviteWithdrawn: { inviteId: id, by: ann, at },
  MessageSent: {
    ...about,
    senderId: ann,
    content: { text: 'Frost tonight', custom: { deep: [1, { er: null }] } },
    attachments: [{ mediaId: id }],
    mentions: ['everyone', bob],
    replyTo: id,
    threadRootId: id,
    forwardedFrom: { conversationId: id, messageId: id },
    expiresAt: at,
    sentDigest: 'digest',
  },
  MessageEdited: {
    ...about,
    by: ann,
    content: { text: null, custom: null },
    attachments: [],
    mentions: [bob],
    previousMentions: ['everyone'],
  },
  MessageDeleted: { ...about, by: ann, mentions: [bob] },
  MessageHidden: { ...about, userId: bob },
  ReactionAdded: { ...about, userId: bob, emoji: '🌱' },
  ReactionRemoved: { ...about, userId: bob, emoji: '🌱' },
  MessagePinned: { ...about, by: ann },
  MessageUnpinned: { ...about, by: ann },
  ReceiptsRecorded: { receipts: [{ userId: bob, deviceId: id, delivered: 2, read: 1 }], at },
  OwnViewChanged: { userId: ann, mutedUntil: 'forever', pinned: true, archived: false, unreadFrom: 3, at },
  HistoryCleared: { userId: ann, upToSeq: 7, at },
  UserRegistered: { userId: ann, content: { username: 'ann', displayName: 'Ann' }, at },
  ProfileChanged: { content: { displayName: 'Ann', statusText: '', timeZone: null }, avatarMediaId: id, at },
  PrivacyChanged: { privacy: defaultPrivacy, at },
  NotificationsChanged: { notifications: defaultNotifications, at },
  DeviceAdded: { deviceId: id, content: { name: 'Phone' }, platform: null, at },
  DeviceRemoved: { deviceId: id, reason: 'displaced', at },
  PlatformRoleGranted: { role: 'auditor', at },
  PlatformRoleWithdrawn: { role: 'auditor', at },
  UserErased: { at },
  ContactRequested: between,
  ContactAccepted: between,
  ContactRemoved: between,
  UserBlocked: between,
  UserUnblocked: between,
  SendScheduled: {
    ...scheduledAbout,
    userId: id,
    sendAt: at,
    content: { text: 'later', custom: null },
    attachments: [],
    mentions: ['everyone'],
    replyTo: null,
    threadRootId: null,
    forwardedFrom: null,
    expiresInSeconds: 60,
    digest: 'digest',
  },
  ScheduledSendCancelled: { ...scheduledAbout, reason: 'left' },
  ScheduledSendBegun: scheduledAbout,
  ScheduledSendSettled: { ...scheduledAbout, failure: 'auth/forbidden' },
};
const types = Object.keys(examples) as EventType[];

const stored = (type: string, data: unknown, schemaVersion = 1) => ({ type, data, metadata: { schemaVersion } });

describe('the catalog', () => {
  it('has an example here of every event', () => {
    const known = { ...conversationEvents, ...userEvents, ...contactEvents, ...scheduledEvents };
    expect(types.toSorted()).toEqual(Object.keys(known).toSorted());
  });

  it.each(types)('brings %s back from JSON as it was', (type) => {
    const data = JSON.parse(JSON.stringify(examples[type])) as unknown;
    expect(catalog.decode(stored(type, data, catalog.currentVersion(type)))).toEqual({ type, data: examples[type] });
  });

  it.each(types)('refuses a %s without its time', (type) => {
    const { at: _, ...rest } = examples[type];
    expect(() => catalog.decode(stored(type, rest))).toThrow(UndecodableEvent);
  });

  it.each(['MessageShouted', 'toString', '__proto__'])('refuses the unknown type %s', (type) => {
    expect(() => catalog.decode(stored(type, { at }))).toThrow(UndecodableEvent);
  });

  it.each([0, 2, 1.5, Number.NaN])('refuses the unknown version %s', (version) => {
    expect(() => catalog.decode(stored('UserErased', { at }, version))).toThrow(UndecodableEvent);
  });

  it('says what is wrong without the values', () => {
    const data = {
      ...examples.MessageSent,
      content: { text: 'the secret', custom: 'another secret' },
      replyTo: 'mine',
    };
    const decode = () => catalog.decode(stored('MessageSent', data));
    expect(decode).toThrow(/MessageSent is not of its shape: .*content\.custom.*replyTo/);
    expect(decode).not.toThrow(/secret|mine/);
  });
});

describe('an upcaster', () => {
  /** As if messages had had one text at first, then mentions had come, then the text had moved into `content`. */
  const grown = createCatalog({
    MessageSent: [
      (old) => ({ ...old, mentions: [] }),
      ({ text, custom, ...old }) => ({ ...old, content: { text, custom } }),
    ],
  });
  const { content, mentions, ...rest } = examples.MessageSent;
  const current = { ...rest, content, mentions };

  it('brings every old version to the current shape, step by step', () => {
    const first = { ...rest, text: content.text, custom: content.custom };
    expect(grown.currentVersion('MessageSent')).toBe(3);
    expect(grown.decode(stored('MessageSent', first, 1)).data).toEqual({ ...current, mentions: [] });
    expect(grown.decode(stored('MessageSent', { ...first, mentions }, 2)).data).toEqual(current);
    expect(grown.decode(stored('MessageSent', current, 3)).data).toEqual(current);
  });

  it('is not run on what is newer than its step, nor on other events', () => {
    expect(() => grown.decode(stored('MessageSent', current, 4))).toThrow(UndecodableEvent);
    expect(() => grown.decode(stored('MessageSent', { ...rest, content }, 3))).toThrow(/mentions/);
    expect(grown.currentVersion('MessageEdited')).toBe(1);
  });

  it('does not change the stored event', () => {
    const first = Object.freeze({ ...rest, text: content.text, custom: content.custom });
    grown.decode(stored('MessageSent', first, 1));
    expect(first).not.toHaveProperty('mentions');
  });
});
