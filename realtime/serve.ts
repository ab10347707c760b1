import { randomUUID } from 'node:crypto';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Caller } from '../services/caller.ts';
import type { MessageService, Turn } from '../services/message-service.ts';
import { encodePosition } from '../services/position-token.ts';
import { refusalOf, toProblem } from '../services/problems.ts';
import { requestsOfUser } from '../services/rate-limits.ts';
import type { WebSocket } from 'ws';
import { Connection } from './connection.ts';
import { serialise } from './frame.ts';
import { greet, type HelloOptions } from './hello.ts';
import { Intake } from './intake.ts';
import { closeCode, type Envelope, type FrameId } from './protocol.ts';
import { RequestLanes } from './request-lanes.ts';
import { parseRequest, perform, sharesAppend } from './requests.ts';

export interface ServeOptions extends HelloOptions {
  readonly messages: MessageService;
  readonly limiter: RateLimiter;
}

export interface Served {
  readonly connection: Connection;
  /** Takes no more requests; resolves once those in flight have been answered. */
  drain(): Promise<void>;
}

/** Serves one socket: its hello, then its requests, those of one conversation in order of arrival. */
export const serve = (socket: WebSocket, options: ServeOptions): Served => {
  const { settings, messages, limiter, metrics, log } = options;
  const lanes = new RequestLanes();
  let caller: Caller | undefined;
  let isDraining = false;
  const connection = new Connection({ socket, settings, metrics, onFrame: (text) => intake.push(text) });

  const refuse = (id: FrameId, error: unknown): void => {
    const requestId = randomUUID();
    if (refusalOf(error).code === 'internal') log.error({ err: error, requestId }, 'A realtime request failed');
    connection.send(serialise({ type: 'reply', id, error: toProblem(error, requestId) }));
  };

  const request = (caller: Caller, envelope: Envelope, done: () => void): void => {
    try {
      const asked = parseRequest(envelope);
      if (asked.type === 'heartbeat') {
        connection.send(serialise({ type: 'reply', id: asked.id, result: null }));
        return done();
      }
      const shares = sharesAppend(asked, Date.now());
      const work = async (turn: Turn): Promise<void> => {
        try {
          const { result, position } = await perform(messages, caller, asked, turn);
          connection.send(serialise({ type: 'reply', id: asked.id, result, position: encodePosition(position) }));
        } catch (error) {
          refuse(asked.id, error);
        } finally {
          done();
        }
      };
      lanes.run(asked.conversationId, work, { shares });
    } catch (error) {
      refuse(envelope.id, error);
      done();
    }
  };

  const take = async (envelope: Envelope, done: () => void): Promise<void> => {
    if (caller === undefined) {
      clearTimeout(noHello);
      caller = await greet(options, connection, envelope);
      return done();
    }
    if (isDraining) return done();
    try {
      const { allowed } = await limiter.consume(requestsOfUser, caller.userId);
      if (allowed) return request(caller, envelope, done);
      connection.close(closeCode.tooManyRequests);
    } catch (error) {
      refuse(envelope.id, error);
    }
    done();
  };

  const intake = new Intake(connection, { maxInFlight: settings.maxInFlight, take });
  const noHello = setTimeout(() => connection.close(closeCode.unauthenticated), settings.helloMs);
  connection.ended.addEventListener('abort', () => clearTimeout(noHello), { once: true });
  return {
    connection,
    async drain() {
      isDraining = true;
      await intake.idle();
    },
  };
};
