import { Alert, Button, Checkbox, Group, Select, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, findingAt } from '@/shared/api/problem'
import type { MeView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { errorText } from '@/shared/components/feedback'
import { findingText } from '@/shared/components/findingText'
import { Secret } from '@/shared/components/Secret'
import { useMessages } from '@/shared/i18n/messages'
import { projectsQuery } from '@/shared/project/me'
import { environmentsQuery } from '@/shared/project/scope'
import classes from './AccountPage.module.css'
import { heldPermissions } from './heldPermissions'
import { useTokenActions } from './tokens'

const day = 86_400_000
const presets = [7, 30, 90, 365]

/** Makes a personal access token and shows it this once. */
export function CreateTokenDialog({ me, onClose }: { me: MeView; onClose: () => void }) {
  const m = useMessages()
  const { create } = useTokenActions()
  const organizations = me.organizations.filter(({ requirement }) => requirement === null)
  const [name, setName] = useState('')
  const [org, setOrg] = useState(organizations[0]?.key ?? '')
  const [project, setProject] = useState<string | null>(null)
  const [environment, setEnvironment] = useState<string | null>(null)
  const [some, setSome] = useState(false)
  const [chosen, setChosen] = useState<string[]>([])
  const [expiry, setExpiry] = useState('90')
  const [date, setDate] = useState('')
  const projects = useQuery({ ...projectsQuery(org), enabled: org !== '' })
  const environments = useQuery({ ...environmentsQuery({ org, project: project ?? '' }), enabled: project !== null })
  const held = heldPermissions(me, org, project, environment)
  const wanted = chosen.filter((permission) => held.includes(permission))
  const secret = create.data?.secret ?? null
  const nameFinding = findingAt(create.error, '/name')
  const dateInPast = expiry === 'date' && date !== '' && Date.parse(`${date}T23:59:59`) < Date.now()
  const ready =
    name.trim() !== '' && org !== '' && (!some || wanted.length > 0) && (expiry !== 'date' || (date !== '' && !dateInPast))

  const expiresAt = () =>
    expiry === 'never'
      ? null
      : expiry === 'date'
        ? new Date(`${date}T23:59:59`).toISOString()
        : new Date(Date.now() + Number(expiry) * day).toISOString()

  const submit = () =>
    create.mutate({
      name: name.trim(),
      organization: org,
      permissions: some ? wanted : null,
      project,
      environment,
      expiresAt: expiresAt(),
    })

  return (
    <Dialog
      opened
      onClose={onClose}
      size="lg"
      // A click beside the dialogue must not lose the only sight of the secret.
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      withCloseButton={secret === null}
      title={<Text fw={650}>{secret === null ? m.tokens.create : m.tokens.secretTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {secret !== null ? (
        <Secret value={secret} text={m.tokens.secretText} copyLabel={m.tokens.copy} doneLabel={m.tokens.secretDone} onDone={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) {
              submit()
            }
          }}
        >
          <Stack>
            {create.isError && nameFinding === undefined && (
              <Alert color="red" variant="light" role="alert">
                {create.error instanceof ApiProblem && create.error.errors.length > 0
                  ? create.error.errors.map((item) => findingText(item, m)).join(' ')
                  : errorText(create.error, m)}
              </Alert>
            )}
            <TextInput
              label={m.tokens.name}
              placeholder={m.tokens.namePlaceholder}
              value={name}
              maxLength={100}
              data-autofocus
              error={nameFinding && findingText(nameFinding, m)}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {organizations.length > 1 && (
              <Select
                label={m.tokens.organization}
                allowDeselect={false}
                searchable
                value={org}
                onChange={(value) => {
                  setOrg(value ?? '')
                  setProject(null)
                  setEnvironment(null)
                }}
                data={organizations.map(({ key, name: label }) => ({ value: key, label }))}
              />
            )}
            <Group grow align="flex-start">
              <Select
                label={m.tokens.project}
                searchable
                value={project ?? ''}
                allowDeselect={false}
                onChange={(value) => {
                  setProject(value === '' ? null : value)
                  setEnvironment(null)
                }}
                data={[
                  { value: '', label: m.tokens.allProjects },
                  ...(projects.data ?? []).map(({ key, name: label }) => ({ value: key, label: label || key })),
                ]}
              />
              <Select
                label={m.tokens.environment}
                value={environment ?? ''}
                allowDeselect={false}
                disabled={project === null}
                onChange={(value) => setEnvironment(value === '' ? null : value)}
                data={[
                  { value: '', label: m.tokens.allEnvironments },
                  ...(environments.data ?? []).map(({ key, name: label }) => ({ value: key, label })),
                ]}
              />
            </Group>
            <div>
              <Text size="sm" fw={500} mb={4} id="token-permissions">
                {m.tokens.permissions}
              </Text>
              <SegmentedControl
                fullWidth
                aria-labelledby="token-permissions"
                value={some ? 'some' : 'all'}
                onChange={(value) => setSome(value === 'some')}
                data={[
                  { value: 'all', label: m.tokens.allPermissions },
                  { value: 'some', label: m.tokens.somePermissions },
                ]}
              />
              <Text size="xs" c="dimmed" mt={4}>
                {some ? m.tokens.someHint : m.tokens.allHint}
              </Text>
              {some && (
                <Checkbox.Group value={wanted} onChange={setChosen} aria-labelledby="token-permissions" mt="xs">
                  <div className={classes.permissions} tabIndex={0} role="group" aria-labelledby="token-permissions">
                    <Stack gap={10}>
                      {held.map((permission) => (
                        <Checkbox
                          key={permission}
                          value={permission}
                          label={Object.hasOwn(m.permissionNames, permission) ? m.permissionNames[permission as keyof typeof m.permissionNames] : permission}
                          description={<span className="mono">{permission}</span>}
                        />
                      ))}
                    </Stack>
                  </div>
                </Checkbox.Group>
              )}
            </div>
            <Group grow align="flex-start">
              <Select
                label={m.tokens.expiry}
                allowDeselect={false}
                value={expiry}
                onChange={(value) => setExpiry(value ?? '90')}
                data={[
                  ...presets.map((days) => ({ value: String(days), label: m.tokens.days(days) })),
                  { value: 'date', label: m.tokens.onDate },
                  { value: 'never', label: m.tokens.never },
                ]}
              />
              {expiry === 'date' && (
                <TextInput
                  type="date"
                  label={m.tokens.date}
                  value={date}
                  error={dateInPast && m.tokens.past}
                  onChange={(event) => setDate(event.currentTarget.value)}
                />
              )}
            </Group>
            {expiry === 'never' && (
              <Text size="xs" c="dimmed">
                {m.tokens.neverHint}
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={!ready} loading={create.isPending}>
                {m.tokens.make}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
