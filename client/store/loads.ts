import type { EventFrame, MeFrame } from '../frames.ts';
import type { Meanwhile } from './window.ts';

/** What comes in for a conversation while something of it is being fetched. */
export class Loads {
  readonly #running = new Map<string, Set<(EventFrame | MeFrame)[]>>();

  begin(conversationId: string): { readonly meanwhile: Meanwhile; readonly end: () => void } {
    const meanwhile: (EventFrame | MeFrame)[] = [];
    const running = this.#running.get(conversationId) ?? new Set();
    this.#running.set(conversationId, running.add(meanwhile));
    return {
      meanwhile,
      end: () => {
        running.delete(meanwhile);
        if (running.size === 0) this.#running.delete(conversationId);
      },
    };
  }

  note(frame: EventFrame | MeFrame): void {
    for (const meanwhile of this.#running.get(frame.conversationId) ?? []) meanwhile.push(frame);
  }
}
