import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isProblem } from '@/shared/api/problem'

/** A refusal means that the page knows old rights: it asks anew what the person may do. */
function refused(error: unknown) {
  if (isProblem(error) && error.status === 403) {
    void queryClient.invalidateQueries({ queryKey: ['me'] })
  }
}

/** What the server said. Live events say when an answer is old, so nothing is asked for again by time alone. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: refused }),
  mutationCache: new MutationCache({ onError: refused }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && (!isProblem(error) || error.status === 0 || error.status >= 500),
    },
    // Tried at once also while the machine says it is offline: a switch that is turned must not turn hours later.
    mutations: { retry: false, networkMode: 'always' },
  },
})
