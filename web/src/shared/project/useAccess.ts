import { useQuery } from '@tanstack/react-query'
import { may, maySomewhere, meQuery } from './me'

/** A place where a role holds: the organization, one of its projects, or an environment of a project. */
export type Place = { project?: string | null; environment?: string | null }

/** What the signed-in person may do in an organization and where: as the server will decide, so that pages offer only that. */
export function useAccess(org: string) {
  const { data: me } = useQuery(meQuery)
  const can = (permission: string, { project, environment }: Place = {}) =>
    may(me, permission, { org, project: project ?? undefined, environment: environment ?? undefined })

  /** Which of the permissions the person does not have there: nobody gives or takes what they do not have. */
  const missing = (permissions: string[], place: Place = {}) => permissions.filter((permission) => !can(permission, place))

  return {
    me,
    organization: me?.organizations.find((item) => item.key === org),
    can,
    canSomewhere: (permission: string) => maySomewhere(me, permission, { org }),
    missing,
    /** Whether the person may give or take a role with these permissions there. */
    mayConfer: (permissions: string[], place: Place = {}) =>
      can('membership.manage', place) && missing(permissions, place).length === 0,
  }
}
