import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError } from '../domain/errors.ts';
import { invalid, toProblem } from '../services/problems.ts';
import { path, subprotocol } from './protocol.ts';

/** Why this upgrade is refused; undefined when it is for us and whole. */
export const refusalOfUpgrade = ({ url = '', headers }: IncomingMessage): DomainError | undefined => {
  const [pathname, query] = url.split('?');
  if (pathname !== path) return new DomainError('request/not-found');
  if (query !== undefined && query !== '') return invalid('query', 'must be empty');
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (offered.includes(subprotocol)) return undefined;
  return invalid('Sec-WebSocket-Protocol', `must offer ${subprotocol}`);
};

/** Answers an upgrade request with a problem, and closes its socket. */
export const refuseUpgrade = (socket: Duplex, error: DomainError): void => {
  const problem = toProblem(error, randomUUID());
  const body = JSON.stringify(problem);
  const headers = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...('retryAfterSeconds' in problem ? [`Retry-After: ${String(problem['retryAfterSeconds'])}`] : []),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
};
