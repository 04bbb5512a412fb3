import { Alert, Button, Group, SegmentedControl, Skeleton, Stack } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { isConfigurationComplete } from '@/shared/targeting/configuration'
import { configurationQuery } from '../api/configuration'
import { ConfigurationForm } from './ConfigurationForm'
import { ConflictDialog } from './ConflictDialog'
import { JsonView } from './JsonView'
import { SaveBar } from './SaveBar'
import { SaveDialog } from './SaveDialog'
import { useAnalysis } from './useAnalysis'
import { useLeaveGuard } from './useLeaveGuard'
import { useWorkingCopy } from './useWorkingCopy'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView }

/** The targeting of a flag in one environment: edited as a draft, saved as a whole. */
export function TargetingTab({ scope, flag, environment }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const query = useQuery(configurationQuery(scope, flag.key, environment.key))
  const work = useWorkingCopy(query.data)
  const canManage = useCan('flag.manage', { ...scope, environment: environment.key })
  const [view, setView] = useState<'form' | 'json'>('form')
  const [jsonValid, setJsonValid] = useState(true)
  const [saving, setSaving] = useState(false)
  const [resolving, setResolving] = useState(false)
  const analysis = useAnalysis(scope, flag.key, environment.key, work)
  useLeaveGuard(work?.dirty ?? false)

  if (work === null) {
    return query.isError ? (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Stack gap="sm">
        <Skeleton height={130} />
        <Skeleton height={90} />
      </Stack>
    )
  }

  const readOnly = !canManage || flag.archivedAt !== null
  const complete = isConfigurationComplete(work.draft) && jsonValid
  const blocked = !complete || analysis.problems.some(({ severity }) => severity === 'error')

  const discard = async () => {
    if (
      await confirm({
        title: m.save.discardTitle,
        text: m.save.discardText,
        confirm: m.save.discard,
        danger: true,
      })
    ) {
      setJsonValid(true)
      work.discard()
    }
  }

  return (
    <Stack gap="md">
      {work.newer !== null && (
        <Alert color="orange" icon={<IconUsers />} role="status">
          <Group justify="space-between">
            {m.save.otherSaved(work.newer.body.updatedBy?.name ?? m.common.somebody)}
            <Button size="compact-sm" variant="default" onClick={() => setResolving(true)}>
              {m.save.conflictTitle}…
            </Button>
          </Group>
        </Alert>
      )}
      <Group justify="flex-end" mb={-8}>
        <SegmentedControl
          size="xs"
          aria-label={m.targeting.view}
          value={view}
          disabled={!jsonValid}
          onChange={(next) => setView(next as 'form' | 'json')}
          data={[
            { value: 'form', label: m.targeting.form },
            { value: 'json', label: 'JSON' },
          ]}
        />
      </Group>
      {view === 'form' ? (
        <ConfigurationForm
          scope={scope}
          flag={flag}
          base={work.base}
          draft={work.draft}
          onChange={work.change}
          problems={analysis.problems}
          problemsByNode={analysis.byNode}
          readOnly={readOnly}
        />
      ) : (
        <JsonView
          draft={work.draft}
          onChange={work.change}
          onValid={setJsonValid}
          problems={analysis.problems}
          readOnly={readOnly}
        />
      )}
      {work.dirty && (
        <SaveBar
          changes={work.changes.length}
          blocked={blocked}
          environment={environment}
          onDiscard={() => void discard()}
          onReview={() => (work.newer === null ? setSaving(true) : setResolving(true))}
        />
      )}
      {saving && (
        <SaveDialog
          scope={scope}
          flag={flag}
          environment={environment}
          work={work}
          onClose={() => setSaving(false)}
          onConflict={() => {
            setSaving(false)
            void query.refetch().then(() => setResolving(true))
          }}
        />
      )}
      {resolving && work.newer !== null && (
        <ConflictDialog work={work} newer={work.newer} onClose={() => setResolving(false)} />
      )}
    </Stack>
  )
}
