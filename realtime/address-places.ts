/** Counts the open sockets of each address. */
export class AddressPlaces {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** A place for one socket more, to be given back by disposing it once; undefined when there is none left. */
  take(address: string): Disposable | undefined {
    const taken = this.#taken.get(address) ?? 0;
    if (taken >= this.#most) return undefined;
    this.#taken.set(address, taken + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#taken.get(address) ?? 0) - 1;
        if (left > 0) this.#taken.set(address, left);
        else this.#taken.delete(address);
      },
    };
  }
}
