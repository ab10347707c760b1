type Listener<Event> = (event: Event) => void;

/** Typed events. A listener that throws disturbs neither the others nor the client: its error is reported as uncaught. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Returns what ends it. */
  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    // One function may listen twice, each time with an end of its own.
    const own: Listener<Events[Type]> = (event) => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    for (const listener of Array.from(this.#listeners.get(type) ?? [])) {
      try {
        (listener as Listener<Events[Type]>)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
