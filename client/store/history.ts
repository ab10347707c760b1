import type { Message } from '../../schemas/message.ts';
import { isGone } from '../errors.ts';
import type { Copies } from './copies.ts';
import type { Copy } from './copy.ts';
import type { Fetch } from './fetch.ts';
import type { Loads } from './loads.ts';
import { evolveMembers } from './members.ts';
import { applyChanges } from './resync.ts';
import { trimmed, withPage, type Direction, type Meanwhile } from './window.ts';

export interface HistorySettings {
  /** Messages in memory of a conversation that is open. */
  readonly mostMessages: number;
  /** The same of all others. */
  readonly tailMessages: number;
  /** Messages that one page brings. */
  readonly pageMessages: number;
}

export interface HistoryOptions {
  readonly fetch: Fetch;
  readonly copies: Copies;
  readonly loads: Loads;
  readonly settings: HistorySettings;
  readonly userId: string;
  readonly position: () => string | undefined;
  readonly signal: AbortSignal;
}

/** In larger conversations receipts say nothing about single messages, and members are not kept. */
export const receiptMembers = 100;
/** After so many pages of changes it is cheaper to begin again with the newest messages. */
const mostChangePages = 5;

const emptied = (copy: Copy): Copy => ({
  ...copy,
  window: { from: copy.head.lastSeq, to: null, hasBefore: true, messages: [] },
  members: null,
});

/** What is fetched of single conversations: pages of history, members, and what has changed. */
export class History {
  readonly #options: HistoryOptions;
  #epoch = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Pushes have a gap: what is being fetched now may have been read before it, and is fetched again. */
  restart(): void {
    this.#epoch += 1;
  }

  /** Fetches, and gives the copy as it is then, with what came meanwhile; undefined if there is none any more. */
  async #fetch<Result>(
    conversationId: string,
    get: (copy: Copy, after: string | undefined) => Promise<Result>,
    apply: (copy: Copy, result: Result, meanwhile: Meanwhile) => Copy,
  ): Promise<Copy | undefined> {
    const { copies, loads, position } = this.#options;
    for (;;) {
      const before = copies.get(conversationId);
      if (before === undefined) return undefined;
      const epoch = this.#epoch;
      const { meanwhile, end } = loads.begin(conversationId);
      try {
        const result = await get(before, position());
        const copy = copies.get(conversationId);
        if (copy === undefined) return undefined;
        if (epoch !== this.#epoch || copy.head.me?.joinedAt !== before.head.me?.joinedAt) continue;
        const next = apply(copy, result, meanwhile);
        copies.set(conversationId, next);
        return next;
      } finally {
        end();
      }
    }
  }

  /** One more page; resolves once it is in the copy. A direction in which there is nothing more changes nothing. */
  async page(
    conversationId: string,
    direction: Direction,
    place: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { fetch, userId, settings } = this.#options;
    const { mostMessages, pageMessages } = settings;
    const anchorOf = ({ window }: Copy): Readonly<Record<string, string>> | undefined => {
      if (direction === 'older') return window.hasBefore ? { before: String(window.from + 1) } : undefined;
      if (direction === 'newer') return window.to === null ? undefined : { after: String(window.to) };
      return place;
    };
    const most = Math.max(mostMessages, pageMessages);
    let wanted: Readonly<Record<string, string>> | undefined;
    await this.#fetch(
      conversationId,
      async (copy, after) => {
        wanted = anchorOf(copy);
        return wanted && (await fetch.history(conversationId, wanted, pageMessages, after));
      },
      (copy, page, meanwhile) => {
        // Somebody else has moved the window meanwhile: this page does not belong to it.
        const now = anchorOf(copy);
        if (page === undefined || JSON.stringify(now) !== JSON.stringify(wanted)) return copy;
        const next = withPage(copy, direction, page, meanwhile, userId);
        return trimmed(next, most, direction === 'older' ? 'oldest' : 'newest', userId);
      },
    );
  }

  async members(conversationId: string): Promise<void> {
    const { fetch } = this.#options;
    await this.#fetch(
      conversationId,
      async ({ head }, after) =>
        head.memberCount > receiptMembers ? undefined : await fetch.members(conversationId, after),
      (copy, items, meanwhile) => {
        // Closed meanwhile: nobody would keep them current.
        if (!copy.isOpen) return copy;
        if (items === undefined) return { ...copy, members: null, areMembersStale: false };
        let members: NonNullable<Copy['members']> = new Map(items.map((member) => [member.userId, member]));
        let isStale = false;
        for (const frame of meanwhile) {
          if (frame.type === 'me') continue;
          const evolved = evolveMembers(members, frame);
          members = evolved.members;
          isStale ||= evolved.isStale;
        }
        return { ...copy, members, areMembersStale: isStale };
      },
    );
  }

  /** Brings what is kept of an open conversation up to a position, by its changes; from its newest page if they are many. */
  async catchUp(conversationId: string, position: string | undefined, isStopped: () => boolean): Promise<void> {
    const { fetch, copies } = this.#options;
    try {
      for (let pages = 0; pages < mostChangePages; pages += 1) {
        const copy = copies.get(conversationId);
        if (copy === undefined) return;
        const page = await fetch.changes(conversationId, copy.revision, position);
        if (isStopped()) return;
        copies.set(conversationId, applyChanges(copies.get(conversationId) ?? copy, page));
        // What is being fetched now may be older than that.
        this.restart();
        if (!page.more) return;
      }
      const copy = copies.get(conversationId);
      if (copy === undefined) return;
      copies.set(conversationId, { ...emptied(copy), revision: copy.head.revision, isExact: false, isStale: true });
      await this.load(conversationId);
    } catch (error) {
      if (!isGone(error)) throw error;
      copies.set(conversationId, undefined);
    }
  }

  /** The newest page and the members. */
  async load(conversationId: string): Promise<void> {
    await Promise.all([this.page(conversationId, 'latest'), this.members(conversationId)]);
  }

  /** Messages of a conversation as they are in its window. */
  messages(conversationId: string): readonly Message[] {
    return this.#options.copies.get(conversationId)?.window.messages ?? [];
  }
}
