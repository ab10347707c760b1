/** A leftist heap: never changed, its least key at the root, push and pop in logarithmic time at worst. */
export interface Heap<Value> {
  readonly key: number;
  readonly value: Value;
  readonly rank: number;
  readonly left: Heap<Value> | undefined;
  readonly right: Heap<Value> | undefined;
}

const merge = <V>(a: Heap<V> | undefined, b: Heap<V> | undefined): Heap<V> | undefined => {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (b.key < a.key) return merge(b, a);
  const [one, other] = [a.left, merge(a.right, b)];
  const [left, right] = (one?.rank ?? 0) < (other?.rank ?? 0) ? [other, one] : [one, other];
  return { key: a.key, value: a.value, rank: (right?.rank ?? 0) + 1, left, right };
};

export const push = <V>(heap: Heap<V> | undefined, key: number, value: V): Heap<V> | undefined =>
  merge(heap, { key, value, rank: 1, left: undefined, right: undefined });

/** The heap without its least key. */
export const pop = <V>(heap: Heap<V>): Heap<V> | undefined => merge(heap.left, heap.right);
