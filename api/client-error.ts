import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { invalid, toProblem } from '../services/problems.ts';
import { problemType } from './errors.ts';

/** Answers what is no HTTP request at all, and closes the connection. */
export const refuseNonsense = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = toProblem(invalid('request', 'must be HTTP/1.1'), randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    'HTTP/1.1 400 Bad Request',
    `content-type: ${problemType}; charset=utf-8`,
    `x-request-id: ${problem.requestId}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};
