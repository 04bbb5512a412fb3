import { useQuery } from '@tanstack/react-query'
import { Outlet, useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { MeView } from '@/shared/api/types'
import { ChangeRequestedHost } from '@/shared/changes/ChangeRequestedHost'
import { ConfirmProvider } from '@/shared/components/confirm'
import { useLanguageOfAccount } from '@/shared/project/language'
import { meQuery } from '@/shared/project/me'
import { Commands } from '../palette/Commands'
import { ConnectionBanner } from './ConnectionBanner'
import { SessionEnded } from './SessionEnded'

/** What every page has whose reader is signed in. */
export function SignedIn() {
  useLanguageOfAccount()
  useRequirements()
  return (
    <ConfirmProvider>
      <Commands>
        <Outlet />
      </Commands>
      <ConnectionBanner />
      <ChangeRequestedHost />
      <SessionEnded />
    </ConfirmProvider>
  )
}

const requirementsOf = (me: MeView) =>
  [String(me.mustChangePassword), ...me.organizations.map(({ key, requirement }) => `${key} ${requirement}`)].join()

/** Lets the router decide again where the person may be when what is asked of them changes while a page is open. */
function useRequirements() {
  const router = useRouter()
  const { data: requirements } = useQuery({ ...meQuery, select: requirementsOf })
  const before = useRef(requirements)
  useEffect(() => {
    if (before.current !== undefined && requirements !== undefined && before.current !== requirements) {
      void router.invalidate()
    }
    before.current = requirements
  }, [requirements, router])
}
