import type { MeView } from '../api/types'
import { may } from './me'

const storageKey = 'togglr-organization'

/** Remembers in which organization the person works, for the next time. */
export const rememberOrganization = (org: string) => localStorage.setItem(storageKey, org)

/** The organization to open: the one asked for, else the one of last time, else the first that lets the person in at once. */
export function chooseOrganization(me: MeView, wanted: string | undefined) {
  const find = (key: string | null | undefined) => me.organizations.find((item) => item.key === key)
  return (
    find(wanted) ??
    find(localStorage.getItem(storageKey)) ??
    find(localStorage.getItem('togglr-project')?.split('/')[0]) ??
    me.organizations.find(({ requirement }) => requirement === null) ??
    me.organizations[0]
  )
}

/** Whether the person may create organizations: whoever manages one may, in person. */
export const mayCreateOrganization = (me: MeView | undefined) =>
  me !== undefined &&
  me.session !== null &&
  me.organizations.some(({ key, requirement }) => requirement === null && may(me, 'organization.manage', { org: key }))
