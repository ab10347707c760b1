/**
 * What the log says, worked out a second time: by plain loops over raw events, sharing nothing with the deciders and
 * projections it is held against.
 */
export interface RawEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FoldedMessage {
  readonly messageId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly sentAt: string;
  text: string | null;
  mentions: readonly string[];
  readonly threadRootId: string | null;
  replyCount: number;
  edits: number;
  deleted: boolean;
  pinned: boolean;
  readonly reactions: Map<string, Set<string>>;
}

export interface FoldedMember {
  readonly userId: string;
  role: string;
  readonly joinedSeq: number;
  readSeq: number;
  unreadFrom: number | null;
  clearedSeq: number;
  readonly hidden: Set<number>;
}

export interface FoldedConversation {
  readonly conversationId: string;
  readonly kind: string;
  name: string | null;
  topic: string | null;
  closed: boolean;
  sinceJoining: boolean;
  lastSeq: number;
  revision: number;
  readonly messages: Map<string, FoldedMessage>;
  readonly members: Map<string, FoldedMember>;
  /** Of members who left: a returning one is a new member, but what he hid stays hidden. */
  readonly former: Map<string, FoldedMember>;
}

type Fields = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => value as string;
const count = (value: unknown): number => value as number;

const member = (userId: string, role: string, joinedSeq: number, before?: FoldedMember): FoldedMember => ({
  userId,
  role,
  joinedSeq,
  readSeq: joinedSeq,
  unreadFrom: null,
  clearedSeq: before?.clearedSeq ?? 0,
  hidden: before?.hidden ?? new Set(),
});

const started = (data: Fields): FoldedConversation => {
  const { name, topic } = data['content'] as { name: string | null; topic: string | null };
  const members = data['members'] as readonly { userId: string; role: string }[];
  return {
    conversationId: text(data['conversationId']),
    kind: text(data['kind']),
    name,
    topic,
    closed: false,
    sinceJoining: (data['settings'] as { history: string }).history === 'since-joining',
    lastSeq: 0,
    revision: 0,
    messages: new Map(),
    members: new Map(members.map(({ userId, role }) => [userId, member(userId, role, 0)])),
    former: new Map(),
  };
};

const send = (conversation: FoldedConversation, data: Fields): void => {
  const message: FoldedMessage = {
    messageId: text(data['messageId']),
    seq: count(data['seq']),
    senderId: text(data['senderId']),
    sentAt: text(data['at']),
    text: (data['content'] as { text: string | null }).text,
    mentions: data['mentions'] as readonly string[],
    threadRootId: data['threadRootId'] as string | null,
    replyCount: 0,
    edits: 0,
    deleted: false,
    pinned: false,
    reactions: new Map(),
  };
  conversation.messages.set(message.messageId, message);
  conversation.lastSeq = message.seq;
  const sender = conversation.members.get(message.senderId);
  if (sender !== undefined) sender.readSeq = Math.max(sender.readSeq, message.seq);
  const root = message.threadRootId === null ? undefined : conversation.messages.get(message.threadRootId);
  if (root !== undefined) root.replyCount += 1;
};

const edit = (message: FoldedMessage, data: Fields): void => {
  const content = data['content'] as { text?: string | null };
  if (content.text !== undefined) message.text = content.text;
  if (data['mentions'] !== undefined) message.mentions = data['mentions'] as readonly string[];
  message.edits += 1;
};

const remove = (message: FoldedMessage): void => {
  Object.assign(message, { deleted: true, text: null, mentions: [], pinned: false });
  message.reactions.clear();
};

const react = (message: FoldedMessage, data: Fields, isAdded: boolean): void => {
  const emoji = text(data['emoji']);
  const users = message.reactions.get(emoji) ?? new Set();
  if (isAdded) users.add(text(data['userId']));
  else users.delete(text(data['userId']));
  if (users.size > 0) message.reactions.set(emoji, users);
  else message.reactions.delete(emoji);
};

const receipts = (conversation: FoldedConversation, data: Fields): void => {
  for (const { userId, read } of data['receipts'] as readonly { userId: string; read?: number }[]) {
    const reader = conversation.members.get(userId);
    if (reader === undefined || read === undefined) continue;
    reader.readSeq = Math.max(reader.readSeq, read);
    reader.unreadFrom = null;
  }
};

