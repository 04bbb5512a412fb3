import type { MeView } from '@/shared/api/types'
import { may } from '@/shared/project/me'

/** What somebody may do in a place, and so may let a token do there, in order. */
export function heldPermissions(me: MeView, org: string, project: string | null, environment: string | null): string[] {
  const organization = me.organizations.find(({ key }) => key === org)
  const all = new Set([
    ...(organization?.permissions ?? []),
    ...Object.values(organization?.projects ?? {}).flatMap((inside) => [...inside.permissions, ...Object.values(inside.environments).flat()]),
  ])
  return [...all]
    .filter((permission) => may(me, permission, { org, project: project ?? undefined, environment: environment ?? undefined }))
    .sort()
}
