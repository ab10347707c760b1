import type { DomainEvent } from '../../../domain/catalog.ts';
import type { Mention, Settings } from '../../../domain/conversation/values.ts';
import { parseStream } from '../../../domain/ids.ts';
import type { StreamEvent } from './log.ts';

/** What a message is by the plainest reading of the log. */
export interface ModelMessage {
  readonly messageId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly sentAt: string;
  readonly expiresAt: string | null;
  readonly threadRootId: string | null;
  readonly sentDigest: string;
  text: string | null;
  custom: object | null;
  attachments: readonly { readonly mediaId: string }[];
  mentions: readonly Mention[];
  revision: number;
  deleted: boolean;
  pinnedAt: string | null;
  readonly hiddenBy: Set<string>;
  readonly reactions: { emoji: string; userIds: string[] }[];
}

export interface ModelMember {
  readonly joinedSeq: number;
  readSeq: number;
  unreadFrom: number | null;
  clearedSeq: number;
}

/** One conversation, folded from the log without any of the read side's code. */
export class ConversationModel {
  readonly messages: ModelMessage[] = [];
  readonly members = new Map<string, ModelMember>();
  readonly left = new Set<string>();
  sinceJoining = false;
  retentionSeconds: number | null = null;
  #revision = -1;

  apply(event: DomainEvent): this {
    this.#revision += 1;
    switch (event.type) {
      case 'ConversationStarted':
        this.#settle(event.data.settings);
        for (const { userId } of event.data.members) this.#join(userId, 0);
        break;
      case 'ConversationChanged':
        if (event.data.settings) this.#settle(event.data.settings);
        break;
      case 'MemberAdded':
        this.#join(event.data.userId, event.data.joinedSeq);
        break;
      case 'MemberRemoved':
        this.members.delete(event.data.userId);
        this.left.add(event.data.userId);
        break;
      case 'MessageSent': {
        const { messageId, seq, senderId, at, expiresAt, threadRootId, sentDigest } = event.data;
        const { content, attachments, mentions } = event.data;
        const shown = { ...content, attachments, mentions, deleted: false, pinnedAt: null, revision: this.#revision };
        const sent = { messageId, seq, senderId, sentAt: at, expiresAt, threadRootId, sentDigest, ...shown };
        this.messages.push({ ...sent, hiddenBy: new Set(), reactions: [] });
        Object.assign(this.members.get(senderId)!, { readSeq: seq, unreadFrom: null });
        const root = this.messages.find((message) => message.messageId === threadRootId);
        if (root) root.revision = this.#revision;
        break;
      }
      case 'ReceiptsRecorded':
        for (const { userId, read } of event.data.receipts) {
          const member = this.members.get(userId)!;
          if (read === undefined) continue;
          Object.assign(member, { readSeq: Math.max(member.readSeq, read), unreadFrom: null });
        }
        break;
      case 'OwnViewChanged':
        if (event.data.unreadFrom !== undefined) {
          this.members.get(event.data.userId)!.unreadFrom = event.data.unreadFrom;
        }
        break;
      case 'HistoryCleared':
        this.members.get(event.data.userId)!.clearedSeq = event.data.upToSeq;
        break;
      default:
        if ('messageId' in event.data && 'seq' in event.data) this.#change(event, this.messages[event.data.seq - 1]!);
    }
    return this;
  }

  #settle({ history, retentionSeconds }: Settings): void {
    this.sinceJoining = history === 'since-joining';
    this.retentionSeconds = retentionSeconds;
  }

  #join(userId: string, seq: number): void {
    this.left.delete(userId);
    this.members.set(userId, { joinedSeq: seq, readSeq: seq, unreadFrom: null, clearedSeq: 0 });
  }

  #change(event: DomainEvent, message: ModelMessage): void {
    if (event.type === 'MessageHidden') return void message.hiddenBy.add(event.data.userId);
    message.revision = this.#revision;
    const given = message.reactions.find(({ emoji }) => 'emoji' in event.data && emoji === event.data.emoji);
    switch (event.type) {
      case 'MessageEdited': {
        const { content, attachments, mentions } = event.data;
        const edit = { ...content, ...(attachments && { attachments }), ...(mentions && { mentions }) };
        Object.assign(message, edit);
        break;
      }
      case 'MessageDeleted':
        Object.assign(message, { text: null, custom: null, attachments: [], mentions: [] });
        Object.assign(message, { deleted: true, pinnedAt: null, reactions: [] });
        break;
      case 'MessagePinned':
        message.pinnedAt = event.data.at;
        break;
      case 'MessageUnpinned':
        message.pinnedAt = null;
        break;
      case 'ReactionAdded':
        if (given) given.userIds.push(event.data.userId);
        else message.reactions.push({ emoji: event.data.emoji, userIds: [event.data.userId] });
        break;
      case 'ReactionRemoved':
        given!.userIds = given!.userIds.filter((userId) => userId !== event.data.userId);
        message.reactions.splice(0, Infinity, ...message.reactions.filter(({ userIds }) => userIds.length > 0));
        break;
      default:
    }
  }

  /** Nothing of what was said may be shown any more, whether or not the log tells so already. */
  isOver({ deleted, sentAt, expiresAt }: ModelMessage, now: number): boolean {
    const keptMs = (this.retentionSeconds ?? Infinity) * 1_000;
    return deleted || Date.parse(sentAt) + keptMs <= now || (expiresAt !== null && Date.parse(expiresAt) <= now);
  }

  afterSeq(userId: string): number {
    const { clearedSeq, joinedSeq } = this.members.get(userId)!;
    return this.sinceJoining ? Math.max(clearedSeq, joinedSeq) : clearedSeq;
  }

  /** Messages that the member can see, deleted ones too, ascending. */
  visible(userId: string): readonly ModelMessage[] {
    return this.messages.filter(({ seq, hiddenBy }) => seq > this.afterSeq(userId) && !hiddenBy.has(userId));
  }

  unread(userId: string): readonly ModelMessage[] {
    const { readSeq, unreadFrom } = this.members.get(userId)!;
    const pointer = unreadFrom === null ? readSeq : unreadFrom - 1;
    return this.visible(userId).filter(({ seq, deleted }) => seq > pointer && !deleted);
  }

  unreadMentions(userId: string): readonly ModelMessage[] {
    return this.unread(userId).filter(({ mentions }) => mentions.includes(userId) || mentions.includes('everyone'));
  }
}

/** Every conversation of the log, by its id. */
export const modelOf = (log: readonly StreamEvent[]): ReadonlyMap<string, ConversationModel> => {
  const models = new Map<string, ConversationModel>();
  for (const { stream, event } of log) {
    const { category, id } = parseStream(stream);
    if (category !== 'conversation') continue;
    models.set(id, (models.get(id) ?? new ConversationModel()).apply(event));
  }
  return models;
};
