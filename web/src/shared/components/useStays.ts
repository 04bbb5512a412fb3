import { useRouter } from '@tanstack/react-router'
import { useCallback } from 'react'

/**
 * Says whether the page still stays. While the next one is loading, a search typed just before must not change the
 * address any more: that would lead back.
 */
export function useStays(): () => boolean {
  const router = useRouter()
  return useCallback(() => {
    const shown = router.state.resolvedLocation
    return shown === undefined || shown.pathname === router.latestLocation.pathname
  }, [router])
}
