import { Alert, Badge, Button, Checkbox, Group, NativeSelect, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconCopy, IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { Clash } from '@/shared/drafts/Clash'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useEdits } from '@/shared/drafts/useEdits'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { permissionsQuery, rolesQuery, useRoleActions } from '../api/roles'
import type { PermissionView, RoleView } from '../api/types'
import { accessErrorText, showAccessError } from '../parts/accessError'
import { BackLink } from '../parts/BackLink'
import { permissionList, permissionText, roleName } from '../parts/grantText'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'
import { always, byGroup } from './permissionGroups'
import { CreateRoleDialog } from './RolesPage'

const route = getRouteApi('/signedIn/o/$org/roles/$role')

export function RolePage() {
  const m = useMessages()
  const { org, role: key } = route.useParams()
  const navigate = route.useNavigate()
  const roles = useQuery(rolesQuery(org))
  const catalogue = useQuery(permissionsQuery(org))
  const canManage = useAccess(org).can('role.manage')
  const [copying, setCopying] = useState(false)
  if (roles.data === undefined || catalogue.data === undefined) {
    const error = roles.error ?? catalogue.error
    return error ? (
      <ErrorState page error={error} onRetry={() => void Promise.all([roles.refetch(), catalogue.refetch()])} />
    ) : (
      <SettingsPage title={m.common.loading} width={900}>
        <Skeleton height={400} />
      </SettingsPage>
    )
  }
  const role = roles.data.find((item) => item.key === key)
  if (role === undefined) {
    return <EmptyState icon={IconLock} title={m.roles.gone} />
  }
  return (
    <SettingsPage
      width={900}
      title={roleName({ role: role.key, roleName: role.name }, m)}
      subtitle={
        <Group gap="xs">
          <CopyKey value={role.key} />
          {role.builtIn && (
            <Badge size="xs" variant="light" color="gray" tt="none">
              {m.roles.builtIn}
            </Badge>
          )}
          <Text component={Link} to="/o/$org/members" params={{ org } as never} search={{ role: role.key } as never} size="xs" c="var(--mantine-color-anchor)" td="underline">
            {m.roles.usedBy(role.usedBy)}
          </Text>
        </Group>
      }
      action={
        <Group gap="xs">
          <BackLink to="/o/$org/roles" org={org} text={m.roles.title} />
          {canManage && (
            <Button size="xs" variant="default" leftSection={<IconCopy size={15} aria-hidden />} onClick={() => setCopying(true)}>
              {m.roles.duplicate}
            </Button>
          )}
        </Group>
      }
    >
      <RoleEditor key={role.key} org={org} role={role} roles={roles.data} catalogue={catalogue.data} canManage={canManage} />
      {copying && (
        <CreateRoleDialog
          org={org}
          roles={roles.data}
          from={role.key}
          onClose={() => setCopying(false)}
          onCreated={(created) => {
            setCopying(false)
            void navigate({ to: '/o/$org/roles/$role', params: { org, role: created } })
          }}
        />
      )}
    </SettingsPage>
  )
}

type Props = { org: string; role: RoleView; roles: RoleView[]; catalogue: PermissionView[]; canManage: boolean }

