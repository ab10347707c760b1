import { expect } from 'vitest';
import type { Endpoint, SignedIn } from '../support/node.ts';
import { closeOf, frameOf, opcode, Wire } from '../support/wire.ts';

/** What a case runs against: an endpoint, and somebody who may sign in to it. */
export interface Place {
  readonly node: Endpoint;
  readonly ada: SignedIn;
}

/** One line of docs/websocket-conformance.md, and its proof. */
export interface Case {
  /** Of RFC 6455, unless it says another. */
  readonly section: string;
  /** What a client does. */
  readonly given: string;
  /** What the server does. */
  readonly does: string;
  /** `must`: the RFC leaves no choice; `may`: it leaves one, and this is it; `ours`: the RFC does not say. */
  readonly by: 'must' | 'may' | 'ours';
  readonly run: (place: Place) => Promise<void>;
}

export interface Category {
  /** As in the Autobahn test suite. */
  readonly title: string;
  readonly cases: readonly Case[];
}

/** A request that is answered whatever the state of the client; spaces make it as long as asked for. */
export const heartbeat = (id: string | number, bytes = 0): string =>
  JSON.stringify({ id, type: 'heartbeat' }).padEnd(bytes, ' ');

export const beat = (id: string | number, bytes = 0): Buffer => frameOf(heartbeat(id, bytes));

export const expectAnswer = async (wire: Wire, id: string | number): Promise<void> => {
  expect(await wire.json()).toEqual({ type: 'reply', id, result: null });
};

/** That the next frame closes with this code, that nothing else was answered, and that TCP ends once that is answered. */
export const expectClose = async (wire: Wire, code: number): Promise<void> => {
  expect(await wire.close()).toMatchObject({ code });
  wire.send(beat('too late'), closeOf(1000));
  await wire.ended;
  expect(wire.frames).toEqual([]);
};

/** Ready, then these bytes, then a request that must find no answer: the code it is closed with. */
export const expectFailure = async ({ node, ada }: Place, code: number, ...bytes: readonly Buffer[]): Promise<void> => {
  using wire = await Wire.ready(node, ada);
  wire.send(...bytes, beat('after'));
  await expectClose(wire, code);
};

/** Ready, then these bytes: the request in them is answered. */
export const expectAnswered = async (
  { node, ada }: Place,
  id: string | number,
  ...bytes: readonly Buffer[]
): Promise<void> => {
  using wire = await Wire.ready(node, ada);
  wire.send(...bytes);
  await expectAnswer(wire, id);
};

export const expectPong = async (wire: Wire, payload: Buffer | string = ''): Promise<void> => {
  expect(await wire.next()).toEqual({
    fin: true,
    rsv: 0,
    opcode: opcode.pong,
    masked: false,
    payload: Buffer.from(payload),
  });
};

/** The bytes of a text in so many parts as there are cuts, and one more. */
export const fragments = (text: Buffer | string, cuts: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1).map((end, index) =>
    frameOf(bytes.subarray(edges[index], end), {
      fin: index === edges.length - 2,
      opcode: index === 0 ? opcode.text : opcode.continuation,
    }),
  );
};
