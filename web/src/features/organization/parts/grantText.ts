import type { Messages } from '../texts/messages'
import type { Place } from '@/shared/project/useAccess'

const builtIn = ['owner', 'manager', 'member', 'viewer'] as const

/** The name of a role: built-in ones in the person's language. */
export function roleName({ role, roleName: name }: { role: string; roleName?: string | null }, m: Messages): string {
  const known = builtIn.find((key) => key === role)
  return known ? m.roleNames[known] : name || role
}

/** Where: "everywhere", "shop", "shop / dev". */
export function placeText({ project, environment }: Place, m: Messages): string {
  return project ? (environment ? `${project} / ${environment}` : project) : m.access.everywhere
}

export function grantText(grant: { role: string; roleName?: string | null } & Place, m: Messages): string {
  return `${roleName(grant, m)} · ${placeText(grant, m)}`
}

export function permissionText(key: string, fallback: string, m: Messages): string {
  return (m.permissions as Record<string, string>)[key.replace('.', '_')] ?? fallback
}

/** The first of several permissions by name, and how many more there are. */
export function permissionList(keys: string[], m: Messages): string {
  const shown = keys.slice(0, 3).map((key) => permissionText(key, key, m))
  return [...shown, ...(keys.length > 3 ? [m.access.andMore(keys.length - 3)] : [])].join('; ')
}
