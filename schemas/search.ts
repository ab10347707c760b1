import { z } from 'zod';
import { Cursor, Uuid, wholeNumber } from './common.ts';
import { Message } from './message.ts';
import { text } from './text.ts';

export const mostQueryCharacters = 1_000;
export const mostNamed = 20;
const mostValueCharacters = 200;

/** One value, or the same parameter several times. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(item).max(mostNamed),
    )
    .default([]);

const Value = text({ min: 1, max: mostValueCharacters });

export const Has = z.enum(['link', 'attachment', 'reaction']);
export type Has = z.infer<typeof Has>;
export const Is = z.enum(['pinned', 'thread']);
export type Is = z.infer<typeof Is>;
export const SearchSort = z.enum(['relevance', 'newest']);

export const SearchLimit = wholeNumber({ min: 1, max: 50 }).default(20);

export const MessageSearch = z.strictObject({
  q: text({ max: mostQueryCharacters }).optional(),
  in: listOf(Value),
  from: listOf(Value),
  mentions: listOf(Value),
  before: Value.optional(),
  after: Value.optional(),
  has: listOf(Has),
  is: listOf(Is),
  channels: z.enum(['joined', 'open']).default('joined'),
  sort: SearchSort.optional(),
  cursor: Cursor.optional(),
  limit: SearchLimit,
});
export type MessageSearch = z.infer<typeof MessageSearch>;

export const NameSearch = z.strictObject({
  q: text({ min: 1, max: mostValueCharacters }),
  cursor: Cursor.optional(),
  limit: SearchLimit,
});
export type NameSearch = z.infer<typeof NameSearch>;

/** A stretch of `text`, in UTF-16 code units; `end` is the first one after it. */
export const Highlight = z.strictObject({ start: z.int(), end: z.int() }).meta({ id: 'Highlight' });

export const MessageHit = z
  .strictObject({
    message: Message,
    highlights: z.array(Highlight),
    /** The nearest messages that the caller can see. */
    context: z.strictObject({ before: Message.nullable(), after: Message.nullable() }),
  })
  .meta({ id: 'MessageHit' });
export type MessageHit = z.infer<typeof MessageHit>;

/** Counted over everything that is found, the most frequent first. */
export const Facets = z
  .strictObject({
    conversations: z.array(z.strictObject({ conversationId: Uuid, count: z.int() })),
    senders: z.array(z.strictObject({ userId: Uuid, count: z.int() })),
  })
  .meta({ id: 'SearchFacets' });
export type Facets = z.infer<typeof Facets>;

export const FoundMessages = z
  .strictObject({
    items: z.array(MessageHit),
    next: z.string().nullable(),
    /** On the first page only, else null. */
    facets: Facets.nullable(),
  })
  .meta({ id: 'FoundMessages' });
export type FoundMessages = z.infer<typeof FoundMessages>;
