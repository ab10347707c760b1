import type { ServerOptions } from 'ws';
import { subprotocol } from './protocol.ts';
import type { RealtimeSettings } from './settings.ts';

const mostPieces = 1_024;

/** Options of `ws` that its types do not know yet. */
interface Options extends ServerOptions {
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly closeTimeout: number;
}

/** How the WebSocket protocol (RFC 6455) itself is spoken. What follows from it is in docs/websocket-conformance.md. */
export const protocolOptions = ({ maxFrameBytes, closeMs }: RealtimeSettings): Options => ({
  noServer: true,
  // Twice the limit, so that frames a little too large are read and closed with a code of ours.
  maxPayload: 2 * maxFrameBytes,
  // A message in more fragments, or a frame in more pieces, than any client makes of 64 KiB is made to cost memory.
  maxFragments: mostPieces,
  maxBufferedChunks: mostPieces,
  perMessageDeflate: false,
  clientTracking: false,
  closeTimeout: closeMs,
  handleProtocols: () => subprotocol,
});
