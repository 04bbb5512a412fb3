import { Alert, Badge, Button, Checkbox, Group, Radio, Skeleton, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, isProblem } from '@/shared/api/problem'
import type { EnvironmentView } from '@/shared/api/types'
import { useCounting } from '@/shared/impact/impact'
import { ImpactOf } from '@/shared/impact/ImpactOf'
import { GuardNote } from '@/shared/changes/GuardNote'
import { useGuard } from '@/shared/changes/useGuard'
import { Dialog } from '@/shared/components/Dialog'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { TypeKey } from '@/shared/components/TypeKey'
import { errorText, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { environmentColor, type Scope } from '@/shared/project/scope'
import { rehearsalQuery, usePromote, type ConflictPolicy, type Promotion } from '../api/promotion'
import classes from './Compare.module.css'
import { useTexts } from '../texts/useTexts'

type Props = {
  scope: Scope
  fromProject: string
  from: EnvironmentView
  to: EnvironmentView
  flags: string[]
  /** How many of the flags somebody has set up in the target. */
  touched: number
  onClose: () => void
  onDone: (promotion: Promotion) => void
}

const colors = { unchanged: 'gray', created: 'green', copied: 'teal', overwritten: 'orange', skipped: 'gray', conflict: 'red' } as const

/** Shows what a promotion would do, flag by flag, and does exactly that. */
export function PromoteDialog({ scope, fromProject, from, to, flags, touched, onClose, onDone }: Props) {
  const m = useMessages()
  const t = useTexts()
  const [policy, setPolicy] = useState<ConflictPolicy>('fail')
  const [createSegments, setCreateSegments] = useState(false)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [bypass, setBypass] = useState(false)
  const guard = useGuard(scope, to.key, [])
  const plan = { createSegments, fromProject, from: from.key, to: to.key, flags, conflictPolicy: policy }
  const rehearsal = useQuery(rehearsalQuery(scope, plan))
  const promote = usePromote(scope)
  const outcomes = rehearsal.data?.flags ?? []
  const faults = rehearsal.error instanceof ApiProblem ? rehearsal.error.errors : []
  const conflicts = outcomes.filter(({ outcome }) => outcome === 'conflict').length
  const changing = outcomes.filter(({ outcome }) => ['created', 'copied', 'overwritten'].includes(outcome)).length
  const sure = (!bypass || reason.trim() !== '') && (!to.critical || (typed === to.key && reason.trim() !== ''))
  const counting = useCounting(scope)
  const ready = rehearsal.data !== undefined && !rehearsal.isFetching && !counting && conflicts === 0 && changing > 0 && sure

  const submit = () => {
    if (rehearsal.data === undefined || !ready) {
      return
    }
    const { fromRevision, toRevision } = rehearsal.data
    promote.mutate(
      { ...plan, reason: reason.trim(), fromRevision, toRevision, bypass },
      {
        onSuccess: onDone,
        onError: (error) => showError(t.compare.failed, error, m, isProblem(error, 'precondition_failed') ? t.compare.movedOn : undefined),
      },
    )
  }

  return (
    <Dialog
      opened
      size="lg"
      onClose={onClose}
      title={<Text fw={650}>{t.compare.promoteTitle(flags.length, to.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Group gap="xs">
            {fromProject !== scope.project && <Text size="sm">{fromProject}</Text>}
            <EnvironmentMark environment={from} />
            <span aria-hidden>→</span>
            {fromProject !== scope.project && <Text size="sm">{scope.project}</Text>}
            <EnvironmentMark environment={to} />
          </Group>
          {touched > 0 && (
            <Radio.Group label={t.compare.policyLabel(touched, to.name)} value={policy} onChange={(value) => setPolicy(value as ConflictPolicy)}>
              <Stack gap={6} mt={6}>
                {(['fail', 'skip', 'overwrite'] as const).map((value) => (
                  <Radio key={value} value={value} label={t.compare.policies[value]} description={t.compare.policyHints[value]} />
                ))}
              </Stack>
            </Radio.Group>
          )}
          {(createSegments || faults.some(({ code }) => code === 'unknown_segment')) && (
            <Checkbox
              label={t.compare.createSegments}
              description={t.compare.createSegmentsHint}
              checked={createSegments}
              onChange={(event) => setCreateSegments(event.currentTarget.checked)}
            />
          )}
          {rehearsal.isError ? (
            <Alert color="red" icon={<IconAlertTriangle />} title={t.compare.wouldFail}>
              {faults.length > 1 ? (
                <ul className={classes.faults}>
                  {faults.map(({ message }) => (
                    <li key={message}>{message}</li>
                  ))}
                </ul>
              ) : (
                errorText(rehearsal.error, m)
              )}
            </Alert>
          ) : rehearsal.data === undefined ? (
            <Skeleton height={140} />
          ) : (
            <div aria-live="polite">
              <Text size="sm" mb={6}>
                {conflicts > 0 ? t.compare.blocked(conflicts) : t.compare.wouldChange(changing, to.name)}
              </Text>
              {/* Scrolls where there are many, so the keyboard must reach it. */}
              <ul className={classes.outcomes} aria-label={t.compare.outcomes} tabIndex={0}>
                {outcomes.map(({ flag, outcome }) => (
                  <li key={flag}>
                    <Text size="sm" className="mono" truncate>
                      {flag}
                    </Text>
                    <Badge variant="light" tt="none" color={colors[outcome]} style={{ flex: 'none' }}>
                      {t.compare.outcome[outcome]}
                    </Badge>
                  </li>
                ))}
              </ul>
            </div>
          )}
          {changing > 0 && conflicts === 0 && (
            <ImpactOf
              scope={scope}
              question={{
                changes: [{ method: 'POST', path: `environments/${to.key}/promote`, body: { fromProject, from: from.key, flags, conflictPolicy: policy, createSegments, reason: 'preview' } }],
              }}
            />
          )}
          <GuardNote guard={guard} bypass={bypass} onBypass={setBypass} />
          <Textarea
            label={to.critical || bypass ? m.common.reason : m.common.reasonOptional}
            description={m.common.reasonPlaceholder}
            required={to.critical || bypass}
            autosize
            minRows={2}
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {to.critical && (
            <div className={classes.critical} style={{ '--environment-color': environmentColor(to) } as React.CSSProperties}>
              <Text size="sm" mb="xs">
                {t.compare.criticalText(to.name)}
              </Text>
              <TypeKey wanted={to.key} value={typed} onChange={setTyped} />
            </div>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" color={to.critical ? 'red' : undefined} disabled={!ready} loading={promote.isPending}>
              {t.compare.promote(changing, to.name)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
