import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import type { Position } from '../ports/event-store.ts';
import type { FeedQueries, ReadModelName, ReadModels, TimelineQueries } from '../projections/queries.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { OwnView } from '../schemas/conversation.ts';
import { ownView } from '../services/views.ts';
import { LookAhead, type Wanted } from './look-ahead.ts';
import type { RealtimeMetrics } from './metrics.ts';
import type { Log } from '../projections/log.ts';

const retryMs = 250;
const mostRemembered = 10_000;

export interface LookUpOptions {
  readonly models: ReadModels;
  readonly metrics: RealtimeMetrics;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What the fan-out reads from read models, never older than a position it names. */
export class LookUps {
  readonly models: ReadModels;
  /** By user. */
  readonly ownViews: LookAhead<ToldView>;
  /** By message. */
  readonly messages: LookAhead<MessageDocument>;
  readonly #options: LookUpOptions;
  /** Whose reads are hidden, of users asked for lately; kept true by `privacyChanged`. */
  readonly #hiding = new Map<string, boolean>();
  #waitingFor: readonly ReadModelName[] = [];

  constructor(options: LookUpOptions) {
    this.models = options.models;
    this.#options = options;
    const { models } = options;
    const of = (name: 'feed' | 'timeline') => ({
      passed: (position: Position) => this.passed([name], position),
      reached: () => models.position(name),
    });
    this.ownViews = new LookAhead({ ...of('feed'), read: (wanted) => readOwnViews(models.feed, wanted) });
    this.messages = new LookAhead({ ...of('timeline'), read: (wanted) => readMessages(models.timeline, wanted) });
  }

  /** The read models that the fan-out cannot go on without; empty while it goes on. */
  get waitingFor(): readonly ReadModelName[] {
    return this.#waitingFor;
  }

  /** Waits however long it takes: what depends on a parked model is late, never skipped. Rejects once aborted. */
  async passed(names: readonly ReadModelName[], position: Position): Promise<void> {
    const { models, metrics, log, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        await models.waitFor(names, position);
        this.#waitingFor = [];
        return;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'read-model/behind') throw error;
      }
      if (this.#waitingFor.length === 0) log.warn({ readModels: names }, 'Realtime waits for a read model');
      this.#waitingFor = names;
      metrics.readModelWaits += 1;
      await delay(retryMs, undefined, { signal });
    }
  }

  /** Learns who of these hides his read receipts, for `hidesReads`. */
  async learnPrivacy(userIds: Iterable<string>, position: Position): Promise<void> {
    const unknown = [...new Set(userIds)].filter((userId) => !this.#hiding.has(userId));
    if (unknown.length === 0) return;
    await this.passed(['profiles'], position);
    const users = await this.models.profiles.users(unknown);
    const hiding = new Set(users.filter(({ privacy }) => !privacy.readReceipts).map(({ userId }) => userId));
    for (const userId of unknown) this.#hiding.set(userId, hiding.has(userId));
  }

  hidesReads(userId: string): boolean {
    return this.#hiding.get(userId) ?? true;
  }

  privacyChanged(userId: string, hides: boolean): void {
    if (this.#hiding.has(userId)) this.#hiding.set(userId, hides);
  }

  /** Forgets whoever was learned first, once they are many; between events only. */
  trim(): void {
    for (const userId of this.#hiding.keys()) {
      if (this.#hiding.size <= mostRemembered) return;
      this.#hiding.delete(userId);
    }
  }
}

/** A user's own view as a `me` frame tells it. */
export type ToldView = OwnView & { readonly unread: number };

/** The own views of users in conversations, each with its unread count, both of one moment; undefined for who has left. */
export const readOwnViews = async (
  feed: FeedQueries,
  wanted: readonly Pick<Wanted, 'conversationId' | 'id'>[],
): Promise<readonly (ToldView | undefined)[]> => {
  const [members, conversations] = await Promise.all([
    Promise.all(wanted.map(({ conversationId, id }) => feed.member(conversationId, id))),
    feed.conversations([...new Set(wanted.map(({ conversationId }) => conversationId))]),
  ]);
  const heads = new Map(conversations.map((conversation) => [conversation.conversationId, conversation]));
  const memberships = members.flatMap((member) => {
    const conversation = member && heads.get(member.conversationId);
    return conversation && member.leftAt === null ? [{ member, conversation }] : [];
  });
  const entries = memberships.length === 0 ? [] : await feed.entries(memberships);
  const views = new Map(
    memberships.map(({ member }, index) => {
      const entry = entries[index]!;
      return [member, { ...ownView(entry.member), unread: entry.unread }];
    }),
  );
  return members.map((member) => member && views.get(member));
};

const readMessages = async (
  timeline: TimelineQueries,
  wanted: readonly Wanted[],
): Promise<readonly (MessageDocument | undefined)[]> => {
  const byConversation = Map.groupBy(wanted, ({ conversationId }) => conversationId);
  const found = await Promise.all(
    byConversation.entries().map(async ([conversationId, some]) => {
      const ids = some.map(({ id }) => id);
      const messages = await timeline.messages(conversationId, ids);
      return [conversationId, new Map(messages.map((message) => [message.messageId, message]))] as const;
    }),
  );
  const messagesOf = new Map(found);
  return wanted.map(({ conversationId, id }) => messagesOf.get(conversationId)?.get(id));
};

/** What a `me` frame tells beside the view itself. */
export const ownChange = (
  event: ConversationEvent,
): { readonly hidden?: readonly string[]; readonly clearedSeq?: number } => {
  if (event.type === 'MessageHidden') return { hidden: [event.data.messageId] };
  if (event.type === 'HistoryCleared') return { clearedSeq: event.data.upToSeq };
  return {};
};
