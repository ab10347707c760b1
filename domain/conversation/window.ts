import { Map } from 'immutable';
import { RecallNeeded } from '../decider.ts';
import { uuidV7Time, type MessageId, type Timestamp } from '../ids.ts';
import { limits } from '../limits.ts';
import { pop, push } from './heap.ts';
import type { KnownMessage, MessageFacts, StartedConversation } from './state.ts';

/** Recalled messages that no event has followed yet: enough for a batch, so that refused commands pile up nothing. */
const mostRecalled = 1_024;

type Window = Pick<StartedConversation, 'messages' | 'expiry' | 'recalled'>;

export const emptyWindow: Window = { messages: Map(), expiry: undefined, recalled: [] };

/** A message stays until it was left alone for a window, and until the time in its own id is a window old. */
const stayUntil = (messageId: MessageId, touchedAt: number): number =>
  Math.max(touchedAt, uuidV7Time(messageId) ?? 0) + limits.messageWindowMs;

/** Made so lately that the state would still hold its message, had there been one. */
const isFresh = (messageId: MessageId, now: number): boolean => {
  const made = uuidV7Time(messageId);
  return made !== undefined && made + limits.messageWindowMs > now && made <= now + limits.messageIdAheadMs;
};

/** What is known of each id, in the same order. Throws `RecallNeeded` with all those that only a read model knows. */
export const factsOf = <Ids extends readonly MessageId[]>(
  { messages }: Window,
  at: Timestamp,
  ids: readonly [...Ids],
): { [I in keyof Ids]: MessageFacts } => {
  const now = Date.parse(at);
  const facts = ids.map(
    (messageId): MessageFacts | undefined =>
      messages.get(messageId)?.facts ?? (isFresh(messageId, now) ? { status: 'absent', messageId } : undefined),
  );
  const unknown = ids.filter((_, index) => facts[index] === undefined);
  if (unknown.length > 0) throw new RecallNeeded([...new Set(unknown)]);
  return facts as { [I in keyof Ids]: MessageFacts };
};

/** Puts back what was looked up; it stays for a window after the next event. */
export const recall = <W extends Window>(window: W, facts: readonly MessageFacts[]): W => {
  const missing = facts.filter(({ messageId }) => !window.messages.has(messageId));
  if (missing.length === 0) return window;
  const recalled = [...new Set([...window.recalled, ...missing.map(({ messageId }) => messageId)])];
  const dropped = recalled.splice(0, Math.max(0, recalled.length - mostRecalled));
  const messages = window.messages.withMutations((held) => {
    for (const fact of missing) held.set(fact.messageId, { facts: fact, until: Infinity });
    held.deleteAll(dropped);
  });
  return { ...window, messages, recalled };
};

/** From the next event on, recalled messages are held like others. To be called before that event is applied. */
export const settleRecalled = <W extends Window>(window: W, at: Timestamp): W => {
  if (window.recalled.length === 0) return window;
  const now = Date.parse(at);
  let { messages, expiry } = window;
  for (const messageId of window.recalled) {
    const held = messages.get(messageId);
    if (held === undefined) continue;
    const until = stayUntil(messageId, now);
    messages = messages.set(messageId, { ...held, until });
    expiry = push(expiry, until, messageId);
  }
  return { ...window, messages, expiry, recalled: [] };
};

/**
 * Lets go of what has stayed long enough. To be called after an event was applied: what it is about must not go, since
 * no read model knows of the event yet. Every message is looked at once for each window in which it was touched.
 */
export const forget = <W extends Window>(window: W, at: Timestamp): W => {
  const now = Date.parse(at);
  let { expiry } = window;
  if (expiry === undefined || expiry.key >= now) return window;
  const messages = window.messages.withMutations((held) => {
    while (expiry !== undefined && expiry.key < now) {
      const messageId = expiry.value;
      const until = held.get(messageId)?.until ?? 0;
      expiry = pop(expiry);
      if (until >= now) expiry = push(expiry, until, messageId);
      else held.delete(messageId);
    }
  });
  return { ...window, messages, expiry };
};

/** Holds a message that has just been sent. */
export const hold = <W extends Window>(window: W, message: KnownMessage): W => {
  const { messageId, sentAt } = message;
  const until = stayUntil(messageId, Date.parse(sentAt));
  const expiry = window.messages.has(messageId) ? window.expiry : push(window.expiry, until, messageId);
  return { ...window, messages: window.messages.set(messageId, { facts: message, until }), expiry };
};

/** Changes a held message and holds it for longer. One that is not held stays so: the read model has it whole. */
export const touch = <W extends Window>(
  window: W,
  { messageId, at }: { readonly messageId: MessageId; readonly at: Timestamp },
  change: (message: KnownMessage) => Partial<KnownMessage>,
): W => {
  const facts = window.messages.get(messageId)?.facts;
  if (facts === undefined || facts.status === 'absent') return window;
  const held = { facts: { ...facts, ...change(facts) }, until: stayUntil(messageId, Date.parse(at)) };
  return { ...window, messages: window.messages.set(messageId, held) };
};
