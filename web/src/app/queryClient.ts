import { QueryClient } from '@tanstack/react-query'
import { isProblem } from '@/shared/api/problem'

/** What the server said. Live events say when an answer is old, so nothing is asked for again by time alone. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && (!isProblem(error) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
})
