/** The same store, but `fault` may throw at any call of the named methods. */
export const faulty = <Store extends object>(
  store: Store,
  fault: (method: string, args: readonly unknown[]) => void,
): Store =>
  new Proxy(store, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        fault(String(property), args);
        return Reflect.apply(member, target, args);
      };
    },
  });
