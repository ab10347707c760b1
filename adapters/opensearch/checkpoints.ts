import type { CheckpointMove } from '../../ports/document-store.ts';
import type { Position } from '../../ports/event-store.ts';
import type { OpenSearchConnection } from './connection.ts';
import { isAlreadyThere, isConflict, isNotFound } from './failures.ts';
import type { IndexNames } from './index-names.ts';
import { checkpointIndex } from './index-shape.ts';
import { readMany } from './read-many.ts';

/** Where a checkpoint stands, and what tells whether it has moved since. */
export interface Standing {
  readonly position: Position;
  readonly unmoved: { readonly if_seq_no: number; readonly if_primary_term: number };
}

interface StoredCheckpoint {
  readonly name: string;
  readonly position: string;
}

const mostStarting = 10_000;

/** Checkpoints as documents of an index of their own, moved only if nobody has moved them since they were read. */
export class Checkpoints {
  readonly #connection: OpenSearchConnection;
  readonly #names: IndexNames['checkpoints'];

  constructor(connection: OpenSearchConnection, { checkpoints }: IndexNames) {
    this.#connection = connection;
    this.#names = checkpoints;
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
    const found = await readMany<StoredCheckpoint>(this.#connection, this.#names.alias, names);
    return new Map(
      (found ?? []).map(({ _id, _source, _seq_no, _primary_term }) => [
        _id,
        { position: BigInt(_source.position), unmoved: { if_seq_no: _seq_no, if_primary_term: _primary_term } },
      ]),
    );
  }

  /** By the beginning of their names: the first ten thousand. */
  async readStarting(prefix: string): Promise<ReadonlyMap<string, Position>> {
    const { client } = this.#connection;
    const index = this.#names.alias;
    try {
      await client.indices.refresh({ index });
      const query = { prefix: { name: { value: prefix } } };
      const { body } = await client.search({ index, body: { query, size: mostStarting } });
      const sources = body.hits.hits.map(({ _source }) => _source as unknown as StoredCheckpoint);
      return new Map(sources.map(({ name, position }) => [name, BigInt(position)]));
    } catch (error) {
      if (isNotFound(error)) return new Map();
      throw error;
    }
  }

  /** False when somebody has moved, made or forgotten it since it was read. */
  async move(move: CheckpointMove, standing: Standing | undefined): Promise<boolean> {
    try {
      await this.#write(move, standing);
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      if (!isNotFound(error)) throw error;
    }
    // There is no index: with it, all checkpoints have been forgotten.
    if (standing) return false;
    await this.#make();
    return await this.move(move, standing);
  }

  async forget(names: readonly string[]): Promise<void> {
    for (const id of names) {
      try {
        await this.#connection.client.delete({ index: this.#names.alias, id });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async #write({ name, to }: CheckpointMove, standing: Standing | undefined): Promise<void> {
    const { client, timeouts } = this.#connection;
    await client.index({
      index: this.#names.alias,
      id: name,
      require_alias: true,
      timeout: `${timeouts.answerMs}ms`,
      body: { name, position: to.toString() } satisfies StoredCheckpoint,
      ...(standing ? standing.unmoved : { op_type: 'create' }),
    });
  }

  async #make(): Promise<void> {
    const { client, timeouts } = this.#connection;
    const { alias, index } = this.#names;
    try {
      await client.indices.create(
        { index, body: { ...checkpointIndex, aliases: { [alias]: {} } } },
        { requestTimeout: timeouts.writeMs },
      );
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
  }
}
