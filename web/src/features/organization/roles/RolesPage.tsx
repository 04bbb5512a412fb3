import { Badge, Button, NativeSelect, Skeleton, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconMinus, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { permissionsQuery, rolesQuery, useRoleActions } from '../api/roles'
import type { RoleView } from '../api/types'
import { CreateDialog } from '../parts/CreateDialog'
import { permissionList, permissionText, roleName } from '../parts/grantText'
import { SettingsPage } from '../parts/SettingsPage'
import { byGroup } from './permissionGroups'
import classes from './RolesPage.module.css'

const route = getRouteApi('/signedIn/o/$org/roles')

/** Every role beside every other: who may do what. */
export function RolesPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const navigate = route.useNavigate()
  const canManage = useAccess(org).can('role.manage')
  const roles = useQuery(rolesQuery(org))
  const catalogue = useQuery(permissionsQuery(org))
  const [creating, setCreating] = useState(false)
  const error = roles.error ?? catalogue.error

  return (
    <SettingsPage
      title={m.roles.title}
      subtitle={m.roles.subtitle}
      action={
        canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
            {m.roles.create}
          </Button>
        )
      }
    >
      {error ? (
        <ErrorState
          error={error}
          onRetry={() => {
            void roles.refetch()
            void catalogue.refetch()
          }}
        />
      ) : roles.data === undefined || catalogue.data === undefined ? (
        <Skeleton height={520} />
      ) : (
        <div className={`surface ${classes.scroll}`} tabIndex={0} role="region" aria-label={m.roles.matrix}>
          <table className={classes.matrix}>
            <thead>
              <tr>
                <th scope="col">
                  <Text size="xs" c="dimmed">
                    {m.roles.matrixHint}
                  </Text>
                </th>
                {roles.data.map((role) => (
                  <th key={role.key} scope="col">
                    <RoleHead org={org} role={role} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {byGroup(catalogue.data).map(({ group, permissions }) => (
                <Fragment key={group}>
                  <tr>
                    <th scope="colgroup" colSpan={roles.data.length + 1}>
                      {(m.permissionGroups as Record<string, string>)[group] ?? group}
                    </th>
                  </tr>
                  {permissions.map((permission) => (
                    <tr key={permission.key}>
                      <th scope="row">
                        <Text size="sm">{permissionText(permission.key, permission.description, m)}</Text>
                        <Text size="xs" c="dimmed" className="mono" visibleFrom="sm">
                          {permission.key}
                        </Text>
                      </th>
                      {roles.data.map((role) => {
                        const has = role.permissions.includes(permission.key)
                        return (
                          <td key={role.key}>
                            {has ? (
                              <IconCheck size={18} stroke={2.4} color="light-dark(#0b7a5c, #4fd1a5)" aria-label={m.common.yes} role="img" />
                            ) : (
                              <IconMinus size={14} color="var(--mantine-color-dimmed)" opacity={0.45} aria-label={m.common.no} role="img" />
                            )}
                          </td>
                        )
                      })}
                    </tr>
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {creating && (
        <CreateRoleDialog
          org={org}
          roles={roles.data ?? []}
          onClose={() => setCreating(false)}
          onCreated={(role) => void navigate({ to: '/o/$org/roles/$role', params: { org, role } })}
        />
      )}
    </SettingsPage>
  )
}

function RoleHead({ org, role }: { org: string; role: RoleView }) {
  const m = useMessages()
  const name = roleName({ role: role.key, roleName: role.name }, m)
  return (
    <Tooltip label={role.builtIn ? m.roleDescriptions[role.key as keyof typeof m.roleDescriptions] : role.description || name} multiline maw={260}>
      <div>
        <Text
          component={Link}
          to="/o/$org/roles/$role"
          params={{ org, role: role.key } as never}
          size="sm"
          fw={650}
          c={role.builtIn ? 'var(--mantine-color-text)' : 'var(--mantine-color-anchor)'}
          style={{ overflowWrap: 'anywhere' }}
        >
          {name}
        </Text>
        <div>
          <Badge size="xs" variant="light" color={role.builtIn ? 'gray' : 'brand'} tt="none">
            {role.builtIn ? m.roles.builtIn : m.roles.usedBy(role.usedBy)}
          </Badge>
        </div>
      </div>
    </Tooltip>
  )
}

type DialogProps = { org: string; roles: RoleView[]; from?: string; onClose: () => void; onCreated: (role: string) => void }

/** A new role, which begins as a copy of what another may do, less what the person does not have. */
export function CreateRoleDialog({ org, roles, from: initial = 'viewer', onClose, onCreated }: DialogProps) {
  const m = useMessages()
  const access = useAccess(org)
  const { create } = useRoleActions(org)
  const [from, setFrom] = useState(initial)
  const source = roles.find(({ key }) => key === from)
  const missing = access.missing(source?.permissions ?? [])
  return (
    <CreateDialog
      title={m.roles.create}
      namePlaceholder={m.roles.namePlaceholder}
      create={{
        isPending: create.isPending,
        mutate: (body, options) =>
          create.mutate(
            { ...body, permissions: (source?.permissions ?? []).filter((key) => !missing.includes(key)) },
            options as never,
          ),
      }}
      onClose={onClose}
      onCreated={(role: RoleView) => onCreated(role.key)}
    >
      <NativeSelect
        label={m.roles.beginWith}
        description={m.roles.beginWithHint}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
        data={roles.map((role) => ({ value: role.key, label: roleName({ role: role.key, roleName: role.name }, m) }))}
      />
      {missing.length > 0 && (
        <Text size="xs" c="dimmed">
          {m.roles.leftOut(permissionList(missing, m))}
        </Text>
      )}
    </CreateDialog>
  )
}