function RoleEditor({ org, role, roles, catalogue, canManage }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const navigate = route.useNavigate()
  const access = useAccess(org)
  const { update, remove } = useRoleActions(org)
  const { values, set, dirty, clashes, takeTheirs, discard, restoredAt } = useEdits(`role ${org}/${role.key}`, {
    name: role.name,
    description: role.description,
    permissions: role.permissions.toSorted(),
  })
  const chosen = new Set(values.permissions)
  const [compared, setCompared] = useState('')
  const other = roles.find(({ key }) => key === compared)
  // Who does not have all that a role has may not change it either: that would take rights that are not theirs.
  const beyond = access.missing(role.permissions)
  const editable = canManage && !role.builtIn && beyond.length === 0
  const theirs = { name: role.name, description: role.description, permissions: permissionList(role.permissions, m) }
  const labels = { name: m.common.name, description: m.common.description, permissions: m.roles.permissions }

  const save = () =>
    update
      .mutateAsync({ key: role.key, version: role.version, name: values.name.trim(), description: values.description.trim(), permissions: values.permissions })
      .then(
        () => {
          discard()
          showDone(m.access.saved, m)
        },
        (error: unknown) => showAccessError(error, m),
      )
  const drop = async () => {
    if (await confirm({ title: m.roles.deleteTitle(role.name), text: m.roles.deleteText, confirm: m.roles.delete, danger: true })) {
      remove.mutate(role.key, {
        onSuccess: () => {
          showDone(m.roles.deleted(role.name), m)
          void navigate({ to: '/o/$org/roles', params: { org } })
        },
        onError: (error) =>
          isProblem(error, 'in_use')
            ? showError(m.roles.inUseTitle, error, m, `${m.roles.inUse(role.usedBy)} ${error.message}`)
            : showError(m.errors.title, error, m, accessErrorText(error, m)),
      })
    }
  }

  return (
    <Stack>
      {role.builtIn ? (
        <Alert variant="light" icon={<IconLock aria-hidden />}>
          {m.roleDescriptions[role.key as keyof typeof m.roleDescriptions]} {m.roles.builtInText}
        </Alert>
      ) : canManage && beyond.length > 0 ? (
        <Alert variant="light" color="orange" icon={<IconLock aria-hidden />}>
          {m.roles.beyond(permissionList(beyond, m))}
        </Alert>
      ) : null}
      {editable && <KeptNote at={restoredAt} onDiscard={discard} />}
      {!role.builtIn && (
        <Section title={m.access.nameAndDescription}>
          <Stack gap="sm" maw={520}>
            <TextInput label={m.common.name} value={values.name} maxLength={200} disabled={!editable} onChange={(event) => set('name', event.currentTarget.value)} />
            <Textarea
              label={m.common.description}
              value={values.description}
              maxLength={1000}
              autosize
              minRows={2}
              disabled={!editable}
              onChange={(event) => set('description', event.currentTarget.value)}
            />
          </Stack>
        </Section>
      )}
      <Section
        title={m.roles.permissions}
        text={m.roles.chosen(chosen.size, catalogue.length)}
        action={
          <NativeSelect
            size="xs"
            aria-label={m.roles.compare}
            value={compared}
            onChange={(event) => setCompared(event.currentTarget.value)}
            data={[
              { value: '', label: m.roles.compare },
              ...roles
                .filter(({ key }) => key !== role.key)
                .map((item) => ({ value: item.key, label: roleName({ role: item.key, roleName: item.name }, m) })),
            ]}
          />
        }
      >
        <Stack gap="lg">
          {byGroup(catalogue).map(({ group, permissions }) => (
            <fieldset key={group} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
              <Text component="legend" size="sm" fw={650} mb={6} p={0}>
                {(m.permissionGroups as Record<string, string>)[group] ?? group}
              </Text>
              <Stack gap={8}>
                {permissions.map((permission) => {
                  const has = chosen.has(permission.key)
                  const fixed = always.includes(permission.key)
                  const notMine = !access.can(permission.key)
                  return (
                    <Group key={permission.key} gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
                      <Checkbox
                        checked={has}
                        disabled={!editable || fixed || notMine}
                        label={permissionText(permission.key, permission.description, m)}
                        description={
                          <span>
                            <span className="mono">{permission.key}</span>
                            {editable && fixed && ` · ${m.roles.alwaysThere}`}
                            {editable && !fixed && notMine && ` · ${m.roles.notYours}`}
                          </span>
                        }
                        onChange={(event) => {
                          const next = new Set(chosen)
                          if (event.currentTarget.checked) {
                            next.add(permission.key)
                          } else {
                            next.delete(permission.key)
                          }
                          set('permissions', [...next].toSorted())
                        }}
                      />
                      {other && <Difference has={has} other={other} otherHas={other.permissions.includes(permission.key)} />}
                    </Group>
                  )
                })}
              </Stack>
            </fieldset>
          ))}
        </Stack>
      </Section>
      {clashes.map((field) => (
        <Clash key={field} who={m.common.somebody} field={labels[field]} theirs={theirs[field]} onTakeTheirs={() => takeTheirs(field)} />
      ))}
      {editable && (
        <Group justify="space-between">
          <Group>
            <Button disabled={!dirty || values.name.trim() === ''} loading={update.isPending} onClick={save}>
              {role.usedBy > 0 ? m.roles.saveFor(role.usedBy) : m.common.save}
            </Button>
            {dirty && (
              <Button variant="default" onClick={discard}>
                {m.save.discard}
              </Button>
            )}
          </Group>
          <Button color="red" variant="light" loading={remove.isPending} onClick={() => void drop()}>
            {m.roles.delete}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function Difference({ has, other, otherHas }: { has: boolean; other: RoleView; otherHas: boolean }) {
  const m = useMessages()
  if (has === otherHas) {
    return null
  }
  return (
    <Badge size="sm" variant="light" color={has ? 'teal' : 'orange'} tt="none" style={{ flex: 'none' }}>
      {has ? m.roles.onlyHere : m.roles.onlyIn(roleName({ role: other.key, roleName: other.name }, m))}
    </Badge>
  )
}