const change = (conversation: FoldedConversation, data: Fields): void => {
  const content = (data['content'] ?? {}) as { name?: string; topic?: string | null };
  if (content.name !== undefined) conversation.name = content.name;
  if (content.topic !== undefined) conversation.topic = content.topic;
  const settings = data['settings'] as { history: string } | undefined;
  if (settings !== undefined) conversation.sinceJoining = settings.history === 'since-joining';
};

const aboutMessage = (conversation: FoldedConversation, type: string, data: Fields): void => {
  const message = conversation.messages.get(text(data['messageId']));
  if (message === undefined) throw new Error(`${type} speaks of a message that was never sent`);
  if (type === 'MessageEdited') edit(message, data);
  if (type === 'MessageDeleted') remove(message);
  if (type === 'MessageHidden') conversation.members.get(text(data['userId']))?.hidden.add(message.seq);
  if (type === 'ReactionAdded' || type === 'ReactionRemoved') react(message, data, type === 'ReactionAdded');
  if (type === 'MessagePinned' || type === 'MessageUnpinned') message.pinned = type === 'MessagePinned';
};

const aboutMember = (conversation: FoldedConversation, type: string, data: Fields): void => {
  const userId = text(data['userId']);
  const present = conversation.members.get(userId);
  if (type === 'MemberAdded') {
    const before = conversation.former.get(userId);
    conversation.members.set(userId, member(userId, text(data['role']), count(data['joinedSeq']), before));
    return;
  }
  if (present === undefined) throw new Error(`${type} speaks of someone who is no member`);
  if (type === 'MemberRemoved') {
    conversation.members.delete(userId);
    conversation.former.set(userId, present);
  }
  if (type === 'MemberRoleChanged') present.role = text(data['role']);
  if (type === 'OwnViewChanged' && data['unreadFrom'] !== undefined) present.unreadFrom = count(data['unreadFrom']);
  if (type === 'HistoryCleared') present.clearedSeq = Math.max(present.clearedSeq, count(data['upToSeq']));
};

const apply = (conversation: FoldedConversation, type: string, data: Fields): void => {
  if (type === 'MessageSent') return send(conversation, data);
  if (type === 'ReceiptsRecorded') return receipts(conversation, data);
  if (type === 'ConversationChanged') return change(conversation, data);
  if (type === 'ConversationClosed') conversation.closed = true;
  else if (data['messageId'] !== undefined) aboutMessage(conversation, type, data);
  else if (type.startsWith('Member') || type === 'OwnViewChanged' || type === 'HistoryCleared') {
    aboutMember(conversation, type, data);
  }
};

/** All conversations as the events leave them. Throws where the log contradicts itself. */
export const foldLog = (events: Iterable<RawEvent>): ReadonlyMap<string, FoldedConversation> => {
  const conversations = new Map<string, FoldedConversation>();
  for (const { stream, revision, type, data } of events) {
    if (!stream.startsWith('conversation-')) continue;
    const conversationId = stream.slice('conversation-'.length);
    if (type === 'ConversationStarted') {
      conversations.set(conversationId, started(data));
      continue;
    }
    const conversation = conversations.get(conversationId);
    if (conversation === undefined) throw new Error(`${stream} does not begin with its start`);
    if (revision !== conversation.revision + 1) throw new Error(`${stream} skips to revision ${revision}`);
    conversation.revision = revision;
    apply(conversation, type, data);
  }
  return conversations;
};

const floorOf = ({ sinceJoining }: FoldedConversation, member: FoldedMember): number =>
  Math.max(
    member.unreadFrom === null ? member.readSeq : member.unreadFrom - 1,
    member.clearedSeq,
    sinceJoining ? member.joinedSeq : 0,
  );

const unreadMessages = (conversation: FoldedConversation, userId: string): readonly FoldedMessage[] => {
  const member = conversation.members.get(userId);
  if (member === undefined) return [];
  const floor = floorOf(conversation, member);
  return [...conversation.messages.values()].filter(
    ({ seq, deleted }) => seq > floor && !deleted && !member.hidden.has(seq),
  );
};

export const unreadOf = (conversation: FoldedConversation, userId: string): number =>
  unreadMessages(conversation, userId).length;

export const mentionsOf = (conversation: FoldedConversation, userId: string): number =>
  unreadMessages(conversation, userId).filter(
    ({ mentions }) => mentions.includes(userId) || mentions.includes('everyone'),
  ).length;
