import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { v7 } from 'uuid';
import { Socket } from '../../app/demo/client/socket.ts';

/** What a bystander's thread is given. It tells `ready`, and when it is told anything, how long its deliveries took. */
export interface Bystander {
  readonly origin: string;
  readonly tokens: readonly [string, string];
  readonly conversationId: string;
}

const port = parentPort;
if (port === null) throw new Error('This is a thread of the bench');
const { origin, tokens, conversationId } = workerData as Bystander;
const sentAt = new Map<string, number>();
const delays: number[] = [];
const ignore = (): void => undefined;

const open = async (token: string, onPush: (messageId: string) => void) => {
  const socket = new Socket({
    origin: new URL(origin),
    token,
    onPush: (frame) => {
      if (frame.type === 'event' && frame.event.type === 'messageSent') onPush(frame.event.message.messageId);
    },
    onResync: ignore,
    onClose: ignore,
  });
  await socket.ready;
  return socket;
};

const sender = await open(tokens[0], ignore);
const receiver = await open(tokens[1], (messageId) => {
  const at = sentAt.get(messageId);
  if (at !== undefined) delays.push(performance.now() - at);
});
const ending = new AbortController();
void once(port, 'message').then(() => ending.abort());
port.postMessage('ready');
while (!ending.signal.aborted) {
  const messageId = v7();
  sentAt.set(messageId, performance.now());
  await sender.request('send', { conversationId, messageId, text: 'aside' });
  await pause(20);
}
port.postMessage(delays);
await Promise.all([sender.close(), receiver.close()]);
