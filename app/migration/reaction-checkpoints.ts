import type { DocumentStore, ProjectedStore } from '../../ports/document-store.ts';
import { beforeLog, type Position } from '../../ports/event-store.ts';
import { reactionPrefix } from '../../reactions/runner.ts';

/**
 * How far each reaction is, put into terms of another log. Of all checkpoints these alone cannot be made again: what
 * they have passed was done in the world.
 */
export class ReactionCheckpoints {
  readonly #places: { readonly name: string; readonly source: Position; target: Position }[];

  private constructor(checkpoints: ReadonlyMap<string, Position>) {
    this.#places = [...checkpoints].map(([name, source]) => ({ name, source, target: beforeLog }));
  }

  static async read(stores: readonly DocumentStore[]): Promise<ReactionCheckpoints> {
    for (const store of stores) {
      const found = await store.checkpointsStarting(reactionPrefix);
      if (found.size > 0) return new ReactionCheckpoints(found);
    }
    return new ReactionCheckpoints(new Map());
  }

  /** To be called for every event, in order: where it stands in either log. */
  pass(source: Position, target: Position): void {
    for (const place of this.#places) if (source <= place.source) place.target = target;
  }

  get unchanged(): readonly (readonly [string, Position])[] {
    return this.#places.map(({ name, source }) => [name, source]);
  }

  get moved(): readonly (readonly [string, Position])[] {
    return this.#places.map(({ name, target }) => [name, target]);
  }
}

/** Forgets all read models, which are made anew from the log, and lets each reaction go on from its place. */
export const startOver = async (
  documents: ProjectedStore,
  reactions: readonly (readonly [string, Position])[],
): Promise<void> => {
  const checkpoints = await documents.checkpointsStarting('');
  await documents.dropCheckpoints([...checkpoints.keys()]);
  await documents.drop(await documents.collections());
  for (const [name, to] of reactions) await documents.commit([], { name, from: undefined, to });
};
