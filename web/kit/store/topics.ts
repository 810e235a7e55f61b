/** Listeners by key. A change tells only those who asked for its key, once per batch. */
export class Topics {
  #listeners = new Map<string, Set<() => void>>();
  #touched = new Set<string>();
  #depth = 0;

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  touch(key: string): void {
    this.#touched.add(key);
    if (this.#depth === 0) this.#flush();
  }

  /** Holds the telling back until `change` is done. */
  batch<T>(change: () => T): T {
    this.#depth += 1;
    try {
      return change();
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#flush();
    }
  }

  #flush(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const key of touched) for (const listener of this.#listeners.get(key) ?? []) listener();
  }
}
