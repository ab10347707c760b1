import type { CommandBus } from '../../../commands/command-bus.ts';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { DomainError, refusals } from '../../../domain/errors.ts';
import type { ConversationId, UserId } from '../../../domain/ids.ts';
import { millisecondsOf, slackCommandId } from './ids.ts';
import type { Tally } from './tally.ts';

/** So many commands of one conversation are under way at once; they are decided and appended together. */
const window = 64;

export interface PipedCommand {
  readonly ts: string;
  /** Tells apart the commands of one record. */
  readonly what: string;
  readonly actorId: UserId;
  readonly command: ConversationCommand;
}

export interface CommandPipeOptions {
  readonly bus: CommandBus;
  readonly conversationId: ConversationId;
  readonly channel: string;
  readonly tally: Tally;
}

/** Sends the commands of one conversation in order, without waiting for each. A failure other than a refusal is kept. */
export class CommandPipe {
  readonly #options: CommandPipeOptions;
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown;

  constructor(options: CommandPipeOptions) {
    this.#options = options;
  }

  idOf({ ts, what }: Pick<PipedCommand, 'ts' | 'what'>): string {
    return slackCommandId(this.#options.channel, ts, what);
  }

  async push({ ts, what, actorId, command }: PipedCommand): Promise<void> {
    while (this.#underWay.size >= window) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
    const { bus, conversationId, tally } = this.#options;
    const at = new Date(millisecondsOf(ts)).toISOString();
    const sending = bus
      .conversation(conversationId, { commandId: this.idOf({ ts, what }), actorId, at, command })
      .then(
        ({ events }) => {
          if (events.length > 0) tally.written += 1;
          else tally.withoutEffect += 1;
        },
        (error: unknown) => {
          if (error instanceof DomainError && refusals[error.code][0] < 500)
            tally.skip(`${command.type} refused: ${error.code}`);
          else this.#failure ??= error;
        },
      )
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Resolves once everything pushed is durable or refused. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
