import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { catalog } from '../../../domain/catalog.ts';
import type { DocumentStore } from '../../../ports/document-store.ts';
import { createLogTail } from '../../../projections/log-tail.ts';
import { compose, conversationOf, type Collection } from '../../../projections/collection.ts';
import type { Projection } from '../../../projections/projection.ts';
import { Supervisor, type SupervisorOptions } from '../../../projections/supervisor.ts';
import { memoryLog } from './log.ts';

export interface Count {
  readonly conversationId: string;
  readonly messages: number;
}

export interface Counting {
  readonly projection: Projection;
  /** It fails at messages with these numbers. */
  readonly broken: Set<number>;
  /** Numbers of all messages it was asked to count, in order. */
  readonly asked: number[];
}

/** A projection that counts messages. */
export const counting = (version = 1, step = 1): Counting => {
  const broken = new Set<number>();
  const asked: number[] = [];
  const counts: Collection<Count> = {
    shape: {
      fields: ['conversationId', 'messages'],
      indexes: [{ name: 'byConversation', fields: ['conversationId'] }],
    },
    touches: (event, place) => (event.type === 'MessageSent' ? [conversationOf(place)] : []),
    evolve(count, event, place) {
      if (event.type !== 'MessageSent') return count;
      asked.push(event.data.seq);
      if (broken.has(event.data.seq)) throw new RangeError(`secret ${event.data.content.text}`);
      return { conversationId: conversationOf(place), messages: (count?.messages ?? 0) + step };
    },
  };
  return { projection: compose({ name: 'counting', version, collections: { counts } }), broken, asked };
};

type Options = Partial<Omit<SupervisorOptions<'counting'>, 'projections'>>;

/** Stores in memory, and supervisors upon them as if each was in a process of its own. */
export const openCounting = () => {
  const stack = new AsyncDisposableStack();
  const { events, writer } = memoryLog();
  stack.use(events);
  const documents = stack.use(new SqliteDocumentStore(':memory:'));
  return {
    events,
    writer,
    documents,
    start: async ({ projection }: Counting, options: Options = {}) => {
      const tail = stack.use(createLogTail({ events, catalog, backOff: { firstMs: 1, mostMs: 5 } }));
      const supervisor = stack.use(
        new Supervisor({
          projections: { counting: projection },
          events,
          documents,
          tail,
          keepMs: 0,
          pollMs: 5,
          policy: { retries: 2, backOff: { firstMs: 1, mostMs: 5 } },
          ...options,
        }),
      );
      await supervisor.opened();
      return supervisor;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

/** What is counted in the build that reads go to. */
export const countIn = async (
  documents: DocumentStore,
  supervisor: Supervisor<'counting'>,
  conversationId: string,
): Promise<number | undefined> => {
  const build = supervisor.runner('counting').liveBuild();
  return (await documents.get<Count>(`${build}.counts`, conversationId))?.body.messages;
};
