import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { isSegmentKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { flagListQuery } from '@/shared/flags/flagList'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { useAccess } from '@/shared/project/useAccess'
import { useExperimentActions } from './api'
import { useMessages } from './texts/messages'

type Props = { scope: Scope; flag?: string; onClose: () => void; onCreated: (key: string) => void }

const longest = 64

/** What never changes of an experiment: key, flag and environment. The rest is designed step by step. */
export function CreateExperimentDialog({ scope, flag: given, onClose, onCreated }: Props) {
  const m = useMessages()
  const { x } = m
  const { create } = useExperimentActions(scope)
  const all = useEnvironments()
  const { can } = useAccess(scope.org)
  // Who runs experiments in some environments begins them there.
  const environments = all.environments.filter(({ key }) => can('experiment.manage', { project: scope.project, environment: key }))
  const current = environments.find(({ key }) => key === all.current?.key)
  const { data: flags } = useQuery(flagListQuery(scope))
  const [identity, setIdentity] = useState({ name: '', key: '' })
  const [flag, setFlag] = useState<string | null>(given ?? null)
  const [chosen, setEnvironment] = useState<string | null>(null)
  // What the project has may come after the dialog was opened.
  const environment = chosen ?? current?.key ?? environments[0]?.key ?? null
  const isKey = (key: string) => isSegmentKey(key) && key.length <= longest
  const ready = isKey(identity.key) && flag !== null && environment !== null
  const submit = () =>
    create.mutate(
      { key: identity.key, name: identity.name.trim() || identity.key, flag: flag ?? '', environment: environment ?? '' },
      {
        onSuccess: (experiment) => {
          showDone(x.created(experiment.name), m)
          onClose()
          onCreated(experiment.key)
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  return (
    <Dialog opened onClose={onClose} title={<Text fw={650}>{x.create}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          <NameAndKey value={identity} onChange={setIdentity} namePlaceholder={x.namePlaceholder} isKey={isKey} keyHint={m.common.keyInvalid} longestKey={longest} />
          <Select
            label={x.flag}
            description={x.needsVariants}
            placeholder={x.chooseFlag}
            searchable
            value={flag}
            onChange={setFlag}
            limit={100}
            data={(flags?.items ?? []).filter(({ archivedAt }) => archivedAt === null).map(({ key, name }) => ({ value: key, label: name === key ? key : `${name} (${key})` }))}
          />
          <Select label={x.environment} allowDeselect={false} value={environment} onChange={setEnvironment} data={environments.map(({ key, name }) => ({ value: key, label: name }))} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending}>
              {m.common.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
