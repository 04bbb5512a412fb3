import { useEffect, useEffectEvent } from 'react'
import { hearOfRequests, type ChangeRequestView } from '../api/changeRequested'

/** Does something when a change of this window became a request, as long as it is wanted. */
export function useRequested(wanted: boolean, act: (request: ChangeRequestView) => void) {
  const heard = useEffectEvent(act)
  useEffect(() => (wanted ? hearOfRequests((request) => heard(request)) : undefined), [wanted])
}
