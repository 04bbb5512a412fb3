import { Alert, Button, Group, SegmentedControl, Skeleton, Stack } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconFlask, IconLock, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { EnvironmentView, FlagView, TargetingFix } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { applyFix } from '@/shared/targeting/applyFix'
import { isConfigurationComplete, toConfigurationDraft } from '@/shared/targeting/configuration'
import { FixContext } from '@/shared/targeting/fixes'
import { ShowOutcomes } from '@/shared/targeting/outcomes'
import { parseConfigurationValue } from '@/shared/targeting/parse'
import { useAnalysisTexts } from '@/shared/targeting/texts/useAnalysisTexts'
import { configurationQuery } from '../api/configuration'
import { ConfigurationForm } from './ConfigurationForm'
import { ConflictDialog } from './ConflictDialog'
import { DraftImpact } from './DraftImpact'
import { draftPlace } from './draftPlace'
import { SaveBar } from './SaveBar'
import { SaveDialog } from './SaveDialog'
import classes from '@/shared/targeting/TestColumns.module.css'
import { TestPanel } from './TestPanel'
import { useAnalysis } from './useAnalysis'
import { useDraftTest } from './useDraftTest'
import { useLeaveGuard } from '@/shared/drafts/useLeaveGuard'
import { useWorkingCopy } from './useWorkingCopy'

const JsonView = lazy(() => import('./JsonView'))

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView }

/** The targeting of a flag in one environment: edited as a draft, saved as a whole. */
export function TargetingTab({ scope, flag, environment }: Props) {
  const m = useMessages()
  const texts = useAnalysisTexts()
  const confirm = useConfirm()
  const query = useQuery(configurationQuery(scope, flag.key, environment.key))
  const work = useWorkingCopy(query.data, draftPlace(scope.org, scope.project, flag.key, environment.key))
  const canManage = useCan('flag.manage', { ...scope, environment: environment.key })
  const [view, setView] = useState<'form' | 'json'>('form')
  const [jsonValid, setJsonValid] = useState(true)
  const [saving, setSaving] = useState(false)
  const [resolving, setResolving] = useState(false)
  const analysis = useAnalysis(scope, flag.key, environment.key, work)
  const [testing, setTesting] = useLocalStorage({ key: 'togglr-test-panel', defaultValue: false, getInitialValueInEffect: false })
  const test = useDraftTest(scope, environment.key, flag.key, work?.current ?? null, testing)
  useLeaveGuard(work?.dirty ?? false, () => work?.discard())

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
  const fix = (chosen: TargetingFix) => {
    try {
      work.change(toConfigurationDraft(parseConfigurationValue(applyFix(work.current, chosen))))
      showDone(texts.applied, m)
    } catch {
      showError(m.errors.title, new Error(texts.notApplied), m)
    }
  }
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
      <KeptNote at={work.restoredAt} onDiscard={() => void discard()} />
      {readOnly && (
        <Alert color="gray" icon={<IconLock />} py="xs">
          {flag.archivedAt !== null ? m.flag.archivedReadOnly : m.flag.mayNotEdit(environment.name)}
        </Alert>
      )}
      <FixContext value={readOnly ? undefined : analysis.isCurrent ? fix : null}>
      <div className={classes.columns} data-testing={testing || undefined}>
        <Stack gap="md" className={classes.main}>
          <Group justify="flex-end" mb={-8} gap="xs">
            {!testing && (
              <Button variant="default" size="xs" leftSection={<IconFlask size={15} aria-hidden />} onClick={() => setTesting(true)}>
                {m.test.button}
              </Button>
            )}
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
            <ShowOutcomes outcomes={test.outcomes} paths={work.paths}>
              <ConfigurationForm
                scope={scope}
                flag={flag}
                environment={environment.key}
                base={work.base}
                draft={work.draft}
                onChange={work.change}
                problems={analysis.problems}
                problemsByNode={analysis.byNode}
                readOnly={readOnly}
              />
            </ShowOutcomes>
          ) : (
            <Suspense fallback={<Skeleton height={420} />}>
              <JsonView
                draft={work.draft}
                onChange={work.change}
                onValid={setJsonValid}
                problems={analysis.problems}
                readOnly={readOnly}
              />
            </Suspense>
          )}
        </Stack>
        {testing && (
          <aside className={classes.aside}>
            <TestPanel
              scope={scope}
              flag={flag}
              environment={environment}
              test={test}
              rules={work.current.rules}
              dirty={work.dirty}
              onClose={() => setTesting(false)}
            />
          </aside>
        )}
      </div>
      </FixContext>
      {work.dirty && !readOnly && work.changes.length > 0 && (
        // The dialog over it shows the same.
        <div style={{ visibility: saving ? 'hidden' : undefined }}>
          <DraftImpact
            key={environment.key}
            scope={scope}
            flag={flag.key}
            environment={environment.key}
            draft={work.current}
            isOn={flag.environments[environment.key]?.enabled === true && !flag.environments[environment.key]?.killed}
            blocked={blocked}
          />
        </div>
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
