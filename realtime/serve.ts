import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { MessageService, Turn } from '../services/message-service.ts';
import { encodePosition } from '../services/position-token.ts';
import { refusalOf, toProblem } from '../services/problems.ts';
import { requestsOfUser } from '../services/rate-limits.ts';
import type { Message } from '../schemas/message.ts';
import type { WebSocket } from 'ws';
import { Connection } from './connection.ts';
import { serialise } from './frame.ts';
import { greet, type HelloOptions } from './hello.ts';
import { Intake } from './intake.ts';
import { momentLane, performMomentary, type MomentOptions, type Session } from './moments.ts';
import { closeCode, type Envelope, type FrameId } from './protocol.ts';
import { RequestLanes } from './request-lanes.ts';
import {
  isMomentary,
  mayAsk,
  parseRequest,
  perform,
  sharesAppend,
  writeLane,
  type Momentary,
  type Write,
} from './requests.ts';

export interface ServeOptions extends HelloOptions, MomentOptions {
  readonly messages: MessageService;
}

export interface Served {
  readonly connection: Connection;
  /** Takes no more requests; resolves once those in flight have been answered. */
  drain(): Promise<void>;
}

/** Serves one socket: its hello, then its requests, those of one conversation in order of arrival. */
export const serve = (socket: WebSocket, options: ServeOptions): Served => {
  const { settings, messages, limiter, metrics, log, presence, typing } = options;
  const lanes = new RequestLanes();
  let session: Session | undefined;
  let isDraining = false;
  const connection = new Connection({ socket, settings, metrics, onFrame: (text) => intake.push(text) });

  const refuse = (id: FrameId, error: unknown): void => {
    const requestId = randomUUID();
    if (refusalOf(error).code === 'internal') log.error({ err: error, requestId }, 'A realtime request failed');
    connection.send(serialise({ type: 'reply', id, error: toProblem(error, requestId) }));
  };

  const reply = (id: FrameId, result: Message | null, position?: string): void =>
    connection.send(serialise({ type: 'reply', id, result, ...(position !== undefined && { position }) }));

  const write = async ({ caller }: Session, asked: Write, turn: Turn): Promise<void> => {
    const { result, position } = await perform(messages, caller, asked, turn);
    reply(asked.id, result, encodePosition(position));
    if (asked.type === 'send') typing.ended(connection, caller, asked.conversationId);
  };

  const moment = async (session: Session, asked: Momentary): Promise<void> => {
    await performMomentary(options, session, asked);
    reply(asked.id, null);
  };

  const request = (session: Session, envelope: Envelope, done: () => void): void => {
    try {
      const asked = parseRequest(envelope);
      if (!mayAsk(session.caller, asked)) throw new DomainError('auth/forbidden');
      const answered = (work: (turn: Turn) => Promise<void>) => async (turn: Turn) => {
        try {
          await work(turn);
        } catch (error) {
          refuse(asked.id, error);
        } finally {
          done();
        }
      };
      if (asked.type === 'heartbeat') {
        reply(asked.id, null);
        done();
      } else if (isMomentary(asked)) {
        lanes.run(
          momentLane(asked),
          answered(() => moment(session, asked)),
          { shares: false },
        );
      } else {
        const shares = sharesAppend(asked, Date.now());
        lanes.run(
          writeLane(asked),
          answered((turn) => write(session, asked, turn)),
          { shares },
        );
      }
    } catch (error) {
      refuse(envelope.id, error);
      done();
    }
  };

  const take = async (envelope: Envelope, done: () => void): Promise<void> => {
    if (session === undefined) {
      clearTimeout(noHello);
      const caller = await greet(options, connection, envelope);
      if (caller) session = { caller, connection, watcher: presence.connected(caller, connection) };
      return done();
    }
    if (isDraining) return done();
    try {
      const { allowed } = await limiter.consume(requestsOfUser, session.caller.userId);
      if (allowed) return request(session, envelope, done);
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
