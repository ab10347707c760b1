import type { Position } from '../ports/event-store.ts';
import type { Frame, Viewer } from './frame.ts';

export interface ConnectionFeedOptions {
  readonly userId: string;
  /** Bytes of live frames that may wait until the replay is done. */
  readonly maxHeldBytes: number;
  readonly write: (frame: Frame, forMany: boolean) => void;
  readonly tell: (data: Buffer) => void;
  /** More frames wait than may. */
  readonly overflow: () => void;
  /** A frame is missing or out of order: the client must come back with what it has. */
  readonly broken: (reason: string) => void;
}

/**
 * One connection's frames, in order: what it missed first, live ones after. Positions never go back, and the revisions
 * of a conversation have no gap; where one would be, the connection ends instead.
 */
export class ConnectionFeed implements Viewer {
  readonly userId: string;
  readonly #options: ConnectionFeedOptions;
  readonly #revisions = new Map<string, number>();
  #held: Frame[] | undefined = [];
  #heldBytes = 0;
  #position: Position = -1n;

  constructor(options: ConnectionFeedOptions) {
    this.userId = options.userId;
    this.#options = options;
  }

  receive(frame: Frame, forMany = false): void {
    if (this.#held === undefined) {
      if (this.#follows(frame)) this.#options.write(frame, forMany);
      return;
    }
    this.#heldBytes += frame.data.length;
    if (this.#heldBytes <= this.#options.maxHeldBytes) this.#held.push(frame);
    else this.end(this.#options.overflow);
  }

  tell(data: Buffer): void {
    if (this.#held === undefined && this.#position !== ended) this.#options.tell(data);
  }

  /** Whether a missed frame is the next one, and so to be written; only before `open`. */
  replay(frame: Frame): boolean {
    return this.#follows(frame);
  }

  /** From here on frames are live; those held back go out at once. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) this.receive(frame);
  }

  /** Ends the connection loudly: what its client knows cannot be made whole here. */
  fail(reason: string): void {
    this.end(() => this.#options.broken(reason));
  }

  /** Passes nothing on any more. */
  end(tell: () => void = () => {}): void {
    if (this.#position === ended) return;
    this.#position = ended;
    this.#held = undefined;
    tell();
  }

  #follows(frame: Frame): boolean {
    if (this.#position === ended) return false;
    const { conversationId, revision, position, leaves } = frame;
    if (position < this.#position) return this.#break('A position went back', frame);
    this.#position = position;
    if (revision !== null) {
      const last = this.#revisions.get(conversationId);
      if (last !== undefined && revision !== last + 1) return this.#break('A revision is missing', frame);
      if (leaves) this.#revisions.delete(conversationId);
      else this.#revisions.set(conversationId, revision);
    }
    return true;
  }

  #break(reason: string, { conversationId, revision }: Frame): false {
    this.fail(`${reason}: ${conversationId} at ${revision}`);
    return false;
  }
}

/** Above every position. */
const ended: Position = 2n ** 64n;
