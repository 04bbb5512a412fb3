import { Alert, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages, type Messages } from '../texts/messages'
import type { Place } from '@/shared/project/useAccess'
import { effectiveQuery } from '../api/effective'
import type { PrincipalRef } from '../api/grants'
import { permissionsQuery } from '../api/roles'
import type { EffectivePermissionView } from '../api/types'
import { permissionText, placeText, roleName } from './grantText'
import { PlacePicker } from './PlacePicker'

type Props = { org: string; principal: PrincipalRef; name: string }

/** Answers "may they do this there, and why?" in a sentence. */
export function Effective({ org, principal, name }: Props) {
  const m = useMessages()
  const [place, setPlace] = useState<Place>({})
  const [permission, setPermission] = useState('flag.toggle')
  const { data: catalogue = [] } = useQuery(permissionsQuery(org))
  const effective = useQuery(effectiveQuery(org, principal, place.project ?? undefined, place.environment ?? undefined))
  const found = effective.data?.permissions.find(({ key }) => key === permission)
  const described = catalogue.find(({ key }) => key === permission)
  const what = permissionText(permission, described?.description ?? permission, m)

  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end">
        <NativeSelect
          label={m.access.permission}
          value={permission}
          style={{ flex: '2 1 220px' }}
          onChange={(event) => setPermission(event.currentTarget.value)}
          data={catalogue.map(({ key, description }) => ({ value: key, label: permissionText(key, description, m) }))}
        />
        <PlacePicker org={org} value={place} onChange={setPlace} />
      </Group>
      {effective.isError ? (
        <ErrorState error={effective.error} onRetry={() => void effective.refetch()} />
      ) : (
        <Alert
          variant="light"
          color={found?.allowed ? 'teal' : 'orange'}
          mih={64}
          icon={found?.allowed ? <IconCircleCheck aria-hidden /> : <IconCircleX aria-hidden />}
          role="status"
          aria-busy={effective.isFetching}
        >
          {found && (
            <Stack gap={4}>
              <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                {found.allowed
                  ? m.access.mayBecause(name, what, placeText(place, m), becauseText(found, m))
                  : m.access.mayNot(name, what, placeText(place, m))}
              </Text>
              {effective.data?.restrictions.map((restriction) => (
                <Text key={restriction.kind} size="sm">
                  {(m.restrictions as Record<string, string>)[restriction.kind] ?? restriction.detail}
                </Text>
              ))}
            </Stack>
          )}
        </Alert>
      )}
    </Stack>
  )
}

function becauseText({ because }: EffectivePermissionView, m: Messages) {
  return because
    .map((reason) => {
      const role = m.access.roleAt(roleName(reason, m), placeText(reason.scope, m))
      return reason.via === 'group' && reason.group ? m.access.roleViaGroup(role, reason.group) : role
    })
    .join(', ')
}
