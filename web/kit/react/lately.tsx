import { lazy, useState, type ComponentType } from "react";

/**
 * A component in a chunk of its own. `fetch` brings the chunk ahead of time; from then on the component is shown at once,
 * without the moment that a lazy one takes. `fetch` never rejects: what is missing is fetched again when it is shown.
 */
export function lately<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let there: ComponentType<Props> | null = null;
  const bring = async () => {
    there ??= await load();
    return { default: there };
  };
  const Later = lazy(bring);
  function Lately(props: Props) {
    const [Shown] = useState<ComponentType<Props>>(() => there ?? Later);
    return <Shown {...props} />;
  }
  return {
    Lately,
    fetch: async (): Promise<void> => {
      await bring().catch(() => undefined);
    },
  };
}
