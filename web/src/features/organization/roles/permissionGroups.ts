import type { PermissionView } from '../api/types'

/** Permissions in the order of the catalogue, by what they are about. */
export function byGroup(catalogue: PermissionView[]): { group: string; permissions: PermissionView[] }[] {
  const groups = new Map<string, PermissionView[]>()
  for (const permission of catalogue) {
    groups.set(permission.group, [...(groups.get(permission.group) ?? []), permission])
  }
  return [...groups].map(([group, permissions]) => ({ group, permissions }))
}

/** Every role has these, because without them its holder would see nothing. */
export const always = ['organization.view', 'project.view']
