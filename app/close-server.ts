import type { Server } from 'node:http';

interface Closable {
  readonly server: Server;
  close(): PromiseLike<unknown>;
}

const everyMs = 50;

/**
 * Ends a server once it has answered what it was asked. A connection whose last answer came after the closing began
 * would otherwise be kept for the client's next request, for as long as connections are kept.
 */
export const closeServer = async (closing: Closable): Promise<void> => {
  const sweep = setInterval(() => closing.server.closeIdleConnections(), everyMs);
  try {
    await closing.close();
  } finally {
    clearInterval(sweep);
  }
};
