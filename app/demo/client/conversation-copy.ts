import type { Conversation } from '../../../schemas/conversation.ts';
import type { Message } from '../../../schemas/message.ts';
import type { Changes } from '../../../schemas/sync.ts';
import type { EventFrame, MeFrame, PushedEvent } from './frames.ts';

export interface MemberCopy {
  readonly userId: string;
  readonly role: string;
  readonly readSeq: number;
}

const withoutReaction = (reactions: Message['reactions'], emoji: string, own: boolean): Message['reactions'] =>
  reactions
    .map((reaction) =>
      reaction.emoji === emoji
        ? { ...reaction, count: reaction.count - 1, mine: reaction.mine === true && !own }
        : reaction,
    )
    .filter(({ count }) => count > 0);

const withReaction = (reactions: Message['reactions'], emoji: string, own: boolean): Message['reactions'] => {
  if (!reactions.some((reaction) => reaction.emoji === emoji)) return [...reactions, { emoji, count: 1, mine: own }];
  return reactions.map((reaction) =>
    reaction.emoji === emoji
      ? { ...reaction, count: reaction.count + 1, mine: reaction.mine === true || own }
      : reaction,
  );
};

/** Stands for the time of a deletion, which a push does not tell. */
const deletedSometime = '9999-12-31T23:59:59.999Z';

const tombstone = (message: Message, revision: number): Message => ({
  ...message,
  revision,
  deletedAt: deletedSometime,
  text: null,
  custom: null,
  forwardedFrom: null,
  attachments: [],
  mentions: [],
  reactions: [],
  pinned: false,
});

/** One conversation as a client keeps it: what `changes` said, carried on by pushed events. */
export class ConversationCopy {
  readonly userId: string;
  conversation: Conversation | undefined;
  /** Everything up to this revision is in the copy; undefined before the first load. */
  revision: number | undefined;
  readonly messages = new Map<string, Message>();
  readonly members = new Map<string, MemberCopy>();

  constructor(userId: string) {
    this.userId = userId;
  }

  applyChanges(page: Changes): void {
    if (page.conversation !== undefined) this.conversation = page.conversation;
    for (const message of page.messages) this.messages.set(message.messageId, message);
    for (const { userId, role, readSeq } of page.members ?? []) this.members.set(userId, { userId, role, readSeq });
    for (const userId of page.removedMembers ?? []) this.members.delete(userId);
    for (const messageId of page.hidden ?? []) this.messages.delete(messageId);
    if (page.clearedSeq !== undefined) this.#clear(page.clearedSeq);
    this.revision = page.revision;
  }

  /** What the copy holds already changes nothing. */
  applyEvent({ revision, event }: EventFrame): void {
    if (this.revision === undefined || revision <= this.revision) return;
    this.#evolve(event, revision);
    this.revision = revision;
  }

  applyMe({ me, hidden = [], clearedSeq }: MeFrame): void {
    if (this.conversation !== undefined) this.conversation = { ...this.conversation, me };
    for (const messageId of hidden) this.messages.delete(messageId);
    if (clearedSeq !== undefined) this.#clear(clearedSeq);
  }

  #clear(seq: number): void {
    for (const message of this.messages.values()) if (message.seq <= seq) this.messages.delete(message.messageId);
  }

  #evolve(event: PushedEvent, revision: number): void {
    switch (event.type) {
      case 'conversationStarted':
        return this.#head(event.conversation);
      case 'conversationChanged': {
        const { type: _, ...changed } = event;
        return this.#head(changed);
      }
      case 'conversationClosed':
        return this.#head({ closedAt: deletedSometime });
      case 'messageSent':
        return this.#sent(event.message, revision);
      case 'messageEdited':
        return this.#message(event.message.messageId, revision, (old) => ({
          ...event.message,
          reactions: event.message.reactions.map((reaction) => ({
            ...reaction,
            mine: old.reactions.some(({ emoji, mine }) => emoji === reaction.emoji && mine === true),
          })),
        }));
      case 'messageDeleted':
        return this.#message(event.messageId, revision, (old) => tombstone(old, revision));
      case 'reactionAdded':
      case 'reactionRemoved': {
        const change = event.type === 'reactionAdded' ? withReaction : withoutReaction;
        return this.#message(event.messageId, revision, (old) => ({
          ...old,
          revision,
          reactions: change(old.reactions, event.emoji, event.userId === this.userId),
        }));
      }
      case 'pinned':
      case 'unpinned':
        return this.#message(event.messageId, revision, (old) => ({
          ...old,
          revision,
          pinned: event.type === 'pinned',
        }));
      case 'receipts':
        for (const { userId, read = 0 } of event.receipts) this.#read(userId, read);
        return;
      case 'memberAdded': {
        const readSeq = this.conversation?.lastSeq ?? 0;
        this.members.set(event.userId, { userId: event.userId, role: event.role, readSeq });
        // The conversation may be newer than the frame, and count this member already.
        return this.#head({ memberCount: this.members.size });
      }
      case 'memberChanged': {
        const member = this.members.get(event.userId);
        if (member !== undefined) this.members.set(event.userId, { ...member, role: event.role });
        return;
      }
      case 'memberRemoved':
        this.members.delete(event.userId);
        return this.#head({ memberCount: this.members.size });
      case 'hidden':
    }
  }

  #head(changed: { [Field in keyof Conversation]?: Conversation[Field] | undefined }): void {
    if (this.conversation === undefined) return;
    const given = Object.entries(changed).filter(([, value]) => value !== undefined);
    this.conversation = { ...this.conversation, ...Object.fromEntries(given) };
  }

  /** A message may be newer than the frame that brought it: what it shows already is not applied to it again. */
  #message(messageId: string, revision: number, change: (old: Message) => Message): void {
    const old = this.messages.get(messageId);
    if (old !== undefined && old.revision < revision) this.messages.set(messageId, change(old));
  }

  #sent(message: Message, revision: number): void {
    this.messages.set(message.messageId, message);
    this.#head({ lastSeq: message.seq });
    this.#read(message.senderId, message.seq);
    if (message.thread === null) return;
    this.#message(message.thread.rootId, revision, (root) => ({
      ...root,
      revision,
      replyCount: root.replyCount + 1,
      lastReplyAt: message.sentAt,
    }));
  }

  #read(userId: string, seq: number): void {
    const member = this.members.get(userId);
    if (member !== undefined) this.members.set(userId, { ...member, readSeq: Math.max(member.readSeq, seq) });
  }
}
