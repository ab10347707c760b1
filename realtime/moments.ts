import { unreachable } from '../domain/unreachable.ts';
import type { Caller } from '../services/caller.ts';
import type { Connection } from './connection.ts';
import type { RealtimePresence } from './presence.ts';
import type { Momentary } from './requests.ts';
import type { Typing } from './typing.ts';
import type { Watcher } from './watched-user.ts';

/** One connection that is ready. */
export interface Session {
  readonly caller: Caller;
  readonly connection: Connection;
  readonly watcher: Watcher;
}

export interface MomentOptions {
  readonly presence: RealtimePresence;
  readonly typing: Typing;
}

/** Those that share a lane are done in order of arrival. */
export const momentLane = (request: Momentary): string =>
  request.type === 'typing' ? `typing/${request.conversationId}` : 'presence';

/** Does what is asked of what is kept nowhere; nothing once the connection has ended. Throws refusals. */
export const performMomentary = async (
  { presence, typing }: MomentOptions,
  { caller, connection, watcher }: Session,
  request: Momentary,
): Promise<void> => {
  // It has waited for its turn, and what is begun now would never be ended.
  if (connection.isClosed) return;
  switch (request.type) {
    case 'heartbeat':
      return;
    case 'typing':
      return await typing.set(connection, caller, request.conversationId, request.active);
    case 'watch':
      return await presence.watches.watch(watcher, request.userIds);
    case 'unwatch':
      return presence.watches.unwatch(watcher, request.userIds);
    case 'away':
      return presence.away(connection, request.away);
    default:
      return unreachable(request);
  }
};
