import type { ServerWritableStream } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf } from './filter.ts';
import type { Direction } from './log-reader.ts';
import { Outlet } from './outlet.ts';
import type { Server } from './server.ts';
import { lastRevision, recordBytes, type Stored } from './stored.ts';
import { invalid, logStart, type Options, type Request } from './read-options.ts';
import { subscribe } from './subscribe.ts';
import { streamDeleted, streamOf, toIdentifier, toReadEvent, type ReadResponse } from './wire.ts';

const pageEvents = 200;

const notFound = (stream: string): ReadResponse => {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(toIdentifier(stream));
  const response = new streams.ReadResp();
  response.setStreamNotFound(missing);
  return response;
};

function* streamEvents(server: Server, options: Options, direction: Direction): Generator<Stored> {
  const from = options.getStream()!;
  const stream = streamOf(from.getStreamIdentifier());
  if (from.hasEnd() && direction === 'forwards') throw invalid('Unexpected ReadStreamResult: Error');
  let next = from.hasEnd() ? lastRevision : from.hasStart() ? 0n : BigInt(from.getRevision());
  while (next >= 0n) {
    const page = server.log.reader.streamPage(stream, next, direction, pageEvents);
    yield* page;
    if (page.length < pageEvents) return;
    next = page.at(-1)!.revision + (direction === 'forwards' ? 1n : -1n);
  }
}

function* logEvents(server: Server, options: Options, direction: Direction): Generator<Stored> {
  const start = logStart(options);
  const isForwards = direction === 'forwards';
  if (start === 'end' && isForwards) return;
  // Forwards the start is among what is read, backwards it is not.
  let beyond = start === 'start' ? (isForwards ? -1n : 0n) : start === 'end' ? lastRevision : start;
  if (isForwards && typeof start === 'bigint') beyond -= recordBytes;
  for (;;) {
    const page = server.log.reader.logPage(beyond, direction, pageEvents);
    yield* page;
    if (page.length < pageEvents) return;
    beyond = page.at(-1)!.position;
  }
}

const readOnce = async (server: Server, options: Options, outlet: Outlet<ReadResponse>): Promise<void> => {
  const direction: Direction =
    options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS ? 'forwards' : 'backwards';
  const most = BigInt(options.getCount());
  if (most === 0n) throw invalid('Unexpected ReadStreamResult: Error');
  const filter = filterOf(options);
  if (options.hasStream()) {
    const stream = streamOf(options.getStream()!.getStreamIdentifier());
    const { last, isDeleted, isTombstoned } = server.log.reader.extent(stream);
    if (isTombstoned) throw streamDeleted(stream);
    if (last === undefined || isDeleted) return await outlet.write(notFound(stream));
  }
  let count = 0n;
  const events = options.hasAll() ? logEvents(server, options, direction) : streamEvents(server, options, direction);
  for (const event of events) {
    if (outlet.signal.aborted) return;
    if (filter !== undefined && !filter.matches(event)) continue;
    await outlet.write(toReadEvent(event));
    count += 1n;
    if (count === most) return;
  }
};

/** Streams.Read: streams and the log, once or as a subscription. */
export const read =
  (server: Server) =>
  (call: ServerWritableStream<Request, ReadResponse>): void => {
    const options = call.request.getOptions()!;
    const outlet = new Outlet(call);
    server.track(call);
    const run = options.hasSubscription() ? subscribe : readOnce;
    run(server, options, outlet).then(
      () => call.end(),
      (error: unknown) => call.emit('error', error),
    );
  };
