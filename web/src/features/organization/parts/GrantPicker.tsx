import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { rolesQuery } from '../api/roles'
import type { GrantChoice } from '../api/types'
import { permissionList, roleName } from './grantText'
import { PlacePicker } from './PlacePicker'

type Props = { org: string; value: GrantChoice; onChange: (grant: GrantChoice) => void }

/** A role and where it holds. Roles that the signed-in person may not give there cannot be chosen, and it says why. */
export function GrantPicker({ org, value, onChange }: Props) {
  const m = useMessages()
  const access = useAccess(org)
  const { data: roles = [] } = useQuery(rolesQuery(org))
  const chosen = roles.find(({ key }) => key === value.role)
  const missing = chosen ? access.missing(chosen.permissions, value) : []
  const refused = roles.filter(({ permissions }) => !access.mayConfer(permissions, value))
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-end">
        <NativeSelect
          label={m.access.role}
          value={value.role}
          style={{ flex: '1 1 150px' }}
          onChange={(event) => onChange({ ...value, role: event.currentTarget.value })}
          data={roles.map((role) => ({
            value: role.key,
            label: roleName({ role: role.key, roleName: role.name }, m),
            disabled: refused.includes(role),
          }))}
        />
        <PlacePicker
          org={org}
          value={value}
          onChange={(place) =>
            onChange({ role: value.role, project: place.project ?? undefined, environment: place.environment ?? undefined })
          }
        />
      </Group>
      {chosen && missing.length > 0 ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {m.access.missing(permissionList(missing, m))}
        </Text>
      ) : chosen && !access.can('membership.manage', value) ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {m.access.notYourScope}
        </Text>
      ) : (
        chosen?.description && (
          <Text size="xs" c="dimmed">
            {chosen.builtIn ? m.roleDescriptions[chosen.key as keyof typeof m.roleDescriptions] : chosen.description}
          </Text>
        )
      )}
    </Stack>
  )
}

/** Whether the signed-in person may give this, as far as the page knows. */
export function useMayGive(org: string) {
  const access = useAccess(org)
  const { data: roles = [] } = useQuery(rolesQuery(org))
  return ({ role, ...place }: GrantChoice) => {
    const found = roles.find(({ key }) => key === role)
    return found !== undefined && access.mayConfer(found.permissions, place)
  }
}
