import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import type { UserId } from '../domain/ids.ts';
import type { Written } from './caller.ts';

/**
 * What was written of a bot beside the log, with the position of its account: nothing of it changes what a read model
 * shows, and what was done to the account before is long seen.
 */
export const botWritten = async <Result>(
  bus: Pick<CommandBus, 'user'>,
  botId: UserId,
  result: Result,
  created: boolean,
): Promise<Written<Result>> => {
  const command = { type: 'ChangeProfile', data: {} } as const;
  const { position } = await bus.user(botId, { commandId: randomUUID(), actorId: botId, command });
  return { result, created, position };
};
