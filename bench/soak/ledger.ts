import type { ChatClient } from '../../app/demo/client/chat-client.ts';
import type { EventFrame } from '../../app/demo/client/frames.ts';

interface Entry {
  readonly seq: number;
  text: string;
}

/** What the server acknowledged and pushed, to be compared with what it has in the end. */
export class Ledger {
  readonly #messages = new Map<string, Map<string, Entry>>();
  /** Last revision pushed, by person and conversation. */
  readonly #pushed = new Map<string, number>();
  readonly problems: string[] = [];
  sent = 0;

  acknowledged(conversationId: string, messageId: string, entry: Entry): void {
    this.sent += 1;
    this.#messages.getOrInsertComputed(conversationId, () => new Map()).set(messageId, entry);
  }

  edited(conversationId: string, messageId: string, text: string): void {
    const entry = this.#messages.get(conversationId)?.get(messageId);
    if (entry) entry.text = text;
  }

  /** Each event must come once, and in order. */
  pushed(person: string, { conversationId, revision }: EventFrame): void {
    const key = `${person}/${conversationId}`;
    const last = this.#pushed.get(key);
    if (last !== undefined && revision !== last + 1) this.problems.push(`${key}: ${revision} was pushed after ${last}`);
    this.#pushed.set(key, revision);
  }

  /** Whether this person was pushed everything up to the revision. */
  hasSeen(person: string, conversationId: string, revision: number): boolean {
    return (this.#pushed.get(`${person}/${conversationId}`) ?? -1) >= revision;
  }

  /** Compares the whole history of a conversation with what was acknowledged; counts messages that are not as they must be. */
  async compare(conversationId: string, reader: ChatClient): Promise<number> {
    const expected = new Map(this.#messages.get(conversationId));
    let wrong = 0;
    for (const { messageId, seq, text } of await reader.history(conversationId)) {
      const entry = expected.get(messageId);
      if (entry === undefined || entry.seq !== seq || entry.text !== text) wrong += 1;
      expected.delete(messageId);
    }
    return wrong + expected.size;
  }
}
