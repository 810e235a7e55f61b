import type { SearchFacets } from "@partyline/kit/api";
import { useApp } from "@partyline/kit/react";
import { useEffect, useState } from "react";

/** Asked after what was found is there, and nothing was typed for this long, in ms. */
const PAUSE_MS = 250;

/** The counts of all that a query finds, once they are there. What is found never waits for them; without an answer there are none. */
export function useFacets(q: string, wanted: boolean): SearchFacets | null {
  const { client } = useApp();
  const [known, setKnown] = useState<{ q: string; facets: SearchFacets } | null>(null);
  useEffect(() => {
    if (!wanted || q.trim() === "") return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      client
        .get<SearchFacets>("/search/facets", { query: { q }, signal: control.signal })
        .then(({ data }) => !control.signal.aborted && setKnown({ q, facets: data }))
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, q, wanted]);
  return known?.q === q ? known.facets : null;
}
