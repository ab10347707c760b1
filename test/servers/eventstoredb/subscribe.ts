import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf } from './filter.ts';
import type { Outlet } from './outlet.ts';
import { logStart, type Options } from './read-options.ts';
import type { Server } from './server.ts';
import { lastRevision, tombstoneType, type Stored } from './stored.ts';
import { streamDeleted, streamOf, toReadEvent, type ReadResponse } from './wire.ts';

const pageEvents = 200;

const confirmation = (): ReadResponse => {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(randomUUID());
  const response = new streams.ReadResp();
  response.setConfirmation(confirmed);
  return response;
};

const caughtUp = (): ReadResponse => {
  const response = new streams.ReadResp();
  response.setCaughtUp(new streams.ReadResp.CaughtUp());
  return response;
};

const checkpoint = (position: bigint): ReadResponse => {
  const reached = new streams.ReadResp.Checkpoint();
  reached.setCommitPosition(`${position}`);
  reached.setPreparePosition(`${position}`);
  const response = new streams.ReadResp();
  response.setCheckpoint(reached);
  return response;
};

/** Pages of events that come after a place, which is not among them; the place moves with every page. */
const source = (server: Server, options: Options): (() => readonly Stored[]) => {
  const { reader } = server.log;
  if (options.hasAll()) {
    const start = logStart(options);
    let after = start === 'start' ? -1n : start === 'end' ? reader.head() : start;
    return () => {
      const page = reader.logPage(after, 'forwards', pageEvents);
      after = page.at(-1)?.position ?? after;
      return page;
    };
  }
  const from = options.getStream()!;
  const stream = streamOf(from.getStreamIdentifier());
  const end = from.hasEnd() ? (reader.extent(stream).last ?? -1n) : -1n;
  let after = from.hasStart() || from.hasEnd() ? end : BigInt(from.getRevision());
  return () => {
    const page = after === lastRevision ? [] : reader.streamPage(stream, after + 1n, 'forwards', pageEvents);
    after = page.at(-1)?.revision ?? after;
    return page;
  };
};

/** Runs until the reader leaves. A reader that was too slow is told again when it has caught up. */
export const subscribe = async (server: Server, options: Options, outlet: Outlet<ReadResponse>): Promise<void> => {
  const { bell } = server.log;
  const filter = filterOf(options);
  const next = source(server, options);
  let scanned = 0;
  let isLive = false;
  await outlet.write(confirmation());
  while (!outlet.signal.aborted) {
    const { rings } = bell;
    const page = next();
    if (page.length === pageEvents) isLive = false;
    for (const event of page) {
      if (filter?.matches(event) ?? true) await outlet.write(toReadEvent(event));
      if (event.type === tombstoneType && options.hasStream()) throw streamDeleted(event.stream);
      scanned += 1;
      if (filter !== undefined && scanned % filter.checkpointEvery === 0)
        await outlet.write(checkpoint(event.position));
      if (outlet.signal.aborted) return;
    }
    if (page.length > 0) await nextTurn();
    else if (isLive) await bell.after(rings, outlet.signal);
    else {
      isLive = true;
      await outlet.write(caughtUp());
    }
  }
};
