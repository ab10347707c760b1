import type { Conversation as Head, Member } from '../schemas/conversation.ts';
import type { EditBody, SendBody } from '../schemas/message.ts';
import type { Account } from './account.ts';
import { SignedOut } from './errors.ts';
import { uuidV7 } from './ids.ts';
import type { Entry, Operation } from './outbox/entry.ts';
import type { Copy } from './store/copy.ts';
import { countsOf } from './store/counts.ts';
import { timelineOf, type TimelineItem } from './view/timeline.ts';

/** A conversation at one moment. Parts that have not changed are the same objects as before. */
export interface ConversationSnapshot {
  readonly conversation: Head;
  readonly unread: number;
  readonly mentions: number;
  /** Ascending; at the end, where there are no newer ones, what waits to be sent. */
  readonly items: readonly TimelineItem[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  /** null: not loaded, or too many for receipts to matter. */
  readonly members: ReadonlyMap<string, Member> | null;
  readonly typing: readonly string[];
}

export type Content = SendBody & {
  /** What the client's uploader is to upload first; it must be something that the storage can keep. */
  readonly files?: readonly unknown[];
};

export interface ConversationOptions {
  readonly conversationId: string;
  readonly account: () => Account | undefined;
  readonly now: () => number;
  readonly subscribe: (listener: () => void) => () => void;
}

/** How far the user has read by what he has done here, whatever the server knows of it yet. */
export const readAlreadyOf = (entries: readonly Entry[]): number =>
  Math.max(0, ...entries.map(({ operation }) => (operation.type === 'receipt' ? (operation.read ?? 0) : 0)));

interface Seen {
  readonly copy: Copy;
  readonly entries: readonly Entry[];
  readonly typing: readonly string[];
  readonly snapshot: ConversationSnapshot;
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);

/** One conversation: what is in it, and what its user does in it. Whatever he does is shown at once, and done in order. */
export class Conversation {
  readonly conversationId: string;
  readonly #options: ConversationOptions;
  #seen: Seen | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.conversationId = options.conversationId;
  }

  #account(): Account {
    const account = this.#options.account();
    if (account === undefined) throw new SignedOut();
    return account;
  }

  /** null: the user is not in it, or nothing is known of it yet. The same object until something changes. */
  get snapshot(): ConversationSnapshot | null {
    const account = this.#options.account();
    const copy = account?.store.copies.get(this.conversationId);
    if (account === undefined || copy === undefined) return null;
    const entries = account.outbox.shown(this.conversationId);
    const typing = account.typing.of(this.conversationId);
    const seen = this.#seen;
    if (seen?.copy === copy && seen.typing === typing && isSame(seen.entries, entries)) return seen.snapshot;
    const items = timelineOf(copy, entries, account.userId);
    const snapshot = {
      conversation: copy.head,
      ...countsOf(copy, account.userId, readAlreadyOf(entries)),
      items: seen !== undefined && isSame(seen.snapshot.items, items) ? seen.snapshot.items : items,
      hasBefore: copy.window.hasBefore,
      hasAfter: copy.window.to !== null,
      members: copy.members,
      typing,
    };
    this.#seen = { copy, entries, typing, snapshot };
    return snapshot;
  }

  /** Calls back after each change. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    return this.#options.subscribe(listener);
  }

  /** Loads its newest messages and members, and keeps them, until `close`. */
  async open(): Promise<void> {
    const { store } = this.#account();
    this.#keep(true);
    await store.history.load(this.conversationId);
  }

  /** Nobody looks at it any more: only its newest messages stay in memory. */
  close(): void {
    this.#keep(false);
  }

  #keep(isOpen: boolean): void {
    this.#account().store.keepOpen(this.conversationId, isOpen);
  }

  /** One more page of older messages. Where most messages are in memory already, the newest go. */
  older(): Promise<void> {
    return this.#account().store.history.page(this.conversationId, 'older');
  }

  /** The other way, after `older` or `around`. */
  newer(): Promise<void> {
    return this.#account().store.history.page(this.conversationId, 'newer');
  }

  /** Back to the newest messages. */
  latest(): Promise<void> {
    return this.#account().store.history.page(this.conversationId, 'latest');
  }

  /** To another place, away from the newest messages: around a seq, or the first message sent at a time or later. */
  around(place: { readonly seq: number } | { readonly at: string }): Promise<void> {
    const anchor: Readonly<Record<string, string>> = 'seq' in place ? { around: String(place.seq) } : { at: place.at };
    return this.#account().store.history.page(this.conversationId, 'around', anchor);
  }

  /** Resolves with the message's id once it is stored here. It is sent as soon as can be, exactly once, and in order. */
  async send(content: Content | string): Promise<string> {
    const { files = [], ...body } = typeof content === 'string' ? { text: content } : content;
    const messageId = uuidV7(this.#options.now());
    await this.#add({ type: 'send', messageId, content: body, files, uploaded: [] });
    return messageId;
  }

  async edit(messageId: string, content: EditBody): Promise<void> {
    await this.#add({ type: 'edit', messageId, content });
  }

  async delete(messageId: string, forWhom: 'everyone' | 'me' = 'everyone'): Promise<void> {
    await this.#add({ type: 'delete', messageId, for: forWhom });
  }

  async react(messageId: string, emoji: string): Promise<void> {
    await this.#add({ type: 'react', messageId, emoji });
  }

  async unreact(messageId: string, emoji: string): Promise<void> {
    await this.#add({ type: 'unreact', messageId, emoji });
  }

  async pin(messageId: string): Promise<void> {
    await this.#add({ type: 'pin', messageId });
  }

  async unpin(messageId: string): Promise<void> {
    await this.#add({ type: 'unpin', messageId });
  }

  /** Up to a message, or all. What is read already stays so, and changes nothing. */
  async markRead(seq?: number): Promise<void> {
    const head = this.snapshot?.conversation;
    const read = seq ?? head?.lastSeq ?? 0;
    const already = Math.max(head?.me?.readSeq ?? 0, readAlreadyOf(this.#account().outbox.shown(this.conversationId)));
    if (read > already) await this.#add({ type: 'receipt', read });
  }

  /** To be called with every key; others see it while it goes on. */
  typing(active = true): void {
    this.#account().typing.set(this.conversationId, active);
  }

  async #add(operation: Operation): Promise<void> {
    await this.#account().outbox.add(this.conversationId, operation);
  }
}
