import { seededRandom, type Random } from '../app/demo/random.ts';
import { derivedId } from '../domain/ids.ts';
import type { SearchDocument } from '../ports/search-store.ts';
import { messages } from '../projections/search/messages.ts';
import { foreignText, searchTexts } from '../test/support/search-corpus.ts';

export const conversations = 2_000;
const users = 5_000;
const firstAt = Date.UTC(2018, 1, 1);
const everyMs = 30_000;
const foreignShare = 0.4;

/** A few have most of the messages, as is usual. */
const skewed = (random: Random, end: number): number => Math.floor(end * random.next() ** 3);

export const conversationId = (index: number): string => derivedId('bench', 'conversation', String(index));
export const userId = (index: number): string => derivedId('bench', 'user', String(index));

export interface BenchMessage {
  readonly id: string;
  readonly text: string;
  readonly document: SearchDocument;
}

/** Made-up messages out of real ones, always the same; a document is made by the projection when it is asked for. */
export function* benchMessages(count: number): Generator<BenchMessage, void, undefined> {
  const random = seededRandom(7);
  const recorded = searchTexts(0);
  const lastSeq = new Map<number, number>();
  for (let i = 0; i < count; i += 1) {
    const real = `${random.pick(recorded).slice(0, 120)} ${random.pick(recorded).slice(0, 60)}`.toWellFormed();
    const text = random.chance(foreignShare) ? foreignText(random) : real;
    const conversation = skewed(random, conversations);
    const seq = (lastSeq.get(conversation) ?? 0) + 1;
    lastSeq.set(conversation, seq);
    const messageId = derivedId('bench', 'message', String(i));
    const id = `${conversationId(conversation)}/${messageId}`;
    const sender = userId(skewed(random, users));
    yield {
      id,
      text,
      get document() {
        return documentOf(id, conversation, { messageId, seq, senderId: sender, text, at: firstAt + i * everyMs }, i);
      },
    };
  }
}

interface Said {
  readonly messageId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly text: string;
  readonly at: number;
}

const documentOf = (id: string, conversation: number, said: Said, position: number): SearchDocument => {
  const { messageId, seq, senderId, text, at } = said;
  const data = {
    messageId,
    seq,
    senderId,
    at: new Date(at).toISOString(),
    content: { text, custom: null },
    attachments: [],
    mentions: [],
    replyTo: null,
    threadRootId: null,
    forwardedFrom: null,
    expiresAt: null,
    sentDigest: '',
  };
  const place = { stream: `conversation-${conversationId(conversation)}`, revision: seq, position: BigInt(position) };
  return messages.evolve(undefined, { type: 'MessageSent', data }, place, id)!;
};
